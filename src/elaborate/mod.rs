//! Surface tree → raw typed terms, or diagnostics.
//!
//! Everything that needs to know the names is decided here, by the rulings of the language: letter
//! runs, application against product, open exponents, Leibniz quotients, entries and index sums, the
//! entry-by-entry reading around entrywise terms, shapes. The terms are *raw*: as typed, except that
//! names are resolved, 1×1 products are cast to scalars ([`Op::AsScalar`]) and the sizes of `I`, `𝟏`
//! and `0` are inferred. A ruling that a reader should know of is a [`Note`].
//!
//! ```
//! use gradus::{elaborate::{self, Scope}, ir::Context, syntax};
//! let (mut context, mut scope) = (Context::new(), Scope::default());
//! for parsed in syntax::script("W : R^(M×D); x : R^D") {
//!     let syntax::statement::Statement::Declare(all) = parsed.outcome.unwrap() else { panic!() };
//!     elaborate::declare(&mut context, &mut scope, &all).unwrap();
//! }
//! let z = elaborate::expression(&mut context, &scope, &syntax::expression("Wx").unwrap()).unwrap();
//! assert_eq!(context.terms.shape(z.term).to_string(), "M");
//! ```

mod apply;
mod builtins;
mod cases;
mod claims;
mod declare;
mod define;
mod dims;
mod entries;
mod entrywise;
mod explode;
mod foreign;
mod implicit;
mod indices;
mod leibniz;
pub mod letters;
mod names;
mod norms;
mod powers;
mod products;
mod quotients;
mod relations;
mod samples;
mod scope;
mod sums;
mod wording;

use crate::diag::{Diagnostic, Span};
use crate::ir::{Context, Op, ShapeError, Term};
use crate::shape::Shape;
use crate::syntax::tree::{Bracket, Expr, Node, Sign};

pub use builtins::FUNCTIONS;
pub use claims::{assume, claims, record};
pub use declare::{declare, dimension, needs_square};
pub use define::{Defined, Meaning, define, meaning};
pub use implicit::{implicit, unknown};
pub use names::variable;
pub use relations::{Side, relation};
pub use scope::{Function, Place, Scope};

use dims::Flexible;
use names::Local;

/// A ruling that was made for the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub span: Span,
    /// What was decided.
    pub text: String,
}

/// A term as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elaborated {
    /// The raw term.
    pub term: Term,
    /// Rulings that were made.
    pub notes: Vec<Note>,
    /// Which subterms were typed where, inner ones first.
    pub places: Vec<(Span, Term)>,
}

/// Elaborates an expression.
///
/// # Errors
/// A diagnostic whose spans point into the text that the expression was parsed from.
pub fn expression(context: &mut Context, scope: &Scope, e: &Expr) -> Result<Elaborated, Diagnostic> {
    let mut elaborator = Elaborator::new(context, scope);
    let value = elaborator.expr(e)?;
    elaborator.finish(value)
}

/// A term and where it was typed.
#[derive(Clone, Copy, Debug)]
struct Value {
    term: Term,
    span: Span,
}

type Outcome<T> = Result<T, Diagnostic>;

/// The state of one elaboration.
struct Elaborator<'a> {
    context: &'a mut Context,
    scope: &'a Scope,
    notes: Vec<Note>,
    places: Vec<(Span, Term)>,
    flexible: Flexible,
    locals: Vec<(String, Local)>,
    depth: usize,
}

