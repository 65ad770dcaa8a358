//! What a reader likes: the cost of a term, which extraction minimises.
//!
//! The taste, in words: the fewest symbols; names that the user defined before what they stand for; factored before
//! expanded; inverses and transposes rather on names than on compounds; no differential of a compound and no
//! entry-wise form where a matrix form exists. Costs are strictly increasing (a term costs more than its parts)
//! and saturate. Equal costs are decided by [`compare`], never by the history of a run.

use crate::ir::hash::FastMap;
use crate::ir::{Context, Function, Op, Store, Term, compare};
use num_traits::One;
use std::cmp::Ordering;

/// The weights, in one place.
mod weight {
    /// A name that the user or the engine defined.
    pub const NAMED: u64 = 1;
    /// A declared name.
    pub const LEAF: u64 = 2;
    /// 1 and −1: signs hardly count.
    pub const SIGN: u64 = 1;
    /// Other numbers, dimensions, `0`, `I`, `𝟏`, unit vectors.
    pub const CONSTANT: u64 = 2;
    /// Each `+`.
    pub const PLUS: u64 = 2;
    /// Each multiplication of matrices or scalars (a number in front is none).
    pub const TIMES: u64 = 2;
    /// Each ⊙.
    pub const HADAMARD: u64 = 3;
    /// ⊙ I: the diagonal of a matrix.
    pub const ON_DIAGONAL: u64 = 1;
    /// diag: a scaling of rows or columns.
    pub const DIAG: u64 = 4;
    /// ⊗, vec, and the commutation matrix.
    pub const RARE: u64 = 8;
    /// `(A ⊗ F)(P ⊗ G)`: everybody multiplies it out to `AP ⊗ FG`; so are tr, det and ⁻¹ taken of the factors.
    pub const UNMIXED: u64 = 40;
    /// ᵀ on a leaf.
    pub const TRANSPOSE_LEAF: u64 = 1;
    /// ᵀ on a compound term.
    pub const TRANSPOSE: u64 = 4;
    /// ⁻¹.
    pub const INVERSE: u64 = 4;
    /// A power, a reciprocal, ⊘.
    pub const POWER: u64 = 4;
    /// A function.
    pub const CALL: u64 = 2;
    /// The step function: `sgn(h)` reads better where `h = relu(z)` has a name.
    pub const STEP: u64 = 3;
    /// `σ(u) ⊙ σ(−u)`: everybody writes `σ(u) ⊙ (𝟏 − σ(u))`.
    pub const MIRRORED: u64 = 8;
    /// Invisible in print.
    pub const CAST: u64 = 1;
    /// d(x) of a name.
    pub const DIFFERENTIAL: u64 = 1;
    /// d(·) of a compound, entries, sums over indices, cases.
    pub const FORBIDDEN: u64 = super::FORBIDDEN;
}

/// From this cost on a term contains something that an answer must not contain.
pub(super) const FORBIDDEN: u64 = 1 << 40;

/// The costs of normal terms, each computed once.
#[derive(Debug, Default)]
pub(super) struct Costs {
    known: FastMap<Term, u64>,
}

impl Costs {
    /// The cost of a term.
    pub(super) fn of(&mut self, context: &Context, term: Term) -> u64 {
        if let Some(&cost) = self.known.get(&term) {
            return cost;
        }
        let mut stack = vec![term];
        while let Some(&next) = stack.last() {
            let before = stack.len();
            stack.extend(context.terms.args(next).iter().copied().filter(|arg| !self.known.contains_key(arg)));
            if stack.len() == before {
                stack.pop();
                let args = context.terms.args(next).iter().map(|arg| self.known[arg]);
                let cost = args.fold(own(context, next), u64::saturating_add);
                self.known.insert(next, cost);
            }
        }
        self.known[&term]
    }

    /// Is `a` to be preferred to `b`?
    pub(super) fn prefers(&mut self, context: &Context, a: Term, b: Term) -> bool {
        let order = self.of(context, a).cmp(&self.of(context, b));
        order.then_with(|| compare(&context.terms, a, b)) == Ordering::Less
    }
}

