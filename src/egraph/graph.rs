//! The e-graph over normal terms: adding, merging, and keeping every class in normal form.
//!
//! Terms enter as they are: one e-node for each of their sub-terms, sums and products with all their operands. Next
//! to each e-node stands its normal form, merged with it under the name [`NORMAL`]; so flattening, order,
//! collecting and cancelling are what the normal builder does anyway, and need neither rules nor associativity and
//! commutativity in the e-graph. After merges [`Graph::refresh`] builds every e-node anew from the best terms of its
//! arguments, until nothing changes: what a hypothesis makes of `sum(y)` reaches every product it stands in.
//!
//! Invariant: merges happen only (1) of a term with its normal form, (2) of both sides of an instance of a rule whose
//! conditions hold, (3) of both sides of a hypothesis, and (4) by congruence.

use super::cost::Costs;
use super::language::{Node, Ops, Shapes};
use crate::facts::Facts;
use crate::ir::hash::{FastMap, FastSet};
use crate::ir::normal::Normal;
use crate::ir::{Context, Kinds, Op, Rational, Term, kind};
use egg::{EGraph, Id};
use num_traits::One;

/// The reason of a merge of a term with its normal form.
pub(super) const NORMAL: &str = "normal";

/// An e-graph with the context of its terms.
pub(super) struct Graph<'a> {
    pub(super) context: &'a mut Context,
    pub(super) facts: &'a Facts,
    pub(super) egraph: EGraph<Node, Shapes>,
    pub(super) ops: Ops,
    /// The e-node that stands for exactly this term.
    pub(super) ids: FastMap<Term, Id>,
    pub(super) costs: Costs,
    normal: FastMap<Term, Term>,
    reason: egg::Symbol,
    clock: quanta::Clock,
    /// E-nodes with these best terms of their arguments are in normal form.
    built: FastSet<(u32, Box<[Term]>)>,
    /// What [`Graph::improved`] found at a version.
    improved: (u64, FastMap<Term, Term>),
    /// Best term and e-nodes of each class at the last search.
    searched: FastMap<Id, (Term, Vec<Node>)>,
    /// Counts the changes of best terms.
    pub(super) version: u64,
}

impl<'a> Graph<'a> {
    /// An empty e-graph, with or without explanations.
    pub(super) fn new(context: &'a mut Context, facts: &'a Facts, explanations: bool) -> Self {
        let mut egraph = EGraph::new(Shapes::default());
        if explanations {
            egraph = egraph.with_explanations_enabled().without_explanation_length_optimization();
        }
        Graph {
            context,
            facts,
            egraph,
            ops: Ops::default(),
            ids: FastMap::default(),
            costs: Costs::default(),
            normal: FastMap::default(),
            reason: NORMAL.into(),
            clock: quanta::Clock::mock().0,
            built: FastSet::default(),
            searched: FastMap::default(),
            improved: (0, FastMap::default()),
            version: 0,
        }
    }

    /// Adds a term that is normal already.
    pub(super) fn add_normal(&mut self, term: Term) -> Id {
        if let Some(&id) = self.ids.get(&term) {
            return id;
        }
        for part in self.context.terms.postorder(term) {
            self.normal.entry(part).or_insert(part);
        }
        self.add(term)
    }

    /// Adds a term as it is written, and its normal form; the result stands for exactly this term.
    pub(super) fn add(&mut self, term: Term) -> Id {
        if let Some(&id) = self.ids.get(&term) {
            return id;
        }
        for part in self.context.terms.postorder(term) {
            if !self.ids.contains_key(&part) {
                self.insert(part);
            }
        }
        self.ids[&term]
    }

