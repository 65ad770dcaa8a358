//! The steps that the answers of one statement share, as lines.

use super::super::answer::Answer;
use crate::ir::Context;
use crate::print::derivation::{Line, lines};
use crate::print::{Spelling, rich, statement};
use crate::trace::{Derivation, Level, Step};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The lines of all answers: what is common once, then what is special to each.
pub(super) fn shared(context: &Context, answers: &[Answer]) -> Vec<Line> {
    let Some((first, others)) = answers.split_first() else { return Vec::new() };
    let Some(level) = first.steps.level() else { return Vec::new() };
    let mut all: Vec<&Step> = first.derivation.steps.iter().collect();
    for answer in others.iter().filter(|answer| !Arc::ptr_eq(&answer.derivation, &first.derivation)) {
        let known: BTreeSet<String> = shown(&all, level).map(|step| text(context, step)).collect();
        let new = answer.derivation.steps.iter().filter(|step| step.level <= level);
        all.extend(new.filter(|step| !known.contains(&text(context, step))));
    }
    let steps = without_repetition(context, all, level);
    lines(context, &Derivation { steps }, level)
}

fn shown<'a>(steps: &'a [&'a Step], level: Level) -> impl Iterator<Item = &'a Step> {
    steps.iter().copied().filter(move |step| step.level <= level)
}

/// Steps as they are read: names that were introduced for each answer by itself look the same.
fn text(context: &Context, step: &Step) -> String {
    let show = |of| statement(context, of, Spelling::Unicode);
    let because = rich(context, &step.because, Spelling::Unicode);
    format!("{:?} {} ⇒ {} {because}", step.level, show(&step.before), show(&step.after))
}

/// The steps that are shown, without those that repeat the one before.
fn without_repetition(context: &Context, steps: Vec<&Step>, level: Level) -> Vec<Step> {
    let mut before: Option<&Step> = None;
    let mut kept = Vec::new();
    for step in steps {
        let repeats = before.is_some_and(|before| {
            before.level == step.level && step.level <= level && text(context, before) == text(context, step)
        });
        if !repeats {
            before = Some(step);
            kept.extend((step.level <= level).then(|| step.clone()));
        }
    }
    kept
}
