//! Rules as the e-graph needs them: patterns over classes, and programs that build their instances.
//!
//! A pattern is the normal form of a side of a rule, taken apart the way normal terms are: a sum into coefficients
//! and cores, a Hadamard product or product of scalars into bases and exponents, a product into a number, scalars
//! and a chain. A hypothesis is a pattern without metavariables, of ground terms of the question.

use super::ratio::{Small, small};
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Context, Op, Store, Symbol, Term};
use crate::rules::{Rule, RuleCondition};
use crate::shape::{Dim, DimName, Shape};
use smallvec::SmallVec;

/// A pattern that classes are matched against.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    /// A metavariable, by its position in the rule.
    Meta(usize),
    /// A term of the question.
    Ground(Term),
    /// An operator without arguments; dimensions in it are names of the rule.
    Leaf(Op),
    /// An operator with a fixed number of arguments in order.
    Apply(Op, Vec<Pattern>),
    /// Coefficients and cores.
    Sum(Vec<(Small, Pattern)>),
    /// Bases and exponents of a Hadamard product; also a single power.
    Hadamard(Vec<(Pattern, Small)>),
    /// A product.
    Product(ProductPattern),
}

/// No pattern needs to look deeper into what changed.
pub(super) const DEPTH: usize = 8;

/// A product taken apart.
#[derive(Clone, Debug)]
pub(super) struct ProductPattern {
    pub(super) number: Small,
    /// Bases and exponents.
    pub(super) scalars: Vec<(Pattern, Small)>,
    pub(super) chain: Vec<Pattern>,
}

impl ProductPattern {
    /// The metavariable and the leaf of a·𝟏, which matches 𝟏 as well.
    pub(super) fn multiple_of_leaf(&self) -> Option<(usize, &Pattern)> {
        match (&self.scalars[..], &self.chain[..]) {
            ([(Pattern::Meta(meta), exponent)], [leaf @ Pattern::Leaf(_)]) if exponent.is_one() => Some((*meta, leaf)),
            _ => None,
        }
    }
}

/// How the leaves of a side are read.
pub(super) enum Leaves<'a> {
    /// As metavariables of a rule.
    Rule(&'a [Symbol]),
    /// As terms of the question: nothing below the root operator is taken apart.
    Ground,
}

impl Pattern {
    /// The pattern of a normal term.
    pub(super) fn new(store: &mut Store, term: Term, leaves: &Leaves<'_>) -> Pattern {
        let args = store.operands(term);
        let op = store.op(term).clone();
        let scalar = store.shape(term).is_scalar();
        match op {
            Op::Sum => {
                let mut parts: Vec<(Small, Pattern)> =
                    args.into_iter().map(|arg| summand(store, arg, leaves)).collect();
                parts.sort_by_key(|(_, part)| part.is_meta());
                Pattern::Sum(parts)
            }
            Op::Hadamard => Pattern::Hadamard(powers(store, &args, leaves)),
            Op::ElementPower if store.as_number(args[1]).is_some() => Pattern::Hadamard(powers(store, &[term], leaves)),
            Op::Power if scalar && store.as_number(args[1]).is_some() => {
                let scalars = powers(store, &[term], leaves);
                Pattern::Product(ProductPattern { number: Small::ONE, scalars, chain: Vec::new() })
            }
            Op::Product => Pattern::Product(product(store, &args, leaves)),
            op => fixed(store, term, op, &args, leaves),
        }
    }

    /// How far below the root of a match the pattern looks, two levels of powers in each Hadamard product included.
    pub(super) fn depth(&self) -> usize {
        let deepest = |parts: &mut dyn Iterator<Item = &Pattern>| parts.map(Pattern::depth).max().unwrap_or(0);
        match self {
            Pattern::Meta(_) | Pattern::Ground(_) | Pattern::Leaf(_) => 1,
            Pattern::Apply(_, args) => 1 + deepest(&mut args.iter()),
            Pattern::Sum(parts) => 2 + deepest(&mut parts.iter().map(|(_, part)| part)),
            Pattern::Hadamard(parts) => 3 + deepest(&mut parts.iter().map(|(part, _)| part)),
            Pattern::Product(product) => {
                let scalars = product.scalars.iter().map(|(part, _)| part);
                let powers = if product.scalars.is_empty() { 1 } else { 3 };
                powers + deepest(&mut scalars.chain(&product.chain))
            }
        }
    }

