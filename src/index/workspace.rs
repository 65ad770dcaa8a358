//! The workspace of a question: the dimensions and names of its indices, and what was read already.

use super::{IndexForm, Label, Network, Refusal};
use crate::facts::{Condition, Evidence, Facts};
use crate::ir::hash::FastMap;
use crate::ir::{Context, Index, Property, Term};
use crate::shape::{Dim, Shape};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How much work index form may do; every limit is a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Networks in one form (products of sums are expanded).
    pub networks: usize,
    /// Factors in all networks of a form together, when forms are written out to be compared.
    pub factors: usize,
    /// Labellings that the canonical form of one component may try.
    pub labellings: usize,
    /// Matrix or scalar powers up to this one are written out when forms are compared.
    pub written_out: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { networks: 4096, factors: 8192, labellings: 2048, written_out: 8 }
    }
}

/// Indices with their dimensions, over a context. Forms of different workspaces do not mix.
pub struct Workspace<'a> {
    pub(super) context: &'a mut Context,
    pub(super) limits: Limits,
    /// Declarations and assumptions that were used, a symmetry for example.
    pub(super) used: Vec<Evidence>,
    facts: Facts,
    dims: Vec<Dim>,
    names: Vec<Option<Arc<str>>>,
    named: BTreeMap<(Arc<str>, Dim), Label>,
    pub(super) memo: FastMap<Term, IndexForm>,
    symmetric: FastMap<Term, bool>,
}

impl<'a> Workspace<'a> {
    /// A workspace over `context` that uses no facts.
    pub fn new(context: &'a mut Context) -> Self {
        Workspace::with(context, Facts::default(), Limits::default())
    }

    /// A workspace that may use facts, within limits.
    pub fn with(context: &'a mut Context, facts: Facts, limits: Limits) -> Self {
        Workspace {
            context,
            limits,
            used: Vec::new(),
            facts,
            dims: Vec::new(),
            names: Vec::new(),
            named: BTreeMap::new(),
            memo: FastMap::default(),
            symmetric: FastMap::default(),
        }
    }

    /// The context, to build terms.
    pub fn context(&mut self) -> &mut Context {
        self.context
    }

    /// The evidence for every fact that was used so far.
    pub fn evidence(&self) -> &[Evidence] {
        &self.used
    }

    /// A new index without a name.
    pub fn fresh(&mut self, dim: Dim) -> Label {
        self.label(None, dim)
    }

    /// A new index that prefers the name of `like`.
    pub(super) fn fresh_like(&mut self, like: Label) -> Label {
        self.label(self.names[like.0 as usize].clone(), self.dim(like).clone())
    }

    fn label(&mut self, name: Option<Arc<str>>, dim: Dim) -> Label {
        self.dims.push(dim);
        self.names.push(name);
        Label(self.dims.len() as u32 - 1)
    }

    /// The index of this name and dimension: one label in the whole workspace.
    pub fn named(&mut self, name: &Arc<str>, dim: &Dim) -> Label {
        let key = (name.clone(), dim.clone());
        if let Some(&label) = self.named.get(&key) {
            return label;
        }
        let label = self.label(Some(name.clone()), dim.clone());
        self.named.insert(key, label);
        label
    }

    /// The label of a named index of a term; `None` for a fixed position.
    pub fn label_of(&mut self, index: &Index) -> Option<Label> {
        match index {
            Index::Named { name, dim } => Some(self.named(name, dim)),
            Index::At(_) => None,
        }
    }

    /// The dimension of an index.
    pub fn dim(&self, label: Label) -> &Dim {
        &self.dims[label.0 as usize]
    }

    /// The name that an index has or prefers.
    pub fn name(&self, label: Label) -> Option<&Arc<str>> {
        self.names[label.0 as usize].as_ref()
    }

    pub(super) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// From here on no differentials are taken: facts about the variables themselves may be used.
    pub fn after_differentiating(&mut self) {
        self.facts = self.facts.after_differentiating();
        self.symmetric.clear();
    }

    /// One new index for each dimension of the shape that is not 1.
    pub fn axes(&mut self, shape: &Shape) -> Vec<Label> {
        let dims = [shape.rows(), shape.cols()];
        dims.into_iter().filter(|dim| !dim.is_one()).map(|dim| self.fresh(dim)).collect()
    }

    /// The networks of a form with its first free indices replaced by `axes` and its summed indices renamed, so that
    /// they can stand beside others.
    pub fn instantiate(&mut self, form: &IndexForm, axes: &[Label]) -> Vec<Network> {
        let fixed: FastMap<Label, Label> =
            form.free.iter().enumerate().map(|(at, &label)| (label, axes.get(at).copied().unwrap_or(label))).collect();
        let mut networks = Vec::with_capacity(form.networks.len());
        for network in &form.networks {
            let mut map = fixed.clone();
            for label in network.labels() {
                map.entry(label).or_insert_with(|| self.fresh_like(label));
            }
            networks.push(network.relabelled(|label| map[&label]));
        }
        networks
    }

    /// Is the matrix symmetric, by a declaration or a fact? Remembers the evidence.
    pub(super) fn is_symmetric(&mut self, term: Term) -> bool {
        if !self.context.terms.shape(term).is_square() {
            return false;
        }
        if let Some(&known) = self.symmetric.get(&term) {
            return known;
        }
        let evidence = self.facts.holds(self.context, &Condition::Property(Property::Symmetric, term));
        let known = evidence.is_some();
        self.used.extend(evidence);
        self.symmetric.insert(term, known);
        known
    }

    pub(super) fn bounded(&self, networks: Vec<Network>) -> Result<Vec<Network>, Refusal> {
        if networks.len() > self.limits.networks {
            return Err(Refusal::TooManyNetworks(self.limits.networks));
        }
        Ok(networks)
    }
}

/// How many indices a shape has.
pub(super) fn rank(shape: &Shape) -> usize {
    [shape.rows(), shape.cols()].iter().filter(|dim| !dim.is_one()).count()
}
