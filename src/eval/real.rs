//! Floating-point numbers as a ring; transcendental functions come from `libm`, so that all machines agree.

use super::ring::{Analytic, Number, Ring};
use super::{EvalError, Rng};
use crate::ir::Rational;
use num_traits::ToPrimitive;
use std::cmp::Ordering;

/// Closer to zero than this, a sign may be an accident of rounding: values are of order 1, rounding of order 1e-16.
const NEAR: f64 = 1e-9;

fn finite(value: f64) -> Result<f64, EvalError> {
    if value.is_finite() { Ok(value) } else { Err(EvalError::Overflow) }
}

impl Ring for f64 {
    #[inline]
    fn zero() -> Self {
        0.0
    }
    #[inline]
    fn one() -> Self {
        1.0
    }
    fn from_integer(value: i64) -> Self {
        value as f64
    }
    fn from_rational(value: &Rational) -> Result<Self, EvalError> {
        value.to_f64().ok_or(EvalError::Overflow).and_then(finite)
    }
    #[inline]
    fn plus(&self, other: &Self) -> Self {
        self + other
    }
    #[inline]
    fn minus(&self, other: &Self) -> Self {
        self - other
    }
    #[inline]
    fn times(&self, other: &Self) -> Self {
        self * other
    }
    fn reciprocal(&self) -> Result<Self, EvalError> {
        if *self == 0.0 { Err(EvalError::DivisionByZero) } else { finite(1.0 / self) }
    }
    fn weight(&self) -> f64 {
        self.abs()
    }
    fn sign(&self) -> Result<Ordering, EvalError> {
        if *self != 0.0 && self.abs() < NEAR {
            return Err(EvalError::Kink);
        }
        self.partial_cmp(&0.0).ok_or(EvalError::Overflow)
    }
    fn is_constant(&self) -> bool {
        true
    }
    fn square_root(&self) -> Result<Self, EvalError> {
        if *self < 0.0 { Err(EvalError::Undefined("sqrt")) } else { Ok(self.sqrt()) }
    }
    fn fractional_power(&self, exponent: &Rational, _seed: u64) -> Result<Self, EvalError> {
        if *self <= 0.0 {
            return Err(EvalError::Undefined("power"));
        }
        finite(libm::pow(*self, f64::from_rational(exponent)?))
    }
    fn analytic(&self, function: Analytic, _seed: u64) -> Result<Self, EvalError> {
        let x = *self;
        match function {
            Analytic::Exp => finite(libm::exp(x)),
            Analytic::Log if x <= 0.0 => Err(EvalError::Undefined("log")),
            Analytic::Log => finite(libm::log(x)),
            Analytic::Sin => finite(libm::sin(x)),
            Analytic::Cos => finite(libm::cos(x)),
            Analytic::Arcsin | Analytic::Arccos if x.abs() >= 1.0 => Err(EvalError::Undefined("arcsin")),
            Analytic::Arcsin => Ok(libm::asin(x)),
            Analytic::Arccos => Ok(libm::acos(x)),
            Analytic::Arctan => Ok(libm::atan(x)),
        }
    }
    /// Two sine waves with random amplitudes, frequencies and phases: every derivative is known.
    fn opaque(&self, key: u64, order: u32) -> Result<Self, EvalError> {
        let mut rng = Rng::new(key);
        let mut wave = || {
            let (amplitude, frequency, phase) = (0.5 + rng.unit(), 0.5 + rng.unit(), 6.0 * rng.unit());
            let turned = frequency * self + phase + f64::from(order % 4) * std::f64::consts::FRAC_PI_2;
            amplitude * (0..order).fold(1.0, |power, _| power * frequency) * libm::sin(turned)
        };
        finite(wave() + wave())
    }
    /// Mode 0: both signs, away from 0; 1: positive; 2: small, both signs; 3: small and positive.
    fn draw(rng: &mut Rng, mode: u32) -> Self {
        let (low, high) = if mode % 4 < 2 { (0.3, 1.7) } else { (0.05, 0.4) };
        let size = low + (high - low) * rng.unit();
        if mode.is_multiple_of(2) && rng.bits() & 1 == 1 { -size } else { size }
    }
    fn positive_shift() -> Self {
        0.0625
    }
    fn discrepancy(&self, other: &Self, scale: f64) -> f64 {
        let difference = (self - other).abs();
        if difference == 0.0 { 0.0 } else { difference / scale.max(f64::MIN_POSITIVE) }
    }
    fn magnitude(&self) -> f64 {
        self.abs()
    }
    fn is_finite(&self) -> bool {
        f64::is_finite(*self)
    }
    fn report(&self) -> Number {
        Number::Real(*self)
    }
}
