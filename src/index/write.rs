//! Index notation as terms: sums over indices of products of entries. This always works.

use super::form::{Atom, Factor, IndexForm, Label, Network};
use super::read::named_index;
use super::{Exponent, Workspace};
use crate::ir::{Index, Op, Term};
use crate::shape::Shape;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Names for indices that have none, in the order they are given out.
const NAMES: [&str; 12] = ["i", "j", "k", "l", "p", "q", "r", "s", "u", "v", "a", "b"];

impl Workspace<'_> {
    /// The form as a scalar term in `Entry`, `Delta` and `IndexSum`. Free indices without a name get one.
    pub fn to_indices(&mut self, form: &IndexForm) -> Term {
        let names = self.free_names(&form.free);
        let summands: Vec<Term> = form.networks.iter().map(|network| self.network_term(network, &names)).collect();
        self.sum_of(&summands, Shape::Scalar)
    }

    /// The free indices of a form as indices of terms, in order.
    pub fn free_indices(&self, free: &[Label]) -> Vec<Index> {
        let names = self.free_names(free);
        free.iter().map(|label| names[label].clone()).collect()
    }

    fn free_names(&self, free: &[Label]) -> Names {
        let mut names = Names::new();
        for &label in free.iter().filter(|&&label| self.name(label).is_some()) {
            names.insert(label, self.index_for(label, &names));
        }
        for &label in free {
            if !names.contains_key(&label) {
                names.insert(label, self.index_for(label, &names));
            }
        }
        names
    }

    /// The index that a label prefers, or the first that is neither in use here nor the name of anything.
    fn index_for(&self, label: Label, used: &Names) -> Index {
        let taken: BTreeSet<&str> = used
            .values()
            .filter_map(|index| match index {
                Index::Named { name, .. } => Some(name.as_ref()),
                Index::At(_) => None,
            })
            .collect();
        let free = |name: &&str| !taken.contains(name) && self.context.lookup(name).is_none();
        let preferred = self.name(label).filter(|name| !taken.contains(name.as_ref())).cloned();
        let name = preferred.unwrap_or_else(|| match NAMES.into_iter().find(free) {
            Some(name) => name.into(),
            None => (1..)
                .map(|n| format!("i_{n}"))
                .find(|name| !taken.contains(name.as_str()))
                .map_or_else(|| "i".into(), Arc::from),
        });
        named_index(&name, self.dim(label))
    }

    /// One network: the factors without summed indices, then a Σ for each group of factors that share some.
    pub(super) fn network_term(&mut self, network: &Network, names: &Names) -> Term {
        let mut factors = vec![self.context.terms.number(network.coefficient.clone())];
        for component in network.components(|label| !names.contains_key(&label)) {
            factors.push(self.component_term(&component, names));
        }
        self.normal().product(&factors)
    }

    fn component_term(&mut self, component: &[Factor], names: &Names) -> Term {
        let (fixed, component) = self.fixed_places(component, names);
        let mut names: Names = names.iter().map(|(label, index)| (*label, index.clone())).chain(fixed).collect();
        let mut bound = Vec::new();
        for &label in component.iter().flat_map(|factor| &factor.indices) {
            if !names.contains_key(&label) {
                let index = self.index_for(label, &names);
                names.insert(label, index.clone());
                bound.push(index);
            }
        }
        let entries: Vec<Term> = component.iter().map(|factor| self.factor_term(factor, &names)).collect();
        let mut term = self.normal().product(&entries);
        for index in bound.into_iter().rev() {
            term = self.context.terms.make(Op::IndexSum { index, excluding: None }, &[term]);
        }
        term
    }

    /// Summed indices that a unit vector holds at one place, and the other factors.
    fn fixed_places(&self, component: &[Factor], names: &Names) -> (Names, Vec<Factor>) {
        let mut fixed = Names::new();
        let mut others = Vec::new();
        for factor in component {
            let unit = factor.term().map(|term| self.context.terms.op(term));
            match (unit, &factor.indices[..]) {
                (Some(Op::Unit(_, at)), &[label]) if !names.contains_key(&label) && !fixed.contains_key(&label) => {
                    fixed.insert(label, at.clone());
                }
                _ => others.push(factor.clone()),
            }
        }
        (fixed, others)
    }

    fn factor_term(&mut self, factor: &Factor, names: &Names) -> Term {
        let indices: Vec<Index> = factor.indices.iter().map(|label| names[label].clone()).collect();
        let base = match factor.atom {
            Atom::Term(term) => self.entry_term(term, &indices),
            Atom::Delta => self.delta_term(&indices),
        };
        self.power_term(base, factor.exponent)
    }

    pub(super) fn power_term(&mut self, base: Term, exponent: Exponent) -> Term {
        if exponent.is_one() {
            return base;
        }
        let exponent = self.context.terms.number(exponent.exact());
        self.normal().power(base, exponent)
    }

    fn delta_term(&mut self, indices: &[Index]) -> Term {
        match indices {
            [a, b] => self.context.terms.make(Op::Delta(a.clone(), b.clone()), &[]),
            _ => self.context.terms.integer(1),
        }
    }

    /// An entry of a term, written inside functions that act entry by entry: `log(ŷ_j)`, not `log(ŷ)_j`. The indices
    /// are those of the dimensions that are not 1.
    pub(super) fn entry_term(&mut self, term: Term, indices: &[Index]) -> Term {
        let shape = self.shape(term);
        if indices.is_empty() {
            return if shape.is_scalar() { term } else { self.normal().as_scalar(term) };
        }
        let args = self.context.terms.args(term).to_vec();
        let op = self.context.terms.op(term).clone();
        match op {
            Op::Ones(..) => self.context.terms.integer(1),
            Op::Identity(_) => self.delta_term(indices),
            Op::Unit(_, at) => self.delta_term(&[at, indices[0].clone()]),
            Op::Transpose => {
                let reversed: Vec<Index> = indices.iter().rev().cloned().collect();
                self.entry_term(args[0], &reversed)
            }
            Op::Call(function) if function.is_entrywise() => {
                let entry = self.entry_term(args[0], indices);
                self.normal().call(function, entry)
            }
            Op::Elementwise { .. } => {
                let entry = self.entry_term(args[0], indices);
                self.context.terms.make(op, &[entry])
            }
            Op::Sum | Op::Hadamard => {
                let entries: Vec<Term> = args.iter().map(|&arg| self.entry_term(arg, indices)).collect();
                if op == Op::Sum { self.normal().sum(&entries) } else { self.normal().product(&entries) }
            }
            Op::ElementPower => {
                let entry = self.entry_term(args[0], indices);
                self.normal().power(entry, args[1])
            }
            Op::Product => self.product_entry(term, &args, indices),
            _ => self.context.terms.make(Op::Entry(indices.to_vec()), &[term]),
        }
    }

    /// Scalar factors stand before the entry of the matrix.
    fn product_entry(&mut self, term: Term, args: &[Term], indices: &[Index]) -> Term {
        let (mut scalars, matrix) = self.normal().split_scalars(term);
        let matrix = matrix.unwrap_or(term);
        scalars.push(if matrix == term || args.is_empty() {
            self.context.terms.make(Op::Entry(indices.to_vec()), &[matrix])
        } else {
            self.entry_term(matrix, indices)
        });
        self.normal().product(&scalars)
    }
}

/// The indices of terms that labels are written as.
pub(super) type Names = BTreeMap<Label, Index>;
