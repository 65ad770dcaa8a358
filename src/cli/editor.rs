//! What the line editor asks for: completion, hints, and whether more lines are needed.

use crate::session::{Session, completion};
use crate::syntax::is_complete;
use rustyline::Context;
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};

/// Helps the line editor with the words of a session.
#[derive(Default)]
pub(super) struct Helper {
    words: completion::Words,
}

impl Helper {
    /// Takes the names that the session has now.
    pub(super) fn refresh(&mut self, session: &Session) {
        self.words = completion::Words::of(session);
    }
}

impl Completer for Helper {
    type Candidate = Pair;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, found) = self.words.complete(line, cursor);
        let pair = |c: completion::Candidate| Pair { display: c.shown, replacement: c.text };
        Ok((start, found.into_iter().map(pair).collect()))
    }
}

impl Validator for Helper {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let complete = ends_here(context.input());
        Ok(if complete { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

/// An empty line ends a statement that would otherwise go on.
fn ends_here(input: &str) -> bool {
    input.trim().is_empty() || input.ends_with('\n') || is_complete(input)
}

impl Hinter for Helper {
    type Hint = String;
}

impl Highlighter for Helper {}

impl rustyline::Helper for Helper {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_ends_when_it_is_complete_or_after_an_empty_line() {
        assert!(ends_here("z = W x") && ends_here("") && ends_here("z = (W\n"));
        assert!(!ends_here("z = (W") && !ends_here("z = W *"));
    }
}
