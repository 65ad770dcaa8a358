//! Numbers with infinitesimal parts: a + bε with ε² = 0, where the coefficient of ε is an exact derivative.
//!
//! Each derivative inside a derivative has an ε of its own, of a higher *level*: a and b are again such numbers, with
//! infinitesimals of lower levels only, and the coefficient of two of them is a mixed second derivative. Which ones a
//! number has is known when the program runs, so that one evaluator serves all orders, and what does not vary is a
//! number without ε, at the price of one. Levels keep the ε of an inner derivative apart from that of an outer one.
//!
//! Invariants: a slope that is zero is not kept, so that equal numbers are the same; the highest level stands
//! outermost. Nothing here is a rule of matrix calculus: a matrix of duals is inverted by elimination, and only the
//! scalar functions know their derivatives.

use super::ring::{Analytic, Number, Ring};
use super::{EvalError, Rng};
use crate::ir::Rational;
use std::cmp::Ordering;
use std::rc::Rc;

/// Which ε: the number of derivatives around the one that it belongs to.
pub type Level = u32;

/// Derivatives within derivatives, up to this many.
pub(super) const ORDERS: Level = 3;

/// A number over a ring with infinitesimal parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Dual<R>(Parts<R>);

#[derive(Clone, Debug, PartialEq)]
enum Parts<R> {
    /// A number of the ring.
    Plain(R),
    /// value + slope·ε, in place: nearly all derivatives are first ones.
    First { level: Level, value: R, slope: R },
    /// The same, where the value or the slope has infinitesimals of lower levels.
    Mixed(Rc<Mixed<R>>),
}

#[derive(Clone, Debug, PartialEq)]
struct Mixed<R> {
    level: Level,
    value: Dual<R>,
    slope: Dual<R>,
}

use Parts::{First, Plain};

impl<R: Ring> From<R> for Dual<R> {
    fn from(value: R) -> Self {
        Dual(Plain(value))
    }
}

impl<R: Ring> Dual<R> {
    /// value + slope·ε, where both have infinitesimals below this level only.
    pub fn along(level: Level, value: Self, slope: Self) -> Self {
        debug_assert!(value.level().max(slope.level()).is_none_or(|below| below < level));
        match (value.0, slope.0) {
            (Plain(value), Plain(slope)) => Dual::first(level, value, slope),
            (value, Plain(slope)) if slope.is_zero() => Dual(value),
            (value, slope) => Dual(Parts::Mixed(Rc::new(Mixed { level, value: Dual(value), slope: Dual(slope) }))),
        }
    }

    #[inline]
    fn first(level: Level, value: R, slope: R) -> Self {
        Dual(if slope.is_zero() { Plain(value) } else { First { level, value, slope } })
    }

    /// The coefficient of ε, for a level that is the highest or above it.
    pub fn slope(&self, level: Level) -> Self {
        self.split(level).1
    }

    /// The number without its infinitesimal parts.
    pub fn value(&self) -> &R {
        let mut number = self;
        loop {
            match &number.0 {
                Plain(value) | First { value, .. } => return value,
                Parts::Mixed(mixed) => number = &mixed.value,
            }
        }
    }

    /// The highest level; none without infinitesimals.
    fn level(&self) -> Option<Level> {
        match &self.0 {
            Plain(_) => None,
            First { level, .. } => Some(*level),
            Parts::Mixed(mixed) => Some(mixed.level),
        }
    }

    /// a and b of a + bε, for a level that is the highest or above it.
    fn split(&self, level: Level) -> (Self, Self) {
        match &self.0 {
            First { level: own, value, slope } if *own == level => (value.clone().into(), slope.clone().into()),
            Parts::Mixed(mixed) if mixed.level == level => (mixed.value.clone(), mixed.slope.clone()),
            _ => (self.clone(), Dual::zero()),
        }
    }

