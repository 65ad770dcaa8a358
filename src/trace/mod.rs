//! A derivation: its steps, with rule, place, before, after, substitution, evidence, and level of detail.
//!
//! A step is the application of a rule, or an inference between equations; both are data that printers render and
//! that a checker replays. This module makes no steps itself and knows nothing of how they were found.

use crate::facts::Evidence;
use crate::ir::{Symbol, Term};

/// How much detail a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What a teacher writes.
    Headline,
    /// Every application of a rule.
    Full,
    /// Associativity, collecting, order: hidden unless asked for.
    Bookkeeping,
}

/// What a step speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Statement {
    /// A term that is rewritten; before and after are equal.
    Term(Term),
    /// An equation.
    Equation(Term, Term),
}

/// Why a step is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Justification {
    /// A rule of the table, by its permanent name.
    Rule(String),
    /// An inference between statements.
    Inference(Inference),
}

/// An inference that is not the rewriting of one sub-term by one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inference {
    /// The equation was given.
    Given,
    /// A side condition of what follows, stated on its own (`A⁻¹ is differentiable`).
    Condition,
    /// Both sides were differentiated.
    DifferentiateBothSides,
    /// A term was moved to the other side.
    MoveTerm(Term),
    /// Both sides were multiplied from the left.
    MultiplyLeft(Term),
    /// Both sides were multiplied from the right.
    MultiplyRight(Term),
    /// Both sides were divided by a nonzero scalar.
    Divide(Term),
    /// A defined name was replaced by its definition.
    Unfold(Symbol),
    /// A term was given its defined name.
    Fold(Symbol),
    /// A new name was introduced for a term.
    Name(Symbol),
    /// An assumption was used.
    Assumption(crate::ir::AssumptionId),
    /// The chain rule over the entries of a definition.
    ChainRule(Symbol),
    /// One value of the index of a sum was set apart.
    SetApart,
    /// The derivative was read off a differential.
    ReadOff,
    /// A derivative was found in index form.
    Indices,
    /// The result was transposed into the layout asked for.
    Layout,
    /// A linear equation was solved for a differential or an adjoint; the name whose equation it comes from.
    SolveLinear(Symbol),
    /// The adjoint of a name that an equation defines was introduced by its own equation.
    AdjointEquation(Symbol),
    /// Several rules at once, each a step of its own at a lower level.
    Together(Vec<String>),
}

/// Text with mathematics in it.
pub type Rich = Vec<Piece>;

/// A piece of rich text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Text(String),
    /// A term.
    Math(Term),
    /// An equation.
    Equation(Term, Term),
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The rule or inference.
    pub by: Justification,
    /// The positions of arguments from the root of `before` to the place that changed.
    pub place: Vec<usize>,
    /// As it was.
    pub before: Statement,
    /// As it is now.
    pub after: Statement,
    /// What each metavariable of the rule stands for.
    pub substitution: Vec<(String, Term)>,
    /// Why each condition of the rule holds.
    pub evidence: Vec<Evidence>,
    /// The reason in words.
    pub because: Rich,
    /// How much detail it is.
    pub level: Level,
}

/// A derivation in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derivation {
    /// Its steps.
    pub steps: Vec<Step>,
}

impl Derivation {
    /// Adds a step.
    pub fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Writes `to` where a step starts from `from`: the derivative of a gradient is a second derivative.
    pub fn rename_left_sides(&mut self, from: Term, to: Term) {
        for step in self.steps.iter_mut().filter(|step| step.before == Statement::Term(from)) {
            step.before = Statement::Term(to);
        }
    }

    /// The steps up to a level of detail.
    pub fn up_to(&self, level: Level) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.level <= level)
    }
}

impl Statement {
    fn terms_mut(&mut self) -> impl Iterator<Item = &mut Term> {
        let terms = match self {
            Statement::Term(term) => [Some(term), None],
            Statement::Equation(left, right) => [Some(left), Some(right)],
        };
        terms.into_iter().flatten()
    }
}

impl Piece {
    fn terms_mut(&mut self) -> impl Iterator<Item = &mut Term> {
        let terms = match self {
            Piece::Text(_) => [None, None],
            Piece::Math(term) => [Some(term), None],
            Piece::Equation(left, right) => [Some(left), Some(right)],
        };
        terms.into_iter().flatten()
    }
}

impl Step {
    /// The terms that it shows: before, after, and in the reason.
    pub fn terms_mut(&mut self) -> impl Iterator<Item = &mut Term> {
        let statements = [&mut self.before, &mut self.after].into_iter().flat_map(Statement::terms_mut);
        statements.chain(self.because.iter_mut().flat_map(Piece::terms_mut))
    }

    /// A step by an inference, at the root, with a reason in words.
    pub fn inference(by: Inference, before: Statement, after: Statement, because: Rich, level: Level) -> Self {
        Step {
            by: Justification::Inference(by),
            place: Vec::new(),
            before,
            after,
            substitution: Vec::new(),
            evidence: Vec::new(),
            because,
            level,
        }
    }
}

/// Plain words as rich text.
pub fn words(text: impl Into<String>) -> Rich {
    vec![Piece::Text(text.into())]
}
