//! The solution of an equation for its unknown.
//!
//! An affine equation is probed: left − right at zero and at each unit gives the constant part and the columns of the
//! linear part, elimination solves, and the solution is put in. An equation that is not affine shows itself there; in
//! floating point Newton's method goes on from a random start. Over dual numbers the same arithmetic gives derivatives
//! of the solution, without any rule about them.

use super::matrix::{LIMIT, Matrix};
use super::model::{Model, Value};
use super::ring::Ring;
use super::structure::close;
use super::{Dual, EvalError, Rng};
use crate::ir::{Op, Symbol, Term, ratio};

/// Newton's method is given up after so many steps.
const STEPS: usize = 60;
/// Steps after the equation holds: each doubles the correct digits, and those of two infinitesimals.
const SETTLED: usize = 4;

type Result<T> = std::result::Result<T, EvalError>;

impl<R: Ring> Model<'_, R> {
    /// The value of `unknown` at which `left` is `right`.
    pub(super) fn solution(&mut self, unknown: Symbol, left: Term, right: Term) -> Result<Value<R>> {
        match self.affine_solution(unknown, left, right) {
            Err(error) if error == EvalError::NotAffine || error.is_local() => match R::one().sign() {
                Ok(_) => self.nearby_solution(unknown, left, right),
                Err(_) => Err(error),
            },
            found => found,
        }
    }

    fn affine_solution(&mut self, unknown: Symbol, left: Term, right: Term) -> Result<Value<R>> {
        let (rows, cols) = self.size_of(&self.context().info(unknown).shape)?;
        let entries = rows * cols;
        if entries * entries > LIMIT {
            return Err(EvalError::Overflow);
        }
        let constant = self.residual(unknown, Matrix::zero(rows, cols), left, right)?;
        if constant.data().len() != entries {
            return Err(EvalError::Singular);
        }
        let mut columns = Vec::with_capacity(entries * entries);
        for k in 0..entries {
            let unit = Matrix::from_fn(rows, cols, |i, j| if j * rows + i == k { Dual::one() } else { Dual::zero() });
            let moved = self.residual(unknown, unit, left, right)?.zip(&constant, Dual::minus);
            columns.extend_from_slice(moved.data());
        }
        let linear = Matrix::from_columns(entries, entries, columns).ok_or(EvalError::Overflow)?;
        let solution = linear.inverse()?.product(&constant.reshaped(entries, 1)).map(Dual::negated);
        let solution = solution.reshaped(rows, cols);
        let sides = self.sides(unknown, solution.clone(), left, right)?;
        if close(&sides.0, &sides.1) { Ok(solution) } else { Err(EvalError::NotAffine) }
    }

    /// Newton's method. The start is the same at each level of dual numbers, so that all of them find one solution.
    fn nearby_solution(&mut self, unknown: Symbol, left: Term, right: Term) -> Result<Value<R>> {
        let (rows, cols) = self.size_of(&self.context().info(unknown).shape)?;
        let mut rng = Rng::of(&[self.seed(), unknown.index() as u64, 17]);
        let start = (0..rows * cols).map(|_| Dual::from_rational(&ratio(rng.below(2000) as i64 - 500, 1000)));
        let start = start.collect::<Result<Vec<_>>>()?;
        let mut solution = Matrix::from_columns(rows, cols, start).ok_or(EvalError::Overflow)?;
        let mut after = 0;
        for _ in 0..STEPS {
            let (at_left, at_right) = self.sides(unknown, solution.clone(), left, right)?;
            if after == SETTLED {
                return Ok(solution);
            }
            after += usize::from(after > 0 || close(&at_left, &at_right));
            let residual = at_left.zip(&at_right, Dual::minus);
            let step = self.newton_step(unknown, &solution, &residual, left, right)?;
            solution = solution.zip(&step, Dual::minus);
            if !solution.data().iter().all(Ring::is_finite) {
                return Err(EvalError::Overflow);
            }
        }
        Err(EvalError::Singular)
    }

    /// The step s with ∂(left − right)·s = residual.
    fn newton_step(
        &mut self,
        unknown: Symbol,
        at: &Value<R>,
        residual: &Value<R>,
        left: Term,
        right: Term,
    ) -> Result<Value<R>> {
        let (rows, cols) = (at.rows(), at.cols());
        let (entries, equations) = (rows * cols, residual.data().len());
        if entries != equations {
            return Err(EvalError::Singular);
        }
        let changing = self.depending_on(&[left, right], |op| *op == Op::Symbol(unknown));
        self.assign(unknown, Some(at.clone()), &changing);
        let mut columns = Vec::with_capacity(entries * entries);
        for k in 0..entries {
            let unit = Matrix::from_fn(rows, cols, |i, j| if j * rows + i == k { Dual::one() } else { Dual::zero() });
            let moved = [left, right].map(|side| self.directional(side, &[(unknown, unit.clone())]));
            let [left, right] = moved;
            match (left, right) {
                (Ok(left), Ok(right)) => columns.extend_from_slice(left.zip(&right, Dual::minus).data()),
                (Err(error), _) | (_, Err(error)) => {
                    self.assign(unknown, None, &changing);
                    return Err(error);
                }
            }
        }
        self.assign(unknown, None, &changing);
        let linear = Matrix::from_columns(entries, entries, columns).ok_or(EvalError::Overflow)?;
        Ok(linear.inverse()?.product(&residual.clone().reshaped(entries, 1)).reshaped(rows, cols))
    }

    fn residual(&mut self, unknown: Symbol, at: Value<R>, left: Term, right: Term) -> Result<Value<R>> {
        let (left, right) = self.sides(unknown, at, left, right)?;
        Ok(left.zip(&right, Dual::minus))
    }

    /// Both sides, with a value for the unknown that is forgotten afterwards.
    fn sides(&mut self, unknown: Symbol, at: Value<R>, left: Term, right: Term) -> Result<(Value<R>, Value<R>)> {
        let changing = self.depending_on(&[left, right], |op| *op == Op::Symbol(unknown));
        self.assign(unknown, Some(at), &changing);
        let sides = self.evaluate(left).and_then(|left| Ok((left, self.evaluate(right)?)));
        self.assign(unknown, None, &changing);
        sides
    }
}
