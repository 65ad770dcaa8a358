//! Is this rule sound? Asked of every rule in the tests, and of a user's rule before it is used.
//!
//! - `values`: both sides have one value at random sizes and values that respect the conditions; the right side is
//!   defined wherever the left is;
//! - `necessity`: without a condition there is a counterexample, or the left side being defined implies it;
//! - `firing`: the rule fires on its own left side and its example and gives what it says, not on its near miss; and
//!   what it gives is not much larger.
//!
//! Shapes are checked for all sizes when a rule loads. Equality of values is exact mod 2⁶¹−1 for field operations;
//! order, branches and identities of functions are decided in floating point. The e-graph has no part in this.

mod firing;
mod instance;
mod necessity;
mod values;

use crate::rules::{RuleId, RuleSet};
use std::fmt;

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The two sides differ at this point.
    Differs(String),
    /// The left side is defined at this point, and the right side is not.
    RightUndefined(String),
    /// No point was found at which the left side is defined and the conditions hold.
    NeverDefined,
    /// The condition at this position changes nothing: without it no counterexample was found, and it fails at points
    /// where the rule holds.
    Unnecessary(usize),
    /// The rule does not fire on its own left side.
    DoesNotFire,
    /// On its own left side the rule gives something else than its right side.
    GivesSomethingElse,
    /// Its example or near miss cannot be read.
    Unreadable(String),
    /// It does not turn its example into what it says.
    ExampleFails,
    /// It fires on its near miss.
    NearMissFires,
    /// The right side is much larger than the left: nodes of both.
    Grows(usize, usize),
    /// A rule of class `normal` that the builder does not do, or does not report by this name.
    NotWhatTheBuilderDoes,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Differs(point) => write!(f, "the two sides differ: {point}"),
            Fault::RightUndefined(point) => write!(f, "the left side is defined and the right side is not: {point}"),
            Fault::NeverDefined => f.write_str("no point was found at which the left side is defined"),
            Fault::Unnecessary(at) => write!(f, "condition {} is not needed", at + 1),
            Fault::DoesNotFire => f.write_str("it does not fire on its own left side"),
            Fault::GivesSomethingElse => f.write_str("it does not give its own right side"),
            Fault::Unreadable(why) => write!(f, "its example cannot be read: {why}"),
            Fault::ExampleFails => f.write_str("it does not turn its example into what it says"),
            Fault::NearMissFires => f.write_str("it fires on its near miss"),
            Fault::Grows(left, right) => write!(f, "the right side is too large: {left} nodes become {right}"),
            Fault::NotWhatTheBuilderDoes => f.write_str("the builder of normal terms does not do this"),
        }
    }
}

/// Checks one rule; the same seed asks the same questions. An empty answer: nothing was found.
pub fn audit(rules: &RuleSet, rule: RuleId, seed: u64) -> Vec<Fault> {
    let mut faults = values::sound(rules, rule, seed);
    if faults.is_empty() {
        faults.extend(necessity::necessary(rules, rule, seed));
        faults.extend(firing::fires(rules, rule));
    }
    faults
}

/// Checks only that a rule is true: values and definedness, not its conditions and examples.
pub fn sound(rules: &RuleSet, rule: RuleId, seed: u64) -> Vec<Fault> {
    values::sound(rules, rule, seed)
}
