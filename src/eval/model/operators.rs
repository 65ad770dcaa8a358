//! The values of operators: what does not bind an index and takes no derivative.

use super::{Model, Result, Value};
use crate::eval::random::hash;
use crate::eval::ring::Ring;
use crate::eval::{Dual, EvalError, Matrix};
use crate::ir::{Op, Rational, Term};
use num_traits::ToPrimitive;

impl<R: Ring> Model<'_, R> {
    pub(super) fn operator(&self, op: &Op, args: &[Term], values: &[&Value<R>]) -> Result<Value<R>> {
        let a = *values.first().ok_or(EvalError::Unsupported)?;
        match op {
            Op::Sum => {
                let mut total = a.clone();
                values[1..].iter().for_each(|value| total.add(value));
                Ok(total)
            }
            Op::Hadamard => Ok(values[1..].iter().fold(a.clone(), |product, value| product.zip(value, Dual::times))),
            Op::Product => Ok(self.product(args, values)),
            Op::Quotient if self.is_scalar(args[1]) => Ok(a.scaled(&values[1].value().reciprocal()?)),
            Op::Quotient => Ok(a.zip(&values[1].try_map(Dual::reciprocal)?, Dual::times)),
            Op::Kronecker => a.kronecker(values[1]),
            Op::Transpose => Ok(a.transposed()),
            Op::Inverse => a.inverse(),
            Op::Power | Op::ElementPower => self.power(op, args, values),
            Op::AsScalar => Ok(a.clone()),
            Op::Call(function) => self.settings.call(*function, a),
            Op::Elementwise { function, order } => {
                let key = hash(&[self.settings.seed, function.index() as u64]);
                a.try_map(|x| x.opaque(key, *order))
            }
            Op::Max => self.max(a, values[1]),
            Op::Inner => Ok(Matrix::scalar(a.inner(values[1]))),
            Op::Entry(indices) => self.entry(a, indices),
            _ => Err(EvalError::Unsupported),
        }
    }

    pub(super) fn is_scalar(&self, term: Term) -> bool {
        self.context.terms.shape(term).is_scalar()
    }

    fn product(&self, args: &[Term], values: &[&Value<R>]) -> Value<R> {
        let mut scalar: Option<Dual<R>> = None;
        let mut chain: Option<Value<R>> = None;
        for (&arg, &value) in args.iter().zip(values) {
            if self.is_scalar(arg) {
                scalar = Some(scalar.map_or_else(|| value.value().clone(), |product| product.times(value.value())));
            } else {
                chain = Some(chain.map_or_else(|| value.clone(), |product| product.product(value)));
            }
        }
        match (scalar, chain) {
            (Some(scalar), Some(chain)) => chain.scaled(&scalar),
            (Some(scalar), None) => Matrix::scalar(scalar),
            (None, chain) => chain.unwrap_or_else(|| Matrix::scalar(Dual::one())),
        }
    }

    fn power(&self, op: &Op, args: &[Term], values: &[&Value<R>]) -> Result<Value<R>> {
        let base = values[0];
        match self.exact(args[1]) {
            Some(exponent) if *op == Op::Power && !self.is_scalar(args[0]) => {
                base.power(exponent.to_i64().ok_or(EvalError::Overflow)?)
            }
            Some(exponent) => base.try_map(|x| self.settings.rational_power(x, &exponent)),
            None => base.try_map(|x| self.settings.general_power(x, values[1].value())),
        }
    }

    /// The exact value of an exponent made of numbers and dimensions.
    fn exact(&self, term: Term) -> Option<Rational> {
        let mut args = self.context.terms.args(term).iter().map(|&arg| self.exact(arg));
        match self.context.terms.op(term) {
            Op::Number(value) => Some(value.clone()),
            Op::Dimension(dim) => Some(Rational::from_integer(dim.evaluate(&|name| self.sizes.get(name))?)),
            Op::Sum => args.sum(),
            Op::Product => args.product(),
            Op::Quotient => match (args.next()??, args.next()??) {
                (_, divisor) if Ring::is_zero(&divisor) => None,
                (number, divisor) => Some(number / divisor),
            },
            _ => None,
        }
    }

    fn max(&self, a: &Value<R>, b: &Value<R>) -> Result<Value<R>> {
        let wide = |value: &Value<R>, like: &Value<R>| match value.data().len() {
            1 => Matrix::constant(like.rows(), like.cols(), value.value().clone()),
            _ => value.clone(),
        };
        let (a, b) = (wide(a, b), wide(b, a));
        let mut larger = b.zip(&a, Dual::minus).try_map(|x| self.settings.relu(x))?;
        larger.add(&a);
        Ok(larger)
    }
}
