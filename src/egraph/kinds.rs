//! Which operators occur: a quick test whether a pattern can match at an e-node, or anywhere in a term.

use super::pattern::Pattern;
use crate::ir::{Kinds, Op, Store, Term, kind};
use smallvec::SmallVec;

/// The kinds that must occur where the pattern matches.
pub(super) fn required(pattern: &Pattern) -> Kinds {
    match pattern {
        Pattern::Meta(_) | Pattern::Ground(_) => 0,
        Pattern::Leaf(op) => kind(op),
        Pattern::Apply(op, args) => args.iter().map(required).fold(kind(op), |all, kinds| all | kinds),
        Pattern::Sum(parts) => {
            parts.iter().map(|(_, part)| required(part)).fold(kind(&Op::Sum), |all, kinds| all | kinds)
        }
        Pattern::Hadamard(parts) => {
            parts.iter().map(|(part, _)| required(part)).fold(kind(&Op::Hadamard), |all, kinds| all | kinds)
        }
        Pattern::Product(product) => {
            // A product of scalars may be a single power, and a·𝟏 be 𝟏.
            let alone = product.chain.is_empty() || product.multiple_of_leaf().is_some();
            let own = if alone { 0 } else { kind(&Op::Product) };
            let scalars = product.scalars.iter().map(|(part, _)| part);
            scalars.chain(&product.chain).map(required).fold(own, |all, kinds| all | kinds)
        }
    }
}

/// What must stand at the root of a match and below it.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// The root is of one of these kinds; empty, if it may be of any.
    root: Kinds,
    /// All these kinds occur at the root or below it.
    pub(super) below: Kinds,
    /// For each operand of the pattern that is no metavariable, what occurs in an operand of the root.
    operands: Vec<Kinds>,
    /// Is what the pattern matches a scalar? Scalar factors can also be some of those of a matrix.
    scalar: Option<bool>,
}

impl Head {
    /// The head of a pattern for scalars or for matrices.
    pub(super) fn of(pattern: &Pattern, is_scalar: bool) -> Self {
        let (root, parts): (Kinds, Vec<&Pattern>) = match pattern {
            Pattern::Meta(_) | Pattern::Ground(_) => (0, Vec::new()),
            Pattern::Leaf(op) => (kind(op), Vec::new()),
            Pattern::Apply(op, args) => (kind(op), args.iter().collect()),
            Pattern::Sum(parts) => (kind(&Op::Sum), parts.iter().map(|(_, part)| part).collect()),
            Pattern::Hadamard(parts) => (kind(&Op::Hadamard), parts.iter().map(|(part, _)| part).collect()),
            Pattern::Product(product) => {
                let scalars = product.scalars.iter().map(|(part, _)| part);
                (kind(&Op::Product) | kind(&Op::Power), scalars.chain(&product.chain).collect())
            }
        };
        let operands = parts.into_iter().map(required).filter(|&kinds| kinds != 0).collect();
        let is_factor = matches!(pattern, Pattern::Product(product) if product.chain.is_empty());
        let scalar = (!is_factor).then_some(is_scalar);
        Head { root, below: required(pattern), operands, scalar }
    }

    /// May the pattern match in a scalar, or in a matrix, in which these kinds occur?
    pub(super) fn admits_class(&self, is_scalar: bool, kinds: Kinds) -> bool {
        self.below & !kinds == 0 && self.scalar.is_none_or(|scalar| scalar == is_scalar)
    }

    /// May the pattern match at this operator, with arguments in which these kinds occur?
    pub(super) fn admits(&self, op: &Op, args: &[Kinds]) -> bool {
        if self.root != 0 && self.root & kind(op) == 0 {
            return false;
        }
        // A power is read as a product of one factor: itself.
        let of_one = matches!(op, Op::Power | Op::ElementPower);
        let enough = |wanted: &Kinds| {
            let there = args.iter().filter(|kinds| wanted & !**kinds == 0).count();
            // Summands are taken once each; a factor can be the square of two.
            let alike = |operands: &&Kinds| wanted & !**operands == 0;
            there > 0 && (*op != Op::Sum || there >= self.operands.iter().filter(alike).count())
        };
        of_one || self.operands.iter().all(enough)
    }

    /// May the pattern match anywhere in a normal term?
    pub(super) fn occurs_in(&self, store: &Store, parts: &[Term]) -> bool {
        parts.iter().any(|&part| {
            let (op, args) = (store.op(part), store.args(part));
            if !self.admits_class(store.shape(part).is_scalar(), store.kinds(part)) {
                return false;
            }
            // Next to −2AB also AB and −2(AB) are there.
            let is_scaled = *op == Op::Product && store.as_number(args[0]).is_some();
            let args: SmallVec<[Kinds; 4]> =
                args.iter().map(|&arg| store.kinds(without_number(store, op, arg))).collect();
            (is_scaled && self.root & kind(op) != 0) || self.admits(op, &args)
        })
    }
}

/// A summand without the number in front, which says nothing about the pattern that matches it.
fn without_number(store: &Store, op: &Op, operand: Term) -> Term {
    match store.args(operand) {
        &[number, rest] if *op == Op::Sum && *store.op(operand) == Op::Product && store.as_number(number).is_some() => {
            rest
        }
        _ => operand,
    }
}
