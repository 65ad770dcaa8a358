//! Letters that nobody declared, as matrixcalculus.org types them: a to g are scalars, h to z vectors, A to Z matrices.
//!
//! Their sizes follow from use: each letter gets unknown sizes, the expressions are elaborated, and wherever two sizes
//! must be equal the unknown ones are bound, as those of `I` and `𝟏` are. A term is of one shape from the start, so
//! after each binding the elaboration starts again with what is known by then; it ends when nothing new is learned.
//! What stays unknown is a size of its own and gets a name. An unknown size is never bound to 1: that a letter is a
//! vector or a matrix is said by the letter alone.
//!
//! What is wrong with the expressions is not reported here: they are elaborated once more with the letters declared.

use super::names::What;
use super::scope::Function;
use super::{Elaborator, Scope};
use crate::diag::Span;
use crate::ir::{Context, SymbolKind};
use crate::shape::{Dim, DimName, Shape};
use crate::syntax::tree::{Bracket, Expr, Join, Node, PostfixKind, Sign};
use crate::syntax::walk::children;
use std::collections::{BTreeMap, BTreeSet};

/// A letter that is to be given a shape, and where it was typed first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The letter, with its digits or subscript.
    pub name: String,
    /// Where it was typed.
    pub span: Span,
}

/// What is said about letters.
#[derive(Clone, Debug)]
pub enum Part<'e> {
    /// An expression has a value.
    Value(&'e Expr),
    /// Expressions have one shape.
    Sides(Vec<&'e Expr>),
    /// An expression is a square matrix.
    Square(&'e Expr),
}

impl<'e> Part<'e> {
    /// The expressions in it.
    pub fn expressions(&self) -> Vec<&'e Expr> {
        match self {
            Part::Value(e) | Part::Square(e) => vec![e],
            Part::Sides(all) => all.clone(),
        }
    }
}

/// What a letter stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rank {
    Scalar,
    Vector,
    Matrix,
}

/// The rank of a letter, which may have digits behind it (`x1`, `x_1`); `None` for what is no letter. `I`, `e` and `d`
/// are notations.
fn rank(name: &str) -> Option<Rank> {
    let mut characters = name.chars();
    let first = characters.next()?;
    let rest = characters.as_str();
    let digits = rest.strip_prefix('_').unwrap_or(rest);
    let numbered = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    if !rest.is_empty() && !numbered || rest.is_empty() && matches!(first, 'I' | 'd' | 'e') {
        return None;
    }
    match first {
        'a'..='g' => Some(Rank::Scalar),
        'h'..='z' => Some(Rank::Vector),
        'A'..='Z' => Some(Rank::Matrix),
        _ => None,
    }
}

/// `A*x` for `Ax`, where each of a few characters is a letter that has a shape.
pub(super) fn product(run: &str) -> Option<String> {
    let letters: Vec<String> = run.chars().map(String::from).collect();
    let all = letters.iter().all(|letter| rank(letter).is_some() || letter == "I");
    (all && (2..=LONGEST).contains(&letters.len())).then(|| letters.join("*"))
}

/// Longer runs are words.
const LONGEST: usize = 4;

/// The letters in expressions that nothing declares, in the order in which they were typed; and the `e` and `I` among
/// them, which are no letters.
pub fn letters(context: &mut Context, scope: &Scope, parts: &[Part]) -> (Vec<Letter>, Vec<Letter>) {
    let sizes = sizes_in_use(context);
    let elaborator = Elaborator::new(context, scope);
    let mut search = Search { elaborator, scope, sizes, found: Vec::new(), notations: Vec::new(), inside: Vec::new() };
    for e in parts.iter().flat_map(Part::expressions) {
        search.expression(e);
    }
    (search.found, search.notations)
}

/// The names of sizes that a visible name has.
fn sizes_in_use(context: &Context) -> BTreeSet<DimName> {
    let shapes = context.names().map(|(_, symbol)| &context.info(symbol).shape);
    shapes.flat_map(|shape| [shape.rows(), shape.cols()]).flat_map(|dim| dim.names()).collect()
}

struct Search<'a> {
    elaborator: Elaborator<'a>,
    scope: &'a Scope,
    sizes: BTreeSet<DimName>,
    found: Vec<Letter>,
    notations: Vec<Letter>,
    /// Functions whose bodies are being looked at.
    inside: Vec<String>,
}