    /// The higher of two numbers first: in sums and products the order does not matter.
    fn ordered<'a>(&'a self, other: &'a Self) -> (&'a Self, &'a Self) {
        if self.level() < other.level() { (other, self) } else { (self, other) }
    }

    /// The sum, where something varies.
    fn sum(&self, other: &Self) -> Self {
        let (high, low) = self.ordered(other);
        match (&high.0, &low.0) {
            (Plain(a), _) => a.plus(low.value()).into(),
            (First { level, value, slope }, Plain(b)) => Dual::first(*level, value.plus(b), slope.clone()),
            (First { level, value: a, slope: da }, First { level: same, value: b, slope: db }) if level == same => {
                Dual::first(*level, a.plus(b), da.plus(db))
            }
            _ => {
                let level = high.level().unwrap_or_default();
                let ((a, da), (b, db)) = (high.split(level), low.split(level));
                Dual::along(level, a.plus(&b), da.plus(&db))
            }
        }
    }

    /// The product, where something varies.
    fn product(&self, other: &Self) -> Self {
        let (high, low) = self.ordered(other);
        match (&high.0, &low.0) {
            (Plain(a), _) => a.times(low.value()).into(),
            (First { level, value, slope }, Plain(b)) => Dual::first(*level, value.times(b), slope.times(b)),
            (First { level, value: a, slope: da }, First { level: same, value: b, slope: db }) if level == same => {
                Dual::first(*level, a.times(b), a.times(db).plus(&da.times(b)))
            }
            _ => {
                let level = high.level().unwrap_or_default();
                let (a, da) = high.split(level);
                if low.level() != Some(level) {
                    return Dual::along(level, a.times(low), da.times(low));
                }
                let (b, db) = low.split(level);
                Dual::along(level, a.times(&b), a.times(&db).plus(&da.times(&b)))
            }
        }
    }

    /// Adds a product, where something varies: in place if the sum varies already as the product does.
    #[inline(never)]
    fn add_varying(&mut self, a: &Self, b: &Self) {
        let (a, b) = a.ordered(b);
        match (&mut self.0, &a.0, &b.0) {
            (First { level, value, slope }, First { level: same, value: a, slope: da }, Plain(b)) if level == same => {
                (*value, *slope) = (value.plus(&a.times(b)), slope.plus(&da.times(b)));
            }
            (
                First { level, value, slope },
                First { level: same, value: a, slope: da },
                First { level: also, value: b, slope: db },
            ) if level == same && level == also => {
                *value = value.plus(&a.times(b));
                *slope = slope.plus(&a.times(db).plus(&da.times(b)));
            }
            (Parts::Mixed(sum), Parts::Mixed(a), _) if sum.level == a.level && b.level() < Some(a.level) => {
                let sum = Rc::make_mut(sum);
                sum.value.add_product(&a.value, b);
                sum.slope.add_product(&a.slope, b);
            }
            _ => *self = self.plus(&a.times(b)),
        }
        match &self.0 {
            First { value, slope, .. } if slope.is_zero() => *self = value.clone().into(),
            Parts::Mixed(sum) if sum.slope.is_zero() || sum.slope.is_constant() && sum.value.is_constant() => {
                *self = Dual::along(sum.level, sum.value.clone(), sum.slope.clone());
            }
            _ => {}
        }
    }

    /// f(a + bε) = f(a) + f′(a)b·ε; the derivative is not asked for where b = 0.
    fn apply(&self, function: Smooth<'_>) -> Result<Self, EvalError> {
        match &self.0 {
            Plain(x) => function.value(x).map(Dual::from),
            First { level, value: x, slope } => {
                let value = function.value(x)?;
                let slope = function.derivative(x, &value)?.times(slope);
                Ok(Dual::first(*level, value, slope))
            }
            Parts::Mixed(mixed) => {
                let value = mixed.value.apply(function)?;
                let slope = function.derivative(&mixed.value, &value)?.times(&mixed.slope);
                Ok(Dual::along(mixed.level, value, slope))
            }
        }
    }
}

