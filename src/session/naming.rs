//! Names for parts that stand in an answer more than once: `2Wᵀ(… diag(𝟏 − t₁²) …) W where t₁ = tanh(Wx + b)`.
//!
//! The answers of one statement are read together. If together they are longer than a line or two, parts that are
//! written several times get names, the innermost first, where a name makes the whole shorter by a few words; and all
//! of them are dropped again unless the whole is shorter by a quarter. So the forms of textbooks stay as they are.
//! Parts are found here, on normal terms; [`write`] puts the names into the answers, before these are checked.

mod write;

use super::answer::{Answer, Kind};
use super::transposes;
use crate::ir::hash::{FastMap, FastSet};
use crate::ir::normal::Normal;
use crate::ir::{Context, Op, Rational, Store, Symbol, SymbolKind, Term, compare};

/// Answers of at most this many words together, as they are printed, are written out.
const LONG: usize = 40;
/// A name makes the whole shorter by at least this many words: its own line is to be read, too.
const SAVES: usize = 3;
/// A reader is asked to remember so many names at most.
const MOST: usize = 256;

/// Gives names to the parts that stand in the answers to one question more than once.
pub(super) fn repeated_parts(context: &mut Context, answers: &mut [Answer]) {
    let is_formula = |answer: &Answer| {
        !matches!(answer.kind, Kind::Value | Kind::Proof | Kind::Size | Kind::Entry | Kind::Entrywise)
    };
    if !answers.iter().all(is_formula) {
        return;
    }
    let mut forest = Forest::of(answers);
    let before = forest.size(context);
    if before <= LONG || forest.is_opaque(&context.terms) {
        return;
    }
    forest.name_parts(context);
    forest.drop_idle_names(context);
    if !forest.new.is_empty() && forest.size(context).saturating_mul(4) <= before.saturating_mul(3) {
        write::names(context, answers, forest);
    }
}

/// All that is read: the answers, and the bodies of their names.
struct Forest {
    /// The values of the answers, in order.
    roots: Vec<Term>,
    /// Other forms of the answers, in order: they are written with the same names, and call for none.
    forms: Vec<Term>,
    /// The names that the answers have, with their bodies.
    old: Vec<(Symbol, Term)>,
    /// New names with the parts that they stand for.
    new: Vec<(Symbol, Term)>,
    /// The transposes of parts.
    transposes: FastMap<Term, Term>,
}

/// What is known of the parts of a forest.
#[derive(Default)]
struct Parts {
    /// All parts, arguments before their users.
    order: Vec<Term>,
    /// How many words each has.
    words: FastMap<Term, usize>,
    /// How often each is written.
    counts: FastMap<Term, usize>,
    /// Those that are always written inside one larger part.
    inside: FastMap<Term, bool>,
    /// Those without differentials and indices.
    plain: FastMap<Term, bool>,
}

/// A part that is worth a name.
struct Candidate {
    part: Term,
    transposed: Term,
    words: usize,
    saves: usize,
}

impl Forest {
    fn of(answers: &[Answer]) -> Self {
        let roots = answers.iter().map(|answer| answer.value).collect();
        let forms = answers.iter().flat_map(|answer| answer.forms.iter().map(|form| form.1)).collect();
        let mut seen = FastSet::default();
        let names = answers.iter().flat_map(|answer| answer.names.iter().copied());
        let mut old: Vec<(Symbol, Term)> = names.filter(|(symbol, _)| seen.insert(*symbol)).collect();
        old.sort();
        Forest { roots, forms, old, new: Vec::new(), transposes: FastMap::default() }
    }

    /// Every term of the forest.
    fn terms(&self) -> Vec<Term> {
        let bodies = self.old.iter().chain(&self.new).map(|&(_, body)| body);
        let mut terms: Vec<Term> = self.roots.iter().copied().chain(bodies).collect();
        terms.sort();
        terms.dedup();
        terms
    }

    /// How many words are read, with the transposes where they will stand. What is long by far is not written twice.
    fn size(&self, context: &mut Context) -> usize {
        let mut terms = self.terms();
        let words = context.terms.words_of(&terms);
        if words <= LONG || words > 4 * LONG {
            return words;
        }
        terms.iter_mut().for_each(|term| *term = transposes::with_few(context, *term));
        context.terms.words_of(&terms)
    }

    /// Something stands inside that is not simply evaluated: an equation, an index, an open derivative.
    fn is_opaque(&self, store: &Store) -> bool {
        let terms = store.postorder_of(&self.terms());
        terms.into_iter().any(|t| is_special(store.op(t)) && store.args(t).iter().any(|&arg| !store.op(arg).is_leaf()))
    }

    /// Names one part after the other, the smallest first: what it stands in is shorter afterwards.
    fn name_parts(&mut self, context: &mut Context) {
        while self.new.len() < MOST {
            let parts = self.parts(&context.terms);
            let Some(candidate) = self.candidate(context, &parts) else { return };
            let shape = context.terms.shape(candidate.part).clone();
            let symbol = context.declare_hidden("t", shape, SymbolKind::Variable);
            let name = context.terms.symbol(symbol);
            let transposed = Normal::new(&mut context.terms).transpose(name);
            let replace = FastMap::from_iter([(candidate.transposed, transposed), (candidate.part, name)]);
            self.substitute(context, &replace);
            self.new.push((symbol, candidate.part));
        }
    }

