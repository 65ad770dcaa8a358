//! Each condition is needed: without it there is a counterexample, or it says what the left side being defined says.

use super::Fault;
use super::instance::{Instance, instances};
use super::values::{ALL_VALUES, Outcome, at_point, model, plan};
use crate::eval::{Ring, has};
use crate::rules::{RuleCondition, RuleId, RuleSet};

/// Points looked at for each kind of values.
const POINTS: u64 = 6;
const ATTEMPTS: u32 = 4;

/// The conditions of a rule that change nothing.
pub(super) fn necessary(rules: &RuleSet, id: RuleId, seed: u64) -> Vec<Fault> {
    let rule = rules.rule(id);
    let is_about_values =
        |condition: &RuleCondition| !matches!(condition, RuleCondition::Varies(_) | RuleCondition::Named(_));
    (0..rule.conditions.len())
        .filter(|&at| is_about_values(&rule.conditions[at]))
        .filter(|&at| {
            let instances = instances(rules, rule, Some(at));
            let needed = instances.iter().any(|instance| !holds_without(instance, &rule.conditions[at], seed));
            !needed
        })
        .map(Fault::Unnecessary)
        .collect()
}

/// Does the rule hold without the condition, at a point where the condition fails?
fn holds_without(instance: &Instance, condition: &RuleCondition, seed: u64) -> bool {
    let plan = plan(instance);
    let mut fails_somewhere = false;
    for values in ALL_VALUES {
        for point in 0..POINTS {
            for attempt in 0..ATTEMPTS {
                match at_point::<f64>(instance, &plan, (seed, point, attempt), values) {
                    Outcome::Differ(_) | Outcome::RightUndefined(..) => return false,
                    Outcome::LeftUndefined | Outcome::NoPoint => {}
                    Outcome::Agree => {
                        let Ok(mut model) = model::<f64>(instance, &plan, (seed, point, attempt), values) else {
                            continue;
                        };
                        let value = instance.left_out.and_then(|term| model.evaluate(term).ok());
                        fails_somewhere |= value.is_none_or(|value| match condition {
                            RuleCondition::Property(property, _) => !has(&value, *property),
                            RuleCondition::AwayFromZero(_) => value.data().iter().any(Ring::is_zero),
                            _ => true,
                        });
                    }
                }
            }
        }
    }
    fails_somewhere
}
