//! Dimensions and shapes.
//!
//! A dimension is a polynomial in named sizes (`D`, `N·M`, `n² + 1`); a shape is a scalar or a matrix of
//! two dimensions. A vector of ℝ^D is D×1, a row vector 1×D; a scalar and a 1×1 matrix are different shapes,
//! and the step between them is always explicit in a term.
//!
//! Invariant: dimensions are canonical, so that `==` decides equality for all sizes.

mod dim;

pub use dim::{Dim, DimName};

use std::fmt;

/// The shape of a term: a scalar, or a matrix with `rows` and `cols`.
///
/// ```
/// use gradus::shape::{Dim, Shape};
/// let x = Shape::vector(Dim::named(0, "D"));
/// assert_eq!(x.to_string(), "D");
/// assert_eq!(x.transposed().to_string(), "1×D");
/// assert_ne!(Shape::Scalar, Shape::matrix(Dim::one(), Dim::one()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shape {
    /// A real number.
    Scalar,
    /// A matrix; vectors have one column, row vectors have one row.
    Matrix {
        /// The number of rows.
        rows: Dim,
        /// The number of columns.
        cols: Dim,
    },
}

impl Shape {
    /// A matrix of `rows`×`cols`.
    pub fn matrix(rows: Dim, cols: Dim) -> Self {
        Shape::Matrix { rows, cols }
    }

    /// A column vector with `n` entries.
    pub fn vector(n: Dim) -> Self {
        Shape::matrix(n, Dim::one())
    }

    /// A row vector with `n` entries.
    pub fn row(n: Dim) -> Self {
        Shape::matrix(Dim::one(), n)
    }

    /// The number of rows; a scalar counts as one row.
    pub fn rows(&self) -> Dim {
        match self {
            Shape::Scalar => Dim::one(),
            Shape::Matrix { rows, .. } => rows.clone(),
        }
    }

    /// The number of columns; a scalar counts as one column.
    pub fn cols(&self) -> Dim {
        match self {
            Shape::Scalar => Dim::one(),
            Shape::Matrix { cols, .. } => cols.clone(),
        }
    }

    /// The number of entries.
    pub fn entries(&self) -> Dim {
        self.rows() * self.cols()
    }

    /// The shape of the transpose.
    pub fn transposed(&self) -> Self {
        match self {
            Shape::Scalar => Shape::Scalar,
            Shape::Matrix { rows, cols } => Shape::matrix(cols.clone(), rows.clone()),
        }
    }

    /// A scalar (not a 1×1 matrix).
    pub fn is_scalar(&self) -> bool {
        matches!(self, Shape::Scalar)
    }

    /// A matrix with one column (a 1×1 matrix is one).
    pub fn is_vector(&self) -> bool {
        matches!(self, Shape::Matrix { cols, .. } if cols.is_one())
    }

    /// A matrix with one row (a 1×1 matrix is one).
    pub fn is_row(&self) -> bool {
        matches!(self, Shape::Matrix { rows, .. } if rows.is_one())
    }

    /// A 1×1 matrix, which is not a scalar.
    pub fn is_one_by_one(&self) -> bool {
        self.is_vector() && self.is_row()
    }

    /// A matrix with as many rows as columns, whatever the sizes are.
    pub fn is_square(&self) -> bool {
        matches!(self, Shape::Matrix { rows, cols } if rows == cols)
    }
}

impl fmt::Display for Shape {
    /// `scalar`, `D` for a vector, `1×D` for a row, `M×D`; products of names are bracketed: `(N·M)×(N·D)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Scalar => f.write_str("scalar"),
            Shape::Matrix { rows, cols } if cols.is_one() => write!(f, "{rows}"),
            Shape::Matrix { rows, cols } => {
                for (i, dim) in [rows, cols].into_iter().enumerate() {
                    let times = if i == 0 { "" } else { "×" };
                    if dim.is_simple() { write!(f, "{times}{dim}")? } else { write!(f, "{times}({dim})")? }
                }
                Ok(())
            }
        }
    }
}
