//! A rule fires where it should and gives what it says.

use super::Fault;
use super::instance::substitute;
use crate::facts::Facts;
use crate::ir::normal::Normal;
use crate::ir::{Claim, Context, Op, Property, Symbol, Term, ratio};
use crate::rules::{Class, Rule, RuleCondition, RuleId, RuleSet};
use std::collections::HashMap;

/// The right side may have this many times the nodes of the left …
const TIMES: usize = 4;
/// … and this many more; one that collects only a sign.
const MORE: usize = 24;

/// What is wrong with where a rule fires and what it gives.
pub(super) fn fires(rules: &RuleSet, id: RuleId) -> Vec<Fault> {
    let rule = rules.rule(id);
    let mut faults = Vec::new();
    faults.extend(on_itself(rules, id));
    if let Some(example) = rule.read_example() {
        faults.extend(match example {
            Err(diagnostic) => Some(Fault::Unreadable(diagnostic.title)),
            Ok(example) => {
                let mut context = example.context;
                let gives = apply(rules, id, &mut context, example.before);
                (gives != Some(normal(&mut context, example.after))).then_some(Fault::ExampleFails)
            }
        });
    }
    if let Some(miss) = rule.read_near_miss() {
        faults.extend(match miss {
            Err(diagnostic) => Some(Fault::Unreadable(diagnostic.title)),
            Ok(mut miss) => apply(rules, id, &mut miss.context, miss.before).map(|_| Fault::NearMissFires),
        });
    }
    faults
}

fn normal(context: &mut Context, term: Term) -> Term {
    Normal::new(&mut context.terms).term(term)
}

/// What the rule makes of a raw term, all of whose names are variables but those it asks to be constant.
fn apply(rules: &RuleSet, id: RuleId, context: &mut Context, term: Term) -> Option<Term> {
    let term = normal(context, term);
    let wants_constants = rules.rule(id).conditions.iter().any(|c| matches!(c, RuleCondition::Constant(_)));
    let symbols = context.symbols_in(term);
    let variables = if wants_constants { symbols } else { Vec::new() };
    let facts = Facts::new(context, &variables, &[]).after_differentiating();
    rules.apply(id, context, &facts, term).map(|application| application.after)
}

/// The rule on its own left side, with its metavariables as variables that satisfy the conditions.
fn on_itself(rules: &RuleSet, id: RuleId) -> Vec<Fault> {
    let rule = rules.rule(id);
    let mut context = rules.context.clone();
    let replace = stand_ins(rule, &mut context);
    let (left, right) = (substitute(&mut context, rule.lhs, &replace), substitute(&mut context, rule.rhs, &replace));
    for condition in &rule.conditions {
        let about = substitute(&mut context, condition.term(), &replace);
        if let RuleCondition::Property(property, _) = condition {
            assume(&mut context, *property, about);
        }
    }
    if rule.class == Class::Normal {
        return on_the_builder(rule, &mut context, left, right);
    }
    let (left, right) = (normal(&mut context, left), normal(&mut context, right));
    if rule.class == Class::Ac {
        return if left == right { Vec::new() } else { vec![Fault::GivesSomethingElse] };
    }
    let variables = variables(rule, &context);
    let facts = Facts::new(&mut context, &variables, &[]).after_differentiating();
    let mut faults = match rules.apply(id, &mut context, &facts, left) {
        None => vec![Fault::DoesNotFire],
        Some(application) if application.after != right => vec![Fault::GivesSomethingElse],
        Some(_) => Vec::new(),
    };
    let (before, after) = (context.terms.tree_size(left), context.terms.tree_size(right));
    let limit = match rule.class {
        Class::Collect => before + 1,
        Class::Recognise => before + 2, // ⟨x, z⟩ is not written
        _ => before.saturating_mul(TIMES) + MORE,
    };
    if after > limit {
        faults.push(Fault::Grows(before, after));
    }
    faults
}

/// What must be constant is, and nothing else.
fn variables(rule: &Rule, context: &Context) -> Vec<Symbol> {
    let constants: Vec<Term> =
        rule.conditions.iter().filter(|c| matches!(c, RuleCondition::Constant(_))).map(RuleCondition::term).collect();
    let is_constant = |symbol: &Symbol| constants.iter().any(|&term| context.terms.as_symbol(term) == Some(*symbol));
    if constants.is_empty() {
        Vec::new()
    } else {
        rule.metavariables.iter().copied().filter(|symbol| !is_constant(symbol)).collect()
    }
}

/// Numbers for number metavariables, differentials for those that must vary.
fn stand_ins(rule: &Rule, context: &mut Context) -> HashMap<Term, Term> {
    let mut replace = HashMap::new();
    for condition in &rule.conditions {
        let about = condition.term();
        match condition {
            RuleCondition::Number(_) => replace.insert(about, context.terms.number(ratio(5, 3))),
            RuleCondition::Integer(_) => replace.insert(about, context.terms.integer(5)),
            RuleCondition::Varies(_) => {
                for symbol in context.symbols_in(about) {
                    let name = context.terms.symbol(symbol);
                    let d = context.terms.make(Op::Differential, &[name]);
                    replace.insert(name, d);
                }
                None
            }
            _ => None,
        };
    }
    replace
}

fn assume(context: &mut Context, property: Property, about: Term) {
    match context.terms.as_symbol(about) {
        Some(symbol) => context.set_property(symbol, property),
        None => context.assume(Claim::Property(about, property)),
    };
}

/// A rule of class `normal` says what the builder does, by the name that it reports.
fn on_the_builder(rule: &Rule, context: &mut Context, left: Term, right: Term) -> Vec<Fault> {
    let mut builder = Normal::new(&mut context.terms);
    let left = builder.term(left);
    let reported = builder.fired().contains(&rule.name.as_str());
    let right = normal(context, right);
    if reported && left == right { Vec::new() } else { vec![Fault::NotWhatTheBuilderDoes] }
}
