//! `prove` and `check`: claims, with steps where there are, and with numbers where they are false.

use super::answer::{Answer, Kind, Status};
use super::{Session, refuse};
use crate::diag::{Diagnostic, Span};
use crate::egraph;
use crate::elaborate::{self, Note};
use crate::facts::Facts;
use crate::ir::normal::Normal;
use crate::ir::{AssumptionId, Claim, Function, Op, Property, Symbol, Term};
use crate::print::{Spelling, equation};
use crate::reason::{Limit, Verdict as Proved, implicit};
use crate::rules::{Class, Kink};
use crate::syntax::statement::Claim as Typed;
use crate::trace::{Derivation, Inference, Justification, Level, Piece, Statement, Step};
use crate::verify::{self, Check, Question, Verdict};

/// Left and right sides.
type Equations = Vec<(Term, Term)>;
type Answered = Result<(Vec<Answer>, Vec<Note>), Diagnostic>;

impl Session {
    /// `prove l = r given …`.
    pub(super) fn prove(&mut self, claim: &Typed, given: &[Typed]) -> Answered {
        let (equations, mut notes) = self.claimed(claim)?;
        let (hypotheses, more) = self.given(given)?;
        notes.extend(more);
        let first = self.context.next_assumption();
        let answers: Result<Vec<Answer>, Diagnostic> =
            equations.into_iter().map(|equation| self.prove_one(equation, &hypotheses, claim.span())).collect();
        self.context.retire(first);
        Ok((answers?, notes))
    }

    fn prove_one(
        &mut self,
        (left, right): (Term, Term),
        hypotheses: &[Claim],
        span: Span,
    ) -> Result<Answer, Diagnostic> {
        let (equations, properties): (Vec<Claim>, Vec<Claim>) =
            hypotheses.iter().cloned().partition(|claim| matches!(claim, Claim::Equation(..)));
        elaborate::record(&mut self.context, properties);
        let given: Equations = equations.iter().filter_map(sides).collect();
        let mut answer = self.blank(Kind::Proof, left, right);
        self.refute(left, right, &given, span)?;
        match self.proof_by_differentiating(left, right, &given) {
            Some(Proved::Proved(proof)) => {
                answer.status = Status::Proved;
                answer.derivation = proof.derivation.into();
                answer.evidence = proof.evidence;
                answer.not_used = proof.not_used;
            }
            _ => {
                self.record(equations);
                answer.status = self.by_rewriting(left, right, &mut answer, Limit::NoStrategy);
            }
        }
        Ok(answer)
    }

    /// What stands behind `given` or `assume`.
    pub(super) fn given(&mut self, given: &[Typed]) -> Result<(Vec<Claim>, Vec<Note>), Diagnostic> {
        let (mut all, mut notes) = (Vec::new(), Vec::new());
        for typed in given {
            let (claims, more) = elaborate::claims(&mut self.context, &self.scope, typed)?;
            all.extend(claims);
            notes.extend(more);
        }
        Ok((all, notes))
    }

    /// What is claimed, as equations.
    fn claimed(&mut self, typed: &Typed) -> Result<(Equations, Vec<Note>), Diagnostic> {
        let (claims, notes) = elaborate::claims(&mut self.context, &self.scope, typed)?;
        let mut equations = Vec::new();
        for claim in claims {
            let equation = match claim {
                Claim::Equation(left, right) => {
                    self.refuse_without_value(left, typed.span(), &[])?;
                    self.refuse_without_value(right, typed.span(), &[])?;
                    Some((left, right))
                }
                Claim::Property(term, property) => self.meaning_of(property, term),
                Claim::Differentiable(..) => None,
            };
            equations.push(equation.ok_or_else(|| {
                refuse::not_yet(typed.span(), "proving a property that is not an equation")
                    .note("symmetric, skew, orthogonal, orthonormal columns, diagonal and triangular are equations")
            })?);
        }
        Ok((equations, notes))
    }

