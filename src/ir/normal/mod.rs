//! The normal builder: canonical terms, and a report of what was done to make them so.
//!
//! A normal sum is flat, sorted and collected (`a + a` is `2a`); a normal product is one number, then scalars
//! with their powers, then a chain of matrices in which no neighbours cancel; Hadamard products are sorted and
//! collected like scalars; transposes stand on leaves. Everything done here holds wherever the term as
//! written is defined, and needs no facts: what needs facts is a conditional rule elsewhere in `rules/`.
//!
//! Each normalisation that a reader would call a step has the name of a rule in `rules/normal.rules`
//! ([`RULES`]; a test compares the two); bookkeeping (flattening, order) is `collect`.

mod chain;
mod functions;
mod hadamard;
mod powers;
mod products;
mod signs;
mod sums;

use super::{Op, Rational, Store, Term};
use crate::ir::hash::FastMap;
use crate::shape::Dim;
use num_traits::One;

/// The names of all normalisations, as in `rules/normal.rules`.
pub const RULES: &[&str] = &[
    "abs-square",
    "add-zero",
    "collect-opposites",
    "collect-powers",
    "collect-terms",
    "colsum-zero",
    "common-number",
    "det-identity",
    "det-power",
    "det-transpose",
    "diag-ones",
    "diag-zero",
    "diagpart-zero",
    "exp-log",
    "exp-zero",
    "hadamard-one",
    "hadamard-zero",
    "inv-cancel-left",
    "inv-cancel-right",
    "inv-identity",
    "inv-inverse",
    "inv-of-multiple",
    "inv-power",
    "inv-scale",
    "inv-transpose",
    "kron-identity",
    "log-det",
    "log-exp",
    "log-one",
    "max-same",
    "max-zero",
    "mul-identity",
    "mul-zero",
    "norm-squared",
    "normF-squared",
    "ones-outer",
    "ones-sum",
    "power-power",
    "power-product",
    "power-zero",
    "rowsum-zero",
    "sqrt-power",
    "sum-linear",
    "sum-ones",
    "sum-scale",
    "sum-transpose",
    "trace-cyclic",
    "trace-identity",
    "trace-linear",
    "trace-outer",
    "trace-scale",
    "trace-transpose",
    "transpose-diag",
    "transpose-elementwise",
    "transpose-hadamard",
    "transpose-kron",
    "transpose-product",
    "transpose-scalar",
    "transpose-sum",
    "transpose-transpose",
    "tril-zero",
    "triu-zero",
    "vec-zero",
];

/// Builds normal terms in a store and keeps the names of the normalisations that it used.
///
/// ```
/// use gradus::ir::{normal::Normal, Context, Op, SymbolKind};
/// use gradus::shape::Shape;
/// let mut context = Context::new();
/// let n = context.dim("n");
/// let a = context.declare("A", Shape::matrix(n.clone(), n), SymbolKind::Variable);
/// let a = context.terms.symbol(a);
/// let mut normal = Normal::new(&mut context.terms);
/// let inverse = normal.inverse(a);
/// let product = normal.product(&[inverse, a]);
/// assert_eq!(normal.fired(), ["inv-cancel-left"]);
/// assert!(matches!(context.terms.op(product), Op::Identity(_)));
/// ```
pub struct Normal<'a> {
    store: &'a mut Store,
    fired: Vec<&'static str>,
}

impl<'a> Normal<'a> {
    /// A builder into `store`.
    pub fn new(store: &'a mut Store) -> Self {
        Normal { store, fired: Vec::new() }
    }

    /// The normalisations used so far, in order of first use, each once.
    pub fn fired(&self) -> &[&'static str] {
        &self.fired
    }

    /// The store.
    pub fn store(&self) -> &Store {
        self.store
    }

    /// The store, to build leaves.
    pub fn store_mut(&mut self) -> &mut Store {
        self.store
    }

    fn fire(&mut self, rule: &'static str) {
        debug_assert!(RULES.contains(&rule), "unlisted normalisation {rule}");
        if !self.fired.contains(&rule) {
            self.fired.push(rule);
        }
    }