    /// The terms that must stand where a pattern without metavariables matches.
    pub(super) fn grounds(&self) -> Vec<Term> {
        let all = |parts: &mut dyn Iterator<Item = &Pattern>| parts.flat_map(Pattern::grounds).collect();
        match self {
            Pattern::Ground(term) => vec![*term],
            Pattern::Meta(_) | Pattern::Leaf(_) => Vec::new(),
            Pattern::Apply(_, args) => all(&mut args.iter()),
            Pattern::Sum(parts) => all(&mut parts.iter().map(|(_, part)| part)),
            Pattern::Hadamard(parts) => all(&mut parts.iter().map(|(part, _)| part)),
            Pattern::Product(product) => {
                let scalars = product.scalars.iter().map(|(part, _)| part);
                all(&mut scalars.chain(&product.chain))
            }
        }
    }

    /// Compound patterns are matched before metavariables.
    pub(super) fn is_meta(&self) -> bool {
        matches!(self, Pattern::Meta(_))
    }
}

/// The pattern of an operand: ground terms are not taken apart.
fn inner(store: &mut Store, term: Term, leaves: &Leaves<'_>) -> Pattern {
    match leaves {
        Leaves::Ground => Pattern::Ground(term),
        Leaves::Rule(_) => Pattern::new(store, term, leaves),
    }
}

fn fixed(store: &mut Store, term: Term, op: Op, args: &[Term], leaves: &Leaves<'_>) -> Pattern {
    match (leaves, &op) {
        (Leaves::Ground, _) => Pattern::Ground(term),
        (Leaves::Rule(metas), Op::Symbol(symbol)) => match metas.iter().position(|meta| meta == symbol) {
            Some(position) => Pattern::Meta(position),
            None => Pattern::Leaf(op),
        },
        _ if args.is_empty() => Pattern::Leaf(op),
        _ => Pattern::Apply(op, args.iter().map(|&arg| inner(store, arg, leaves)).collect()),
    }
}

fn summand(store: &mut Store, term: Term, leaves: &Leaves<'_>) -> (Small, Pattern) {
    let (coefficient, core) = split_coefficient(store, term);
    (coefficient, inner(store, core, leaves))
}

/// The small number in front of a normal term, and the rest.
pub(super) fn split_coefficient(store: &mut Store, term: Term) -> (Small, Term) {
    let has_number = match store.op(term) {
        Op::Product => store.as_number(store.args(term)[0]).and_then(small).is_some(),
        Op::Number(value) => small(value).is_some(),
        _ => false,
    };
    if !has_number {
        return (Small::ONE, term);
    }
    let (coefficient, core) = Normal::new(store).split_coefficient(term);
    small(&coefficient).map_or((Small::ONE, term), |coefficient| (coefficient, core))
}

fn powers(store: &mut Store, factors: &[Term], leaves: &Leaves<'_>) -> Vec<(Pattern, Small)> {
    let mut list: Vec<(Pattern, Small)> = Vec::with_capacity(factors.len());
    for &factor in factors {
        let (base, exponent) = split_power(store, factor);
        list.push((inner(store, base, leaves), exponent));
    }
    // Compounds first, then what stands under a fraction, then the metavariables that take the rest.
    list.sort_by_key(|(pattern, exponent)| (pattern.is_meta(), exponent.is_positive()));
    list
}

fn product(store: &mut Store, args: &[Term], leaves: &Leaves<'_>) -> ProductPattern {
    let mut number = Small::ONE;
    let (mut scalars, mut chain) = (Vec::new(), Vec::new());
    for &arg in args {
        match store.as_number(arg).and_then(small) {
            Some(value) => number = number * value,
            None if store.shape(arg).is_scalar() => scalars.push(arg),
            None => chain.push(inner(store, arg, leaves)),
        }
    }
    ProductPattern { number, scalars: powers(store, &scalars, leaves), chain }
}

/// Base and numeric exponent of a power of entries or of a scalar.
pub(super) fn split_power(store: &Store, term: Term) -> (Term, Small) {
    let is_power = match store.op(term) {
        Op::ElementPower => true,
        Op::Power => store.shape(term).is_scalar(),
        _ => false,
    };
    let args = store.args(term);
    match is_power.then(|| store.as_number(args[1]).and_then(small)).flatten() {
        Some(exponent) => (args[0], exponent),
        None => (term, Small::ONE),
    }
}

/// What the metavariables, dimensions and functions of a rule stand for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Substitution {
    /// By position in the rule. An array, because the search copies it at every step.
    pub(super) terms: [Option<Term>; METAS],
    /// By the order of the name: those in leaves while searching, all once the shapes were unified.
    pub(super) dims: SmallVec<[(u32, Dim); 2]>,
    /// Undefined elementwise functions and the order of differentiation that counts as 0.
    pub(super) functions: Vec<(Symbol, Symbol, u32)>,
}

