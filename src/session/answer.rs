//! What the session gives back: one [`Response`] for each statement, an [`Answer`] for each question.

use super::settings::Steps;
use crate::derive::structure::Structure;
use crate::diag::{Diagnostic, Span};
use crate::facts::{Condition, Evidence};
use crate::ir::{AssumptionId, Claim, Symbol, Term};
use crate::print::Prose;
use crate::reason::Limit;
use crate::rules::Kink;
use crate::shape::Shape;
use crate::trace::Derivation;
use crate::verify::{Checked, Vanishing};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What came of one statement.
#[derive(Clone, Debug)]
pub struct Response {
    /// Where the statement stands in the text.
    pub span: Span,
    /// The statement as typed.
    pub text: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Rulings that were made for the user, and other things to know.
    pub notes: Vec<Diagnostic>,
}

/// What came of a statement.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// `## Problem 1`.
    Heading {
        /// The number of `#`s less one.
        level: usize,
        /// The text.
        text: String,
    },
    /// `(a)`.
    Part(String),
    /// `> …`.
    Prose(String),
    /// Names were declared.
    Declared(Vec<Symbol>),
    /// A name or function was defined; a function is given as `f(X, W)` and its body.
    Defined {
        /// The left side.
        name: Term,
        /// The right side as typed.
        body: Term,
    },
    /// A function was defined, as something that is instantiated where it is applied.
    DefinedFunction {
        /// Its canonical name.
        name: String,
        /// Its parameters by canonical name.
        params: Vec<String>,
        /// The body as typed, if all parameters are declared names.
        body: Option<Term>,
    },
    /// An equation that was defined a second time was found to hold.
    Confirmed {
        /// The equations, as typed.
        sides: Vec<Term>,
        /// How it was checked.
        checked: Checked,
    },
    /// Assumptions were made.
    Assumed(Vec<Prose>),
    /// A rule of the user was audited and is used.
    Rule {
        /// Its name.
        name: String,
        /// Its sides, as typed.
        sides: (Term, Term),
    },
    /// A setting was changed; the text says to what.
    Set(String),
    /// Help or other text.
    Text(String),
    /// One or more answers.
    Answers(Vec<Answer>),
    /// It was refused.
    Error(Diagnostic),
}

/// What kind of thing an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// ∂f/∂X of a scalar f: the shape of X.
    Gradient,
    /// ∂F/∂x of a vector by a vector: outputs × inputs.
    Jacobian,
    /// ∂vec F/∂(vec X)ᵀ, where a matrix is involved.
    VecJacobian,
    /// By a scalar: the shape of the thing.
    Derivative,
    /// The second derivative of a scalar.
    Hessian,
    /// f′(Y) entry by entry.
    Entrywise,
    /// One entry of a derivative.
    Entry,
    /// dF.
    Differential,
    /// A term in its best form.
    Value,
    /// The unknown of an equation.
    Solution {
        /// The unknown as the solution of the equation as typed.
        evaluated: Term,
    },
    /// A proof or refutation.
    Proof,
    /// A size.
    Size,
}

/// In which layout a derivative is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// A scalar by anything has the shape of the variable; otherwise outputs × inputs.
    #[default]
    Mixed,
    /// Outputs × inputs, always.
    Numerator,
    /// Inputs × outputs, always.
    Denominator,
}

/// How the δs of a gradient are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deltas {
    /// As columns, in the shape of the thing.
    #[default]
    Column,
    /// As rows, with the answers still in the shape of the variable.
    Row,
}

/// How sure it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// Derived and checked.
    Ok,
    /// Proved, with steps.
    Proved,
    /// False, with numbers that show it.
    Refuted(String),
    /// Neither; what stopped the search.
    Unknown(Limit),
}

/// A form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `dX ↦ dX W`.
    LinearMap,
    /// The entrywise derivative E with dF = E ⊙ dX.
    Entrywise,
    /// The same, split into cases.
    Cases,
}

/// A term at whose zeros an answer does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// The term.
    pub term: Term,
    /// The entries that are 0 for every input, where the answer holds all the same.
    pub vanishing: Option<Vanishing>,
}

/// The answer to a question about one variable.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its number: `%3`.
    pub number: usize,
    /// What kind of thing it is.
    pub kind: Kind,
    /// The left side: what was asked for, `∂J/∂W`.
    pub question: Term,
    /// What was differentiated, by the variable or twice by it, with the derivatives in it worked out.
    pub of: Option<Term>,
    /// The variable.
    pub variable: Option<Symbol>,
    /// The variables of a differential.
    pub by: Vec<Symbol>,
    /// The closed form; for a proof, the right side of the claim.
    pub value: Term,
    /// Other forms of the same.
    pub forms: Vec<(Form, Term)>,
    /// The shape of the value in the stated layout.
    pub shape: Shape,
    /// The layout.
    pub layout: Layout,
    /// Is the layout worth stating?
    pub states_layout: bool,
    /// Names that the engine introduced, with their terms.
    pub names: Vec<(Symbol, Term)>,
    /// Why the conditions of the rules hold.
    pub evidence: Vec<Evidence>,
    /// Assumptions that were used as equations.
    pub assumptions: BTreeSet<AssumptionId>,
    /// Terms whose entries must not be zero: kinks the answer leaves out.
    pub excluded: Vec<Exclusion>,
    /// Conditions that would give a simpler answer.
    pub would_help: Vec<Condition>,
    /// Assumptions that would give a simpler answer.
    pub claims_would_help: Vec<Claim>,
    /// The choice at kinks.
    pub kink: Kink,
    /// What the gradient by a symmetric variable means.
    pub structure: Structure,
    /// A convention that was used (the value at a kink).
    pub convention: Option<String>,
    /// Rules that a proof was not allowed to use.
    pub not_used: Vec<String>,
    /// The steps; the answers to one question share them.
    pub derivation: Arc<Derivation>,
    /// How it was checked; `None` only if it is not about values (a size).
    pub checked: Option<Checked>,
    /// Index form, the second core, derives the same.
    pub second_opinion: bool,
    /// How sure it is.
    pub status: Status,
    /// Lines of text, for answers that are no formula (a size).
    pub lines: Vec<Prose>,
    /// How many steps are to be shown.
    pub steps: Steps,
    /// The one notation or language that was asked for (`latex`, `numpy`), if one was.
    pub output: Option<String>,
}

/// Changes the steps of answers; those that share them share them still.
pub(super) fn each_derivation(answers: &mut [Answer], mut change: impl FnMut(&mut Derivation)) {
    let mut done: Vec<(Arc<Derivation>, Arc<Derivation>)> = Vec::new();
    for answer in answers {
        if let Some(own) = Arc::get_mut(&mut answer.derivation) {
            change(own);
            continue;
        }
        let known = done.iter().find(|(before, _)| Arc::ptr_eq(before, &answer.derivation));
        let after = known.map(|(_, after)| after.clone()).unwrap_or_else(|| {
            let mut derivation = (*answer.derivation).clone();
            change(&mut derivation);
            Arc::new(derivation)
        });
        done.push((std::mem::replace(&mut answer.derivation, after.clone()), after));
    }
}
