//! The points that an answer leaves out: where a root, a norm or an absolute value of something is taken at 0.
//!
//! What is 0 for every input is no point that could be left out: entries of A − Aᵀ on the diagonal are not listed; and
//! if the rules divide by them, there is no answer at all.

use super::Session;
use super::answer::{Answer, Exclusion};
use super::refuse;
use crate::diag::{Diagnostic, Span};
use crate::facts::{Condition, Evidence};
use crate::ir::{Claim, Context, Function, Op, Term};
use crate::verify::{self, Vanishing};

/// More exclusions than these are listed as they are: each costs evaluations of all that it is defined from.
const LOOKED_AT: usize = 8;

impl Session {
    /// What the evidence of an answer leaves out, each once, in its simplest form.
    pub(super) fn exclusions(&self, answer: &Answer, claims: &[Claim]) -> Vec<Exclusion> {
        let mut terms: Vec<Term> = Vec::new();
        for term in answer.evidence.iter().filter_map(excluded) {
            let term = base(&self.context, term);
            let known = answer.evidence.iter().any(|evidence| !evidence.excluded && says_nonzero(evidence, term));
            if !known && !terms.contains(&term) {
                terms.push(term);
            }
        }
        let look = terms.len() <= LOOKED_AT;
        let exclusion =
            |term: Term| Exclusion { term, vanishing: if look { self.vanishing(term, claims) } else { None } };
        terms.into_iter().map(exclusion).collect()
    }

    /// The parts of a square matrix that are 0 for every input.
    fn vanishing(&self, term: Term, claims: &[Claim]) -> Option<Vanishing> {
        let shape = self.context.terms.shape(term);
        if !shape.is_square() && !shape.is_scalar() {
            return None;
        }
        verify::vanishing(&self.context, term, claims, self.check_options()).filter(|found| found.somewhere())
    }

    /// The rules divide by something that is 0 for every input: what it is, if that is so.
    pub(super) fn never_away_from_zero(&self, answer: &Answer, span: Span) -> Option<Diagnostic> {
        let (of, vanishing) =
            answer.excluded.iter().find_map(|exclusion| Some((exclusion.term, exclusion.vanishing?)))?;
        let of_matrix = !self.context.terms.shape(of).is_scalar() && !vanishing.everywhere();
        let relation = relation(vanishing.below, vanishing.on, vanishing.above).filter(|_| of_matrix);
        let of = refuse::quoted(&self.context, of);
        let zero = match relation {
            Some(relation) => format!("entry (i, j) of {of} is 0 for i {relation} j"),
            None => format!("{of} is 0"),
        };
        let asked = self.context.terms.args(answer.question).first().map(|&f| refuse::quoted(&self.context, f));
        let asked = asked.unwrap_or_else(|| "this".into());
        Some(
            Diagnostic::error("E0410", format!("the derivative of {asked} divides by 0, whatever the values are"))
                .label(span, zero)
                .note("a root, a norm and an absolute value have no derivative at 0, and no form of the answer is known that leaves these entries out"),
        )
    }
}

/// How i and j are related for some parts of a matrix; `None` for nothing and for all of it.
pub(super) fn relation(below: bool, on: bool, above: bool) -> Option<&'static str> {
    Some(match (below, on, above) {
        (false, true, false) => "=",
        (true, false, true) => "≠",
        (true, false, false) => ">",
        (false, false, true) => "<",
        (true, true, false) => "≥",
        (false, true, true) => "≤",
        _ => return None,
    })
}

/// The term at whose zeros the answer does not hold.
fn excluded(evidence: &Evidence) -> Option<Term> {
    match evidence.condition {
        Condition::AwayFromZero(term) if evidence.excluded => Some(term),
        _ => None,
    }
}

/// Does it say that no entry of the term is 0?
fn says_nonzero(evidence: &Evidence, term: Term) -> bool {
    use crate::ir::Property::{Nonzero, Positive};
    matches!(evidence.condition, Condition::Property(Nonzero | Positive, of) if of == term)
}