    /// Adds a term whose arguments are there.
    fn insert(&mut self, term: Term) {
        let normal = self.normal_form(term);
        let args = self.context.terms.args(term).iter().map(|arg| self.ids[arg]).collect();
        let op = self.ops.number(self.context.terms.op(term));
        self.egraph.analysis.next = Some((self.context.terms.shape(term).clone(), normal));
        let id = self.egraph.add_uncanonical(Node { op, args });
        self.ids.insert(term, id);
        // The class may be there already: then this is another term of it.
        self.egraph[id].data.others.push(normal);
        if normal == term {
            self.add_core(term);
        } else {
            let other = self.add_normal(normal);
            self.egraph.union_trusted(id, other, self.reason);
        }
    }

    /// With `−2AB` also `AB` gets a class, so that patterns find it.
    fn add_core(&mut self, term: Term) {
        let args = self.context.terms.args(term);
        if *self.context.terms.op(term) != Op::Product || args.len() < 3 {
            return;
        }
        let (number, core) = self.split(term);
        if number.is_one() {
            return;
        }
        self.add_normal(core);
        let number = self.context.terms.number(number);
        if let Ok(product) = self.context.terms.raw(Op::Product, &[number, core]) {
            self.add(product);
        }
    }

    /// The number in front, and the rest.
    pub(super) fn split(&mut self, term: Term) -> (Rational, Term) {
        Normal::new(&mut self.context.terms).split_coefficient(term)
    }

    /// The normal form of a term whose arguments were added.
    pub(super) fn normal_form(&mut self, term: Term) -> Term {
        if let Some(&normal) = self.normal.get(&term) {
            return normal;
        }
        let args = self.context.terms.operands(term);
        let args: Vec<Term> = args.into_iter().map(|arg| self.normal_form(arg)).collect();
        let op = self.context.terms.op(term).clone();
        let normal = Normal::new(&mut self.context.terms).build(op, &args);
        self.normal.insert(term, normal);
        normal
    }

    /// The best way known to write a term, which need not be in the e-graph.
    pub(super) fn improved(&mut self, term: Term) -> Term {
        if self.improved.0 != self.version {
            self.improved = (self.version, FastMap::default());
        }
        if let Some(&known) = self.improved.1.get(&term) {
            return known;
        }
        let args = self.context.terms.operands(term);
        let args: Vec<Term> = args.into_iter().map(|arg| self.improved(arg)).collect();
        let op = self.context.terms.op(term).clone();
        let built = Normal::new(&mut self.context.terms).build(op, &args);
        let best = if self.ids.contains_key(&built) { self.best(built) } else { built };
        self.improved.1.insert(term, best);
        best
    }

    /// Merges two terms that were added; did it change anything?
    pub(super) fn merge(&mut self, a: Term, b: Term, reason: impl Into<egg::Symbol>) -> bool {
        let (a, b) = (self.ids[&a], self.ids[&b]);
        self.egraph.union_trusted(a, b, reason)
    }

    /// Are the two terms known to be equal?
    pub(super) fn equal(&self, a: Term, b: Term) -> bool {
        match (self.ids.get(&a), self.ids.get(&b)) {
            (Some(&a), Some(&b)) => self.egraph.find(a) == self.egraph.find(b),
            _ => a == b,
        }
    }

    /// The best term of the class of a term.
    pub(super) fn best(&self, term: Term) -> Term {
        self.egraph[self.ids[&term]].data.best
    }

    /// The number of e-nodes.
    pub(super) fn size(&self) -> usize {
        self.egraph.total_size()
    }

    /// Restores congruence and the normal form of every class. False: the run must end, a contradiction was found.
    pub(super) fn refresh(&mut self, limit: usize) -> bool {
        loop {
            self.rebuild();
            if !self.choose_best() {
                return false;
            }
            let mut changed = false;
            for (op, args) in self.operations() {
                let Ok(term) = self.context.terms.raw(self.ops.get(op).clone(), &args) else { return false };
                if !self.ids.contains_key(&term) && self.size() < limit {
                    self.add(term);
                    changed = true;
                }
            }
            if !changed {
                return true;
            }
        }
    }

