//! Every answer is evaluated against its question, by code that shares nothing with the derivation. A mismatch is an
//! internal error with a report, never an answer.

use super::answer::{Answer, Form, Kind, Layout, Status};
use super::settings::Settings;
use super::{Session, derivatives, refuse};
use crate::derive::structure::Structure;
use crate::diag::{Diagnostic, Span};
use crate::eval::EvalError;
use crate::facts::Facts;
use crate::index;
use crate::ir::{Claim, Op, Rational, Symbol, SymbolKind, Term, ratio};
use crate::print::{Spelling, equation};
use crate::rules::Kink;
use crate::verify::{self, Check, Checked, Question, Verdict};

/// Up to so many gradients are checked one by one, which says more about each.
const TOGETHER: usize = 8;

impl Session {
    /// Checks the answers to a question and their other forms, and fills in what the checks found.
    ///
    /// # Errors
    /// An answer is wrong, or could not be evaluated.
    pub(super) fn verify(&mut self, answers: &mut [Answer], settings: &Settings, span: Span) -> Result<(), Diagnostic> {
        let together = self.checked_together(answers, settings);
        for answer in answers {
            self.verify_one(answer, together.as_ref(), settings, span)?;
        }
        Ok(())
    }

    /// One check of all gradients of a scalar: dJ = Σ ⟨G, dX⟩ for independent random dX. A check costs as much as
    /// the definitions are long, so that one for each gradient is quadratic in the depth of a network. Mod p nothing
    /// is small beside something else, so a wrong gradient shows in the sum as surely as by itself, also where relu
    /// branches by random signs; in floating point it may not, and what is not established here is checked one by
    /// one.
    fn checked_together(&mut self, answers: &[Answer], settings: &Settings) -> Option<Checked> {
        let first = answers.first().filter(|_| answers.len() > TOGETHER)?;
        let of = self.context.terms.args(first.question)[0];
        let claims = self.claims_of(first);
        let (mut variables, mut parts) = (Vec::new(), Vec::new());
        for answer in answers {
            let variable = answer.variable.filter(|&variable| {
                // Of a defined name and a name in its definition, each gradient holds something else still.
                let info = self.context.info(variable);
                let plain = info.kind == SymbolKind::Variable && info.properties.is_empty();
                plain
                    && !variables.contains(&variable)
                    && answer.kind == Kind::Gradient
                    && self.claims_of(answer) == claims
            })?;
            let terms = &mut self.context.terms;
            let (x, value) = (terms.symbol(variable), answer.value);
            if answer.question != terms.make(Op::Partial, &[of, x]) || terms.is_zero(value) {
                return None;
            }
            let gradient = if is_transposed(answer) { terms.make(Op::Transpose, &[value]) } else { value };
            let dx = terms.make(Op::Differential, &[x]);
            parts.push(terms.make(Op::Inner, &[gradient, dx]));
            variables.push(variable);
        }
        let sum = self.context.terms.make(Op::Sum, &parts);
        let mut check = Check::new(&self.context, Question::Differential { of, variables }, sum);
        check.claims = claims;
        check.kink = slope(settings.kink);
        check.options = self.check_options();
        check.agrees_exactly().filter(|checked| !checked.zero)
    }

    /// `together` is what a check of this answer with others found.
    fn verify_one(
        &mut self,
        answer: &mut Answer,
        together: Option<&Checked>,
        settings: &Settings,
        span: Span,
    ) -> Result<(), Diagnostic> {
        answer.kink = settings.kink;
        answer.excluded = self.exclusions(answer, &self.claims_of(answer));
        let Some(question) = self.question_of(answer) else { return Ok(()) };
        answer.checked = Some(match together {
            Some(checked) => checked.clone(),
            None => self.checked(answer, question, answer.value, span)?,
        });
        for (form, value) in answer.forms.clone() {
            if let Some(question) = self.question_of_form(answer, form) {
                self.checked(answer, question, value, span)?;
            }
        }
        answer.second_opinion = self.index_form_agrees(answer);
        Ok(())
    }

    /// Index form derives the same, on its own way. That it does not, or cannot tell, means nothing: then the
    /// evaluation alone has decided.
    fn index_form_agrees(&mut self, answer: &Answer) -> bool {
        let is_derivative =
            matches!(answer.kind, Kind::Gradient | Kind::Jacobian | Kind::VecJacobian | Kind::Derivative);
        let Some(variable) = answer.variable.filter(|_| is_derivative && !is_transposed(answer)) else { return false };
        let of = self.context.terms.args(answer.question)[0];
        if !self.is_small(of, variable) {
            return false;
        }
        let of = derivatives::in_matrices(&mut self.context, of);
        let facts = Facts::new(&mut self.context, &[variable], &[of]);
        let table = index::Table { rules: &self.engine.rules, facts: &facts, kink: answer.kink };
        let mut workspace = index::Workspace::with(&mut self.context, facts.clone(), index::Limits::default());
        let opinion = index::second_opinion(&mut workspace, &table, of, variable, answer.value);
        opinion == Ok(index::Comparison::Same)
    }

    /// Few definitions lie between a term and the variable: index form writes products of sums out, so it is asked
    /// about small questions only.
    fn is_small(&self, of: Term, variable: Symbol) -> bool {
        let (mut size, mut open, mut seen) = (0, vec![of], Vec::new());
        while let Some(term) = open.pop() {
            size = self.context.terms.tree_size(term).saturating_add(size);
            for symbol in self.context.symbols_in(term) {
                if symbol != variable && !seen.contains(&symbol) {
                    seen.push(symbol);
                    open.extend(self.context.definition(symbol).map(|definition| definition.normal));
                }
            }
            if size >= SMALL {
                return false;
            }
        }
        true
    }