/// What is 0 where the term is: u for u², |u|, −u and uᵀ.
fn base(context: &Context, term: Term) -> Term {
    let store = &context.terms;
    let args = store.args(term);
    let is_positive_power = || store.as_number(args[1]).is_some_and(|exponent| exponent.is_positive());
    let inner = match store.op(term) {
        Op::Power if store.shape(term).is_scalar() && is_positive_power() => args[0],
        Op::ElementPower if is_positive_power() => args[0],
        Op::Hadamard if args.iter().all(|arg| *arg == args[0]) => args[0],
        Op::Call(Function::Abs | Function::Sqrt) | Op::Transpose => args[0],
        _ => return term,
    };
    base(context, inner)
}

#[cfg(test)]
mod tests {
    use crate::print;
    use crate::session::{Outcome, Session, present};

    /// What is listed beside the answer to the last statement, or the code and place of its refusal.
    fn beside(script: &str) -> String {
        let mut session = Session::new();
        let last = session.run(script).pop().map(|response| response.outcome);
        let unicode = |prose: &print::Prose| print::inline(prose, print::Spelling::Unicode);
        match last {
            Some(Outcome::Answers(answers)) => {
                let excluded = present::excluded(session.context(), &answers[0]);
                let assumed = present::assumed(session.context(), &answers[0]);
                excluded.iter().chain(&assumed).map(unicode).collect::<Vec<_>>().join("; ")
            }
            Some(Outcome::Error(error)) => format!("{}: {}", error.code, error.labels[0].text),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn what_is_zero_for_every_input_is_not_excluded() {
        for (question, listed) in [
            ("grad sum(abs(A - A')) wrt A", "(A − Aᵀ)ᵢⱼ = 0 for some i ≠ j"),
            ("grad sum(abs(tril(A))) wrt A", "(tril(A))ᵢⱼ = 0 for some i ≥ j"),
            ("grad sum(abs(A)) wrt A", "Aᵢⱼ = 0 for some i, j"),
            ("grad sum(relu(A.*eye(n))) wrt A", "(A ⊙ I)ᵢⱼ = 0 for some i = j"),
            ("grad sum(sqrt(A.^2)) wrt A", "Aᵢⱼ = 0 for some i, j"),
        ] {
            assert_eq!(beside(&format!("A : R^(n×n)\n{question}")), listed, "{question}");
        }
    }

    #[test]
    fn what_divides_by_what_is_always_zero_is_refused_with_its_place() {
        for (script, place) in [
            ("D : R^(n×n) diagonal\ngrad sum(sqrt(D)) wrt D", "entry (i, j) of `D` is 0 for i ≠ j"),
            ("A : R^(n×n)\ngrad sum(sqrt((A - A').^2)) wrt A", "entry (i, j) of `A − Aᵀ` is 0 for i = j"),
            (
                "X : R^(N×D) with rows x_i\ngrad sum_i sum_j norm2(x_i - x_j) wrt X",
                "entry (i, j) of `𝟏𝟏ᵀ (Xᵀ).^2 + (X ⊙ X) 𝟏𝟏ᵀ − 2XXᵀ` is 0 for i = j",
            ),
        ] {
            assert_eq!(beside(script), format!("E0410: {place}"));
        }
    }

    #[test]
    fn what_a_defined_derivative_rests_on_stays_with_its_name() {
        let script = "x : R^n; P : R^(n×n) symmetric\nf = norm2(x)*sum(x) + x'P x\ng = ∂f/∂x\nk = 2 g\nsimplify 3 k";
        assert_eq!(beside(script), "‖x‖ = 0; P symmetric");
    }

    #[test]
    fn the_stronger_of_two_conditions_is_listed() {
        let presupposed = ", as what was typed must be defined";
        for (script, listed) in [
            ("diff log(t)/t wrt t", format!("t positive{presupposed}")),
            ("diff abs(t)*sqrt(t^2) wrt t", "t = 0".into()),
            ("grad log(norm2(u)) wrt u", format!("‖u‖ positive{presupposed}")),
        ] {
            assert_eq!(beside(&format!("t : scalar; u : R^n\n{script}")), listed, "{script}");
        }
    }
}
