//! Normal sums: flat, collected, sorted.

use super::Normal;
use crate::ir::hash::FastMap;
use crate::ir::{Op, Rational, Term, compare};
use num_traits::Zero;

impl Normal<'_> {
    /// The sum of normal terms of one shape.
    ///
    /// # Panics
    /// If `terms` is empty or the shapes differ.
    pub fn sum(&mut self, terms: &[Term]) -> Term {
        let shape = self.store.shape(terms[0]).clone();
        let flat = self.flatten(Op::Sum, terms);
        let mut collected: Vec<(Term, Rational)> = Vec::with_capacity(flat.len());
        let mut position: FastMap<Term, usize> = FastMap::default();
        for term in flat {
            assert_eq!(*self.store.shape(term), shape, "summands of different shapes");
            if self.store.is_zero(term) {
                self.fire("add-zero");
                continue;
            }
            let (coefficient, core) = self.split_coefficient(term);
            match position.get(&core) {
                Some(&at) => {
                    self.fire("collect-terms");
                    collected[at].1 += coefficient;
                }
                None => {
                    position.insert(core, collected.len());
                    collected.push((core, coefficient));
                }
            }
        }
        collected.retain(|(_, coefficient)| !coefficient.is_zero());
        collected.sort_by(|(a, _), (b, _)| compare(self.store, *a, *b));
        let terms: Vec<Term> = collected.into_iter().map(|(core, coefficient)| self.scale(coefficient, core)).collect();
        match terms.as_slice() {
            [] => self.store.zero(shape),
            [single] => *single,
            _ => self.store.make(Op::Sum, &terms),
        }
    }

    /// The arguments of nested `op` nodes in order.
    pub(super) fn flatten(&self, op: Op, terms: &[Term]) -> Vec<Term> {
        terms
            .iter()
            .flat_map(|&term| if *self.store.op(term) == op { self.store.args(term).to_vec() } else { vec![term] })
            .collect()
    }
}
