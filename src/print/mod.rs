//! Terms, shapes, derivations and documents as text, and as code.
//!
//! Pure functions of a context and a term. There are three spellings of one layout: Unicode for people at a
//! terminal, ASCII, which is read back as exactly the term it came from, and LaTeX in a subset that KaTeX and
//! pdflatex with amsmath accept. Nothing here derives, checks or decides; nothing is simplified beyond writing
//! a normal term as a person would (`a − b`, `y ⊘ ŷ`, `2(x − y)`, `A²`).
//!
//! `aᵀb` on paper is both the product and the inner product [`crate::ir::Op::Inner`]; ASCII keeps them apart
//! (`a' * b`, `inner(a, b)`).

pub mod derivation;
pub mod document;
mod formula;
mod layout;
mod measure;
mod names;
pub mod numpy;
mod reasons;
mod rich;
mod shapes;
mod spell;
mod words;
mod wrap;

pub use formula::{Formula, Inline, Prose, determining, pieces, plain, prose};
pub use measure::{Measure, measure};
pub use names::name;
pub use reasons::reason;
pub use rich::{dollars, escape_latex, inline, rich};
pub use shapes::{dim, shape, space};
pub use words::{claim, property};

use crate::ir::{Context, Index, Term};
use crate::trace::Statement;
use spell::Speller;

/// One of the three ways to write the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Spelling {
    /// `−A⁻¹ (∂A/∂α) A⁻¹`.
    Unicode,
    /// `-A^-1 * (dA/dalpha) * A^-1`.
    Ascii,
    /// `-A^{-1} \frac{\partial A}{\partial \alpha} A^{-1}`.
    Latex,
}

/// A term. One that is too large to be read (more than 100,000 nodes, or 400 levels) is an ellipsis.
///
/// ```
/// use gradus::ir::{normal::Normal, Context, SymbolKind};
/// use gradus::print::{Spelling, term};
/// use gradus::shape::Shape;
/// let mut context = Context::new();
/// let n = context.dim("n");
/// let x = context.declare("x", Shape::vector(n.clone()), SymbolKind::Variable);
/// let y = context.declare("ŷ", Shape::vector(n), SymbolKind::Variable);
/// let (x, y) = (context.terms.symbol(x), context.terms.symbol(y));
/// let difference = Normal::new(&mut context.terms).subtract(y, x);
/// assert_eq!(term(&context, difference, Spelling::Unicode), "ŷ − x");
/// assert_eq!(term(&context, difference, Spelling::Ascii), "yhat - x");
/// assert_eq!(term(&context, difference, Spelling::Latex), r"\hat{y} - x");
/// ```
pub fn term(context: &Context, term: Term, spelling: Spelling) -> String {
    match layout::lay_out(context, term) {
        Some(layout) => Speller { context, spelling }.write(&layout),
        None if spelling == Spelling::Latex => "\\cdots".into(),
        None => "…".into(),
    }
}

/// `lhs = rhs`.
pub fn equation(context: &Context, lhs: Term, rhs: Term, spelling: Spelling) -> String {
    format!("{} = {}", term(context, lhs, spelling), term(context, rhs, spelling))
}

/// A term or an equation.
pub fn statement(context: &Context, statement: &Statement, spelling: Spelling) -> String {
    match *statement {
        Statement::Term(of) => term(context, of, spelling),
        Statement::Equation(lhs, rhs) => equation(context, lhs, rhs, spelling),
    }
}

/// An index by itself: `j`, `3`.
pub fn index(context: &Context, index: &Index, spelling: Spelling) -> String {
    Speller { context, spelling }.index(index)
}

#[cfg(test)]
mod tests;
