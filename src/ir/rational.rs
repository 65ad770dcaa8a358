//! Exact rational numbers of any size.
//!
//! Nearly every number in a term is a small coefficient or exponent, and terms are built and matched all the time: a
//! ratio of two machine words needs no memory of its own and no long division. Larger ones are of any size.
//!
//! Invariant: in lowest terms, with a positive denominator, and small whenever both parts fit; so equal numbers are
//! equal values.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};
use std::cmp::Ordering;
use std::fmt;
use std::iter::{Product, Sum};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// An exact rational number.
///
/// ```
/// use gradus::ir::ratio;
/// assert_eq!((ratio(1, 2) + ratio(1, 3)).to_string(), "5/6");
/// assert_eq!(ratio(i64::MAX, 1) * ratio(2, 1) / ratio(2, 1), ratio(i64::MAX, 1));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Rational(Parts);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Parts {
    /// Numerator and denominator.
    Small(i64, i64),
    /// One of them does not fit, or the numerator is the lowest number, which has no negative.
    Large(Box<BigRational>),
}
use Parts::{Large, Small};

impl Rational {
    /// The ratio of two whole numbers.
    ///
    /// # Panics
    /// If the denominator is zero.
    pub fn new(numerator: BigInt, denominator: BigInt) -> Self {
        match (numerator.to_i64(), denominator.to_i64()) {
            (Some(n), Some(d)) => Rational::reduced(n.into(), d.into()),
            _ => Rational::large(BigRational::new(numerator, denominator)),
        }
    }

    /// A whole number.
    pub fn from_integer(value: i64) -> Self {
        Rational::reduced(value.into(), 1)
    }

    /// The numerator.
    pub fn numer(&self) -> BigInt {
        match &self.0 {
            Small(n, _) => BigInt::from(*n),
            Large(value) => value.numer().clone(),
        }
    }

    /// The denominator, which is positive.
    pub fn denom(&self) -> BigInt {
        match &self.0 {
            Small(_, d) => BigInt::from(*d),
            Large(value) => value.denom().clone(),
        }
    }

    /// Numerator and denominator, if both are small.
    pub fn small(&self) -> Option<(i64, i64)> {
        match self.0 {
            Small(n, d) => Some((n, d)),
            Large(_) => None,
        }
    }

    /// Is it a whole number?
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Small(_, d) => *d == 1,
            Large(value) => value.is_integer(),
        }
    }

    /// Is it an even whole number?
    pub fn is_even(&self) -> bool {
        match &self.0 {
            Small(n, d) => *d == 1 && n % 2 == 0,
            Large(value) => value.is_integer() && value.numer().is_even(),
        }
    }

    /// Is the numerator 1 or −1?
    pub fn is_unit(&self) -> bool {
        matches!(self.0, Small(1 | -1, _)) || matches!(&self.0, Large(value) if value.numer().magnitude().is_one())
    }

    /// Is it below zero?
    pub fn is_negative(&self) -> bool {
        self.sign() == Ordering::Less
    }

    /// Is it above zero?
    pub fn is_positive(&self) -> bool {
        self.sign() == Ordering::Greater
    }

    fn sign(&self) -> Ordering {
        match &self.0 {
            Small(n, _) => n.cmp(&0),
            Large(value) => value.numer().cmp(&BigInt::ZERO),
        }
    }

    /// The size without the sign.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { -self.clone() } else { self.clone() }
    }

    /// 1/x.
    ///
    /// # Panics
    /// If it is zero.
    #[must_use]
    pub fn recip(&self) -> Self {
        match &self.0 {
            Small(n, d) => Rational::reduced((*d).into(), (*n).into()),
            Large(value) => Rational::large(value.recip()),
        }
    }

    /// The largest whole number that is not above it.
    #[must_use]
    pub fn floor(&self) -> Self {
        match &self.0 {
            Small(n, d) => Rational::from_integer(n.div_euclid(*d)),
            Large(value) => Rational::large(value.floor()),
        }
    }

    /// A whole power.
    ///
    /// # Panics
    /// If it is zero and the exponent negative.
    #[must_use]
    pub fn pow(&self, exponent: i32) -> Self {
        Rational::large(self.exact().pow(exponent))
    }

    /// The largest number of which this one and another are both whole multiples; 0 counts as a multiple of anything.
    pub fn common_measure(&self, other: &Rational) -> Self {
        match (self.small(), other.small()) {
            (Some((a, 1)), Some((b, 1))) => Rational::from_integer(num_integer::gcd(a, b)),
            _ => Rational::new(self.numer().gcd(&other.numer()), self.denom().lcm(&other.denom())),
        }
    }

    /// The small number n/d in lowest terms, or a large one.
    fn reduced(n: i128, d: i128) -> Self {
        assert!(d != 0, "a ratio with denominator 0");
        let (n, d) = if d == 1 {
            (n, d)
        } else {
            let divisor = match (i64::try_from(n), i64::try_from(d)) {
                (Ok(n), Ok(d)) if n != i64::MIN && d != i64::MIN => i128::from(num_integer::gcd(n, d)),
                _ => num_integer::gcd(n, d),
            };
            let divisor = if d < 0 { -divisor } else { divisor };
            (n / divisor, d / divisor)
        };
        match (i64::try_from(n), i64::try_from(d)) {
            (Ok(n), Ok(d)) if n != i64::MIN => Rational(Small(n, d)),
            _ => Rational(Large(Box::new(BigRational::new_raw(n.into(), d.into())))),
        }
    }

    fn large(value: BigRational) -> Self {
        match (value.numer().to_i64(), value.denom().to_i64()) {
            (Some(n), Some(d)) if n != i64::MIN => Rational(Small(n, d)),
            _ => Rational(Large(Box::new(value))),
        }
    }

    fn exact(&self) -> BigRational {
        match &self.0 {
            Small(n, d) => BigRational::new_raw((*n).into(), (*d).into()),
            Large(value) => (**value).clone(),
        }
    }

    /// An operation on small numbers without a remainder in 128 bits, or on large ones.
    fn combine(
        &self,
        other: &Rational,
        small: impl Fn([i128; 4]) -> (i128, i128),
        large: impl Fn(BigRational, BigRational) -> BigRational,
    ) -> Rational {
        match (&self.0, &other.0) {
            (Small(a, b), Small(c, d)) => {
                let (n, d) = small([*a, *b, *c, *d].map(i128::from));
                Rational::reduced(n, d)
            }
            _ => Rational::large(large(self.exact(), other.exact())),
        }
    }
}

