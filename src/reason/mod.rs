//! Reasoning about equations: proofs from hypotheses.

pub mod implicit;

use crate::derive::Refusal;
use crate::facts::Evidence;
use crate::ir::Term;
use crate::trace::Derivation;

/// What was found out about a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It follows, by these steps.
    Proved(Proof),
    /// It is neither proved nor refuted; what stopped the search.
    Unknown(Limit),
}

/// A proof.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Its steps.
    pub derivation: Derivation,
    /// The conditions it rests on.
    pub evidence: Vec<Evidence>,
    /// Rules that were not allowed, because they are the claim.
    pub not_used: Vec<String>,
}

/// What stopped a search for a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Limit {
    /// What was derived is another equation than the claim.
    Other {
        /// What the left side of the claim was found to be.
        found: Term,
    },
    /// The unknown stands in none, or in more than one, of the terms of the differentiated hypothesis.
    NotLinear,
    /// Nothing says that a factor beside the unknown has an inverse.
    NotInvertible(Term),
    /// A derivative is missing.
    Refused(Refusal),
    /// No strategy applies.
    NoStrategy,
    /// The e-graph stopped: saturated, or at a limit.
    EGraph(String),
}
