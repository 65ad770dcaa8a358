//! How a term is written on paper, before any spelling: signs, fractions, powers, order of summands.
//!
//! The three spellings render one [`Layout`], so they cannot drift apart. Nothing is simplified here: a layout
//! read back and normalised is the term it came from. What people write differently from the normal form is undone:
//! `2x − 2y` is laid out as `2(x − y)`, `(−1)·b + a` as `a − b`, `y ⊙ ŷ^(−1)` as `y ⊘ ŷ`, `A·A` as `A²`.

mod lengths;
mod numbers;
mod products;
mod special;

use crate::ir::hash::FastMap;
use crate::ir::{Comparison, Context, Function, Index, Op, Rational, Term};
use crate::shape::{Dim, Shape};
use num_traits::{One, Zero};

/// A term as it is written, without brackets: those come from precedence when it is spelled.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Layout {
    /// A canonical name.
    Name(String),
    /// A number ≥ 0 in digits.
    Integer(String),
    /// All ones.
    Ones(Dim, Dim),
    /// The identity; `sized` where the size is not plain from its neighbours.
    Identity {
        size: Dim,
        sized: bool,
    },
    /// Zero of a matrix shape.
    Zero(Shape),
    /// e_i.
    Unit(Index),
    /// The commutation matrix.
    Commutation(Dim, Dim),
    /// Summands, negative ones as `Negative`.
    Sum(Vec<Layout>),
    Negative(Box<Layout>),
    /// Factors, without signs.
    Product(Vec<Layout>),
    /// `x where A x = b`.
    Where {
        unknown: String,
        left: Box<Layout>,
        right: Box<Layout>,
    },
    Fraction(Box<Layout>, Box<Layout>),
    /// `a ⊙ b ⊘ c`: each operand with whether it divides.
    Elementwise(Vec<(bool, Layout)>),
    Kronecker(Box<Layout>, Box<Layout>),
    /// Something with a raised sign behind it.
    Raised(Box<Layout>, Raise),
    Apply(Head, Vec<Layout>),
    /// `tanh²(Y)`: base function, exponent, argument; `entrywise` if the argument is not a scalar.
    ApplyPower {
        head: Head,
        power: Box<Layout>,
        argument: Box<Layout>,
        entrywise: bool,
    },
    Fence(Fence, Box<Layout>),
    Differential(Box<Layout>),
    /// ∂ⁿf/∂x∂y…, in the order of differentiation.
    Leibniz(Box<Layout>, Vec<Layout>),
    Entry(Box<Layout>, Vec<Index>),
    IndexSum {
        index: Index,
        excluding: Option<Index>,
        /// The upper end, where the body does not show it.
        range: Option<Dim>,
        body: Box<Layout>,
    },
    Delta(Index, Index),
    Cases(Vec<(Layout, Test)>),
    /// Brackets that precedence does not ask for; on paper only if `paper`.
    Group {
        inside: Box<Layout>,
        paper: bool,
    },
    /// Written one way in ASCII, which is read back exactly, and another way on paper.
    Spelled {
        ascii: Box<Layout>,
        paper: Box<Layout>,
    },
}

/// A raised sign.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Raise {
    Transpose,
    Inverse,
    Power(Box<Layout>),
    ElementPower(Box<Layout>),
}

/// What is applied to arguments.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Head {
    Function(Function),
    /// A user's elementwise function with its number of primes.
    Elementwise(String, u32),
    /// The derivative of a built-in function.
    Derived(Function),
    Word(&'static str),
}

/// Signs around an argument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fence {
    Abs,
    Norm1,
    Norm2,
    NormF,
    /// 𝟏[z > 0].
    Step,
    /// 𝟏[z ≥ 0].
    StepClosed,
}

/// The condition of a case.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    Indices(Index, bool, Index),
    Subject(Layout, Comparison),
    Otherwise,
}

/// Terms with more nodes than this, written out as a tree, are not printed.
pub(super) const LARGEST: usize = 100_000;
/// Terms nested deeper than this are not printed.
pub(super) const DEEPEST: usize = 400;

/// The layout of a term; `None` if it is larger than [`LARGEST`] or deeper than [`DEEPEST`].
pub(super) fn lay_out(context: &Context, term: Term) -> Option<Layout> {
    let store = &context.terms;
    let mut depth: FastMap<Term, usize> = FastMap::default();
    for node in store.postorder(term) {
        let below = store.args(node).iter().map(|arg| depth[arg]).max().unwrap_or(0);
        depth.insert(node, below + 1);
    }
    let fits = depth[&term] <= DEEPEST && store.tree_size(term) < LARGEST;
    fits.then(|| Writer { context }.term(term))
}

/// Lays terms out.
#[derive(Clone, Copy)]
struct Writer<'a> {
    context: &'a Context,
}

