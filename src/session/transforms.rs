//! `simplify E`, `factor E`, `expand E`, `shape E`.

use super::Session;
use super::answer::{Answer, Kind};
use super::questions::Answered;
use super::refuse::{self, Places};
use super::settings::Settings;
use crate::derive::Deriver;
use crate::diag::{Diagnostic, Span};
use crate::ir::{Op, Term};
use crate::print;
use crate::syntax::statement::Transform;
use crate::syntax::tree::Expr;

impl Session {
    /// Answers `simplify E` and its relatives.
    pub(super) fn transform(&mut self, how: Transform, of: &Expr, settings: &Settings, span: Span) -> Answered {
        let asked = self.elaborated(of)?;
        match how {
            Transform::Simplify | Transform::Factor => {
                let answer = self.simplified(asked.term, settings, span, &asked.places)?;
                Ok((vec![answer], asked.notes))
            }
            Transform::Shape => {
                let mut answer = self.blank(Kind::Size, asked.term, asked.term);
                let shape = self.context.terms.shape(asked.term).clone();
                let line = vec![
                    print::Inline::Math(print::Formula::term(&self.context, asked.term)),
                    print::Inline::Text(" has shape ".into()),
                    print::Inline::Math(print::Formula::new(|spelling| print::shape(&shape, spelling))),
                ];
                answer.lines = vec![line];
                Ok((vec![answer], asked.notes))
            }
            Transform::Expand => {
                let answer = self.expanded(asked.term, settings, span, &asked.places)?;
                Ok((vec![answer], asked.notes))
            }
        }
    }

    /// A term in its best form, with the derivatives in it worked out.
    pub(super) fn simplified(
        &mut self,
        raw: Term,
        settings: &Settings,
        span: Span,
        places: &Places,
    ) -> Result<Answer, Diagnostic> {
        let resolved = self.resolved(raw, span)?;
        let normal = super::derivatives::in_matrices(&mut self.context, resolved.term);
        let mut deriver = Deriver::new(&mut self.context, &self.engine, settings.kink, &[], &[raw]);
        let value = deriver.finish(normal, None);
        let (derivation, evidence, would_help) =
            (deriver.derivation.clone(), deriver.evidence.clone(), deriver.would_help.clone());
        let value = value.map_err(|refusal| refuse::derivation(&self.context, &refusal, span, places))?;
        let mut answer = self.blank(Kind::Value, raw, value);
        answer.derivation = derivation.into();
        answer.evidence = evidence;
        answer.would_help = would_help;
        resolved.rest_in(&mut answer);
        Ok(answer)
    }

    /// A term multiplied out; of a name, what it stands for.
    fn expanded(&mut self, raw: Term, settings: &Settings, span: Span, places: &Places) -> Result<Answer, Diagnostic> {
        let definition = self.context.terms.as_symbol(raw).and_then(|name| self.context.definition(name));
        let body = definition.filter(|body| !matches!(self.context.terms.op(body.raw), Op::Solution(_)));
        let resolved = self.resolved(body.map_or(raw, |body| body.raw), span)?;
        let normal = super::derivatives::in_matrices(&mut self.context, resolved.term);
        let mut deriver = Deriver::new(&mut self.context, &self.engine, settings.kink, &[], &[raw]);
        let value = deriver.expand(normal);
        let (derivation, evidence) = (deriver.derivation.clone(), deriver.evidence.clone());
        let value = value.map_err(|_| {
            Diagnostic::error("E0502", "this has too many terms to be multiplied out")
                .label(span, format!("more than {} steps", Deriver::EXPANSIONS))
        })?;
        if let Some(power) = self.power_of_sum(value) {
            return Err(Diagnostic::error("E0502", "powers of sums are multiplied out up to the eighth").label(
                refuse::place_of(power, places).unwrap_or(span),
                format!("{} has too many terms", refuse::quoted(&self.context, power)),
            ));
        }
        let mut answer = self.blank(Kind::Value, raw, value);
        answer.derivation = derivation.into();
        answer.evidence = evidence;
        resolved.rest_in(&mut answer);
        Ok(answer)
    }

    /// A whole power of a sum that no formula multiplied out.
    fn power_of_sum(&self, value: Term) -> Option<Term> {
        let terms = &self.context.terms;
        terms.postorder(value).into_iter().find(|&part| {
            let args = terms.args(part);
            matches!(terms.op(part), Op::Power | Op::ElementPower)
                && *terms.op(args[0]) == Op::Sum
                && terms.as_number(args[1]).is_some_and(|exponent| exponent.is_integer() && exponent.is_positive())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::Spelling;
    use crate::session::Outcome;

    fn answer(question: &str) -> String {
        let mut session = Session::new();
        session.run("A, B, C : R^(n×n); x, y, b : R^n; s, t : scalar; W : R^(m×n); z : R^m; f = norm2(x - y)^2");
        match &session.run(question)[0].outcome {
            Outcome::Answers(answers) => {
                assert!(answers[0].checked.is_some(), "{question}");
                print::term(session.context(), answers[0].value, Spelling::Ascii)
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn expanding_gives_a_sum_of_products() {
        for (question, expanded) in [
            ("expand (A + B)*(A - B)", "A^2 + B * A - A * B - B^2"),
            ("expand (A + B)^2", "A^2 + A * B + B * A + B^2"),
            ("expand (s + t)^5", "s^5 + 5 * s * t^4 + 10 * s^2 * t^3 + 10 * s^3 * t^2 + 5 * s^4 * t + t^5"),
            ("expand (s + t)^-5", "1 / (s + t)^5"),
            ("expand (A + B)*C*(x + y)", "A * C * x + A * C * y + B * C * x + B * C * y"),
            ("expand norm2(W*x - z)^2", "x' * W' * W * x + z' * z - 2 * z' * W * x"),
            ("expand tr((A + B)*(A + B)')", "tr(A * A') + 2 * tr(A * B') + tr(B * B')"),
            ("expand (x + y).*(x - y)", "x .* x - y .* y"),
            ("expand kron(A + B, C)", "kron(A, C) + kron(B, C)"),
            ("expand s*(x + y) - s*y", "s * x"),
            ("expand f", "x' * x + y' * y - 2 * x' * y"),
            ("expand vec(A*(B + C))", "vec(A * B) + vec(A * C)"),
            ("expand (A + B)^-1", "(A + B)^-1"),
            ("expand d/dx ((x + y)'*A*(x + y))", "A * x + A' * x + A * y + A' * y"),
        ] {
            assert_eq!(answer(question), expanded, "{question}");
        }
    }

    #[test]
    fn what_was_multiplied_out_can_be_factored() {
        assert_eq!(answer("factor A*x + B*x"), "(A + B) * x");
        assert_eq!(answer("expand (A + B)*x"), "A * x + B * x");
    }

    #[test]
    fn too_many_products_are_refused() {
        let sum = |letter: &str| (1..=30).map(|i| format!("{letter}_{i}")).collect::<Vec<_>>();
        let declared = [sum("p"), sum("q")].concat().join(", ");
        let question = format!("{declared} : scalar\nexpand ({})*({})", sum("p").join(" + "), sum("q").join(" + "));
        for question in [question, "s, t : scalar\nexpand 2*(s + t)^50".into()] {
            let responses = Session::new().run(&question);
            assert!(matches!(&responses[1].outcome, Outcome::Error(error) if error.code == "E0502"));
        }
    }
}
