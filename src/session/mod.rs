//! A session: statements in, structured answers out; no input or output of its own.
//!
//! The session keeps names, definitions, assumptions, settings and numbered results. A statement that fails is
//! reported and the next one is still answered; what depends on a definition that failed says so once.

pub mod answer;
pub mod catalogue;
pub mod commands;
pub mod completion;
mod derivatives;
pub mod help;
pub mod present;
pub mod settings;

pub use answer::{Answer, Outcome, Response};
pub use settings::{Settings, Steps};

use crate::ir::Context;
use crate::rules::RuleSet;

/// A session.
///
/// ```
/// use gradus::Session;
/// let mut session = Session::new();
/// let responses = session.run("x : R^n\nA : R^(n×n)\ngrad x'A x wrt x");
/// assert_eq!(responses.len(), 3);
/// ```
pub struct Session {
    context: Context,
    rules: &'static RuleSet,
    settings: Settings,
    results: Vec<Answer>,
    /// The limits and the seed of checks.
    limits: Limits,
}

/// What a session may spend, and the seed of its random checks. All limits are counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The seed of the random points of checks.
    pub seed: u64,
    /// The number of points of a check.
    pub points: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { seed: 0x6772_6164_7573, points: 6 }
    }
}

impl Session {
    /// A session with the standard rules and nothing declared.
    pub fn new() -> Self {
        Session::with_limits(Limits::default())
    }

    /// A session with its own limits and seed.
    pub fn with_limits(limits: Limits) -> Self {
        Session {
            context: Context::new(),
            rules: RuleSet::standard(),
            settings: Settings::default(),
            results: Vec::new(),
            limits,
        }
    }

    /// Runs the statements of a text, in order; one response for each.
    pub fn run(&mut self, text: &str) -> Vec<Response> {
        let _ = text;
        todo!()
    }

    /// The settings in force.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Changes the settings from here on.
    pub fn set(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// The context of names and terms, for printing.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The results so far; `%3` is the third.
    pub fn results(&self) -> &[Answer] {
        &self.results
    }
}