    /// Restores congruence. egg measures how long that takes, for a log that nobody reads; the first look at the
    /// clock calibrates it, up to 200 ms. So it is shown a clock that stands still.
    fn rebuild(&mut self) {
        let egraph = &mut self.egraph;
        quanta::with_clock(&self.clock, || egraph.rebuild());
    }

    /// The e-nodes whose arguments have new best terms, with these.
    fn operations(&mut self) -> Vec<(u32, Box<[Term]>)> {
        let mut found = Vec::new();
        for node in self.egraph.classes().flat_map(|class| &class.nodes).filter(|node| !node.args.is_empty()) {
            let key = (node.op, node.args.iter().map(|&id| self.egraph[id].data.best).collect::<Box<[Term]>>());
            if self.built.insert(key.clone()) {
                found.push(key);
            }
        }
        found
    }

    /// For every class the kinds of operators in it and below it.
    pub(super) fn kinds(&self) -> FastMap<Id, Kinds> {
        let mut kinds: FastMap<Id, Kinds> = self.egraph.classes().map(|class| (class.id, 0)).collect();
        loop {
            let mut stable = true;
            for class in self.egraph.classes() {
                let of = |node: &Node| node.args.iter().fold(kind(self.ops.op(node)), |all, arg| all | kinds[arg]);
                let all = class.nodes.iter().map(of).fold(0, |all, kinds| all | kinds);
                stable &= kinds.insert(class.id, all) == Some(all);
            }
            if stable {
                return kinds;
            }
        }
    }

    /// How far below each class something changed since this was last asked: 0 for a change of the class itself.
    pub(super) fn changed(&mut self) -> FastMap<Id, usize> {
        let mut changed: FastMap<Id, usize> = FastMap::default();
        for class in self.egraph.classes() {
            let same = |(best, nodes): &(Term, Vec<Node>)| *best == class.data.best && *nodes == class.nodes;
            if !self.searched.get(&class.id).is_some_and(same) {
                self.searched.insert(class.id, (class.data.best, class.nodes.clone()));
                changed.insert(class.id, 0);
            }
        }
        for distance in 1..=super::pattern::DEPTH {
            let sees = |node: &Node| node.args.iter().any(|arg| changed.contains_key(arg));
            let above = self.egraph.classes().filter(|class| class.nodes.iter().any(sees));
            let above: Vec<Id> = above.map(|class| class.id).filter(|id| !changed.contains_key(id)).collect();
            if above.is_empty() {
                break;
            }
            changed.extend(above.into_iter().map(|id| (id, distance)));
        }
        changed
    }

    /// Compares the terms that merges brought together. False: shapes or numbers contradict each other.
    fn choose_best(&mut self) -> bool {
        let (costs, context) = (&mut self.costs, &*self.context);
        let mut consistent = !self.egraph.analysis.contradiction;
        for class in self.egraph.classes_mut() {
            for other in std::mem::take(&mut class.data.others) {
                let best = class.data.best;
                let numbers = (context.terms.as_number(best), context.terms.as_number(other));
                consistent &= !matches!(numbers, (Some(a), Some(b)) if a != b);
                if costs.prefers(context, other, best) {
                    class.data.best = other;
                    self.version += 1;
                }
            }
        }
        consistent
    }

    /// The classes as terms: for every class, each of its e-nodes with the best terms of its arguments.
    pub(super) fn classes(&mut self) -> Vec<Vec<Term>> {
        let classes: Vec<Vec<Node>> = self.egraph.classes().map(|class| class.nodes.clone()).collect();
        let mut terms = Vec::with_capacity(classes.len());
        for nodes in classes {
            let members = nodes.iter().filter_map(|node| {
                let args: Vec<Term> = node.args.iter().map(|&id| self.egraph[id].data.best).collect();
                self.context.terms.raw(self.ops.op(node).clone(), &args).ok()
            });
            terms.push(members.collect());
        }
        terms
    }
}
