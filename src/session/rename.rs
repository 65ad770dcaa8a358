//! Other names in answers: `tanh` for a function that the user defined, a row for a δ that is a column.

use super::answer::{Answer, each_derivation};
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Context, Term};

/// Writes answers and their steps with other terms in the place of some.
pub(super) fn substitute(context: &mut Context, answers: &mut [Answer], replace: &FastMap<Term, Term>) {
    if replace.is_empty() {
        return;
    }
    // Steps repeat each other: what one starts from is where the last one ended.
    let mut known: FastMap<Term, Term> = FastMap::default();
    let mut rename = |term: &mut Term| {
        *term = *known.entry(*term).or_insert_with(|| replaced(context, *term, replace));
    };
    for answer in answers.iter_mut() {
        rename(&mut answer.value);
        answer.forms.iter_mut().for_each(|(_, form)| rename(form));
        answer.names.iter_mut().for_each(|(_, body)| rename(body));
    }
    each_derivation(answers, |derivation| {
        derivation.steps.iter_mut().flat_map(|step| step.terms_mut()).for_each(&mut rename);
    });
}

/// The term with its parts replaced; as it was typed, if there is nothing to replace.
fn replaced(context: &mut Context, term: Term, replace: &FastMap<Term, Term>) -> Term {
    if !context.terms.any(term, |part| replace.contains_key(&part)) {
        return term;
    }
    Normal::new(&mut context.terms).substitute(term, replace)
}
