//! The hash-consed store of terms.

use super::hash::{Fast, FastMap, FastSet};
use super::shape_rules::{ShapeError, shape_of};
use super::{Kinds, Op, Rational, Symbol, kind};
use crate::shape::{Dim, Shape};
use num_traits::{One, Zero};
use smallvec::{SmallVec, smallvec};
use std::collections::hash_map::Entry;
use std::hash::{Hash, Hasher};

/// A term: an index into its [`Store`]. Equal terms of one store have equal indices; arguments come before
/// the terms that use them. The order of indices depends on history: results never depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term(u32);

impl Term {
    /// The index, for side tables.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Debug)]
struct Node {
    op: Op,
    args: Box<[Term]>,
}

/// All terms of a context.
#[derive(Clone, Debug, Default)]
pub struct Store {
    nodes: Vec<Node>,
    shapes: Vec<Shape>,
    /// How many nodes each term has when it is written out as a tree; the count stays at its highest value.
    sizes: Vec<usize>,
    /// Which operators occur in each term.
    kinds: Vec<Kinds>,
    /// Which terms the normal builder has found to be their own normal form.
    normal: Vec<bool>,
    symbol_shapes: Vec<Shape>,
    index: Index,
    /// The small whole numbers, which are asked for often.
    integers: FastMap<i64, Term>,
}

impl Store {
    /// The operator of a term.
    pub fn op(&self, term: Term) -> &Op {
        &self.nodes[term.index()].op
    }

    /// The arguments of a term.
    pub fn args(&self, term: Term) -> &[Term] {
        &self.nodes[term.index()].args
    }

    /// A copy of the arguments, for those who make terms while they look at them.
    pub fn operands(&self, term: Term) -> Terms {
        Terms::from_slice(self.args(term))
    }

    /// The shape of a term.
    pub fn shape(&self, term: Term) -> &Shape {
        &self.shapes[term.index()]
    }

    /// The kinds of operators that occur in a term.
    pub fn kinds(&self, term: Term) -> Kinds {
        self.kinds[term.index()]
    }

    /// How many different terms there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Nothing has been built yet.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The term as written: no normalisation, but shapes are checked.
    ///
    /// # Errors
    /// The arguments do not fit the operator.
    pub fn raw(&mut self, op: Op, args: &[Term]) -> Result<Term, ShapeError> {
        let key = Index::key(&op, args);
        if let Some(term) = self.known(key, &op, args) {
            return Ok(term);
        }
        let shape = shape_of(&op, args, self)?;
        Ok(self.insert(key, Node { op, args: args.into() }, shape))
    }

    /// The term, if it was built before.
    fn known(&self, key: u64, op: &Op, args: &[Term]) -> Option<Term> {
        self.index.terms(key).find(|&term| self.args(term) == args && self.op(term) == op)
    }

    /// As [`Store::raw`], for arguments that are known to fit.
    ///
    /// # Panics
    /// If they do not: a bug in the caller.
    pub fn make(&mut self, op: Op, args: &[Term]) -> Term {
        let key = Index::key(&op, args);
        if let Some(term) = self.known(key, &op, args) {
            return term;
        }
        match shape_of(&op, args, self) {
            Ok(shape) => self.insert(key, Node { op, args: args.into() }, shape),
            Err(error) => panic!("ill-shaped term {op:?}: {error:?}"),
        }
    }

    fn insert(&mut self, key: u64, node: Node, shape: Shape) -> Term {
        let term = Term(u32::try_from(self.nodes.len()).expect("fewer than 2³² terms"));
        let size = node.args.iter().fold(1usize, |sum, &arg| sum.saturating_add(self.sizes[arg.index()]));
        self.sizes.push(size);
        let kinds = node.args.iter().fold(kind(&node.op), |all, arg| all | self.kinds[arg.index()]);
        self.kinds.push(kinds);
        self.normal.push(false);
        self.nodes.push(node);
        self.shapes.push(shape);
        self.index.insert(key, term);
        term
    }

    /// Is the term known to be its own normal form?
    pub(super) fn is_normal(&self, term: Term) -> bool {
        self.normal[term.index()]
    }

