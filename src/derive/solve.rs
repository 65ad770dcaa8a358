//! Equations solved for an unknown in which they are linear.
//!
//! The linear part is the differential by the unknown, 𝓐(dX), if the unknown stands nowhere else in it; the rest is
//! what the equation says at X = 0. So X = −𝓐⁻¹(rest), as for names that an equation defines (`implicit`): where 𝓐 is
//! the multiplication by matrices, by their inverses; where it is the product with E entry by entry, divided by E;
//! otherwise vec X = −M⁻¹ vec(rest) with the matrix M that the rules of class `identify` read off, as (I ⊗ A + Bᵀ ⊗ I)
//! for AX + XB.
//!
//! That the inverses exist is what makes the solution single; what is not known of it is assumed, and said.

use super::linear::Map;
use super::{Deriver, Refusal};
use crate::facts::{Condition, Evidence};
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Function, Op, Property, Symbol, Term};
use crate::shape::Dim;
use crate::trace::{Inference, Level, Piece, Rich, Statement, Step, words};
use std::collections::BTreeSet;

/// What the unknown is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Solved {
    /// The unknown, or its vec.
    pub unknown: Term,
    /// What it is equal to.
    pub value: Term,
}

/// Why an equation was not solved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsolved {
    /// The unknown does not stand in it, or cancels.
    Absent,
    /// It is not linear in the unknown.
    NotLinear,
    /// It says too little or too much.
    Count {
        /// The number of scalar equations.
        equations: Dim,
        /// The number of entries of the unknown.
        unknowns: Dim,
    },
    /// The linear part was not found.
    Refused(Refusal),
}

impl From<Refusal> for Unsolved {
    fn from(refusal: Refusal) -> Self {
        Unsolved::Refused(refusal)
    }
}

