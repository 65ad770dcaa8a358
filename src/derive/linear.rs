//! Linear terms in one unknown that are the multiplication by a matrix, and their inverses.

use super::Deriver;
use crate::ir::normal::Normal;
use crate::ir::{Op, Term};
use crate::shape::Dim;

/// A linear map of one unknown: `left · unknown · right`, or of its transpose.
pub(super) struct Map {
    pub left: Option<Term>,
    pub right: Option<Term>,
    pub transposed: bool,
}

impl Deriver<'_> {
    /// L and R, if a sum is L·target·R, or L·targetᵀ·R; the target stands nowhere else.
    pub(super) fn map_of(&mut self, sum: Term, target: Term) -> Option<Map> {
        let summands = self.summands(sum);
        let mut parts = Vec::new();
        for &summand in &summands {
            parts.push(self.around(summand, target)?);
        }
        let (_, _, transposed) = *parts.first()?;
        if parts.iter().any(|part| part.2 != transposed) {
            return None;
        }
        let is_scalar = self.context.terms.shape(target).is_scalar();
        let store = &self.context.terms;
        let plain = |factors: &[Term]| factors.iter().all(|&factor| store.shape(factor).is_scalar());
        let (left, right) = if is_scalar || parts.iter().all(|(_, right, _)| right.is_empty()) {
            (Some(self.coefficient(parts.into_iter().map(|part| part.0).collect())), None)
        } else if parts.iter().all(|(left, _, _)| plain(left)) {
            let factors = parts.into_iter().map(|(left, right, _)| [left, right].concat()).collect();
            (None, Some(self.coefficient(factors)))
        } else if let [(left, right, _)] = &parts[..] {
            let (left, right) = (left.clone(), right.clone());
            (Some(self.coefficient(vec![left])), Some(self.coefficient(vec![right])))
        } else {
            return None;
        };
        let usable = |side: &Option<Term>| {
            side.is_none_or(|side| {
                let shape = self.context.terms.shape(side);
                shape.is_scalar() || shape.is_square()
            })
        };
        (usable(&left) && usable(&right)).then_some(Map { left, right, transposed })
    }

    /// The factors before and behind the target in a product, and whether it stands there transposed.
    fn around(&mut self, summand: Term, target: Term) -> Option<(Vec<Term>, Vec<Term>, bool)> {
        let transposed = Normal::new(&mut self.context.terms).transpose(target);
        let factors = match self.context.terms.op(summand) {
            Op::Product => self.context.terms.args(summand).to_vec(),
            _ => vec![summand],
        };
        let at = factors.iter().position(|&factor| factor == target || factor == transposed)?;
        let others = [&factors[..at], &factors[at + 1..]].concat();
        if others.iter().any(|&factor| self.context.terms.contains(factor, target)) {
            return None;
        }
        if self.context.terms.shape(target).is_scalar() {
            return Some((others, Vec::new(), false));
        }
        Some((factors[..at].to_vec(), factors[at + 1..].to_vec(), factors[at] != target))
    }

    /// The sum of products of factors; beside a matrix, what is only a scalar is that scalar times I.
    fn coefficient(&mut self, products: Vec<Vec<Term>>) -> Term {
        let mut summands = Vec::new();
        let matrix = products.iter().flatten().find(|&&factor| !self.context.terms.shape(factor).is_scalar()).copied();
        let size = matrix.map_or(Dim::one(), |matrix| self.context.terms.shape(matrix).rows());
        for mut factors in products {
            let plain = factors.iter().all(|&factor| self.context.terms.shape(factor).is_scalar());
            if plain && matrix.is_some() {
                factors.push(self.context.terms.identity(size.clone()));
            }
            let one = self.context.terms.integer(1);
            factors.push(one);
            summands.push(Normal::new(&mut self.context.terms).product(&factors));
        }
        Normal::new(&mut self.context.terms).sum(&summands)
    }

    /// The unknown of `map(unknown) = value`.
    pub(super) fn applied_inverse(&mut self, map: &Map, value: Term) -> Term {
        let mut normal = Normal::new(&mut self.context.terms);
        let mut factors = vec![value];
        for (side, is_left) in [(map.left, true), (map.right, false)] {
            let Some(side) = side else { continue };
            let inverse = if normal.store().shape(side).is_scalar() {
                let minus_one = normal.store_mut().integer(-1);
                normal.power(side, minus_one)
            } else {
                normal.inverse(side)
            };
            if is_left { factors.insert(0, inverse) } else { factors.push(inverse) }
        }
        let solved = normal.product(&factors);
        if map.transposed { normal.transpose(solved) } else { solved }
    }
}
