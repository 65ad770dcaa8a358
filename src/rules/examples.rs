//! The examples and near misses of rules, read in a small context of their own.

use super::Rule;
use super::load::RULE_LETTERS;
use crate::diag::Diagnostic;
use crate::elaborate::{self, Scope};
use crate::ir::{Context, Term};
use crate::syntax::rules::RuleItem;
use crate::syntax::{self, rule_file};

/// An example of a rule: what it becomes when the rule is applied at its root. Raw terms.
#[derive(Clone, Debug)]
pub struct Example {
    /// The names in it.
    pub context: Context,
    /// As typed before.
    pub before: Term,
    /// As it should be after; for a near miss, as before.
    pub after: Term,
}

impl Rule {
    /// The example of the rule, if it states one.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read_example(&self) -> Option<Result<Example, Diagnostic>> {
        let (before, after) = self.example.as_ref()?;
        Some(read(before, after))
    }

    /// The near miss of the rule, if it states one.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read_near_miss(&self) -> Option<Result<Example, Diagnostic>> {
        let text = self.near_miss.as_ref()?;
        Some(read(text, text))
    }
}

fn read(before: &str, after: &str) -> Result<Example, Diagnostic> {
    let (mut context, mut scope) = (Context::new(), Scope::new(RULE_LETTERS));
    for item in rule_file(RULE_LETTERS)?.items {
        if let RuleItem::Let(declarations) = item {
            elaborate::declare(&mut context, &mut scope, &declarations)?;
        }
    }
    let mut term = |text: &str| {
        let expression = syntax::expression(text)?;
        elaborate::expression(&mut context, &Scope::new(text), &expression).map(|found| found.term)
    };
    let (before, after) = (term(before)?, term(after)?);
    Ok(Example { context, before, after })
}
