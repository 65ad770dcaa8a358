//! Are two values equal? Exact arithmetic knows; floating point needs a tolerance, and may not.

use crate::eval::{Matrix, Ring};

/// Values are of order 1, sizes at most 6, pivots at least 1e-8 of the largest entry: rounding of 1e-16 grows to about
/// 1e-10 in ordinary points. A wrong coefficient, sign, factor or transpose changes a value by far more than 1e-4 of
/// it. Between the two nothing is concluded: the point is ill-conditioned and is drawn again.
const AGREE: f64 = 1e-8;
const DIFFER: f64 = 1e-4;

/// Values that are this small beside intermediate results are rounding: nothing is concluded from their ratio.
const NOISE: f64 = 1e-4;

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// Equal; `true` if not both zero, so that 1.001 times the one would have been noticed.
    Equal(bool),
    /// Different.
    Different,
    /// Too close to tell.
    Unclear,
}

/// Compares two matrices of one size; `intermediate` is the largest value that was computed with.
pub(super) fn compare<R: Ring>(expected: &Matrix<R>, found: &Matrix<R>, intermediate: f64) -> Comparison {
    let largest = expected.data().iter().chain(found.data()).map(Ring::magnitude).fold(0.0, f64::max);
    let scale = largest.max(NOISE * intermediate.max(1.0));
    let pairs = expected.data().iter().zip(found.data());
    let worst = pairs.map(|(x, y)| x.discrepancy(y, scale)).fold(0.0, |worst: f64, next| {
        // A NaN stays, and is neither equal nor different.
        if next > worst || next.is_nan() { next } else { worst }
    });
    if worst <= AGREE {
        return Comparison::Equal(largest > 0.1 * NOISE * intermediate.max(1.0));
    }
    if worst >= DIFFER { Comparison::Different } else { Comparison::Unclear }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_equal_and_different_nothing_is_concluded() {
        let one = |x: f64| Matrix::scalar(x);
        assert_eq!(compare(&one(1.0), &one(1.0 + 1e-12), 1.0), Comparison::Equal(true));
        assert_eq!(compare(&one(1.0), &one(1.001), 1.0), Comparison::Different);
        assert_eq!(compare(&one(1.0), &one(1.0 + 1e-6), 1.0), Comparison::Unclear);
        assert_eq!(compare(&one(0.0), &one(1e-17), 1.0), Comparison::Equal(false));
        assert_eq!(compare(&one(f64::NAN), &one(1.0), 1.0), Comparison::Unclear);
    }
}
