//! Dimensions as canonical polynomials in named sizes with integer coefficients.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Add, Mul};
use std::sync::Arc;

/// A named size. Names are ordered by `order` (their order of declaration), so that `N·M` prints as the user
/// would write it; a name has one order within a context.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DimName {
    /// The position of the name among the names of its context.
    pub order: u32,
    /// The name as it is printed.
    pub name: Arc<str>,
}

/// A product of named sizes with exponents, sorted; empty for the constant term.
type Monomial = Vec<(DimName, u32)>;

/// A dimension: a polynomial in named sizes.
///
/// ```
/// use gradus::shape::Dim;
/// let (n, m) = (Dim::named(0, "N"), Dim::named(1, "M"));
/// assert_eq!(n.clone() * m.clone(), m.clone() * n.clone());
/// assert_eq!((n.clone() * m * n).to_string(), "N²·M");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dim(Arc<BTreeMap<Monomial, i64>>);

impl Dim {
    /// The size `value`.
    pub fn constant(value: i64) -> Self {
        let mut terms = BTreeMap::new();
        if value != 0 {
            terms.insert(Monomial::new(), value);
        }
        Dim(Arc::new(terms))
    }

    /// The size 1.
    pub fn one() -> Self {
        Dim::constant(1)
    }

    /// A named size; `order` is its place among the names of the context.
    pub fn named(order: u32, name: &str) -> Self {
        Dim::from(DimName { order, name: name.into() })
    }

    /// Is it the number 1?
    pub fn is_one(&self) -> bool {
        self.as_constant() == Some(1)
    }

    /// The number, if it has no names.
    pub fn as_constant(&self) -> Option<i64> {
        match self.0.len() {
            0 => Some(0),
            1 => self.0.get(&Monomial::new()).copied(),
            _ => None,
        }
    }

    /// The name, if it is exactly one name.
    pub fn as_name(&self) -> Option<&DimName> {
        let (monomial, &coefficient) = self.0.first_key_value().filter(|_| self.0.len() == 1)?;
        match monomial.as_slice() {
            [(name, 1)] if coefficient == 1 => Some(name),
            _ => None,
        }
    }

    /// A number or a single name: prints without brackets.
    pub fn is_simple(&self) -> bool {
        self.as_constant().is_some() || self.as_name().is_some()
    }

    /// All names in it, in order.
    pub fn names(&self) -> Vec<DimName> {
        let mut names: Vec<DimName> =
            self.0.keys().flat_map(|monomial| monomial.iter().map(|(name, _)| name.clone())).collect();
        names.sort();
        names.dedup();
        names
    }

    /// The value when `size` gives each name a number; `None` if a name has none or the value overflows.
    pub fn evaluate(&self, size: &impl Fn(&DimName) -> Option<i64>) -> Option<i64> {
        self.0.iter().try_fold(0i64, |sum, (monomial, coefficient)| {
            let product = monomial.iter().try_fold(*coefficient, |product, (name, exponent)| {
                product.checked_mul(size(name)?.checked_pow(*exponent)?)
            })?;
            sum.checked_add(product)
        })
    }

    /// Every name replaced by the dimension that `replace` gives (or kept where it gives none).
    pub fn substitute(&self, replace: &impl Fn(&DimName) -> Option<Dim>) -> Dim {
        self.0.iter().fold(Dim::constant(0), |sum, (monomial, coefficient)| {
            let product = monomial.iter().fold(Dim::constant(*coefficient), |product, (name, exponent)| {
                let factor = replace(name).unwrap_or_else(|| Dim::from(name.clone()));
                (0..*exponent).fold(product, |product, _| product * factor.clone())
            });
            sum + product
        })
    }

    /// Two products without what is a factor of both: p and m for n·p and n·m. `None` if one is a sum, or they share
    /// nothing.
    pub fn without_common_factors(&self, other: &Dim) -> Option<(Dim, Dim)> {
        let single = |dim: &Dim| -> Option<(BTreeMap<DimName, u32>, i64)> {
            let (monomial, &coefficient) = dim.0.first_key_value().filter(|_| dim.0.len() == 1)?;
            Some((monomial.iter().cloned().collect(), coefficient))
        };
        let ((mut left, mut a), (mut right, mut b)) = (single(self)?, single(other)?);
        let common = num_integer::gcd(a, b);
        (a, b) = (a / common, b / common);
        for (name, exponent) in &mut left {
            let shared = right.get(name).map_or(0, |other| *other.min(exponent));
            *exponent -= shared;
            right.entry(name.clone()).and_modify(|other| *other -= shared);
        }
        let dim = |names: BTreeMap<DimName, u32>, coefficient| {
            let monomial: Monomial = names.into_iter().filter(|(_, exponent)| *exponent > 0).collect();
            Dim(Arc::new(BTreeMap::from([(monomial, coefficient)])))
        };
        let reduced = (dim(left, a), dim(right, b));
        (reduced.0 != *self).then_some(reduced)
    }