impl Substitution {
    pub(super) fn new() -> Self {
        Substitution { terms: [None; METAS], dims: SmallVec::new(), functions: Vec::new() }
    }

    /// A dimension of the rule, if all its names are bound.
    pub(super) fn dim(&self, dim: &Dim) -> Option<Dim> {
        let find =
            |name: &DimName| self.dims.iter().find(|(order, _)| *order == name.order).map(|(_, dim)| dim.clone());
        if let Some(name) = dim.as_name() {
            return find(name);
        }
        if dim.as_constant().is_some() {
            return Some(dim.clone());
        }
        dim.names().iter().all(|name| find(name).is_some()).then(|| dim.substitute(&find))
    }

    /// Makes a dimension of the rule equal to one of the question. A compound one must be bound already, or is
    /// compared when the rule is applied.
    pub(super) fn unify(&mut self, pattern: &Dim, found: &Dim) -> bool {
        match (self.dim(pattern), pattern.as_name()) {
            (Some(dim), _) => dim == *found,
            (None, Some(name)) => {
                self.dims.push((name.order, found.clone()));
                true
            }
            (None, None) => true,
        }
    }

    /// The guard of a metavariable.
    pub(super) fn unify_shape(&mut self, pattern: &Shape, found: &Shape) -> bool {
        match (pattern, found) {
            (Shape::Scalar, Shape::Scalar) => true,
            (Shape::Matrix { rows: a, cols: b }, Shape::Matrix { rows: c, cols: d }) => {
                self.unify(a, c) && self.unify(b, d)
            }
            _ => false,
        }
    }

    /// With an operator without arguments made equal to one of the question.
    pub(super) fn unified_leaf(&self, wanted: &Op, found: &Op) -> Option<Substitution> {
        let mut next = self.clone();
        let fits = match (wanted, found) {
            (Op::Dimension(n), Op::Dimension(m)) | (Op::Identity(n), Op::Identity(m)) => next.unify(n, m),
            (Op::Ones(m, n), Op::Ones(rows, cols)) | (Op::Commutation(m, n), Op::Commutation(rows, cols)) => {
                next.unify(m, rows) && next.unify(n, cols)
            }
            (Op::Zero(a), Op::Zero(b)) => next.unify_shape(a, b),
            (Op::Unit(n, i), Op::Unit(m, j)) => i == j && next.unify(n, m),
            (wanted, found) => wanted == found,
        };
        fits.then_some(next)
    }

    /// With an operator made equal to one of the question.
    pub(super) fn unified_op(&self, wanted: &Op, found: &Op) -> Option<Substitution> {
        if let (Op::Elementwise { function, order }, Op::Elementwise { function: symbol, order: seen }) =
            (wanted, found)
        {
            let base = seen.checked_sub(*order)?;
            let known = self.functions.iter().find(|(known, ..)| known == function);
            if let Some((_, bound, order)) = known {
                return ((bound, *order) == (symbol, base)).then(|| self.clone());
            }
            let mut next = self.clone();
            next.functions.push((*function, *symbol, base));
            return Some(next);
        }
        (wanted == found).then(|| self.clone())
    }

    /// Is `found` exactly the shape `pattern` with all names replaced?
    fn fits(&self, pattern: &Shape, found: &Shape) -> bool {
        match (pattern, found) {
            (Shape::Scalar, Shape::Scalar) => true,
            (Shape::Matrix { rows: a, cols: b }, Shape::Matrix { rows: c, cols: d }) => {
                self.dim(a).as_ref() == Some(c) && self.dim(b).as_ref() == Some(d)
            }
            _ => false,
        }
    }

    fn op(&self, op: &Op) -> Option<Op> {
        Some(match op {
            Op::Dimension(n) => match self.dim(n)?.as_constant() {
                Some(value) => Op::Number(crate::ir::ratio(value, 1)),
                None => Op::Dimension(self.dim(n)?),
            },
            Op::Identity(n) => Op::Identity(self.dim(n)?),
            Op::Ones(m, n) => Op::Ones(self.dim(m)?, self.dim(n)?),
            Op::Zero(Shape::Scalar) => Op::Number(crate::ir::ratio(0, 1)),
            Op::Zero(shape) => Op::Zero(Shape::matrix(self.dim(&shape.rows())?, self.dim(&shape.cols())?)),
            Op::Commutation(m, n) => Op::Commutation(self.dim(m)?, self.dim(n)?),
            Op::Elementwise { function, order } => {
                let (_, symbol, base) = self.functions.iter().find(|(known, ..)| known == function)?;
                Op::Elementwise { function: *symbol, order: base.checked_add(*order)? }
            }
            op => op.clone(),
        })
    }
}

