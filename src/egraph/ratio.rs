//! Small exact ratios for coefficients and exponents while matching. A number too large for them is not taken apart.

use crate::ir::Rational;
use std::ops::{Div, Mul, Sub};

/// A ratio in lowest terms with a positive denominator.
///
/// Numbers are small when they are read, so that the few operations of a match cannot overflow; if they did, the
/// result would saturate and the instance of the rule would not fit: a match lost, not a wrong one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Small {
    numerator: i64,
    denominator: i64,
}

const LIMIT: i64 = 1 << 12;

impl Small {
    pub(super) const ONE: Small = Small { numerator: 1, denominator: 1 };

    fn new(numerator: i64, denominator: i64) -> Self {
        if denominator == 1 {
            return Small { numerator, denominator };
        }
        let divisor = num_integer::gcd(numerator, denominator).max(1) * denominator.signum();
        Small { numerator: numerator / divisor, denominator: denominator / divisor }
    }

    pub(super) fn is_one(self) -> bool {
        self == Self::ONE
    }

    pub(super) fn is_zero(self) -> bool {
        self.numerator == 0
    }

    pub(super) fn is_positive(self) -> bool {
        self.numerator > 0
    }

    pub(super) fn abs(self) -> Self {
        Small { numerator: self.numerator.abs(), ..self }
    }

    /// 1/x, of a number that is not 0.
    pub(super) fn recip(self) -> Self {
        Small::ONE / self
    }

    /// Is |x| < |y|?
    pub(super) fn is_smaller(self, other: Self) -> bool {
        let (a, b) = (self.abs(), other.abs());
        a.numerator.saturating_mul(b.denominator) < b.numerator.saturating_mul(a.denominator)
    }

    /// As an exact number.
    pub(super) fn exact(self) -> Rational {
        crate::ir::ratio(self.numerator, self.denominator)
    }
}

impl Mul for Small {
    type Output = Small;
    fn mul(self, other: Small) -> Small {
        let numerator = self.numerator.saturating_mul(other.numerator);
        Small::new(numerator, self.denominator.saturating_mul(other.denominator))
    }
}

impl Div for Small {
    type Output = Small;
    /// Division by 0 gives 0, which stands for no coefficient and no exponent.
    fn div(self, other: Small) -> Small {
        if other.is_zero() {
            return Small { numerator: 0, denominator: 1 };
        }
        let numerator = self.numerator.saturating_mul(other.denominator);
        Small::new(numerator, self.denominator.saturating_mul(other.numerator))
    }
}

impl Sub for Small {
    type Output = Small;
    fn sub(self, other: Small) -> Small {
        let (a, b) =
            (self.numerator.saturating_mul(other.denominator), other.numerator.saturating_mul(self.denominator));
        Small::new(a.saturating_sub(b), self.denominator.saturating_mul(other.denominator))
    }
}

/// The ratio, if it is small.
pub(super) fn small(value: &Rational) -> Option<Small> {
    let (numerator, denominator) = value.small()?;
    let is_small = numerator.saturating_abs() < LIMIT && denominator < LIMIT && numerator != 0;
    is_small.then_some(Small { numerator, denominator })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_is_in_lowest_terms() {
        let half = small(&crate::ir::ratio(1, 2)).expect("small");
        let minus_two = small(&crate::ir::ratio(-2, 1)).expect("small");
        assert_eq!((half * minus_two).exact(), crate::ir::ratio(-1, 1));
        assert_eq!((half / minus_two).exact(), crate::ir::ratio(-1, 4));
        assert_eq!((half - minus_two).exact(), crate::ir::ratio(5, 2));
        assert!(half.is_smaller(minus_two) && !minus_two.is_smaller(half));
        assert_eq!(small(&crate::ir::ratio(1 << 20, 1)), None);
    }
}
