//! Answers in the user's own words: a part that the user typed is written as it was typed.
//!
//! Normal terms are sorted, so that equal terms are one term: `A + tB` is `tB + A` there, `aᵀx` is `xᵀa` and
//! `tr(XᵀX)` is `tr(XXᵀ)`. Where such a part of an answer is the normal form of something in the question, or in a
//! definition below it, the reader finds it as it stands there, unless that is longer. A difference that nobody typed is
//! turned round where that takes a minus away: `2Xᵀ(Xw − y)`, but `−2Xᵀ(y − Xw)` if it was `y − Xw`.

use super::answer::{Answer, Kind, each_derivation};
use crate::ir::hash::{FastMap, FastSet};
use crate::ir::normal::Normal;
use crate::ir::{Context, Op, Symbol, Term};
use crate::print::measure;
use num_traits::One;

/// Larger terms are left as they are.
const LARGEST: usize = 2000;

/// Writes the answers to a question, their names and their steps with what was typed.
pub(super) fn as_typed(context: &mut Context, answers: &mut [Answer]) {
    let Some(first) = answers.first() else { return };
    if matches!(first.kind, Kind::Proof | Kind::Size) {
        return;
    }
    let (typed, sums) = typed_forms(context, first.question);
    let (whole, written, inside) = (FastMap::default(), FastMap::default(), FastMap::default());
    let mut writer = Writer { context, typed, sums, whole, written, inside };
    for answer in answers.iter_mut() {
        answer.value = writer.whole(answer.value);
        answer.forms.iter_mut().for_each(|(_, form)| *form = writer.whole(*form));
        answer.names.iter_mut().for_each(|(_, body)| *body = writer.whole(*body));
    }
    each_derivation(answers, |derivation| {
        let terms = derivation.steps.iter_mut().flat_map(|step| step.terms_mut());
        terms.for_each(|term| *term = writer.whole(*term));
    });
}

/// The normal form of each part of a term and of the definitions below it that was typed in another form, and the
/// normal forms of all sums in them.
fn typed_forms(context: &mut Context, question: Term) -> (FastMap<Term, Term>, FastSet<Term>) {
    let (mut typed, mut sums) = (FastMap::default(), FastSet::default());
    let (mut open, mut seen): (Vec<Term>, FastSet<Symbol>) = (vec![question], FastSet::default());
    while let Some(root) = open.pop() {
        for symbol in context.symbols_in(root) {
            if seen.insert(symbol) {
                open.extend(context.definition(symbol).map(|definition| definition.raw));
            }
        }
        if context.terms.tree_size(root) >= LARGEST {
            continue;
        }
        for (raw, normal) in Normal::new(&mut context.terms).of_each_part(root) {
            if *context.terms.op(normal) == Op::Sum {
                sums.insert(normal);
            }
            if raw != normal && is_worth_keeping(context, raw, normal) {
                typed.entry(normal).or_insert(raw);
            }
        }
    }
    (typed, sums)
}

/// Numbers, signs and fraction lines are laid out by the printer; what it cannot do is the order of operands.
fn is_worth_keeping(context: &Context, raw: Term, normal: Term) -> bool {
    let terms = &context.terms;
    let is_laid_out =
        |term: Term| matches!(terms.op(term), Op::Quotient | Op::Power | Op::ElementPower | Op::Number(_));
    let is_unfinished =
        |part: Term| matches!(terms.op(part), Op::Partial | Op::EntrywisePartial | Op::Differential | Op::Solution(_));
    !terms.args(normal).is_empty() && !is_laid_out(raw) && !is_laid_out(normal) && !terms.any(raw, is_unfinished)
}

struct Writer<'a> {
    context: &'a mut Context,
    /// What was typed, by its normal form.
    typed: FastMap<Term, Term>,
    /// The normal forms of the sums that were typed.
    sums: FastSet<Term>,
    /// Terms as they are written.
    whole: FastMap<Term, Term>,
    /// Terms as they are written by themselves.
    written: FastMap<Term, Term>,
    /// Terms with their parts written.
    inside: FastMap<Term, Term>,
}

impl Writer<'_> {
    fn whole(&mut self, term: Term) -> Term {
        if self.context.terms.tree_size(term) >= LARGEST {
            return term;
        }
        if let Some(&known) = self.whole.get(&term) {
            return known;
        }
        let turned = self.without_minus(term).unwrap_or(term);
        let whole = self.written(turned);
        self.whole.insert(term, whole);
        whole
    }

    /// −c (b − a) d as c (a − b) d, if b − a was not typed.
    fn without_minus(&mut self, term: Term) -> Option<Term> {
        let mut factors = self.context.terms.operands(term);
        let number = self.context.terms.as_number(*factors.first()?)?.clone();
        if *self.context.terms.op(term) != Op::Product || !number.is_negative() {
            return None;
        }
        let at = factors.iter().position(|&factor| self.is_turnable(factor))?;
        let mut normal = Normal::new(&mut self.context.terms);
        factors[at] = normal.negate(factors[at]);
        factors[0] = normal.store_mut().number(-number.clone());
        if (-number).is_one() {
            factors.remove(0);
        }
        Some(if let [single] = factors[..] { single } else { self.context.terms.make(Op::Product, &factors) })
    }

    /// A sum with summands of both signs, which was not typed as it is.
    fn is_turnable(&mut self, sum: Term) -> bool {
        if *self.context.terms.op(sum) != Op::Sum || self.sums.contains(&sum) {
            return false;
        }
        let mut normal = Normal::new(&mut self.context.terms);
        let transposed = normal.transpose(sum);
        let summands = normal.store().operands(sum);
        let negative = summands.iter().filter(|&&summand| normal.split_coefficient(summand).0.is_negative()).count();
        0 < negative && negative < summands.len() && !self.sums.contains(&transposed)
    }

    fn written(&mut self, term: Term) -> Term {
        if let Some(&known) = self.written.get(&term) {
            return known;
        }
        let typed = self.typed.get(&term).copied().filter(|&typed| {
            let (typed, normal) = (measure(self.context, typed), measure(self.context, term));
            typed.size <= normal.size && typed.transposes <= normal.transposes
        });
        let written = typed.unwrap_or_else(|| self.inside(term));
        self.written.insert(term, written);
        written
    }

    fn inside(&mut self, term: Term) -> Term {
        if let Some(&known) = self.inside.get(&term) {
            return known;
        }
        let (op, args) = (self.context.terms.op(term).clone(), self.context.terms.operands(term));
        let is_chain = matches!(op, Op::Sum | Op::Product | Op::Hadamard | Op::Inner);
        let mut changed = false;
        let mut new = Vec::with_capacity(args.len());
        for &arg in &args {
            // The factors and summands of a chain keep their place in it.
            let flat = is_chain && matches!(self.context.terms.op(arg), Op::Sum | Op::Product | Op::Hadamard);
            let flat = flat && !(op != Op::Sum && *self.context.terms.op(arg) == Op::Sum);
            let written = if flat { self.inside(arg) } else { self.written(arg) };
            changed |= written != arg;
            new.push(written);
        }
        let inside = if changed { self.context.terms.make(op, &new) } else { term };
        self.inside.insert(term, inside);
        inside
    }
}
