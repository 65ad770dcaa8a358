//! Replay: one step of a derivation re-derived from the rules alone.
//!
//! Nothing of the search is used: the substitution that the step stores is instantiated on both sides, the left
//! instance must stand at the place, the right instance in its stead must give `after`, and every condition must hold
//! again. So a step is checked by what it says, not by how it was found.

use super::pattern::{Bindings, FunctionBinding, instantiate, position};
use super::places::{at_place, replace_at};
use super::{Direction, Rule, RuleCondition, RuleId, RuleSet};
use crate::facts::{Defined, Facts};
use crate::ir::normal::Normal;
use crate::ir::{Context, Op, Store, Symbol, Term};
use crate::shape::Shape;
use crate::trace::{Justification, Statement, Step};
use std::fmt;

/// Why a step could not be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayError {
    /// It is an inference, or speaks about an equation: not the application of a rule to a term.
    NotARewriting,
    /// There is no rule of this name.
    UnknownRule(String),
    /// There is no such place in the term.
    NoSuchPlace,
    /// The rule has no such metavariable.
    UnknownMetavariable(String),
    /// A metavariable stands for a term of another shape than the rule declares.
    Shape(String),
    /// The substitution leaves something open, or an instance has no shape.
    Incomplete,
    /// A condition of the rule does not hold, or nothing says that it does.
    Condition(RuleCondition),
    /// The left side under the substitution does not stand at the place.
    Before,
    /// The right side in its place does not give what the step says.
    After,
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayError::NotARewriting => f.write_str("the step is not the application of a rule to a term"),
            ReplayError::UnknownRule(name) => write!(f, "there is no rule `{name}`"),
            ReplayError::NoSuchPlace => f.write_str("there is no such place in the term"),
            ReplayError::UnknownMetavariable(name) => write!(f, "the rule has no metavariable `{name}`"),
            ReplayError::Shape(name) => write!(f, "`{name}` stands for a term of another shape"),
            ReplayError::Incomplete => f.write_str("the substitution is not complete"),
            ReplayError::Condition(_) => f.write_str("a condition of the rule is not known to hold"),
            ReplayError::Before => f.write_str("the left side does not stand at the place"),
            ReplayError::After => f.write_str("the right side does not give the result"),
        }
    }
}

impl std::error::Error for ReplayError {}

/// Re-derives a step by a rule from its name, place and substitution.
///
/// # Errors
/// The step does not follow from the rule.
pub fn replay(rules: &RuleSet, context: &mut Context, facts: &Facts, step: &Step) -> Result<(), ReplayError> {
    let Justification::Rule(name) = &step.by else { return Err(ReplayError::NotARewriting) };
    let (Statement::Term(before), Statement::Term(after)) = (step.before, step.after) else {
        return Err(ReplayError::NotARewriting);
    };
    let id = rules.named(name).ok_or_else(|| ReplayError::UnknownRule(name.clone()))?;
    let here = at_place(&context.terms, before, &step.place).ok_or(ReplayError::NoSuchPlace)?;
    let mut result = Err(ReplayError::Before);
    for direction in [Direction::Forward, Direction::Backward] {
        let mut replay = Replay { rules, id, direction, context, facts };
        result = replay.run(&step.substitution, here, |context, changed| {
            replace_at(context, before, &step.place, changed).is_some_and(|(term, _)| term == after)
        });
        if result.is_ok() || !rules.rule(id).both_ways {
            break;
        }
    }
    result
}

struct Replay<'a> {
    rules: &'a RuleSet,
    id: RuleId,
    direction: Direction,
    context: &'a mut Context,
    facts: &'a Facts,
}

