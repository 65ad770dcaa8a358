//! Rules: the mathematics of `rules/*.rules`, checked and ready to be matched.
//!
//! A rule rewrites terms that match its left side, under conditions. Patterns are raw terms of the rule set's own
//! context, in which every declared name is a metavariable; its declared shape is a guard when the rule runs.
//!
//! - `matching` finds what the metavariables stand for, `pattern` instantiates, [`Application`] is the result;
//! - [`RuleSet::apply`] tries one rule at the root of a term, [`RuleSet::apply_class`] all rules of a class,
//!   [`RuleSet::rewrite_anywhere`] and [`RuleSet::rewrite_all`] also below the root;
//! - [`replay`] checks one step of a derivation from the rules alone.
//!
//! Targets are normal terms, and so are results.

mod apply;
mod examples;
mod existence;
mod hypothesis;
mod index;
mod load;
mod matching;
mod pattern;
mod places;
mod replay;
mod scalars;
#[cfg(test)]
mod tests;
mod wishes;

pub use apply::Application;
pub use examples::Example;
pub use existence::Differentiability;
pub use hypothesis::{Hypothesis, HypothesisUse, hypotheses, use_hypothesis};
pub use load::{FILES, LoadError, RULE_LETTERS, RuleFile, load, read_rule};
pub use places::{Order, Pass, Rewriting, Stop, at_place, replace_at};
pub use replay::{ReplayError, replay};

use crate::ir::{Context, Property, Symbol, Term};
use std::collections::HashMap;

/// What a rule is for, and which engine uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Pushes d(·) inwards: the left side is `d(pattern)`.
    Differential,
    /// Moves factors across an inner product until a differential stands alone:
    /// `inner(G, A*D) => inner(A'*G, D)`, where D contains the differential.
    Adjoint,
    /// Writes a differential as a matrix times a vectorised or plain differential, from which a Jacobian is read off.
    Identify,
    /// What the normal builder does; its names are [`crate::ir::normal::RULES`]. Never matched.
    Normal,
    /// Collects: makes a term smaller or more usual; used in one direction by directed passes.
    Collect,
    /// Another form of the same term; both directions, in the e-graph.
    Taste,
    /// A function by its usual name, in an answer in which the names of the user were put back: `softmax(x)` for
    /// `exp(x)/sum(exp(x))`.
    Recognise,
    /// Takes a sum apart that stands under something else: `expand E`, and nothing besides.
    Expand,
    /// Associativity and commutativity, in the e-graph and gated by size.
    Ac,
    /// Used only to prove.
    Lemma,
    /// What a function is, in terms of others: `sigmoid(A) => 1/(1+exp(-A))`; for folding and unfolding.
    Definition,
}

/// A condition of a rule, on one of its metavariables or a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleCondition {
    /// `invertible(S)`, `positive(x)`, …
    Property(Property, Term),
    /// `constant(A)`: does not depend on the variables of the question.
    Constant(Term),
    /// `varies(D)`: contains a differential (for adjoint and identify rules).
    Varies(Term),
    /// `away_from_zero(A)`: nonzero entries off excluded points.
    AwayFromZero(Term),
    /// `number(c)`: matches a number only.
    Number(Term),
    /// `integer(c)`: matches a whole number only.
    Integer(Term),
    /// `defined(A)`: the term is a name that the user defined.
    Named(Term),
}

/// What a user decides about the derivative at a kink; a rule may hold for one choice only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kink {
    /// Kinks are excluded.
    #[default]
    Excluded,
    /// relu′(0) = 0.
    Zero,
    /// relu′(0) = 1.
    One,
    /// relu′(0) = ½.
    Half,
}

