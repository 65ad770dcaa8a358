//! Exact rational numbers as a ring: for counterexamples that a reader can check by hand.

use super::ring::{Analytic, Number, Ring};
use super::{EvalError, Rng};
use crate::ir::Rational;
use num_traits::{One, ToPrimitive, Zero};
use std::cmp::Ordering;

impl Ring for Rational {
    fn zero() -> Self {
        Zero::zero()
    }
    fn one() -> Self {
        One::one()
    }
    fn from_integer(value: i64) -> Self {
        Rational::from_integer(value)
    }
    fn from_rational(value: &Rational) -> Result<Self, EvalError> {
        Ok(value.clone())
    }
    fn plus(&self, other: &Self) -> Self {
        self + other
    }
    fn minus(&self, other: &Self) -> Self {
        self - other
    }
    fn times(&self, other: &Self) -> Self {
        self * other
    }
    fn reciprocal(&self) -> Result<Self, EvalError> {
        if Zero::is_zero(self) { Err(EvalError::DivisionByZero) } else { Ok(self.recip()) }
    }
    fn weight(&self) -> f64 {
        if Zero::is_zero(self) { 0.0 } else { 1.0 }
    }
    fn sign(&self) -> Result<Ordering, EvalError> {
        Ok(self.cmp(&<Rational as Zero>::zero()))
    }
    fn is_constant(&self) -> bool {
        true
    }
    fn square_root(&self) -> Result<Self, EvalError> {
        if self.is_negative() {
            return Err(EvalError::Undefined("sqrt"));
        }
        let root = Rational::new(self.numer().sqrt(), self.denom().sqrt());
        if &root * &root == *self { Ok(root) } else { Err(EvalError::NeedsReals("sqrt")) }
    }
    fn fractional_power(&self, _exponent: &Rational, _seed: u64) -> Result<Self, EvalError> {
        Err(EvalError::NeedsReals("power"))
    }
    fn analytic(&self, _function: Analytic, _seed: u64) -> Result<Self, EvalError> {
        Err(EvalError::NeedsReals("a transcendental function"))
    }
    fn opaque(&self, _key: u64, _order: u32) -> Result<Self, EvalError> {
        Err(EvalError::NeedsReals("an undefined function"))
    }
    /// Small whole numbers: the smallest counterexample is the best one.
    fn draw(rng: &mut Rng, mode: u32) -> Self {
        let value = if mode.is_multiple_of(2) { rng.below(6) as i64 - 2 } else { rng.below(4) as i64 };
        <Rational as Ring>::from_integer(value)
    }
    fn positive_shift() -> Self {
        One::one()
    }
    fn discrepancy(&self, other: &Self, _scale: f64) -> f64 {
        if self == other { 0.0 } else { 1.0 }
    }
    fn magnitude(&self) -> f64 {
        self.abs().to_f64().unwrap_or(f64::MAX)
    }
    fn report(&self) -> Number {
        Number::Exact(self.clone())
    }
}
