//! Arithmetic of networks: products, sums over indices, powers; δ contraction and collecting.

use super::form::{Factor, IndexForm, Label, Network};
use super::{Exponent, Refusal, Workspace};
use crate::ir::hash::{FastMap, FastSet};
use crate::ir::{Op, Rational};
use crate::shape::Dim;
use num_traits::{One, ToPrimitive, Zero};
use smallvec::smallvec;

impl Workspace<'_> {
    /// The product of two sums of networks that share no summed index.
    pub(super) fn multiply(&mut self, left: &[Network], right: &[Network]) -> Result<Vec<Network>, Refusal> {
        if left.len().saturating_mul(right.len()) > self.limits.networks {
            return Err(Refusal::TooManyNetworks(self.limits.networks));
        }
        Ok(left.iter().flat_map(|a| right.iter().map(|b| a.times(b))).collect())
    }

    /// The sum over `labels`, which are not free any more: where one of them does not occur, the sum is as many
    /// equal summands as its dimension says.
    pub(super) fn sum_over(&mut self, networks: Vec<Network>, labels: &[Label]) -> Vec<Network> {
        let mut summed = networks;
        for &label in labels {
            let missing: Vec<usize> = (0..summed.len()).filter(|&at| !summed[at].has(label)).collect();
            for at in missing {
                let dim = self.dim(label).clone();
                self.times_dimension(&mut summed[at], dim);
            }
        }
        summed
    }

    fn times_dimension(&mut self, network: &mut Network, dim: Dim) {
        match dim.as_constant() {
            Some(size) => network.coefficient *= Rational::from_integer(size),
            None => {
                let term = self.context.terms.make(Op::Dimension(dim), &[]);
                network.factors.push(Factor::entry(term, &[]));
            }
        }
    }

    /// The form with δ's contracted, equal factors merged and equal networks collected.
    pub fn simplify(&mut self, form: IndexForm) -> IndexForm {
        let IndexForm { free, networks } = form;
        let simple = networks.into_iter().map(|network| self.simplify_network(network, &free)).collect();
        let networks = self.collect(simple, &free);
        IndexForm { free, networks }
    }

    /// Equal networks added up, in order of first appearance; those past the budget of the canonical form are kept.
    fn collect(&mut self, networks: Vec<Network>, free: &[Label]) -> Vec<Network> {
        if networks.len() < 2 {
            return networks.into_iter().filter(|network| !network.coefficient.is_zero()).collect();
        }
        let ranks = self.atom_ranks(networks.iter());
        // Networks with different atoms are different: only the others need a canonical form.
        let mut alike: FastMap<Vec<u32>, usize> = FastMap::default();
        for network in &networks {
            *alike.entry(ranks.of(network)).or_default() += 1;
        }
        let mut places = FastMap::default();
        let mut collected: Vec<Network> = Vec::with_capacity(networks.len());
        for network in networks.into_iter().filter(|network| !network.coefficient.is_zero()) {
            let key = if alike[&ranks.of(&network)] > 1 { self.canonical(&network, free, &ranks) } else { None };
            let place = match key {
                Some(key) => *places.entry(key).or_insert(collected.len()),
                None => collected.len(),
            };
            match collected.get_mut(place) {
                Some(same) => same.coefficient += network.coefficient,
                None => collected.push(network),
            }
        }
        collected.retain(|network| !network.coefficient.is_zero());
        collected
    }

    /// One network with its δ's contracted and equal factors merged.
    pub(super) fn simplify_network(&mut self, network: Network, free: &[Label]) -> Network {
        let before = network.labels();
        let (network, replaced) = contract_deltas(network, free);
        let mut network = merge(network);
        let after = network.labels();
        let lost: Vec<Label> =
            before.into_iter().filter(|x| !after.contains(x) && !replaced.contains(x) && !free.contains(x)).collect();
        for label in lost {
            let dim = self.dim(label).clone();
            self.times_dimension(&mut network, dim);
        }
        merge(network)
    }

    /// The power of one network without summed indices, factor by factor; `None` where that would be wrong or would
    /// need a name for the base.
    pub(super) fn network_power(&self, network: &Network, free: &[Label], exponent: Exponent) -> Option<Network> {
        if network.labels().iter().any(|label| !free.contains(label)) {
            return None;
        }
        if !exponent.is_integer() {
            let [factor] = network.factors.as_slice() else { return None };
            if !network.coefficient.is_one() || !factor.exponent.is_one() || factor.is_delta() {
                return None;
            }
        }
        let pointed = network.factors.iter().any(|factor| self.is_pointed(factor));
        if pointed && !exponent.is_positive() {
            return None;
        }
        let coefficient = number_power(&network.coefficient, &exponent.exact())?;
        let raise = |factor: &Factor| {
            let raised = if self.is_pointed(factor) { Exponent::ONE } else { factor.exponent.times(exponent)? };
            Some(Factor { exponent: raised, ..factor.clone() })
        };
        Some(Network { coefficient, factors: network.factors.iter().map(raise).collect::<Option<_>>()? })
    }

    /// Is every entry 0 or 1, as of δ and unit vectors?
    fn is_pointed(&self, factor: &Factor) -> bool {
        factor.term().is_none_or(|term| matches!(self.context.terms.op(term), Op::Unit(..)))
    }
}

fn number_power(number: &Rational, exponent: &Rational) -> Option<Rational> {
    if number.is_one() {
        return Some(Rational::one());
    }
    let whole = exponent.is_integer().then(|| exponent.to_i32()).flatten()?;
    if whole.abs() > 64 || (number.is_zero() && whole < 0) {
        return None;
    }
    Some(number.pow(whole))
}

/// Removes every δ with a summed index by replacing that index, and puts one of two free indices for the other
/// beside a δ that stays. Returns the summed indices that were replaced.
fn contract_deltas(mut network: Network, free: &[Label]) -> (Network, FastSet<Label>) {
    let position = |label: Label| free.iter().position(|&candidate| candidate == label);
    let mut replaced = FastSet::default();
    let mut done = 0;
    while let Some(at) = (done..network.factors.len()).find(|&at| network.factors[at].is_delta()) {
        let Some((a, b)) = network.factors[at].pair() else { break };
        let delta = network.factors.remove(at);
        if a == b {
            continue;
        }
        let (kept, gone) = match (position(a), position(b)) {
            (_, None) => (a, b),
            (None, _) => (b, a),
            (Some(i), Some(j)) if i < j => (a, b),
            _ => (b, a),
        };
        network = network.relabelled(|label| if label == gone { kept } else { label });
        if position(gone).is_some() {
            let stays = Factor { indices: smallvec![kept, gone], ..delta };
            network.factors.insert(done, stays);
            done += 1;
        } else {
            replaced.insert(gone);
        }
    }
    (network, replaced)
}

/// Factors with the same atom and indices become one, with the sum of the exponents.
fn merge(network: Network) -> Network {
    let mut factors: Vec<Factor> = Vec::with_capacity(network.factors.len());
    for factor in network.factors {
        let same = |known: &&mut Factor| (known.atom, &known.indices) == (factor.atom, &factor.indices);
        match factors.iter_mut().find(same) {
            Some(_) if factor.is_delta() => {}
            Some(known) => known.exponent += factor.exponent,
            None => factors.push(factor),
        }
    }
    factors.retain(|factor| !factor.exponent.is_zero());
    Network { coefficient: network.coefficient, factors }
}