impl<'a> Elaborator<'a> {
    fn new(context: &'a mut Context, scope: &'a Scope) -> Elaborator<'a> {
        Elaborator {
            context,
            scope,
            notes: Vec::new(),
            places: Vec::new(),
            flexible: Flexible::default(),
            locals: Vec::new(),
            depth: 0,
        }
    }

    /// The result, with every size settled.
    fn finish(mut self, value: Value) -> Outcome<Elaborated> {
        let term = self.all_settled(value)?;
        let places = std::mem::take(&mut self.places);
        let places = places.into_iter().map(|(span, t)| (span, self.settle(t))).collect();
        Ok(Elaborated { term, notes: self.notes, places })
    }

    /// One expression, whatever it is.
    fn expr(&mut self, e: &Expr) -> Outcome<Value> {
        self.enter(e.span)?;
        let value = match &e.node {
            Node::Sum(terms) => self.sum(terms, e.span),
            Node::Negate(inner) => self.negation(inner, e.span),
            Node::Elementwise(first, rest) => self.elementwise(first, rest, e.span),
            Node::Relation(..) => Err(relation_here(e.span)),
            Node::Cases(cases) => self.cases(cases, e.span),
            Node::Group(Bracket::Round | Bracket::Curly, items) if items.len() == 1 => {
                self.expr(&items[0]).map(|v| Value { span: e.span, ..v })
            }
            _ => self.product_of(e),
        }?;
        self.depth -= 1;
        self.places.push((e.span, value.term));
        Ok(value)
    }

    /// One level deeper; functions, sums and brackets count alike.
    fn enter(&mut self, span: Span) -> Outcome<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(too_deep(span)) } else { Ok(()) }
    }

    /// An operand that is not a name.
    fn operand(&mut self, e: &Expr) -> Outcome<Value> {
        match &e.node {
            Node::Number(text) => self.number(text, e.span),
            Node::Sign(Sign::Ones) => Ok(self.flexible_ones(e.span)),
            Node::Sign(Sign::Zeros) => Ok(self.flexible_zeros(e.span)),
            Node::Sign(sign) => Err(bare_sign(*sign, e.span)),
            Node::Result(n) => self.earlier(*n, e.span),
            Node::Text(text) => Err(text_here(text, e.span)),
            Node::Fraction(above, below) => self.fraction(above, below, e.span),
            Node::Group(bracket, items) => self.group(*bracket, items, e.span),
            _ => self.expr(e),
        }
    }

    fn group(&mut self, bracket: Bracket, items: &[Expr], span: Span) -> Outcome<Value> {
        match (bracket, items) {
            (_, []) => {
                Err(Diagnostic::error("E0001", "these brackets are empty").label(span, "an expression is needed"))
            }
            (Bracket::Angle, [a, b]) => self.inner(a, b, span),
            (Bracket::Angle, _) => Err(arguments_here(span, "two expressions are needed: `⟨A, B⟩`")),
            (Bracket::Square, [_, _, ..]) => Err(block_matrix(span)),
            (_, [_, _, ..]) => Err(arguments_here(span, "arguments belong to a function, and none is before them")),
            (Bracket::Bar, [one]) => self.bars(one, span),
            (Bracket::Norm, [one]) => self.norm(one, &mut Vec::new(), span),
            (_, [one]) => self.expr(one).map(|value| Value { span, ..value }),
        }
    }

    fn number(&mut self, text: &str, span: Span) -> Outcome<Value> {
        match crate::elaborate::builtins::number(text) {
            Some(value) => Ok(Value { term: self.context.terms.number(value), span }),
            None => {
                Err(Diagnostic::error("E0009", format!("`{text}` is not a number that can be used")).label(span, ""))
            }
        }
    }

    fn earlier(&mut self, n: Option<usize>, span: Span) -> Outcome<Value> {
        let found = match n {
            None => self.scope.results.iter().rev().flatten().next().copied(),
            Some(n) => n.checked_sub(1).and_then(|i| self.scope.results.get(i)).copied().flatten(),
        };
        // A name that an answer introduced means nothing beside it, and the next answer may introduce it again.
        found.map(|term| Value { term: self.context.written_out(term), span }).ok_or_else(|| {
            Diagnostic::error("E0101", "there is no such result")
                .label(span, "results are numbered from 1; `%` is the last one")
        })
    }

    fn shape(&self, term: Term) -> Shape {
        self.context.terms.shape(term).clone()
    }

    /// Builds a raw term; sizes that the arguments settle are settled first.
    fn raw(&mut self, op: Op, args: &[Term]) -> Result<Term, ShapeError> {
        let args: Vec<Term> = args.iter().map(|t| self.settle(*t)).collect();
        let op = self.settle_op(op);
        self.context.terms.raw(op, &args)
    }

    /// As [`Self::raw`] where the shapes were looked at before.
    fn build(&mut self, op: Op, args: &[Term], span: Span) -> Outcome<Value> {
        match self.raw(op, args) {
            Ok(term) => Ok(Value { term, span }),
            Err(error) => Err(self.does_not_fit(&error, span)),
        }
    }

    fn note(&mut self, span: Span, text: impl Into<String>) {
        let note = Note { span, text: text.into() };
        if !self.notes.iter().any(|n| n.text == note.text) {
            self.notes.push(note);
        }
    }

    /// The text of a span as typed.
    fn typed(&self, span: Span) -> &'a str {
        span.of(&self.scope.source)
    }
}

/// How deeply an expression may be nested, brackets, functions, sums and derivatives counted alike: what a
/// stack of 2 MB holds in a debug build.
const MAX_DEPTH: usize = 200;

fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error("E0006", "this is nested too deeply")
        .label(span, "")
        .note("name a part of it on a line of its own")
}

fn relation_here(span: Span) -> Diagnostic {
    Diagnostic::error("E0009", "a relation has no value").label(span, "an expression is needed here")
}

fn text_here(text: &str, span: Span) -> Diagnostic {
    Diagnostic::error("E0009", format!("`{text}` is text, not mathematics")).label(span, "")
}

fn arguments_here(span: Span, why: &str) -> Diagnostic {
    Diagnostic::error("E0009", "a list has no value").label(span, why)
}

fn block_matrix(span: Span) -> Diagnostic {
    Diagnostic::error("E0903", "block matrices are not supported")
        .label(span, "a matrix written out in entries")
        .note("declare the matrix by name and shape: `A : R^(m×n)`")
}

fn bare_sign(sign: Sign, span: Span) -> Diagnostic {
    let why = match sign {
        Sign::Partial => "written `∂J/∂W`",
        Sign::Nabla => "written `∇_W J`",
        _ => "written `sum_i x_i`, or `sum(x)` for all entries",
    };
    Diagnostic::error("E0005", "this sign stands alone").label(span, why)
}

/// Refuses what the language has and Gradus not yet.
fn not_yet(what: &str, span: Span) -> Diagnostic {
    Diagnostic::error("E0901", format!("{what} not supported yet")).label(span, "")
}
