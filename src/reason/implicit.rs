//! Differentiate an equation and solve for the derivative of an unknown in it.
//!
//! From L(T, A) = R, where T is a term whose derivative is wanted: differentiate both sides with T as an unknown,
//! so that no rule for d(T) is used, move everything else to the right, and multiply by the inverses of what stands
//! beside ∂T. This is how ∂A⁻¹/∂α follows from A⁻¹A = I.

use super::{Limit, Proof, Verdict};
use crate::derive::{Deriver, Engine};
use crate::facts::{Condition, Evidence};
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Context, Op, Property, Symbol, SymbolKind, Term};
use crate::rules::Kink;
use crate::trace::{Derivation, Inference, Level, Piece, Rich, Statement, Step, words};

/// Proves `∂T/∂t = claimed` from the hypothesis `left = right`, all raw terms.
///
/// The verdict is `Unknown` if the hypothesis does not determine ∂T/∂t this way, or determines another value.
pub fn prove(
    context: &mut Context,
    engine: &Engine,
    unknown: Term,
    t: Symbol,
    claimed: Term,
    hypothesis: (Term, Term),
) -> Verdict {
    let mut proof = Implicit::new(context, engine, unknown, t, hypothesis);
    match proof.run() {
        Err(limit) => Verdict::Unknown(limit),
        Ok(found) => {
            let claimed = Normal::new(&mut proof.context.terms).term(claimed);
            if found == claimed {
                Verdict::Proved(Proof {
                    derivation: proof.derivation,
                    evidence: proof.evidence,
                    not_used: proof.not_used,
                })
            } else {
                Verdict::Unknown(Limit::Other { found })
            }
        }
    }
}

struct Implicit<'a> {
    context: &'a mut Context,
    engine: &'a Engine,
    /// The term whose derivative is wanted.
    unknown: Term,
    /// The name that stands for it while differentiating.
    stand_in: Term,
    t: Symbol,
    left: Term,
    right: Term,
    derivation: Derivation,
    evidence: Vec<Evidence>,
    not_used: Vec<String>,
}

impl<'a> Implicit<'a> {
    fn new(
        context: &'a mut Context,
        engine: &'a Engine,
        unknown: Term,
        t: Symbol,
        (left, right): (Term, Term),
    ) -> Self {
        let shape = context.terms.shape(unknown).clone();
        let stand_in = context.declare_hidden("?", shape, SymbolKind::Variable);
        context.depend(stand_in, t);
        let stand_in = context.terms.symbol(stand_in);
        Implicit {
            context,
            engine,
            unknown,
            stand_in,
            t,
            left,
            right,
            derivation: Derivation::default(),
            evidence: Vec::new(),
            not_used: Vec::new(),
        }
    }

    /// The value of ∂T/∂t that follows from the hypothesis.
    fn run(&mut self) -> Result<Term, Limit> {
        self.differentiability();
        self.given();
        let (left, right) = self.differentiate()?;
        let (factor, before, after, moved) = self.isolate(left, right)?;
        self.solve(factor, before, after, moved)
    }

    /// Step 0: why T is differentiable at all, which the product rule needs.
    fn differentiability(&mut self) {
        let normal = Normal::new(&mut self.context.terms).term(self.unknown);
        let Some(reason) = self.engine.rules.differentiable(self.context, normal) else { return };
        self.not_used.push(reason.rule);
        let mut because = vec![
            Piece::Math(self.unknown),
            Piece::Text(" is differentiable: ".into()),
            Piece::Equation(self.unknown, reason.equal_to),
            Piece::Text(", ".into()),
        ];
        because.extend(reason.because);
        let statement = Statement::Term(self.unknown);
        self.push(Inference::Condition, statement, statement, because);
    }

    fn given(&mut self) {
        let equation = Statement::Equation(self.left, self.right);
        self.push(Inference::Given, equation, equation, words("given"));
    }

