//! Fractions: `A ./ B` with a normal term, in which B is what stands under negative powers.

use super::factors::Factors;
use super::{Goal, Goals, Search, then};
use crate::ir::normal::Normal;
use crate::ir::{Op, Rational, Store, Term, ratio};

impl Search<'_> {
    /// `A ./ B`: B is everything under a negative power, or one such factor.
    pub(super) fn quotient(&mut self, above: Term, below: Term, term: Term, next: &Goals) -> bool {
        let entrywise = !self.patterns.terms.shape(below).is_scalar();
        let Some(parts) = Parts::of(&self.context.terms, term, entrywise) else { return false };
        let under = parts.under.clone();
        let all: Vec<usize> = (0..under.len()).collect();
        let singles = (0..under.len()).map(|i| vec![i]).filter(|_| under.len() > 1);
        std::iter::once(all).chain(singles).any(|chosen| {
            let (numerator, denominator) = parts.split(&chosen, &mut Normal::new(&mut self.context.terms));
            let goals = then(Goal::Match(below, denominator), next);
            self.solve(&then(Goal::Match(above, numerator), &goals))
        })
    }
}

/// A normal term as a fraction.
struct Parts {
    /// The factors that are not under a negative power: outer scalars, and the others.
    outside: Vec<Term>,
    above: Vec<Term>,
    /// Bases with their positive exponents.
    under: Vec<(Term, Rational)>,
    entrywise: bool,
    shape: crate::shape::Shape,
}

impl Parts {
    /// `None` if there is no negative power.
    fn of(store: &Store, term: Term, entrywise: bool) -> Option<Self> {
        let factors = Factors::of(store, term);
        let mut parts = Parts {
            outside: Vec::new(),
            above: Vec::new(),
            under: Vec::new(),
            entrywise,
            shape: store.shape(term).clone(),
        };
        let operands: Vec<Term> = if entrywise {
            let [matrix] = factors.chain[..] else { return None };
            let all = if *store.op(term) == Op::Product { store.args(term) } else { &[] };
            parts.outside = all.iter().copied().filter(|&arg| arg != matrix).collect();
            if *store.op(matrix) == Op::Hadamard { store.args(matrix).to_vec() } else { vec![matrix] }
        } else {
            if *store.op(term) == Op::Product { store.args(term).to_vec() } else { vec![term] }
        };
        for operand in operands {
            match negative_power(store, operand, entrywise) {
                Some(power) => parts.under.push(power),
                None => parts.above.push(operand),
            }
        }
        (!parts.under.is_empty()).then_some(parts)
    }

    /// Numerator and denominator, where the denominator is the product of the chosen powers.
    fn split(&self, chosen: &[usize], normal: &mut Normal<'_>) -> (Term, Term) {
        let op = if self.entrywise { Op::Hadamard } else { Op::Product };
        let mut above = self.above.clone();
        let mut below = Vec::new();
        for (i, (base, exponent)) in self.under.iter().enumerate() {
            let inside = chosen.contains(&i);
            let exponent = if inside { exponent.clone() } else { -exponent.clone() };
            let exponent = normal.store_mut().number(exponent);
            let power = normal.element_power(*base, exponent);
            if inside { below.push(power) } else { above.push(power) }
        }
        if above.is_empty() {
            let one = if self.entrywise { normal.store_mut().ones(&self.shape) } else { normal.store_mut().integer(1) };
            above.push(one);
        }
        let denominator = normal.build(op.clone(), &below);
        let numerator = normal.build(op, &above);
        let factors: Vec<Term> = self.outside.iter().copied().chain([numerator]).collect();
        (normal.product(&factors), denominator)
    }
}

/// Base and positive exponent of a factor with a negative numeric exponent.
fn negative_power(store: &Store, term: Term, entrywise: bool) -> Option<(Term, Rational)> {
    let wanted = if entrywise { Op::ElementPower } else { Op::Power };
    if *store.op(term) != wanted || (!entrywise && !store.shape(term).is_scalar()) {
        return None;
    }
    let [base, exponent] = *store.args(term) else { return None };
    let exponent = store.as_number(exponent)?;
    (*exponent < ratio(0, 1)).then(|| (base, -exponent.clone()))
}
