//! Matrices with declared properties, made from unstructured ones by ring operations only.
//!
//! The same constructions make random values of variables and differentiable values of undefined functions: over
//! dual numbers every construction carries its derivative.

use super::matrix::Matrix;
use super::ring::Ring;
use super::{EvalError, Rng};
use crate::ir::Property;

type Result<T> = std::result::Result<T, EvalError>;

/// A matrix with all `properties`, made from `raw`.
///
/// # Errors
/// The sizes do not allow it, or no construction here has all of the properties.
pub(super) fn with_properties<R: Ring>(raw: Matrix<R>, properties: &[Property], rng: &mut Rng) -> Result<Matrix<R>> {
    if properties.is_empty() {
        return Ok(raw);
    }
    let made = masked(symmetrised(signed(raw, properties, rng)?, properties)?, properties)?;
    match properties.iter().all(|&property| has(&made, property)) {
        true => Ok(made),
        false => Err(EvalError::Unsampleable),
    }
}

fn signed<R: Ring>(raw: Matrix<R>, properties: &[Property], rng: &mut Rng) -> Result<Matrix<R>> {
    let is = |property| properties.contains(&property);
    use Property::*;
    if is(OneHot) {
        let at = rng.below(raw.data().len());
        return Ok(positioned(&raw, |k| k == at));
    }
    if is(Orthogonal) && is(Diagonal) {
        let ones = Matrix::identity(raw.rows());
        return Ok(ones.map(|x: &R| if rng.bits() & 1 == 1 { x.negated() } else { x.clone() }));
    }
    if is(Orthogonal) && (is(Symmetric) || is(Skew)) {
        return reflection(&raw);
    }
    if is(Orthogonal) || is(OrthonormalColumns) {
        return orthonormal_columns(&raw, rng);
    }
    if is(FullColumnRank) && raw.rows() < raw.cols() {
        return Err(EvalError::SizesUnfit);
    }
    if is(Simplex) {
        let positive = positive(&raw);
        let total = positive.sum().reciprocal()?;
        return Ok(positive.scaled(&total));
    }
    if is(Positive) || is(NonNegative) {
        return Ok(positive(&raw));
    }
    if is(Nonzero) {
        return Ok(raw.map(|x| if x.weight() == 0.0 { x.plus(&R::one()) } else { x.clone() }));
    }
    Ok(raw)
}

/// Entry k, counted along the columns, is 1 where `one(k)` and 0 elsewhere.
fn positioned<R: Ring>(like: &Matrix<R>, one: impl Fn(usize) -> bool) -> Matrix<R> {
    let rows = like.rows();
    Matrix::from_fn(rows, like.cols(), |i, j| if one(j * rows + i) { R::one() } else { R::zero() })
}

fn positive<R: Ring>(raw: &Matrix<R>) -> Matrix<R> {
    raw.map(|x| x.times(x).plus(&R::positive_shift()))
}

/// I − 2vvᵀ/vᵀv.
fn reflection<R: Ring>(raw: &Matrix<R>) -> Result<Matrix<R>> {
    let n = square(raw)?;
    let v = Matrix::from_fn(n, 1, |i, _| raw.at(i, 0).clone());
    let factor = R::from_integer(-2).times(&v.inner(&v).reciprocal()?);
    let mut reflection = v.product(&v.transposed()).scaled(&factor);
    reflection.add(&Matrix::identity(n));
    Ok(reflection)
}