impl Replay<'_> {
    fn run(
        &mut self,
        substitution: &[(String, Term)],
        here: Term,
        gives: impl Fn(&mut Context, Term) -> bool,
    ) -> Result<(), ReplayError> {
        let rule = self.rules.rule(self.id);
        let (from, to) = self.rules.sides(self.id, self.direction).ok_or(ReplayError::Before)?;
        let bindings = self.bindings(rule, from, substitution)?;
        for condition in &rule.conditions {
            let instance = self.instance(rule, condition.term(), &bindings)?;
            if condition.check(instance, self.context, self.facts, &Defined::new(here)).is_none() {
                return Err(ReplayError::Condition(condition.clone()));
            }
        }
        let (left, right) = (self.instance(rule, from, &bindings)?, self.instance(rule, to, &bindings)?);
        let changed = within(self.context, here, left, right);
        if changed.is_empty() {
            return Err(ReplayError::Before);
        }
        let reached = changed.into_iter().any(|changed| gives(self.context, changed));
        if reached { Ok(()) } else { Err(ReplayError::After) }
    }

    fn instance(&mut self, rule: &Rule, pattern: Term, bindings: &Bindings) -> Result<Term, ReplayError> {
        let instance = instantiate(&self.rules.context, rule, pattern, bindings, self.context);
        instance.map(|(term, _)| term).ok_or(ReplayError::Incomplete)
    }

    fn bindings(&self, rule: &Rule, from: Term, given: &[(String, Term)]) -> Result<Bindings, ReplayError> {
        let patterns = &self.rules.context;
        let mut bindings = Bindings::new(rule);
        for (name, term) in given {
            let unknown = || ReplayError::UnknownMetavariable(name.clone());
            if let Some(&symbol) = rule.metavariables.iter().find(|&&symbol| patterns.name(symbol) == name) {
                let shape = self.context.terms.shape(*term).clone();
                if !bindings.unify_shape(&patterns.info(symbol).shape, &shape) {
                    return Err(ReplayError::Shape(name.clone()));
                }
                bindings.bind(position(rule, symbol).ok_or_else(unknown)?, *term);
            } else if let Op::Dimension(dim) = self.context.terms.op(*term) {
                let known = patterns.known_dim(name).ok_or_else(unknown)?;
                if !bindings.unify(&known, dim) {
                    return Err(ReplayError::Shape(name.clone()));
                }
            } else {
                let binding = self.function(from, name, *term).ok_or_else(unknown)?;
                bindings.functions.push(binding);
            }
        }
        for (symbol, term) in rule.metavariables.iter().zip(&bindings.terms) {
            let shape = &patterns.info(*symbol).shape;
            if term.is_some_and(|term| !bindings.fits(shape, self.context.terms.shape(term))) {
                return Err(ReplayError::Shape(patterns.name(*symbol).to_owned()));
            }
        }
        Ok(bindings)
    }

    /// An undefined function of the rule, from the application it was matched with.
    fn function(&self, from: Term, name: &str, seen: Term) -> Option<(Symbol, FunctionBinding)> {
        let Op::Elementwise { function: symbol, order: found } = *self.context.terms.op(seen) else { return None };
        let patterns = &self.rules.context;
        patterns.terms.postorder(from).into_iter().find_map(|node| match *patterns.terms.op(node) {
            Op::Elementwise { function, order } if patterns.name(function) == name => {
                Some((function, FunctionBinding { symbol, order: found.checked_sub(order)?, seen }))
            }
            _ => None,
        })
    }
}

/// All terms that `here` can become when `left`, the whole of it or a run of its factors or some of its operands, is
/// replaced by `right`.
pub(super) fn within(context: &mut Context, here: Term, left: Term, right: Term) -> Vec<Term> {
    if here == left {
        return vec![right];
    }
    let store = &context.terms;
    match store.op(here).clone() {
        Op::Product => within_product(context, here, left, right),
        op @ (Op::Sum | Op::Hadamard) => {
            let mut others = store.operands(here);
            for part in operands(store, &op, left) {
                let Some(at) = others.iter().position(|&other| other == part) else { return Vec::new() };
                others.remove(at);
            }
            others.push(right);
            if context.terms.raw(op.clone(), &others).is_err() {
                return Vec::new();
            }
            vec![Normal::new(&mut context.terms).build(op, &others)]
        }
        _ => Vec::new(),
    }
}

fn operands(store: &Store, op: &Op, term: Term) -> Vec<Term> {
    if store.op(term) == op { store.args(term).to_vec() } else { vec![term] }
}

fn within_product(context: &mut Context, here: Term, left: Term, right: Term) -> Vec<Term> {
    let store = &context.terms;
    let is_scalar = |&term: &Term| store.shape(term).is_scalar();
    let (mut scalars, chain): (Vec<Term>, Vec<Term>) =
        operands(store, &Op::Product, here).into_iter().partition(is_scalar);
    let (wanted, run): (Vec<Term>, Vec<Term>) = operands(store, &Op::Product, left).into_iter().partition(is_scalar);
    let mut numbers = Vec::new();
    for scalar in wanted {
        if let Some(at) = scalars.iter().position(|&other| other == scalar) {
            scalars.remove(at);
        } else if store.as_number(scalar).is_some_and(|value| *value == -crate::ir::ratio(1, 1)) {
            // −A in −2AB: the number 2 is left.
            numbers.push(scalar);
        } else {
            return Vec::new();
        }
    }
    if *store.shape(left) != *store.shape(right) || run.len() > chain.len() {
        return Vec::new();
    }
    let starts = if run.is_empty() { 0..1 } else { 0..chain.len() + 1 - run.len() };
    let mut results = Vec::new();
    for start in starts.filter(|&start| chain[start..start + run.len()] == run[..]) {
        let factors: Vec<Term> = (scalars.iter().chain(&numbers).chain(&chain[..start]))
            .chain([&right])
            .chain(&chain[start + run.len()..])
            .copied()
            .collect();
        if context.terms.raw(Op::Product, &factors).is_ok() {
            results.push(Normal::new(&mut context.terms).product(&factors));
        }
    }
    results
}

/// Dimension names of a rule that the shapes of its metavariables do not tell; a step stores them too.
pub(super) fn is_told(patterns: &Context, rule: &Rule, name: &crate::shape::DimName) -> bool {
    rule.metavariables.iter().any(|&symbol| match &patterns.info(symbol).shape {
        Shape::Scalar => false,
        Shape::Matrix { rows, cols } => [rows, cols].into_iter().any(|dim| dim.as_name() == Some(name)),
    })
}
