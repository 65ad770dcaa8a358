//! Finishing: the best form of a term.
//!
//! In this order, until nothing changes: assumptions (`Σy = 1`) and the rules of class `collect` make the term
//! smaller; the e-graph looks for a more readable form among equal ones; names that the user gave to parts of the
//! result are put back. Only here are facts about the variable of the question itself used, after differentiating.

use super::{Deriver, Refusal};
use crate::egraph;
use crate::facts::{Condition, Evidence};
use crate::ir::hash::FastMap;
use crate::ir::normal::Normal;
use crate::ir::{Function, Op, Property, Symbol, Term};
use crate::rules::{Class, Hypothesis, Order, Pass, Stop, hypotheses, use_hypothesis};
use crate::trace::{Inference, Justification, Level, Piece, Statement, Step};
use std::collections::BTreeSet;

impl Deriver<'_> {
    /// More directed steps than this for one term are a rule that does not end.
    pub(super) const STEPS: usize = 2000;
    /// A term is multiplied out in at most so many steps: each takes one term off a sum, and walks all of them.
    pub const EXPANSIONS: usize = 500;
    /// How often the passes are repeated.
    const ROUNDS: usize = 4;

    /// The best form of a term; `about` is the name whose derivative it is, which may not be put back for itself.
    ///
    /// # Errors
    /// The collecting rules do not come to an end.
    pub fn finish(&mut self, term: Term, about: Option<Symbol>) -> Result<Term, Refusal> {
        let (mut term, mut best) = (term, None);
        for _ in 0..Self::ROUNDS {
            term = self.use_assumptions(term);
            term = self.fold_products(term, about);
            term = self.collect(term)?;
            if best == Some(term) {
                break; // what the e-graph chose has nothing left to be done
            }
            let chosen = self.best_form(term, about, self.has_no_own_name(term));
            best = Some(chosen);
            term = self.put_names_back(chosen, about);
            term = self.recognise(term, about)?;
        }
        self.note_what_would_help(term);
        Ok(term)
    }

    /// What collecting and the e-graph do before anything happens that a reader would want to see as a step.
    pub(super) fn collect_quietly(&mut self, term: Term, about: Option<Symbol>) -> Result<Term, Refusal> {
        let mark = self.derivation.steps.len();
        let folded = self.fold_products(term, about);
        let mut collected = self.collect(folded)?;
        collected = self.best_form(collected, about, false);
        let loud = self.derivation.steps[mark..].iter().position(|step| step.level == Level::Headline || is_fold(step));
        if let Some(at) = loud {
            if let Statement::Term(before) = self.derivation.steps[mark + at].before {
                collected = before;
            }
            self.derivation.steps.truncate(mark + at);
        }
        Ok(collected)
    }

    /// The rules of class `collect`, inside first.
    pub(super) fn collect(&mut self, term: Term) -> Result<Term, Refusal> {
        self.rewritten(Class::Collect, term)
    }

    /// The term multiplied out: a sum of products, equal ones collected. Nothing is factored, named or recognised.
    ///
    /// # Errors
    /// There are too many products.
    pub fn expand(&mut self, term: Term) -> Result<Term, Refusal> {
        self.rewrite_at_most(Self::EXPANSIONS, Class::Expand, term)
    }

    /// Functions by their usual names: sigmoid, softmax, mean. The names of the user were put back before.
    fn recognise(&mut self, term: Term, about: Option<Symbol>) -> Result<Term, Refusal> {
        let terms = &self.context.terms;
        let known = |part: Term| {
            matches!(
                terms.op(part),
                Op::Inner | Op::Call(Function::Exp | Function::SumAll | Function::Sigmoid | Function::Cosh)
            )
        };
        if !terms.any(term, known) {
            return Ok(term);
        }
        let term = self.rewritten(Class::Recognise, term)?;
        let terms = &self.context.terms;
        let has_exp = |part: Term| terms.any(part, |inner| *terms.op(inner) == Op::Call(Function::Exp));
        let is_fraction = |part: Term| matches!(terms.op(part), Op::Power | Op::ElementPower) && has_exp(part);
        Ok(if terms.any(term, is_fraction) { self.best_form(term, about, true) } else { term })
    }

    /// Exponentials for which the user has no name: then functions are recognised beside the other forms.
    fn has_no_own_name(&self, term: Term) -> bool {
        let terms = &self.context.terms;
        let has_exp = |term: Term| terms.any(term, |part| *terms.op(part) == Op::Call(Function::Exp));
        let is_own = |symbol: Symbol| self.context.definition(symbol).is_some_and(|body| has_exp(body.normal));
        has_exp(term) && !self.nameable.made_of(&self.context.symbols_in(term)).into_iter().any(is_own)
    }

    /// The rules of a class, inside first; the term as it is where they come to no end: rules that undo each other
    /// leave forms that are all right, and this one has no detours.
    fn rewritten(&mut self, class: Class, term: Term) -> Result<Term, Refusal> {
        match self.rewrite_all(class, term) {
            Err(Refusal::NotReadable(_)) => Ok(term),
            found => found,
        }
    }

    /// The rules of a class, inside first.
    ///
    /// # Errors
    /// They come to no end within the limit.
    fn rewrite_all(&mut self, class: Class, term: Term) -> Result<Term, Refusal> {
        self.rewrite_at_most(Self::STEPS, class, term)
    }

    fn rewrite_at_most(&mut self, limit: usize, class: Class, term: Term) -> Result<Term, Refusal> {
        let pass = Pass { class, kink: self.kink, order: Order::Innermost };
        let (context, settled) = (&mut *self.context, self.settled.entry(class).or_default());
        let (after, steps, stop) = self.engine.rules.rewrite_all(pass, context, &self.after, term, limit, settled);
        if stop == Stop::StepLimit {
            return Err(Refusal::NotReadable(term));
        }
        for step in steps {
            self.keep_evidence(&step);
            self.push(step);
        }
        Ok(after)
    }

    /// Assumed equations, used from the larger side to the smaller.
    fn use_assumptions(&mut self, term: Term) -> Term {
        let hypotheses = hypotheses(self.context, &self.after);
        let mut term = term;
        // Each use makes the term smaller or later in the order of terms, so this ends; the bound is for safety.
        for _ in 0..Self::STEPS {
            let Some(used) = use_hypothesis(self.context, &hypotheses, term) else { break };
            let Hypothesis { assumption, from, to } = used.hypothesis;
            let because = vec![Piece::Text("since ".into()), Piece::Equation(from, to)];
            let (before, after) = (Statement::Term(term), Statement::Term(used.term));
            let by = Inference::Assumption(assumption);
            let mut step = Step::inference(by, before, after, because, Level::Headline);
            step.place = used.place;
            step.evidence = vec![Evidence {
                condition: Condition::Constant(to),
                assumptions: BTreeSet::from([assumption]),
                presupposed: false,
                excluded: false,
            }];
            self.keep_evidence(&step);
            self.push(step);
            term = used.term;
        }
        term
    }

    /// The most readable of the equal forms that the e-graph finds, within its limits.
    fn best_form(&mut self, term: Term, about: Option<Symbol>, recognise: bool) -> Term {
        let simplified = self.simplified(term, about, recognise);
        for step in simplified.steps {
            self.keep_evidence(&step);
            self.push(step);
        }
        simplified.term
    }

    /// What the e-graph makes of a term, asked once.
    fn simplified(&mut self, term: Term, about: Option<Symbol>, recognise: bool) -> egraph::Simplified {
        let hypotheses = self.hypotheses(term, about);
        if let Some((_, known)) = self.forms.get(&(term, recognise)).filter(|(under, _)| *under == hypotheses) {
            return known.clone();
        }
        let directed = self.settled.get(&Class::Collect).is_some_and(|settled| settled.contains(&term));
        let options = egraph::Options { kink: self.kink, recognise, directed, ..egraph::Options::default() };
        let found = egraph::simplify(self.context, &self.engine.rewrites, &self.after, term, &hypotheses, &options);
        self.forms.insert((term, recognise), (hypotheses, found.clone()));
        found
    }

    /// The definitions of the user that may stand for a part of a term.
    fn hypotheses(&mut self, term: Term, about: Option<Symbol>) -> Vec<egraph::Hypothesis> {
        let symbols = self.context.symbols_in(term);
        let names = self.nameable.made_of(&symbols).into_iter().filter(|&symbol| about != Some(symbol));
        names.filter_map(|symbol| egraph::Hypothesis::definition(self.context, symbol)).collect()
    }

    /// Parts of a term that are the body of a user's definition, or its transpose, become its name.
    pub(super) fn put_names_back(&mut self, term: Term, about: Option<Symbol>) -> Term {
        let (mut term, mut next) = (term, 0);
        while let Some((at, symbol, body)) = self.nameable.part_of(self.context, term, next) {
            next = at + 1;
            if about == Some(symbol) {
                continue;
            }
            let shown = self.context.definition(symbol).map(|definition| definition.raw);
            let shown = shown.filter(|_| !self.is_solution(symbol)).unwrap_or(body);
            let name = self.context.terms.symbol(symbol);
            let mut normal = Normal::new(&mut self.context.terms);
            let transposed = normal.transpose(body);
            let name_transposed = normal.transpose(name);
            let replace = FastMap::from_iter([(transposed, name_transposed), (body, name)]);
            let after = normal.substitute(term, &replace);
            if after == term {
                continue;
            }
            let because = vec![Piece::Equation(name, shown)];
            let (statement, result) = (Statement::Term(term), Statement::Term(after));
            self.push(Step::inference(Inference::Fold(symbol), statement, result, because, Level::Full));
            term = after;
        }
        term
    }

    /// Conditions under which a collecting rule would have made the result smaller still.
    fn note_what_would_help(&mut self, term: Term) {
        // Only what a textbook leaves unsaid is worth proposing: that entries add up to 1. Anything would be simpler
        // if it were orthogonal.
        let wanted = Some(Property::Simplex);
        let wishes = self.engine.rules.would_help(Class::Collect, self.kink, self.context, &self.after, term, wanted);
        for condition in wishes {
            if !self.would_help.contains(&condition) && self.is_plausible(&condition, term) {
                self.would_help.push(condition);
            }
        }
    }

    /// Only what a textbook leaves unsaid is worth proposing: that the entries of a name add up to 1, where their sum
    /// stands beside entries that do. Anything would be simpler if it were orthogonal.
    fn is_plausible(&self, condition: &Condition, term: Term) -> bool {
        let Condition::Property(Property::Simplex, about) = *condition else { return false };
        let (terms, facts) = (&self.context.terms, &self.after);
        let adds_up = |t: Term| facts.holds(self.context, &Condition::Property(Property::Simplex, t)).is_some();
        terms.as_symbol(about).is_some()
            && terms.any(term, |part| {
                let factors = terms.args(part);
                *terms.op(part) == Op::Product
                    && factors.iter().any(|&t| terms.shape(t).is_scalar() && terms.any(t, |inner| inner == about))
                    && factors.iter().any(|&t| adds_up(t))
            })
    }

    pub(super) fn keep_evidence(&mut self, step: &Step) {
        for evidence in &step.evidence {
            if !self.evidence.contains(evidence) {
                self.evidence.push(evidence.clone());
            }
        }
    }
}

/// The step puts a name back.
fn is_fold(step: &Step) -> bool {
    matches!(step.by, Justification::Inference(Inference::Fold(_)))
}
