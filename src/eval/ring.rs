//! What evaluation needs of numbers.
//!
//! [`Ring`] is implemented by the integers mod 2⁶¹−1 ([`super::Fp`]), by `f64`, by exact rationals, and by
//! [`super::Dual`] numbers over each.

use super::{EvalError, Rng};
use crate::ir::Rational;
use std::cmp::Ordering;
use std::fmt::Debug;

/// The transcendental functions from which the others are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Analytic {
    /// eˣ.
    Exp,
    /// The natural logarithm.
    Log,
    /// Sine.
    Sin,
    /// Cosine.
    Cos,
    /// Inverse sine.
    Arcsin,
    /// Inverse cosine.
    Arccos,
    /// Inverse tangent.
    Arctan,
}

/// A number to show in a report.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// A residue mod 2⁶¹−1.
    Residue(u64),
    /// A floating-point number.
    Real(f64),
    /// An exact number.
    Exact(Rational),
}

/// A commutative ring in which nonzero numbers (dual numbers with nonzero value) can be inverted.
pub trait Ring: Clone + Debug + PartialEq {
    /// 0
    fn zero() -> Self;
    /// 1
    fn one() -> Self;
    /// A whole number.
    fn from_integer(value: i64) -> Self;
    /// An exact number.
    ///
    /// # Errors
    /// The number does not exist here, or overflows.
    fn from_rational(value: &Rational) -> Result<Self, EvalError>;
    /// The sum.
    fn plus(&self, other: &Self) -> Self;
    /// The difference.
    fn minus(&self, other: &Self) -> Self;
    /// The product.
    fn times(&self, other: &Self) -> Self;
    /// Adds a product.
    fn add_product(&mut self, a: &Self, b: &Self) {
        *self = self.plus(&a.times(b));
    }
    /// The negative.
    fn negated(&self) -> Self {
        Self::zero().minus(self)
    }
    /// Zero, with all infinitesimal parts.
    fn is_zero(&self) -> bool {
        *self == Self::zero()
    }
    /// 1/x.
    ///
    /// # Errors
    /// Division by zero.
    fn reciprocal(&self) -> Result<Self, EvalError>;
    /// How good a pivot this is: 0 if it cannot be inverted.
    fn weight(&self) -> f64;
    /// The sign of the value.
    ///
    /// # Errors
    /// There is no order, or the value is too close to 0 to tell.
    fn sign(&self) -> Result<Ordering, EvalError>;
    /// The sign; where there is no order, an odd random function of the number instead.
    fn random_sign(&self, _seed: u64) -> Result<Ordering, EvalError> {
        self.sign()
    }
    /// Has no infinitesimal part.
    fn is_constant(&self) -> bool;
    /// The square root: the non-negative one, mod p the one that is a square.
    ///
    /// # Errors
    /// There is none.
    fn square_root(&self) -> Result<Self, EvalError>;
    /// x to an exponent strictly between 0 and 1, other than ½. Mod p a random oracle with its true derivative.
    ///
    /// # Errors
    /// Outside the domain, or not in this arithmetic.
    fn fractional_power(&self, exponent: &Rational, seed: u64) -> Result<Self, EvalError>;
    /// A transcendental function; mod p a random oracle keyed by `seed`, with its true derivative.
    ///
    /// # Errors
    /// Outside the domain, or not in this arithmetic.
    fn analytic(&self, function: Analytic, seed: u64) -> Result<Self, EvalError>;
    /// An undefined smooth function named `key`, differentiated `order` times.
    ///
    /// # Errors
    /// Not in this arithmetic.
    fn opaque(&self, key: u64, order: u32) -> Result<Self, EvalError>;
    /// A random constant; `mode` changes signs and magnitudes from one attempt to the next.
    fn draw(rng: &mut Rng, mode: u32) -> Self;
    /// What is added to a square to make a positive number (0 mod p, where positive numbers are squares).
    fn positive_shift() -> Self;
    /// How far two values are apart, relative to `scale`: exact arithmetic answers 0 or 1.
    fn discrepancy(&self, other: &Self, scale: f64) -> f64;
    /// The size of the value: 0 or 1 in F_p.
    fn magnitude(&self) -> f64;
    /// Is a number at all (not infinite).
    fn is_finite(&self) -> bool {
        true
    }
    /// The value as a number to show.
    fn report(&self) -> Number;
}

/// x to a whole exponent, by squaring.
///
/// # Errors
/// A negative power of zero.
pub fn integer_power<R: Ring>(base: &R, exponent: i64) -> Result<R, EvalError> {
    let mut square = if exponent < 0 { base.reciprocal()? } else { base.clone() };
    let mut left = exponent.unsigned_abs();
    let mut power: Option<R> = None;
    while left > 0 {
        if left & 1 == 1 {
            power = Some(power.map_or_else(|| square.clone(), |power| power.times(&square)));
        }
        left >>= 1;
        if left > 0 {
            square = square.times(&square);
        }
    }
    Ok(power.unwrap_or_else(R::one))
}
