//! The operators of terms.

use super::{Function, Rational, Symbol};
use crate::shape::{Dim, Shape};
use std::sync::Arc;

/// What stands at a node of a term; its arguments are beside it in the store.
///
/// The comment of each operator gives its arguments and shape; `[a, b]` are arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    /// A declared name, a definition's name or a metavariable; its shape is in the context.
    Symbol(Symbol),
    /// An exact scalar.
    Number(Rational),
    /// A dimension used as a scalar: the `n` in `sum(x)/n`.
    Dimension(Dim),
    /// The identity, n×n.
    Identity(Dim),
    /// All ones, rows×cols.
    Ones(Dim, Dim),
    /// Zero of a shape; it always carries its shape.
    Zero(Shape),
    /// The standard basis vector e_i, n×1.
    Unit(Dim, Index),
    /// The commutation matrix K with `K vec(A) = vec(Aᵀ)` for A m×n; (m·n)×(m·n).
    Commutation(Dim, Dim),

    /// `[a, b, …]`: the sum of terms of one shape. Subtraction is a summand with the factor −1.
    Sum,
    /// `[a, b, …]`: the product. Scalars may stand anywhere; the matrices must chain.
    Product,
    /// `[a, b, …]`: the entry-by-entry product of matrices of one shape.
    Hadamard,
    /// `[a, b]`: a over b: b is a scalar, or both have one shape (entry by entry). Raw terms only;
    /// normal terms have a negative power.
    Quotient,
    /// `[a, b]`: the Kronecker product.
    Kronecker,
    /// `[a]`: the transpose.
    Transpose,
    /// `[a]`: the inverse of a square matrix.
    Inverse,
    /// `[base, exponent]`: the power of a scalar, or the integer power of a square matrix. The exponent is a scalar.
    Power,
    /// `[base, exponent]`: each entry of a matrix raised to the scalar exponent.
    ElementPower,
    /// `[a]`: the scalar in a 1×1 matrix; invisible in print.
    AsScalar,
    /// `[a]`: a built-in function of one argument.
    Call(Function),
    /// `[a]`: an undefined elementwise function (`σ : elementwise`), differentiated `order` times.
    Elementwise {
        /// The name of the function.
        function: Symbol,
        /// 0 for σ, 1 for σ′, 2 for σ″.
        order: u32,
    },
    /// `[a, b]`: the larger of two scalars, or entry by entry of two matrices; a scalar beside a matrix must be a number.
    Max,
    /// `[a, b]`: the Frobenius inner product tr(aᵀb) of two terms of one shape; a scalar.
    Inner,

    /// `[a]`: the differential d(a), of the shape of a.
    Differential,
    /// `[f, x]`: the derivative ∂f/∂x in mixed layout: by a scalar it has the shape of f; of a scalar the shape
    /// of x; otherwise it is ∂vec f/∂(vec x)ᵀ, (entries of f)×(entries of x).
    Partial,

    /// `[f, x]`: the entrywise derivative of f by x, for f that acts on each entry of x by itself: the E of their
    /// shape with df = E ⊙ dx. `R'(Y)` of a user's function R is this, of `R(Y)` by `Y`.
    EntrywisePartial,

    /// `[left, right]`: the value of a symbol, bound here, at which left = right; of the shape of the symbol. It has a
    /// value where the equation has exactly one solution.
    Solution(Symbol),

    /// `[a]`: an entry of a vector (one index) or of a matrix (two); a scalar.
    Entry(Vec<Index>),
    /// `[body]`: the sum of its body over an index, of the shape of the body; `excluding` leaves one value of the
    /// index out.
    IndexSum {
        /// The bound index.
        index: Index,
        /// A value the index does not take: `Σ_{j≠k}`.
        excluding: Option<Index>,
    },
    /// The Kronecker delta of two indices; a scalar.
    Delta(Index, Index),
    /// `[value, …, subject, …]`: one value for each guard, then one subject for each guard that compares one;
    /// the first guard that holds gives the value, entry by entry where the subject is a matrix.
    Cases(Vec<Guard>),
}

/// An index of an entry: a name with its range 1…dim, or a fixed number counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Index {
    /// `j` in `y_j`, with the dimension it runs over.
    Named {
        /// The name of the index.
        name: Arc<str>,
        /// It runs from 1 to this.
        dim: Dim,
    },
    /// A fixed position, counted from 1.
    At(u32),
}

/// A condition of a case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Guard {
    /// Two indices are equal.
    Equal(Index, Index),
    /// Two indices differ.
    Different(Index, Index),
    /// The subject compared with zero.
    Subject(Comparison),
    /// In all other cases.
    Otherwise,
}

/// How the subject of a case compares with zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Comparison {
    /// `> 0`
    Positive,
    /// `< 0`
    Negative,
    /// `= 0`
    Zero,
    /// `≥ 0`
    NonNegative,
    /// `≤ 0`
    NonPositive,
}

impl Op {
    /// An operator without arguments.
    pub fn is_leaf(&self) -> bool {
        use Op::*;
        matches!(
            self,
            Symbol(_)
                | Number(_)
                | Dimension(_)
                | Identity(_)
                | Ones(..)
                | Zero(_)
                | Unit(..)
                | Commutation(..)
                | Delta(..)
        )
    }
}