    /// The normal form of a term, rebuilt from its leaves.
    pub fn term(&mut self, term: Term) -> Term {
        if self.store.is_normal(term) {
            return term;
        }
        let normal = self.substitute(term, &FastMap::default());
        self.store.note_normal(normal);
        normal
    }

    /// The normal form of `term` with each key of `replace` replaced by its value.
    pub fn substitute(&mut self, term: Term, replace: &FastMap<Term, Term>) -> Term {
        self.substitute_all(&[term], replace)[0]
    }

    /// [`Normal::substitute`] in several terms; what they share is looked at once.
    pub fn substitute_all(&mut self, terms: &[Term], replace: &FastMap<Term, Term>) -> Vec<Term> {
        let mut done: FastMap<Term, Term> = replace.clone();
        terms.iter().map(|&term| self.substitute_known(term, &mut done)).collect()
    }

    /// [`Normal::substitute`], where `known` says what some terms become; what becomes of the parts of this one is added.
    pub fn substitute_known(&mut self, term: Term, known: &mut FastMap<Term, Term>) -> Term {
        let mut stack = vec![(term, false)];
        while let Some((node, entered)) = stack.pop() {
            if known.contains_key(&node) {
                continue;
            }
            if !entered {
                stack.push((node, true));
                stack.extend(self.store.args(node).iter().rev().map(|&arg| (arg, false)));
                continue;
            }
            let same = self.store.is_normal(node) && self.store.args(node).iter().all(|arg| known[arg] == *arg);
            let built = if same { node } else { self.rebuilt(node, known) };
            known.insert(node, built);
        }
        known[&term]
    }

    /// Each part of a term with its normal form, inner parts first.
    pub fn of_each_part(&mut self, term: Term) -> Vec<(Term, Term)> {
        let mut done: FastMap<Term, Term> = FastMap::default();
        let parts = self.store.postorder(term);
        for &node in &parts {
            let normal = if self.store.is_normal(node) { node } else { self.rebuilt(node, &done) };
            done.insert(node, normal);
        }
        parts.into_iter().map(|part| (part, done[&part])).collect()
    }

    fn rebuilt(&mut self, node: Term, done: &FastMap<Term, Term>) -> Term {
        let args: Vec<Term> = self.store.args(node).iter().map(|arg| done[arg]).collect();
        let op = self.store.op(node).clone();
        self.build(op, &args)
    }

    /// The normal form of `op` applied to normal `args`.
    ///
    /// # Panics
    /// If the shapes of `args` do not fit.
    pub fn build(&mut self, op: Op, args: &[Term]) -> Term {
        match op {
            Op::Sum => self.sum(args),
            Op::Product => self.product(args),
            Op::Hadamard => self.hadamard(args),
            Op::Quotient => self.quotient(args[0], args[1]),
            Op::Kronecker => self.kronecker(args[0], args[1]),
            Op::Transpose => self.transpose(args[0]),
            Op::Inverse => self.inverse(args[0]),
            Op::Power => self.power(args[0], args[1]),
            Op::ElementPower => self.element_power(args[0], args[1]),
            Op::AsScalar => self.as_scalar(args[0]),
            Op::Call(function) => self.call(function, args[0]),
            Op::Max => self.max(args[0], args[1]),
            Op::Inner => self.inner(args[0], args[1]),
            Op::Ones(rows, cols) if rows.is_one() && cols.is_one() => self.store.make(Op::Identity(rows), &[]),
            Op::Commutation(m, n) if m.is_one() || n.is_one() => self.store.make(Op::Identity(m * n), &[]),
            Op::Dimension(size) => self.dimension(size),
            Op::IndexSum { .. } => self.index_sum(op, args[0]),
            op => self.store.make(op, args),
        }
    }

