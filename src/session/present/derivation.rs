//! The steps that the answers of one statement share, as lines.

use super::super::answer::Answer;
use crate::ir::Context;
use crate::print::derivation::{Line, lines};
use crate::print::{Spelling, rich, statement};
use crate::trace::{Derivation, Inference, Justification, Level, Piece, Rich, Statement, Step};
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
    let steps = match level {
        Level::Headline => without_repetition(context, &headlines(&all), level),
        _ => without_repetition(context, &all.into_iter().cloned().collect::<Vec<_>>(), level),
    };
    lines(context, &Derivation { steps }, level)
}

/// The headline steps as one chain where they are one: a step that goes on from what hidden steps made of the line
/// before goes on from that line, with their reasons; and what one reason does in several places is one step.
fn headlines(all: &[&Step]) -> Vec<Step> {
    let mut kept: Vec<Step> = Vec::new();
    let mut end: Option<Statement> = None;
    let mut hidden: Vec<Rich> = Vec::new();
    for step in all {
        if step.level != Level::Headline {
            if end == Some(step.before) && matches!(step.after, Statement::Term(_)) {
                end = Some(step.after);
                hidden.extend((!step.because.is_empty()).then(|| step.because.clone()));
            }
            continue;
        }
        let mut step = (*step).clone();
        if let Some(last) = kept.last_mut().filter(|_| end == Some(step.before)) {
            if last.after != step.before {
                step.before = last.after;
                step.because = joined(std::mem::take(&mut hidden), step.because);
            }
            let rewrites = !matches!(step.by, Justification::Inference(Inference::Name(_)));
            if rewrites && last.because == step.because && matches!(last.after, Statement::Term(_)) {
                last.after = step.after;
                end = Some(step.after);
                continue;
            }
        }
        hidden.clear();
        end = Some(step.after);
        kept.push(step);
    }
    kept
}

/// Reasons one after the other, each once.
fn joined(reasons: Vec<Rich>, last: Rich) -> Rich {
    let mut all: Vec<Rich> = Vec::new();
    for reason in reasons.into_iter().chain([last]) {
        if !all.contains(&reason) {
            all.push(reason);
        }
    }
    all.join(&Piece::Text(", ".into()))
}

fn shown<'a>(steps: &'a [&'a Step], level: Level) -> impl Iterator<Item = &'a Step> {
    steps.iter().copied().filter(move |step| step.level <= level)
}

/// Do the reasons differ in nothing but formulas? That is quick to see, and most reasons differ.
fn same_words(a: &Step, b: &Step) -> bool {
    let same = |(a, b): (&Piece, &Piece)| match (a, b) {
        (Piece::Text(a), Piece::Text(b)) => a == b,
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    };
    a.because.len() == b.because.len() && a.because.iter().zip(&b.because).all(same)
}

/// Steps as they are read: names that were introduced for each answer by itself look the same.
fn text(context: &Context, step: &Step) -> String {
    let show = |of| statement(context, of, Spelling::Unicode);
    let because = rich(context, &step.because, Spelling::Unicode);
    format!("{:?} {} ⇒ {} {because}", step.level, show(&step.before), show(&step.after))
}

/// The steps that are shown, without those that repeat the one before.
fn without_repetition(context: &Context, steps: &[Step], level: Level) -> Vec<Step> {
    let mut before: Option<&Step> = None;
    let mut kept = Vec::new();
    for step in steps {
        let repeats = before.is_some_and(|before| {
            before.level == step.level
                && step.level <= level
                && same_words(before, step)
                && text(context, before) == text(context, step)
        });
        if !repeats {
            before = Some(step);
            kept.extend((step.level <= level).then(|| step.clone()));
        }
    }
    kept
}
