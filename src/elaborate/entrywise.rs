//! Which terms act entry by entry.
//!
//! A term is entrywise if it is built by functions and operators of entries, definitions inlined: naming
//! or inlining a subterm never changes the meaning.

use crate::ir::hash::FastSet;

use super::Elaborator;
use crate::ir::{Guard, Op, Term};

impl Elaborator<'_> {
    /// Is the term entrywise?
    pub fn is_entrywise(&self, term: Term) -> bool {
        let mut seen = FastSet::from_iter([term]);
        let mut stack = vec![term];
        while let Some(term) = stack.pop() {
            if self.acts_on_entries(term) {
                return true;
            }
            stack.extend(self.carriers(term).into_iter().filter(|t| seen.insert(*t)));
        }
        false
    }

    /// Is the operator of the term one of entries, of something that has entries?
    fn acts_on_entries(&self, term: Term) -> bool {
        let terms = &self.context.terms;
        if terms.shape(term).is_scalar() {
            return false;
        }
        match terms.op(term) {
            Op::Call(function) => function.is_entrywise(),
            Op::Elementwise { .. } | Op::Hadamard | Op::ElementPower | Op::Max | Op::EntrywisePartial => true,
            Op::Quotient => !terms.shape(terms.args(term)[1]).is_scalar(),
            Op::Cases(guards) => guards.iter().any(|g| matches!(g, Guard::Subject(_))),
            _ => false,
        }
    }

    /// The subterms whose being entrywise makes the term so.
    fn carriers(&self, term: Term) -> Vec<Term> {
        let terms = &self.context.terms;
        let args = terms.args(term);
        let matrices: Vec<Term> = args.iter().copied().filter(|a| !terms.shape(*a).is_scalar()).collect();
        match terms.op(term) {
            Op::Sum | Op::Transpose => matrices,
            Op::Product | Op::Quotient if matrices.len() == 1 => matrices,
            Op::Symbol(symbol) => self.context.definition(*symbol).map(|d| d.raw).into_iter().collect(),
            _ => Vec::new(),
        }
    }
}
