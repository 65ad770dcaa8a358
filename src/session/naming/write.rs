//! New names put into answers: what an answer says a name stands for is what the name is defined as, so that the check
//! evaluates the answer as it is read.

use super::Forest;
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Context, Definition, Symbol, SymbolKind, Term};
use crate::session::answer::Answer;
use crate::session::listed::Names;
use crate::trace::{Derivation, Inference, Level, Statement, Step, words};
use std::sync::Arc;

/// The letters for vectors and scalars, and for matrices; the first that no name of the user begins with is taken.
const LETTERS: [(&str, &str); 4] = [("t", "T"), ("q", "Q"), ("r", "R"), ("c", "C")];

/// Writes answers with the names of a forest.
pub(super) fn names(context: &mut Context, answers: &mut [Answer], forest: Forest) {
    let mut writer = Writer::new(context, &forest);
    let defined = writer.defined(in_order(writer.context, &forest));
    let listed = Names::new(writer.context, defined);
    let mut replaced = |terms: &[Term]| terms.iter().map(|&term| writer.replaced(term)).collect::<Vec<_>>().into_iter();
    let (mut values, mut forms) = (replaced(&forest.roots), replaced(&forest.forms));
    let mut known: Vec<(Arc<Derivation>, Arc<Derivation>)> = Vec::new();
    for answer in answers {
        answer.value = values.next().unwrap_or(answer.value);
        answer.forms.iter_mut().zip(&mut forms).for_each(|((_, form), named)| *form = named);
        let read = answer.forms.iter().map(|form| form.1).chain([answer.value]);
        answer.names = listed.used(writer.context, read);
        let before = answer.derivation.clone();
        let found = known.iter().find(|(from, _)| Arc::ptr_eq(from, &before)).map(|(_, to)| to.clone());
        answer.derivation = found.unwrap_or_else(|| {
            let mut steps = Derivation::clone(&before);
            writer.steps.iter().for_each(|step| steps.push(step.clone()));
            let after = Arc::new(steps);
            known.push((before, after.clone()));
            after
        });
    }
}

/// All names of a forest with their bodies, each after those that it uses.
fn in_order(context: &Context, forest: &Forest) -> Vec<(Symbol, Term)> {
    let all: FastMap<Symbol, Term> = forest.old.iter().chain(&forest.new).copied().collect();
    let mut order: Vec<(Symbol, Term)> = Vec::with_capacity(all.len());
    let mut done: FastMap<Symbol, bool> = FastMap::default();
    let mut open: Vec<(Symbol, bool)> =
        forest.old.iter().chain(&forest.new).rev().map(|&(name, _)| (name, false)).collect();
    while let Some((name, is_ready)) = open.pop() {
        let Some(&body) = all.get(&name) else { continue };
        if is_ready {
            order.push((name, body));
        } else if done.insert(name, true).is_none() {
            open.push((name, true));
            open.extend(context.symbols_in(body).into_iter().rev().map(|below| (below, false)));
        }
    }
    order
}

struct Writer<'a> {
    context: &'a mut Context,
    letters: (&'static str, &'static str),
    /// The names that stand in the forest for a while, by the bodies they were found with.
    new: FastMap<Symbol, Term>,
    /// Names of the forest, by those that answers are written with.
    replace: FastMap<Term, Term>,
    steps: Vec<Step>,
}

impl<'a> Writer<'a> {
    fn new(context: &'a mut Context, forest: &Forest) -> Self {
        let is_free = |letters: &(&str, &str)| !context.begins_name(letters.0) && !context.begins_name(letters.1);
        let letters = LETTERS.into_iter().find(is_free).unwrap_or(LETTERS[0]);
        let new = forest.new.iter().copied().collect();
        Writer { context, letters, new, replace: FastMap::default(), steps: Vec::new() }
    }

    /// The names as they are defined: new ones, and old ones whose bodies are written with new ones.
    fn defined(&mut self, names: Vec<(Symbol, Term)>) -> Vec<(Symbol, Term)> {
        let mut number = 0;
        let mut defined = Vec::with_capacity(names.len());
        for (symbol, body) in names {
            let body = self.replaced(body);
            let is_new = self.new.contains_key(&symbol);
            let is_as_before = self.context.definition(symbol).is_some_and(|definition| definition.normal == body);
            if !is_new && is_as_before {
                defined.push((symbol, body));
                continue;
            }
            let text = if is_new { self.fresh(body, &mut number) } else { self.context.name(symbol).to_owned() };
            let shape = self.context.terms.shape(body).clone();
            let kind = SymbolKind::Definition(Definition { raw: body, normal: body });
            let name = self.context.declare_hidden(&text, shape, kind);
            let (old, term) = (self.context.terms.symbol(symbol), self.context.terms.symbol(name));
            self.replace.insert(old, term);
            if is_new {
                let because = words("a part that is written more than once");
                let (before, after) = (Statement::Term(body), Statement::Term(term));
                self.steps.push(Step::inference(Inference::Name(name), before, after, because, Level::Headline));
            }
            defined.push((name, body));
        }
        defined
    }

    /// The next name that the user does not have.
    fn fresh(&self, body: Term, number: &mut usize) -> String {
        let shape = self.context.terms.shape(body);
        let letter = if shape.is_scalar() || shape.is_vector() { self.letters.0 } else { self.letters.1 };
        loop {
            *number += 1;
            let name = format!("{letter}_{number}");
            if self.context.lookup(&name).is_none() {
                return name;
            }
        }
    }

    fn replaced(&mut self, term: Term) -> Term {
        if self.replace.is_empty() {
            return term;
        }
        Normal::new(&mut self.context.terms).substitute(term, &self.replace)
    }
}
