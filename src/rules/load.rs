//! Loading: rule files → checked rules.
//!
//! A file declares metavariables and states rules in the language of the scripts. When it loads, every rule is
//! checked: both sides have one shape for all sizes, the right side and the conditions speak of nothing that the left
//! side does not bind, fields and conditions are known, names are single, a source is given. Whether a rule is *true*
//! is the business of the audit.
//!
//! Fields: `where` conditions, `class`, `kink` (excluded, 0, 1, half), `level` (headline, full), `reason`, `example`
//! and `near-miss`, `exists`, `also scalars`, `source`.

use super::scalars::scalar_variant;
use super::{Class, Existence, Kink, Rule, RuleCondition, RuleSet};
use crate::diag::{Diagnostic, Span};
use crate::elaborate::{self, Scope};
use crate::ir::{Context, Op, Property, Symbol, SymbolKind, Term};
use crate::shape::{DimName, Shape};
use crate::syntax::rules::{Arrow, Field, RuleItem, RuleText};
use crate::syntax::{self, rule_file};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// A rule file.
#[derive(Clone, Copy, Debug)]
pub struct RuleFile<'a> {
    /// Its name, without folder and ending.
    pub name: &'a str,
    /// The class of rules that do not state one.
    pub class: Class,
    /// Its text.
    pub text: &'a str,
}

/// The rule files that belong to Gradus, in the order in which their rules are tried.
pub const FILES: &[RuleFile<'static>] = &[
    RuleFile { name: "differential", class: Class::Differential, text: include_str!("../../rules/differential.rules") },
    RuleFile { name: "adjoint", class: Class::Adjoint, text: include_str!("../../rules/adjoint.rules") },
    RuleFile { name: "identify", class: Class::Identify, text: include_str!("../../rules/identify.rules") },
    RuleFile { name: "normal", class: Class::Normal, text: include_str!("../../rules/normal.rules") },
    RuleFile { name: "collect", class: Class::Collect, text: include_str!("../../rules/collect.rules") },
    RuleFile { name: "taste", class: Class::Taste, text: include_str!("../../rules/taste.rules") },
    RuleFile { name: "recognise", class: Class::Recognise, text: include_str!("../../rules/recognise.rules") },
    RuleFile { name: "expand", class: Class::Expand, text: include_str!("../../rules/expand.rules") },
    RuleFile { name: "ac", class: Class::Ac, text: include_str!("../../rules/ac.rules") },
    RuleFile { name: "lemma", class: Class::Lemma, text: include_str!("../../rules/lemma.rules") },
    RuleFile { name: "definitions", class: Class::Definition, text: include_str!("../../rules/definitions.rules") },
];

/// The names that examples and near misses of rules may use.
pub const RULE_LETTERS: &str = "let W, W2 : m×n\nlet M, X : n×n\nlet v, w : n×1\nlet s, t : scalar\n";

/// What is wrong in a rule file.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadError {
    /// The name of the file.
    pub file: String,
    /// What is wrong; its spans point into the text of the file.
    pub diagnostic: Diagnostic,
}

impl RuleSet {
    /// The rules that belong to Gradus. The tests hold that all files load without an error.
    pub fn standard() -> &'static RuleSet {
        static STANDARD: OnceLock<RuleSet> = OnceLock::new();
        STANDARD.get_or_init(|| load(FILES).0)
    }
}

