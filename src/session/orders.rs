//! Derivatives of any order: one after the other, by names or by entries, with the steps of all.

use super::Session;
use super::answer::{Answer, Kind, Layout};
use super::derivatives::{self, DerivativeQuestion};
use super::questions::Asked;
use super::refuse;
use super::settings::Settings;
use crate::diag::Diagnostic;
use crate::facts::Later;
use crate::ir::{Index, Op, Symbol, Term};

impl Session {
    /// The derivative by several variables, one after the other; by entries, in index form.
    pub(super) fn derivative_by_all(
        &mut self,
        of: Term,
        by: &[Term],
        asked: Asked<'_>,
    ) -> Result<Vec<Answer>, Diagnostic> {
        if by.iter().any(|&x| matches!(self.context.terms.op(x), Op::Entry(_))) {
            return Ok(vec![self.by_entries(of, by, asked)?]);
        }
        let symbol = |&x: &Term| self.variable_symbol(x).ok_or_else(|| self.no_variable(x, asked.span));
        let symbols = by.iter().map(symbol).collect::<Result<Vec<Symbol>, _>>()?;
        self.derivative_of_order(of, &symbols, asked)
    }

    /// ∂ᵏf/∂x_i∂x_j…: each entry question differentiates the answer to the one before.
    fn by_entries(&mut self, of: Term, by: &[Term], asked: Asked<'_>) -> Result<Answer, Diagnostic> {
        let mut entries = Vec::new();
        for &x in by {
            let Op::Entry(indices) = self.context.terms.op(x).clone() else {
                return Err(self.no_variable(x, asked.span));
            };
            let array = self.context.terms.args(x)[0];
            entries
                .push((self.context.terms.as_symbol(array).ok_or_else(|| self.no_variable(x, asked.span))?, indices));
        }
        let mut found: Option<Answer> = None;
        for (at, (symbol, indices)) in entries.iter().enumerate() {
            let f = found.as_ref().map_or(of, |answer| answer.value);
            let later = asked.later_and(entries[at + 1..].iter().map(|&(symbol, _)| symbol));
            let mut answer = self.entry(f, *symbol, indices, Asked { later: &later, ..asked })?;
            if let Some(inner) = &found {
                self.continue_from(inner, &mut answer);
            }
            found = Some(answer);
        }
        found.ok_or_else(|| self.no_variable(of, asked.span))
    }

    /// The derivative by several names, first derivative first; twice by the same vector or matrix it is a Hessian.
    pub(super) fn derivative_of_order(
        &mut self,
        of: Term,
        by: &[Symbol],
        asked: Asked<'_>,
    ) -> Result<Vec<Answer>, Diagnostic> {
        let is_scalar = |session: &Self, symbol: Symbol| session.context.info(symbol).shape.is_scalar();
        let hessian =
            matches!(by, [a, b, ..] if a == b && !is_scalar(self, *a)) && self.context.terms.shape(of).is_scalar();
        if by.len() > 1 + usize::from(hessian) && by.iter().any(|&symbol| self.is_in_a_space(symbol)) {
            return Err(refuse::not_yet(asked.span, "a higher derivative by a variable whose entries are not free"));
        }
        let mut rest = &by[if hessian { 2 } else { 1 }..];
        let inner = Settings { layout: Layout::Mixed, ..*asked.settings };
        let mut next = DerivativeQuestion { of, by: vec![by[0]], hessian, later: Later::default() };
        let mut before: Option<Answer> = None;
        loop {
            let settings = if rest.is_empty() { asked.settings } else { &inner };
            let later = asked.later_and(rest.iter().copied());
            let mut answers = self.derive(&next, Asked { settings, later: &later, ..asked })?;
            for answer in &mut answers {
                before.iter().for_each(|inner| self.continue_from(inner, answer));
            }
            let Some((&symbol, others)) = rest.split_first() else { return Ok(answers) };
            rest = others;
            let found = answers.remove(0);
            next = DerivativeQuestion { of: self.without_new_names(&found), by: vec![symbol], hessian: false, ..next };
            before = Some(found);
        }
    }

    /// The Hessian by several names: its blocks ∂²f/∂x², ∂²f/∂x∂y, ∂²f/∂y². Those below the diagonal are transposes.
    pub(super) fn hessian_blocks(
        &mut self,
        of: Term,
        by: &[Symbol],
        asked: Asked<'_>,
    ) -> Result<Vec<Answer>, Diagnostic> {
        let mut names: Vec<Symbol> = Vec::new();
        by.iter().for_each(|name| {
            if !names.contains(name) {
                names.push(*name)
            }
        });
        let mut blocks = Vec::new();
        for (at, &row) in names.iter().enumerate() {
            for &column in &names[at..] {
                blocks.extend(self.derivative_of_order(of, &[row, column], asked)?);
            }
        }
        Ok(blocks)
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
        asked: Asked<'_>,
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
        let inner = Settings { layout: Layout::Mixed, ..*asked.settings };
        let question = DerivativeQuestion { of, by: vec![variable], hessian: false, later: asked.later.clone() };
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

#[cfg(test)]
mod tests {
    use crate::print::{Spelling, term};
    use crate::session::{Outcome, Session};

    fn blocks(question: &str) -> Vec<String> {
        let mut session = Session::new();
        session.run("x, y : R^n; A : R^(n×n); t : scalar; f = t*x'*A*y + norm2(x)^2*norm2(y)^2");
        match &session.run(question)[0].outcome {
            Outcome::Answers(answers) => {
                assert!(answers.iter().all(|answer| answer.checked.is_some()), "{question}");
                let text = |t| term(session.context(), t, Spelling::Unicode);
                answers.iter().map(|answer| format!("{} = {}", text(answer.question), text(answer.value))).collect()
            }
            other => vec![format!("{other:?}")],
        }
    }

    #[test]
    fn code_of_a_derivative_of_a_derivative_can_be_compared_with_differences() {
        let mut session = Session::new();
        session.run("x, y : R^n; f = (y'x)*(x'x)");
        for (question, of) in [
            ("diff f wrt x, y", "return (x @ x) * y + 2 * (x @ y) * x"),
            ("grad norm2(∂f/∂x)^2 wrt y", "(x @ x) * y + 2 * (x @ y) * x"),
        ] {
            let Outcome::Answers(answers) = &session.run(question)[0].outcome else { panic!("{question}") };
            let code = crate::session::present::numpy_of(session.context(), &answers[0]).unwrap_or_default();
            assert!(code.contains(of), "{question}: {code}");
        }
    }

    #[test]
    fn a_hessian_by_several_names_is_its_blocks() {
        let by_x = "∂²f/∂x² = 2(yᵀy) I";
        assert_eq!(blocks("hessian f wrt x, y"), [by_x, "∂²f/∂x∂y = 4xyᵀ + tA", "∂²f/∂y² = 2(xᵀx) I"]);
        assert_eq!(blocks("hessian f wrt x, t"), [by_x, "∂²f/∂x∂t = Ay", "∂²f/∂t² = 0"]);
        assert_eq!(blocks("hessian f wrt x, x"), [by_x]);
        assert_eq!(blocks("hessian f wrt x, y, t").len(), 6);
    }
}
