//! What must hold for the typed terms to be defined.

use crate::ir::hash::FastSet;
use crate::ir::normal::Normal;
use crate::ir::{Context, Function, Op, Property, Rational, Store, Term};
use num_traits::Zero;
use std::collections::BTreeSet;

/// The properties of normal terms that the typed terms, and the definitions they name, presuppose.
pub(super) fn collect(context: &mut Context, typed: &[Term]) -> BTreeSet<(Property, Term)> {
    let mut raw = Vec::new();
    let mut pending = typed.to_vec();
    let mut seen: FastSet<Term> = FastSet::default();
    while let Some(term) = pending.pop() {
        if !seen.insert(term) {
            continue;
        }
        pending.extend(context.terms.args(term));
        let body = context.terms.as_symbol(term).and_then(|symbol| context.definition(symbol));
        pending.extend(body.map(|body| body.raw));
        raw.extend(of_node(context, term));
    }
    let mut found = BTreeSet::new();
    for (property, term) in raw {
        let term = Normal::new(&mut context.terms).term(term);
        add(context, property, term, &mut found);
    }
    found
}

/// The properties that a normal term presupposes by itself; definitions are not looked into.
pub(super) fn of_normal(context: &Context, term: Term) -> BTreeSet<(Property, Term)> {
    let mut found = BTreeSet::new();
    for node in context.terms.postorder(term) {
        if let Some((property, about)) = of_node(context, node) {
            add(context, property, about, &mut found);
        }
    }
    found
}

/// What one operator asks of its argument.
pub(super) fn of_node(context: &Context, term: Term) -> Option<(Property, Term)> {
    let (store, args) = (&context.terms, context.terms.args(term));
    let asked = match store.op(term) {
        Op::Inverse => Property::Invertible,
        Op::Call(Function::Log) => Property::Positive,
        Op::Call(Function::Sqrt) => Property::NonNegative,
        Op::Call(Function::LogDet) => Property::Invertible,
        Op::Quotient => return Some((Property::Nonzero, args[1])),
        Op::Power | Op::ElementPower => {
            let is_matrix_power = *store.op(term) == Op::Power && !store.shape(args[0]).is_scalar();
            match number(store, args[1]) {
                Some(exponent) if exponent.is_negative() && is_matrix_power => Property::Invertible,
                Some(exponent) if exponent.is_negative() && exponent.is_integer() => Property::Nonzero,
                Some(exponent) if exponent.is_integer() => return None,
                Some(exponent) if exponent.is_positive() => Property::NonNegative,
                None if matches!(store.op(args[1]), Op::Dimension(_)) => return None,
                _ => Property::Positive,
            }
        }
        _ => return None,
    };
    Some((asked, args[0]))
}

/// The value of an exponent as typed: `1/2` is a quotient.
fn number(store: &Store, exponent: Term) -> Option<Rational> {
    match (store.op(exponent), store.args(exponent)) {
        (Op::Quotient, &[above, below]) => {
            let below = store.as_number(below).filter(|below| !below.is_zero())?;
            Some(store.as_number(above)? / below)
        }
        _ => store.as_number(exponent).cloned(),
    }
}

/// Adds a property, and what it says of the parts: the factors of an invertible product of squares are invertible, and
/// so is a matrix whose determinant is not zero; no entry of an invertible diagonal is zero.
fn add(context: &Context, property: Property, term: Term, found: &mut BTreeSet<(Property, Term)>) {
    let mut pending = vec![(property, term)];
    while let Some((property, term)) = pending.pop() {
        if !found.insert((property, term)) {
            continue;
        }
        let store = &context.terms;
        let args = store.args(term);
        match (property, store.op(term)) {
            (Property::Positive, op) if !matches!(op, Op::Symbol(_)) => pending.push((Property::Nonzero, term)),
            (Property::Nonzero, Op::Call(Function::Abs)) => pending.push((Property::Nonzero, args[0])),
            (Property::Invertible, Op::Call(Function::Diag)) => pending.push((Property::Nonzero, args[0])),
            (Property::Nonzero, Op::Call(Function::Det)) => pending.push((Property::Invertible, args[0])),
            (Property::Nonzero, Op::Power | Op::ElementPower) => pending.push((Property::Nonzero, args[0])),
            _ => {}
        }
        let passes = match (property, store.op(term)) {
            (Property::Invertible, Op::Product | Op::Kronecker) => {
                args.iter().all(|&arg| store.shape(arg).is_scalar() || store.shape(arg).is_square())
            }
            (Property::Invertible, Op::Transpose | Op::Inverse) => true,
            (Property::Nonzero, Op::Product) => args.iter().all(|&arg| store.shape(arg).is_scalar()),
            (Property::Nonzero, Op::Hadamard | Op::Transpose) => true,
            (Property::Positive, Op::Transpose) => true,
            _ => false,
        };
        if passes {
            let of_part = |&arg: &Term| (if store.shape(arg).is_scalar() { Property::Nonzero } else { property }, arg);
            pending.extend(args.iter().map(of_part));
        }
    }
}