    /// Remembers that the term is its own normal form.
    pub(super) fn note_normal(&mut self, term: Term) {
        self.normal[term.index()] = true;
    }

    pub(super) fn declare_symbol(&mut self, symbol: Symbol, shape: Shape) {
        debug_assert_eq!(symbol.index(), self.symbol_shapes.len());
        self.symbol_shapes.push(shape);
    }

    pub(super) fn symbol_shape(&self, symbol: Symbol) -> &Shape {
        &self.symbol_shapes[symbol.index()]
    }

    /// The term of a symbol.
    pub fn symbol(&mut self, symbol: Symbol) -> Term {
        self.make(Op::Symbol(symbol), &[])
    }

    /// An exact number.
    pub fn number(&mut self, value: Rational) -> Term {
        let small = value.small().and_then(|(numerator, denominator)| (denominator == 1).then_some(numerator));
        let Some(small) = small else { return self.make(Op::Number(value), &[]) };
        if let Some(&term) = self.integers.get(&small) {
            return term;
        }
        let term = self.make(Op::Number(value), &[]);
        self.integers.insert(small, term);
        term
    }

    /// A whole number.
    pub fn integer(&mut self, value: i64) -> Term {
        match self.integers.get(&value) {
            Some(&term) => term,
            None => self.number(Rational::from_integer(value)),
        }
    }

    /// Zero of a shape (the number 0 for a scalar).
    pub fn zero(&mut self, shape: Shape) -> Term {
        if shape.is_scalar() { self.integer(0) } else { self.make(Op::Zero(shape), &[]) }
    }

    /// All ones of a shape (the number 1 for a scalar).
    pub fn ones(&mut self, shape: &Shape) -> Term {
        match shape {
            Shape::Scalar => self.integer(1),
            Shape::Matrix { rows, cols } => self.make(Op::Ones(rows.clone(), cols.clone()), &[]),
        }
    }

    /// The identity matrix.
    pub fn identity(&mut self, n: Dim) -> Term {
        self.make(Op::Identity(n), &[])
    }

    /// The number, if the term is one.
    pub fn as_number(&self, term: Term) -> Option<&Rational> {
        match self.op(term) {
            Op::Number(value) => Some(value),
            _ => None,
        }
    }

    /// The symbol, if the term is one.
    pub fn as_symbol(&self, term: Term) -> Option<Symbol> {
        match self.op(term) {
            Op::Symbol(symbol) => Some(*symbol),
            _ => None,
        }
    }

    /// The zero of its shape.
    pub fn is_zero(&self, term: Term) -> bool {
        match self.op(term) {
            Op::Zero(_) => true,
            Op::Number(value) => value.is_zero(),
            _ => false,
        }
    }

    /// The number 1.
    pub fn is_one(&self, term: Term) -> bool {
        self.as_number(term).is_some_and(One::is_one)
    }

    /// Every term below `root` (itself last), each once, arguments before their users.
    pub fn postorder(&self, root: Term) -> Vec<Term> {
        self.postorder_of(&[root])
    }

    /// As [`Store::postorder`] for several roots.
    pub fn postorder_of(&self, roots: &[Term]) -> Vec<Term> {
        let mut seen = Visited::new();
        let mut order = Vec::with_capacity(16);
        let mut stack: SmallVec<[(Term, bool); 16]> = roots.iter().rev().map(|&root| (root, false)).collect();
        while let Some((term, done)) = stack.pop() {
            if done {
                order.push(term);
            } else if seen.insert(term) {
                stack.push((term, true));
                stack.extend(self.args(term).iter().rev().map(|&arg| (arg, false)));
            }
        }
        order
    }

    /// Does `needle` occur in `term` (or equal it)?
    pub fn contains(&self, term: Term, needle: Term) -> bool {
        self.any(term, |candidate| candidate == needle)
    }

    /// Does any term below `root`, itself included, satisfy `test`?
    pub fn any(&self, root: Term, mut test: impl FnMut(Term) -> bool) -> bool {
        let mut seen = Visited::new();
        seen.insert(root);
        let mut stack: SmallVec<[Term; 16]> = smallvec![root];
        while let Some(term) = stack.pop() {
            if test(term) {
                return true;
            }
            stack.extend(self.args(term).iter().copied().filter(|&arg| seen.insert(arg)));
        }
        false
    }

