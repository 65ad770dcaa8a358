//! `gradus rules`: the catalogue of rules, or one of them.

use super::arguments::{Format, Options};
use super::output::{Output, Stop};
use crate::diag::Diagnostic;
use crate::rules::RuleSet;
use crate::session::catalogue;
use crate::syntax::suggest::nearest;

/// Writes the catalogue, or the page of one rule; whether there is one of that name.
pub(super) fn run(name: Option<&str>, options: &Options, output: &mut Output) -> Result<bool, Stop> {
    let rules = RuleSet::standard();
    let Some(name) = name else {
        output.text(&match options.format {
            Format::Markdown => catalogue::markdown(rules),
            _ => catalogue::text(rules),
        })?;
        return Ok(true);
    };
    match rules.named(name) {
        Some(id) if options.format == Format::Markdown => {
            output.text(&catalogue::markdown_page(rules, rules.rule(id)))?;
        }
        Some(id) => output.line(&catalogue::page(rules, rules.rule(id)))?,
        None => {
            output.error(&unknown(rules, name), "", "");
            return Ok(false);
        }
    }
    Ok(true)
}

fn unknown(rules: &RuleSet, name: &str) -> Diagnostic {
    let names: Vec<&str> = rules.rules.iter().map(|rule| rule.name.as_str()).collect();
    let error = Diagnostic::error("E0602", format!("there is no rule `{name}`"));
    match nearest(name, &names) {
        Some(near) => error.note(format!("there is a rule `{near}`")),
        None => error.note("`gradus rules` lists all rules"),
    }
}
