//! The free indices of terms.

use super::hash::FastMap;
use super::{Guard, Index, Op, Store, Term};
use crate::shape::Dim;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Names of indices with the dimensions they run over.
pub type FreeIndices = BTreeMap<Arc<str>, Dim>;

/// The named indices of `roots` that no sum in them binds, with the dimensions they run over.
pub fn free_indices(store: &Store, roots: &[Term]) -> FreeIndices {
    let mut known: FastMap<Term, FreeIndices> = FastMap::default();
    for term in store.postorder_of(roots) {
        let mut below = FreeIndices::new();
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
    roots.iter().filter_map(|root| known.get(root).cloned()).flatten().collect()
}

/// The named indices that stand at an operator itself.
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
