//! Small exact ratios for coefficients and exponents while matching. A number too large for them is not taken apart.

use crate::ir::Rational;
use num_rational::Ratio;
use num_traits::ToPrimitive;

/// A ratio whose numerator and denominator were small when it was read, so that a few operations cannot overflow.
pub(super) type Small = Ratio<i128>;

const LIMIT: i128 = 1 << 24;

/// The ratio, if it is small.
pub(super) fn small(value: &Rational) -> Option<Small> {
    let (numerator, denominator) = (value.numer().to_i128()?, value.denom().to_i128()?);
    (numerator.abs() < LIMIT && denominator < LIMIT).then(|| Ratio::new_raw(numerator, denominator))
}

/// As an exact number.
pub(super) fn exact(value: &Small) -> Rational {
    Rational::new_raw((*value.numer()).into(), (*value.denom()).into())
}
