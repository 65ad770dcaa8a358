//! What is known of names and terms: symmetric, invertible, positive, constant, …
//!
//! A condition *holds* with evidence (the declarations and assumptions it rests on, or that the term as typed
//! presupposes it), or it is unknown. Unknown is never yes.

use crate::ir::{AssumptionId, Context, Property, Symbol, Term};
use std::collections::BTreeSet;

/// Why a condition holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The condition.
    pub condition: Condition,
    /// Declarations and assumptions it rests on.
    pub assumptions: BTreeSet<AssumptionId>,
    /// It holds because what was typed must be defined (A⁻¹ was typed, so A is invertible).
    pub presupposed: bool,
    /// It does not hold everywhere: the answer excludes the points where it fails (kinks).
    pub excluded: bool,
}

/// A condition on terms, of a rule or a question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// A property of a term.
    Property(Property, Term),
    /// The term does not depend on the variables of the question.
    Constant(Term),
    /// The scalar or every entry is nonzero away from points that the answer excludes.
    AwayFromZero(Term),
}

/// The facts that a question may use.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The variables the question differentiates by; facts about these themselves are used only after
    /// differentiating, and a term is constant if it depends on none of them.
    pub variables: Vec<Symbol>,
    /// Properties that hold because a term that was typed must be defined.
    pub presupposed: BTreeSet<(Property, Term)>,
}

impl Facts {
    /// The facts of a question that differentiates by `variables` and contains the raw or normal terms `typed`.
    pub fn new(_context: &Context, variables: &[Symbol], _typed: &[Term]) -> Self {
        Facts { variables: variables.to_vec(), presupposed: BTreeSet::new() }
    }

    /// Does `condition` hold, and why? `None`: unknown.
    pub fn holds(&self, _context: &Context, _condition: &Condition) -> Option<Evidence> {
        None
    }
}