    /// The terms: coefficient and names with exponents, in order.
    pub fn terms(&self) -> impl Iterator<Item = (i64, &[(DimName, u32)])> {
        self.0.iter().map(|(monomial, coefficient)| (*coefficient, monomial.as_slice()))
    }
}

impl From<DimName> for Dim {
    fn from(name: DimName) -> Self {
        Dim(Arc::new(BTreeMap::from([(vec![(name, 1)], 1)])))
    }
}

impl Add for Dim {
    type Output = Dim;
    fn add(self, other: Dim) -> Dim {
        let mut terms = (*self.0).clone();
        for (monomial, coefficient) in other.0.iter() {
            let sum = terms.entry(monomial.clone()).or_insert(0);
            *sum = sum.saturating_add(*coefficient);
        }
        terms.retain(|_, coefficient| *coefficient != 0);
        Dim(Arc::new(terms))
    }
}

impl Mul for Dim {
    type Output = Dim;
    fn mul(self, other: Dim) -> Dim {
        if self.is_one() {
            return other;
        }
        if other.is_one() {
            return self;
        }
        let mut terms = BTreeMap::new();
        for (left, a) in self.0.iter() {
            for (right, b) in other.0.iter() {
                let sum: &mut i64 = terms.entry(times(left, right)).or_insert(0);
                *sum = sum.saturating_add(a.saturating_mul(*b));
            }
        }
        terms.retain(|_, coefficient| *coefficient != 0);
        Dim(Arc::new(terms))
    }
}

fn times(left: &Monomial, right: &Monomial) -> Monomial {
    let mut exponents: BTreeMap<DimName, u32> = left.iter().cloned().collect();
    for (name, exponent) in right {
        *exponents.entry(name.clone()).or_insert(0) += exponent;
    }
    exponents.into_iter().collect()
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("0");
        }
        // Names before the constant term: `n + 1`.
        let ordered = self.0.iter().filter(|(m, _)| !m.is_empty()).chain(self.0.iter().filter(|(m, _)| m.is_empty()));
        for (i, (monomial, coefficient)) in ordered.enumerate() {
            let sign = match (i, *coefficient < 0) {
                (0, true) => "−",
                (0, false) => "",
                (_, true) => " − ",
                (_, false) => " + ",
            };
            f.write_str(sign)?;
            let size = coefficient.unsigned_abs();
            if monomial.is_empty() {
                write!(f, "{size}")?;
                continue;
            }
            if size != 1 {
                write!(f, "{size}·")?;
            }
            for (j, (name, exponent)) in monomial.iter().enumerate() {
                let dot = if j == 0 { "" } else { "·" };
                write!(f, "{dot}{}{}", name.name, superscript(*exponent))?;
            }
        }
        Ok(())
    }
}

fn superscript(exponent: u32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    if exponent == 1 {
        return String::new();
    }
    exponent.to_string().bytes().map(|digit| DIGITS[(digit - b'0') as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_commute_and_sums_cancel() {
        let (n, m) = (Dim::named(0, "N"), Dim::named(1, "M"));
        assert_eq!(n.clone() * m.clone(), m.clone() * n.clone());
        assert_eq!(n.clone() + Dim::constant(-1) + Dim::one(), n);
        assert_eq!((m.clone() * n.clone() + Dim::constant(2)).to_string(), "N·M + 2");
    }

    #[test]
    fn common_factors_of_products_are_taken_out() {
        let [n, m, p] = [0, 1, 2].map(|order| Dim::named(order, ["n", "m", "p"][order as usize]));
        let (np, nm) = (n.clone() * p.clone(), n.clone() * m.clone());
        assert_eq!(np.without_common_factors(&nm), Some((p.clone(), m.clone())));
        assert_eq!(np.without_common_factors(&n), Some((p.clone(), Dim::one())));
        let (four, six) = (Dim::constant(4) * n.clone() * n.clone(), Dim::constant(6) * n.clone());
        assert_eq!(four.without_common_factors(&six), Some((Dim::constant(2) * n.clone(), Dim::constant(3))));
        assert_eq!(m.without_common_factors(&p), None);
        assert_eq!((n.clone() + m).without_common_factors(&n), None);
    }

    #[test]
    fn evaluation_needs_every_name_and_reports_overflow() {
        let n = Dim::named(0, "n");
        let square = n.clone() * n.clone();
        assert_eq!(square.evaluate(&|_| Some(7)), Some(49));
        assert_eq!(square.evaluate(&|_| None), None);
        assert_eq!(square.evaluate(&|_| Some(i64::MAX)), None);
    }
}
