//! A total order of terms by what they say, not by when they were built.
//!
//! Two terms compare by their leaves in reading order (symbols by declaration), then by structure; so the order
//! of summands does not depend on the history of the session.

use super::{Op, Store, Term};
use smallvec::{SmallVec, smallvec};
use std::cmp::Ordering;

/// Compares two terms: by the symbols in reading order first, then by operator and arguments.
pub fn compare(store: &Store, left: Term, right: Term) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    if let (Op::Symbol(a), Op::Symbol(b)) = (store.op(left), store.op(right)) {
        return a.cmp(b);
    }
    Leaves::of(store, left).cmp(Leaves::of(store, right)).then_with(|| by_structure(store, left, right))
}

/// The leaves of a term from left to right, numbers and constants left out, at most [`Leaves::LIMIT`] of them.
struct Leaves<'a> {
    store: &'a Store,
    stack: SmallVec<[Term; 16]>,
    left: usize,
}

impl<'a> Leaves<'a> {
    /// Beyond this many leaves terms compare by structure; it bounds the cost of one comparison.
    const LIMIT: usize = 16;

    fn of(store: &'a Store, root: Term) -> Self {
        Leaves { store, stack: smallvec![root], left: Self::LIMIT }
    }
}

impl<'a> Iterator for Leaves<'a> {
    type Item = &'a Op;

    fn next(&mut self) -> Option<&'a Op> {
        while self.left > 0 {
            let term = self.stack.pop()?;
            match self.store.op(term) {
                // A differential counts as one leaf behind all names.
                op @ (Op::Symbol(_) | Op::Unit(..) | Op::Differential) => {
                    self.left -= 1;
                    return Some(op);
                }
                _ => self.stack.extend(self.store.args(term).iter().rev().copied()),
            }
        }
        None
    }
}

fn by_structure(store: &Store, left: Term, right: Term) -> Ordering {
    // Shared subterms have equal indices, so this ends at the first difference without exponential work.
    let mut stack: SmallVec<[(Term, Term); 8]> = smallvec![(left, right)];
    while let Some((a, b)) = stack.pop() {
        if a == b {
            continue;
        }
        let (xs, ys) = (store.args(a), store.args(b));
        let order = store.op(a).cmp(store.op(b)).then(xs.len().cmp(&ys.len()));
        if order != Ordering::Equal {
            return order;
        }
        stack.extend(xs.iter().copied().zip(ys.iter().copied()).rev());
    }
    Ordering::Equal
}
