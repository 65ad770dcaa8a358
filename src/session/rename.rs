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
    let mut renaming = Renaming { context, replace, touched: FastMap::default(), known: replace.clone() };
    for answer in answers.iter_mut() {
        renaming.change(&mut answer.value);
        answer.forms.iter_mut().for_each(|(_, form)| renaming.change(form));
        answer.names.iter_mut().for_each(|(_, body)| renaming.change(body));
    }
    each_derivation(answers, |derivation| {
        derivation.steps.iter_mut().flat_map(|step| step.terms_mut()).for_each(|term| renaming.change(term));
    });
}

/// Steps repeat each other, and what was found in one is not looked for again.
struct Renaming<'a> {
    context: &'a mut Context,
    replace: &'a FastMap<Term, Term>,
    /// Is there something in it to replace?
    touched: FastMap<Term, bool>,
    /// Terms with their parts replaced.
    known: FastMap<Term, Term>,
}

impl Renaming<'_> {
    /// Puts the parts in; a term with nothing to replace stays as it was typed.
    fn change(&mut self, term: &mut Term) {
        if self.touches(*term) {
            *term = Normal::new(&mut self.context.terms).substitute_known(*term, &mut self.known);
        }
    }

    fn touches(&mut self, root: Term) -> bool {
        let mut stack = vec![(root, false)];
        while let Some((term, entered)) = stack.pop() {
            if self.touched.contains_key(&term) {
                continue;
            }
            let args = self.context.terms.args(term);
            if entered || args.is_empty() {
                let touched = self.replace.contains_key(&term) || args.iter().any(|arg| self.touched[arg]);
                self.touched.insert(term, touched);
            } else {
                stack.push((term, true));
                stack.extend(args.iter().map(|&arg| (arg, false)));
            }
        }
        self.touched[&root]
    }
}
