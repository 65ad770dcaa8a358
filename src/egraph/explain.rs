//! From egg's explanation to our steps.
//!
//! egg's explanation is a tree: the way from one term to another, with the ways of the arguments where these change. We
//! walk it as a list of terms, each from the one before by one merge: a term and its normal form, or one of our
//! applications, whose number is the reason egg gives. (egg can make such a list, too, of copies of all terms.) Every application is replayed: its instance is built
//! again from the rule and the substitution, must be what egg says was rewritten, and its conditions must hold.
//! Terms are compared and shown in normal form, so associativity, order and collecting leave no steps.

use super::Origin;
use super::graph::NORMAL;
use super::language::{Node, Ops};
use super::rewrites::Source;
use super::run::Run;
use crate::ir::normal::Normal;
use crate::ir::{Context, Store, Term};
use crate::trace::{Inference, Justification, Level, Piece, Statement, Step, words};
use egg::TreeTerm;
use std::rc::Rc;

impl Run<'_> {
    /// The steps from `start` to `end`, which must be in one class. `None` if a step does not replay.
    pub(super) fn steps(&mut self, start: Term, end: Term) -> Option<Vec<Step>> {
        let (from, to) = (self.graph.ids[&start], self.graph.ids[&end]);
        let explanation = self.graph.egraph.explain_id_equivalence(from, to);
        let walk = walk(&mut self.graph.context.terms, &self.graph.ops, &explanation.explanation_trees)?;
        let mut previous: Option<Term> = None;
        let mut steps: Vec<Step> = Vec::new();
        for Stage { term, change } in walk {
            if let Some(previous) = previous {
                let Change { rule, forward, mut path } = change?;
                path.reverse();
                let (before, after) = (self.normal(previous), self.normal(term));
                let rule = rule.as_str();
                if rule != NORMAL {
                    let change = self.replay(rule, forward, (previous, term), &path)?;
                    if before != after {
                        push(&mut steps, self.step(&change, before, after)?);
                    }
                } else if before != after {
                    return None;
                }
            }
            previous = Some(term);
        }
        let last = steps.last().map_or(Statement::Term(start), |step| step.after);
        (last == Statement::Term(end)).then_some(steps)
    }

    fn normal(&mut self, term: Term) -> Term {
        Normal::new(&mut self.graph.context.terms).term(term)
    }

    /// Is the change of `before` into `after` at `path` this application, and do its conditions hold?
    fn replay(&mut self, rule: &str, forward: bool, change: (Term, Term), path: &[usize]) -> Option<Replayed> {
        let number: usize = rule.parse().ok()?;
        let application = self.applications.get(number)?.clone();
        let instance = self.instance(application.rewrite, &application.substitution, &application.around)?;
        let (lhs, rhs) = if forward { instance } else { (instance.1, instance.0) };
        if descend(&self.graph.context.terms, change, path)? != (lhs, rhs) {
            return None;
        }
        let evidence = self.evidence(application.rewrite, &application.substitution)?;
        let rewrite = self.rewrite(application.rewrite);
        let equation = rewrite.ground_sides().map(|(lhs, rhs)| if forward { (lhs, rhs) } else { (rhs, lhs) });
        let bound = rewrite.metas.iter().zip(&application.substitution.terms);
        let substitution = bound.filter_map(|(meta, term)| Some((meta.name.clone(), (*term)?))).collect();
        Some(Replayed { rewrite: application.rewrite, substitution, evidence, equation })
    }

    fn step(&self, change: &Replayed, before: Term, after: Term) -> Option<Step> {
        let (by, because, level) = match &self.rewrite(change.rewrite).source {
            Source::Rule { name, reason, level, .. } => (Justification::Rule(name.clone()), words(reason), *level),
            Source::Hypothesis(origin) => {
                let (lhs, rhs) = change.equation?;
                let equation = vec![Piece::Equation(lhs, rhs)];
                (cite(origin, self.graph.context, rhs), equation, Level::Full)
            }
        };
        Some(Step {
            by,
            place: place(&self.graph.context.terms, before, after),
            before: Statement::Term(before),
            after: Statement::Term(after),
            substitution: change.substitution.clone(),
            evidence: change.evidence.clone(),
            because,
            level,
        })
    }
}