/// The first columns of (I − S)(I + S)⁻¹ with random signs, S skew; both signs of the determinant occur.
pub(super) fn orthonormal_columns<R: Ring>(raw: &Matrix<R>, rng: &mut Rng) -> Result<Matrix<R>> {
    let n = raw.rows();
    if n < raw.cols() {
        return Err(EvalError::SizesUnfit);
    }
    let skew = Matrix::from_fn(n, n, |i, j| {
        // A wide enough raw matrix fills S; the columns that it lacks are random constants.
        let mut entry = |i: usize, j: usize| if j < raw.cols() { raw.at(i, j).clone() } else { R::draw(rng, 0) };
        match i.cmp(&j) {
            std::cmp::Ordering::Greater => entry(i, j),
            _ => R::zero(),
        }
    });
    let skew = skew.zip(&skew.transposed(), R::minus);
    let one = Matrix::identity(n);
    let mut plus = skew.clone();
    plus.add(&one);
    let rotation = one.zip(&skew, R::minus).product(&plus.inverse()?);
    let signs: Vec<bool> = (0..raw.cols()).map(|_| rng.bits() & 1 == 1).collect();
    Ok(Matrix::from_fn(n, raw.cols(), |i, j| {
        let x = rotation.at(i, j);
        if signs[j] { x.negated() } else { x.clone() }
    }))
}

fn symmetrised<R: Ring>(raw: Matrix<R>, properties: &[Property]) -> Result<Matrix<R>> {
    let is = |property| properties.contains(&property);
    use Property::*;
    if is(PositiveDefinite) || is(PositiveSemidefinite) {
        square(&raw)?;
        let mut gram = raw.product(&raw.transposed());
        if is(PositiveDefinite) {
            gram.add(&Matrix::identity(raw.rows()));
        }
        return Ok(gram);
    }
    if is(Orthogonal) {
        return Ok(raw);
    }
    if is(Symmetric) {
        square(&raw)?;
        return Ok(raw.zip(&raw.transposed(), R::plus));
    }
    if is(Skew) {
        square(&raw)?;
        return Ok(raw.zip(&raw.transposed(), R::minus));
    }
    Ok(raw)
}

fn masked<R: Ring>(raw: Matrix<R>, properties: &[Property]) -> Result<Matrix<R>> {
    let keeps = |i: usize, j: usize| {
        properties.iter().all(|property| match property {
            Property::Diagonal => i == j,
            Property::LowerTriangular => i >= j,
            Property::UpperTriangular => i <= j,
            _ => true,
        })
    };
    Ok(Matrix::from_fn(raw.rows(), raw.cols(), |i, j| if keeps(i, j) { raw.at(i, j).clone() } else { R::zero() }))
}

fn square<R: Ring>(a: &Matrix<R>) -> Result<usize> {
    if a.rows() == a.cols() { Ok(a.rows()) } else { Err(EvalError::SizesUnfit) }
}

/// Values that differ by less than this, relative to the largest entry, are equal in floating point here.
const CLOSE: f64 = 1e-9;

/// Are the two equal, up to rounding?
pub(super) fn close<R: Ring>(a: &Matrix<R>, b: &Matrix<R>) -> bool {
    let scale = a.data().iter().chain(b.data()).map(Ring::magnitude).fold(1.0, f64::max);
    a.data().iter().zip(b.data()).all(|(x, y)| x.discrepancy(y, scale) < CLOSE)
}

/// Does a value have a property? Order is not decided in a field without one, and then counts as given.
pub fn has<R: Ring>(a: &Matrix<R>, property: Property) -> bool {
    use Property::*;
    use std::cmp::Ordering::{Equal, Less};
    let is_square = a.rows() == a.cols();
    let zero_where = |off: fn(usize, usize) -> bool| {
        is_square
            && *a == Matrix::from_fn(a.rows(), a.cols(), |i, j| if off(i, j) { R::zero() } else { a.at(i, j).clone() })
    };
    let signs = |bad: &[std::cmp::Ordering]| a.data().iter().all(|x| x.sign().is_ok_and(|sign| !bad.contains(&sign)));
    let ordered = R::one().sign().is_ok();
    let gram = || a.transposed().product(a);
    match property {
        Symmetric => is_square && close(a, &a.transposed()),
        Skew => is_square && close(a, &a.transposed().map(R::negated)),
        Invertible => is_square && a.inverse().is_ok(),
        PositiveDefinite => has(a, Symmetric) && (!ordered || pivots(a).is_some_and(|least| least > CLOSE)),
        PositiveSemidefinite => has(a, Symmetric) && (!ordered || shifted_pivots(a)),
        Orthogonal => is_square && close(&gram(), &Matrix::identity(a.cols())),
        OrthonormalColumns => close(&gram(), &Matrix::identity(a.cols())),
        Diagonal => zero_where(|i, j| i != j),
        LowerTriangular => zero_where(|i, j| i < j),
        UpperTriangular => zero_where(|i, j| i > j),
        Positive => !ordered || signs(&[Less, Equal]),
        NonNegative => !ordered || signs(&[Less]),
        Nonzero => a.data().iter().all(|x| x.weight() > 0.0),
        Simplex => {
            let total = Matrix::scalar(a.sum());
            close(&total, &Matrix::scalar(R::one())) && has(a, NonNegative)
        }
        OneHot => {
            let ones = a.data().iter().filter(|x| **x == R::one()).count();
            ones == 1 && a.data().iter().filter(|x| x.is_zero()).count() + 1 == a.data().len()
        }
        FullColumnRank => gram().inverse().is_ok(),
        Constant => true,
    }
}

