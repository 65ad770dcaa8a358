//! Squares of lengths: `(x − a)ᵀ(x − a)` is written `‖x − a‖²`, `tr((A − B)ᵀ(A − B))` as `‖A − B‖_F²`.
//!
//! Only where a sum is squared, and only in normal terms, where the transpose of a sum stands on its summands: what
//! was typed is printed as it was typed, and `xᵀx` of a name stays.

use super::numbers::integer;
use super::{Fence, Layout, Raise, Writer};
use crate::ir::{Function, Op, Rational, Term};
use num_traits::ToPrimitive;

impl Writer<'_> {
    /// ‖u‖² for the normal 1×1 product uᵀu of a sum u.
    pub(super) fn squared_length(&self, product: Term) -> Option<Layout> {
        self.length_power(product, Fence::Norm2, 2)
    }

    /// ‖U‖_F² for the trace of the normal product UᵀU of a sum U.
    pub(super) fn squared_norm(&self, product: Term) -> Option<Layout> {
        self.length_power(product, Fence::NormF, 2)
    }

    /// `base^exponent` where the base is the square of a length.
    pub(super) fn power_of_length(&self, base: Term, exponent: &Rational) -> Option<Layout> {
        let fence = match self.op(base) {
            Op::AsScalar => Fence::Norm2,
            Op::Call(Function::Trace) => Fence::NormF,
            _ => return None,
        };
        let power = exponent * Rational::from_integer(2);
        let power = if power.is_integer() { power.to_u32()? } else { return None };
        self.length_power(self.args(base)[0], fence, power)
    }

    fn length_power(&self, product: Term, fence: Fence, power: u32) -> Option<Layout> {
        let (Op::Product, &[left, right]) = (self.op(product), self.args(product)) else { return None };
        if !self.is_transposed_sum(left, right) {
            return None;
        }
        let length = Layout::Fence(fence, self.boxed(right));
        Some(if power == 1 { length } else { Layout::Raised(Box::new(length), Raise::Power(Box::new(integer(power)))) })
    }

    /// Are the summands of `left` the transposes of those of `right`, each with its transposes on its factors?
    fn is_transposed_sum(&self, left: Term, right: Term) -> bool {
        if *self.op(left) != Op::Sum || *self.op(right) != Op::Sum {
            return false;
        }
        let mut open: Vec<(Rational, Vec<Term>)> = Vec::new();
        for summand in self.args(left) {
            let (number, factors) = self.split(summand);
            let Some(flipped) = self.flipped(factors) else { return false };
            open.push((number, flipped));
        }
        for summand in self.args(right) {
            let (number, factors) = self.split(summand);
            let found = open.iter().position(|(n, flipped)| *n == number && flipped[..] == *factors);
            let Some(at) = found else { return false };
            open.remove(at);
        }
        open.is_empty()
    }
}