    fn question_of(&mut self, answer: &Answer) -> Option<Question> {
        let args = self.context.terms.args(answer.question).to_vec();
        Some(match answer.kind {
            Kind::Size => return None,
            Kind::Proof if answer.status != Status::Proved => return None,
            Kind::Value | Kind::Proof => Question::Equal(answer.question),
            Kind::Solution { evaluated } => Question::Equal(evaluated),
            Kind::Differential => Question::Differential { of: args[0], variables: answer.by.clone() },
            Kind::Entrywise => Question::Entrywise { of: args[0], by: args[1] },
            Kind::Hessian => self.second_derivative_by(args[0], args[1])?,
            Kind::Derivative if self.is_derivative_by(args[0], args[1]) => {
                self.second_derivative_by(args[0], args[1])?
            }
            _ => Question::Derivative { of: args[0], by: vec![args[1]], transposed: is_transposed(answer) },
        })
    }

    /// Is `first` ∂f/∂x of a term that is worked out?
    fn is_derivative_by(&self, first: Term, x: Term) -> bool {
        *self.context.terms.op(first) == Op::Partial
            && self.context.terms.args(first)[1] == x
            && !self.is_opaque_derivative(first)
    }

    fn second_derivative_by(&self, first: Term, x: Term) -> Option<Question> {
        let of = *self.context.terms.args(first).first()?;
        Some(Question::Derivative { of, by: vec![x, x], transposed: false })
    }

    fn question_of_form(&mut self, answer: &Answer, form: Form) -> Option<Question> {
        let [of, by] = *self.context.terms.args(answer.question) else { return None };
        Some(match form {
            Form::LinearMap => Question::Differential { of, variables: vec![answer.variable?] },
            Form::Entrywise | Form::Cases => Question::Entrywise { of, by },
        })
    }

    fn checked(&self, answer: &Answer, question: Question, value: Term, span: Span) -> Result<Checked, Diagnostic> {
        let mut check = Check::new(&self.context, question, value);
        check.claims = self.claims_of(answer);
        check.kink = slope(answer.kink);
        check.structure = match answer.structure {
            Structure::Projection => verify::Structure::Projection,
            Structure::Free => verify::Structure::Free,
            Structure::Cookbook => verify::Structure::Cookbook,
        };
        check.options = self.check_options();
        let verdict = check.run();
        let is_solution = matches!(answer.kind, Kind::Solution { .. });
        if !verdict.is_checked()
            && !is_solution
            && let Some(error) = check.undefined_question()
        {
            return Err(self.undefined_everywhere(&check, error, span));
        }
        match verdict {
            Verdict::Checked(checked) => Ok(checked),
            Verdict::Mismatch(witness) => {
                let text = equation(&self.context, answer.question, value, Spelling::Unicode);
                Err(Diagnostic::error("E0701", "internal error: an answer did not pass its check and is withheld")
                    .label(span, format!("derived: {text}"))
                    .note(format!(
                        "{} at {:?}: expected {:?}, found {:?}",
                        witness.method, witness.sizes, witness.expected, witness.found
                    ))
                    .note("please report this with the statements before it"))
            }
            Verdict::Undecidable(verify::Reason::NoPoint(EvalError::Singular)) if is_solution => {
                Err(Diagnostic::error("E0411", "this equation has no single solution")
                    .label(span, "its linear part has no inverse, whatever the values are"))
            }
            Verdict::Undecidable(reason) => {
                if let Some(diagnostic) = self.never_away_from_zero(answer, span) {
                    return Err(diagnostic);
                }
                let text = equation(&self.context, answer.question, value, Spelling::Unicode);
                Err(Diagnostic::error("E0702", "an answer was derived, and could not be checked; it is withheld")
                    .label(span, format!("derived: {text}"))
                    .note(refuse::undecidable(&reason)))
            }
        }
    }

    /// There is nothing to derive: what was asked about has no value where it was tried, or no derivative.
    fn undefined_everywhere(&self, check: &Check<'_>, error: EvalError, span: Span) -> Diagnostic {
        let (Question::Derivative { of, .. }
        | Question::Entrywise { of, .. }
        | Question::Differential { of, .. }
        | Question::Equal(of)) = check.question;
        let mut value = check.clone();
        value.question = Question::Equal(of);
        let what = if value.undefined_question().is_some() { "value" } else { "derivative" };
        let of = refuse::quoted(&self.context, of);
        Diagnostic::error("E0410", format!("{of} has no {what} at any point that was tried"))
            .label(span, format!("there is no {what} to say anything about"))
            .note(refuse::undecidable(&verify::Reason::NoPoint(error)))
    }

    /// What the answer says that it assumes, and nothing else.
    fn claims_of(&self, answer: &Answer) -> Vec<Claim> {
        let cited = answer.evidence.iter().flat_map(|evidence| evidence.assumptions.iter().copied());
        let mut ids: Vec<_> = cited.chain(answer.assumptions.iter().copied()).collect();
        ids.sort();
        ids.dedup();
        ids.into_iter().map(|id| self.context.assumption(id).claim.clone()).collect()
    }
}

/// Questions of at least this many nodes are not asked of index form.
const SMALL: usize = 60;

fn is_transposed(answer: &Answer) -> bool {
    matches!(
        (answer.layout, answer.kind),
        (Layout::Numerator, Kind::Gradient) | (Layout::Denominator, Kind::Jacobian | Kind::VecJacobian)
    )
}

fn slope(kink: Kink) -> Option<Rational> {
    match kink {
        Kink::Excluded => None,
        Kink::Zero => Some(ratio(0, 1)),
        Kink::One => Some(ratio(1, 1)),
        Kink::Half => Some(ratio(1, 2)),
    }
}