    /// A dimension as a scalar: `N·M + 1` is a sum of products of named sizes, as if it had been typed.
    pub fn dimension(&mut self, size: Dim) -> Term {
        if size.as_name().is_some() {
            return self.store.make(Op::Dimension(size), &[]);
        }
        let mut sum = vec![self.store.integer(0)];
        for (coefficient, names) in size.terms() {
            let mut factors = vec![self.store.integer(coefficient)];
            for (name, power) in names {
                let base = self.store.make(Op::Dimension(name.clone().into()), &[]);
                factors.extend(std::iter::repeat_n(base, *power as usize));
            }
            sum.push(self.product(&factors));
        }
        self.sum(&sum)
    }

    /// `coefficient · term`.
    pub fn scale(&mut self, coefficient: Rational, term: Term) -> Term {
        if coefficient.is_one() {
            return term;
        }
        let number = self.store.number(coefficient);
        self.product(&[number, term])
    }

    /// `−term`.
    pub fn negate(&mut self, term: Term) -> Term {
        self.scale(-Rational::one(), term)
    }

    /// `left − right`.
    pub fn subtract(&mut self, left: Term, right: Term) -> Term {
        let right = self.negate(right);
        self.sum(&[left, right])
    }

    /// The number in front of a normal term, if there is one.
    fn coefficient(&self, term: Term) -> Option<&Rational> {
        match self.store.op(term) {
            Op::Product => self.store.as_number(*self.store.args(term).first()?),
            _ => self.store.as_number(term),
        }
    }

    /// The number in front of a normal term, and the rest.
    pub fn split_coefficient(&mut self, term: Term) -> (Rational, Term) {
        if let Some(value) = self.store.as_number(term) {
            let value = value.clone();
            let one = self.store.integer(1);
            return (value, one);
        }
        let args = self.store.operands(term);
        match (self.store.op(term), args.split_first()) {
            (Op::Product, Some((&first, rest))) if self.store.as_number(first).is_some() => {
                let value = self.store.as_number(first).expect("just seen").clone();
                let core = if rest.len() == 1 { rest[0] } else { self.store.make(Op::Product, rest) };
                (value, core)
            }
            _ => (Rational::one(), term),
        }
    }

    /// The scalar factors (with the number) of a normal term, and the matrix that is left (`None` for a scalar).
    pub fn split_scalars(&mut self, term: Term) -> (Vec<Term>, Option<Term>) {
        if self.store.shape(term).is_scalar() {
            return (vec![term], None);
        }
        if *self.store.op(term) != Op::Product {
            return (Vec::new(), Some(term));
        }
        let args = self.store.operands(term);
        let (scalars, chain): (Vec<Term>, Vec<Term>) =
            args.into_iter().partition(|&arg| self.store.shape(arg).is_scalar());
        if scalars.is_empty() {
            return (scalars, Some(term));
        }
        let matrix = if chain.len() == 1 { chain[0] } else { self.store.make(Op::Product, &chain) };
        (scalars, Some(matrix))
    }

    /// A sum over an index; a number in front of its body comes out.
    fn index_sum(&mut self, op: Op, body: Term) -> Term {
        if self.store.is_zero(body) {
            return body;
        }
        let factors = self.store.operands(body);
        match factors.split_first() {
            Some((&number, rest)) if *self.store.op(body) == Op::Product && self.store.as_number(number).is_some() => {
                self.fire("sum-scale");
                let rest = self.product(rest);
                let sum = self.store.make(op, &[rest]);
                self.product(&[number, sum])
            }
            _ => self.store.make(op, &[body]),
        }
    }

    /// `make(matrix part)` with the scalar factors of `term` in front: for operators that are linear.
    fn with_scalars_outside(
        &mut self,
        term: Term,
        rule: &'static str,
        make: impl FnOnce(&mut Self, Term) -> Term,
    ) -> Option<Term> {
        let (mut factors, matrix) = self.split_scalars(term);
        let matrix = matrix.filter(|_| !factors.is_empty())?;
        self.fire(rule);
        factors.push(make(self, matrix));
        Some(self.product(&factors))
    }
}