/// The cost of the operator itself; at least 1.
fn own(context: &Context, term: Term) -> u64 {
    let store = &context.terms;
    let args = store.args(term);
    let is_leaf = |term: &Term| store.args(*term).is_empty();
    let gaps = (args.len() as u64).saturating_sub(1);
    match store.op(term) {
        Op::Symbol(symbol) if context.definition(*symbol).is_some() => weight::NAMED,
        Op::Symbol(_) => weight::LEAF,
        Op::Number(value) if value.abs().is_one() => weight::SIGN,
        Op::Number(_)
        | Op::Dimension(_)
        | Op::Identity(_)
        | Op::Ones(..)
        | Op::Zero(_)
        | Op::Unit(..)
        | Op::Delta(..) => weight::CONSTANT,
        // So A ⊙ (𝟏 − B) comes before A − A ⊙ B.
        Op::Sum if args.iter().any(|&arg| matches!(store.op(arg), Op::Ones(..))) => weight::PLUS * gaps.max(1) - 1,
        Op::Sum => weight::PLUS * gaps.max(1),
        Op::Product if store.as_number(args[0]).is_some() => weight::TIMES * gaps.saturating_sub(1),
        Op::Product if has_mirrored_sigmoids(store, args) => weight::TIMES * gaps + weight::MIRRORED,
        Op::Hadamard if has_mirrored_sigmoids(store, args) => weight::HADAMARD * gaps + weight::MIRRORED,
        Op::Product if has_unmixed(store, args) => weight::TIMES * gaps + weight::UNMIXED,
        Op::Product | Op::Inner => weight::TIMES * gaps.max(1),
        Op::Hadamard if args.iter().any(|&arg| matches!(store.op(arg), Op::Identity(_))) => {
            weight::HADAMARD * gaps.saturating_sub(1) + weight::ON_DIAGONAL
        }
        Op::Hadamard => weight::HADAMARD * gaps.max(1),
        Op::Commutation(..) | Op::Kronecker => weight::RARE,
        Op::Call(Function::Vec) => weight::RARE,
        Op::Call(Function::Diag) => weight::DIAG,
        Op::Transpose if is_leaf(&args[0]) => weight::TRANSPOSE_LEAF,
        Op::Transpose => weight::TRANSPOSE,
        Op::Inverse if *store.op(args[0]) == Op::Kronecker => weight::INVERSE + weight::UNMIXED,
        Op::Inverse => weight::INVERSE,
        Op::Power | Op::ElementPower | Op::Quotient => weight::POWER,
        Op::Call(Function::Step | Function::StepClosed) => weight::STEP,
        Op::Call(Function::Trace | Function::Det | Function::LogDet | Function::SumAll)
            if *store.op(args[0]) == Op::Kronecker =>
        {
            weight::CALL + weight::UNMIXED
        }
        Op::Call(_) | Op::Elementwise { .. } | Op::Max => weight::CALL,
        Op::AsScalar => weight::CAST,
        Op::Differential if is_leaf(&args[0]) => weight::DIFFERENTIAL,
        Op::Partial | Op::EntrywisePartial => weight::CALL,
        Op::Differential | Op::Entry(_) | Op::IndexSum { .. } | Op::Cases(_) | Op::Solution(_) => weight::FORBIDDEN,
    }
}

/// Do two neighbours hold Kronecker products, or sums of them?
fn has_unmixed(store: &Store, factors: &[Term]) -> bool {
    let is_kronecker = |term: Term| *store.op(term) == Op::Kronecker;
    let holds = |term: Term| match store.op(term) {
        Op::Sum => store.args(term).iter().any(|&summand| is_kronecker(summand)),
        _ => is_kronecker(term),
    };
    factors.windows(2).any(|pair| holds(pair[0]) && holds(pair[1]))
}

/// Are σ(u) and σ(−u) among the factors?
fn has_mirrored_sigmoids(store: &Store, factors: &[Term]) -> bool {
    let argument = |factor: &Term| match store.op(*factor) {
        Op::Call(Function::Sigmoid) => Some(store.args(*factor)[0]),
        _ => None,
    };
    let arguments: Vec<Term> = factors.iter().filter_map(argument).collect();
    arguments.iter().enumerate().any(|(at, &a)| arguments[..at].iter().any(|&b| is_negative(store, a, b)))
}

/// Is normal `a` the negative of `b`?
fn is_negative(store: &Store, a: Term, b: Term) -> bool {
    let (xs, ys) = (store.args(a), store.args(b));
    if *store.op(a) == Op::Sum && *store.op(b) == Op::Sum && xs.len() == ys.len() {
        return xs.iter().zip(ys).all(|(&x, &y)| is_negative(store, x, y));
    }
    let is_minus = |product: Term, factors: &[Term], of: Term| match factors.split_first() {
        Some((first, rest)) if *store.op(product) == Op::Product => {
            store.as_number(*first).is_some_and(|number| (-number).is_one())
                && (rest == [of] || (*store.op(of) == Op::Product && rest == store.args(of)))
        }
        _ => false,
    };
    is_minus(a, xs, b) || is_minus(b, ys, a)
}
