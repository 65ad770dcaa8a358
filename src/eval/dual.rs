//! Dual numbers a + bε with ε² = 0: the coefficient of ε is an exact derivative.
//!
//! Dual numbers over dual numbers carry mixed second derivatives. Nothing here is a rule of matrix calculus: a matrix
//! of duals is inverted by elimination, and only the scalar functions know their derivatives.

use super::fp::Fp;
use super::ring::{Analytic, Number, Ring, Tower};
use super::{EvalError, Rng};
use crate::ir::Rational;
use std::cmp::Ordering;

/// `value + slope·ε`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual<R> {
    /// The value.
    pub value: R,
    /// The coefficient of ε.
    pub slope: R,
}

impl<R: Ring> Dual<R> {
    /// A number without ε.
    pub fn constant(value: R) -> Self {
        Dual { value, slope: R::zero() }
    }

    /// f(a + bε) = f(a) + f′(a)b·ε; the derivative is not asked for where b = 0.
    fn apply(
        &self,
        value: Result<R, EvalError>,
        derivative: impl FnOnce(&R) -> Result<R, EvalError>,
    ) -> Result<Self, EvalError> {
        let value = value?;
        if self.slope.is_zero() {
            return Ok(Dual::constant(value));
        }
        let slope = derivative(&value)?.times(&self.slope);
        Ok(Dual { value, slope })
    }
}

/// The derivative of a transcendental function at x, where its value is `value`.
fn derivative<R: Ring>(function: Analytic, x: &R, value: &R, seed: u64) -> Result<R, EvalError> {
    let one = R::one();
    match function {
        Analytic::Exp => Ok(value.clone()),
        Analytic::Log => x.reciprocal(),
        Analytic::Sin => x.analytic(Analytic::Cos, seed),
        Analytic::Cos => Ok(x.analytic(Analytic::Sin, seed)?.negated()),
        Analytic::Arcsin => one.minus(&x.times(x)).square_root()?.reciprocal(),
        Analytic::Arccos => Ok(one.minus(&x.times(x)).square_root()?.reciprocal()?.negated()),
        Analytic::Arctan => one.plus(&x.times(x)).reciprocal(),
    }
}

impl<R: Ring> Ring for Dual<R> {
    #[inline]
    fn zero() -> Self {
        Dual::constant(R::zero())
    }
    #[inline]
    fn one() -> Self {
        Dual::constant(R::one())
    }
    fn from_integer(value: i64) -> Self {
        Dual::constant(R::from_integer(value))
    }
    fn from_rational(value: &Rational) -> Result<Self, EvalError> {
        R::from_rational(value).map(Dual::constant)
    }
    #[inline]
    fn plus(&self, other: &Self) -> Self {
        Dual { value: self.value.plus(&other.value), slope: self.slope.plus(&other.slope) }
    }
    #[inline]
    fn minus(&self, other: &Self) -> Self {
        Dual { value: self.value.minus(&other.value), slope: self.slope.minus(&other.slope) }
    }
    #[inline]
    fn times(&self, other: &Self) -> Self {
        let slope = self.value.times(&other.slope).plus(&self.slope.times(&other.value));
        Dual { value: self.value.times(&other.value), slope }
    }
    fn reciprocal(&self) -> Result<Self, EvalError> {
        self.apply(self.value.reciprocal(), |inverse| Ok(inverse.times(inverse).negated()))
    }
    fn weight(&self) -> f64 {
        self.value.weight()
    }
    fn sign(&self) -> Result<Ordering, EvalError> {
        self.value.sign()
    }
    fn random_sign(&self, seed: u64) -> Result<Ordering, EvalError> {
        self.value.random_sign(seed)
    }
    fn is_constant(&self) -> bool {
        self.slope.is_zero() && self.value.is_constant()
    }
    fn square_root(&self) -> Result<Self, EvalError> {
        self.apply(self.value.square_root(), |root| root.plus(root).reciprocal())
    }
    fn fractional_power(&self, exponent: &Rational, seed: u64) -> Result<Self, EvalError> {
        self.apply(self.value.fractional_power(exponent, seed), |power| {
            Ok(R::from_rational(exponent)?.times(power).times(&self.value.reciprocal()?))
        })
    }
    fn analytic(&self, function: Analytic, seed: u64) -> Result<Self, EvalError> {
        self.apply(self.value.analytic(function, seed), |value| derivative(function, &self.value, value, seed))
    }
    fn opaque(&self, key: u64, order: u32) -> Result<Self, EvalError> {
        self.apply(self.value.opaque(key, order), |_| self.value.opaque(key, order + 1))
    }
    fn draw(rng: &mut Rng, mode: u32) -> Self {
        Dual::constant(R::draw(rng, mode))
    }
    fn positive_shift() -> Self {
        Dual::constant(R::positive_shift())
    }
    fn discrepancy(&self, other: &Self, scale: f64) -> f64 {
        self.value.discrepancy(&other.value, scale).max(self.slope.discrepancy(&other.slope, scale))
    }
    fn magnitude(&self) -> f64 {
        self.value.magnitude()
    }
    fn is_finite(&self) -> bool {
        self.value.is_finite() && self.slope.is_finite()
    }
    fn report(&self) -> Number {
        self.value.report()
    }
}

macro_rules! step {
    ($base:ty) => {
        impl Tower for $base {
            type Up = Dual<$base>;
            fn raise(value: &Self, slope: &Self) -> Result<Self::Up, EvalError> {
                Ok(Dual { value: value.clone(), slope: slope.clone() })
            }
            fn slope(up: &Self::Up) -> Self {
                up.slope.clone()
            }
        }
    };
}

macro_rules! top {
    ($base:ty) => {
        impl Tower for $base {
            type Up = $base;
            fn raise(_value: &Self, _slope: &Self) -> Result<Self::Up, EvalError> {
                Err(EvalError::Order)
            }
            fn slope(_up: &Self::Up) -> Self {
                Self::zero()
            }
        }
    };
}

step!(Fp);
step!(Dual<Fp>);
step!(Dual<Dual<Fp>>);
top!(Dual<Dual<Dual<Fp>>>);
step!(f64);
step!(Dual<f64>);
step!(Dual<Dual<f64>>);
top!(Dual<Dual<Dual<f64>>>);
step!(Rational);
top!(Dual<Rational>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_derivatives_are_exact() {
        // f(x) = 1/x at 2: f′ = −1/4, f″ = 1/4.
        let x = Dual { value: Dual { value: 2.0, slope: 1.0 }, slope: Dual { value: 1.0, slope: 0.0 } };
        let y = x.reciprocal().unwrap();
        assert_eq!((y.value.value, y.value.slope, y.slope.value, y.slope.slope), (0.5, -0.25, -0.25, 0.25));
    }

    #[test]
    fn a_constant_root_of_zero_is_fine_and_its_derivative_is_not() {
        assert_eq!(Dual::constant(0.0).square_root(), Ok(Dual::constant(0.0)));
        assert_eq!(Dual { value: 0.0, slope: 1.0 }.square_root(), Err(EvalError::DivisionByZero));
    }
}