    /// Names that a later name has left with few uses are written out again.
    fn drop_idle_names(&mut self, context: &mut Context) {
        for at in (0..self.new.len()).rev() {
            let (symbol, body) = self.new[at];
            let name = context.terms.symbol(symbol);
            let (uses, words) = (self.parts(&context.terms).count(name), context.terms.words(body));
            if saved(uses, words) < SAVES {
                self.new.remove(at);
                self.substitute(context, &FastMap::from_iter([(name, body)]));
            }
        }
    }

    fn substitute(&mut self, context: &mut Context, replace: &FastMap<Term, Term>) {
        let bodies = self.old.iter_mut().chain(&mut self.new).map(|(_, body)| body);
        let places: Vec<&mut Term> = self.roots.iter_mut().chain(&mut self.forms).chain(bodies).collect();
        let before: Vec<Term> = places.iter().map(|place| **place).collect();
        let after = Normal::new(&mut context.terms).substitute_all(&before, replace);
        places.into_iter().zip(after).for_each(|(place, term)| *place = term);
    }

    fn parts(&self, store: &Store) -> Parts {
        let terms = self.terms();
        let mut parts = Parts { order: store.postorder_of(&terms), ..Parts::default() };
        for &part in &parts.order {
            let args = store.args(part);
            let below = store.distinct_factors(part).map(|arg| parts.words[&arg]);
            let words = below.fold(store.own_words(part), usize::saturating_add);
            let plain = !is_special(store.op(part)) && args.iter().all(|arg| parts.plain[arg]);
            parts.words.insert(part, words);
            parts.plain.insert(part, plain);
        }
        for &term in &terms {
            parts.counts.insert(term, 1);
        }
        for &part in parts.order.iter().rev() {
            let count = parts.count(part);
            for arg in store.distinct_factors(part) {
                let written = parts.counts.entry(arg).or_default();
                *written = written.saturating_add(count);
            }
        }
        for &part in &parts.order {
            for &arg in store.args(part) {
                if parts.count(arg) == parts.count(part) {
                    parts.inside.insert(arg, true);
                }
            }
        }
        parts
    }

    /// The smallest part that is worth a name; of several, the one that saves most.
    fn candidate(&mut self, context: &mut Context, parts: &Parts) -> Option<Candidate> {
        let mut best: Option<Candidate> = None;
        for &part in &parts.order {
            let words = parts.words[&part];
            let is_longer = best.as_ref().is_some_and(|best| words > best.words);
            if is_longer || !parts.is_nameable(&context.terms, part) {
                continue;
            }
            let transposed = self.transposed(context, part);
            let saves = parts.saves(&context.terms, part, transposed);
            let is_better = best.as_ref().is_none_or(|best| {
                (words, best.saves)
                    .cmp(&(best.words, saves))
                    .then_with(|| compare(&context.terms, part, best.part))
                    .is_lt()
            });
            if saves >= SAVES && is_better {
                best = Some(Candidate { part, transposed, words, saves });
            }
        }
        best
    }

    fn transposed(&mut self, context: &mut Context, part: Term) -> Term {
        if context.terms.shape(part).is_scalar() {
            return part;
        }
        *self.transposes.entry(part).or_insert_with(|| Normal::new(&mut context.terms).transpose(part))
    }
}

impl Parts {
    fn count(&self, part: Term) -> usize {
        self.counts.get(&part).copied().unwrap_or(0)
    }

    /// More than a word or two, and more than a sign, a number or a ᵀ in front of another part.
    fn is_nameable(&self, store: &Store, part: Term) -> bool {
        let is_negative =
            || store.args(part).first().and_then(|&first| store.as_number(first)).is_some_and(Rational::is_negative);
        self.words[&part] >= SAVES
            && self.plain[&part]
            && *store.op(part) != Op::Transpose
            && !store.shape(part).is_row()
            && !self.inside.contains_key(&part)
            && !(*store.op(part) == Op::Product && is_negative())
    }

    /// By how many words the forest is shorter with a name for the part, which its transpose is written with, too.
    fn saves(&self, store: &Store, part: Term, transposed: Term) -> usize {
        let (count, words) = (self.count(part), self.words[&part]);
        let is_around = *store.op(transposed) == Op::Transpose && store.args(transposed)[0] == part;
        if transposed == part || is_around || !self.words.contains_key(&transposed) {
            return saved(count, words);
        }
        let (turned, its_words) = (self.count(transposed), self.words[&transposed]);
        let before = count.saturating_mul(words).saturating_add(turned.saturating_mul(its_words));
        before.saturating_sub(count.saturating_add(turned.saturating_mul(2)).saturating_add(words))
    }
}

/// The words that a name saves which is used so often for a part of so many words.
fn saved(uses: usize, words: usize) -> usize {
    uses.saturating_mul(words).saturating_sub(uses.saturating_add(words))
}

/// What binds or reads indices, or is no value by itself.
fn is_special(op: &Op) -> bool {
    matches!(
        op,
        Op::Differential
            | Op::Partial
            | Op::EntrywisePartial
            | Op::Solution(_)
            | Op::Entry(_)
            | Op::IndexSum { .. }
            | Op::Delta(..)
            | Op::Unit(..)
            | Op::Cases(_)
            | Op::Inner
    )
}
