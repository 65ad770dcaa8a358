//! The free indices of terms, and which values they take at a point.

use crate::eval::Rng;
use crate::ir::{Context, Guard, Index, Op, Term};
use crate::shape::Dim;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Names of indices with the dimensions they run over.
pub(super) type Free = BTreeMap<Arc<str>, Dim>;

/// The free indices of `roots`, by name, with the dimensions they run over.
pub(super) fn free(context: &Context, roots: &[Term]) -> Free {
    let store = &context.terms;
    let mut known: HashMap<Term, Free> = HashMap::new();
    for term in store.postorder_of(roots) {
        let mut below: Free = Free::new();
        for arg in store.args(term) {
            below.extend(known.get(arg).into_iter().flatten().map(|(name, dim)| (name.clone(), dim.clone())));
        }
        if let Op::IndexSum { index: Index::Named { name, .. }, .. } = store.op(term) {
            below.remove(name);
        }
        below.extend(mentioned(store.op(term)));
        if !below.is_empty() {
            known.insert(term, below);
        }
    }
    roots.iter().filter_map(|root| known.remove(root)).flatten().collect()
}

fn mentioned(op: &Op) -> Vec<(Arc<str>, Dim)> {
    let indices: Vec<&Index> = match op {
        Op::Unit(_, index) => vec![index],
        Op::Entry(indices) => indices.iter().collect(),
        Op::Delta(i, j) => vec![i, j],
        Op::IndexSum { excluding, .. } => excluding.iter().collect(),
        Op::Cases(guards) => guards.iter().flat_map(compared).collect(),
        _ => Vec::new(),
    };
    let named = |index: &Index| match index {
        Index::Named { name, dim } => Some((name.clone(), dim.clone())),
        Index::At(_) => None,
    };
    indices.into_iter().filter_map(named).collect()
}

fn compared(guard: &Guard) -> Vec<&Index> {
    match guard {
        Guard::Equal(i, j) | Guard::Different(i, j) => vec![i, j],
        Guard::Subject(_) | Guard::Otherwise => Vec::new(),
    }
}

/// Values for free indices that run up to `sizes`: all equal, all different as far as possible, and random ones.
/// Without free indices there is one empty choice.
pub(super) fn choices(sizes: &[usize], rng: &mut Rng) -> Vec<Vec<usize>> {
    let Some(&least) = sizes.iter().min() else { return vec![Vec::new()] };
    let equal = 1 + rng.below(least);
    let start = rng.below(least);
    let different = |i: usize, &size: &usize| 1 + (start + i) % size;
    vec![
        vec![equal; sizes.len()],
        sizes.iter().enumerate().map(|(i, size)| different(i, size)).collect(),
        sizes.iter().map(|&size| 1 + rng.below(size)).collect(),
    ]
}
