//! Derivatives inside what is asked about: worked out before it is, with their steps and what they rest on.
//!
//! What is differentiated again must hold around a point, so that equations about the names by which it is wait
//! ([`Later`]); the question stays the one that was typed, and is checked as that.

use super::Session;
use super::answer::{Answer, Layout};
use super::questions::Asked;
use super::settings::Settings;
use crate::derive::implicit;
use crate::diag::{Diagnostic, Span};
use crate::facts::{Evidence, Later};
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{AssumptionId, Op, Term};
use crate::trace::{Derivation, Step};
use std::collections::BTreeSet;

/// A term in which derivatives were worked out, and what their values rest on.
pub(super) struct Resolved {
    /// The term.
    pub term: Term,
    /// Why the conditions of the rules hold that were used.
    pub evidence: Vec<Evidence>,
    /// The equations that were used.
    pub assumptions: BTreeSet<AssumptionId>,
    /// How the derivatives were found.
    pub steps: Vec<Step>,
}

impl Resolved {
    /// An answer made of the term rests on what the term rests on.
    pub(super) fn rest_in(&self, answer: &mut Answer) {
        let new: Vec<_> = self.evidence.iter().filter(|e| !answer.evidence.contains(e)).cloned().collect();
        answer.evidence.extend(new);
        answer.assumptions.extend(&self.assumptions);
    }
}

impl Session {
    /// The term with each derivative in it that can be worked out replaced by its value; derivatives of undefined
    /// functions stay.
    pub(super) fn resolved(&mut self, raw: Term, span: Span) -> Result<Resolved, Diagnostic> {
        self.resolved_before(raw, span, &Later::default())
    }

    /// The same, where the result will be differentiated.
    pub(super) fn resolved_before(&mut self, raw: Term, span: Span, later: &Later) -> Result<Resolved, Diagnostic> {
        let mut resolved =
            Resolved { term: raw, evidence: Vec::new(), assumptions: BTreeSet::new(), steps: Vec::new() };
        let mut replace: FastMap<Term, Term> = FastMap::default();
        for t in self.context.terms.postorder(raw) {
            if *self.context.terms.op(t) != Op::Partial || self.is_opaque_derivative(t) {
                continue;
            }
            let [f, x] = *self.context.terms.args(t) else { continue };
            let settings = &Settings { layout: Layout::Mixed, ..self.settings };
            let answers = self.partial(f, x, Asked { settings, span, places: &[], later })?;
            let Some(answer) = answers.first() else { continue };
            resolved.evidence.extend(answer.evidence.iter().cloned());
            resolved.assumptions.extend(&answer.assumptions);
            resolved.steps.extend(answer.derivation.steps.iter().cloned());
            replace.insert(t, self.without_new_names(answer));
        }
        if !replace.is_empty() {
            resolved.term = Normal::new(&mut self.context.terms).substitute(raw, &replace);
        }
        Ok(resolved)
    }

    /// ∂L/∂Y of an undefined function of Y is its own value.
    pub(super) fn is_opaque_derivative(&self, partial: Term) -> bool {
        let [f, x] = *self.context.terms.args(partial) else { return false };
        let opaque = |f: Term| {
            let symbol = self.context.terms.as_symbol(f)?;
            let variable = self.context.terms.as_symbol(x)?;
            Some(self.context.definition(symbol).is_none() && self.context.info(symbol).depends_on.contains(&variable))
        };
        opaque(f).unwrap_or(false) || (*self.context.terms.op(f) == Op::Partial && self.is_opaque_derivative(f))
    }

    /// The value of an answer with the names that the engine introduced written out.
    pub(super) fn without_new_names(&mut self, answer: &Answer) -> Term {
        implicit::written_out(&mut self.context, answer.value, &answer.names)
    }

    /// The answer about a term in which derivatives were worked out, as one about what was typed.
    pub(super) fn of_typed(&mut self, answer: &mut Answer, (of, typed): (Term, Term), resolved: &Resolved) {
        let (mut by, mut inner) = (Vec::new(), answer.question);
        while let (Op::Partial, &[f, x]) = (self.context.terms.op(inner), self.context.terms.args(inner))
            && inner != of
        {
            by.push(x);
            inner = f;
        }
        let (mut from, mut to) = (of, typed);
        let steps = resolved.steps.iter().chain(&answer.derivation.steps).cloned().collect();
        let mut derivation = Derivation { steps };
        while let Some(x) = by.pop() {
            from = self.context.terms.make(Op::Partial, &[from, x]);
            to = self.context.terms.make(Op::Partial, &[to, x]);
            derivation.rename_left_sides(from, to);
        }
        answer.question = to;
        answer.derivation = derivation.into();
        resolved.rest_in(answer);
    }

    /// What a name rests on that is defined by a derivative, an answer about it rests on.
    pub(super) fn rest_on_definitions(&self, answer: &mut Answer) {
        if self.derived.is_empty() {
            return;
        }
        for symbol in self.all_symbols(answer.question) {
            let evidence = self.derived.get(&symbol).into_iter().flatten();
            let new: Vec<_> = evidence.filter(|e| !answer.evidence.contains(e)).cloned().collect();
            answer.evidence.extend(new);
        }
    }
}
