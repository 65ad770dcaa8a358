//! The data of index form: labels, factors, networks, sums of networks.
//!
//! Invariants of a simplified form: no two factors of a network have the same atom and indices; a δ has two
//! different free indices; a label that is not free occurs in a factor and is summed over.

use super::Exponent;
use crate::ir::{Rational, Term};
use num_traits::One;
use smallvec::{SmallVec, smallvec};
use std::collections::BTreeSet;

/// An index: a number in its [`Workspace`](super::Workspace), which knows its dimension and perhaps its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(pub(super) u32);

/// What a factor is an entry of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Atom {
    /// The Kronecker delta.
    Delta,
    /// A term that is not looked into; it has as many indices as its shape has dimensions other than 1.
    Term(Term),
}

/// The indices of an entry. Atoms have at most two, partial derivatives of matrices by matrices four.
pub type Indices = SmallVec<[Label; 4]>;

/// An entry of an atom, raised to a power.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Factor {
    /// What it is an entry of.
    pub atom: Atom,
    /// Which entry: row before column.
    pub indices: Indices,
    /// The power, not zero; 1 for a δ.
    pub exponent: Exponent,
}

impl Factor {
    /// δ of two indices.
    pub fn delta(a: Label, b: Label) -> Self {
        Factor { atom: Atom::Delta, indices: smallvec![a, b], exponent: Exponent::ONE }
    }

    /// An entry of a term.
    pub fn entry(term: Term, indices: &[Label]) -> Self {
        Factor { atom: Atom::Term(term), indices: indices.into(), exponent: Exponent::ONE }
    }

    /// The term, if it is not a δ.
    pub fn term(&self) -> Option<Term> {
        match self.atom {
            Atom::Delta => None,
            Atom::Term(term) => Some(term),
        }
    }

    /// Is it a δ?
    pub fn is_delta(&self) -> bool {
        self.atom == Atom::Delta
    }

    /// Both indices, of an entry with two.
    pub(super) fn pair(&self) -> Option<(Label, Label)> {
        match self.indices[..] {
            [a, b] => Some((a, b)),
            _ => None,
        }
    }
}

/// A number times a product of factors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// The number in front.
    pub coefficient: Rational,
    /// The factors, in no order that means anything.
    pub factors: Vec<Factor>,
}

impl Network {
    /// A number.
    pub fn number(coefficient: Rational) -> Self {
        Network { coefficient, factors: Vec::new() }
    }

    /// One factor.
    pub fn factor(factor: Factor) -> Self {
        Network { coefficient: Rational::one(), factors: vec![factor] }
    }

    /// The product, without simplification.
    pub(super) fn times(&self, other: &Network) -> Network {
        let factors = self.factors.iter().chain(&other.factors).cloned().collect();
        Network { coefficient: &self.coefficient * &other.coefficient, factors }
    }

    /// All labels that occur.
    pub fn labels(&self) -> BTreeSet<Label> {
        self.factors.iter().flat_map(|factor| factor.indices.iter().copied()).collect()
    }

    /// Does the label occur?
    pub fn has(&self, label: Label) -> bool {
        self.factors.iter().any(|factor| factor.indices.contains(&label))
    }

    /// Every label replaced by what `map` says.
    pub(super) fn relabelled(&self, map: impl Fn(Label) -> Label) -> Network {
        let relabel = |factor: &Factor| Factor {
            atom: factor.atom,
            indices: factor.indices.iter().map(|&label| map(label)).collect(),
            exponent: factor.exponent,
        };
        Network { coefficient: self.coefficient.clone(), factors: self.factors.iter().map(relabel).collect() }
    }

    /// The factors in groups that share no summed index.
    pub(super) fn components(&self, joins: impl Fn(Label) -> bool) -> Vec<Vec<Factor>> {
        let mut groups: Vec<(BTreeSet<Label>, Vec<Factor>)> = Vec::new();
        for factor in &self.factors {
            let mut labels: BTreeSet<Label> = factor.indices.iter().copied().filter(|&label| joins(label)).collect();
            let mut members = vec![factor.clone()];
            let (touching, apart) = groups.into_iter().partition(|(group, _)| !group.is_disjoint(&labels));
            groups = apart;
            let touching: Vec<(BTreeSet<Label>, Vec<Factor>)> = touching;
            for (group, factors) in touching.into_iter().rev() {
                labels.extend(group);
                members.splice(0..0, factors);
            }
            groups.push((labels, members));
        }
        groups.into_iter().map(|(_, factors)| factors).collect()
    }
}

/// A sum of networks with the same free indices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexForm {
    /// The free indices in order. Of a form read from a term: those of its rows and columns, then the named
    /// indices in it (the `j` of `y_j`).
    pub free: Vec<Label>,
    /// The summands; none is zero.
    pub networks: Vec<Network>,
}

impl IndexForm {
    /// Is it zero?
    pub fn is_zero(&self) -> bool {
        self.networks.is_empty()
    }

    /// Is the label free?
    pub fn is_free(&self, label: Label) -> bool {
        self.free.contains(&label)
    }
}
