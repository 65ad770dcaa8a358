//! Typed terms: operators, exact numbers, hash-consed terms, and the context of names and assumptions.
//!
//! A [`Term`] is an index into the [`Store`] of a [`Context`]; equal terms have equal indices, every term has a
//! shape, and an ill-shaped term cannot be built. There are two builders:
//!
//! - [`Store::raw`] keeps a term as it was typed (hypotheses, rule patterns, questions, the `before` of a step);
//! - [`normal`] builds canonical terms (sums collected, products flattened, inverses cancelled) and reports each
//!   thing it did by the name of a rule of class `normal` in `rules/normal.rules`.
//!
//! This module knows shapes and arithmetic, and no calculus: differentials are opaque to it.

mod context;
mod function;
pub mod hash;
mod indices;
mod kinds;
pub mod normal;
mod op;
mod order;
mod rational;
mod shape_rules;
mod store;

pub use context::{
    Assumption, AssumptionId, Claim, Context, Definition, Property, Samples, Symbol, SymbolInfo, SymbolKind,
};
pub use function::{Domain, Function, Signature};
pub use indices::{FreeIndices, free_indices};
pub use kinds::{Kinds, kind};
pub use op::{Comparison, Guard, Index, Op};
pub use order::compare;
pub use rational::Rational;
pub use shape_rules::ShapeError;
pub use store::{Store, Term, Terms};

/// The rational number `numerator/denominator`.
///
/// # Panics
/// If `denominator` is zero; it is for literals in code.
pub fn ratio(numerator: i64, denominator: i64) -> Rational {
    Rational::from_integer(numerator) / Rational::from_integer(denominator)
}
