//! The catalogue of rules: one line, one page, and the whole as text or Markdown.
//!
//! Everything is read from the rule files; nothing mathematical is written here.

use crate::print::{self, Spelling};
use crate::rules::{Class, Kink, Rule, RuleCondition, RuleSet};

/// The classes in the order of the catalogue, with a heading and what they are for.
const CLASSES: &[(Class, &str, &str)] = &[
    (Class::Differential, "Differentials", "push `d(·)` inwards"),
    (Class::Adjoint, "Adjoints", "move factors across an inner product, for gradients"),
    (Class::Identify, "Identification", "write a differential as a matrix times a vectorised differential"),
    (Class::Definition, "Definitions", "say what a function is in terms of others"),
    (Class::Collect, "Collecting", "make a term smaller or more usual"),
    (Class::Taste, "Equal forms", "lead to equal forms, among which the most readable is chosen"),
    (Class::Recognise, "Recognition", "call a function by its usual name, in a finished answer"),
    (Class::Expand, "Multiplying out", "take sums apart, for `expand`"),
    (Class::Lemma, "Lemmas", "are used only to prove"),
    (Class::Ac, "Order and grouping", "reorder sums and products"),
    (Class::Normal, "Normal form", "are what building a term does by itself"),
];

/// A rule in one line: `d-inv: d(S⁻¹) ⇒ −S⁻¹ dS S⁻¹`.
pub fn line(rules: &RuleSet, rule: &Rule) -> String {
    format!("{}: {}", rule.name, statement(rules, rule, Spelling::Unicode))
}

/// Everything about a rule, as text.
pub fn page(rules: &RuleSet, rule: &Rule) -> String {
    let mut lines = vec![format!("rule {}", rule.name)];
    if !rule.doc.is_empty() {
        lines.push(rule.doc.clone());
    }
    lines.push(String::new());
    lines.push(format!("    {}", statement(rules, rule, Spelling::Unicode)));
    lines.push(String::new());
    lines.extend(fields(rules, rule).into_iter().map(|(key, value)| format!("{key:<8}  {value}")));
    lines.join("\n")
}

