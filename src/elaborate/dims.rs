//! Sizes that are not written: `I`, `𝟏`, `0` and summation indices take theirs from their surroundings.
//!
//! An unknown size is a dimension name that no input can spell (`?`). Wherever two sizes must be equal,
//! an unknown one is bound to the other; [`Elaborator::settle`] writes the bindings into a term.

use crate::ir::hash::FastMap;
use std::collections::BTreeMap;

use super::{Elaborator, Outcome, Value, letters};
use crate::diag::{Diagnostic, Span};
use crate::ir::{Guard, Index, Op, Term};
use crate::shape::{Dim, DimName, Shape};

/// Unknown sizes, what they are bound to, and what they belong to.
#[derive(Clone, Debug, Default)]
pub struct Flexible {
    bound: BTreeMap<u32, Dim>,
    origin: Vec<(Span, bool)>,
    /// How many sizes of letters are unknown; they are counted from [`letters::FIRST`].
    pub(super) letters: u32,
}

/// Unknown sizes are numbered downwards from here, beyond the dimensions of any context.
const TOP: u32 = u32::MAX;

impl Elaborator<'_> {
    /// A new unknown size; `or_one` if it is 1 where nothing binds it.
    pub fn unknown_size(&mut self, span: Span, or_one: bool) -> Dim {
        let n = self.flexible.origin.len() as u32;
        self.flexible.origin.push((span, or_one));
        Dim::named(TOP - n, "?")
    }

    pub(super) fn unknown(&self, dim: &Dim) -> Option<u32> {
        let order = dim.as_name()?.order;
        ((TOP - order) < self.flexible.origin.len() as u32).then_some(order)
    }

    /// The size with all bindings written in.
    pub fn size(&self, dim: &Dim) -> Dim {
        if self.flexible.bound.is_empty() {
            return dim.clone();
        }
        let mut dim = dim.clone();
        for _ in 0..=self.flexible.bound.len() {
            let next = dim.substitute(&|name: &DimName| self.flexible.bound.get(&name.order).cloned());
            if next == dim {
                break;
            }
            dim = next;
        }
        dim
    }

    /// Makes two sizes equal by binding unknown ones, if that is possible.
    pub fn unify(&mut self, a: &Dim, b: &Dim) -> bool {
        let (a, b) = (self.size(a), self.size(b));
        if a == b {
            return true;
        }
        // n·p = n·m says p = m.
        let (a, b) = a.without_common_factors(&b).unwrap_or((a, b));
        match (self.unknown(&a), self.unknown(&b)) {
            (Some(order), _) => self.flexible.bound.insert(order, b),
            (None, Some(order)) => self.flexible.bound.insert(order, a),
            (None, None) => return self.unify_letters(a, b),
        };
        true
    }

    /// The same for sizes of letters, the later one being bound; not to 1, and not to a size that holds it.
    fn unify_letters(&mut self, a: Dim, b: Dim) -> bool {
        let of_letter = |dim: &Dim| dim.as_name().map(|name| name.order).filter(|order| self.is_of_letter(*order));
        let (order, other) = match (of_letter(&a), of_letter(&b)) {
            (Some(first), Some(second)) if first < second => (second, a),
            (Some(order), _) => (order, b),
            (None, Some(order)) => (order, a),
            (None, None) => return false,
        };
        let possible = !other.is_one() && other.names().iter().all(|name| name.order != order);
        if possible {
            self.flexible.bound.insert(order, other);
        }
        possible
    }

    fn is_of_letter(&self, order: u32) -> bool {
        (letters::FIRST..letters::FIRST + self.flexible.letters).contains(&order)
    }

    /// What was learned about the sizes of letters.
    pub(super) fn learned(&self) -> BTreeMap<u32, Dim> {
        let of_letters = self.flexible.bound.iter().filter(|(order, _)| self.is_of_letter(**order));
        of_letters.map(|(&order, dim)| (order, self.size(dim))).collect()
    }

    /// Makes two shapes equal, if that is possible.
    pub fn unify_shapes(&mut self, a: &Shape, b: &Shape) -> bool {
        match (a, b) {
            (Shape::Scalar, Shape::Scalar) => true,
            (Shape::Matrix { rows: r, cols: c }, Shape::Matrix { rows: s, cols: d }) => {
                // Both or none: a half-bound shape would confuse the message.
                let before = self.flexible.bound.clone();
                let equal = self.unify(r, s) && self.unify(c, d);
                if !equal {
                    self.flexible.bound = before;
                }
                equal
            }
            _ => false,
        }
    }

    /// The shape of a term with all bindings written in.
    pub fn settled_shape(&self, term: Term) -> Shape {
        match self.context.terms.shape(term) {
            Shape::Scalar => Shape::Scalar,
            Shape::Matrix { rows, cols } => Shape::matrix(self.size(rows), self.size(cols)),
        }
    }

    /// The term with all bindings written in.
    pub fn settle(&mut self, term: Term) -> Term {
        if self.flexible.bound.is_empty() {
            return term;
        }
        let mut done: FastMap<Term, Term> = FastMap::default();
        for t in self.context.terms.postorder(term) {
            let args: Vec<Term> = self.context.terms.args(t).iter().map(|a| done[a]).collect();
            let op = self.settle_op(self.context.terms.op(t).clone());
            done.insert(t, self.context.terms.raw(op, &args).unwrap_or(t));
        }
        done[&term]
    }

    /// The operator with all bindings written in.
    pub fn settle_op(&self, op: Op) -> Op {
        if self.flexible.bound.is_empty() {
            return op;
        }
        match op {
            Op::Identity(n) => Op::Identity(self.size(&n)),
            Op::Dimension(n) => Op::Dimension(self.size(&n)),
            Op::Ones(r, c) => Op::Ones(self.size(&r), self.size(&c)),
            Op::Zero(Shape::Matrix { rows, cols }) => Op::Zero(Shape::matrix(self.size(&rows), self.size(&cols))),
            Op::Unit(n, i) => Op::Unit(self.size(&n), self.settle_index(i)),
            Op::Commutation(m, n) => Op::Commutation(self.size(&m), self.size(&n)),
            Op::Delta(i, j) => Op::Delta(self.settle_index(i), self.settle_index(j)),
            Op::Entry(all) => Op::Entry(all.into_iter().map(|i| self.settle_index(i)).collect()),
            Op::IndexSum { index, excluding } => {
                Op::IndexSum { index: self.settle_index(index), excluding: excluding.map(|i| self.settle_index(i)) }
            }
            Op::Cases(guards) => Op::Cases(guards.into_iter().map(|g| self.settle_guard(g)).collect()),
            other => other,
        }
    }

    fn settle_index(&self, index: Index) -> Index {
        match index {
            Index::Named { name, dim } => Index::Named { name, dim: self.size(&dim) },
            at => at,
        }
    }

    fn settle_guard(&self, guard: Guard) -> Guard {
        match guard {
            Guard::Equal(i, j) => Guard::Equal(self.settle_index(i), self.settle_index(j)),
            Guard::Different(i, j) => Guard::Different(self.settle_index(i), self.settle_index(j)),
            other => other,
        }
    }

    /// The term with every size known; what nothing binds is 1 or refused.
    pub fn all_settled(&mut self, value: Value) -> Outcome<Term> {
        let term = self.settle(value.term);
        for n in 0..self.flexible.origin.len() {
            let (span, or_one) = self.flexible.origin[n];
            let dim = Dim::named(TOP - n as u32, "?");
            if self.unknown(&self.size(&dim)).is_none() {
                continue;
            }
            if or_one {
                self.unify(&dim, &Dim::one());
            } else if self.mentions(term, n as u32) {
                return Err(size_unknown(self.typed(span), span));
            }
        }
        let term = self.settle(term);
        let one_by_one = matches!(self.context.terms.op(term), Op::Product) && self.shape(term).is_one_by_one();
        if one_by_one { Ok(self.context.terms.raw(Op::AsScalar, &[term]).unwrap_or(term)) } else { Ok(term) }
    }

    fn mentions(&self, term: Term, n: u32) -> bool {
        let has = |dim: &Dim| dim.names().iter().any(|name| name.order == TOP - n);
        self.context.terms.any(term, |t| {
            let shape = self.context.terms.shape(t);
            has(&shape.rows()) || has(&shape.cols()) || matches!(self.context.terms.op(t), Op::Dimension(d) if has(d))
        })
    }

    /// `𝟏`: rows and columns as the surroundings need.
    pub fn flexible_ones(&mut self, span: Span) -> Value {
        let (rows, cols) = (self.unknown_size(span, false), self.unknown_size(span, true));
        Value { term: self.context.terms.make(Op::Ones(rows, cols), &[]), span }
    }

    /// `𝟎`.
    pub fn flexible_zeros(&mut self, span: Span) -> Value {
        let (rows, cols) = (self.unknown_size(span, false), self.unknown_size(span, true));
        Value { term: self.context.terms.zero(Shape::matrix(rows, cols)), span }
    }

    /// `I`.
    pub fn flexible_identity(&mut self, span: Span) -> Value {
        let n = self.unknown_size(span, false);
        Value { term: self.context.terms.identity(n), span }
    }

    /// `𝟏` as a factor or under a transpose is a vector.
    pub fn as_factor(&mut self, value: Value) -> Value {
        if let Op::Ones(_, cols) | Op::Zero(Shape::Matrix { cols, .. }) = self.context.terms.op(value.term).clone()
            && self.unknown(&self.size(&cols)).is_some()
        {
            self.unify(&cols, &Dim::one());
        }
        Value { term: self.settle(value.term), ..value }
    }

    /// Is any size of its shape unknown?
    pub fn is_flexible(&self, term: Term) -> bool {
        let shape = self.settled_shape(term);
        !shape.is_scalar() && [shape.rows(), shape.cols()].iter().any(|d| self.unknown(d).is_some())
    }
}

fn size_unknown(text: &str, span: Span) -> Diagnostic {
    Diagnostic::error("E0207", format!("the size of `{text}` does not follow from anything"))
        .label(span, "any size would do here")
        .note("write the size: `eye(n)`, `ones(m, n)`, `zeros(m, n)`, `ones(n)` for a vector")
}
