//! Undefined functions of declared things (`L : scalar, function of Y`): random polynomials of degree four.
//!
//! The value is a polynomial in all entries that it depends on, so that its partial derivatives of every order come
//! from evaluating it over dual numbers. Each output entry is
//! c + l₁ + l₂·l₃ + l₄·Σ kᵢ uᵢ³ with random linear forms l: its Hessian has full rank.

use super::Rng;
use super::matrix::Matrix;
use super::random::hash;
use super::ring::Ring;

/// The raw value of the function named `key` at the entries `inputs`.
pub(super) fn polynomial<R: Ring>(inputs: &[R], rows: usize, cols: usize, key: u64) -> Matrix<R> {
    Matrix::from_fn(rows, cols, |i, j| entry(inputs, &mut Rng::new(hash(&[key, i as u64, j as u64]))))
}

fn entry<R: Ring>(inputs: &[R], rng: &mut Rng) -> R {
    let mut sums = [R::draw(rng, 0), R::zero(), R::zero(), R::zero(), R::zero()];
    for u in inputs {
        for form in &mut sums[..4] {
            *form = form.plus(&R::draw(rng, 0).times(u));
        }
        let cube = u.times(u).times(u);
        sums[4] = sums[4].plus(&R::draw(rng, 0).times(&cube));
    }
    let [linear, left, right, factor, cubes] = &sums;
    linear.plus(&left.times(right)).plus(&factor.times(cubes))
}
