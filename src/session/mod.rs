//! A session: statements in, structured answers out; no input or output of its own.
//!
//! The session keeps names, definitions, assumptions, settings and numbered results. A statement that fails is
//! reported and the next one is still answered; what depends on a definition that failed says so once.
//!
//! - `statements` runs declarations, definitions, assumptions and settings;
//! - `questions` finds out what is asked and by which strategy it is answered;
//! - `derivatives`, `orders`, `proofs`, `solutions`, `transforms`, [`size`] answer, after `resolved` has worked out the
//!   derivatives inside a question; `constants` refuses what has no value; `checks` evaluates every answer against its
//!   question, and `exclusions` lists the points that it leaves out;
//! - `letters` declares the letters that `:letters matrixcalculus` is about;
//! - `user_rules` audits and takes rules that a script states;
//! - `transposes` writes them with few transposes, `typed` in the words of the user;
//! - [`present`] turns responses into the blocks of a document; [`commands`], [`help`], [`completion`] and
//!   [`catalogue`] and [`lookup`] are what a prompt needs;
//! - `refuse` turns the refusals of the layers below into diagnostics.

pub mod answer;
pub mod catalogue;
mod checks;
pub mod commands;
pub mod completion;
mod constants;
mod derivatives;
mod exclusions;
pub mod help;
mod letters;
mod listed;
pub mod lookup;
mod naming;
mod orders;
pub mod present;
mod proofs;
mod questions;
mod refuse;
mod rename;
mod resolved;
pub mod settings;
pub mod size;
mod solutions;
mod statements;
mod transforms;
mod transposes;
mod typed;
mod user_rules;

pub use answer::{Answer, Form, Kind, Outcome, Response, Status};
pub use settings::{Settings, Steps};

use crate::derive::Engine;
use crate::elaborate::Scope;
use crate::facts::Evidence;
use crate::ir::hash::{FastMap, FastSet};
use crate::ir::{Context, Symbol, Term};
use crate::syntax;
use crate::syntax::statement::Parsed;
use std::sync::Arc;

/// A session.
///
/// ```
/// use gradus::session::{Outcome, Session};
/// let mut session = Session::new();
/// let responses = session.run("x : R^n\nA : R^(n×n)\ngrad x'A x wrt x");
/// assert!(matches!(responses[2].outcome, Outcome::Answers(_)));
/// ```
#[derive(Clone)]
pub struct Session {
    context: Context,
    scope: Scope,
    engine: Arc<Engine>,
    settings: Settings,
    results: Vec<Answer>,
    limits: Limits,
    /// Functions of the user that shadow a built-in one and were found equal to it: answers are written with that.
    built_in: FastMap<Term, Term>,
    /// What names rest on that are defined by a derivative.
    derived: FastMap<Symbol, Vec<Evidence>>,
    /// Letters of the last question that it alone declared.
    letters: Vec<(String, Symbol)>,
    /// All letters that a question alone declared.
    of_questions: FastSet<Symbol>,
    /// Everything that was run, one after the other; all spans point into it.
    source: String,
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

impl Default for Session {
    fn default() -> Self {
        Session::new()
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
            scope: Scope::default(),
            engine: Engine::standard().clone(),
            settings: Settings::default(),
            results: Vec::new(),
            limits,
            built_in: FastMap::default(),
            derived: FastMap::default(),
            letters: Vec::new(),
            of_questions: FastSet::default(),
            source: String::new(),
        }
    }

    /// Runs the statements of a text, in order; one response for each, and before it one for the letters that it
    /// declares (`:letters`). The spans of the responses point into
    /// [`Session::source`].
    pub fn run(&mut self, text: &str) -> Vec<Response> {
        let statements = self.read(text);
        let mut responses = Vec::with_capacity(statements.len());
        for (at, parsed) in statements.iter().enumerate() {
            let text = parsed.span.of(&self.source).to_owned();
            self.scope.statement = parsed.span;
            let (outcome, notes) = match &parsed.outcome {
                Ok(statement) => {
                    let letters = self.declare_letters(statement);
                    let (mut outcome, mut notes) = self.execute(statement, parsed.span, &statements[at + 1..]);
                    responses.extend(self.letters_declared(&letters, parsed.span, &mut outcome));
                    notes.extend(letters.notes);
                    (outcome, notes)
                }
                Err(diagnostic) => (Outcome::Error(diagnostic.clone()), Vec::new()),
            };
            responses.push(Response { span: parsed.span, text, outcome, notes });
        }
        responses
    }

    /// The statements of a text that is appended to the source, with spans into the whole source.
    fn read(&mut self, text: &str) -> Vec<Parsed> {
        let start = self.source.len();
        self.source.push_str(text);
        if !self.source.ends_with('\n') {
            self.source.push('\n');
        }
        self.scope.source = Arc::from(self.source.as_str());
        syntax::script_from(&self.source, start)
    }

    /// Everything that was run so far; spans point into it.
    pub fn source(&self) -> &str {
        &self.source
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

    /// Forgets everything but the settings.
    pub fn reset(&mut self) {
        let settings = self.settings;
        *self = Session::with_limits(self.limits);
        self.settings = settings;
    }
}