/// The functions that know their derivatives.
#[derive(Clone, Copy)]
enum Smooth<'a> {
    Reciprocal,
    SquareRoot,
    /// The exponent, and the seed.
    Power(&'a Rational, u64),
    /// The function, and the seed.
    Analytic(Analytic, u64),
    /// The key, and how often it was differentiated.
    Opaque(u64, u32),
}

impl Smooth<'_> {
    fn value<R: Ring>(self, x: &R) -> Result<R, EvalError> {
        match self {
            Smooth::Reciprocal => x.reciprocal(),
            Smooth::SquareRoot => x.square_root(),
            Smooth::Power(exponent, seed) => x.fractional_power(exponent, seed),
            Smooth::Analytic(function, seed) => x.analytic(function, seed),
            Smooth::Opaque(key, order) => x.opaque(key, order),
        }
    }

    /// The derivative at x, where the value is `value`.
    fn derivative<R: Ring>(self, x: &R, value: &R) -> Result<R, EvalError> {
        match self {
            Smooth::Reciprocal => Ok(value.times(value).negated()),
            Smooth::SquareRoot => value.plus(value).reciprocal(),
            Smooth::Power(exponent, _) => Ok(R::from_rational(exponent)?.times(value).times(&x.reciprocal()?)),
            Smooth::Analytic(function, seed) => derivative(function, x, value, seed),
            Smooth::Opaque(key, order) => x.opaque(key, order + 1),
        }
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
        R::zero().into()
    }
    #[inline]
    fn one() -> Self {
        R::one().into()
    }
    fn from_integer(value: i64) -> Self {
        R::from_integer(value).into()
    }
    fn from_rational(value: &Rational) -> Result<Self, EvalError> {
        R::from_rational(value).map(Dual::from)
    }
    #[inline]
    fn plus(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (Plain(a), Plain(b)) => a.plus(b).into(),
            _ => self.sum(other),
        }
    }
    #[inline]
    fn minus(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (Plain(a), Plain(b)) => a.minus(b).into(),
            _ => self.sum(&other.negated()),
        }
    }
    #[inline]
    fn times(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (Plain(a), Plain(b)) => a.times(b).into(),
            _ => self.product(other),
        }
    }
    fn negated(&self) -> Self {
        Dual(match &self.0 {
            Plain(value) => Plain(value.negated()),
            First { level, value, slope } => First { level: *level, value: value.negated(), slope: slope.negated() },
            Parts::Mixed(mixed) => return Dual::along(mixed.level, mixed.value.negated(), mixed.slope.negated()),
        })
    }
    #[inline]
    fn add_product(&mut self, a: &Self, b: &Self) {
        match (&mut self.0, &a.0, &b.0) {
            (Plain(sum), Plain(a), Plain(b)) => sum.add_product(a, b),
            _ => self.add_varying(a, b),
        }
    }
    fn is_zero(&self) -> bool {
        matches!(&self.0, Plain(value) if value.is_zero())
    }
    fn reciprocal(&self) -> Result<Self, EvalError> {
        self.apply(Smooth::Reciprocal)
    }
    fn weight(&self) -> f64 {
        self.value().weight()
    }
    fn sign(&self) -> Result<Ordering, EvalError> {
        self.value().sign()
    }
    fn random_sign(&self, seed: u64) -> Result<Ordering, EvalError> {
        self.value().random_sign(seed)
    }
    fn is_constant(&self) -> bool {
        matches!(self.0, Plain(_))
    }
    fn square_root(&self) -> Result<Self, EvalError> {
        self.apply(Smooth::SquareRoot)
    }
    fn fractional_power(&self, exponent: &Rational, seed: u64) -> Result<Self, EvalError> {
        self.apply(Smooth::Power(exponent, seed))
    }
    fn analytic(&self, function: Analytic, seed: u64) -> Result<Self, EvalError> {
        self.apply(Smooth::Analytic(function, seed))
    }
    fn opaque(&self, key: u64, order: u32) -> Result<Self, EvalError> {
        self.apply(Smooth::Opaque(key, order))
    }
    fn draw(rng: &mut Rng, mode: u32) -> Self {
        R::draw(rng, mode).into()
    }
    fn positive_shift() -> Self {
        R::positive_shift().into()
    }
    fn discrepancy(&self, other: &Self, scale: f64) -> f64 {
        if let (Plain(a), Plain(b)) = (&self.0, &other.0) {
            return a.discrepancy(b, scale);
        }
        let level = self.level().max(other.level()).unwrap_or_default();
        let ((a, da), (b, db)) = (self.split(level), other.split(level));
        a.discrepancy(&b, scale).max(da.discrepancy(&db, scale))
    }
    fn magnitude(&self) -> f64 {
        self.value().magnitude()
    }
    fn is_finite(&self) -> bool {
        match &self.0 {
            Plain(value) => value.is_finite(),
            First { value, slope, .. } => value.is_finite() && slope.is_finite(),
            Parts::Mixed(mixed) => mixed.value.is_finite() && mixed.slope.is_finite(),
        }
    }
    fn report(&self) -> Number {
        self.value().report()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dual(value: f64, slope: f64) -> Dual<f64> {
        Dual::along(0, value.into(), slope.into())
    }

    #[test]
    fn second_derivatives_are_exact() {
        // f(x) = 1/x at 2: f′ = −1/4, f″ = 1/4.
        let x = Dual::along(1, dual(2.0, 1.0), 1.0.into());
        let y = x.reciprocal().unwrap();
        assert_eq!(y, Dual::along(1, dual(0.5, -0.25), dual(-0.25, 0.25)));
        assert_eq!(y.slope(1), dual(-0.25, 0.25));
        assert_eq!(y.slope(1).slope(0), 0.25.into());
    }

    #[test]
    fn levels_do_not_mix() {
        // (1 + ε₀)(1 + ε₁) = 1 + ε₀ + (1 + ε₀)ε₁, whatever the order of the factors; ε₀² = ε₁² = 0.
        let (a, b) = (dual(1.0, 1.0), Dual::along(1, 1.0.into(), 1.0.into()));
        let product = Dual::along(1, dual(1.0, 1.0), dual(1.0, 1.0));
        assert_eq!((a.times(&b), b.times(&a)), (product.clone(), product.clone()));
        assert_eq!(a.slope(1), Dual::zero());
        let powers = Dual::along(1, dual(1.0, 2.0), dual(2.0, 4.0));
        assert_eq!(product.times(&product), powers);
        assert_eq!(powers.minus(&product).plus(&product), powers);
    }

    #[test]
    fn what_no_longer_varies_is_a_number() {
        let x = dual(3.0, 1.0);
        assert_eq!(x.minus(&x), Dual::zero());
        assert!(x.minus(&dual(1.0, 1.0)).is_constant());
        let mixed = Dual::along(2, x.clone(), x.clone());
        assert_eq!(mixed.minus(&Dual::along(2, Dual::zero(), x.clone())), x);
        assert!(!mixed.is_constant() && mixed.times(&Dual::zero()).is_zero());
    }

    #[test]
    fn a_product_added_in_place_is_the_sum_with_it() {
        let parts = [(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (2.0, 1.0), (-2.0, -1.0), (0.0, 1.0), (0.0, -1.0)]
            .map(|(x, dx)| dual(x, dx));
        let pairs = parts.iter().flat_map(|value| parts.iter().map(move |slope| (value, slope)));
        let numbers: Vec<_> = pairs.map(|(value, slope)| Dual::along(1, value.clone(), slope.clone())).collect();
        for (sum, a, b) in itertools::iproduct!(&numbers, &numbers, &numbers) {
            let mut total = sum.clone();
            total.add_product(a, b);
            assert_eq!(total, sum.plus(&a.times(b)), "{sum:?} + {a:?}·{b:?}");
        }
    }

    #[test]
    fn a_constant_root_of_zero_is_fine_and_its_derivative_is_not() {
        assert_eq!(dual(0.0, 0.0).square_root(), Ok(dual(0.0, 0.0)));
        assert_eq!(dual(0.0, 1.0).square_root(), Err(EvalError::DivisionByZero));
    }
}
