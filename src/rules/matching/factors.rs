//! A normal product taken apart: a number, scalars, and the matrices in order.

use crate::ir::{Op, Rational, Store, Term};
use num_traits::One;

/// A normal product taken apart.
#[derive(Clone, Debug)]
pub(super) struct Factors {
    pub(super) number: Rational,
    pub(super) scalars: Vec<Term>,
    pub(super) chain: Vec<Term>,
}

impl Factors {
    pub(super) fn of(store: &Store, term: Term) -> Self {
        let mut factors = Factors { number: Rational::one(), scalars: Vec::new(), chain: Vec::new() };
        let single = [term];
        let args = if *store.op(term) == Op::Product { store.args(term) } else { &single };
        for &arg in args {
            match store.as_number(arg) {
                Some(value) => factors.number *= value.clone(),
                None if store.shape(arg).is_scalar() => factors.scalars.push(arg),
                None => factors.chain.push(arg),
            }
        }
        factors
    }

    /// The number and the scalars as terms; takes them away.
    pub(super) fn take_scalars(&mut self, store: &mut Store) -> Vec<Term> {
        let mut all = Vec::new();
        let number = std::mem::replace(&mut self.number, Rational::one());
        if !number.is_one() {
            all.push(store.number(number));
        }
        all.append(&mut self.scalars);
        all
    }

    /// Puts scalar factors in the place of all that are here.
    pub(super) fn give_scalars(&mut self, store: &Store, factors: Vec<Term>) {
        self.number = Rational::one();
        self.scalars.clear();
        for factor in factors {
            match store.as_number(factor) {
                Some(value) => self.number *= value.clone(),
                None => self.scalars.push(factor),
            }
        }
    }

    /// Takes away the scalar factors of `term`, if all of them are here.
    pub(super) fn take(&mut self, store: &Store, term: Term) -> bool {
        let other = Factors::of(store, term);
        if !other.number.is_one() {
            if self.number != other.number {
                return false;
            }
            self.number = Rational::one();
        }
        other.scalars.iter().all(|scalar| match self.scalars.iter().position(|known| known == scalar) {
            Some(at) => {
                self.scalars.remove(at);
                true
            }
            None => false,
        })
    }
}

/// Is the number in front negative (of a sum: of its first term)?
pub(super) fn leads_negative(store: &Store, term: Term) -> bool {
    *store.op(term) == Op::Sum && Factors::of(store, store.args(term)[0]).number.is_negative()
}
