//! Dense matrices over a ring, column by column, so that vec is the data itself. Scalars are 1×1.
//!
//! The entries are shared until one of the matrices is changed: a value that stands in many places is there once.

use super::EvalError;
use super::ring::Ring;
use std::rc::Rc;

/// Up to this order determinants are expanded over subsets of columns: no division, and right for singular matrices.
const EXPANDED: usize = 6;

/// More entries than this are refused: nothing that is checked needs them.
pub(super) const LIMIT: usize = 1 << 16;

/// A pivot this much smaller than the largest entry makes a matrix singular in floating point.
const PIVOT: f64 = 1e-8;

/// A dense matrix, column-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix<R> {
    rows: usize,
    cols: usize,
    data: Rc<[R]>,
}

impl<R: Ring> Matrix<R> {
    /// The matrix whose entry (i, j), counted from 0, is `entry(i, j)`.
    pub fn from_fn(rows: usize, cols: usize, mut entry: impl FnMut(usize, usize) -> R) -> Self {
        let (mut i, mut j) = (0, 0);
        let mut next = |_| {
            let value = entry(i, j);
            i += 1;
            if i == rows {
                (i, j) = (0, j + 1);
            }
            value
        };
        Matrix { rows, cols, data: (0..rows * cols).map(&mut next).collect() }
    }

    /// The matrix with these columns, one after the other; `None` if their length is not rows·cols.
    pub fn from_columns(rows: usize, cols: usize, data: Vec<R>) -> Option<Self> {
        (data.len() == rows * cols).then(|| Matrix { rows, cols, data: data.into() })
    }

    /// All entries `value`.
    pub fn constant(rows: usize, cols: usize, value: R) -> Self {
        Matrix { rows, cols, data: (0..rows * cols).map(|_| value.clone()).collect() }
    }

    /// All zeros.
    pub fn zero(rows: usize, cols: usize) -> Self {
        Self::constant(rows, cols, R::zero())
    }

    /// The identity.
    pub fn identity(n: usize) -> Self {
        Self::from_fn(n, n, |i, j| if i == j { R::one() } else { R::zero() })
    }

