//! Back to matrices: summed indices of degree at most two are eliminated one after the other.
//!
//! A network is a graph: indices are its nodes, an entry of a matrix is an edge, an entry of a vector a weight of
//! its node. Parallel edges are merged by ⊙, a node of degree 1 makes a matrix times a vector, one of degree 2 the
//! product `M diag(v) N`, and a cycle is a trace. This succeeds for the series-parallel networks and no others.

use super::Workspace;
use super::form::{Atom, Factor, IndexForm, Label, Network};
use crate::ir::normal::Normal;
use crate::ir::{Function, Term};
use crate::shape::Shape;
use std::collections::{BTreeMap, BTreeSet};

impl Workspace<'_> {
    /// The form as a scalar, a column vector or a matrix whose indices are `axes` (none, one, or row and column);
    /// it does not depend on an axis that the form does not have. `None`: a free index is missing from `axes`, there
    /// are more than two, or a network is not series-parallel.
    pub fn to_matrix(&mut self, form: &IndexForm, axes: &[Label]) -> Option<Term> {
        if axes.len() > 2 || form.free.iter().any(|label| !axes.contains(label)) {
            return None;
        }
        let mut summands = Vec::with_capacity(form.networks.len());
        for network in &form.networks {
            let network = self.simplify_network(network.clone(), axes);
            let graph = self.reduced(&network, axes)?;
            summands.push(self.assemble(graph, axes));
        }
        let shape = self.shape_of_axes(axes);
        Some(self.sum_of(&summands, shape))
    }

    pub(super) fn sum_of(&mut self, summands: &[Term], shape: Shape) -> Term {
        match summands {
            [] => self.context.terms.zero(shape),
            _ => self.normal().sum(summands),
        }
    }

    pub(super) fn normal(&mut self) -> Normal<'_> {
        Normal::new(&mut self.context.terms)
    }

    /// The graph of a network with every index outside `free` eliminated.
    pub(super) fn reduced(&mut self, network: &Network, free: &[Label]) -> Option<Graph> {
        let mut graph = Graph::default();
        let number = self.context.terms.number(network.coefficient.clone());
        graph.scalars.push(number);
        for factor in &network.factors {
            self.insert(&mut graph, factor)?;
        }
        graph.summed = network.labels().into_iter().filter(|label| !free.contains(label)).collect();
        while self.step(&mut graph) {}
        graph.summed.is_empty().then_some(graph)
    }

    fn insert(&mut self, graph: &mut Graph, factor: &Factor) -> Option<()> {
        let term = match factor.atom {
            Atom::Term(term) => term,
            Atom::Delta => self.context.terms.identity(self.dim(*factor.indices.first()?).clone()),
        };
        let exponent = self.context.terms.number(factor.exponent.exact());
        let power = if factor.exponent.is_one() { term } else { self.normal().element_power(term, exponent) };
        match factor.indices[..] {
            [] => {
                let scalar = if self.shape(power).is_scalar() { power } else { self.normal().as_scalar(power) };
                graph.scalars.push(scalar);
            }
            [label] => {
                let column = if self.shape(power).is_row() { self.normal().transpose(power) } else { power };
                graph.weigh(label, column);
            }
            [a, b] => graph.edges.push((a, b, power)),
            _ => return None,
        }
        Some(())
    }

    /// Does one thing that makes the graph smaller; `false` if there is nothing left to do.
    fn step(&mut self, graph: &mut Graph) -> bool {
        self.remove_loop(graph) || self.merge_parallel(graph) || self.eliminate(graph)
    }

    /// An edge from an index to itself is a trace, or the weight diagpart(M).
    fn remove_loop(&mut self, graph: &mut Graph) -> bool {
        let Some(at) = graph.edges.iter().position(|(a, b, _)| a == b) else { return false };
        let (label, _, matrix) = graph.edges.remove(at);
        if graph.is_summed(label) && graph.degree(label) == 0 && !graph.weights.contains_key(&label) {
            let trace = self.normal().call(Function::Trace, matrix);
            graph.scalars.push(trace);
            graph.summed.remove(&label);
        } else {
            let diagonal = self.normal().call(Function::DiagPart, matrix);
            graph.weigh(label, diagonal);
        }
        true
    }

    /// Two edges between the same indices become their entry-by-entry product; a cycle by itself becomes a loop.
    fn merge_parallel(&mut self, graph: &mut Graph) -> bool {
        let Some((i, j)) = graph.parallel() else { return false };
        let (c, d, second) = graph.edges.remove(j);
        let (a, b, first) = graph.edges.remove(i);
        let bare =
            |label: Label| graph.is_summed(label) && graph.degree(label) == 0 && !graph.weights.contains_key(&label);
        if bare(a) && bare(b) {
            let back = if (c, d) == (a, b) { self.turned(second) } else { second };
            let product = self.normal().product(&[first, back]);
            graph.edges.push((a, a, product));
            graph.summed.remove(&b);
        } else {
            let along = if (c, d) == (a, b) { second } else { self.turned(second) };
            let product = self.normal().hadamard(&[first, along]);
            graph.edges.push((a, b, product));
        }
        true
    }

    fn eliminate(&mut self, graph: &mut Graph) -> bool {
        let Some(label) = graph.next() else { return false };
        graph.summed.remove(&label);
        let weights = graph.weights.remove(&label).unwrap_or_default();
        match graph.take_edges(label)[..] {
            [] => {
                let scalar = self.sum_of_product(label, &weights);
                graph.scalars.push(scalar);
            }
            [edge] => {
                let (other, matrix) = self.toward(edge, label);
                let vector = self.weight(label, &weights);
                let product = self.normal().product(&[matrix, vector]);
                graph.weigh(other, product);
            }
            [first, second] => {
                let (row, left) = self.toward(first, label);
                let (col, right) = self.toward(second, label);
                let right = self.turned(right);
                let product = if weights.is_empty() {
                    self.normal().product(&[left, right])
                } else {
                    let vector = self.weight(label, &weights);
                    let diagonal = self.normal().call(Function::Diag, vector);
                    self.normal().product(&[left, diagonal, right])
                };
                graph.edges.push((row, col, product));
            }
            _ => unreachable!("an index of degree at most two was chosen"),
        }
        true
    }

    /// The other end of an edge, and its matrix with `label` as the column.
    fn toward(&mut self, (a, b, matrix): Edge, label: Label) -> (Label, Term) {
        if b == label { (a, matrix) } else { (b, self.turned(matrix)) }
    }

    /// The transpose, which of a symmetric matrix is the matrix itself.
    pub(super) fn turned(&mut self, matrix: Term) -> Term {
        if self.is_symmetric(matrix) { matrix } else { self.normal().transpose(matrix) }
    }

    /// Σ over an index of the product of vectors: `aᵀb`, or the sum of the entries.
    fn sum_of_product(&mut self, label: Label, weights: &[Term]) -> Term {
        match *weights {
            [a, b] => {
                let row = self.normal().transpose(a);
                let product = self.normal().product(&[row, b]);
                if self.shape(product).is_scalar() { product } else { self.normal().as_scalar(product) }
            }
            _ => {
                let vector = self.weight(label, weights);
                self.normal().call(Function::SumAll, vector)
            }
        }
    }

    /// The entry-by-entry product of the weights of an index.
    fn weight(&mut self, label: Label, weights: &[Term]) -> Term {
        match weights {
            [] => {
                let shape = Shape::vector(self.dim(label).clone());
                self.context.terms.ones(&shape)
            }
            _ => self.normal().hadamard(weights),
        }
    }

    fn assemble(&mut self, mut graph: Graph, axes: &[Label]) -> Term {
        let mut factors = std::mem::take(&mut graph.scalars);
        factors.extend(self.block(&graph, axes.first().copied(), axes.get(1).copied()));
        self.normal().product(&factors)
    }

    /// What a reduced graph has on two indices: edge and weights as a matrix; a missing index is a dimension of 1.
    pub(super) fn block(&mut self, graph: &Graph, row: Option<Label>, col: Option<Label>) -> Vec<Term> {
        let edge = row.zip(col).and_then(|(row, col)| graph.edge(row, col));
        let weights = |label: Option<Label>| label.and_then(|label| graph.weights.get(&label)).cloned();
        let (left, right) = (weights(row), weights(col));
        let Some((flipped, matrix)) = edge else {
            let column = row.map(|row| self.weight(row, &left.unwrap_or_default()));
            let line = col.map(|col| {
                let column = self.weight(col, &right.unwrap_or_default());
                self.normal().transpose(column)
            });
            return column.into_iter().chain(line).collect();
        };
        let diagonal = |workspace: &mut Self, label: Option<Label>, weights: Option<Vec<Term>>| {
            let vector = workspace.weight(label?, &weights?);
            Some(workspace.normal().call(Function::Diag, vector))
        };
        let left = diagonal(self, row, left);
        let right = diagonal(self, col, right);
        let matrix = if flipped { self.turned(matrix) } else { matrix };
        left.into_iter().chain([matrix]).chain(right).collect()
    }
}

