//! Differences the other way round: `b − a` is `−(a − b)`.
//!
//! A difference stays as it was typed as long as nothing meets its opposite. Inside one product the later of two
//! opposite factors is turned round; two summands that differ only by turned differences are collected as one.

use super::Normal;
use crate::ir::{Op, Rational, Term, kind};
use num_traits::One;

impl Normal<'_> {
    /// Factors of a product; those that are the opposite of an earlier one, or of its transpose, turned round; the
    /// signs go into `number`.
    pub(super) fn without_opposites(&mut self, mut factors: Vec<Term>, number: &mut Rational) -> Vec<Term> {
        let sums: Vec<usize> = (0..factors.len()).filter(|&at| *self.store.op(factors[at]) == Op::Sum).collect();
        for (nth, &at) in sums.iter().enumerate().skip(1) {
            let turned = self.negate(factors[at]);
            let across = self.transpose(turned);
            if sums[..nth].iter().any(|&before| factors[before] == turned || factors[before] == across) {
                self.fire("collect-opposites");
                factors[at] = turned;
                *number = -number.clone();
            }
        }
        factors
    }

    /// The same for powers of scalars or of entries, with their exponents.
    pub(super) fn without_opposite_bases(
        &mut self,
        mut powers: Vec<(Term, Rational)>,
        number: &mut Rational,
    ) -> Vec<(Term, Rational)> {
        for at in 1..powers.len() {
            let (base, exponent) = &powers[at];
            if !exponent.is_integer() || !powers[..at].iter().any(|(before, _)| self.may_be_opposites(*before, *base)) {
                continue;
            }
            let (turned, is_odd) = (self.negate(*base), !exponent.is_even());
            if powers[..at].iter().any(|(before, _)| *before == turned) {
                self.fire("collect-opposites");
                powers[at].0 = turned;
                if is_odd {
                    *number = -number.clone();
                }
            }
        }
        powers
    }

    /// Can the sums be opposites? A quick answer, which is asked for all factors of every product: no other than the
    /// number in front of a summand changes its sign, unless there is a sum inside.
    fn may_be_opposites(&self, a: Term, b: Term) -> bool {
        let (xs, ys) = (self.store.args(a), self.store.args(b));
        let is_sum = |term: Term| *self.store.op(term) == Op::Sum;
        let has_sum = |term: Term| self.store.kinds(term) & kind(&Op::Sum) != 0;
        let opposite = |x: Term, y: Term| match (has_sum(x), has_sum(y)) {
            (false, false) => self.has_other_sign(x, y),
            (x, y) => x && y,
        };
        is_sum(a) && is_sum(b) && xs.len() == ys.len() && xs.iter().all(|&x| ys.iter().any(|&y| opposite(x, y)))
    }

    /// Do two summands differ by the sign of the number in front?
    fn has_other_sign(&self, x: Term, y: Term) -> bool {
        let (one, single) = (Rational::one(), [x, y]);
        let split = |at: usize| {
            let term = single[at];
            let args = self.store.args(term);
            match self.store.op(term) {
                Op::Number(value) => (value, &[][..]),
                Op::Product => self.store.as_number(args[0]).map_or((&one, args), |value| (value, &args[1..])),
                _ => (&one, &single[at..=at]),
            }
        };
        let ((a, xs), (b, ys)) = (split(0), split(1));
        xs == ys && *a == -b
    }

    /// The term with every difference among its factors turned so that its first summand is positive, and whether
    /// that changed the sign.
    pub(super) fn with_signs_in_front(&mut self, term: Term) -> (bool, Term) {
        if !self.has_turned_difference(term) {
            return (false, term);
        }
        let (op, args) = (self.store.op(term).clone(), self.store.operands(term));
        match op {
            Op::Sum => (true, self.negate(term)),
            Op::Power | Op::ElementPower => {
                let (negative, base) = self.with_signs_in_front(args[0]);
                (negative && !self.is_even(args[1]), self.build(op, &[base, args[1]]))
            }
            Op::Call(function) => match self.with_signs_in_front(args[0]) {
                (true, argument) if function.is_even() => (false, self.call(function, argument)),
                (true, argument) if function.is_odd() => (true, self.call(function, argument)),
                (true, _) => (false, term),
                (false, argument) => (false, self.call(function, argument)),
            },
            _ => {
                let turned: Vec<(bool, Term)> = args.iter().map(|&arg| self.with_signs_in_front(arg)).collect();
                let negative = turned.iter().filter(|(negative, _)| *negative).count() % 2 == 1;
                let args: Vec<Term> = turned.into_iter().map(|(_, arg)| arg).collect();
                (negative, self.build(op, &args))
            }
        }
    }

    /// Is there a difference among the factors whose first summand is negative?
    fn has_turned_difference(&self, term: Term) -> bool {
        let args = self.store.args(term);
        match self.store.op(term) {
            Op::Sum => self.is_negative(args[0]),
            Op::Product | Op::Hadamard | Op::Kronecker | Op::Call(_) | Op::AsScalar => {
                args.iter().any(|&arg| self.has_turned_difference(arg))
            }
            Op::Power | Op::ElementPower => self.is_whole(args[1]) && self.has_turned_difference(args[0]),
            _ => false,
        }
    }

    fn is_negative(&self, summand: Term) -> bool {
        let first = match self.store.op(summand) {
            Op::Product => self.store.args(summand)[0],
            _ => summand,
        };
        self.store.as_number(first).is_some_and(Rational::is_negative)
    }

    fn is_whole(&self, exponent: Term) -> bool {
        self.store.as_number(exponent).is_some_and(Rational::is_integer)
    }

    fn is_even(&self, exponent: Term) -> bool {
        self.store.as_number(exponent).is_some_and(Rational::is_even)
    }
}
