//! The powers of factors: exact, small and copied freely.
//!
//! A form holds thousands of factors and nearly all have the power 1, so a power may not cost an allocation. It is a
//! whole number of parts, [`PARTS`] of which make 1: every denominator up to 12 divides that number, sums of powers are
//! sums of whole numbers, and none of them can overflow. A power with another denominator, or a huge one, is not looked
//! into: it stays part of its atom.

use crate::ir::{Rational, ratio};
use std::ops::{AddAssign, Neg, SubAssign};

/// The least number that 1, 2, … 12 divide.
const PARTS: i64 = 27_720;
/// Powers of at most this size are taken: far more than 2³² of them can be added.
const LARGEST: i64 = 4096 * PARTS;

/// The power of a factor.
///
/// ```
/// use gradus::index::Exponent;
/// use gradus::ir::ratio;
/// let half = Exponent::new(&ratio(1, 2)).expect("halves are fine");
/// let mut sum = half;
/// sum += half;
/// assert_eq!(sum, Exponent::ONE);
/// assert_eq!(half.exact(), ratio(1, 2));
/// assert_eq!(Exponent::new(&ratio(1, 13)), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Exponent(i64);

impl Exponent {
    /// The power 1.
    pub const ONE: Exponent = Exponent(PARTS);

    /// The power, if its denominator is at most 12 (or divides the product of such) and it is not huge.
    pub fn new(value: &Rational) -> Option<Self> {
        let (numerator, denominator) = value.small()?;
        let parts = numerator.checked_mul(PARTS)?;
        (parts % denominator == 0).then_some(parts / denominator).filter(|parts| parts.abs() <= LARGEST).map(Exponent)
    }

    /// As an exact number.
    pub fn exact(self) -> Rational {
        ratio(self.0, PARTS)
    }

    /// The product, if it can be taken.
    pub fn times(self, other: Exponent) -> Option<Self> {
        Exponent::new(&(self.exact() * other.exact()))
    }

    /// The number of copies that a power with a positive whole exponent is.
    pub fn copies(self) -> Option<u32> {
        if self.is_integer() && self.is_positive() { u32::try_from(self.0 / PARTS).ok() } else { None }
    }

    /// Is it 0?
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Is it 1?
    pub fn is_one(self) -> bool {
        self == Exponent::ONE
    }

    /// Is it a whole number?
    pub fn is_integer(self) -> bool {
        self.0 % PARTS == 0
    }

    /// Is it more than 0?
    pub fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Is it less than 0?
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Without its sign.
    pub fn abs(self) -> Self {
        Exponent(self.0.abs())
    }
}

impl AddAssign for Exponent {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl SubAssign for Exponent {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Neg for Exponent {
    type Output = Self;
    fn neg(self) -> Self {
        Exponent(-self.0)
    }
}
