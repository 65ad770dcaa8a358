//! Matching of patterns against classes.
//!
//! The search proposes a substitution and what stands around the match; the run builds both sides of the instance
//! and merges these. So a careless search can lose a match, and can never make a wrong equation.
//!
//! - At the root a sum, Hadamard product or product pattern matches some of the operands; below the root all of them.
//! - Sums match up to a common factor (`2ŷ − 2y` holds `ŷ − y` twice), powers in parts (`X⁻²` holds `X⁻¹` twice).
//! - A metavariable among operands may stand for several of them; numbers that are left over go to the last one.
//!
//! Size gates: sums of up to [`SUMMANDS`], products of up to [`FACTORS`]; longer ones belong to directed passes.

mod chains;
mod powers;
mod readings;
mod sums;
mod ways;

use super::language::{Node, Ops, Shapes};
use super::pattern::{Pattern, Substitution};
use super::ratio::Small;
use super::rewrites::Rewrite;
use crate::ir::hash::FastMap;
use crate::ir::{Op, Store, Term};
use egg::{EGraph, Id};
use std::cell::Cell;

/// Longer sums are not matched.
pub(super) const SUMMANDS: usize = 6;
/// Longer products are not matched.
pub(super) const FACTORS: usize = 12;

/// What stands around a match among the operands at the root.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Around {
    Nothing,
    /// `rest + scale · match`.
    Sum {
        rest: Vec<Term>,
        scale: Small,
    },
    /// `rest ⊙ match`.
    Hadamard(Vec<Term>),
    /// `left · match · right`, scalars on the left.
    Product {
        left: Vec<Term>,
        right: Vec<Term>,
    },
}

/// A substitution that makes the pattern equal to a part of a class.
#[derive(Clone, Debug)]
pub(super) struct Match {
    pub(super) substitution: Substitution,
    pub(super) around: Around,
    /// Other ways to write parts of the target (`(X⁻¹)²` for `S²`), which link it to the instance.
    pub(super) bridges: Vec<Term>,
}

/// The search for one rewrite.
pub(super) struct Matcher<'g> {
    pub(super) store: &'g mut Store,
    pub(super) egraph: &'g EGraph<Node, Shapes>,
    pub(super) ops: &'g Ops,
    pub(super) ids: &'g FastMap<Term, Id>,
    pub(super) rewrite: &'g Rewrite,
    /// Were there more ways to read a product than are followed?
    pub(super) cut: &'g Cell<bool>,
}

impl<'g> Matcher<'g> {
    /// All matches of the pattern at an e-node of a class.
    pub(super) fn root(&mut self, node: &'g Node) -> Vec<Match> {
        let rewrite = self.rewrite;
        let empty = Substitution::new();
        match (&rewrite.pattern, self.ops.op(node)) {
            (Pattern::Sum(parts), Op::Sum) if node.args.len() <= SUMMANDS => self.root_sum(parts, node, &empty),
            (Pattern::Hadamard(parts), Op::Hadamard | Op::ElementPower) if node.args.len() <= FACTORS => {
                self.root_hadamard(parts, node, &empty)
            }
            (Pattern::Product(product), Op::Product | Op::Power) if node.args.len() <= FACTORS => {
                self.root_product(product, node, &empty)
            }
            (Pattern::Sum(_) | Pattern::Hadamard(_) | Pattern::Product(_), _) => Vec::new(),
            (pattern, _) => {
                let mut found = Vec::new();
                self.node(pattern, node, &empty, &mut found);
                let whole = |substitution| Match { substitution, around: Around::Nothing, bridges: Vec::new() };
                found.into_iter().map(whole).collect()
            }
        }
    }

    /// All matches of a pattern with a whole class.
    fn class(&mut self, pattern: &Pattern, class: Id, s: &Substitution, out: &mut Vec<Substitution>) {
        let egraph = self.egraph;
        match pattern {
            Pattern::Meta(meta) => {
                let best = self.best(class);
                out.extend(self.bind(*meta, best, s));
            }
            Pattern::Ground(term) => {
                if self.is_in(*term, class) {
                    out.push(s.clone());
                }
            }
            _ => {
                for node in &egraph[class].nodes {
                    self.node(pattern, node, s, out);
                }
            }
        }
    }

    /// All matches of a compound pattern with a whole e-node.
    fn node(&mut self, pattern: &Pattern, node: &'g Node, s: &Substitution, out: &mut Vec<Substitution>) {
        let op = self.ops.op(node);
        match (pattern, op) {
            (Pattern::Leaf(wanted), _) => out.extend(s.unified_leaf(wanted, op)),
            (Pattern::Apply(wanted, args), _) if args.len() == node.args.len() => {
                let Some(start) = s.unified_op(wanted, op) else { return };
                let mut states = vec![start];
                for (arg, &class) in args.iter().zip(&node.args) {
                    let mut next = Vec::new();
                    for state in &states {
                        self.class(arg, class, state, &mut next);
                    }
                    states = next;
                }
                out.extend(states);
            }
            (Pattern::Sum(parts), Op::Sum) if node.args.len() <= FACTORS => {
                let summands = self.summands(node);
                let all = (1u32 << summands.len()) - 1;
                self.sum(parts, &summands, 0, &Small::ONE, s, &mut |substitution, used| {
                    if used == all {
                        out.push(substitution);
                    }
                });
            }
            (Pattern::Hadamard(parts), Op::Hadamard | Op::ElementPower) if node.args.len() <= FACTORS => {
                let Some(factors) = self.entry_factors(node) else { return };
                let found = self.powers(parts, &factors, false, s);
                out.extend(found.into_iter().filter(|powers| powers.is_whole()).map(|powers| powers.substitution));
            }
            (Pattern::Product(product), Op::Product | Op::Power) if node.args.len() <= FACTORS => {
                self.product(product, node, &Small::ONE, s, out);
            }
            _ => {}
        }
    }

    fn best(&self, class: Id) -> Term {
        self.egraph[class].data.best
    }

    fn is_in(&self, term: Term, class: Id) -> bool {
        self.ids.get(&term).is_some_and(|&id| self.egraph.find(id) == self.egraph.find(class))
    }

    fn bind(&self, meta: usize, term: Term, s: &Substitution) -> Option<Substitution> {
        // The best term of the class, so that equal operands are equal terms.
        let term = self.ids.get(&term).map_or(term, |&id| self.best(id));
        if let Some(bound) = s.terms[meta] {
            return (bound == term).then(|| s.clone());
        }
        self.rewrite.metas[meta].admits(self.store.shape(term)).then(|| {
            let mut next = s.clone();
            next.terms[meta] = Some(term);
            next
        })
    }
}
