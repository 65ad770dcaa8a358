//! How properties pass through operators: the product of invertible squares is invertible, 1 + exp(−Y) is positive.
//!
//! Each line says something that is true for every instance; what is not listed is unknown. One query looks at each
//! pair of property and term once and goes at most [`Proof::DEPTH`] operators deep, so it always ends.

use super::implications::{implying, is_open, needs_square};
use super::{Facts, Reason};
use crate::ir::hash::FastMap;
use crate::ir::{Context, Function, Op, Property, Rational, Store, Symbol, Term};
use crate::shape::Shape;
use num_traits::Zero;
use std::collections::BTreeSet;

/// One query: does this property hold of this term?
pub(super) struct Proof<'a> {
    context: &'a Context,
    facts: &'a Facts,
    /// The property is one that may rest on equalities about names that move.
    about_moving: bool,
    /// Properties that hold besides, because a term is defined.
    defined: Option<&'a BTreeSet<(Property, Term)>>,
    /// Pairs looked at; `None` while in progress or unknown.
    seen: FastMap<(Property, Term), Option<Reason>>,
    depth: usize,
}

impl<'a> Proof<'a> {
    /// Deeper terms are not looked into.
    const DEPTH: usize = 60;

    /// A query for `property`.
    pub(super) fn new(context: &'a Context, facts: &'a Facts, property: Property) -> Self {
        Proof { context, facts, about_moving: is_open(property), defined: None, seen: FastMap::default(), depth: 0 }
    }

    /// The query, with what holds because a term is defined.
    pub(super) fn where_defined(self, defined: &'a BTreeSet<(Property, Term)>) -> Self {
        Proof { defined: Some(defined), ..self }
    }

    /// Why the property holds of the term, if it is known to.
    pub(super) fn show(&mut self, property: Property, term: Term) -> Option<Reason> {
        if let Some(known) = self.seen.get(&(property, term)) {
            return known.clone();
        }
        let square = self.store().shape(term).is_square();
        if self.depth == Self::DEPTH || (needs_square(property) && !square) {
            return None;
        }
        self.seen.insert((property, term), None);
        self.depth += 1;
        let reason = (self.given(property, term))
            .or_else(|| self.structural(property, term))
            .or_else(|| implying(property, square).find_map(|stronger| self.show(stronger, term)))
            .or_else(|| self.presupposed(property, term));
        self.depth -= 1;
        self.seen.insert((property, term), reason.clone());
        reason
    }