impl Writer<'_> {
    fn op(&self, term: Term) -> &Op {
        self.context.terms.op(term)
    }

    fn args(&self, term: Term) -> &[Term] {
        self.context.terms.args(term)
    }

    fn shape(&self, term: Term) -> &Shape {
        self.context.terms.shape(term)
    }

    fn number(&self, term: Term) -> Option<&Rational> {
        self.context.terms.as_number(term)
    }

    fn boxed(&self, term: Term) -> Box<Layout> {
        Box::new(self.term(term))
    }

    fn term(&self, term: Term) -> Layout {
        let args = self.args(term);
        match self.op(term) {
            Op::Symbol(symbol) => Layout::Name(self.context.name(*symbol).to_string()),
            Op::Number(value) => numbers::rational(value),
            Op::Dimension(size) => numbers::dimension(size),
            Op::Identity(size) => Layout::Identity { size: size.clone(), sized: false },
            Op::Ones(rows, cols) => Layout::Ones(rows.clone(), cols.clone()),
            Op::Zero(shape) => Layout::Zero(shape.clone()),
            Op::Unit(_, index) => Layout::Unit(index.clone()),
            Op::Commutation(m, n) => Layout::Commutation(m.clone(), n.clone()),
            Op::Sum => self.sum(args),
            Op::Product => self.product(args),
            Op::Hadamard => self.hadamard(args),
            Op::Quotient => self.quotient(args[0], args[1]),
            Op::Kronecker => Layout::Kronecker(self.kronecker_side(args[0]), self.kronecker_side(args[1])),
            Op::Transpose => Layout::Raised(self.boxed(args[0]), Raise::Transpose),
            Op::Inverse => Layout::Raised(self.boxed(args[0]), Raise::Inverse),
            Op::Power => self.power(args[0], args[1]),
            Op::ElementPower => self.element_power(term),
            Op::AsScalar => self.squared_length(args[0]).unwrap_or_else(|| self.term(args[0])),
            Op::Call(function) => self.call(*function, args[0]),
            Op::Elementwise { function, order } => {
                let head = Head::Elementwise(self.context.name(*function).to_string(), *order);
                Layout::Apply(head, vec![self.term(args[0])])
            }
            Op::Max => Layout::Apply(Head::Word("max"), args.iter().map(|&arg| self.term(arg)).collect()),
            Op::Inner => self.inner(args[0], args[1]),
            Op::Differential => Layout::Differential(self.boxed(args[0])),
            Op::Partial => self.partial(term),
            Op::EntrywisePartial => self.entrywise_partial(args[0], args[1]),
            Op::Solution(unknown) => Layout::Where {
                unknown: self.context.name(*unknown).to_string(),
                left: self.boxed(args[0]),
                right: self.boxed(args[1]),
            },
            Op::Entry(indices) => Layout::Entry(self.boxed(args[0]), indices.clone()),
            Op::IndexSum { index, excluding } => self.index_sum(index, excluding, args[0]),
            Op::Delta(i, j) => Layout::Delta(i.clone(), j.clone()),
            Op::Cases(guards) => self.cases(guards, args),
        }
    }

    /// Positive summands first; a common number in front.
    fn sum(&self, args: &[Term]) -> Layout {
        let parts: Vec<(Rational, &[Term])> = args.iter().map(|arg| self.split(arg)).collect();
        let flipped: Option<Vec<(Rational, Vec<Term>)>> =
            parts.iter().map(|(number, factors)| Some((number.clone(), self.flipped(factors)?))).collect();
        if let Some(flipped) = flipped {
            // (Ax − b)ᵀ rather than xᵀAᵀ − bᵀ.
            let flipped = flipped.iter().map(|(number, factors)| (number.clone(), &factors[..])).collect();
            return Layout::Raised(Box::new(self.sum_of(flipped)), Raise::Transpose);
        }
        self.sum_of(parts)
    }

    /// The factors of the transpose, if every matrix among the factors is a transpose.
    fn flipped(&self, factors: &[Term]) -> Option<Vec<Term>> {
        let (scalars, chain): (Vec<Term>, Vec<Term>) =
            factors.iter().partition(|&&factor| self.shape(factor).is_scalar());
        if chain.is_empty() {
            return None;
        }
        let inner = |factor: &Term| (*self.op(*factor) == Op::Transpose).then(|| self.args(*factor)[0]);
        let reversed: Option<Vec<Term>> = chain.iter().rev().map(inner).collect();
        Some(scalars.into_iter().chain(reversed?).collect())
    }

    fn sum_of(&self, parts: Vec<(Rational, &[Term])>) -> Layout {
        let common = numbers::common(parts.iter().map(|(coefficient, _)| coefficient));
        let summands =
            parts.into_iter().map(|(coefficient, factors)| self.scaled(coefficient / &common, factors)).collect();
        let sum = signs_in_order(summands);
        if common.is_one() { sum } else { numbers::times(common, vec![sum], Vec::new()) }
    }

    /// The number in front of a term and its other factors.
    fn split<'a>(&'a self, term: &'a Term) -> (Rational, &'a [Term]) {
        if let Some(value) = self.number(*term) {
            return (value.clone(), &[]);
        }
        match (self.op(*term), self.args(*term).split_first()) {
            (Op::Product, Some((&first, rest))) if !rest.is_empty() => match self.number(first) {
                Some(value) if !value.is_zero() => (value.clone(), rest),
                _ => (Rational::one(), self.args(*term)),
            },
            _ => (Rational::one(), std::slice::from_ref(term)),
        }
    }

    /// `a / b` as typed.
    fn quotient(&self, a: Term, b: Term) -> Layout {
        if !self.shape(b).is_scalar() {
            return Layout::Elementwise(vec![(false, self.operand(a)), (true, self.operand(b))]);
        }
        match self.term(a) {
            Layout::Negative(a) => negative(Layout::Fraction(a, self.boxed(b))),
            a => Layout::Fraction(Box::new(a), self.boxed(b)),
        }
    }
}

/// `−layout`.
fn negative(layout: Layout) -> Layout {
    Layout::Negative(Box::new(layout))
}

/// The sum with its positive summands first.
fn signs_in_order(summands: Vec<Layout>) -> Layout {
    let (mut ordered, negatives): (Vec<_>, Vec<_>) =
        summands.into_iter().partition(|summand| !matches!(summand, Layout::Negative(_)));
    ordered.extend(negatives);
    match ordered.len() {
        1 => ordered.remove(0),
        _ => Layout::Sum(ordered),
    }
}

/// The sign of a number and its size.
fn sign_and_size(value: &Rational) -> (bool, Rational) {
    (value.is_negative(), value.abs())
}
