//! The integers modulo the prime p = 2⁶¹ − 1.
//!
//! Rational identities that fail, fail here at a random point with probability about 1 − degree/2⁶¹. Square roots
//! are exact where they exist (p ≡ 3 mod 4). Transcendental functions are random oracles: functions of their argument
//! that keep the symmetries named in [`Fp::analytic`] and nothing else, so that agreement proves and disagreement
//! may only mean that a functional equation (e^(a+b) = eᵃeᵇ) is needed.

use super::random::hash;
use super::ring::{Analytic, Number, Ring};
use super::{EvalError, Rng};
use crate::ir::Rational;
use num_traits::ToPrimitive;
use std::cmp::Ordering;

/// The modulus, a Mersenne prime.
pub const P: u64 = (1 << 61) - 1;

/// A residue mod p, less than p.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fp(u64);

impl Fp {
    /// The residue of a number.
    pub fn new(value: u64) -> Self {
        let folded = (value & P) + (value >> 61);
        Fp(if folded >= P { folded - P } else { folded })
    }

    /// The residue as a number below p.
    pub fn residue(self) -> u64 {
        self.0
    }

    fn power(self, mut exponent: u64) -> Self {
        let (mut square, mut power) = (self, Fp(1));
        while exponent > 0 {
            if exponent & 1 == 1 {
                power = power.times(&square);
            }
            square = square.times(&square);
            exponent >>= 1;
        }
        power
    }

    fn oracle(self, function: u64, seed: u64) -> Self {
        Fp::new(hash(&[seed, function, self.0]))
    }

    /// An odd random function: f(−x) = −f(x).
    fn odd_oracle(self, function: u64, seed: u64) -> Self {
        if self.0 == 0 {
            return self;
        }
        let negative = self.negated();
        if self.0 < negative.0 { self.oracle(function, seed) } else { negative.oracle(function, seed).negated() }
    }

    /// A random function with f(−x) = 1/f(x) and f(0) = 1.
    fn exp_oracle(self, seed: u64) -> Self {
        if self.0 == 0 {
            return Fp(1);
        }
        let negative = self.negated();
        if self.0 < negative.0 { self.oracle(0, seed) } else { negative.oracle(0, seed).reciprocal().unwrap_or(Fp(1)) }
    }

    /// A random function with f(1/x) = −f(x) and f(1) = 0.
    fn log_oracle(self, seed: u64) -> Result<Self, EvalError> {
        let inverse = self.reciprocal().map_err(|_| EvalError::Undefined("log"))?;
        Ok(match self.0.cmp(&inverse.0) {
            Ordering::Less => self.oracle(1, seed),
            Ordering::Equal => Fp(0),
            Ordering::Greater => inverse.oracle(1, seed).negated(),
        })
    }
}

