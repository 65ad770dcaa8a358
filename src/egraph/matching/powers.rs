//! Commutative products: patterns with factors, of which a part may be taken.

use super::readings::Left;
use super::ways::{Set, Ways, subsets};
use super::{Around, Match, Matcher};
use crate::egraph::language::Node;
use crate::egraph::pattern::{Pattern, Substitution, split_power};
use crate::egraph::ratio::Small;
use crate::ir::normal::Normal;
use crate::ir::{Op, Term, Terms};
use egg::Id;
use smallvec::{SmallVec, smallvec};

/// So many ways to read the factors of a commutative product are followed; their number multiplies with each factor.
const WAYS: usize = 64;

/// A match of the factors of a commutative product.
#[derive(Clone)]
pub(super) struct Powers {
    pub(super) substitution: Substitution,
    pub(super) left: SmallVec<[Left; 4]>,
    pub(super) bridges: Vec<Term>,
}

impl Powers {
    /// Is nothing left of the factors?
    pub(super) fn is_whole(&self) -> bool {
        self.left.iter().all(|left| matches!(left, Left::Gone))
    }
}

impl<'g> Matcher<'g> {
    pub(super) fn root_hadamard(
        &mut self,
        parts: &[(Pattern, Small)],
        node: &Node,
        empty: &Substitution,
    ) -> Vec<Match> {
        let Some(factors) = self.entry_factors(node) else { return Vec::new() };
        let found = self.powers(parts, &factors, true, empty);
        let matches = found.into_iter().map(|powers| Match {
            around: Around::Hadamard(self.rest(&factors, &powers.left)),
            substitution: powers.substitution,
            bridges: powers.bridges,
        });
        matches.collect()
    }

    /// Powers with the factors of a commutative product.
    pub(super) fn powers(
        &mut self,
        parts: &[(Pattern, Small)],
        factors: &[Id],
        root: bool,
        s: &Substitution,
    ) -> Vec<Powers> {
        let left = smallvec![Left::Whole; factors.len()];
        let mut states = vec![Powers { substitution: s.clone(), left, bridges: Vec::new() }];
        for (at, (pattern, exponent)) in parts.iter().enumerate() {
            let last = at + 1 == parts.len();
            let mut next = Vec::new();
            for state in &states {
                match pattern {
                    Pattern::Meta(meta) => self.power_meta(*meta, exponent, factors, (last, root), state, &mut next),
                    _ => self.power(pattern, exponent, factors, state, &mut next),
                }
            }
            states = self.followed(next);
        }
        states
    }

    /// The first of many ways; the others are given up, which the run reports.
    fn followed(&self, mut ways: Vec<Powers>) -> Vec<Powers> {
        if ways.len() > WAYS {
            self.cut.set(true);
            ways.truncate(WAYS);
        }
        ways
    }

    /// `pattern^exponent` with a part of one factor.
    fn power(&mut self, pattern: &Pattern, exponent: &Small, factors: &[Id], state: &Powers, out: &mut Vec<Powers>) {
        for (at, &factor) in factors.iter().enumerate() {
            for view in self.views(factor, &state.left[at]) {
                let total = view.exponent();
                if total.is_positive() != exponent.is_positive() || total.is_smaller(*exponent) {
                    continue;
                }
                let mut found = Vec::new();
                self.class(pattern, view.base, &state.substitution, &mut found);
                let over = total - *exponent;
                for substitution in found {
                    let mut next = Powers { substitution, left: state.left.clone(), bridges: state.bridges.clone() };
                    next.left[at] = if over.is_zero() { Left::Gone } else { Left::Part(view.base, over) };
                    next.bridges.extend(self.bridge(&view));
                    out.push(next);
                }
            }
        }
    }

