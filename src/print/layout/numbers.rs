//! Numbers, dimensions, and products with a number in front.

use super::{Layout, Raise, negative, sign_and_size, signs_in_order};
use crate::ir::Rational;
use crate::shape::Dim;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

pub(super) fn integer(value: impl ToString) -> Layout {
    Layout::Integer(value.to_string())
}

/// `3`, `−3`, `2/3`.
pub(super) fn rational(value: &Rational) -> Layout {
    times(value.clone(), Vec::new(), Vec::new())
}

/// The number that all coefficients share, > 0: a whole number above 1, or one denominator; otherwise 1.
/// A sum of negative terms only keeps its signs unless something is shared.
pub(super) fn common<'a>(coefficients: impl Iterator<Item = &'a Rational> + Clone) -> Rational {
    if coefficients.clone().count() < 2 || coefficients.clone().any(Zero::is_zero) {
        return Rational::one();
    }
    let numerator = coefficients.clone().fold(BigInt::ZERO, |gcd, value| gcd.gcd(&value.numer()));
    let mut denominators = coefficients.clone().map(Rational::denom);
    let first = denominators.next().unwrap_or_else(BigInt::one);
    if denominators.any(|denominator| denominator != first) {
        return Rational::one();
    }
    let size = Rational::new(numerator, first);
    let all_negative = coefficients.clone().all(Rational::is_negative);
    if all_negative && !size.is_one() { -size } else { size }
}

/// `number · above / below`, with the sign outside.
pub(super) fn times(number: Rational, above: Vec<Layout>, below: Vec<Layout>) -> Layout {
    let (minus, size) = sign_and_size(&number);
    let (mut above, mut below) = (above, below);
    // `2xᵀAy`, where xᵀAy alone stands behind the number.
    if let [Layout::Product(factors)] = &mut above[..]
        && !matches!(factors.first(), Some(Layout::Integer(_)))
    {
        above = std::mem::take(factors);
    }
    // A sign of the first factor is the sign of the product.
    if !size.numer().is_one() || above.is_empty() {
        above.insert(0, integer(size.numer()));
    }
    if !size.denom().is_one() {
        below.insert(0, integer(size.denom()));
    }
    let above = product(above);
    let layout = match below.is_empty() {
        true => above,
        false => Layout::Fraction(Box::new(above), Box::new(product(below))),
    };
    if minus { negative(layout) } else { layout }
}

/// The product of factors; a single factor is itself.
pub(super) fn product(mut factors: Vec<Layout>) -> Layout {
    match factors.len() {
        1 => factors.remove(0),
        _ => Layout::Product(factors),
    }
}

/// A dimension as a scalar.
pub(super) fn dimension(size: &Dim) -> Layout {
    let (named, constant): (Vec<_>, Vec<_>) = size.terms().partition(|(_, names)| !names.is_empty());
    let summand = |(coefficient, names): (i64, &[(crate::shape::DimName, u32)])| {
        let factors = names.iter().map(|(name, power)| raised(Layout::Name(name.name.to_string()), *power)).collect();
        times(Rational::from_integer(coefficient), factors, Vec::new())
    };
    let summands: Vec<Layout> = named.into_iter().chain(constant).map(summand).collect();
    if summands.is_empty() { integer(0) } else { signs_in_order(summands) }
}

fn raised(base: Layout, power: u32) -> Layout {
    if power == 1 { base } else { Layout::Raised(Box::new(base), Raise::Power(Box::new(integer(power)))) }
}
