//! Derivatives of any order: one after the other, by names or by entries, with the steps of all.

use super::Session;
use super::answer::{Answer, Kind, Layout};
use super::derivatives::{self, DerivativeQuestion};
use super::refuse::{self, Places};
use super::settings::Settings;
use crate::diag::{Diagnostic, Span};
use crate::ir::{Index, Op, Symbol, Term};

impl Session {
    /// The derivative by several variables, one after the other; by entries, in index form.
    pub(super) fn derivative_by_all(
        &mut self,
        of: Term,
        by: &[Term],
        settings: &Settings,
        span: Span,
        places: &Places,
    ) -> Result<Vec<Answer>, Diagnostic> {
        if by.iter().any(|&x| matches!(self.context.terms.op(x), Op::Entry(_))) {
            return Ok(vec![self.by_entries(of, by, settings, span, places)?]);
        }
        let symbol = |&x: &Term| self.variable_symbol(x).ok_or_else(|| self.no_variable(x, span));
        let symbols = by.iter().map(symbol).collect::<Result<Vec<Symbol>, _>>()?;
        self.derivative_of_order(of, &symbols, settings, span, places)
    }

    /// ∂ᵏf/∂x_i∂x_j…: each entry question differentiates the answer to the one before.
    fn by_entries(
        &mut self,
        of: Term,
        by: &[Term],
        settings: &Settings,
        span: Span,
        places: &Places,
    ) -> Result<Answer, Diagnostic> {
        let mut found: Option<Answer> = None;
        for &x in by {
            let Op::Entry(indices) = self.context.terms.op(x).clone() else { return Err(self.no_variable(x, span)) };
            let array = self.context.terms.args(x)[0];
            let symbol = self.context.terms.as_symbol(array).ok_or_else(|| self.no_variable(x, span))?;
            let f = found.as_ref().map_or(of, |answer| answer.value);
            let mut answer = self.entry(f, symbol, &indices, settings, span, places)?;
            if let Some(inner) = &found {
                self.continue_from(inner, &mut answer);
            }
            found = Some(answer);
        }
        found.ok_or_else(|| self.no_variable(of, span))
    }

    /// The derivative by several names, first derivative first; twice by the same vector or matrix it is a Hessian.
    pub(super) fn derivative_of_order(
        &mut self,
        of: Term,
        by: &[Symbol],
        settings: &Settings,
        span: Span,
        places: &Places,
    ) -> Result<Vec<Answer>, Diagnostic> {
        let is_scalar = |session: &Self, symbol: Symbol| session.context.info(symbol).shape.is_scalar();
        let hessian =
            matches!(by, [a, b, ..] if a == b && !is_scalar(self, *a)) && self.context.terms.shape(of).is_scalar();
        if by.len() > 1 + usize::from(hessian) && by.iter().any(|&symbol| self.is_in_a_space(symbol)) {
            return Err(refuse::not_yet(span, "a higher derivative by a variable whose entries are not free"));
        }
        let mut rest = &by[if hessian { 2 } else { 1 }..];
        let inner = Settings { layout: Layout::Mixed, ..*settings };
        let settings_at = |last: bool| if last { settings } else { &inner };
        let question = DerivativeQuestion { of, by: vec![by[0]], hessian };
        let mut answers = self.derive(&question, settings_at(rest.is_empty()), span, places)?;
        while let Some((&symbol, others)) = rest.split_first() {
            rest = others;
            let found = answers.remove(0);
            let value = self.without_new_names(&found);
            let outer = DerivativeQuestion { of: value, by: vec![symbol], hessian: false };
            answers = self.derive(&outer, settings_at(rest.is_empty()), span, places)?;
            for answer in &mut answers {
                self.continue_from(&found, answer);
            }
        }
        Ok(answers)
    }

    /// The derivative of a derivative, as the second derivative that was asked for, with the steps of both.
    fn continue_from(&mut self, inner: &Answer, answer: &mut Answer) {
        let x = self.context.terms.args(answer.question)[1];
        let read = self.context.terms.make(Op::Partial, &[inner.value, x]);
        answer.question = self.context.terms.make(Op::Partial, &[inner.question, x]);
        std::sync::Arc::make_mut(&mut answer.derivation).rename_left_sides(read, answer.question);
        let steps = [&inner.derivation, &answer.derivation].iter().flat_map(|d| d.steps.iter().cloned()).collect();
        answer.derivation = crate::trace::Derivation { steps }.into();
        let new: Vec<_> = inner.evidence.iter().filter(|e| !answer.evidence.contains(e)).cloned().collect();
        answer.evidence.extend(new);
        answer.assumptions.extend(inner.assumptions.iter().copied());
    }

    /// What index form does not differentiate: the entry of the whole gradient, or of the Jacobian of a vector.
    pub(super) fn entry_of_whole(
        &mut self,
        f: Term,
        variable: Symbol,
        indices: &[Index],
        settings: &Settings,
    ) -> Option<Answer> {
        let (of, mut at) = match self.context.terms.op(f).clone() {
            Op::Entry(own) => (self.context.terms.args(f)[0], own),
            _ => (f, Vec::new()),
        };
        let is_vector = self.context.info(variable).shape.is_vector();
        let vectors = is_vector && self.context.terms.shape(of).is_vector();
        if !at.is_empty() && !vectors {
            return None;
        }
        at.extend(indices.iter().cloned());
        let inner = Settings { layout: Layout::Mixed, ..*settings };
        let question = DerivativeQuestion { of, by: vec![variable], hessian: false };
        let whole = derivatives::derive(&mut self.context, &self.engine, &question, &inner).ok()?.pop()?;
        let value = self.context.terms.raw(Op::Entry(at), &[whole.value]).ok()?;
        let x = self.context.terms.symbol(variable);
        let entry = self.context.terms.make(Op::Entry(indices.to_vec()), &[x]);
        let question = self.context.terms.make(Op::Partial, &[f, entry]);
        let mut answer = self.blank(Kind::Entry, question, value);
        answer.variable = Some(variable);
        answer.derivation = whole.derivation;
        answer.evidence = whole.evidence;
        answer.assumptions = whole.assumptions;
        answer.names = whole.names;
        Some(answer)
    }
}