/// How to build the instance of a term of the rules' context.
#[derive(Clone, Debug)]
pub(super) struct Program(Vec<(Instruction, Box<[usize]>)>);

#[derive(Clone, Debug)]
enum Instruction {
    Meta(usize),
    Make(Op),
}

impl Program {
    pub(super) fn new(store: &Store, term: Term, metas: &[Symbol]) -> Program {
        let order = store.postorder(term);
        let position: FastMap<Term, usize> = order.iter().enumerate().map(|(at, &term)| (term, at)).collect();
        let instructions = order.iter().map(|&term| {
            let meta = store.as_symbol(term).and_then(|symbol| metas.iter().position(|&meta| meta == symbol));
            let what = meta.map_or_else(|| Instruction::Make(store.op(term).clone()), Instruction::Meta);
            (what, store.args(term).iter().map(|arg| position[arg]).collect())
        });
        Program(instructions.collect())
    }

    /// The instance as it is written; `None` if something is unbound or does not fit.
    pub(super) fn run(&self, substitution: &Substitution, store: &mut Store) -> Option<Term> {
        let mut built: Vec<Term> = Vec::with_capacity(self.0.len());
        for (instruction, args) in &self.0 {
            built.push(match instruction {
                Instruction::Meta(position) => substitution.terms[*position]?,
                Instruction::Make(op) => {
                    let args: SmallVec<[Term; 4]> = args.iter().map(|&at| built[at]).collect();
                    store.raw(substitution.op(op)?, &args).ok()?
                }
            });
        }
        built.last().copied()
    }
}

/// One side of a rewriting.
#[derive(Clone, Debug)]
pub(super) enum Side {
    /// Built from the match.
    Instance(Program),
    /// A term of the question.
    Ground(Term),
}

impl Side {
    pub(super) fn build(&self, substitution: &Substitution, store: &mut Store) -> Option<Term> {
        match self {
            Side::Instance(program) => program.run(substitution, store),
            Side::Ground(term) => Some(*term),
        }
    }
}

/// A rule with more metavariables is not compiled.
pub(super) const METAS: usize = 8;

/// A metavariable with its guard.
#[derive(Clone, Debug)]
pub(super) struct Meta {
    pub(super) name: String,
    pub(super) shape: Shape,
    /// It stands for a number only.
    pub(super) number: bool,
}

impl Meta {
    /// The part of the guard that costs nothing: scalar or matrix, and dimensions that are numbers.
    pub(super) fn admits(&self, found: &Shape) -> bool {
        let agrees = |wanted: &Dim, found: &Dim| wanted.as_constant().is_none() || wanted == found;
        match (&self.shape, found) {
            (Shape::Scalar, Shape::Scalar) => true,
            (Shape::Matrix { rows: a, cols: b }, Shape::Matrix { rows: c, cols: d }) => agrees(a, c) && agrees(b, d),
            _ => false,
        }
    }
}

/// The substitution with the dimensions that the shapes of its terms give; `None` if these are not exactly the shapes
/// that the rule declares.
pub(super) fn unified(metas: &[Meta], substitution: &Substitution, store: &Store) -> Option<Substitution> {
    let mut unified = substitution.clone();
    let bound =
        || metas.iter().zip(substitution.terms).filter_map(|(meta, term)| Some((&meta.shape, store.shape(term?))));
    let fits = bound().all(|(shape, found)| unified.unify_shape(shape, found));
    (fits && bound().all(|(shape, found)| unified.fits(shape, found))).then_some(unified)
}

/// The metavariables of a rule.
pub(super) fn metas(context: &Context, rule: &Rule) -> Vec<Meta> {
    let is_number = |symbol: Symbol| {
        rule.conditions.iter().any(|condition| {
            matches!(condition, RuleCondition::Number(term) if context.terms.as_symbol(*term) == Some(symbol))
        })
    };
    let meta = |&symbol: &Symbol| Meta {
        name: context.name(symbol).to_owned(),
        shape: context.info(symbol).shape.clone(),
        number: is_number(symbol),
    };
    rule.metavariables.iter().map(meta).collect()
}
