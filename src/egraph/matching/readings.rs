//! The ways to read a factor as a power of something, and what is left of it when a part was taken.

use super::Matcher;
use crate::egraph::language::Node;
use crate::egraph::pattern::split_power;
use crate::egraph::ratio::{Small, small};
use crate::ir::normal::Normal;
use crate::ir::{Op, Term};
use egg::Id;
use smallvec::{SmallVec, smallvec};

/// A class is read as so many powers. An idempotent (a step) is each of its powers, and there is no end of them.
const POWERS: usize = 4;

/// A factor of a commutative product: how much of it is left.
#[derive(Clone)]
pub(super) enum Left {
    Whole,
    Part(Id, Small),
    Gone,
}

/// A way to read a factor: `base^outer`, or `(base^inner)^outer`.
pub(super) struct View {
    pub(super) base: Id,
    pub(super) inner: Option<Small>,
    pub(super) outer: Small,
}

impl View {
    pub(super) fn exponent(&self) -> Small {
        self.inner.map_or(self.outer, |inner| inner * self.outer)
    }
}

impl Matcher<'_> {
    /// May a metavariable with this exponent stand for (a part of) the factor?
    pub(super) fn is_open(&self, factor: Id, left: &Left, exponent: &Small) -> bool {
        match left {
            Left::Gone => false,
            Left::Part(_, over) => over.is_positive() == exponent.is_positive(),
            Left::Whole if exponent.is_positive() => true,
            Left::Whole => !split_power(self.store, self.best(factor)).1.is_positive(),
        }
    }

    /// The ways to read what is left of a factor.
    pub(super) fn views(&self, factor: Id, left: &Left) -> SmallVec<[View; 4]> {
        match left {
            Left::Gone => SmallVec::new(),
            Left::Part(base, exponent) => smallvec![View { base: *base, inner: None, outer: *exponent }],
            Left::Whole => {
                let mut views: SmallVec<[View; 4]> = smallvec![View { base: factor, inner: None, outer: Small::ONE }];
                for (base, outer) in self.numeric_powers(factor) {
                    let inner = self.numeric_powers(base);
                    views.push(View { base, inner: None, outer });
                    let nested = inner.into_iter();
                    views.extend(nested.map(|(base, inner)| View { base, inner: Some(inner), outer }));
                }
                views
            }
        }
    }

    /// The e-nodes of a class that are powers with a numeric exponent, so many of them.
    fn numeric_powers(&self, class: Id) -> SmallVec<[(Id, Small); 2]> {
        let nodes = self.egraph[class].nodes.iter();
        let powers = nodes.filter(|node| matches!(self.ops.op(node), Op::ElementPower | Op::Power));
        let mut powers: SmallVec<[(Id, Small); 2]> =
            powers.filter_map(|node| self.numeric_power(node)).take(POWERS + 1).collect();
        if powers.len() > POWERS {
            self.cut.set(true);
            powers.truncate(POWERS);
        }
        powers
    }

    pub(super) fn numeric_power(&self, node: &Node) -> Option<(Id, Small)> {
        let base = self.egraph.find(node.args[0]);
        if *self.ops.op(node) == Op::Power && !self.egraph[base].data.shape.is_scalar() {
            return None;
        }
        self.store.as_number(self.best(node.args[1])).and_then(small).map(|exponent| (base, exponent))
    }

    pub(super) fn bridge(&mut self, view: &View) -> Option<Term> {
        let inner = view.inner?;
        let base = self.best(view.base);
        let op = if self.store.shape(base).is_scalar() { Op::Power } else { Op::ElementPower };
        [inner, view.outer].into_iter().try_fold(base, |term, exponent| {
            let exponent = self.store.number(exponent.exact());
            self.store.raw(op.clone(), &[term, exponent]).ok()
        })
    }

    pub(super) fn left(&mut self, factor: Id, left: &Left) -> Option<Term> {
        match left {
            Left::Gone => None,
            Left::Whole => Some(self.best(factor)),
            Left::Part(base, exponent) => {
                let exponent = self.store.number(exponent.exact());
                let base = self.best(*base);
                Some(Normal::new(self.store).element_power(base, exponent))
            }
        }
    }

    pub(super) fn rest(&mut self, factors: &[Id], left: &[Left]) -> Vec<Term> {
        factors.iter().zip(left).filter_map(|(&factor, left)| self.left(factor, left)).collect()
    }

    /// The factors of an entry-by-entry product, or a single power with a numeric exponent.
    pub(super) fn entry_factors(&self, node: &Node) -> Option<Vec<Id>> {
        if *self.ops.op(node) == Op::Hadamard {
            return Some(node.args.to_vec());
        }
        self.numeric_power(node)?;
        self.egraph.lookup(node.clone()).map(|id| vec![id])
    }
}