/// The number of a rule in its set, in order of files and lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub u32);

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its permanent name.
    pub name: String,
    /// The file it stands in, without folder and ending.
    pub file: String,
    /// What it is for.
    pub class: Class,
    /// Its metavariables in order of declaration.
    pub metavariables: Vec<Symbol>,
    /// The left side, a raw term of [`RuleSet::context`].
    pub lhs: Term,
    /// The right side.
    pub rhs: Term,
    /// It may be used in both directions.
    pub both_ways: bool,
    /// Its conditions.
    pub conditions: Vec<RuleCondition>,
    /// The choices at kinks for which it holds (`None`: all).
    pub kink: Option<Kink>,
    /// One line for the reader of a derivation: `product rule`.
    pub reason: String,
    /// The line of mathematics or explanation beside its name.
    pub doc: String,
    /// Its application is a step that a teacher would write.
    pub headline: bool,
    /// An example that must fire: before and after, as typed.
    pub example: Option<(String, String)>,
    /// A term at which it must not fire, as typed.
    pub near_miss: Option<String>,
    /// Where the mathematics comes from.
    pub source: String,
    /// Of a differential rule: why the term has a derivative at all, for proofs in which the rule is the claim.
    pub exists: Option<Existence>,
}

/// Why a term has a derivative: it is equal to something that has one. From the field
/// `exists S^-1 = adj(S)/det(S), and det(S) ≠ 0 near the point` of a rule for `d(S^-1)`.
#[derive(Clone, Debug)]
pub struct Existence {
    /// What the term is equal to, a raw pattern.
    pub equal: Term,
    /// What is to be said besides; it follows the equation.
    pub because: String,
}

/// The direction in which a rule is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// From left to right.
    #[default]
    Forward,
    /// From right to left, for a rule written with `<=>`.
    Backward,
}

/// All rules, with the context of their metavariables.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// The metavariables, their dimensions, and the store of the patterns.
    pub context: Context,
    /// The rules in order.
    pub rules: Vec<Rule>,
    /// Both sides of each rule in the form that is matched.
    prepared: Vec<(Term, Term)>,
    /// What a term must have for the left side of a rule to match it.
    required: Vec<index::Required>,
    index: index::Index,
    names: HashMap<String, RuleId>,
}

impl RuleSet {
    /// A set of rules whose patterns are terms of `context`.
    pub fn new(mut context: Context, rules: Vec<Rule>) -> Self {
        let prepared: Vec<(Term, Term)> = rules
            .iter()
            .map(|rule| {
                let lhs = pattern::prepare(&mut context.terms, rule.lhs);
                (lhs, pattern::prepare(&mut context.terms, rule.rhs))
            })
            .collect();
        let required = prepared.iter().map(|&(lhs, _)| index::Required::of(&context.terms, lhs)).collect();
        let ids = || (0..rules.len() as u32).map(RuleId);
        let matched = ids().zip(rules.iter().zip(&prepared)).filter(|(_, (rule, _))| rule.class != Class::Normal);
        let index = index::Index::new(&context.terms, matched.map(|(id, (rule, sides))| (id, rule.class, sides.0)));
        let names = rules.iter().map(|rule| rule.name.clone()).zip(ids()).collect();
        RuleSet { context, rules, prepared, required, index, names }
    }

    /// A rule by its number.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.0 as usize]
    }

    /// A rule by its permanent name.
    pub fn named(&self, name: &str) -> Option<RuleId> {
        self.names.get(name).copied()
    }

    /// All rules with their numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = (RuleId, &Rule)> {
        self.rules.iter().enumerate().map(|(i, rule)| (RuleId(i as u32), rule))
    }

    /// The side that is matched and the side that replaces it, prepared for matching; `None` if the rule is not
    /// to be used in this direction.
    fn sides(&self, id: RuleId, direction: Direction) -> Option<(Term, Term)> {
        let (lhs, rhs) = *self.prepared.get(id.0 as usize)?;
        match direction {
            Direction::Forward => Some((lhs, rhs)),
            Direction::Backward => self.rule(id).both_ways.then_some((rhs, lhs)),
        }
    }
}
