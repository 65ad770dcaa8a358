//! The steps that the answers of one statement share, as lines.

use super::super::answer::Answer;
use crate::ir::Context;
use crate::print::derivation::{Line, lines};
use crate::print::{Spelling, rich, statement};
use crate::trace::{Derivation, Step};

/// The lines of all answers: what is common once, then what is special to each.
pub(super) fn shared(context: &Context, answers: &[Answer]) -> Vec<Line> {
    let Some((first, others)) = answers.split_first() else { return Vec::new() };
    let Some(level) = first.steps.level() else { return Vec::new() };
    let mut all = first.derivation.clone();
    for answer in others {
        let known: Vec<String> = all.steps.iter().map(|step| text(context, step)).collect();
        let new = answer.derivation.steps.iter().filter(|step| !known.contains(&text(context, step)));
        all.steps.extend(new.cloned().collect::<Vec<_>>());
    }
    lines(context, &without_repetition(context, all), level)
}

/// Steps as they are read: names that were introduced for each answer by itself look the same.
fn text(context: &Context, step: &Step) -> String {
    let show = |of| statement(context, of, Spelling::Unicode);
    let because = rich(context, &step.because, Spelling::Unicode);
    format!("{:?} {} ⇒ {} {because}", step.level, show(&step.before), show(&step.after))
}

/// Without steps that repeat the one before.
fn without_repetition(context: &Context, mut derivation: Derivation) -> Derivation {
    derivation.steps.dedup_by_key(|step| text(context, step));
    derivation
}