    /// Both sides differentiated, with the stand-in for T.
    fn differentiate(&mut self) -> Result<(Term, Term), Limit> {
        let t = self.context.terms.symbol(self.t);
        let given = Statement::Equation(self.left, self.right);
        let raw_left = self.partial(self.left);
        let stand_ins: Vec<Term> = [self.left, self.right].map(|side| self.with_stand_in(side)).into();
        if !stand_ins.iter().any(|&side| self.context.terms.contains(side, self.stand_in)) {
            return Err(Limit::NotLinear);
        }
        let mut deriver = Deriver::new(self.context, self.engine, Kink::Excluded, &[self.t], &[self.left, self.right]);
        let mut sides = Vec::new();
        for &side in &stand_ins {
            sides.push(deriver.derivative_by_scalar_unfinished(side, self.t).map_err(Limit::Refused)?);
        }
        let rules_used = deriver.derivation.steps.clone();
        let reasons = deriver.reasons_since(0);
        for evidence in std::mem::take(&mut deriver.evidence) {
            if !self.evidence.contains(&evidence) {
                self.evidence.push(evidence);
            }
        }
        let right = self.back(sides[1]);
        let both = Statement::Equation(raw_left, right);
        let mut because = words("differentiate both sides");
        if self.context.terms.is_zero(right) {
            because.push(Piece::Text("; ".into()));
            because.push(Piece::Math(self.right));
            because.push(Piece::Text(" does not depend on ".into()));
            because.push(Piece::Math(t));
        }
        self.push(Inference::DifferentiateBothSides, given, both, because);
        for step in rules_used.into_iter().filter(|step| step.level > Level::Headline) {
            let step = self.step_back(step);
            self.derivation.push(step);
        }
        let left = self.back(sides[0]);
        let expanded = Statement::Equation(left, right);
        self.push(Inference::Together(reasons.1), both, expanded, words(reasons.0.join(", ")));
        Ok((sides[0], sides[1]))
    }

    /// ∂(…)/∂t as typed.
    fn partial(&mut self, term: Term) -> Term {
        let t = self.context.terms.symbol(self.t);
        self.context.terms.make(Op::Partial, &[term, t])
    }

    /// The raw term with each occurrence of T replaced by the stand-in, then normalised.
    fn with_stand_in(&mut self, term: Term) -> Term {
        let normal_unknown = Normal::new(&mut self.context.terms).term(self.unknown);
        let replace = FastMap::from_iter([(self.unknown, self.stand_in), (normal_unknown, self.stand_in)]);
        Normal::new(&mut self.context.terms).substitute(term, &replace)
    }

    /// The term with T instead of its stand-in; nothing else is simplified, so that what was derived stays visible.
    fn back(&mut self, term: Term) -> Term {
        let mut done: FastMap<Term, Term> = FastMap::from_iter([(self.stand_in, self.unknown)]);
        for node in self.context.terms.postorder(term) {
            if !done.contains_key(&node) {
                let args: Vec<Term> = self.context.terms.args(node).iter().map(|arg| done[arg]).collect();
                let op = self.context.terms.op(node).clone();
                let built = self.context.terms.make(op, &args);
                done.insert(node, built);
            }
        }
        done[&term]
    }

    fn step_back(&mut self, mut step: Step) -> Step {
        let mut statement = |s: &mut Statement| match s {
            Statement::Term(t) => *t = self.back(*t),
            Statement::Equation(l, r) => (*l, *r) = (self.back(*l), self.back(*r)),
        };
        statement(&mut step.before);
        statement(&mut step.after);
        step.substitution = step.substitution.into_iter().map(|(name, t)| (name, self.back(t))).collect();
        step
    }