/// An application that was replayed.
struct Replayed {
    rewrite: usize,
    substitution: Vec<(String, Term)>,
    evidence: Vec<crate::facts::Evidence>,
    /// The equation that was used, if it is a hypothesis, in the direction of the step.
    equation: Option<(Term, Term)>,
}

fn cite(origin: &Origin, context: &Context, rhs: Term) -> Justification {
    match origin {
        Origin::Definition(symbol) => {
            let folds = context.symbols_in(rhs).contains(symbol);
            let inference = if folds { Inference::Fold(*symbol) } else { Inference::Unfold(*symbol) };
            Justification::Inference(inference)
        }
        Origin::Assumption(id) => Justification::Inference(Inference::Assumption(*id)),
        Origin::Lemma(name) => Justification::Rule(name.clone()),
    }
}

/// A term on the way, and how it came from the one before.
#[derive(Clone)]
struct Stage {
    term: Term,
    change: Option<Change>,
}

/// One merge: its reason, whether it leads to this term or back, and where, from inside to the root.
#[derive(Clone)]
struct Change {
    rule: egg::Symbol,
    forward: bool,
    path: Vec<usize>,
}

/// The terms along a proof.
fn walk(store: &mut Store, ops: &Ops, proof: &[Rc<TreeTerm<Node>>]) -> Option<Vec<Stage>> {
    let mut all: Vec<Stage> = Vec::new();
    for tree in proof {
        let stages = walk_tree(store, ops, tree)?;
        // Without a reason it is the term before, of which an argument is to be changed.
        let known = usize::from(!all.is_empty() && stages[0].change.is_none());
        all.extend(stages.into_iter().skip(known));
    }
    Some(all)
}

/// The terms of one tree: its arguments are changed one after the other.
fn walk_tree(store: &mut Store, ops: &Ops, tree: &TreeTerm<Node>) -> Option<Vec<Stage>> {
    let op = ops.op(&tree.node);
    let mut below = Vec::with_capacity(tree.child_proofs.len());
    for proof in &tree.child_proofs {
        below.push(walk(store, ops, proof)?);
    }
    let mut args: Vec<Term> = below.iter().map(|stages| stages[0].term).collect();
    let reason = tree.forward_rule.map(|rule| (rule, true)).or(tree.backward_rule.map(|rule| (rule, false)));
    let change = reason.map(|(rule, forward)| Change { rule, forward, path: Vec::new() });
    let mut stages = vec![Stage { term: store.raw(op.clone(), &args).ok()?, change }];
    for (at, inner) in below.into_iter().enumerate() {
        for Stage { term, change } in inner.into_iter().skip(1) {
            args[at] = term;
            let mut change = change?;
            change.path.push(at);
            stages.push(Stage { term: store.raw(op.clone(), &args).ok()?, change: Some(change) });
        }
    }
    Some(stages)
}

/// The sub-terms at `path`; everything around them must be the same.
fn descend(store: &Store, (mut before, mut after): (Term, Term), path: &[usize]) -> Option<(Term, Term)> {
    for &at in path {
        let (a, b) = (store.args(before), store.args(after));
        let same = a.len() == b.len() && (0..a.len()).all(|i| i == at || a[i] == b[i]);
        if !same || store.op(before) != store.op(after) {
            return None;
        }
        (before, after) = (*a.get(at)?, *b.get(at)?);
    }
    Some((before, after))
}

/// The place below which two terms differ.
fn place(store: &Store, mut before: Term, mut after: Term) -> Vec<usize> {
    let mut place = Vec::new();
    loop {
        let (a, b) = (store.args(before), store.args(after));
        let differ: Vec<usize> = (0..a.len().min(b.len())).filter(|&at| a[at] != b[at]).collect();
        match differ[..] {
            [at] if a.len() == b.len() && store.op(before) == store.op(after) => {
                place.push(at);
                (before, after) = (a[at], b[at]);
            }
            _ => return place,
        }
    }
}

/// Adds a step; a walk that comes back to where it was is forgotten.
fn push(steps: &mut Vec<Step>, step: Step) {
    let back = steps.iter().position(|earlier| earlier.before == step.after);
    match back {
        Some(at) => steps.truncate(at),
        None => steps.push(step),
    }
}
