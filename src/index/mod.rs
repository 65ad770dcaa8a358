//! The Einstein index form: the second core, for what matrices cannot say and as a second opinion.
//!
//! An [`IndexForm`] is a sum of networks, `Σ A_ij x_j δ_ik`: each a rational number times entries of *atoms*, the
//! terms that index notation does not look into (names, inverses, `exp(θ)`, powers of sums). An index that is not
//! free is summed over; it may stand at any number of factors, so entry-by-entry products need nothing special. A
//! dimension of size 1 carries no index.
//!
//! - [`Workspace::read`] turns terms into index form, [`Workspace::to_matrix`], [`Workspace::to_jacobian`] and
//!   [`Workspace::to_indices`] turn it back: into matrices by eliminating summed indices of degree at most two,
//!   into Kronecker products, or into sums over indices, which always works.
//! - [`Workspace::differentiate`] is the product rule over factors. How an atom is differentiated comes from the
//!   rules of class `differential`, behind the trait [`Differentials`]; the adjoint strategy is not used.
//! - [`Workspace::compare`] decides equality of forms as polynomials in their atoms, within a budget;
//! - [`second_opinions`] compares a derivative that was found in another way with the one found here;
//! - [`entry_derivative`] answers questions about entries, with the steps that a teacher would write.
//!
//! Definitions are cut points: a defined name is an atom, and only its derivative looks at its body.
//! ```
//! use gradus::index::{matrix_form, Workspace};
//! use gradus::ir::{Context, Index, Op, SymbolKind};
//! use gradus::print::{Spelling, term};
//! use gradus::shape::Shape;
//! let mut context = Context::new();
//! let n = context.dim("n");
//! let x = context.declare("x", Shape::vector(n.clone()), SymbolKind::Variable);
//! let y = context.declare("y", Shape::vector(n.clone()), SymbolKind::Variable);
//! let j = Index::Named { name: "j".into(), dim: n };
//! let (x, y) = (context.terms.symbol(x), context.terms.symbol(y));
//! let xj = context.terms.make(Op::Entry(vec![j.clone()]), &[x]);
//! let yj = context.terms.make(Op::Entry(vec![j.clone()]), &[y]);
//! let product = context.terms.make(Op::Product, &[xj, yj]);
//! let sum = context.terms.make(Op::IndexSum { index: j, excluding: None }, &[product]);
//! let matrices = matrix_form(&mut context, sum, &[]).unwrap();
//! assert_eq!(term(&context, matrices, Spelling::Unicode), "xᵀy");
//! let mut workspace = Workspace::new(&mut context);
//! let form = workspace.read(matrices).unwrap();
//! let indices = workspace.to_indices(&form);
//! assert_eq!(term(&context, indices, Spelling::Unicode), "Σᵢ xᵢyᵢ");
//! ```
//!
//! Every refusal is typed ([`Refusal`]); nothing here panics on terms of any kind.

mod canonical;
mod differentiate;
mod eliminate;
mod entries;
mod exponent;
mod extent;
mod factor;
mod fold;
mod form;
mod lift;
mod opinion;
mod read;
mod simplify;
mod vectorise;
mod workspace;
mod write;

pub use canonical::Comparison;
use differentiate::Derivative;
pub use differentiate::{Applied, Differentials, Table};
pub use entries::{EntryAnswer, entry_derivative};
pub use exponent::Exponent;
pub use form::{Atom, Factor, IndexForm, Indices, Label, Network};
pub use opinion::second_opinions;
pub use read::matrix_form;
pub use workspace::{Limits, Workspace};

use crate::ir::{Symbol, Term};

/// Why index form has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// More than this many networks.
    TooManyNetworks(usize),
    /// A function of entries with more than two free indices has no matrix that it is an entry of.
    Rank(Term),
    /// An operator of free entries that does not act entry by entry.
    NotEntrywise(Term),
    /// An index of a product of dimensions (`vec`, `⊗`) would have to be taken apart.
    Composite(Term),
    /// No rule says how to differentiate the term.
    NoDerivative(Term),
    /// The variable is not a name that can be differentiated by.
    NotVariable(Symbol),
    /// The number of indices does not fit the shape.
    Indices {
        /// How many the shape has.
        needed: usize,
        /// How many were given.
        found: usize,
    },
    /// A question about entries needs a scalar.
    NotScalar(Term),
}

#[cfg(test)]
mod tests;