    /// P ∂T Q alone on the left; returns ∂T's term, P, Q, and the right side.
    fn isolate(&mut self, left: Term, right: Term) -> Result<(Term, Vec<Term>, Vec<Term>, Term), Limit> {
        let t = self.context.terms.symbol(self.t);
        let derivative = self.context.terms.make(Op::Partial, &[self.stand_in, t]);
        let summands = match self.context.terms.op(left) {
            Op::Sum => self.context.terms.args(left).to_vec(),
            _ => vec![left],
        };
        let (with, rest): (Vec<Term>, Vec<Term>) =
            summands.into_iter().partition(|&s| self.context.terms.contains(s, derivative));
        let [term] = with[..] else { return Err(Limit::NotLinear) };
        if self.context.terms.contains(right, derivative) {
            return Err(Limit::NotLinear);
        }
        let mut moved = vec![right];
        let mut normal = Normal::new(&mut self.context.terms);
        moved.extend(rest.iter().map(|&t| normal.negate(t)).collect::<Vec<_>>());
        let moved = normal.sum(&moved);
        if !rest.is_empty() {
            let subtracted = normal.sum(&rest);
            let (l, r) = (self.back(left), self.back(right));
            let (single, other) = (self.back(term), self.back(moved));
            let what = self.back(subtracted);
            let because = vec![Piece::Text("subtract ".into()), Piece::Math(what)];
            self.push(
                Inference::MoveTerm(what),
                Statement::Equation(l, r),
                Statement::Equation(single, other),
                because,
            );
        }
        let factors = match self.context.terms.op(term) {
            Op::Product => self.context.terms.args(term).to_vec(),
            _ => vec![term],
        };
        let at = factors.iter().position(|&f| f == derivative).ok_or(Limit::NotLinear)?;
        Ok((derivative, factors[..at].to_vec(), factors[at + 1..].to_vec(), moved))
    }

    /// Multiplies by the inverses of what stands beside ∂T, from the right and then from the left.
    fn solve(&mut self, derivative: Term, before: Vec<Term>, after: Vec<Term>, moved: Term) -> Result<Term, Limit> {
        let (mut before, mut after, mut value) = (before, after, moved);
        while let Some(factor) = after.pop() {
            let mut rest = before.clone();
            rest.push(derivative);
            rest.extend(&after);
            value = self.multiply(factor, &rest, value, true)?;
        }
        while !before.is_empty() {
            let factor = before.remove(0);
            let mut rest = before.clone();
            rest.push(derivative);
            value = self.multiply(factor, &rest, value, false)?;
        }
        let found = self.back(value);
        Ok(Normal::new(&mut self.context.terms).term(found))
    }

    fn multiply(&mut self, factor: Term, rest: &[Term], value: Term, from_right: bool) -> Result<Term, Limit> {
        let original = self.back(factor);
        let evidence = self.invertible(original)?;
        if !self.evidence.contains(&evidence) {
            self.evidence.push(evidence.clone());
        }
        let mut normal = Normal::new(&mut self.context.terms);
        let inverse = if normal.store().shape(factor).is_scalar() {
            let minus_one = normal.store_mut().integer(-1);
            normal.power(factor, minus_one)
        } else {
            normal.inverse(factor)
        };
        let left = normal.product(rest);
        let right = if from_right { normal.product(&[value, inverse]) } else { normal.product(&[inverse, value]) };
        let mut whole = rest.to_vec();
        if from_right {
            whole.push(factor)
        } else {
            whole.insert(0, factor)
        };
        let whole = normal.product(&whole);
        let (by, identity) = (self.back(inverse), if from_right { [factor, inverse] } else { [inverse, factor] });
        let identity = identity.map(|f| self.back(f));
        let identity = self.context.terms.make(Op::Product, &identity);
        let one = Normal::new(&mut self.context.terms).term(identity);
        let side = if from_right { " from the right; " } else { " from the left; " };
        let because = vec![
            Piece::Text("multiply by ".into()),
            Piece::Math(by),
            Piece::Text(side.into()),
            Piece::Equation(identity, one),
        ];
        let inference = if from_right { Inference::MultiplyRight(by) } else { Inference::MultiplyLeft(by) };
        let earlier = Statement::Equation(self.back(whole), self.back(value));
        let later = Statement::Equation(self.back(left), self.back(right));
        let mut step = Step::inference(inference, earlier, later, because, Level::Headline);
        step.evidence = vec![evidence];
        self.derivation.push(step);
        Ok(right)
    }

    fn invertible(&mut self, factor: Term) -> Result<Evidence, Limit> {
        let facts = crate::facts::Facts::new(self.context, &[], &[self.left, self.right]);
        let property =
            if self.context.terms.shape(factor).is_scalar() { Property::Nonzero } else { Property::Invertible };
        let factor = Normal::new(&mut self.context.terms).term(factor);
        facts.holds(self.context, &Condition::Property(property, factor)).ok_or(Limit::NotInvertible(factor))
    }

    fn push(&mut self, by: Inference, before: Statement, after: Statement, because: Rich) {
        self.derivation.push(Step::inference(by, before, after, because, Level::Headline));
    }
}