impl Ring for Fp {
    #[inline]
    fn zero() -> Self {
        Fp(0)
    }
    #[inline]
    fn one() -> Self {
        Fp(1)
    }
    fn from_integer(value: i64) -> Self {
        let size = Fp::new(value.unsigned_abs());
        if value < 0 { size.negated() } else { size }
    }
    fn from_rational(value: &Rational) -> Result<Self, EvalError> {
        let reduce = |n: num_bigint::BigInt| {
            let residue = n % P;
            Fp::from_integer(residue.to_i64().unwrap_or(0))
        };
        if let Some((n, 1)) = value.small() {
            return Ok(Fp::from_integer(n));
        }
        Ok(reduce(value.numer()).times(&reduce(value.denom()).reciprocal()?))
    }
    #[inline]
    fn plus(&self, other: &Self) -> Self {
        let sum = self.0 + other.0;
        Fp(if sum >= P { sum - P } else { sum })
    }
    #[inline]
    fn minus(&self, other: &Self) -> Self {
        Fp(if self.0 >= other.0 { self.0 - other.0 } else { self.0 + P - other.0 })
    }
    #[inline]
    fn times(&self, other: &Self) -> Self {
        let product = u128::from(self.0) * u128::from(other.0);
        let folded = (product as u64 & P) + (product >> 61) as u64;
        Fp(if folded >= P { folded - P } else { folded })
    }
    fn reciprocal(&self) -> Result<Self, EvalError> {
        if self.0 == 0 {
            return Err(EvalError::DivisionByZero);
        }
        // The extended Euclidean algorithm; |coefficients| stay below p, which fits.
        let (mut a, mut b, mut s, mut t) = (P as i64, self.0 as i64, 0i64, 1i64);
        while b != 0 {
            let quotient = a / b;
            (a, b) = (b, a - quotient * b);
            (s, t) = (t, s - quotient * t);
        }
        Ok(Fp::from_integer(s))
    }
    fn weight(&self) -> f64 {
        self.magnitude()
    }
    fn sign(&self) -> Result<Ordering, EvalError> {
        Err(EvalError::NeedsOrder)
    }
    fn random_sign(&self, seed: u64) -> Result<Ordering, EvalError> {
        let negative = self.negated();
        let is_positive = |x: Fp| x.oracle(8, seed).0.is_multiple_of(2);
        Ok(match self.0.cmp(&negative.0) {
            Ordering::Equal => Ordering::Equal,
            Ordering::Less if is_positive(*self) => Ordering::Greater,
            Ordering::Greater if !is_positive(negative) => Ordering::Greater,
            _ => Ordering::Less,
        })
    }
    fn is_constant(&self) -> bool {
        true
    }
    fn square_root(&self) -> Result<Self, EvalError> {
        // p ≡ 3 mod 4: x^((p+1)/4) squares to ±x, and is itself a square.
        let root = self.power(P.div_ceil(4));
        if root.times(&root) == *self { Ok(root) } else { Err(EvalError::NoRoot) }
    }
    fn fractional_power(&self, exponent: &Rational, seed: u64) -> Result<Self, EvalError> {
        if self.0 == 0 {
            return Err(EvalError::Undefined("power"));
        }
        let key = hash(&[Fp::from_rational(exponent)?.0, 7]);
        Ok(self.oracle(key, seed))
    }
    /// exp keeps e^(−x) = 1/eˣ and e⁰ = 1; log keeps log(1/x) = −log x; sin, arcsin and arctan are odd, cos is even.
    fn analytic(&self, function: Analytic, seed: u64) -> Result<Self, EvalError> {
        Ok(match function {
            Analytic::Exp => self.exp_oracle(seed),
            Analytic::Log => return self.log_oracle(seed),
            Analytic::Sin => self.odd_oracle(2, seed),
            Analytic::Cos if self.0 == 0 => Fp(1),
            Analytic::Cos => Fp(self.0.min(self.negated().0)).oracle(3, seed),
            Analytic::Arcsin => self.odd_oracle(4, seed),
            Analytic::Arccos => self.oracle(5, seed),
            Analytic::Arctan => self.odd_oracle(6, seed),
        })
    }
    fn opaque(&self, key: u64, order: u32) -> Result<Self, EvalError> {
        Ok(self.oracle(key, u64::from(order)))
    }
    fn draw(rng: &mut Rng, mode: u32) -> Self {
        let value = Fp::new(rng.bits());
        if mode % 2 == 1 { value.times(&value) } else { value }
    }
    fn positive_shift() -> Self {
        Fp(0)
    }
    fn discrepancy(&self, other: &Self, _scale: f64) -> f64 {
        if self == other { 0.0 } else { 1.0 }
    }
    fn magnitude(&self) -> f64 {
        if self.0 == 0 { 0.0 } else { 1.0 }
    }
    fn report(&self) -> Number {
        Number::Residue(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::ratio;

    #[test]
    fn arithmetic_is_modular() {
        let x = Fp::from_integer(-1);
        assert_eq!(x.residue(), P - 1);
        assert_eq!(x.times(&x), Fp(1));
        let third = Fp::from_rational(&ratio(-1, 3)).unwrap();
        assert_eq!(third.times(&Fp(3)), x);
        assert_eq!(Fp(0).reciprocal(), Err(EvalError::DivisionByZero));
        assert_eq!(Fp(12345).reciprocal().unwrap().times(&Fp(12345)), Fp(1));
    }

    #[test]
    fn roots_exist_for_squares_only() {
        let nine = Fp(9);
        let root = nine.square_root().unwrap();
        assert_eq!(root.times(&root), nine);
        assert_eq!(nine.negated().square_root(), Err(EvalError::NoRoot));
    }

    #[test]
    fn oracles_keep_their_symmetries() {
        let x = Fp(987_654_321);
        let exp = |x: Fp| x.analytic(Analytic::Exp, 1).unwrap();
        assert_eq!(exp(x).times(&exp(x.negated())), Fp(1));
        let log = |x: Fp| x.analytic(Analytic::Log, 1).unwrap();
        assert_eq!(log(x.reciprocal().unwrap()), log(x).negated());
        assert_eq!(log(Fp(1)), Fp(0));
    }
}