    /// A scalar.
    pub fn scalar(value: R) -> Self {
        Self::constant(1, 1, value)
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// All entries, column by column.
    pub fn data(&self) -> &[R] {
        &self.data
    }

    /// All entries, to be changed.
    pub fn data_mut(&mut self) -> &mut [R] {
        Rc::make_mut(&mut self.data)
    }

    /// Entry (i, j), counted from 0.
    pub fn at(&self, i: usize, j: usize) -> &R {
        &self.data[j * self.rows + i]
    }

    /// The first entry: of a 1×1 matrix, its value.
    pub fn value(&self) -> &R {
        &self.data[0]
    }

    /// Each entry changed.
    pub fn map<S>(&self, f: impl FnMut(&R) -> S) -> Matrix<S> {
        Matrix { rows: self.rows, cols: self.cols, data: self.data.iter().map(f).collect() }
    }

    /// Each entry changed, if all can be.
    ///
    /// # Errors
    /// The first error of `f`.
    pub fn try_map<S>(&self, f: impl FnMut(&R) -> Result<S, EvalError>) -> Result<Matrix<S>, EvalError> {
        let data = self.data.iter().map(f).collect::<Result<_, _>>()?;
        Ok(Matrix { rows: self.rows, cols: self.cols, data })
    }

    /// Entry by entry with another matrix of the same size.
    pub fn zip(&self, other: &Self, f: impl Fn(&R, &R) -> R) -> Self {
        debug_assert_eq!((self.rows, self.cols), (other.rows, other.cols));
        let data = self.data.iter().zip(other.data()).map(|(a, b)| f(a, b)).collect();
        Matrix { rows: self.rows, cols: self.cols, data }
    }

    /// Adds another matrix of the same size.
    pub fn add(&mut self, other: &Self) {
        self.data_mut().iter_mut().zip(other.data()).for_each(|(a, b)| *a = a.plus(b));
    }

    /// Each entry times `factor`.
    pub fn scaled(&self, factor: &R) -> Self {
        self.map(|a| a.times(factor))
    }

    /// The transpose.
    pub fn transposed(&self) -> Self {
        Self::from_fn(self.cols, self.rows, |i, j| self.at(j, i).clone())
    }

    /// The matrix product: column by column, and for each entry of the other matrix that is not zero.
    pub fn product(&self, other: &Self) -> Self {
        debug_assert_eq!(self.cols, other.rows);
        let mut product = Self::zero(self.rows, other.cols);
        for (j, factors) in other.data.chunks_exact(other.rows.max(1)).enumerate() {
            let column = &mut product.data_mut()[j * self.rows..(j + 1) * self.rows];
            for (k, factor) in factors.iter().enumerate().filter(|(_, factor)| !factor.is_zero()) {
                let entries = &self.data[k * self.rows..(k + 1) * self.rows];
                column.iter_mut().zip(entries).for_each(|(total, entry)| total.add_product(entry, factor));
            }
        }
        product
    }

    /// The Kronecker product.
    ///
    /// # Errors
    /// It would be too large.
    pub fn kronecker(&self, other: &Self) -> Result<Self, EvalError> {
        let entries = self.data.len().saturating_mul(other.data.len());
        if entries > LIMIT {
            return Err(EvalError::Overflow);
        }
        let (m, n) = (other.rows, other.cols);
        Ok(Self::from_fn(self.rows * m, self.cols * n, |i, j| self.at(i / m, j / n).times(other.at(i % m, j % n))))
    }

    /// The sum of all entries.
    pub fn sum(&self) -> R {
        self.data.iter().fold(R::zero(), |total, entry| total.plus(entry))
    }

    /// Σ aᵢⱼ bᵢⱼ.
    pub fn inner(&self, other: &Self) -> R {
        let mut total = R::zero();
        self.data.iter().zip(other.data()).for_each(|(a, b)| total.add_product(a, b));
        total
    }

    /// The same entries, column by column, in another shape of as many entries.
    pub fn reshaped(mut self, rows: usize, cols: usize) -> Self {
        debug_assert_eq!(self.data.len(), rows * cols);
        (self.rows, self.cols) = (rows, cols);
        self
    }

    /// The inverse, by Gauss–Jordan elimination with the largest pivot.
    ///
    /// # Errors
    /// The matrix is singular, or too close to it.
    pub fn inverse(&self) -> Result<Self, EvalError> {
        let n = self.rows;
        let smallest = PIVOT * self.data.iter().map(Ring::weight).fold(0.0, f64::max);
        let mut left = self.transposed();
        let mut right = Self::identity(n);
        // Of the transposes, columns are rows: elimination runs over contiguous memory.
        for k in 0..n {
            let pivot = left.pivot(k).filter(|&(_, weight)| weight > smallest).ok_or(EvalError::Singular)?.0;
            left.swap_columns(k, pivot);
            right.swap_columns(k, pivot);
            let inverse = left.at(k, k).reciprocal()?;
            left.scale_column(k, &inverse);
            right.scale_column(k, &inverse);
            for j in (0..n).filter(|&j| j != k) {
                let factor = left.at(k, j).negated();
                if !factor.is_zero() {
                    left.add_column(j, k, &factor);
                    right.add_column(j, k, &factor);
                }
            }
        }
        Ok(right.transposed())
    }

    /// The column from k on with the largest weight in row k.
    fn pivot(&self, k: usize) -> Option<(usize, f64)> {
        (k..self.cols)
            .map(|j| (j, self.at(k, j).weight()))
            .filter(|&(_, weight)| weight > 0.0)
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
    }

    fn swap_columns(&mut self, a: usize, b: usize) {
        if a != b {
            let rows = self.rows;
            (0..rows).for_each(|i| self.data_mut().swap(a * rows + i, b * rows + i));
        }
    }

    fn scale_column(&mut self, j: usize, factor: &R) {
        let column = j * self.rows..(j + 1) * self.rows;
        self.data_mut()[column].iter_mut().for_each(|x| *x = x.times(factor));
    }

    /// Adds a multiple of column k to column j.
    fn add_column(&mut self, j: usize, k: usize, factor: &R) {
        let rows = self.rows;
        let data = self.data_mut();
        for i in 0..rows {
            let other = data[k * rows + i].clone();
            data[j * rows + i].add_product(&other, factor);
        }
    }

    /// The determinant: expanded over subsets of columns if small, else by elimination.
    ///
    /// # Errors
    /// A large singular matrix over dual numbers, where elimination has no pivot.
    pub fn determinant(&self) -> Result<R, EvalError> {
        if self.rows <= EXPANDED { Ok(self.expanded()) } else { self.eliminated() }
    }

    /// `minors[s]` is the determinant of the first |s| rows in the columns of the set s.
    fn expanded(&self) -> R {
        let n = self.rows;
        let mut minors = vec![R::one(); 1 << n];
        for set in 1usize..1 << n {
            let row = set.count_ones() as usize - 1;
            let mut positive = row.is_multiple_of(2);
            let mut total = R::zero();
            for column in (0..n).filter(|&column| set >> column & 1 == 1) {
                let term = self.at(row, column).times(&minors[set & !(1 << column)]);
                total = if positive { total.plus(&term) } else { total.minus(&term) };
                positive = !positive;
            }
            minors[set] = total;
        }
        minors.swap_remove((1 << n) - 1)
    }

    fn eliminated(&self) -> Result<R, EvalError> {
        let mut left = self.clone();
        let mut product = R::one();
        for k in 0..self.rows {
            let pivot = left.pivot(k).ok_or(EvalError::Singular)?.0;
            if pivot != k {
                left.swap_columns(k, pivot);
                product = product.negated();
            }
            product = product.times(left.at(k, k));
            let inverse = left.at(k, k).reciprocal()?;
            for j in k + 1..self.cols {
                let factor = left.at(k, j).times(&inverse).negated();
                left.add_column(j, k, &factor);
            }
        }
        Ok(product)
    }

    /// The adjugate: the transpose of the cofactors.
    ///
    /// # Errors
    /// As [`Matrix::determinant`].
    pub fn adjugate(&self) -> Result<Self, EvalError> {
        let n = self.rows;
        let mut data = Vec::with_capacity(n * n);
        for j in 0..n {
            for i in 0..n {
                // Entry (i, j) of the adjugate leaves out row j and column i.
                let minor = Self::from_fn(n - 1, n - 1, |r, c| {
                    self.at(r + usize::from(r >= j), c + usize::from(c >= i)).clone()
                });
                let minor = minor.determinant()?;
                data.push(if (i + j) % 2 == 0 { minor } else { minor.negated() });
            }
        }
        Ok(Matrix { rows: n, cols: n, data: data.into() })
    }

    /// The power of a square matrix, by squaring.
    ///
    /// # Errors
    /// A negative power of a singular matrix.
    pub fn power(&self, exponent: i64) -> Result<Self, EvalError> {
        let mut square = if exponent < 0 { self.inverse()? } else { self.clone() };
        let mut power = Self::identity(self.rows);
        let mut left = exponent.unsigned_abs();
        while left > 0 {
            if left & 1 == 1 {
                power = power.product(&square);
            }
            left >>= 1;
            if left > 0 {
                square = square.product(&square);
            }
        }
        Ok(power)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Dual, Fp};

    fn dual(value: u64, slope: u64) -> Dual<Fp> {
        Dual::along(0, Fp::new(value).into(), Fp::new(slope).into())
    }

    #[test]
    fn elimination_inverts_duals() {
        let a = Matrix::from_fn(3, 3, |i, j| dual((i * i + 3 * j + 1 + i * j * j) as u64, (i + 2 * j) as u64));
        assert_eq!(a.product(&a.inverse().unwrap()), Matrix::identity(3));
    }

    #[test]
    fn both_determinants_agree() {
        let a = Matrix::from_fn(5, 5, |i, j| dual((7 * i + j * j + i * j + 1) as u64 % 11, (i + j) as u64));
        assert_eq!(a.eliminated(), Ok(a.expanded()));
        let adjugate = a.adjugate().unwrap();
        assert_eq!(a.product(&adjugate), Matrix::identity(5).scaled(&a.expanded()));
    }

    #[test]
    fn the_derivative_of_a_singular_determinant_is_right() {
        // det [[1+ε, 1], [1, 1]] = ε
        let a = Matrix::from_columns(2, 2, vec![dual(1, 1), dual(1, 0), dual(1, 0), dual(1, 0)]).unwrap();
        assert_eq!(a.determinant(), Ok(dual(0, 1)));
    }
}