impl<'a> Search<'a> {
    fn expression(&mut self, e: &'a Expr) {
        match &e.node {
            Node::Name(run) => self.name(run, e.span),
            Node::Product(factors) => {
                for (at, factor) in factors.iter().enumerate() {
                    let before = at.checked_sub(1).and_then(|at| factors[at].expr.as_name());
                    let behind = factors.get(at + 1).is_some_and(|next| is_list(next.join, &next.expr));
                    let is_list = is_list(factor.join, &factor.expr);
                    match factor.expr.as_name() {
                        // `f(x)`: a function, and no letter.
                        Some(name) if behind => self.function(name),
                        _ if is_list && before.is_some_and(takes_sizes) => {}
                        _ => self.expression(&factor.expr),
                    }
                }
            }
            Node::Postfix(base, posts) => {
                match (&base.node, posts.first().map(|post| &post.kind)) {
                    (Node::Sign(Sign::Sum), _) => return,
                    (Node::Name(run), Some(PostfixKind::Sub(sub))) => {
                        let full = format!("{run}_{}", sub.text);
                        let own = rank(&full).is_some() || self.elaborator.what(&full).is_some();
                        self.name(if own { &full } else { run }, base.span);
                    }
                    _ => self.expression(base),
                }
                for post in posts {
                    match &post.kind {
                        PostfixKind::Power(exponent) => self.exponent(&exponent.expr),
                        PostfixKind::ElementPower(exponent) => self.expression(&exponent.expr),
                        _ => {}
                    }
                }
            }
            _ => children(e).into_iter().for_each(|part| self.expression(part)),
        }
    }

    /// `A^T` and `x^TA`: the T is no letter.
    fn exponent(&mut self, e: &'a Expr) {
        let inner = if let Node::Negate(inner) = &e.node { inner } else { e };
        match inner.as_name().and_then(|run| run.strip_prefix('T')) {
            Some(behind) => self.name(behind, inner.span),
            None => self.expression(e),
        }
    }

    /// The body of a function of the user may hold letters, too.
    fn function(&mut self, name: &str) {
        let Some(Function { params, body, .. }) = self.scope.functions.get(name) else { return };
        if self.inside.iter().any(|known| known == name) {
            return;
        }
        self.inside.push(name.to_owned());
        let known = self.found.len();
        self.expression(body);
        let mut at = 0;
        self.found.retain(|letter| {
            at += 1;
            at <= known || !params.contains(&letter.name)
        });
        self.inside.pop();
    }

    fn name(&mut self, run: &str, span: Span) {
        let behind_d = run.strip_prefix('d').filter(|rest| rank(rest).is_some());
        let name = match behind_d {
            Some(rest) if rank(run).is_none() && !self.is_known(run) => rest,
            _ => run,
        };
        let is_new = rank(name).is_some() && !self.is_known(name) && self.scope.poisoned(name).is_none();
        let is_notation = matches!(self.elaborator.what(name), Some(What::Euler | What::Identity));
        let list = if is_notation { &mut self.notations } else { &mut self.found };
        if (is_new || is_notation) && list.iter().all(|letter| letter.name != name) {
            list.push(Letter { name: name.to_owned(), span });
        }
    }

    /// Has it a meaning already? A size that no visible name has is forgotten.
    fn is_known(&self, name: &str) -> bool {
        match self.elaborator.what(name) {
            Some(What::Dimension(dim)) => dim.as_name().is_some_and(|name| self.sizes.contains(name)),
            what => what.is_some(),
        }
    }
}

/// `(…)` right behind a name.
fn is_list(join: Join, e: &Expr) -> bool {
    let group = if let Node::Postfix(base, _) = &e.node { base } else { e };
    matches!(join, Join::Beside { glued: true }) && matches!(group.node, Node::Group(Bracket::Round, _))
}

fn takes_sizes(name: &str) -> bool {
    matches!(name, "ones" | "zeros" | "eye" | "commutation")
}