    /// The equation that a property is: S is symmetric if Sᵀ = S.
    fn meaning_of(&mut self, property: Property, term: Term) -> Option<(Term, Term)> {
        let terms = &mut self.context.terms;
        let transposed = terms.make(Op::Transpose, &[term]);
        let cols = terms.shape(term).cols();
        let (left, right) = match property {
            Property::Symmetric => (transposed, term),
            Property::Skew => {
                let minus_one = terms.integer(-1);
                (transposed, terms.make(Op::Product, &[minus_one, term]))
            }
            Property::Orthogonal | Property::OrthonormalColumns => {
                (terms.make(Op::Product, &[transposed, term]), terms.identity(cols))
            }
            Property::Diagonal => {
                let diagonal = terms.make(Op::Call(Function::DiagPart), &[term]);
                (term, terms.make(Op::Call(Function::Diag), &[diagonal]))
            }
            Property::UpperTriangular => (terms.make(Op::Call(Function::Triu), &[term]), term),
            Property::LowerTriangular => (terms.make(Op::Call(Function::Tril), &[term]), term),
            _ => return None,
        };
        Some((left, right))
    }

    /// An error with numbers, if the claim is false.
    fn refute(&mut self, left: Term, right: Term, given: &[(Term, Term)], span: Span) -> Result<(), Diagnostic> {
        // A claim is false only where its hypotheses hold; where no such point is found, nothing is refuted.
        let mut claims: Vec<Claim> = self.context.assumptions().map(|(_, a)| a.claim.clone()).collect();
        claims.extend(given.iter().map(|&(left, right)| Claim::Equation(left, right)));
        let mut check = Check::new(&self.context, Question::Equal(left), right);
        check.options = self.check_options();
        check.claims = std::mem::take(&mut claims);
        let Verdict::Mismatch(witness) = check.run() else { return Ok(()) };
        let mut d = Diagnostic::error("E0501", "this equation is false");
        let exact = verify::refute(&self.context, left, right, &check.claims, self.limits.seed);
        match exact {
            Some(found) => {
                let (label, note) = refuse::counterexample(&self.context, &found);
                d = d.label(span, label).note(note);
            }
            None => {
                let sizes: Vec<String> = witness.sizes.iter().map(|(name, n)| format!("{name} = {n}")).collect();
                d = d.label(span, "the two sides differ at a random point").note(format!("sizes {}", sizes.join(", ")));
            }
        }
        Err(match self.lemma(left, right) {
            Some(note) => d.note(note),
            None => d,
        })
    }

    /// What a rule makes of one of the sides: ``rule `inv-product` gives inv(A*B) = inv(B)*inv(A)``.
    fn lemma(&mut self, left: Term, right: Term) -> Option<String> {
        let facts = Facts::new(&mut self.context, &[], &[left, right]);
        for side in [left, right] {
            let normal = Normal::new(&mut self.context.terms).term(side);
            let rules = &self.engine.rules;
            let found = rules.apply_class(Class::Lemma, Kink::Excluded, &mut self.context, &facts, normal);
            if let Some(found) = found {
                let text = equation(&self.context, side, found.after, Spelling::Ascii);
                return Some(format!("rule `{}` gives {text}", rules.rule(found.rule).name));
            }
        }
        None
    }

    /// ∂T/∂t = … from an equation in which T stands.
    fn proof_by_differentiating(&mut self, left: Term, right: Term, given: &[(Term, Term)]) -> Option<Proved> {
        let mut last = None;
        for (goal, value) in [(left, right), (right, left)] {
            let Some((unknown, t)) = self.derivative_by_scalar_name(goal) else { continue };
            for &hypothesis in given {
                let verdict = implicit::prove(&mut self.context, &self.engine, unknown, t, value, hypothesis);
                if matches!(verdict, Proved::Proved(_)) {
                    return Some(verdict);
                }
                last = Some(verdict);
            }
        }
        last
    }

    /// T and t, if the term is ∂T/∂t with a scalar name t.
    fn derivative_by_scalar_name(&self, term: Term) -> Option<(Term, Symbol)> {
        if *self.context.terms.op(term) != Op::Partial {
            return None;
        }
        let [of, by] = *self.context.terms.args(term) else { return None };
        let t = self.context.terms.as_symbol(by)?;
        self.context.info(t).shape.is_scalar().then_some((of, t))
    }

