//! Sums and Hadamard products: patterns with operands in any order.

use super::{Goal, Goals, Rest, Search, then};
use crate::ir::normal::Normal;
use crate::ir::{Op, Term, Terms};

/// Patterns with operands of a commutative operator.
#[derive(Clone, Debug)]
pub(super) struct Operands {
    pub(super) op: Op,
    pub(super) patterns: Terms,
    pub(super) operands: Terms,
    pub(super) root: bool,
}

impl Search<'_> {
    pub(super) fn operands_of(&mut self, pattern: Term, term: Term, root: bool, next: &Goals) -> bool {
        let op = self.patterns.terms.op(pattern).clone();
        let patterns = self.patterns.terms.operands(pattern);
        let operands = self.context.terms.operands(term);
        self.solve(&then(Goal::Operands(Operands { op, patterns, operands, root }), next))
    }

    pub(super) fn operands(&mut self, goal: &Operands, next: &Goals) -> bool {
        let Some(at) = (0..goal.patterns.len()).min_by_key(|&at| self.rank(goal.patterns[at])) else {
            if goal.root && !goal.operands.is_empty() {
                self.rest = Rest::Operands(goal.op.clone(), goal.operands.to_vec());
            } else if goal.root {
                self.rest = Rest::Nothing;
            }
            return (goal.root || goal.operands.is_empty()) && self.solve(next);
        };
        if goal.operands.len() < goal.patterns.len() && !goal.root {
            let bound = goal.patterns.iter().any(|&pattern| self.bound(pattern).is_some());
            if !bound {
                return false;
            }
        }
        let mut after = goal.clone();
        let pattern = after.patterns.remove(at);
        if let Some(known) = self.bound(pattern) {
            return self.take_operands(known, &mut after) && self.solve(&then(Goal::Operands(after), next));
        }
        if self.is_free(pattern) && after.patterns.is_empty() && !goal.root {
            let rest = Normal::new(&mut self.context.terms).build(goal.op.clone(), &goal.operands);
            after.operands.clear();
            return self.solve(&then(Goal::Match(pattern, rest), &then(Goal::Operands(after), next)));
        }
        (0..goal.operands.len()).any(|i| {
            let mut after = after.clone();
            let operand = after.operands.remove(i);
            self.solve(&then(Goal::Match(pattern, operand), &then(Goal::Operands(after), next)))
        })
    }

    /// Takes away the operands of what a metavariable stands for.
    fn take_operands(&self, known: Term, goal: &mut Operands) -> bool {
        let store = &self.context.terms;
        let single = [known];
        let parts = if *store.op(known) == goal.op { store.args(known) } else { &single };
        parts.iter().all(|part| match goal.operands.iter().position(|operand| operand == part) {
            Some(at) => {
                goal.operands.remove(at);
                true
            }
            None => false,
        })
    }
}
