//! Answers with few transposes: `−(X⁻¹BAX⁻¹)ᵀ` rather than `−X⁻ᵀAᵀBᵀX⁻ᵀ`.
//!
//! Normal terms have their transposes on the leaves, so that equal terms are one term. A reader wants them outside
//! where that makes them fewer: around a long product all of whose factors are transposed, a power, a product that is a
//! vector (`(δW)ᵀ`; but `δᵀhᵀ` stays), and around a sum or ⊙ where fewer are left inside. What comes out is the same term as it is to be written, and no normal term any more.

use super::answer::{Answer, Kind};
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Context, Function, Op, Term};
use crate::trace::{Inference, Level, Statement, Step, words};
use std::sync::Arc;

/// Larger terms are left as they are.
const LARGEST: usize = 2000;

/// Writes the answers to a question and their names with few transposes, as a step where that changes an answer. The
/// answers share most of their names, so each term is written once.
pub(super) fn outside(context: &mut Context, answers: &mut [Answer]) {
    let mut known: FastMap<Term, Term> = FastMap::default();
    let mut write = |term: Term| *known.entry(term).or_insert_with(|| with_few(context, term));
    for answer in answers {
        if matches!(answer.kind, Kind::Value | Kind::Solution { .. } | Kind::Proof | Kind::Size | Kind::Entry) {
            continue;
        }
        answer.names.iter_mut().for_each(|(_, body)| *body = write(*body));
        let (before, after) = (answer.value, write(answer.value));
        if before == after {
            continue;
        }
        answer.value = after;
        let (before, after) = (Statement::Term(before), Statement::Term(after));
        let step = Step::inference(Inference::Layout, before, after, words("transposes taken together"), Level::Full);
        Arc::make_mut(&mut answer.derivation).push(step);
    }
}

/// The normal term, with transposes outside where they are fewer there.
pub(super) fn with_few(context: &mut Context, term: Term) -> Term {
    let store = &context.terms;
    if matches!(store.op(term), Op::Solution(_)) {
        return term;
    }
    let has_transposes = store.any(term, |part| *store.op(part) == Op::Transpose);
    if !has_transposes || store.tree_size(term) >= LARGEST {
        return term;
    }
    Writer { context, counts: FastMap::default() }.written(term)
}

/// The transposes that a term is written with.
#[derive(Clone, Copy)]
struct Count {
    /// In the term.
    straight: usize,
    /// In its transpose.
    flipped: usize,
}

struct Writer<'a> {
    context: &'a mut Context,
    counts: FastMap<Term, Count>,
}

impl Writer<'_> {
    fn written(&mut self, term: Term) -> Term {
        let op = self.context.terms.op(term).clone();
        if matches!(op, Op::Sum | Op::Hadamard) && self.saves(&[term]) {
            let flipped = self.flipped(term);
            return self.context.terms.make(Op::Transpose, &[flipped]);
        }
        let mut args = self.context.terms.args(term).to_vec();
        if self.is_square(&args) {
            return term;
        }
        if op == Op::Product {
            let scalars = args.iter().take_while(|&&arg| self.context.terms.shape(arg).is_scalar()).count();
            let chain = &args[scalars..];
            if self.is_to_flip(chain) {
                let chain = self.context.terms.make(Op::Product, chain);
                let flipped = self.flipped(chain);
                args.truncate(scalars);
                args.push(self.context.terms.make(Op::Transpose, &[flipped]));
                if let [single] = args[..] {
                    return single;
                }
            }
        }
        let written: Vec<Term> = args.iter().map(|&arg| self.written(arg)).collect();
        self.context.terms.make(op, &written)
    }

    /// Is the argument uᵀu, which is printed as the square of a length?
    fn is_square(&mut self, args: &[Term]) -> bool {
        let &[product] = args else { return false };
        let (Op::Product, &[left, right]) = (self.context.terms.op(product), self.context.terms.args(product)) else {
            return false;
        };
        Normal::new(&mut self.context.terms).transpose(left) == right
    }

    /// A chain with no transpose in its transpose, which is long, a power or a vector.
    fn is_to_flip(&mut self, chain: &[Term]) -> bool {
        let (Some(&first), Some(&last)) = (chain.first(), chain.last()) else { return false };
        let terms = &self.context.terms;
        let is_vector = terms.shape(first).rows().is_one() || terms.shape(last).cols().is_one();
        let is_power = chain.iter().all(|&factor| factor == first);
        chain.len() > 1
            && (chain.len() > 2 || is_vector || is_power)
            && self.in_transpose(chain) == 0
            && self.saves(chain)
    }

    /// Are there fewer transposes with one around these factors? A 1×1 matrix needs none around it.
    fn saves(&mut self, factors: &[Term]) -> bool {
        let store = &self.context.terms;
        let is_number =
            store.shape(factors[0]).rows().is_one() && store.shape(factors[factors.len() - 1]).cols().is_one();
        let straight: usize = factors.iter().map(|&factor| self.count(factor).straight).sum();
        !is_number && self.in_transpose(factors) + 1 < straight
    }

    /// The transposes in the transpose of a product.
    fn in_transpose(&mut self, factors: &[Term]) -> usize {
        factors.iter().map(|&factor| self.count(factor).flipped).sum()
    }

    /// The transpose of a term, written with few transposes itself.
    fn flipped(&mut self, term: Term) -> Term {
        let flipped = Normal::new(&mut self.context.terms).transpose(term);
        self.written(flipped)
    }

    fn count(&mut self, root: Term) -> Count {
        for term in self.context.terms.postorder(root) {
            if !self.counts.contains_key(&term) {
                let count = self.own(term);
                self.counts.insert(term, count);
            }
        }
        self.counts[&root]
    }

    /// The counts of a term whose arguments are counted.
    fn own(&self, term: Term) -> Count {
        let store = &self.context.terms;
        let below = store.args(term).iter().map(|arg| self.counts[arg]);
        let straight: usize = below.clone().map(|count| count.straight).sum();
        let flipped: usize = below.map(|count| count.flipped).sum();
        match store.op(term) {
            _ if store.shape(term).is_scalar() => Count { straight, flipped: straight },
            Op::Transpose => Count { straight: straight + 1, flipped: straight },
            Op::Ones(rows, cols) => {
                let is_row = rows.is_one() && !cols.is_one();
                let is_column = cols.is_one() && !rows.is_one();
                Count { straight: usize::from(is_row), flipped: usize::from(is_column) }
            }
            Op::Identity(_) | Op::Call(Function::Diag) => Count { straight, flipped: straight },
            Op::Sum | Op::Product | Op::Hadamard | Op::Kronecker | Op::ElementPower | Op::Power => {
                Count { straight, flipped }
            }
            _ => Count { straight, flipped: straight + 1 },
        }
    }
}