/// The shapes of letters, in their order, for which the parts have values.
pub fn shapes(context: &mut Context, scope: &Scope, letters: &[Letter], parts: &[Part]) -> Vec<Shape> {
    let mut trial = context.clone();
    let mut unknown = Unknown::default();
    let mut shapes: Vec<Shape> = letters.iter().map(|letter| unknown.shape(&letter.name)).collect();
    loop {
        for (letter, shape) in letters.iter().zip(&shapes) {
            trial.declare(&letter.name, shape.clone(), SymbolKind::Variable);
        }
        let learned = learned(&mut trial, scope, &unknown, parts);
        if learned.is_empty() {
            break;
        }
        for shape in &mut shapes {
            *shape = substituted(shape, &learned);
        }
    }
    let names = unknown.names(context, letters, &shapes);
    shapes.iter().map(|shape| substituted(shape, &names)).collect()
}

/// What one elaboration tells about unknown sizes.
fn learned(context: &mut Context, scope: &Scope, unknown: &Unknown, parts: &[Part]) -> BTreeMap<u32, Dim> {
    let mut elaborator = Elaborator::new(context, scope);
    elaborator.flexible.letters = unknown.count;
    for part in parts {
        // What fails now may fail for a size that was learned on the way.
        let _ = match part {
            Part::Value(e) => elaborator.expr(e).map(|_| ()),
            Part::Sides(sides) => elaborator.equal_shapes(sides).map(|_| ()),
            Part::Square(e) => elaborator.expr(e).map(|value| {
                let shape = elaborator.settled_shape(value.term);
                elaborator.unify(&shape.rows(), &shape.cols());
            }),
        };
    }
    elaborator.learned()
}

fn substituted(shape: &Shape, sizes: &BTreeMap<u32, Dim>) -> Shape {
    let all = |dim: Dim| {
        let replace = |name: &DimName| sizes.get(&name.order).cloned();
        // A size may be bound to one that is itself bound.
        (0..=sizes.len()).fold(dim, |dim, _| dim.substitute(&replace))
    };
    match shape {
        Shape::Scalar => Shape::Scalar,
        Shape::Matrix { rows, cols } => Shape::matrix(all(rows.clone()), all(cols.clone())),
    }
}

/// The order of the first unknown size of a letter; those of `I` and `𝟏` are counted from the top.
pub(super) const FIRST: u32 = u32::MAX / 2;

/// The unknown sizes of letters.
#[derive(Default)]
struct Unknown {
    count: u32,
}

/// Names of sizes in the order in which they are given; a size that is the only one is n.
const NAMES: &[&str] = &["m", "n", "p", "q", "r", "s", "t", "u", "v", "w"];

impl Unknown {
    fn size(&mut self) -> Dim {
        self.count += 1;
        Dim::named(FIRST + self.count - 1, &format!("?{}", self.count))
    }

    fn shape(&mut self, name: &str) -> Shape {
        match rank(name) {
            Some(Rank::Vector) => Shape::vector(self.size()),
            Some(Rank::Matrix) => {
                let rows = self.size();
                Shape::matrix(rows, self.size())
            }
            _ => Shape::Scalar,
        }
    }

    /// Names for the sizes that are left, in the order of the letters that have them, matrices first; none that means something else.
    fn names(&self, context: &mut Context, letters: &[Letter], shapes: &[Shape]) -> BTreeMap<u32, Dim> {
        let own = FIRST..FIRST + self.count;
        let (vectors, matrices): (Vec<&Shape>, Vec<&Shape>) = shapes.iter().partition(|shape| shape.is_vector());
        let in_letters = matrices
            .into_iter()
            .chain(vectors)
            .flat_map(|shape| [shape.rows(), shape.cols()])
            .flat_map(|dim| dim.names());
        let mut left: Vec<u32> = Vec::new();
        for order in in_letters.map(|name| name.order).filter(|order| own.contains(order)) {
            if !left.contains(&order) {
                left.push(order);
            }
        }
        let mut taken: BTreeSet<String> = letters.iter().map(|letter| letter.name.clone()).collect();
        taken.extend(context.names().map(|(name, _)| name.to_owned()));
        taken.extend(sizes_in_use(context).iter().map(|name| name.name.to_string()));
        let preferred = if left.len() == 1 { &["n"][..] } else { &[] };
        let usual = preferred.iter().chain(NAMES).map(|name| (*name).to_owned());
        let free = usual.chain((1..).map(|i| format!("n_{i}"))).filter(|name| !taken.contains(name));
        left.into_iter().zip(free).map(|(order, name)| (order, context.dim(&name))).collect()
    }
}
