//! Chains: consecutive patterns with consecutive matrices of a product, where a metavariable may stand for a run.

use super::factors::Factors;
use super::scalars::Scalars;
use super::{Goal, Goals, Rest, Search, then};
use crate::ir::normal::Normal;
use crate::ir::{Op, Term};
use crate::rules::RuleCondition;
use std::rc::Rc;

/// Patterns with consecutive factors.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub(super) patterns: Rc<[Term]>,
    pub(super) at: usize,
    pub(super) factors: Rc<[Term]>,
    pub(super) from: usize,
    pub(super) to: usize,
    /// Scalar factors that go with the run of the pattern at `absorber`.
    pub(super) extra: Vec<Term>,
    pub(super) absorber: usize,
}

impl Search<'_> {
    /// The scalar patterns are matched; now the matrices.
    pub(super) fn chains(&mut self, goal: &Scalars, next: &Goals) -> bool {
        let mut factors = goal.factors.clone();
        let extra = factors.take_scalars(&mut self.context.terms);
        let (wanted, found) = (goal.chain.len(), factors.chain.len());
        if wanted == 0 {
            if goal.root {
                self.rest = Rest::Product(extra, factors.chain);
                return self.solve(next);
            }
            return extra.is_empty() && factors.chain.is_empty() && self.solve(next);
        }
        let chain = |from: usize, to: usize, extra: Vec<Term>, absorber: usize| {
            let (patterns, factors) = (goal.chain.clone(), factors.chain.as_slice().into());
            Goal::Chain(Chain { patterns, at: 0, factors, from, to, extra, absorber })
        };
        if !goal.root {
            let absorber = (0..wanted).rev().find(|&at| self.is_free(goal.chain[at]));
            return match absorber {
                None if !extra.is_empty() => false,
                _ => self.solve(&then(chain(0, found, extra, absorber.unwrap_or(wanted)), next)),
            };
        }
        if !self.has_heads(&goal.chain, &factors.chain) {
            return false;
        }
        let mirrors = self.is_mirrored(&goal.chain).then(|| self.mirrors(&factors.chain));
        // Longest runs first, then from the left.
        (wanted..=found).rev().any(|length| {
            (0..=found - length).any(|start| {
                if mirrors.as_ref().is_some_and(|at| length % 2 == 1 || !at.contains(&(start + length / 2))) {
                    return false;
                }
                let before = extra.iter().chain(&factors.chain[..start]).copied().collect();
                self.rest = Rest::Product(before, factors.chain[start + length..].to_vec());
                self.solve(&then(chain(start, start + length, Vec::new(), wanted), next))
            })
        })
    }

    /// Is there a factor for each function and inverse in a chain of patterns? Without one no run can match.
    fn has_heads(&self, patterns: &[Term], factors: &[Term]) -> bool {
        let store = &self.context.terms;
        let head = |term: Term| match store.op(term) {
            Op::Transpose => store.op(store.args(term)[0]),
            op => op,
        };
        patterns.iter().all(|&pattern| match self.patterns.terms.op(pattern) {
            wanted @ (Op::Call(_) | Op::Inverse) => factors.iter().any(|&factor| head(factor) == wanted),
            _ => true,
        })
    }

    /// Is the chain a metavariable and its transpose, in either order?
    fn is_mirrored(&self, patterns: &[Term]) -> bool {
        let store = &self.patterns.terms;
        let turned = |a: Term, b: Term| *store.op(b) == Op::Transpose && store.args(b)[0] == a && self.is_free(a);
        matches!(*patterns, [a, b] if turned(a, b) || turned(b, a))
    }

    /// The places of factors that stand behind their own transpose: only there a run can be followed by its transpose.
    fn mirrors(&mut self, factors: &[Term]) -> Vec<usize> {
        (1..factors.len()).filter(|&at| self.transpose(factors[at - 1]) == factors[at]).collect()
    }

    pub(super) fn chain(&mut self, goal: &Chain, next: &Goals) -> bool {
        let Some(&pattern) = goal.patterns.get(goal.at) else { return goal.from == goal.to && self.solve(next) };
        let after = goal.patterns.len() - goal.at - 1;
        let Some(longest) = (goal.to - goal.from).checked_sub(after).filter(|&longest| longest > 0) else {
            return false;
        };
        let run = |search: &mut Self, length: usize| {
            let run = &goal.factors[goal.from..goal.from + length];
            let term = match (run, goal.absorber == goal.at) {
                ([single], false) => *single,
                (run, false) => search.context.terms.make(Op::Product, run),
                (run, true) => {
                    let factors: Vec<Term> = goal.extra.iter().chain(run).copied().collect();
                    Normal::new(&mut search.context.terms).product(&factors)
                }
            };
            let rest = Goal::Chain(Chain { at: goal.at + 1, from: goal.from + length, ..goal.clone() });
            search.solve(&then(Goal::Match(pattern, term), &then(rest, next)))
        };
        if let Some(length) = self.known_length(pattern) {
            return length <= longest && run(self, length);
        }
        if after == 0 {
            return run(self, longest);
        }
        if goal.at == 0 && self.is_mirrored(&goal.patterns) {
            let length = (goal.to - goal.from) / 2;
            return (goal.to - goal.from).is_multiple_of(2) && run(self, length);
        }
        if self.prefers_long_runs(pattern) {
            (1..=longest).rev().any(|length| run(self, length))
        } else {
            (1..=longest).any(|length| run(self, length))
        }
    }

    /// How many factors a pattern of a chain stands for, if that is known.
    fn known_length(&mut self, pattern: Term) -> Option<usize> {
        let store = &self.patterns.terms;
        let (symbol, transposed) = match store.op(pattern) {
            Op::Symbol(_) => (pattern, false),
            Op::Transpose if store.as_symbol(store.args(pattern)[0]).is_some() => (store.args(pattern)[0], true),
            _ => return Some(1),
        };
        let known = self.bound(symbol)?;
        let value = if transposed { self.transpose(known) } else { known };
        Some(Factors::of(&self.context.terms, value).chain.len())
    }

    /// In a rule about a metavariable that varies, the others take as much as they can.
    fn prefers_long_runs(&self, pattern: Term) -> bool {
        let mut varying = self.rule.conditions.iter().filter(|condition| matches!(condition, RuleCondition::Varies(_)));
        let mut any = false;
        let itself = varying.any(|condition| {
            any = true;
            condition.term() == pattern
        });
        any && !itself
    }
}
