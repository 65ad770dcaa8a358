//! Giving entries their names back: `e^{θ_j}/Σ_i e^{θ_i}` is ŷ_j.
//!
//! A definition is folded where its body is one network without summed indices (sums are inside its atoms), and
//! inside atoms where its body stands as a term.

use super::Workspace;
use super::form::{Factor, IndexForm, Indices, Label, Network};
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Symbol, Term};

impl Workspace<'_> {
    /// The form with the body of the definition replaced by its name wherever it is found.
    pub fn fold(&mut self, form: &IndexForm, symbol: Symbol) -> IndexForm {
        let Some(definition) = self.context.definition(symbol) else { return form.clone() };
        let name = self.context.terms.symbol(symbol);
        self.fold_as(form, definition.normal, name)
    }

    /// As [`Workspace::fold`], for a body and the term that stands for it.
    pub(super) fn fold_as(&mut self, form: &IndexForm, body: Term, name: Term) -> IndexForm {
        let inside = self.fold_inside(form, body, name);
        let Ok(body) = self.read(body) else { return inside };
        let [pattern] = body.networks.as_slice() else { return inside };
        let closed = pattern.labels().iter().all(|label| body.is_free(*label));
        let seen = body.free.iter().all(|&label| pattern.has(label));
        if pattern.factors.is_empty() || !closed || !seen {
            return inside;
        }
        let networks = inside.networks.iter().map(|network| folded(network, pattern, &body.free, name)).collect();
        self.simplify(IndexForm { free: inside.free, networks })
    }

    /// Atoms that contain the body as a term contain the name instead.
    fn fold_inside(&mut self, form: &IndexForm, body: Term, name: Term) -> IndexForm {
        let mut form = form.clone();
        let replace = FastMap::from_iter([(body, name)]);
        for factor in form.networks.iter_mut().flat_map(|network| &mut network.factors) {
            if let Some(term) = factor.term()
                && self.context.terms.contains(term, body)
            {
                let term = Normal::new(&mut self.context.terms).substitute(term, &replace);
                factor.atom = super::Atom::Term(term);
            }
        }
        form
    }
}

/// The pattern replaced by the name as often as it is found.
fn folded(network: &Network, pattern: &Network, axes: &[Label], name: Term) -> Network {
    let mut network = network.clone();
    while let Some(map) = find(&network.factors, &pattern.factors, &FastMap::default()) {
        for factor in &pattern.factors {
            let indices: Indices = factor.indices.iter().map(|label| map[label]).collect();
            let found = network.factors.iter_mut().find(|x| x.atom == factor.atom && x.indices == indices);
            if let Some(found) = found {
                found.exponent -= factor.exponent;
            }
        }
        network.factors.retain(|factor| !factor.exponent.is_zero());
        network.coefficient /= pattern.coefficient.clone();
        let indices: Vec<Label> = axes.iter().map(|label| map[label]).collect();
        network.factors.push(Factor::entry(name, &indices));
    }
    network
}

/// Labels for which the factors contain the pattern; each factor with at least the pattern's power.
fn find(factors: &[Factor], pattern: &[Factor], map: &FastMap<Label, Label>) -> Option<FastMap<Label, Label>> {
    let Some((first, rest)) = pattern.split_first() else { return Some(map.clone()) };
    factors.iter().filter(|factor| covers(factor, first)).find_map(|factor| {
        let mut map = map.clone();
        let fits = first
            .indices
            .iter()
            .zip(&factor.indices)
            .all(|(&label, &target)| *map.entry(label).or_insert(target) == target);
        if fits { find(factors, rest, &map) } else { None }
    })
}

fn covers(factor: &Factor, pattern: &Factor) -> bool {
    factor.atom == pattern.atom
        && factor.exponent.is_negative() == pattern.exponent.is_negative()
        && factor.exponent.abs() >= pattern.exponent.abs()
}
