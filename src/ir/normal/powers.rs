//! Powers of scalars and of square matrices.

use super::Normal;
use crate::ir::{Function, Op, Rational, Term};
use num_traits::{One, ToPrimitive, Zero};

impl Normal<'_> {
    /// Matrix powers up to this exponent are written out as products.
    const WRITTEN_OUT: i64 = 64;
    /// Powers of numbers are computed up to this exponent; larger ones stay powers.
    const COMPUTED: i64 = 64;

    /// `base^exponent` of a scalar, or the whole power of a square matrix.
    pub fn power(&mut self, base: Term, exponent: Term) -> Term {
        let Some(value) = self.store.as_number(exponent).cloned() else {
            return self.store.make(Op::Power, &[base, exponent]);
        };
        if self.store.shape(base).is_scalar() { self.scalar_power(base, value) } else { self.matrix_power(base, value) }
    }

    fn matrix_power(&mut self, base: Term, exponent: Rational) -> Term {
        let n = exponent.to_i64();
        match n {
            Some(0) => {
                self.fire("power-zero");
                let rows = self.store.shape(base).rows();
                self.store.identity(rows)
            }
            Some(n) if n.abs() <= Self::WRITTEN_OUT => {
                let factor = if n < 0 { self.inverse(base) } else { base };
                self.product(&vec![factor; n.unsigned_abs() as usize])
            }
            _ => {
                let exponent = self.store.number(exponent);
                self.store.make(Op::Power, &[base, exponent])
            }
        }
    }

    fn scalar_power(&mut self, base: Term, exponent: Rational) -> Term {
        if exponent.is_zero() {
            self.fire("power-zero");
            return self.store.integer(1);
        }
        if exponent.is_one() {
            return base;
        }
        if let Some(number) = self.store.as_number(base).cloned() {
            if let Some(value) = number_power(&number, &exponent) {
                return self.store.number(value);
            }
        } else if let Some(power) = self.power_of(base, &exponent) {
            return power;
        }
        let exponent = self.store.number(exponent);
        self.store.make(Op::Power, &[base, exponent])
    }

    /// The power of a product, a power, or a norm, where it can be written simpler.
    fn power_of(&mut self, base: Term, exponent: &Rational) -> Option<Term> {
        let args = self.store.operands(base);
        match self.store.op(base).clone() {
            Op::Product if exponent.is_integer() => {
                self.fire("power-product");
                let factors: Vec<Term> =
                    args.into_iter().map(|factor| self.scalar_power(factor, exponent.clone())).collect();
                Some(self.product(&factors))
            }
            Op::Sum if exponent.is_integer() => {
                let mut content = Rational::one();
                let sum = self.primitive(base, &mut content);
                if content.is_one() {
                    return None;
                }
                let content = number_power(&content, exponent)?;
                self.fire("power-product");
                let power = self.scalar_power(sum, exponent.clone());
                Some(self.scale(content, power))
            }
            Op::Power if exponent.is_integer() => {
                let inner = self.store.as_number(args[1])?.clone();
                self.fire("power-power");
                Some(self.scalar_power(args[0], inner * exponent))
            }
            Op::Call(function @ (Function::Norm2 | Function::NormF | Function::Abs)) if is_even(exponent) => {
                let half = exponent / Rational::from_integer(2);
                let square = self.norm_squared(function, args[0]);
                Some(self.scalar_power(square, half))
            }
            _ => None,
        }
    }

    /// ‖x‖² = xᵀx, ‖A‖² = tr(AᵀA), |a|² = a².
    fn norm_squared(&mut self, function: Function, arg: Term) -> Term {
        let transposed = self.transpose(arg);
        let square = self.product(&[transposed, arg]);
        match function {
            Function::Norm2 => {
                self.fire("norm-squared");
                self.as_scalar(square)
            }
            Function::NormF => {
                self.fire("normF-squared");
                self.call(Function::Trace, square)
            }
            _ => {
                self.fire("abs-square");
                square
            }
        }
    }
}

fn is_even(exponent: &Rational) -> bool {
    exponent.is_even()
}

/// An exact power, if it is rational, defined and of reasonable size.
pub(super) fn number_power(number: &Rational, exponent: &Rational) -> Option<Rational> {
    if number.is_one() {
        return Some(Rational::one());
    }
    let n = exponent.is_integer().then(|| exponent.to_i64()).flatten()?;
    if n.abs() > Normal::COMPUTED || (number.is_zero() && n.is_negative()) {
        return None;
    }
    Some(number.pow(n as i32))
}
