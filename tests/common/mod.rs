//! A small session for tests: statements in, one line or a message for each out.

// Each test file uses its own part of it.
#![allow(dead_code)]

use gradus::diag::{Diagnostic, Span, Style};
use gradus::elaborate::{self, Note, Scope};
use gradus::ir::{Context, Term};
use gradus::print::{self, Spelling};
use gradus::syntax::script;
use gradus::syntax::statement::{Question, Statement};

/// The answers to the statements of a text, one line each.
pub struct Outcome {
    /// What each statement gave.
    pub lines: Vec<Result<String, Diagnostic>>,
    /// The text that spans point into.
    pub source: String,
}

impl Outcome {
    /// The first diagnostic as text.
    pub fn error(&self) -> String {
        let first = self.lines.iter().find_map(|line| line.as_ref().err());
        first.map_or("no error\n".to_string(), |d| d.render("input", &self.source, Style::Plain))
    }

    /// The last line, or the diagnostic in its place.
    pub fn last(&self) -> String {
        match self.lines.last() {
            Some(Ok(line)) => line.clone(),
            Some(Err(d)) => d.render("input", &self.source, Style::Plain),
            None => String::new(),
        }
    }
}

/// Runs a text.
pub fn run(source: &str) -> Outcome {
    let mut context = Context::new();
    let mut scope = Scope::new(source);
    let lines = script(source).into_iter().map(|parsed| {
        scope.statement = parsed.span;
        parsed.outcome.and_then(|statement| one(&mut context, &mut scope, &statement, parsed.span))
    });
    Outcome { lines: lines.collect(), source: source.to_string() }
}

fn one(context: &mut Context, scope: &mut Scope, statement: &Statement, span: Span) -> Result<String, Diagnostic> {
    match statement {
        Statement::Declare(all) => elaborate::declare(context, scope, all).map(|s| format!("{} declared", s.len())),
        Statement::Assume(all) => {
            let mut count = 0;
            for claim in all {
                count += elaborate::assume(context, scope, claim)?.0.len();
            }
            Ok(format!("{count} assumed"))
        }
        Statement::Equation(equation) => {
            let defined = elaborate::define(context, scope, equation).inspect_err(|_| {
                if let Some(name) = gradus::syntax::full_name(&equation.sides[0]) {
                    scope.poison(&name, span);
                }
            })?;
            let body = defined.body.map_or("later".to_string(), |t| shown(context, t, &defined.notes));
            Ok(format!("{} := {body}", defined.name))
        }
        Statement::Implicit(implicit) => {
            let (name, body) = elaborate::implicit(context, scope, implicit)?;
            Ok(format!("{} := {}", print::term(context, name, Spelling::Ascii), shown(context, body, &[])))
        }
        Statement::Unknown(unknown) => {
            let implicit = elaborate::unknown(context, scope, unknown)?;
            elaborate::implicit(context, scope, &implicit).map(|_| format!("{} defined", implicit.name))
        }
        Statement::Ask(ask) => match &ask.question {
            Question::Value(e) | Question::Transform { of: e, .. } => {
                let value = elaborate::expression(context, scope, e)?;
                scope.results.push(Some(value.term));
                Ok(shown(context, value.term, &value.notes))
            }
            Question::Derivative { of, wrt, .. } => {
                let mut out = elaborate::expression(context, scope, of).map(|v| shown(context, v.term, &v.notes))?;
                for e in wrt {
                    let v = elaborate::variable(context, scope, e)?;
                    out += &format!(" by {}", shown(context, v.term, &v.notes));
                }
                Ok(out)
            }
            Question::Prove { claim, given } => {
                let mut out = Vec::new();
                for claim in std::iter::once(claim).chain(given) {
                    out.push(format!("{:?}", elaborate::claims(context, scope, claim)?.0.len()));
                }
                Ok(out.join(" given "))
            }
            other => Ok(format!("{other:?}").chars().take(12).collect()),
        },
        other => Ok(format!("{other:?}").chars().take(12).collect()),
    }
}

fn shown(context: &Context, term: Term, notes: &[Note]) -> String {
    let notes: Vec<&str> = notes.iter().map(|n| n.text.as_str()).collect();
    let note = if notes.is_empty() { String::new() } else { format!("   # {}", notes.join("; ")) };
    format!("{} : {}{note}", print::term(context, term, Spelling::Ascii), context.terms.shape(term))
}