/// Reads rule files: the rules that are in order, and what is wrong with the others.
pub fn load(files: &[RuleFile<'_>]) -> (RuleSet, Vec<LoadError>) {
    let (mut context, mut rules, mut errors) = (Context::new(), Vec::new(), Vec::new());
    for file in files {
        let mut fail = |diagnostic| errors.push(LoadError { file: file.name.to_owned(), diagnostic });
        let parsed = match rule_file(file.text) {
            Ok(parsed) => parsed,
            Err(diagnostic) => {
                fail(diagnostic);
                continue;
            }
        };
        // Metavariables are declared file by file.
        let known: Vec<String> = context.names().map(|(name, _)| name.to_owned()).collect();
        for name in &known {
            context.bind(name, None);
        }
        let mut scope = Scope::new(file.text);
        for item in &parsed.items {
            let outcome = match item {
                RuleItem::Let(declarations) => elaborate::declare(&mut context, &mut scope, declarations).map(drop),
                RuleItem::Rule(text) => read_rule(&mut context, &scope, text, file, &mut rules),
            };
            if let Err(diagnostic) = outcome {
                fail(diagnostic);
            }
        }
    }
    (RuleSet::new(context, rules), errors)
}

/// Reads one rule, and its variant for scalars, into `rules`. Its metavariables are the names of `context`: those of a
/// file, or the declarations of a script in which a user states a rule.
///
/// # Errors
/// The rule is malformed: what is wrong with it, and where.
pub fn read_rule(
    context: &mut Context,
    scope: &Scope,
    text: &RuleText,
    file: &RuleFile<'_>,
    rules: &mut Vec<Rule>,
) -> Result<(), Diagnostic> {
    let rule = elaborate_rule(context, scope, text, file.class, file.name)?;
    let scalars = match text.values("also").next() {
        None => None,
        Some(field) if field.value == "scalars" => Some(scalar_variant(context, &rule).ok_or_else(|| {
            let title = format!("the rule `{}` has no reading for scalars", rule.name);
            malformed(title, field.span, "an operator here has no scalar reading")
        })?),
        Some(field) => return Err(malformed("an unknown variant of a rule", field.span, "`also scalars` is known")),
    };
    for rule in std::iter::once(rule).chain(scalars) {
        if rules.iter().any(|known: &Rule| known.name == rule.name) {
            return Err(Diagnostic::error("E0105", format!("there are two rules `{}`", rule.name))
                .label(text.name_span, "names are permanent and single"));
        }
        rules.push(rule);
    }
    Ok(())
}

/// One rule, whose metavariables are the names of `context`.
fn elaborate_rule(
    context: &mut Context,
    scope: &Scope,
    text: &RuleText,
    class: Class,
    file: &str,
) -> Result<Rule, Diagnostic> {
    check_fields(text)?;
    let lhs = elaborate::expression(context, scope, &text.left)?.term;
    let rhs = elaborate::expression(context, scope, &text.right)?.term;
    let mut conditions = Vec::new();
    for field in text.values("where") {
        conditions.extend(read_conditions(context, field)?);
    }
    let exists = match text.values("exists").next() {
        Some(field) => Some(read_existence(context, field)?),
        None => None,
    };
    let rule = Rule {
        name: text.name.clone(),
        file: file.to_owned(),
        class: one_of(text, "class", CLASSES)?.unwrap_or(class),
        metavariables: metavariables(context, &[lhs, rhs]),
        lhs,
        rhs,
        both_ways: text.arrow == Arrow::Both,
        conditions,
        kink: one_of(text, "kink", KINKS)?,
        reason: words(text, "reason").unwrap_or_else(|| text.doc.clone()),
        doc: text.doc.clone(),
        headline: one_of(text, "level", &[("headline", true), ("full", false)])?.unwrap_or(false),
        example: read_example(text)?,
        near_miss: words(text, "near-miss"),
        source: words(text, "source").ok_or_else(|| {
            let title = format!("the rule `{}` has no source", text.name);
            malformed(title, text.name_span, "a reference or a one-line derivation is needed")
        })?,
        exists,
    };
    check_sides(context, &rule, text)?;
    Ok(rule)
}

const FIELDS: &[&str] =
    &["where", "class", "kink", "level", "reason", "example", "near-miss", "exists", "also", "source"];

const CLASSES: &[(&str, Class)] = &[
    ("differential", Class::Differential),
    ("adjoint", Class::Adjoint),
    ("identify", Class::Identify),
    ("normal", Class::Normal),
    ("collect", Class::Collect),
    ("taste", Class::Taste),
    ("recognise", Class::Recognise),
    ("expand", Class::Expand),
    ("ac", Class::Ac),
    ("lemma", Class::Lemma),
    ("definition", Class::Definition),
];

const KINKS: &[(&str, Kink)] =
    &[("excluded", Kink::Excluded), ("0", Kink::Zero), ("1", Kink::One), ("half", Kink::Half)];

const PROPERTIES: &[(&str, Property)] = &[
    ("symmetric", Property::Symmetric),
    ("skew", Property::Skew),
    ("invertible", Property::Invertible),
    ("spd", Property::PositiveDefinite),
    ("psd", Property::PositiveSemidefinite),
    ("orthogonal", Property::Orthogonal),
    ("diagonal", Property::Diagonal),
    ("lower_triangular", Property::LowerTriangular),
    ("upper_triangular", Property::UpperTriangular),
    ("positive", Property::Positive),
    ("nonnegative", Property::NonNegative),
    ("nonzero", Property::Nonzero),
    ("simplex", Property::Simplex),
    ("one_hot", Property::OneHot),
    ("full_column_rank", Property::FullColumnRank),
    ("orthonormal_columns", Property::OrthonormalColumns),
];

/// Makes a condition of the term it is about.
type MakeCondition = fn(Term) -> RuleCondition;

const CONDITIONS: &[(&str, MakeCondition)] = &[
    ("constant", RuleCondition::Constant),
    ("varies", RuleCondition::Varies),
    ("away_from_zero", RuleCondition::AwayFromZero),
    ("number", RuleCondition::Number),
    ("integer", RuleCondition::Integer),
    ("defined", RuleCondition::Named),
];

fn malformed(title: impl Into<String>, span: Span, label: impl Into<String>) -> Diagnostic {
    Diagnostic::error("E0011", title).label(span, label)
}

fn check_fields(text: &RuleText) -> Result<(), Diagnostic> {
    match text.fields.iter().find(|field| !FIELDS.contains(&field.key.as_str())) {
        None => Ok(()),
        Some(field) => Err(malformed(format!("a rule has no field `{}`", field.key), field.span, "")
            .note(format!("the fields are {}", FIELDS.join(", ")))),
    }
}

/// The words of a field, without quotes.
fn words(text: &RuleText, key: &str) -> Option<String> {
    let value = text.values(key).next()?.value.trim();
    Some(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value).to_owned())
}

