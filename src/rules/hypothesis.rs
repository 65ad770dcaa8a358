//! Hypotheses: an equation that was assumed, used as a rewriting of its larger side into its smaller one.
//!
//! These are the rules of class `hypothesis`: ground, without metavariables, and made from the assumptions of a
//! context. While differentiating, only an equation that does not speak of the differentiation variables is used.

use super::places::replace_at;
use super::replay::within;
use crate::facts::Facts;
use crate::ir::normal::Normal;
use crate::ir::{AssumptionId, Claim, Context, Function, Op, Term, compare};
use crate::shape::Dim;
use std::collections::BTreeSet;

/// An assumed equation, read from its larger side to its smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hypothesis {
    /// The assumption.
    pub assumption: AssumptionId,
    /// The normal term that is replaced.
    pub from: Term,
    /// The normal term that replaces it.
    pub to: Term,
}

/// A use of a hypothesis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HypothesisUse {
    /// The hypothesis.
    pub hypothesis: Hypothesis,
    /// The place in the term.
    pub place: Vec<usize>,
    /// The term after it.
    pub term: Term,
}

/// All assumed equations whose sides differ as normal terms, in the order in which they were assumed.
pub fn hypotheses(context: &mut Context, facts: &Facts) -> Vec<Hypothesis> {
    let equations: Vec<(AssumptionId, Term, Term)> = context
        .assumptions()
        .filter_map(|(id, assumption)| match assumption.claim {
            Claim::Equation(left, right) => Some((id, left, right)),
            _ => None,
        })
        .collect();
    let mut found = Vec::new();
    for (assumption, left, right) in equations {
        if !facts.may_use(context, &[left, right]) {
            continue;
        }
        let mut normal = Normal::new(&mut context.terms);
        let (left, right) = (normal.term(left), normal.term(right));
        let (from, to) = if is_larger(context, left, right) { (left, right) } else { (right, left) };
        if from != to {
            found.push(Hypothesis { assumption, from, to });
            found.extend(as_product(context, from).map(|from| Hypothesis { assumption, from, to }));
            found.extend(squared(context, (from, to)).map(|(from, to)| Hypothesis { assumption, from, to }));
        }
    }
    found
}

/// Row and column sums as products with ones, which is how they come out of derivatives.
fn as_product(context: &mut Context, sums: Term) -> Option<Term> {
    let matrix = *context.terms.args(sums).first()?;
    let shape = context.terms.shape(matrix).clone();
    let mut normal = Normal::new(&mut context.terms);
    match normal.store().op(sums) {
        Op::Call(Function::RowSum) => {
            let ones = normal.store_mut().make(Op::Ones(shape.cols(), Dim::one()), &[]);
            Some(normal.product(&[matrix, ones]))
        }
        Op::Call(Function::ColSum) => {
            let ones = normal.store_mut().make(Op::Ones(Dim::one(), shape.rows()), &[]);
            Some(normal.product(&[ones, matrix]))
        }
        _ => None,
    }
}

/// Of ‖x‖ = c that xᵀx = c²: the square of a norm is written without it.
fn squared(context: &mut Context, (norm, value): (Term, Term)) -> Option<(Term, Term)> {
    if !matches!(context.terms.op(norm), Op::Call(Function::Norm2 | Function::NormF)) {
        return None;
    }
    let two = context.terms.integer(2);
    let mut normal = Normal::new(&mut context.terms);
    Some((normal.power(norm, two), normal.power(value, two)))
}

/// Is `a` the side to be replaced: more nodes, or later in the order of terms?
fn is_larger(context: &Context, a: Term, b: Term) -> bool {
    let size = |term| context.terms.tree_size(term);
    size(a).cmp(&size(b)).then_with(|| compare(&context.terms, a, b)).is_ge()
}

/// The first use of one of the hypotheses in `root`: anywhere, also as a run of factors or some summands.
pub fn use_hypothesis(context: &mut Context, hypotheses: &[Hypothesis], root: Term) -> Option<HypothesisUse> {
    let mut seen = BTreeSet::from([root]);
    let mut pending: Vec<(Term, Vec<usize>)> = vec![(root, Vec::new())];
    while let Some((here, place)) = pending.pop() {
        for &hypothesis in hypotheses {
            let Some(&changed) = within(context, here, hypothesis.from, hypothesis.to).first() else { continue };
            if let Some((term, _)) = replace_at(context, root, &place, changed).filter(|(term, _)| *term != root) {
                return Some(HypothesisUse { hypothesis, place, term });
            }
        }
        for (at, &arg) in context.terms.args(here).iter().enumerate().rev() {
            if seen.insert(arg) {
                pending.push((arg, place.iter().copied().chain([at]).collect()));
            }
        }
    }
    None
}