/// All rules, as text: one line each, by class.
pub fn text(rules: &RuleSet) -> String {
    let width = rules.rules.iter().map(|rule| rule.name.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for (class, heading, about) in CLASSES {
        let mut members = rules.rules.iter().filter(|rule| rule.class == *class).peekable();
        if members.peek().is_none() {
            continue;
        }
        out += &format!("{heading}: {about}\n");
        for rule in members {
            out += &format!("  {:width$}  {}\n", rule.name, statement(rules, rule, Spelling::Unicode));
        }
        out.push('\n');
    }
    out + "`gradus rules NAME` shows the conditions, example and source of one rule.\n"
}

/// All rules, as the Markdown document `docs/rules.md`.
pub fn markdown(rules: &RuleSet) -> String {
    let mut out = String::from("# Rules\n\nGenerated from `rules/*.rules` by `gradus rules --format markdown`; ");
    out += &format!("{} rules. Steps of derivations cite them by name.\n", rules.rules.len());
    for (class, heading, about) in CLASSES {
        let mut members = rules.rules.iter().filter(|rule| rule.class == *class).peekable();
        if members.peek().is_some() {
            out += &format!("\n## {heading}\n\nThese {about}.\n");
        }
        for rule in members {
            out += &markdown_page(rules, rule);
        }
    }
    out
}

/// One rule, as Markdown.
pub fn markdown_page(rules: &RuleSet, rule: &Rule) -> String {
    let mut out = format!("\n### `{}`\n\n", rule.name);
    if !rule.doc.is_empty() {
        out += &format!("{}\n\n", rule.doc);
    }
    out += &format!("$${}$$\n\n", statement(rules, rule, Spelling::Latex));
    for (key, value) in fields(rules, rule) {
        out += &format!("- {key}: {value}\n");
    }
    out
}

fn statement(rules: &RuleSet, rule: &Rule, spelling: Spelling) -> String {
    let arrow = match (spelling, rule.both_ways) {
        (Spelling::Latex, true) => "\\Leftrightarrow",
        (Spelling::Latex, false) => "\\Rightarrow",
        (Spelling::Unicode, true) => "⇔",
        (Spelling::Unicode, false) => "⇒",
        (Spelling::Ascii, true) => "<=>",
        (Spelling::Ascii, false) => "=>",
    };
    let side = |term| print::term(&rules.context, term, spelling);
    format!("{} {arrow} {}", side(rule.lhs), side(rule.rhs))
}

/// The other fields, by name; those that are empty are left out.
fn fields(rules: &RuleSet, rule: &Rule) -> Vec<(&'static str, String)> {
    let reason = if rule.reason == rule.doc { String::new() } else { rule.reason.clone() };
    let example = rule.example.as_ref().map_or(String::new(), |(before, after)| format!("{before}  =>  {after}"));
    let all = [
        ("shapes", shapes(rules, rule)),
        ("where", conditions(rules, rule)),
        ("kink", rule.kink.map_or(String::new(), |kink| format!("only with {}", kink_words(kink)))),
        ("class", class_name(rule.class).into()),
        ("reason", reason),
        ("example", example),
        ("source", rule.source.clone()),
        ("file", format!("rules/{}.rules", rule.file)),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// `S : n×n`, `c : scalar`.
fn shapes(rules: &RuleSet, rule: &Rule) -> String {
    let shapes = rule.metavariables.iter().map(|&symbol| {
        let name = print::name(rules.context.name(symbol), Spelling::Unicode);
        format!("{name} : {}", print::shape(&rules.context.info(symbol).shape, Spelling::Unicode))
    });
    shapes.collect::<Vec<_>>().join(", ")
}

pub(super) fn conditions(rules: &RuleSet, rule: &Rule) -> String {
    rule.conditions.iter().map(|condition| self::condition(rules, condition)).collect::<Vec<_>>().join("; ")
}

fn condition(rules: &RuleSet, condition: &RuleCondition) -> String {
    let text = |term| print::term(&rules.context, term, Spelling::Unicode);
    match condition {
        RuleCondition::Property(property, term) => format!("{} is {}", text(*term), print::property(*property)),
        RuleCondition::Constant(term) => format!("{} does not depend on the variable", text(*term)),
        RuleCondition::Varies(term) => format!("{} contains a differential", text(*term)),
        RuleCondition::AwayFromZero(term) => {
            format!("{} is nonzero, or the points where it is not are excluded", text(*term))
        }
        RuleCondition::Number(term) => format!("{} is a number", text(*term)),
        RuleCondition::Integer(term) => format!("{} is a whole number", text(*term)),
        RuleCondition::Named(term) => format!("{} is a defined name", text(*term)),
    }
}

fn kink_words(kink: Kink) -> &'static str {
    match kink {
        Kink::Excluded => "kinks excluded",
        Kink::Zero => "the derivative of ReLU at 0 set to 0",
        Kink::One => "the derivative of ReLU at 0 set to 1",
        Kink::Half => "the derivative of ReLU at 0 set to 1/2",
    }
}

fn class_name(class: Class) -> &'static str {
    match class {
        Class::Differential => "differential",
        Class::Adjoint => "adjoint",
        Class::Identify => "identify",
        Class::Normal => "normal",
        Class::Collect => "collect",
        Class::Taste => "taste",
        Class::Recognise => "recognise",
        Class::Expand => "expand",
        Class::Ac => "ac",
        Class::Lemma => "lemma",
        Class::Definition => "definition",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_in_the_catalogue_once() {
        let rules = RuleSet::standard();
        let document = markdown(rules);
        for rule in &rules.rules {
            assert_eq!(document.matches(&format!("### `{}`", rule.name)).count(), 1, "{}", rule.name);
        }
    }

    #[test]
    fn a_page_shows_conditions_and_source() {
        let rules = RuleSet::standard();
        let rule = rules.rule(rules.named("d-inv").unwrap());
        let page = page(rules, rule);
        assert!(page.contains("S is invertible") && page.contains("source"), "{page}");
    }
}