    fn power_meta(
        &mut self,
        meta: usize,
        exponent: &Small,
        factors: &[Id],
        (last, root): (bool, bool),
        state: &Powers,
        out: &mut Vec<Powers>,
    ) {
        if let Some(bound) = state.substitution.terms[meta] {
            return self.power_bound(bound, exponent, factors, state, out);
        }
        let open: Set = (0..factors.len()).filter(|&at| self.is_open(factors[at], &state.left[at], exponent)).collect();
        if self.rewrite.metas[meta].number {
            let numbers = open.into_iter().filter(|&at| self.store.as_number(self.best(factors[at])).is_some());
            for at in numbers.collect::<Vec<usize>>() {
                self.take(meta, exponent, factors, &[at], state, out);
            }
            return;
        }
        if !exponent.is_positive() {
            // Everything under the fraction; at the root also each part of it.
            let parts = if root && open.len() > 1 { subsets(&open, Ways::Each) } else { SmallVec::new() };
            for set in std::iter::once(open.clone()).chain(parts) {
                self.take(meta, exponent, factors, &set, state, out);
            }
            return;
        }
        let ways = match () {
            () if last => Ways::All,
            () if self.rewrite.first && !root => Ways::First,
            () => Ways::Each,
        };
        for set in subsets(&open, ways) {
            self.take(meta, exponent, factors, &set, state, out);
        }
        if open.len() == 1 && !last && exponent.is_one() {
            self.take_half(meta, factors, open[0], state, out);
        }
    }

    /// Binds a metavariable to a set of factors, raised to 1/exponent.
    fn take(
        &mut self,
        meta: usize,
        exponent: &Small,
        factors: &[Id],
        set: &[usize],
        state: &Powers,
        out: &mut Vec<Powers>,
    ) {
        let terms = set.iter().filter_map(|&at| self.left(factors[at], &state.left[at]));
        let terms: SmallVec<[Term; 4]> = terms.collect();
        if terms.is_empty() {
            return;
        }
        let product = if terms.len() == 1 { terms[0] } else { Normal::new(self.store).hadamard(&terms) };
        let term = if exponent.is_one() {
            product
        } else {
            let reciprocal = self.store.number(exponent.recip().exact());
            Normal::new(self.store).element_power(product, reciprocal)
        };
        if let Some(substitution) = self.bind(meta, term, &state.substitution) {
            let mut next = Powers { substitution, left: state.left.clone(), bridges: state.bridges.clone() };
            for &at in set {
                next.left[at] = Left::Gone;
            }
            out.push(next);
        }
    }

    /// One factor of a square that is the only factor left: `S²` as `S ⊙ S`.
    fn take_half(&mut self, meta: usize, factors: &[Id], at: usize, state: &Powers, out: &mut Vec<Powers>) {
        for view in self.views(factors[at], &state.left[at]) {
            let over = view.exponent() - Small::ONE;
            if !over.is_positive() {
                continue;
            }
            let base = self.best(view.base);
            if let Some(substitution) = self.bind(meta, base, &state.substitution) {
                let mut next = Powers { substitution, left: state.left.clone(), bridges: state.bridges.clone() };
                next.left[at] = Left::Part(view.base, over);
                out.push(next);
            }
        }
    }

    /// A bound metavariable: each of its factors must be there.
    fn power_bound(&mut self, bound: Term, exponent: &Small, factors: &[Id], state: &Powers, out: &mut Vec<Powers>) {
        let single = [bound];
        let parts = match self.store.op(bound) {
            Op::Hadamard => self.store.operands(bound),
            Op::Product if self.store.shape(bound).is_scalar() => self.store.operands(bound),
            _ => Terms::from_slice(&single),
        };
        let mut states = vec![state.clone()];
        for part in parts {
            let (base, inner) = split_power(self.store, part);
            let mut next = Vec::new();
            for state in &states {
                self.power(&Pattern::Ground(part), exponent, factors, state, &mut next);
                if !inner.is_one() {
                    self.power(&Pattern::Ground(base), &(inner * *exponent), factors, state, &mut next);
                }
            }
            states = self.followed(next);
        }
        out.extend(states);
    }
}
