//! Writing entries as a teacher does: common factors in front, terms in the order given.

use super::form::{Atom, Factor, IndexForm, Indices, Network};
use super::{Exponent, Workspace};
use crate::ir::{Op, Rational, Term};
use num_traits::One;
use std::collections::BTreeMap;

/// The powers of entries that several networks share.
type Shared = BTreeMap<(Atom, Indices), Exponent>;

impl Workspace<'_> {
    /// The form as a term with the factors that all networks share in front: `ŷ_j(1 − ŷ_j)`.
    pub fn factored(&mut self, form: &IndexForm) -> Term {
        let common = shared(form);
        if common.is_empty() {
            return self.to_indices(form);
        }
        let mut rest = form.clone();
        for network in &mut rest.networks {
            for factor in &mut network.factors {
                if let Some(power) = common.get(&(factor.atom, factor.indices.clone())) {
                    factor.exponent -= *power;
                }
            }
            network.factors.retain(|factor| !factor.exponent.is_zero());
        }
        let negative = rest.networks.iter().any(|x| x.factors.is_empty() && x.coefficient.is_negative());
        let sign = if negative { -Rational::one() } else { Rational::one() };
        rest.networks.iter_mut().for_each(|network| network.coefficient *= sign.clone());
        let entry = |((atom, indices), exponent)| Factor { atom, indices, exponent };
        let front = Network { coefficient: sign, factors: common.into_iter().map(entry).collect() };
        let front = self.to_indices(&IndexForm { free: form.free.clone(), networks: vec![front] });
        let rest = self.to_indices(&rest);
        self.as_written(Op::Product, &[front, rest])
    }

    /// A flat sum or product in this order; the normal builder would sort it.
    pub(super) fn as_written(&mut self, op: Op, args: &[Term]) -> Term {
        let store = &mut self.context.terms;
        let parts = |&arg: &Term| if *store.op(arg) == op { store.args(arg).to_vec() } else { vec![arg] };
        let flat: Vec<Term> = args.iter().flat_map(parts).collect();
        store.make(op, &flat)
    }
}

/// The entries with free indices that all of at least two networks have as factors, with the smallest power.
fn shared(form: &IndexForm) -> Shared {
    let Some((first, others)) = form.networks.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Shared::new();
    };
    let free = |factor: &&Factor| factor.indices.iter().all(|&label| form.is_free(label));
    let everywhere = |factor: &Factor| {
        others.iter().try_fold(factor.exponent, |power, network| {
            let same = |x: &&Factor| (x.atom, &x.indices) == (factor.atom, &factor.indices);
            smaller_power(power, network.factors.iter().find(same)?.exponent)
        })
    };
    let common = first.factors.iter().filter(free);
    common.filter_map(|factor| Some(((factor.atom, factor.indices.clone()), everywhere(factor)?))).collect()
}

/// The power that both have, if their signs agree.
fn smaller_power(a: Exponent, b: Exponent) -> Option<Exponent> {
    if a.is_negative() != b.is_negative() {
        return None;
    }
    Some(if a.abs() <= b.abs() { a } else { b })
}