impl Deriver<'_> {
    /// Solves `left = right` for `unknown`, the only variable of this derivation, with steps.
    ///
    /// # Errors
    /// The equation is not one that determines the unknown linearly.
    pub fn solve(&mut self, unknown: Symbol, (left, right): (Term, Term)) -> Result<Solved, Unsolved> {
        let x = self.context.terms.symbol(unknown);
        let mut normal = Normal::new(&mut self.context.terms);
        let (left, right) = (normal.term(left), normal.term(right));
        let difference = normal.subtract(left, right);
        let (linear, rest) = self.linear_part(difference, x)?;
        let equations = self.context.terms.shape(difference).entries();
        let unknowns = self.context.terms.shape(x).entries();
        if equations != unknowns {
            return Err(Unsolved::Count { equations, unknowns });
        }
        let dx = self.d(x);
        let value = Normal::new(&mut self.context.terms).negate(rest);
        let collected = self.replace_differentials(linear, &FastMap::from_iter([(x, x)]));
        match self.map_of(linear, dx) {
            Some(map) => {
                let collected = self.applied(&map, x);
                self.say_collected((left, right), (collected, value), x);
                self.by_inverses(&map, x, value)
            }
            None => {
                let factor = self.entrywise_factor(linear, unknown);
                let factor = factor.map(|factor| self.collect(factor)).transpose()?;
                if let Some(factor) = factor.filter(|_| !self.context.terms.shape(x).is_scalar()) {
                    return self.divided_entry_by_entry((left, right), x, (factor, value));
                }
                self.say_collected((left, right), (collected, value), x);
                self.entry_by_entry(unknown, linear, (collected, value))
            }
        }
    }

    /// 𝓐(dX), and what is left at X = 0.
    fn linear_part(&mut self, difference: Term, x: Term) -> Result<(Term, Term), Unsolved> {
        let terms = &self.context.terms;
        let acts_on_x = |part: Term| {
            let nonlinear = match terms.op(part) {
                // The derivative of a step function is zero, so it would go unnoticed.
                Op::Call(function) => function.is_entrywise(),
                Op::Cases(_) | Op::Max | Op::Elementwise { .. } => true,
                _ => false,
            };
            nonlinear && terms.contains(part, x)
        };
        if terms.any(difference, acts_on_x) {
            return Err(Unsolved::NotLinear);
        }
        let mark = self.derivation.steps.len();
        let linear = self.differential(difference)?;
        self.derivation.steps.truncate(mark);
        if self.occurs(linear, x) {
            return Err(Unsolved::NotLinear);
        }
        if self.context.terms.is_zero(linear) {
            return Err(Unsolved::Absent);
        }
        let zero = self.context.terms.zero(self.context.terms.shape(x).clone());
        let rest = Normal::new(&mut self.context.terms).substitute(difference, &FastMap::from_iter([(x, zero)]));
        let rest = self.collect(rest)?;
        self.derivation.steps.truncate(mark);
        Ok((linear, rest))
    }

    /// L·X·R = value, or L·Xᵀ·R = value.
    fn by_inverses(&mut self, map: &Map, x: Term, value: Term) -> Result<Solved, Unsolved> {
        let mut around = Map { left: map.left, right: map.right, transposed: map.transposed };
        let value = self.with_inverse(&mut around, true, x, value);
        let mut value = self.with_inverse(&mut around, false, x, value);
        if map.transposed {
            let turned = Normal::new(&mut self.context.terms).transpose(value);
            let (before, after) = (self.applied(&around, x), Statement::Equation(x, turned));
            let by = Inference::Together(Vec::new());
            let because = words("transpose both sides");
            self.push(Step::inference(by, Statement::Equation(before, value), after, because, Level::Headline));
            value = turned;
        }
        let value = self.finish_solution(value)?;
        Ok(Solved { unknown: x, value })
    }

    /// Both sides multiplied by the inverse of the left or right factor, if there is one; the new right side.
    fn with_inverse(&mut self, around: &mut Map, is_left: bool, x: Term, value: Term) -> Term {
        let before = self.applied(around, x);
        let side = if is_left { &mut around.left } else { &mut around.right };
        let terms = &self.context.terms;
        let factor = side.take().filter(|&side| !terms.is_one(side) && !matches!(terms.op(side), Op::Identity(_)));
        let Some(factor) = factor else { return value };
        self.require(factor);
        let inverse = self.inverse_of(factor);
        let product = if is_left { [inverse, value] } else { [value, inverse] };
        let after = Normal::new(&mut self.context.terms).product(&product);
        let now = self.applied(around, x);
        self.say_multiplied((before, value), (now, after), (factor, inverse), is_left);
        after
    }

    /// E ⊙ X = value.
    fn divided_entry_by_entry(
        &mut self,
        equation: (Term, Term),
        x: Term,
        (factor, value): (Term, Term),
    ) -> Result<Solved, Unsolved> {
        let mut normal = Normal::new(&mut self.context.terms);
        let collected = normal.hadamard(&[factor, x]);
        let minus_one = normal.store_mut().integer(-1);
        let reciprocal = normal.element_power(factor, minus_one);
        let divided = normal.hadamard(&[value, reciprocal]);
        self.say_collected(equation, (collected, value), x);
        self.require_property(Property::Nonzero, factor);
        let because =
            vec![Piece::Text("divide by ".into()), Piece::Math(factor), Piece::Text(", entry by entry".into())];
        let (before, after) = (Statement::Equation(collected, value), Statement::Equation(x, divided));
        self.push(Step::inference(Inference::Divide(factor), before, after, because, Level::Headline));
        let value = self.finish_solution(divided)?;
        Ok(Solved { unknown: x, value })
    }

    /// M vec X = vec value.
    fn entry_by_entry(
        &mut self,
        unknown: Symbol,
        linear: Term,
        (collected, value): (Term, Term),
    ) -> Result<Solved, Unsolved> {
        let mark = self.derivation.steps.len();
        let found = self.identified(linear)?;
        self.derivation.steps.truncate(mark);
        let matrices: Vec<Term> = found.into_iter().map(|(_, matrix)| matrix).collect();
        let matrix = Normal::new(&mut self.context.terms).sum(&matrices);
        let matrix = self.collect(matrix)?;
        self.derivation.steps.truncate(mark);
        let x = self.context.terms.symbol(unknown);
        let [vec_x, vec_value] = [x, value].map(|term| self.stacked(term));
        let left = Normal::new(&mut self.context.terms).product(&[matrix, vec_x]);
        let because = match vec_x == x {
            true => words("the linear part as a matrix"),
            false => words("vec of both sides, where vec(AXB) = (Bᵀ ⊗ A) vec X"),
        };
        let (before, after) = (Statement::Equation(collected, value), Statement::Equation(left, vec_value));
        if before != after {
            self.push(Step::inference(Inference::Together(Vec::new()), before, after, because, Level::Headline));
        }
        self.require(matrix);
        let inverse = self.inverse_of(matrix);
        let solved = Normal::new(&mut self.context.terms).product(&[inverse, vec_value]);
        self.say_multiplied((left, vec_value), (vec_x, solved), (matrix, inverse), true);
        let value = self.finish_solution(solved)?;
        Ok(Solved { unknown: vec_x, value })
    }

    /// The best form of the solution. What it presupposes beyond the equation makes the solution single, too.
    fn finish_solution(&mut self, value: Term) -> Result<Term, Refusal> {
        let value = self.finish(value, None)?;
        for evidence in &mut self.evidence {
            if let Condition::Property(property, term) = evidence.condition
                && self.facts.holds(self.context, &evidence.condition).is_none()
            {
                evidence.condition = Condition::Unique(property, term);
            }
        }
        Ok(value)
    }

    /// A vector as it is, a matrix column by column.
    fn stacked(&mut self, term: Term) -> Term {
        let shape = self.context.terms.shape(term);
        if shape.is_scalar() || shape.is_vector() {
            return term;
        }
        let mut normal = Normal::new(&mut self.context.terms);
        let (mut factors, matrix) = normal.split_scalars(term);
        factors.extend(matrix.map(|matrix| normal.call(Function::Vec, matrix)));
        normal.product(&factors)
    }

    /// L·X·R.
    fn applied(&mut self, map: &Map, x: Term) -> Term {
        let mut normal = Normal::new(&mut self.context.terms);
        let x = if map.transposed { normal.transpose(x) } else { x };
        let factors: Vec<Term> = map.left.into_iter().chain([x]).chain(map.right).collect();
        normal.product(&factors)
    }

    fn inverse_of(&mut self, factor: Term) -> Term {
        let mut normal = Normal::new(&mut self.context.terms);
        if normal.store().shape(factor).is_scalar() {
            let minus_one = normal.store_mut().integer(-1);
            return normal.power(factor, minus_one);
        }
        // c I is inverted as the number that it is.
        if let (scalars, Some(rest)) = normal.split_scalars(factor)
            && matches!(normal.store().op(rest), Op::Identity(_))
            && !scalars.is_empty()
        {
            let minus_one = normal.store_mut().integer(-1);
            let scalar = normal.product(&scalars);
            let inverse = normal.power(scalar, minus_one);
            return normal.product(&[inverse, rest]);
        }
        normal.inverse(factor)
    }

    /// A factor is invertible: known, or assumed so that there is one solution.
    fn require(&mut self, factor: Term) {
        if self.context.terms.as_number(factor).is_some() {
            return;
        }
        let (_, factor) = Normal::new(&mut self.context.terms).split_coefficient(factor);
        let is_scalar = self.context.terms.shape(factor).is_scalar();
        self.require_property(if is_scalar { Property::Nonzero } else { Property::Invertible }, factor);
    }

    /// A property is known, or assumed so that there is one solution.
    fn require_property(&mut self, property: Property, factor: Term) {
        let known = self.facts.holds(self.context, &Condition::Property(property, factor));
        let condition = Condition::Unique(property, factor);
        let unknown = || Evidence { condition, assumptions: BTreeSet::new(), presupposed: true, excluded: false };
        let evidence = known.unwrap_or_else(unknown);
        if !self.evidence.contains(&evidence) {
            self.evidence.push(evidence);
        }
    }

    fn say_collected(&mut self, before: (Term, Term), after: (Term, Term), x: Term) {
        let given = Statement::Equation(before.0, before.1);
        self.push(Step::inference(Inference::Given, given, given, words("the equation"), Level::Headline));
        if before == after {
            return;
        }
        let because = vec![Piece::Text("the terms in ".into()), Piece::Math(x), Piece::Text(" on the left".into())];
        let by = Inference::MoveTerm(after.1);
        self.push(Step::inference(by, given, Statement::Equation(after.0, after.1), because, Level::Headline));
    }

    fn say_multiplied(
        &mut self,
        before: (Term, Term),
        after: (Term, Term),
        (factor, inverse): (Term, Term),
        is_left: bool,
    ) {
        let is_scalar = self.context.terms.shape(factor).is_scalar();
        let (by, because): (Inference, Rich) = match (is_scalar, is_left) {
            (true, _) => (Inference::Divide(factor), vec![Piece::Text("divide by ".into()), Piece::Math(factor)]),
            (_, true) => (
                Inference::MultiplyLeft(inverse),
                vec![Piece::Text("multiply by ".into()), Piece::Math(inverse), Piece::Text(" from the left".into())],
            ),
            (_, false) => (
                Inference::MultiplyRight(inverse),
                vec![Piece::Text("multiply by ".into()), Piece::Math(inverse), Piece::Text(" from the right".into())],
            ),
        };
        let (before, after) = (Statement::Equation(before.0, before.1), Statement::Equation(after.0, after.1));
        self.push(Step::inference(by, before, after, because, Level::Headline));
    }
}
