//! Products: which scalar factors the scalar metavariables stand for. The matrices come after them, in `chains`.

use super::factors::{Factors, leads_negative};
use super::{Goal, Goals, Search, then};
use crate::ir::normal::Normal;
use crate::ir::{Op, Rational, Symbol, Term};
use num_traits::One;
use std::rc::Rc;

/// Scalar patterns with scalar factors; then the chains.
#[derive(Clone, Debug)]
pub(super) struct Scalars {
    pub(super) patterns: Vec<Term>,
    pub(super) factors: Factors,
    pub(super) chain: Rc<[Term]>,
    pub(super) root: bool,
}

impl Search<'_> {
    pub(super) fn product(&mut self, pattern: Term, term: Term, root: bool, next: &Goals) -> bool {
        let mut wanted = Factors::of(&self.patterns.terms, pattern);
        let mut factors = Factors::of(&self.context.terms, term);
        if !wanted.number.is_one() {
            let minus = -wanted.number.clone();
            if minus.is_one() && !root && leads_negative(&self.context.terms, term) {
                // −(x − y) is stored as −x + y.
                let negated = Normal::new(&mut self.context.terms).negate(term);
                factors = Factors::of(&self.context.terms, negated);
            } else if minus.is_one() && factors.number.is_negative() {
                factors.number = -factors.number;
            } else if factors.number == wanted.number {
                factors.number = Rational::one();
            } else {
                return false;
            }
            wanted.number = Rational::one();
        }
        if wanted.chain.len() > factors.chain.len() {
            return false; // each matrix of the pattern stands for one factor at least
        }
        let chain: Rc<[Term]> = wanted.chain.into();
        self.solve(&then(Goal::Scalars(Scalars { patterns: wanted.scalars, factors, chain, root }), next))
    }

    pub(super) fn scalars(&mut self, goal: &Scalars, next: &Goals) -> bool {
        let Some(at) = (0..goal.patterns.len()).min_by_key(|&at| self.rank(goal.patterns[at])) else {
            return self.chains(goal, next);
        };
        let mut after = goal.clone();
        let pattern = after.patterns.remove(at);
        if let Some(known) = self.bound(pattern) {
            return after.factors.take(&self.context.terms, known) && self.solve(&then(Goal::Scalars(after), next));
        }
        let Some(symbol) = self.patterns.terms.as_symbol(pattern) else {
            return (0..goal.factors.scalars.len()).any(|i| {
                let mut after = after.clone();
                let scalar = after.factors.scalars.remove(i);
                let goals = then(Goal::Match(pattern, scalar), &then(Goal::Scalars(after), next));
                self.solve(&goals)
            });
        };
        self.divisions(symbol, &after).into_iter().any(|(taken, left)| {
            let mut after = after.clone();
            after.factors.give_scalars(&self.context.terms, left);
            let value = Normal::new(&mut self.context.terms).product(&taken);
            self.solve(&then(Goal::Match(pattern, value), &then(Goal::Scalars(after), next)))
        })
    }

    /// The ways to divide the scalar factors into those that a free metavariable takes and the others.
    fn divisions(&mut self, symbol: Symbol, goal: &Scalars) -> Vec<(Vec<Term>, Vec<Term>)> {
        let all = goal.factors.clone().take_scalars(&mut self.context.terms);
        if all.is_empty() {
            // 𝟏 is 1·𝟏, where the pattern says a·𝟏; A is not written as 1·A for the pattern a·A.
            let constant = |&matrix: &Term| !matches!(self.patterns.terms.op(matrix), Op::Symbol(_));
            let of_constant =
                matches!(&*goal.chain, [matrix] if self.patterns.terms.args(*matrix).is_empty() && constant(matrix));
            let one = self.context.terms.integer(1);
            return if of_constant && !goal.root { vec![(vec![one], Vec::new())] } else { Vec::new() };
        }
        if self.rule.takes_all(self.patterns, symbol) {
            let (taken, left): (Vec<Term>, Vec<Term>) =
                all.into_iter().partition(|&factor| self.filters(symbol, factor) == Some(true));
            return together_or_singly(taken, &left);
        }
        if !goal.patterns.iter().any(|&pattern| self.is_free(pattern)) {
            return vec![(all, Vec::new())];
        }
        // One factor; the number last.
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|&i| self.context.terms.as_number(all[i]).is_some());
        let divide = |i: usize| {
            let mut left = all.clone();
            (vec![left.remove(i)], left)
        };
        order.into_iter().map(divide).collect()
    }
}

/// All factors that a metavariable takes, or one of them: −1 and 1 − t are together t − 1, and (t − 1) u is not how
/// −(1 − t) u was written.
fn together_or_singly(taken: Vec<Term>, left: &[Term]) -> Vec<(Vec<Term>, Vec<Term>)> {
    if taken.is_empty() {
        return Vec::new();
    }
    let singly = if taken.len() > 1 { 0..taken.len() } else { 0..0 };
    let one = |at: usize| {
        let mut others = taken.clone();
        (vec![others.remove(at)], [others, left.to_vec()].concat())
    };
    let singly: Vec<_> = singly.map(one).collect();
    [vec![(taken, left.to_vec())], singly].concat()
}