impl Default for Rational {
    fn default() -> Self {
        Rational::zero()
    }
}

impl From<i64> for Rational {
    fn from(value: i64) -> Self {
        Rational::from_integer(value)
    }
}

impl From<BigInt> for Rational {
    fn from(value: BigInt) -> Self {
        Rational::new(value, BigInt::one())
    }
}

impl Zero for Rational {
    fn zero() -> Self {
        Rational(Small(0, 1))
    }
    fn is_zero(&self) -> bool {
        matches!(self.0, Small(0, _))
    }
}

impl One for Rational {
    fn one() -> Self {
        Rational(Small(1, 1))
    }
    fn is_one(&self) -> bool {
        matches!(self.0, Small(1, 1))
    }
}

/// The operators on values and references, by the one on references.
macro_rules! operator {
    ($trait:ident, $method:ident, $small:expr, $large:expr) => {
        impl $trait<&Rational> for &Rational {
            type Output = Rational;
            fn $method(self, other: &Rational) -> Rational {
                self.combine(other, $small, $large)
            }
        }
        impl $trait for Rational {
            type Output = Rational;
            fn $method(self, other: Rational) -> Rational {
                (&self).$method(&other)
            }
        }
        impl $trait<&Rational> for Rational {
            type Output = Rational;
            fn $method(self, other: &Rational) -> Rational {
                (&self).$method(other)
            }
        }
        impl $trait<Rational> for &Rational {
            type Output = Rational;
            fn $method(self, other: Rational) -> Rational {
                self.$method(&other)
            }
        }
    };
}

// Products of two words are below 2¹²⁶, and a sum of two of these fits 128 bits.
operator!(Add, add, |[a, b, c, d]| if b == d { (a + c, b) } else { (a * d + c * b, b * d) }, |x, y| x + y);
operator!(Sub, sub, |[a, b, c, d]| if b == d { (a - c, b) } else { (a * d - c * b, b * d) }, |x, y| x - y);
operator!(Mul, mul, |[a, b, c, d]| (a * c, b * d), |x, y| x * y);
operator!(Div, div, |[a, b, c, d]| (a * d, b * c), |x, y| x / y);

macro_rules! assign {
    ($trait:ident, $method:ident, $operator:tt) => {
        impl $trait for Rational {
            fn $method(&mut self, other: Rational) {
                *self = &*self $operator &other;
            }
        }
        impl $trait<&Rational> for Rational {
            fn $method(&mut self, other: &Rational) {
                *self = &*self $operator other;
            }
        }
    };
}