fn one_of<T: Copy>(text: &RuleText, key: &str, known: &[(&str, T)]) -> Result<Option<T>, Diagnostic> {
    let Some(field) = text.values(key).next() else { return Ok(None) };
    let found = known.iter().find(|(word, _)| *word == field.value).map(|(_, value)| Some(*value));
    found.ok_or_else(|| {
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        malformed(format!("an unknown {key} `{}`", field.value), field.span, "")
            .note(format!("known are {}", words.join(", ")))
    })
}

fn read_example(text: &RuleText) -> Result<Option<(String, String)>, Diagnostic> {
    let Some(field) = text.values("example").next() else { return Ok(None) };
    let sides = field.value.split_once("=>");
    let (before, after) =
        sides.ok_or_else(|| malformed("this example has no arrow", field.span, "`before => after` is expected"))?;
    Ok(Some((before.trim().to_owned(), after.trim().to_owned())))
}

/// `equal to something that has a derivative, and words`: what stands before `=` is the reader's reminder.
fn read_existence(context: &mut Context, field: &Field) -> Result<Existence, Diagnostic> {
    let shape = || malformed("it is not clear why this exists", field.span, "`exists term = other, words` is expected");
    let (_, rest) = field.value.split_once('=').ok_or_else(shape)?;
    let parts = split(rest);
    let (equal, because) = parts.split_first().ok_or_else(shape)?;
    Ok(Existence { equal: read_term(context, equal, field.span)?, because: because.join(", ") })
}

/// A term in a field; what is wrong with it is shown at the field.
fn read_term(context: &mut Context, text: &str, at: Span) -> Result<Term, Diagnostic> {
    let scope = Scope::new(text);
    let term = syntax::expression(text)
        .and_then(|expression| elaborate::expression(context, &scope, &expression).map(|found| found.term));
    term.map_err(|inner| malformed(inner.title.clone(), at, "in this field"))
}

