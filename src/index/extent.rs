//! How long a form would be, written out: counted before the work is done.
//!
//! `(𝟏 − t²)` in each of n layers makes 2ⁿ networks. Each term that can be looked into is counted once, and what
//! stands in a product several times is multiplied.

use super::form::{Factor, IndexForm, Network};
use super::{Refusal, Workspace};
use crate::ir::Term;
use crate::ir::hash::FastMap;

/// The networks of a form, and the factors in all of them together; both saturate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) networks: usize,
    pub(super) factors: usize,
}

impl Extent {
    const NOTHING: Extent = Extent { networks: 0, factors: 0 };
    const NUMBER: Extent = Extent { networks: 1, factors: 0 };
    const FACTOR: Extent = Extent { networks: 1, factors: 1 };

    fn plus(self, other: Extent) -> Extent {
        Extent {
            networks: self.networks.saturating_add(other.networks),
            factors: self.factors.saturating_add(other.factors),
        }
    }

    fn times(self, other: Extent) -> Extent {
        let (left, right) = (self.networks.saturating_mul(other.factors), self.factors.saturating_mul(other.networks));
        Extent { networks: self.networks.saturating_mul(other.networks), factors: left.saturating_add(right) }
    }
}

impl Workspace<'_> {
    /// The extent of a form with whole powers of terms written out that can be looked into.
    ///
    /// # Errors
    /// One of the terms has no index form.
    pub(super) fn extent(&mut self, form: &IndexForm, unfold: bool) -> Result<Extent, Refusal> {
        let mut known: FastMap<Term, Extent> = FastMap::default();
        let mut open = self.parts(form);
        while let Some(&term) = open.last() {
            if known.contains_key(&term) {
                open.pop();
                continue;
            }
            let Some(inner) = self.inside(term, unfold)? else {
                known.insert(term, Extent::FACTOR);
                continue;
            };
            let before = open.len();
            open.extend(self.parts(&inner).into_iter().filter(|part| !known.contains_key(part)));
            if open.len() == before {
                known.insert(term, self.of_form(&inner, &known));
            }
        }
        Ok(self.of_form(form, &known))
    }

    /// The terms of a form that may be looked into.
    fn parts(&self, form: &IndexForm) -> Vec<Term> {
        let factors = form.networks.iter().flat_map(|network| &network.factors);
        factors.filter_map(|factor| self.copies(factor)).map(|(term, _)| term).collect()
    }

    fn of_form(&self, form: &IndexForm, known: &FastMap<Term, Extent>) -> Extent {
        form.networks.iter().fold(Extent::NOTHING, |all, network| all.plus(self.of_network(network, known)))
    }

    fn of_network(&self, network: &Network, known: &FastMap<Term, Extent>) -> Extent {
        let of = |factor: &Factor| match self.copies(factor).map(|(term, copies)| (known.get(&term), copies)) {
            Some((Some(&extent), copies)) if extent != Extent::FACTOR => {
                (0..copies).fold(Extent::NUMBER, |product, _| product.times(extent))
            }
            _ => Extent::FACTOR,
        };
        network.factors.iter().fold(Extent::NUMBER, |product, factor| product.times(of(factor)))
    }
}
