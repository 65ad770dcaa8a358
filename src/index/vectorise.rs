//! Jacobians of arrays by arrays as Kronecker products, in column-major vec: ∂vec F/∂(vec X)ᵀ.
//!
//! The rows of a Jacobian are the pairs (j, i) of F_ij with i running fastest, its columns the pairs (q, p) of X_pq.
//! So `L_jq R_ip` is L⊗R, `L_jp R_iq` is (L⊗R)K, where K vec X = vec Xᵀ, and `M_ij N_pq` is vec(M) vec(N)ᵀ. A product
//! of the first two is their product entry by entry, so that all that four indices can be joined by has a form.

use super::Workspace;
use super::eliminate::Graph;
use super::form::{IndexForm, Label};
use crate::ir::{Function, Op, Term};
use crate::shape::{Dim, Shape};

impl Workspace<'_> {
    /// The Jacobian with the entries of `output` (none, one or two indices) as rows and those of `input` as columns.
    /// `None`: some network has no Kronecker form.
    pub fn to_jacobian(&mut self, form: &IndexForm, output: &[Label], input: &[Label]) -> Option<Term> {
        let free = [output, input].concat();
        if output.len() > 2 || input.len() > 2 || form.free.iter().any(|label| !free.contains(label)) {
            return None;
        }
        let sides = Sides {
            i: output.first().copied(),
            j: output.get(1).copied(),
            p: input.first().copied(),
            q: input.get(1).copied(),
        };
        let mut summands = Vec::with_capacity(form.networks.len());
        for network in &form.networks {
            let network = self.simplify_network(network.clone(), &free);
            let mut graph = self.reduced(&network, &free)?;
            let mut factors = std::mem::take(&mut graph.scalars);
            factors.extend(self.jacobian_of(&graph, &sides));
            summands.push(self.normal().product(&factors));
        }
        let size = |labels: &[Label]| labels.iter().fold(Dim::one(), |size, &label| size * self.dim(label).clone());
        let shape = Shape::matrix(size(output), size(input));
        Some(self.sum_of(&summands, shape))
    }

    fn jacobian_of(&mut self, graph: &Graph, sides: &Sides) -> Vec<Term> {
        let &Sides { i, j, p, q } = sides;
        let direct = graph.joins(i, p) || graph.joins(j, q);
        let crossed = graph.joins(i, q) || graph.joins(j, p);
        let blocks = match (direct, crossed) {
            (false, false) => return self.outer(graph, sides),
            (true, false) => self.direct(graph, sides),
            (false, true) => self.crossed(graph, sides),
            (true, true) => {
                // Weights of one index count once.
                let (left, right) = (self.direct(graph, sides), self.crossed(&graph.without_weights(), sides));
                let [left, right] = [left, right].map(|factors| self.normal().product(&factors));
                vec![self.normal().hadamard(&[left, right])]
            }
        };
        let (above, below) = (self.scaling(graph, i, j), self.scaling(graph, p, q));
        above.into_iter().chain(blocks).chain(below).collect()
    }

    /// `L_jq R_ip`: L⊗R.
    fn direct(&mut self, graph: &Graph, &Sides { i, j, p, q }: &Sides) -> Vec<Term> {
        vec![self.kronecker_of(graph, (j, q), (i, p))]
    }

    /// `L_jp R_iq`: (L⊗R)K; without K where one side has one index only.
    fn crossed(&mut self, graph: &Graph, &Sides { i, j, p, q }: &Sides) -> Vec<Term> {
        let (left, right) = if j.is_some() { ((j, p), (i, q)) } else { ((i, q), (None, p)) };
        let mut factors = vec![self.kronecker_of(graph, left, right)];
        if let (Some(_), Some(p), Some(q)) = (j, p, q) {
            let (m, n) = (self.dim(p).clone(), self.dim(q).clone());
            factors.push(self.context.terms.make(Op::Commutation(m, n), &[]));
        }
        factors
    }

    fn kronecker_of(&mut self, graph: &Graph, left: Pair, right: Pair) -> Term {
        let left = self.block_matrix(graph, left.0, left.1);
        let right = self.block_matrix(graph, right.0, right.1);
        self.normal().kronecker(left, right)
    }

    /// A block as a matrix, 1×1 where both indices are missing.
    fn block_matrix(&mut self, graph: &Graph, row: Option<Label>, col: Option<Label>) -> Term {
        let factors = self.block(graph, row, col);
        if factors.is_empty() {
            return self.context.terms.identity(Dim::one());
        }
        self.normal().product(&factors)
    }

    /// An edge between the two indices of one side scales the entries of that side: diag(vec(M)).
    fn scaling(&mut self, graph: &Graph, a: Option<Label>, b: Option<Label>) -> Option<Term> {
        let (flipped, matrix) = graph.edge(a?, b?)?;
        let matrix = if flipped { self.turned(matrix) } else { matrix };
        let vector = self.normal().call(Function::Vec, matrix);
        Some(self.normal().call(Function::Diag, vector))
    }

    /// Nothing joins output and input: vec(M) vec(N)ᵀ.
    fn outer(&mut self, graph: &Graph, sides: &Sides) -> Vec<Term> {
        let mut vector = |a: Option<Label>, b: Option<Label>| {
            let matrix = self.block_matrix(graph, a, b);
            if b.is_some() { self.normal().call(Function::Vec, matrix) } else { matrix }
        };
        let column = vector(sides.i, sides.j);
        let line = vector(sides.p, sides.q);
        let line = self.normal().transpose(line);
        vec![column, line]
    }
}

/// Row and column of a block.
type Pair = (Option<Label>, Option<Label>);

/// The indices of F_ij and X_pq, as far as they exist.
struct Sides {
    i: Option<Label>,
    j: Option<Label>,
    p: Option<Label>,
    q: Option<Label>,
}