fn read_conditions(context: &mut Context, field: &Field) -> Result<Vec<RuleCondition>, Diagnostic> {
    split(&field.value).into_iter().map(|text| read_condition(context, text, field.span)).collect()
}

fn read_condition(context: &mut Context, text: &str, at: Span) -> Result<RuleCondition, Diagnostic> {
    let parts = text.trim().strip_suffix(')').and_then(|text| text.split_once('('));
    let (word, inner) = parts.ok_or_else(|| malformed("a condition is written `invertible(S)`", at, text))?;
    let term = read_term(context, inner, at)?;
    let property = PROPERTIES.iter().find(|(known, _)| *known == word.trim());
    if let Some((_, property)) = property {
        return Ok(RuleCondition::Property(*property, term));
    }
    match CONDITIONS.iter().find(|(known, _)| *known == word.trim()) {
        Some((_, make)) => Ok(make(term)),
        None => {
            let known: Vec<&str> =
                PROPERTIES.iter().map(|row| row.0).chain(CONDITIONS.iter().map(|row| row.0)).collect();
            Err(malformed(format!("there is no condition `{}`", word.trim()), at, "")
                .note(format!("the conditions are {}", known.join(", "))))
        }
    }
}

/// The parts between commas outside brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0i32, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

/// The metavariables of some patterns, in order of declaration; functions are not metavariables.
pub(super) fn metavariables(context: &Context, patterns: &[Term]) -> Vec<Symbol> {
    let mut found: Vec<Symbol> = patterns.iter().flat_map(|&pattern| context.symbols_in(pattern)).collect();
    found.retain(|&symbol| context.info(symbol).kind != SymbolKind::Elementwise);
    found.sort();
    found.dedup();
    found
}

/// Both sides have one shape, and each side to be built is bound by the other.
fn check_sides(context: &Context, rule: &Rule, text: &RuleText) -> Result<(), Diagnostic> {
    let (left, right) = (context.terms.shape(rule.lhs), context.terms.shape(rule.rhs));
    if left != right {
        return Err(Diagnostic::error("E0205", format!("the sides of the rule `{}` have different shapes", rule.name))
            .label(text.left.span, format!("this has shape {left}"))
            .label(text.right.span, format!("this has shape {right}")));
    }
    let conditions = rule.conditions.iter().map(RuleCondition::term);
    let mut needed: Vec<(Term, Term)> = conditions.map(|condition| (rule.lhs, condition)).collect();
    needed.push((rule.lhs, rule.rhs));
    if rule.both_ways {
        needed.push((rule.rhs, rule.lhs));
    }
    for (binder, user) in needed {
        if let Some(name) = unbound(context, binder, user) {
            let title = format!("the rule `{}` does not say what `{name}` is", rule.name);
            let at = if user == rule.lhs { text.left.span } else { text.right.span };
            return Err(malformed(title, at, format!("`{name}` does not occur on the other side")));
        }
    }
    Ok(())
}

/// A name or dimension of `user` that matching `binder` does not bind.
fn unbound(context: &Context, binder: Term, user: Term) -> Option<String> {
    let known = context.symbols_in(binder);
    let symbol = context.symbols_in(user).into_iter().find(|symbol| !known.contains(symbol));
    if let Some(symbol) = symbol {
        return Some(context.name(symbol).to_owned());
    }
    let known = dims(context, binder);
    dims(context, user).into_iter().find(|dim| !known.contains(dim)).map(|dim| dim.name.to_string())
}

/// The dimension names that occur in a term.
fn dims(context: &Context, term: Term) -> BTreeSet<DimName> {
    let mut found = BTreeSet::new();
    for node in context.terms.postorder(term) {
        if let Op::Dimension(dim) = context.terms.op(node) {
            found.extend(dim.names());
        }
        if let Shape::Matrix { rows, cols } = context.terms.shape(node) {
            found.extend(rows.names());
            found.extend(cols.names());
        }
    }
    found
}