    /// By normal forms and the e-graph.
    fn by_rewriting(&mut self, left: Term, right: Term, answer: &mut Answer, limit: Limit) -> Status {
        let resolved = [left, right].map(|side| self.resolved(side, Span::default()));
        let [Ok(resolved_left), Ok(resolved_right)] = resolved else { return Status::Unknown(limit) };
        let (a, b) = (resolved_left.term, resolved_right.term);
        let facts = Facts::new(&mut self.context, &[], &[left, right]);
        let options = egraph::Options::default();
        let hypotheses = self.assumed_equations();
        let backward = hypotheses.iter().map(turned).collect();
        let mut stopped = limit;
        for hypotheses in [hypotheses, backward] {
            let (from, to) = (self.without_given_names(a, &hypotheses), self.without_given_names(b, &hypotheses));
            let sides = (last(&from, a), last(&to, b));
            match egraph::equal(&mut self.context, &self.engine.rewrites, &facts, sides, &hypotheses, &options) {
                egraph::Verdict::Proved { steps } => {
                    let steps: Vec<Step> =
                        from.into_iter().chain(steps).chain(to.into_iter().rev().map(back)).collect();
                    answer.evidence = steps.iter().flat_map(|step| step.evidence.clone()).collect();
                    answer.assumptions = steps.iter().filter_map(assumption).collect();
                    [&resolved_left, &resolved_right].into_iter().for_each(|side| side.rest_in(answer));
                    answer.derivation = Derivation { steps }.into();
                    return Status::Proved;
                }
                egraph::Verdict::NotFound { stop } if stopped == Limit::NoStrategy => {
                    stopped = Limit::EGraph(stop.name().to_owned());
                }
                egraph::Verdict::NotFound { .. } => {}
            }
        }
        Status::Unknown(stopped)
    }

    /// The assumed equations, as they were typed.
    fn assumed_equations(&mut self) -> Vec<egraph::Hypothesis> {
        let equations = self.context.assumptions().filter_map(|(id, assumption)| match assumption.claim {
            Claim::Equation(lhs, rhs) => Some((lhs, rhs, egraph::Origin::Assumption(id))),
            _ => None,
        });
        let equations: Vec<_> = equations.collect();
        let mut normal = Normal::new(&mut self.context.terms);
        equations
            .into_iter()
            .map(|(lhs, rhs, origin)| egraph::Hypothesis { lhs: normal.term(lhs), rhs: normal.term(rhs), origin })
            .collect()
    }

    /// Steps that replace each name b of a hypothesis b = Ax by the other side, so that A⁻¹b becomes A⁻¹Ax = x. The
    /// e-graph would not: it looks for smaller terms, and a name is the smallest.
    fn without_given_names(&mut self, term: Term, hypotheses: &[egraph::Hypothesis]) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for hypothesis in hypotheses {
            let egraph::Origin::Assumption(id) = hypothesis.origin else { continue };
            let Some(name) = self.context.terms.as_symbol(hypothesis.lhs) else { continue };
            if self.context.symbols_in(hypothesis.rhs).contains(&name) {
                continue;
            }
            let before = last(&steps, term);
            let replace = [(hypothesis.lhs, hypothesis.rhs)].into_iter().collect();
            let after = Normal::new(&mut self.context.terms).substitute(before, &replace);
            if after != before {
                let because = vec![Piece::Equation(hypothesis.lhs, hypothesis.rhs)];
                let (before, after) = (Statement::Term(before), Statement::Term(after));
                steps.push(Step::inference(Inference::Assumption(id), before, after, because, Level::Full));
            }
        }
        steps
    }

    /// `check … given …`: each equation of the lines, decided by evaluation.
    pub(super) fn check_lines(&mut self, lines: &[Typed], given: &[Typed]) -> Answered {
        let (hypotheses, notes) = self.given(given)?;
        let first = self.context.next_assumption();
        self.record(hypotheses);
        let answered = self.check_each(lines);
        self.context.retire(first);
        let (answers, more) = answered?;
        Ok((answers, [notes, more].concat()))
    }

    fn check_each(&mut self, lines: &[Typed]) -> Answered {
        let (mut answers, mut notes) = (Vec::new(), Vec::new());
        for line in lines {
            let (equations, more) = self.claimed(line)?;
            notes.extend(more);
            for (left, right) in equations {
                self.refute(left, right, &[], line.span())?;
                let mut answer = self.blank(Kind::Proof, left, right);
                answer.status = self.by_rewriting(left, right, &mut answer, Limit::NoStrategy);
                answers.push(answer);
            }
        }
        Ok((answers, notes))
    }
}

