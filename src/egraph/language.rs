//! The language of the e-graph and its analysis.
//!
//! An e-node is an operator, by its number in a table of this run, and the classes of its arguments. Leaves are
//! operators too, so a name is its place in the context and a number its value; nothing is an interned string,
//! whose order would depend on the history of the process. `0`, `I` and `𝟏` carry their shapes in the operator.
//!
//! The analysis keeps the shape of each class and the best normal term found for it. Every merge compares the
//! shapes: two classes of different shapes are never equal, and the run ends with a named reason.

use crate::ir::hash::FastMap;
use crate::ir::{Op, Term};
use crate::shape::Shape;
use egg::{Analysis, DidMerge, EGraph, Id, Language};

/// An operator and the classes of its arguments, as many as a normal term has.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Node {
    pub(super) op: u32,
    pub(super) args: Box<[Id]>,
}

impl Language for Node {
    type Discriminant = u32;

    fn discriminant(&self) -> u32 {
        self.op
    }

    fn matches(&self, other: &Self) -> bool {
        self.op == other.op && self.args.len() == other.args.len()
    }

    fn children(&self) -> &[Id] {
        &self.args
    }

    fn children_mut(&mut self) -> &mut [Id] {
        &mut self.args
    }
}

/// The operators of one run, in the order in which the terms bring them.
#[derive(Debug, Default)]
pub(super) struct Ops {
    list: Vec<Op>,
    index: FastMap<Op, u32>,
}

impl Ops {
    pub(super) fn number(&mut self, op: &Op) -> u32 {
        if let Some(&number) = self.index.get(op) {
            return number;
        }
        let number = self.list.len() as u32;
        self.list.push(op.clone());
        self.index.insert(op.clone(), number);
        number
    }

    pub(super) fn op(&self, node: &Node) -> &Op {
        self.get(node.op)
    }

    pub(super) fn get(&self, number: u32) -> &Op {
        &self.list[number as usize]
    }
}

/// The analysis: shapes, and the normal terms of a class.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// Shape and normal form of the e-node that is being added.
    pub(super) next: Option<(Shape, Term)>,
    /// Two classes that cannot be equal were merged.
    pub(super) contradiction: bool,
}

/// What is known of a class.
#[derive(Clone, Debug)]
pub(super) struct Data {
    pub(super) shape: Shape,
    /// The best normal term known for the class.
    pub(super) best: Term,
    /// Others that came by merging, not compared with the best one yet.
    pub(super) others: Vec<Term>,
}

impl Analysis<Node> for Shapes {
    type Data = Data;

    fn make(egraph: &mut EGraph<Node, Self>, _node: &Node, _id: Id) -> Data {
        let (shape, best) = egraph.analysis.next.clone().expect("e-nodes are added by Graph::insert only");
        Data { shape, best, others: Vec::new() }
    }

    fn merge(&mut self, a: &mut Data, b: Data) -> DidMerge {
        self.contradiction |= a.shape != b.shape;
        a.others.push(b.best);
        a.others.extend(b.others);
        // The graph recomputes terms itself, with the store at hand; egg has nothing to propagate.
        DidMerge(false, false)
    }
}
