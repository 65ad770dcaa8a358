//! Refusals of the layers below as diagnostics: what is missing, where it was typed, what would help.

use crate::derive::Refusal;
use crate::diag::{Diagnostic, Span};
use crate::eval::{EvalError, Number};
use crate::facts::Condition;
use crate::ir::{Context, Property, Term};
use crate::print::{Spelling, term};
use crate::verify::{Counterexample, Entries, Reason};

/// Where sub-terms of a question were typed, inner ones first.
pub type Places = [(Span, Term)];

/// A refusal to derive as a diagnostic at the question `span`.
pub fn derivation(context: &Context, refusal: &Refusal, span: Span, places: &Places) -> Diagnostic {
    match refusal {
        Refusal::NoRule(t) if is_undefined(context, *t) => Diagnostic::error(
            "E0408",
            format!(
                "{} is an undefined function of a matrix, and a gradient through it has no form here",
                quoted(context, *t)
            ),
        )
        .label(place_of(*t, places).unwrap_or(span), "only its derivative as a whole has a name, ∂vec/∂(vec)ᵀ")
        .note("ask for the `jacobian` of what depends on it, or declare it as a function of a vector"),
        Refusal::NoRule(t) => Diagnostic::error("E0408", format!("no rule differentiates {}", quoted(context, *t)))
            .label(
                place_of(*t, places).unwrap_or(span),
                "its derivative is not in the table, so it is refused rather than guessed",
            )
            .note("`gradus rules` lists what can be differentiated"),
        Refusal::Unmet { term: t, conditions } => {
            let d = Diagnostic::error(
                "E0401",
                format!("the derivative of {} needs a condition that nothing settles", quoted(context, *t)),
            )
            .label(place_of(*t, places).unwrap_or(span), "here");
            conditions
                .iter()
                .fold(d, |d, condition| d.note(format!("it would help to know: {}", wish(context, condition))))
        }
        Refusal::NotReadable(t) => {
            Diagnostic::error("E0409", "this derivative has no form in matrices that is known here")
                .label(span, format!("what is left is {}", quoted(context, *t)))
                .note("ask for one entry of it: `∂F_ij/∂X_kl`, or for `differential F`")
        }
        Refusal::NeedsConvention(variable, property) => {
            let name = crate::print::name(context.name(*variable), Spelling::Unicode);
            let set = crate::print::property(*property);
            Diagnostic::error("E0407", format!("what the gradient by `{name}` means needs a convention"))
                .label(span, format!("`{name}` is declared {set}, so it moves on a curved set"))
                .note("`structure free` behind the question ignores that while differentiating")
        }
        Refusal::NotYet(what) => not_yet(span, what),
    }
}

/// A name that was declared to be a function of others, and is not defined.
fn is_undefined(context: &Context, of: Term) -> bool {
    let symbol = context.terms.as_symbol(of);
    symbol.is_some_and(|name| context.definition(name).is_none() && !context.info(name).depends_on.is_empty())
}

/// Something that a later version will do.
pub fn not_yet(span: Span, what: &str) -> Diagnostic {
    Diagnostic::error("E0901", format!("{what}: not yet"))
        .label(span, "this is part of the language, and not answered yet")
}

/// Why a check came to no end, in words.
pub fn undecidable(reason: &Reason) -> String {
    match reason {
        Reason::NoPoint(error) => format!("no point was found where everything has a value: {}", failure(error)),
        Reason::Evaluation(error) => format!("it could not be evaluated: {}", failure(error)),
        Reason::IllConditioned => "rounding is as large as the values at every point that was tried".into(),
    }
}

fn failure(error: &EvalError) -> String {
    match error {
        EvalError::Singular => "a matrix is singular".into(),
        EvalError::DivisionByZero => "something is divided by 0".into(),
        EvalError::NoRoot => "a square root does not exist".into(),
        EvalError::Undefined(function) => format!("`{function}` is taken outside its domain"),
        EvalError::Kink => "the derivative at a kink is asked for".into(),
        EvalError::Overflow => "a value is too large".into(),
        EvalError::SizesUnfit | EvalError::Size => "no sizes fit what was declared".into(),
        EvalError::Unsampleable => "no values are known that satisfy all that was declared and assumed".into(),
        EvalError::NoCase => "no case applies".into(),
        EvalError::Order => "derivatives of more than three orders cannot be checked".into(),
        EvalError::NotAffine => "an equation is not linear in its unknown".into(),
        EvalError::IndexRange => "an index lies outside its range".into(),
        other => format!("{other:?}"),
    }
}

/// A term between backticks, in the spelling of errors.
pub fn quoted(context: &Context, of: Term) -> String {
    format!("`{}`", term(context, of, Spelling::Unicode))
}

/// A condition as the statement that would declare it.
pub fn wish(context: &Context, condition: &Condition) -> String {
    match condition {
        Condition::Property(Property::Simplex, t) => {
            format!("assume sum({}) = 1", term(context, *t, Spelling::Unicode))
        }
        Condition::Property(property, t) | Condition::Unique(property, t) => {
            format!("assume {} {}", term(context, *t, Spelling::Unicode), crate::print::property(*property))
        }
        Condition::Constant(t) => format!("{} is constant", quoted(context, *t)),
        Condition::Regular(t) => format!("{} is a regular solution", quoted(context, *t)),
        Condition::Determined(t) => format!("there is exactly one {}", quoted(context, *t)),
        Condition::AwayFromZero(t) => format!("no entry of {} is 0", quoted(context, *t)),
    }
}

/// Where a term was typed.
pub fn place_of(term: Term, places: &Places) -> Option<Span> {
    places.iter().find(|(_, t)| *t == term).map(|(span, _)| *span)
}

/// A counter-example: the label at the equation, and the note with the numbers.
pub fn counterexample(context: &Context, found: &Counterexample) -> (String, String) {
    let (i, j) = found.entry;
    let at = |entries: &Entries| number(entries, i - 1, j - 1);
    let place = if found.left.rows * found.left.cols == 1 { String::new() } else { format!("at entry ({i}, {j}) ") };
    let label = format!("{place}the left side is {} and the right side is {}", at(&found.left), at(&found.right));
    let sizes = found.sizes.iter().map(|(name, n)| format!("{name} = {n}"));
    let values = found.values.iter().map(|(symbol, value)| {
        format!("{} = {}", crate::print::name(context.name(*symbol), Spelling::Unicode), matrix(value))
    });
    let all: Vec<String> = sizes.collect();
    let values: Vec<String> = values.collect();
    let exact = if found.exact { " (exact arithmetic)" } else { "" };
    if all.is_empty() && values.is_empty() {
        return (label, format!("both sides are numbers{exact}"));
    }
    let sizes = if all.is_empty() { String::new() } else { format!("{}: ", all.join(", ")) };
    (label, format!("counter-example, {sizes}{}{exact}", values.join(", ")))
}

fn number(entries: &Entries, i: usize, j: usize) -> String {
    match entries.data.get(j * entries.rows + i) {
        Some(Number::Exact(value)) => value.to_string(),
        Some(Number::Real(value)) => format!("{value:.6}"),
        Some(Number::Residue(value)) => value.to_string(),
        None => String::new(),
    }
}

/// `[1 1; 0 1]`; a single number without brackets.
fn matrix(entries: &Entries) -> String {
    if entries.rows * entries.cols == 1 {
        return number(entries, 0, 0);
    }
    let row = |i| (0..entries.cols).map(|j| number(entries, i, j)).collect::<Vec<_>>().join(" ");
    format!("[{}]", (0..entries.rows).map(row).collect::<Vec<_>>().join("; "))
}
