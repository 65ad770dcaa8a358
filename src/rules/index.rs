//! Which rules of a class can match a term at all: found by the operator at the root, and below `d(·)` and
//! `inner(G, ·)` by the operator there.

use super::{Class, RuleId, RuleSet};
use crate::ir::hash::FastMap;
use crate::ir::{Function, Kinds, Op, Rational, Store, Term, kind};
use std::mem::Discriminant;

/// The operator that decides: the one below the wrapper, if there is a wrapper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    wrapper: Wrapper,
    op: Discriminant<Op>,
    function: Option<Function>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Wrapper {
    None,
    Differential,
    Inner,
}

/// Rules by class and key; lists are in order of the rules.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    exact: FastMap<(Class, Key), Vec<RuleId>>,
    /// Rules whose pattern at the deciding place can match any operator.
    open: FastMap<(Class, Wrapper), Vec<RuleId>>,
}

fn unwrap(store: &Store, term: Term) -> (Wrapper, Term) {
    match store.op(term) {
        Op::Differential => (Wrapper::Differential, store.args(term)[0]),
        Op::Inner => (Wrapper::Inner, store.args(term)[1]),
        _ => (Wrapper::None, term),
    }
}

fn key(wrapper: Wrapper, op: &Op) -> Key {
    let function = if let Op::Call(function) = op { Some(*function) } else { None };
    Key { wrapper, op: std::mem::discriminant(op), function }
}

/// The operators that a pattern can match; `None`: any.
fn operators(store: &Store, pattern: Term) -> Option<Vec<Op>> {
    match store.op(pattern) {
        Op::Symbol(_) | Op::Transpose => None,
        Op::Quotient => Some(vec![Op::Product, Op::Power, Op::Hadamard, Op::ElementPower]),
        Op::Inverse => Some(vec![Op::Inverse, Op::Transpose]),
        Op::Product if leads_negative(store, pattern) => Some(vec![Op::Product, Op::Sum]),
        // A scalar metavariable may take a single scalar; otherwise a product needs two factors.
        op => Some(vec![op.clone()]),
    }
}

fn leads_negative(store: &Store, product: Term) -> bool {
    store.args(product).iter().any(|&arg| store.as_number(arg).is_some_and(Rational::is_negative))
}

/// What every term has that a pattern matches at its root.
#[derive(Clone, Copy, Debug)]
pub(super) struct Required {
    /// Operators of these kinds: those that matching never makes of others.
    kinds: Kinds,
    /// It is a scalar, or a matrix. Scalar factors can also be some of those of a matrix.
    scalar: Option<bool>,
}

impl Required {
    pub(super) fn of(store: &Store, pattern: Term) -> Self {
        let kept = |op: &Op| matches!(op, Op::Call(_) | Op::Inverse | Op::Differential | Op::Inner | Op::Kronecker);
        let kept = store.postorder(pattern).into_iter().map(|part| store.op(part)).filter(|op| kept(op));
        let is_scalar = store.shape(pattern).is_scalar();
        let is_factor = is_scalar && *store.op(pattern) == Op::Product;
        Required { kinds: kept.fold(0, |all, op| all | kind(op)), scalar: (!is_factor).then_some(is_scalar) }
    }

    fn is_met(&self, is_scalar: bool, kinds: Kinds) -> bool {
        self.kinds & !kinds == 0 && self.scalar.is_none_or(|scalar| scalar == is_scalar)
    }
}

impl Index {
    /// The index of prepared left sides.
    pub(super) fn new<'a>(store: &Store, rules: impl Iterator<Item = (RuleId, Class, Term)> + 'a) -> Self {
        let mut keyed: Vec<(RuleId, Class, Wrapper, Option<Vec<Key>>)> = Vec::new();
        for (id, class, pattern) in rules {
            let (wrapper, inside) = unwrap(store, pattern);
            let keys = operators(store, inside).map(|ops| ops.iter().map(|op| key(wrapper, op)).collect());
            keyed.push((id, class, wrapper, keys));
        }
        let mut index = Index::default();
        for (id, class, wrapper, keys) in &keyed {
            match keys {
                None => index.open.entry((*class, *wrapper)).or_default().push(*id),
                Some(keys) => {
                    for key in keys {
                        index.exact.entry((*class, *key)).or_default().push(*id);
                    }
                }
            }
        }
        // A list for a key also holds the open rules, in order.
        let open = &index.open;
        for ((class, key), list) in &mut index.exact {
            list.extend(open.get(&(*class, key.wrapper)).into_iter().flatten());
            list.sort();
            list.dedup();
        }
        index
    }

    fn list(&self, class: Class, wrapper: Wrapper, op: &Op) -> &[RuleId] {
        let exact = self.exact.get(&(class, key(wrapper, op)));
        exact.or_else(|| self.open.get(&(class, wrapper))).map_or(&[], Vec::as_slice)
    }
}

impl RuleSet {
    /// The rules of a class that may match `term` at its root, in order.
    pub fn candidates(&self, class: Class, store: &Store, term: Term) -> Vec<RuleId> {
        let (wrapper, inside) = unwrap(store, term);
        let mut rules = self.index.list(class, wrapper, store.op(inside)).to_vec();
        if wrapper != Wrapper::None {
            rules.extend(self.index.list(class, Wrapper::None, store.op(term)));
            rules.sort();
        }
        let (is_scalar, kinds) = (store.shape(term).is_scalar(), store.kinds(term));
        rules.retain(|id| self.required[id.0 as usize].is_met(is_scalar, kinds));
        rules
    }
}