/// The least pivot of symmetric elimination, relative to the largest entry; positive for a positive definite matrix.
fn pivots<R: Ring>(a: &Matrix<R>) -> Option<f64> {
    let n = a.rows();
    let scale = a.data().iter().map(Ring::magnitude).fold(f64::MIN_POSITIVE, f64::max);
    let mut left = a.clone();
    let mut least = f64::INFINITY;
    for k in 0..n {
        let pivot = left.at(k, k).clone();
        if pivot.sign().ok()? != std::cmp::Ordering::Greater {
            return None;
        }
        least = least.min(pivot.magnitude() / scale);
        let inverse = pivot.reciprocal().ok()?;
        left = Matrix::from_fn(n, n, |i, j| {
            if i <= k || j <= k {
                return left.at(i, j).clone();
            }
            left.at(i, j).minus(&left.at(i, k).times(left.at(k, j)).times(&inverse))
        });
    }
    Some(least)
}

/// Positive semidefinite up to rounding: definite after a small multiple of I is added.
fn shifted_pivots<R: Ring>(a: &Matrix<R>) -> bool {
    let Ok(small) = R::from_integer(1 << 20).reciprocal() else { return false };
    let mut shifted = a.clone();
    shifted.add(&Matrix::identity(a.rows()).scaled(&small));
    pivots(&shifted).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Fp;

    fn sample<R: Ring>(properties: &[Property], rows: usize, cols: usize) -> Result<Matrix<R>> {
        let mut rng = Rng::new(5);
        let raw = Matrix::from_fn(rows, cols, |_, _| R::draw(&mut rng, 0));
        with_properties(raw, properties, &mut rng)
    }

    #[test]
    fn every_property_can_be_made_in_both_arithmetics() {
        use Property::*;
        let squares: [&[Property]; 12] = [
            &[Symmetric],
            &[Skew],
            &[Invertible],
            &[PositiveDefinite],
            &[PositiveSemidefinite],
            &[Orthogonal],
            &[Diagonal],
            &[LowerTriangular],
            &[UpperTriangular],
            &[Symmetric, Orthogonal],
            &[Diagonal, PositiveDefinite],
            &[Symmetric, Invertible],
        ];
        for properties in squares {
            assert!(sample::<Fp>(properties, 3, 3).is_ok(), "{properties:?}");
            assert!(sample::<f64>(properties, 4, 4).is_ok(), "{properties:?}");
        }
        for property in [Positive, NonNegative, Nonzero, Simplex, OneHot] {
            assert!(sample::<Fp>(&[property], 5, 1).is_ok(), "{property:?}");
            assert!(sample::<f64>(&[property], 5, 1).is_ok(), "{property:?}");
        }
        for property in [FullColumnRank, OrthonormalColumns] {
            assert!(sample::<f64>(&[property], 4, 2).is_ok(), "{property:?}");
            assert_eq!(sample::<Fp>(&[property], 2, 4), Err(EvalError::SizesUnfit));
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        assert_eq!(sample::<f64>(&[Property::Skew, Property::PositiveDefinite], 3, 3), Err(EvalError::Unsampleable));
    }
}
