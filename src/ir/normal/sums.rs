//! Normal sums: flat, collected, sorted.

use super::Normal;
use crate::ir::hash::FastMap;
use crate::ir::{Op, Rational, Term, compare};
use num_traits::Zero;
use smallvec::smallvec;

/// A summand: a number, and what it multiplies.
struct Like {
    coefficient: Rational,
    core: Term,
    /// The core is minus the same with its differences turned.
    turned: bool,
}

impl Normal<'_> {
    /// The sum of normal terms of one shape.
    ///
    /// # Panics
    /// If `terms` is empty or the shapes differ.
    pub fn sum(&mut self, terms: &[Term]) -> Term {
        let shape = self.store.shape(terms[0]).clone();
        let flat = self.flatten(Op::Sum, terms);
        let mut collected: Vec<Like> = Vec::with_capacity(flat.len());
        let mut position: FastMap<Term, usize> = FastMap::default();
        for term in flat {
            assert_eq!(*self.store.shape(term), shape, "summands of different shapes");
            if self.store.is_zero(term) {
                self.fire("add-zero");
                continue;
            }
            let (coefficient, core) = self.split_coefficient(term);
            let (turned, key) = self.with_signs_in_front(core);
            let new = Like { coefficient, core, turned };
            match position.get(&key) {
                Some(&at) => self.collect_like(&mut collected[at], new, key),
                None => {
                    position.insert(key, collected.len());
                    collected.push(new);
                }
            }
        }
        collected.retain(|like| !like.coefficient.is_zero());
        collected.sort_by(|a, b| compare(self.store, a.core, b.core));
        let terms: Vec<Term> = collected.into_iter().map(|like| self.scale(like.coefficient, like.core)).collect();
        match terms.as_slice() {
            [] => self.store.zero(shape),
            [single] => *single,
            _ => self.store.make(Op::Sum, &terms),
        }
    }

    /// Adds a summand to a like one; where they differ by differences turned round, both are written as `key`.
    fn collect_like(&mut self, like: &mut Like, new: Like, key: Term) {
        self.fire("collect-terms");
        if like.core == new.core {
            like.coefficient += new.coefficient;
            return;
        }
        self.fire("collect-opposites");
        let coefficient = std::mem::take(&mut like.coefficient);
        let in_key = |coefficient: Rational, turned| if turned { -coefficient } else { coefficient };
        like.coefficient = in_key(coefficient, like.turned) + in_key(new.coefficient, new.turned);
        (like.core, like.turned) = (key, false);
    }

    /// The arguments of nested `op` nodes in order.
    pub(super) fn flatten(&self, op: Op, terms: &[Term]) -> Vec<Term> {
        terms
            .iter()
            .flat_map(|&term| if *self.store.op(term) == op { self.store.operands(term) } else { smallvec![term] })
            .collect()
    }
}