assign!(AddAssign, add_assign, +);
assign!(SubAssign, sub_assign, -);
assign!(MulAssign, mul_assign, *);
assign!(DivAssign, div_assign, /);

impl Sum for Rational {
    fn sum<I: Iterator<Item = Rational>>(numbers: I) -> Rational {
        numbers.fold(Rational::zero(), |sum, number| sum + number)
    }
}

impl Product for Rational {
    fn product<I: Iterator<Item = Rational>>(numbers: I) -> Rational {
        numbers.fold(Rational::one(), |product, number| product * number)
    }
}

impl Neg for Rational {
    type Output = Rational;
    fn neg(self) -> Rational {
        match self.0 {
            Small(n, d) => Rational(Small(-n, d)),
            Large(value) => Rational::large(-*value),
        }
    }
}

impl Neg for &Rational {
    type Output = Rational;
    fn neg(self) -> Rational {
        -self.clone()
    }
}

impl Ord for Rational {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Small(a, b), Small(c, d)) if b == d => a.cmp(c),
            (Small(a, b), Small(c, d)) => {
                let [a, b, c, d] = [*a, *b, *c, *d].map(i128::from);
                (a * d).cmp(&(c * b))
            }
            _ => self.exact().cmp(&other.exact()),
        }
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl ToPrimitive for Rational {
    /// The whole part.
    fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Small(n, d) => Some(n / d),
            Large(value) => value.to_i64(),
        }
    }

    /// The whole part, if it is not negative.
    fn to_u64(&self) -> Option<u64> {
        match &self.0 {
            Small(n, d) => u64::try_from(n / d).ok(),
            Large(value) => value.to_u64(),
        }
    }

    /// The nearest floating-point number.
    fn to_f64(&self) -> Option<f64> {
        const EXACT: u64 = 1 << 53;
        match &self.0 {
            Small(n, d) if n.unsigned_abs() <= EXACT && d.unsigned_abs() <= EXACT => Some(*n as f64 / *d as f64),
            _ => self.exact().to_f64(),
        }
    }
}

impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Small(n, 1) => n.fmt(f),
            Small(n, d) => write!(f, "{n}/{d}"),
            Large(value) => value.fmt(f),
        }
    }
}

impl fmt::Debug for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Small numbers, and numbers at the edge of a word.
    fn word() -> impl Strategy<Value = i64> {
        prop_oneof![-9i64..10, Just(i64::MIN), Just(i64::MAX), i64::MIN..i64::MAX]
    }

    fn number() -> impl Strategy<Value = (Rational, BigRational)> {
        (word(), word().prop_filter("a denominator", |&d| d != 0), 0u32..3).prop_map(|(n, d, times)| {
            let wide = (0..times).fold(BigInt::from(n), |product, _| product * BigInt::from(i64::MAX));
            (Rational::new(wide.clone(), d.into()), BigRational::new(wide, d.into()))
        })
    }

    /// The same number, in its one form.
    fn same(ours: &Rational, exact: &BigRational) -> bool {
        let fits = exact.numer().to_i64().is_some_and(|n| n != i64::MIN) && exact.denom().to_i64().is_some();
        (ours.numer(), ours.denom()) == (exact.numer().clone(), exact.denom().clone())
            && ours.small().is_some() == fits
            && ours.to_string() == exact.to_string()
    }

    proptest! {
        #[test]
        fn it_counts_like_numbers_of_any_size((a, x) in number(), (b, y) in number()) {
            prop_assert!(same(&a, &x) && same(&b, &y));
            prop_assert!(same(&(&a + &b), &(&x + &y)));
            prop_assert!(same(&(&a - &b), &(&x - &y)));
            prop_assert!(same(&(&a * &b), &(&x * &y)));
            prop_assert!(same(&-&a, &-&x));
            if !b.is_zero() {
                prop_assert!(same(&(&a / &b), &(&x / &y)));
                prop_assert!(same(&b.recip(), &y.recip()));
            }
            prop_assert_eq!(a.cmp(&b), x.cmp(&y));
            prop_assert_eq!(a == b, x == y);
            prop_assert_eq!(a.to_f64(), x.to_f64());
            prop_assert_eq!(a.to_i64(), x.to_i64());
            prop_assert_eq!(a.is_integer(), x.is_integer());
            prop_assert!(same(&a.floor(), &x.floor()) && same(&a.pow(3), &x.pow(3)));
            prop_assert_eq!(a.is_even(), x.is_integer() && x.numer().is_even());
        }
    }
}
