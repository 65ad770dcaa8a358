//! `prove` and `check`: claims, with steps where there are, and with numbers where they are false.

use super::answer::{Answer, Kind, Status};
use super::{Session, refuse};
use crate::diag::{Diagnostic, Span};
use crate::egraph;
use crate::elaborate::{self, Note};
use crate::facts::Facts;
use crate::ir::normal::Normal;
use crate::ir::{AssumptionId, Claim, Op, Symbol, Term};
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
    pub(super) fn prove(&mut self, claim: &Typed, given: &[Typed], span: Span) -> Answered {
        let (equations, mut notes) = self.equations(claim, span)?;
        let [(left, right)] = equations[..] else {
            return Err(refuse::not_yet(span, "proving several equations at once"));
        };
        let mut hypotheses = Vec::new();
        for typed in given {
            let (found, more) = self.equations(typed, span)?;
            hypotheses.extend(found);
            notes.extend(more);
        }
        let mut answer = self.blank(Kind::Proof, left, right);
        self.refute(left, right, &hypotheses, claim.span())?;
        match self.proof_by_differentiating(left, right, &hypotheses) {
            Some(Proved::Proved(proof)) => {
                answer.status = Status::Proved;
                answer.derivation = proof.derivation.into();
                answer.evidence = proof.evidence;
                answer.not_used = proof.not_used;
            }
            _ => answer.status = self.by_rewriting(left, right, &mut answer, Limit::NoStrategy),
        }
        Ok((vec![answer], notes))
    }

    fn equations(&mut self, typed: &Typed, span: Span) -> Result<(Equations, Vec<Note>), Diagnostic> {
        let (claims, notes) = elaborate::claims(&mut self.context, &self.scope, typed)?;
        let mut equations = Vec::new();
        for claim in claims {
            match claim {
                Claim::Equation(left, right) => equations.push((left, right)),
                _ => return Err(refuse::not_yet(span, "proofs about properties")),
            }
        }
        Ok((equations, notes))
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
                let verdict = implicit::prove(&mut self.context, self.engine, unknown, t, value, hypothesis);
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
        let resolved = [left, right].map(|side| self.resolved_by(side, Span::default()));
        let [Ok((a, mut evidence)), Ok((b, more))] = resolved else { return Status::Unknown(limit) };
        evidence.extend(more);
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
                    evidence.extend(steps.iter().flat_map(|step| step.evidence.clone()));
                    answer.evidence = evidence;
                    answer.assumptions = steps.iter().filter_map(assumption).collect();
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

    /// `check …`: each equation of the lines, decided by evaluation.
    pub(super) fn check_lines(&mut self, lines: &[Typed], given: &[Typed], span: Span) -> Answered {
        if !given.is_empty() {
            return Err(refuse::not_yet(span, "checking under hypotheses"));
        }
        let (mut answers, mut notes) = (Vec::new(), Vec::new());
        for line in lines {
            let (equations, more) = self.equations(line, line.span())?;
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