fn sides(claim: &Claim) -> Option<(Term, Term)> {
    match claim {
        Claim::Equation(left, right) => Some((*left, *right)),
        _ => None,
    }
}

/// The equation, read from right to left.
fn turned(equation: &egraph::Hypothesis) -> egraph::Hypothesis {
    egraph::Hypothesis { lhs: equation.rhs, rhs: equation.lhs, origin: equation.origin.clone() }
}

/// Where the steps lead, from `start`.
fn last(steps: &[Step], start: Term) -> Term {
    match steps.last().map(|step| &step.after) {
        Some(Statement::Term(term)) => *term,
        _ => start,
    }
}

/// The step in the other direction.
fn back(step: Step) -> Step {
    Step { before: step.after, after: step.before, ..step }
}

/// The assumption that a step uses.
fn assumption(step: &Step) -> Option<AssumptionId> {
    match step.by {
        Justification::Inference(Inference::Assumption(id)) => Some(id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Outcome;

    /// The status of the last statement, and how many answers it has.
    fn run(text: &str) -> String {
        let mut session = Session::new();
        session.run("A, B : R^(n×n); x, b : R^n; s, t : scalar");
        let responses = session.run(text);
        match &responses[responses.len() - 1].outcome {
            Outcome::Answers(answers) => answers
                .iter()
                .map(|answer| match answer.status {
                    Status::Proved => "proved",
                    Status::Unknown(_) => "unknown",
                    _ => "ok",
                })
                .collect::<Vec<_>>()
                .join(" "),
            Outcome::Error(error) => format!("{}: {}", error.code, error.title),
            Outcome::Assumed(claims) => {
                let claims = claims.iter().map(|claim| crate::print::inline(claim, Spelling::Ascii));
                claims.collect::<Vec<_>>().join("; ")
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn properties_are_the_equations_they_mean() {
        assert_eq!(run("prove A'*A symmetric"), "proved");
        assert_eq!(run("prove A - A' skew"), "proved");
        assert_eq!(run("prove A*B symmetric given A symmetric, B symmetric, A*B = B*A"), "proved");
        assert!(run("prove A*B symmetric given A symmetric, B symmetric").starts_with("E0501"));
        assert!(run("prove A + B symmetric").starts_with("E0501"));
        assert!(run("prove A invertible").starts_with("E0901"));
    }

    #[test]
    fn several_claims_are_proved_one_by_one() {
        assert_eq!(run("prove tr(A*B) = tr(B*A) = tr(A'*B')"), "proved proved");
        assert!(run("prove tr(A*B) = tr(B*A) = tr(A)").starts_with("E0501"));
    }

    #[test]
    fn what_is_given_holds_for_one_question() {
        assert_eq!(run("check A'*A*x = x given A'*A = I"), "proved");
        assert!(run("check A'*A*x = x given A'*A = I\ncheck A'*A*x = x").starts_with("E0501"));
        assert!(run("prove A' = A given A symmetric\nprove A' = A").starts_with("E0501"));
        assert!(run("prove A' = A given B = A*A, A symmetric\nprove B = A*A").starts_with("E0501"));
        assert_eq!(run("assume A symmetric\nprove A' = A given A symmetric\nprove A' = A"), "proved");
    }

    #[test]
    fn inequalities_are_properties_of_differences() {
        assert_eq!(run("assume 0 < s < 1"), "s positive; 1 - s positive");
        assert_eq!(run("assume s >= t"), "s - t nonnegative");
        assert_eq!(run("assume x <= 0"), "-x nonnegative");
        assert!(run("assume s != t").starts_with("s - t nonzero"));
        assert!(run("assume x != b").starts_with("E0901"));
    }

    #[test]
    fn several_bodies_of_a_function_agree() {
        assert!(run("h(x) = x + x = 2*x").starts_with("Defined"));
        assert!(run("h(x) = x + x = 3*x").starts_with("E0504"));
        assert!(run("h(y) = y + y = 2*y").starts_with("E0901"));
    }
}
