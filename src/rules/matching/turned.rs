//! Operators whose argument may be written in other ways: a transpose, an inverse, a trace, the scalar of a 1×1 matrix.

use super::factors::Factors;
use super::{Goal, Goals, Search, then};
use crate::ir::normal::Normal;
use crate::ir::{Function, Op, Term};

impl Search<'_> {
    pub(super) fn transpose(&mut self, term: Term) -> Term {
        Normal::new(&mut self.context.terms).transpose(term)
    }

    /// Transposes of normal terms stand on leaves, so `A'` also matches what is better written with a transpose.
    pub(super) fn transposed(&mut self, pattern: Term, term: Term, next: &Goals) -> bool {
        let store = &self.context.terms;
        if *store.op(term) == Op::Transpose {
            let inner = store.args(term)[0];
            return self.solve(&then(Goal::Match(pattern, inner), next));
        }
        if let Some(known) = self.bound(pattern) {
            return self.transpose(known) == term && self.solve(next);
        }
        let row = store.shape(term).is_row() && self.patterns.terms.shape(pattern).is_vector();
        // A rule about nothing but a transpose is about one that is written: X'X is X'X transposed, for ever.
        let alone = next.is_none() && self.bindings.terms.iter().all(Option::is_none);
        let inside = !alone && store.args(term).iter().any(|&arg| *store.op(arg) == Op::Transpose);
        if !self.is_free(pattern) || !(row || inside) {
            return false;
        }
        let inner = self.transpose(term);
        self.solve(&then(Goal::Match(pattern, inner), next))
    }

    /// `A^-1` matches X⁻¹, and X⁻ᵀ as the inverse of Xᵀ.
    pub(super) fn inverted(&mut self, pattern: Term, term: Term, next: &Goals) -> bool {
        let store = &self.context.terms;
        let args = store.args(term);
        match store.op(term) {
            Op::Inverse => self.solve(&then(Goal::Match(pattern, args[0]), next)),
            Op::Transpose if *store.op(args[0]) == Op::Inverse => {
                let body = store.args(args[0])[0];
                let inner = self.transpose(body);
                self.solve(&then(Goal::Match(pattern, inner), next))
            }
            _ => false,
        }
    }

    /// The scalar in a 1×1 matrix is the scalar in its transpose.
    pub(super) fn as_scalar(&mut self, pattern: Term, term: Term, next: &Goals) -> bool {
        if *self.context.terms.op(term) != Op::AsScalar {
            return false;
        }
        let inner = self.context.terms.args(term)[0];
        if self.solve(&then(Goal::Match(pattern, inner), next)) {
            return true;
        }
        let other = self.transpose(inner);
        other != inner && self.solve(&then(Goal::Match(pattern, other), next))
    }

    /// A trace of a product matches wherever the product begins, and transposed.
    pub(super) fn trace(&mut self, pattern: Term, term: Term, next: &Goals) -> bool {
        if *self.context.terms.op(term) != Op::Call(Function::Trace) {
            return false;
        }
        let inner = self.context.terms.args(term)[0];
        if self.patterns.terms.as_symbol(pattern).is_some() || *self.context.terms.op(inner) != Op::Product {
            return self.solve(&then(Goal::Match(pattern, inner), next));
        }
        let transposed = self.transpose(inner);
        for body in [inner, transposed] {
            let chain = Factors::of(&self.context.terms, body).chain;
            for start in 0..chain.len() {
                let rotated: Vec<Term> = chain[start..].iter().chain(&chain[..start]).copied().collect();
                let rotated = Normal::new(&mut self.context.terms).product(&rotated);
                if self.solve(&then(Goal::Match(pattern, rotated), next)) {
                    return true;
                }
            }
        }
        false
    }
}