    /// About how many words a term has when it is written: names, functions, powers, transposes; signs between
    /// operands are free. The count stays at the highest number.
    pub fn words(&self, root: Term) -> usize {
        self.words_of(&[root])
    }

    /// As [`Store::words`], of several terms together.
    pub fn words_of(&self, roots: &[Term]) -> usize {
        let mut counts: FastMap<Term, usize> = FastMap::default();
        for term in self.postorder_of(roots) {
            let below = self.distinct_factors(term).map(|arg| counts[&arg]);
            counts.insert(term, below.fold(self.own_words(term), usize::saturating_add));
        }
        roots.iter().map(|root| counts[root]).fold(0, usize::saturating_add)
    }

    /// The arguments of a term as they are written: equal factors beside each other once, as a power.
    pub fn distinct_factors(&self, term: Term) -> impl Iterator<Item = Term> {
        let (args, is_product) = (self.args(term), *self.op(term) == Op::Product);
        let is_written = move |&at: &usize| !(is_product && at > 0 && args[at] == args[at - 1]);
        (0..args.len()).filter(is_written).map(move |at| args[at])
    }

    /// The words of a term without those of its arguments.
    pub fn own_words(&self, term: Term) -> usize {
        match self.op(term) {
            Op::Product => {
                let args = self.args(term);
                let is_second = |at: usize| args[at] == args[at - 1] && (at == 1 || args[at - 1] != args[at - 2]);
                (1..args.len()).filter(|&at| is_second(at)).count()
            }
            Op::Sum | Op::Hadamard | Op::Kronecker | Op::Quotient | Op::AsScalar => 0,
            // The exponent is the word.
            Op::Power | Op::ElementPower => 0,
            // A sign, or a fraction line.
            Op::Number(value) if *value == -Rational::one() => 0,
            _ => 1,
        }
    }

    /// The number of nodes of the term written out as a tree; sharing makes that grow as fast as 2ⁿ, so the count
    /// stays at the highest number.
    pub fn tree_size(&self, root: Term) -> usize {
        self.sizes[root.index()]
    }
}

/// Where to look for a term: the terms by a hash of operator and arguments, which the store compares itself. So it is
/// asked with borrowed arguments, and a term that is known costs no memory.
///
/// Only looked up, never iterated: its order cannot reach a result.
#[derive(Clone, Debug, Default)]
struct Index {
    first: FastMap<u64, Term>,
    /// Further terms with the hash of another one.
    more: FastMap<u64, Vec<Term>>,
}

impl Index {
    fn key(op: &Op, args: &[Term]) -> u64 {
        let mut hasher = Fast::default();
        op.hash(&mut hasher);
        args.hash(&mut hasher);
        hasher.finish()
    }

    fn terms(&self, key: u64) -> impl Iterator<Item = Term> {
        let first = self.first.get(&key).copied();
        let more = first.and_then(|_| if self.more.is_empty() { None } else { self.more.get(&key) });
        first.into_iter().chain(more.into_iter().flatten().copied())
    }

    fn insert(&mut self, key: u64, term: Term) {
        match self.first.entry(key) {
            Entry::Vacant(free) => {
                free.insert(term);
            }
            Entry::Occupied(_) => self.more.entry(key).or_default().push(term),
        }
    }
}

/// A few terms: most operators have no more arguments.
pub type Terms = SmallVec<[Term; 6]>;

/// The terms that a walk has met. Most walks are over a handful of terms: these stand in a row, and only a longer walk
/// pays for a table.
struct Visited {
    first: [Term; Visited::FEW],
    count: usize,
    more: FastSet<Term>,
}

impl Visited {
    const FEW: usize = 16;

    fn new() -> Self {
        Visited { first: [Term(0); Visited::FEW], count: 0, more: FastSet::default() }
    }

    /// Was the term not met before?
    fn insert(&mut self, term: Term) -> bool {
        if self.first[..self.count].contains(&term) {
            return false;
        }
        if self.count < Visited::FEW {
            self.first[self.count] = term;
            self.count += 1;
            return true;
        }
        self.more.insert(term)
    }
}
