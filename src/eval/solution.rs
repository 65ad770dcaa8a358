//! The solution of an equation that is affine in its unknown.
//!
//! The equation is probed: left − right at zero and at each unit gives the constant part and the columns of the
//! linear part, elimination solves, and the solution is put in. An equation that is not affine shows itself there.
//! Over dual numbers the same elimination gives derivatives of the solution, without any rule about them.

use super::matrix::{LIMIT, Matrix};
use super::model::Model;
use super::ring::Tower;
use super::structure::close;
use super::EvalError;
use crate::ir::{Op, Symbol, Term};

type Result<T> = std::result::Result<T, EvalError>;

impl<R: Tower> Model<'_, R> {
    /// The value of `unknown` at which `left` is `right`.
    pub(super) fn solution(&mut self, unknown: Symbol, left: Term, right: Term) -> Result<Matrix<R>> {
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
            let unit = Matrix::from_fn(rows, cols, |i, j| if j * rows + i == k { R::one() } else { R::zero() });
            let moved = self.residual(unknown, unit, left, right)?.zip(&constant, R::minus);
            columns.extend_from_slice(moved.data());
        }
        let linear = Matrix::from_columns(entries, entries, columns).ok_or(EvalError::Overflow)?;
        let solution = linear.inverse()?.product(&constant.reshaped(entries, 1)).map(R::negated);
        let solution = solution.reshaped(rows, cols);
        let sides = self.sides(unknown, solution.clone(), left, right)?;
        if close(&sides.0, &sides.1) { Ok(solution) } else { Err(EvalError::NotAffine) }
    }

    fn residual(&mut self, unknown: Symbol, at: Matrix<R>, left: Term, right: Term) -> Result<Matrix<R>> {
        let (left, right) = self.sides(unknown, at, left, right)?;
        Ok(left.zip(&right, R::minus))
    }

    /// Both sides, with a value for the unknown that is forgotten afterwards.
    fn sides(&mut self, unknown: Symbol, at: Matrix<R>, left: Term, right: Term) -> Result<(Matrix<R>, Matrix<R>)> {
        let changing = self.depending_on(&[left, right], |op| *op == Op::Symbol(unknown));
        self.assign(unknown, Some(at), &changing);
        let sides = self.evaluate(left).and_then(|left| Ok((left, self.evaluate(right)?)));
        self.assign(unknown, None, &changing);
        sides
    }
}