/// A matrix between a row index and a column index.
pub(super) type Edge = (Label, Label, Term);

/// A network as a graph.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    pub(super) scalars: Vec<Term>,
    pub(super) weights: BTreeMap<Label, Vec<Term>>,
    pub(super) edges: Vec<Edge>,
    summed: BTreeSet<Label>,
}

impl Graph {
    fn weigh(&mut self, label: Label, vector: Term) {
        self.weights.entry(label).or_default().push(vector);
    }

    fn is_summed(&self, label: Label) -> bool {
        self.summed.contains(&label)
    }

    fn degree(&self, label: Label) -> usize {
        self.edges.iter().filter(|(a, b, _)| *a == label || *b == label).count()
    }

    /// The positions of two edges between the same indices.
    fn parallel(&self) -> Option<(usize, usize)> {
        let same = |x: &Edge, y: &Edge| (x.0, x.1) == (y.0, y.1) || (x.0, x.1) == (y.1, y.0);
        (0..self.edges.len())
            .find_map(|i| (i + 1..self.edges.len()).find(|&j| same(&self.edges[i], &self.edges[j])).map(|j| (i, j)))
    }

    /// The summed index to eliminate next: lowest degree first, bare ones before weighted ones.
    fn next(&self) -> Option<Label> {
        let cost = |&label: &Label| (self.degree(label), self.weights.contains_key(&label), label);
        self.summed.iter().copied().min_by_key(cost).filter(|&label| self.degree(label) <= 2)
    }

    fn take_edges(&mut self, label: Label) -> Vec<Edge> {
        let (taken, left) = self.edges.drain(..).partition(|(a, b, _)| *a == label || *b == label);
        self.edges = left;
        taken
    }

    /// The edge between two indices, and whether it stands the other way round.
    pub(super) fn edge(&self, row: Label, col: Label) -> Option<(bool, Term)> {
        self.edges.iter().find_map(|&(a, b, matrix)| match (a, b) {
            _ if (a, b) == (row, col) => Some((false, matrix)),
            _ if (a, b) == (col, row) => Some((true, matrix)),
            _ => None,
        })
    }

    /// The graph with its edges only.
    pub(super) fn without_weights(&self) -> Graph {
        Graph { weights: BTreeMap::new(), ..self.clone() }
    }

    /// Is there an edge between two indices, if both exist?
    pub(super) fn joins(&self, a: Option<Label>, b: Option<Label>) -> bool {
        a.zip(b).is_some_and(|(a, b)| self.edge(a, b).is_some())
    }
}