    fn store(&self) -> &'a Store {
        &self.context.terms
    }

    fn args(&self, term: Term) -> &'a [Term] {
        self.store().args(term)
    }

    /// What was typed must be defined. This comes last: an answer should not list what can be shown.
    fn presupposed(&self, property: Property, term: Term) -> Option<Reason> {
        let defined = self.defined.is_some_and(|defined| defined.contains(&(property, term)));
        let presupposed = defined || self.facts.presupposed.contains(&(property, term));
        presupposed.then(|| Reason { presupposed: true, ..Reason::default() })
    }

    /// Declared or assumed.
    fn given(&mut self, property: Property, term: Term) -> Option<Reason> {
        if let Some(symbol) = self.store().as_symbol(term)
            && let Some(reason) = self.of_name(property, symbol)
        {
            return Some(reason);
        }
        let assumed = self.facts.assumed.iter().find(|(known, about, _)| (*known, *about) == (property, term))?;
        let usable = self.about_moving || self.facts.may_use(self.context, &[term]);
        usable.then(|| Reason::assumption(assumed.2))
    }

    fn of_name(&mut self, property: Property, symbol: Symbol) -> Option<Reason> {
        let declared = self.context.info(symbol).properties.get(&property);
        let usable = self.about_moving || self.facts.may_use_declared(symbol, property);
        if let Some(&id) = declared.filter(|_| usable) {
            return Some(Reason::assumption(id));
        }
        let body = self.context.definition(symbol).filter(|_| usable)?.normal;
        self.show(property, body)
    }

    /// The property holds of every one of the terms.
    fn all(&mut self, property: Property, terms: &[Term]) -> Option<Reason> {
        terms.iter().try_fold(Reason::default(), |reason, &term| Some(reason.and(self.show(property, term)?)))
    }

    fn structural(&mut self, property: Property, term: Term) -> Option<Reason> {
        use Property::*;
        match property {
            Symmetric => self.symmetric(term),
            Skew => self.skew(term),
            Invertible => self.invertible(term),
            PositiveDefinite => self.definite(term, true),
            PositiveSemidefinite => self.definite(term, false),
            Orthogonal => self.orthogonal(term),
            Diagonal | LowerTriangular | UpperTriangular => self.triangular(property, term),
            Positive => self.positive(term),
            NonNegative => self.non_negative(term),
            Nonzero => self.nonzero(term),
            Simplex => matches!(self.store().op(term), Op::Call(Function::Softmax)).then(Reason::default),
            OneHot => matches!(self.store().op(term), Op::Unit(..)).then(Reason::default),
            Constant => self.facts.is_constant(self.context, term).then(Reason::default),
            FullColumnRank if self.store().shape(term).is_vector() && !self.is_product(term) => {
                self.show(Nonzero, term)
            }
            FullColumnRank => self.products_of(FullColumnRank, term),
            OrthonormalColumns => self.products_of(OrthonormalColumns, term),
        }
    }

    /// A product without scalar factors all of whose factors have the property.
    fn products_of(&mut self, property: Property, term: Term) -> Option<Reason> {
        let (scalars, chain) = self.split(term);
        (scalars.is_empty() && chain.len() > 1).then(|| self.all(property, &chain)).flatten()
    }

    fn is_product(&self, term: Term) -> bool {
        *self.store().op(term) == Op::Product
    }

    /// Scalar factors and matrices of a product.
    fn split(&self, term: Term) -> (Vec<Term>, Vec<Term>) {
        let single = [term];
        let factors = if *self.store().op(term) == Op::Product { self.args(term) } else { &single };
        factors.iter().partition(|&&factor| self.store().shape(factor).is_scalar())
    }

    fn symmetric(&mut self, term: Term) -> Option<Reason> {
        let args = self.args(term);
        match self.store().op(term) {
            Op::Identity(_) | Op::Zero(_) | Op::Ones(..) | Op::Call(Function::Diag) => Some(Reason::default()),
            Op::Transpose | Op::Inverse | Op::Power | Op::ElementPower | Op::Elementwise { .. } => {
                self.show(Property::Symmetric, args[0])
            }
            Op::Hadamard | Op::Kronecker | Op::Max => self.all(Property::Symmetric, args),
            Op::Sum => self.symmetric_sum(args),
            Op::Product => self.palindrome(term),
            Op::Call(function) if function.is_entrywise() => self.show(Property::Symmetric, args[0]),
            Op::Call(Function::Adjugate | Function::MatrixExp | Function::MatrixLog) => {
                self.show(Property::Symmetric, args[0])
            }
            _ => None,
        }
    }

    /// Every summand is symmetric, or stands beside its transpose.
    fn symmetric_sum(&mut self, summands: &[Term]) -> Option<Reason> {
        let mut left = summands.to_vec();
        let mut reason = Reason::default();
        while let Some(summand) = left.pop() {
            if let Some(more) = self.show(Property::Symmetric, summand) {
                reason = reason.and(more);
                continue;
            }
            let (at, more) =
                left.iter().enumerate().find_map(|(at, &other)| Some((at, self.transposes(summand, other)?)))?;
            left.remove(at);
            reason = reason.and(more);
        }
        Some(reason)
    }

    /// A chain that reads the same transposed: X′SX.
    fn palindrome(&mut self, term: Term) -> Option<Reason> {
        let (_, chain) = self.split(term);
        let middle = if chain.len() % 2 == 1 {
            self.show(Property::Symmetric, chain[chain.len() / 2])?
        } else {
            Reason::default()
        };
        self.mirrored(&chain, middle)
    }

    /// The outer factors of a chain are pairwise transposes.
    fn mirrored(&mut self, chain: &[Term], reason: Reason) -> Option<Reason> {
        (0..chain.len() / 2)
            .try_fold(reason, |reason, i| Some(reason.and(self.transposes(chain[i], chain[chain.len() - 1 - i])?)))
    }

    /// Is `b` the transpose of `a`?
    fn transposes(&mut self, a: Term, b: Term) -> Option<Reason> {
        if self.depth >= Self::DEPTH || *self.store().shape(a) != self.store().shape(b).transposed() {
            return None;
        }
        let (xs, ys) = (self.args(a), self.args(b));
        if a == b {
            return self.show(Property::Symmetric, a);
        }
        self.depth += 1;
        let reason = match (self.store().op(a), self.store().op(b)) {
            (Op::Transpose, _) if xs[0] == b => Some(Reason::default()),
            (_, Op::Transpose) if ys[0] == a => Some(Reason::default()),
            (Op::Ones(..), Op::Ones(..)) | (Op::Zero(_), Op::Zero(_)) => Some(Reason::default()),
            (Op::Inverse, Op::Inverse) => self.transposes(xs[0], ys[0]),
            (Op::Sum, Op::Sum) | (Op::Hadamard, Op::Hadamard) => self.pairwise_transposes(xs, ys),
            (Op::Call(f), Op::Call(g)) if f == g && f.is_entrywise() => self.transposes(xs[0], ys[0]),
            (Op::ElementPower, Op::ElementPower) if xs[1] == ys[1] => self.transposes(xs[0], ys[0]),
            (Op::Product, Op::Product) if xs.len() == ys.len() => {
                let ((s, a), (t, b)) = (self.split(a), self.split(b));
                let pairs: Vec<(Term, Term)> = a.into_iter().zip(b.into_iter().rev()).collect();
                (s == t).then_some(())?;
                pairs.into_iter().try_fold(Reason::default(), |reason, (a, b)| Some(reason.and(self.transposes(a, b)?)))
            }
            _ => None,
        };
        self.depth -= 1;
        reason
    }

    /// The operands of one sum or ⊙ are the transposes of those of the other, in some order.
    fn pairwise_transposes(&mut self, xs: &[Term], ys: &[Term]) -> Option<Reason> {
        let mut left = ys.to_vec();
        let mut reason = Reason::default();
        for &x in xs {
            let (at, more) = left.iter().enumerate().find_map(|(at, &y)| Some((at, self.transposes(x, y)?)))?;
            left.remove(at);
            reason = reason.and(more);
        }
        left.is_empty().then_some(reason)
    }

    fn skew(&mut self, term: Term) -> Option<Reason> {
        let args = self.args(term);
        match self.store().op(term) {
            Op::Zero(_) => Some(Reason::default()),
            Op::Transpose | Op::Inverse => self.show(Property::Skew, args[0]),
            Op::Sum => self.all(Property::Skew, args),
            Op::Product => match self.split(term).1[..] {
                [single] => self.show(Property::Skew, single),
                _ => None,
            },
            _ => None,
        }
    }

    fn invertible(&mut self, term: Term) -> Option<Reason> {
        use Property::Invertible;
        let args = self.args(term);
        match self.store().op(term) {
            Op::Identity(_) | Op::Commutation(..) | Op::Call(Function::MatrixExp) => Some(Reason::default()),
            Op::Transpose | Op::Power => self.show(Invertible, args[0]),
            // An inverse that stands there is defined, and invertible.
            Op::Inverse => {
                Some(self.show(Invertible, args[0]).unwrap_or(Reason { presupposed: true, ..Reason::default() }))
            }
            Op::Kronecker => self.all(Invertible, args),
            Op::Call(Function::Diag) => self.show(Property::Nonzero, args[0]),
            Op::Product => {
                let (scalars, chain) = self.split(term);
                let nonzero = self.all(Property::Nonzero, &scalars)?;
                if let Some(reason) = self.all(Invertible, &chain) {
                    return Some(nonzero.and(reason));
                }
                let [left, right] = chain[..] else { return None };
                let gram = self.transposes(left, right)?.and(self.show(Property::FullColumnRank, right)?);
                Some(nonzero.and(gram))
            }
            _ => None,
        }
    }

    /// Positive definite (`strict`) or semidefinite.
    fn definite(&mut self, term: Term, strict: bool) -> Option<Reason> {
        use Property::*;
        let (matrix, entries) = if strict { (PositiveDefinite, Positive) } else { (PositiveSemidefinite, NonNegative) };
        let args = self.args(term);
        match self.store().op(term) {
            Op::Identity(_) => Some(Reason::default()),
            Op::Zero(_) if !strict => Some(Reason::default()),
            Op::Transpose | Op::Inverse => self.show(matrix, args[0]),
            Op::Hadamard | Op::Kronecker => self.all(matrix, args),
            Op::Call(Function::Diag) => self.show(entries, args[0]),
            Op::Call(Function::MatrixExp) => self.show(Symmetric, args[0]),
            Op::Sum => {
                let semidefinite = self.all(PositiveSemidefinite, args)?;
                if !strict {
                    return Some(semidefinite);
                }
                let definite = args.iter().find_map(|&arg| self.show(PositiveDefinite, arg))?;
                Some(semidefinite.and(definite))
            }
            Op::Product => {
                let (scalars, chain) = self.split(term);
                let scale = self.all(entries, &scalars)?;
                if let [single] = chain[..] {
                    return Some(scale.and(self.show(matrix, single)?));
                }
                let half = chain.len() / 2;
                let middle = if chain.len() % 2 == 1 { self.show(matrix, chain[half])? } else { Reason::default() };
                let mut reason = scale.and(self.mirrored(&chain, middle)?);
                if strict {
                    reason = reason.and(self.all(FullColumnRank, &chain[chain.len() - half..])?);
                }
                Some(reason)
            }
            _ => None,
        }
    }

    fn orthogonal(&mut self, term: Term) -> Option<Reason> {
        let args = self.args(term);
        match self.store().op(term) {
            Op::Identity(_) | Op::Commutation(..) => Some(Reason::default()),
            Op::Transpose | Op::Inverse => self.show(Property::Orthogonal, args[0]),
            Op::Kronecker => self.all(Property::Orthogonal, args),
            Op::Product => {
                let (scalars, chain) = self.split(term);
                let signs = scalars.iter().all(|&scalar| {
                    self.store().as_number(scalar).is_some_and(|value| value.abs() == crate::ir::ratio(1, 1))
                });
                signs.then(|| self.all(Property::Orthogonal, &chain)).flatten()
            }
            Op::Call(Function::MatrixExp) => self.show(Property::Skew, args[0]),
            _ => None,
        }
    }

    /// Diagonal and triangular matrices: closed under sums, products, inverses and entrywise products.
    fn triangular(&mut self, property: Property, term: Term) -> Option<Reason> {
        use Property::{LowerTriangular, UpperTriangular};
        let args = self.args(term);
        match self.store().op(term) {
            Op::Identity(_) | Op::Zero(_) | Op::Call(Function::Diag) => Some(Reason::default()),
            Op::Inverse | Op::Power => self.show(property, args[0]),
            Op::Transpose => {
                let flipped = match property {
                    LowerTriangular => UpperTriangular,
                    UpperTriangular => LowerTriangular,
                    other => other,
                };
                self.show(flipped, args[0])
            }
            Op::Sum => self.all(property, args),
            Op::Product => {
                let (_, chain) = self.split(term);
                self.all(property, &chain)
            }
            Op::Hadamard => args.iter().find_map(|&arg| self.show(property, arg)),
            _ => None,
        }
    }

    fn number(&self, term: Term) -> Option<&'a Rational> {
        self.store().as_number(term)
    }

    fn is_even_power(&self, args: &[Term]) -> bool {
        self.number(args[1]).is_some_and(|exponent| exponent.is_even())
    }

    fn positive(&mut self, term: Term) -> Option<Reason> {
        use Function::*;
        use Property::{NonNegative, Nonzero, Positive};
        let args = self.args(term);
        match self.store().op(term) {
            Op::Number(value) => value.is_positive().then(Reason::default),
            Op::Dimension(_) | Op::Ones(..) => Some(Reason::default()),
            Op::Call(Exp | Sigmoid | Softplus | Cosh | Softmax | RowSoftmax | ColSoftmax) => Some(Reason::default()),
            Op::Call(SumAll | RowSum | ColSum | Mean | Vec | Relu | Norm1 | Norm2 | NormF | Trace | DiagPart) => {
                let norm = matches!(self.store().op(term), Op::Call(Norm1 | Norm2 | NormF));
                self.show(if norm { Nonzero } else { Positive }, args[0])
            }
            Op::Call(Abs) => self.show(Nonzero, args[0]),
            Op::Call(Det) => self.show(Property::PositiveDefinite, args[0]),
            Op::Sum => {
                let all = self.all(NonNegative, args)?;
                Some(all.and(args.iter().find_map(|&arg| self.show(Positive, arg))?))
            }
            Op::Product | Op::Hadamard | Op::Kronecker | Op::Inner => self.all(Positive, args),
            Op::Power | Op::ElementPower if self.store().op(term) == &Op::ElementPower || self.is_scalar(term) => {
                if self.is_even_power(args) {
                    self.show(Nonzero, args[0])
                } else {
                    self.show(Positive, args[0])
                }
            }
            Op::Transpose => self.show(Positive, args[0]),
            // xᵀAx is the 1×1 matrix of a definite form.
            Op::AsScalar => self.show(Positive, args[0]).or_else(|| self.show(Property::PositiveDefinite, args[0])),
            Op::Max => args.iter().find_map(|&arg| self.show(Positive, arg)),
            _ => None,
        }
    }

    fn is_scalar(&self, term: Term) -> bool {
        *self.store().shape(term) == Shape::Scalar
    }

    fn non_negative(&mut self, term: Term) -> Option<Reason> {
        use Function::*;
        use Property::{NonNegative, PositiveSemidefinite};
        let args = self.args(term);
        match self.store().op(term) {
            Op::Number(value) => (!value.is_negative()).then(Reason::default),
            Op::Zero(_) | Op::Identity(_) | Op::Unit(..) | Op::Commutation(..) => Some(Reason::default()),
            Op::Call(Relu | Abs | Step | StepClosed | Norm1 | Norm2 | NormF | Var) => Some(Reason::default()),
            Op::Call(SumAll | RowSum | ColSum | Mean | Vec | Diag | DiagPart | Tril | Triu) => {
                self.show(NonNegative, args[0])
            }
            Op::Call(Trace | Det) => self.show(PositiveSemidefinite, args[0]),
            Op::Sum | Op::Product | Op::Hadamard | Op::Kronecker | Op::Inner => self.all(NonNegative, args),
            Op::ElementPower | Op::Power if self.store().op(term) == &Op::ElementPower || self.is_scalar(term) => {
                if self.is_even_power(args) {
                    Some(Reason::default())
                } else {
                    self.show(NonNegative, args[0])
                }
            }
            // xᵀAx is the 1×1 matrix of a semidefinite form.
            Op::AsScalar => (self.show(NonNegative, args[0])).or_else(|| self.show(PositiveSemidefinite, args[0])),
            Op::Transpose => self.show(NonNegative, args[0]),
            Op::Max => args.iter().find_map(|&arg| self.show(NonNegative, arg)),
            _ => None,
        }
    }

    fn nonzero(&mut self, term: Term) -> Option<Reason> {
        use Property::{Invertible, Nonzero};
        let args = self.args(term);
        match self.store().op(term) {
            Op::Number(value) => (!value.is_zero()).then(Reason::default),
            Op::Product => {
                let (scalars, chain) = self.split(term);
                let scalars = self.all(Nonzero, &scalars)?;
                match chain[..] {
                    [] => Some(scalars),
                    [single] => Some(scalars.and(self.show(Nonzero, single)?)),
                    _ => None,
                }
            }
            Op::Hadamard | Op::Kronecker => self.all(Nonzero, args),
            Op::Power if !self.is_scalar(term) => None,
            Op::Power | Op::ElementPower | Op::Transpose | Op::AsScalar => self.show(Nonzero, args[0]),
            Op::Call(Function::Vec | Function::Abs) => self.show(Nonzero, args[0]),
            Op::Call(Function::Det) => self.show(Invertible, args[0]),
            Op::Sum => args.iter().try_fold(Reason::default(), |reason, &arg| Some(reason.and(self.negative(arg)?))),
            _ => None,
        }
    }

    /// A negative number times something positive.
    fn negative(&mut self, term: Term) -> Option<Reason> {
        let single = [term];
        let factors = if *self.store().op(term) == Op::Product { self.args(term) } else { &single };
        let (first, rest) = factors.split_first()?;
        self.number(*first).filter(|value| value.is_negative())?;
        self.all(Property::Positive, rest)
    }
}
