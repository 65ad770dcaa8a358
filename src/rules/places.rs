//! Places in a term, rewriting at a place, and rewriting until nothing fires.
//!
//! A place is the list of argument positions from the root. Terms share sub-terms; a place is one occurrence.

use super::{Application, Class, Kink, RuleSet};
use crate::facts::Facts;
use crate::ir::hash::FastSet;
use crate::ir::normal::Normal;
use crate::ir::{Context, Store, Term};
use crate::trace::Step;

/// The sub-term at a place; `None` if there is no such place.
pub fn at_place(store: &Store, root: Term, place: &[usize]) -> Option<Term> {
    place.iter().try_fold(root, |term, &at| store.args(term).get(at).copied())
}

/// The normal term with the sub-term at `place` replaced by the normal term `new`, and the normalisations that
/// this brought about; `None` if there is no such place.
pub fn replace_at(context: &mut Context, root: Term, place: &[usize], new: Term) -> Option<(Term, Vec<&'static str>)> {
    let mut path = vec![root];
    for &at in place {
        let next = *context.terms.args(*path.last()?).get(at)?;
        path.push(next);
    }
    path.pop();
    let mut normal = Normal::new(&mut context.terms);
    let mut term = new;
    for (&parent, &at) in path.iter().zip(place).rev() {
        let mut args = normal.store().operands(parent);
        args[at] = term;
        let op = normal.store().op(parent).clone();
        normal.store_mut().raw(op.clone(), &args).ok()?;
        term = normal.build(op, &args);
    }
    Some((term, normal.fired().to_vec()))
}

/// In which order places are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The root first: a differential is pushed in from the outside.
    Outermost,
    /// Arguments before their users: simplification.
    Innermost,
}

/// One rewriting somewhere in a term.
#[derive(Clone, Debug)]
pub struct Rewriting {
    /// The place.
    pub place: Vec<usize>,
    /// What happened there.
    pub application: Application,
    /// The whole term after it.
    pub term: Term,
}

/// Why a sequence of rewritings ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// No rule fires any more.
    Finished,
    /// The limit of steps was reached.
    StepLimit,
}

/// What is to be applied: a class of rules, the choice at kinks, the order of places.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    /// The rules.
    pub class: Class,
    /// The choice at kinks.
    pub kink: Kink,
    /// The order of places.
    pub order: Order,
}

impl RuleSet {
    /// The first rewriting by a rule of the pass, in the order of the pass.
    pub fn rewrite_anywhere(&self, pass: Pass, context: &mut Context, facts: &Facts, term: Term) -> Option<Rewriting> {
        self.rewrite_new(pass, context, facts, term, &mut FastSet::default())
    }

    /// Rewrites until no rule of the pass fires, at most `limit` times. Returns the last term and the steps.
    ///
    /// `settled` are terms known to hold nothing to rewrite; those found now are added. It may be kept as long as the
    /// pass and the facts are the same.
    pub fn rewrite_all(
        &self,
        pass: Pass,
        context: &mut Context,
        facts: &Facts,
        term: Term,
        limit: usize,
        settled: &mut FastSet<Term>,
    ) -> (Term, Vec<Step>, Stop) {
        let (mut term, mut steps) = (term, Vec::new());
        while let Some(rewriting) = self.rewrite_new(pass, context, facts, term, settled) {
            if steps.len() == limit {
                return (term, steps, Stop::StepLimit);
            }
            steps.push(rewriting.application.step(self, rewriting.place, term, rewriting.term));
            term = rewriting.term;
        }
        (term, steps, Stop::Finished)
    }

    /// As [`RuleSet::rewrite_anywhere`]; terms in `done` are known to hold nothing to rewrite.
    fn rewrite_new(
        &self,
        pass: Pass,
        context: &mut Context,
        facts: &Facts,
        root: Term,
        done: &mut FastSet<Term>,
    ) -> Option<Rewriting> {
        // Depth first; `next` is the argument to look at, the path is that of the positions before it.
        let mut stack: Vec<(Term, usize)> = Vec::new();
        let mut enter = Some(root);
        loop {
            if let Some(term) = enter.take().filter(|term| !done.contains(term)) {
                stack.push((term, 0));
                if pass.order == Order::Outermost
                    && let Some(rewriting) = self.rewrite_here(pass, context, facts, root, &stack)
                {
                    return Some(rewriting);
                }
            }
            let (term, next) = *stack.last()?;
            if let Some(&arg) = context.terms.args(term).get(next) {
                stack.last_mut()?.1 += 1;
                enter = Some(arg);
                continue;
            }
            if pass.order == Order::Innermost
                && let Some(rewriting) = self.rewrite_here(pass, context, facts, root, &stack)
            {
                return Some(rewriting);
            }
            done.insert(term);
            stack.pop();
        }
    }

    fn rewrite_here(
        &self,
        pass: Pass,
        context: &mut Context,
        facts: &Facts,
        root: Term,
        stack: &[(Term, usize)],
    ) -> Option<Rewriting> {
        let (&(here, _), above) = stack.split_last()?;
        let application = self.apply_class(pass.class, pass.kink, context, facts, here)?;
        let place: Vec<usize> = above.iter().map(|&(_, next)| next - 1).collect();
        let (term, fired) = replace_at(context, root, &place, application.after)?;
        let mut application = application;
        application.normalisations.extend(fired);
        Some(Rewriting { place, application, term })
    }
}
