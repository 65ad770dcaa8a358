//! What `:help`, `?softmax` and `?d-inv` say.
//!
//! What a function is and how it is differentiated is not written here: it is read from the rules.

use super::commands::COMMANDS;
use super::settings::SETTINGS;
use super::{Session, catalogue};
use crate::diag::{Diagnostic, Span};
use crate::ir::Signature;
use crate::ir::{Function, Op};
use crate::rules::{Class, Rule, RuleSet};
use crate::syntax::suggest::nearest;

/// Kinds of statements with an example of each.
const STATEMENTS: &[(&str, &str)] = &[
    ("declare", "x ∈ ℝ^D        A : R^(n×n) symmetric        A(α) : R^(m×m) invertible"),
    ("define", "z = W x        f(X, W) = X W"),
    ("assume", "assume sum(y) = 1"),
    ("ask", "grad J wrt W, x        ∂J/∂W        d/dα (A⁻¹)        R′(Y)        hessian f wrt x"),
    ("prove", "prove ∂A⁻¹/∂α = −A⁻¹ (∂A/∂α) A⁻¹ given A⁻¹A = I"),
    ("solve", "solve A X B + C = D for X        solve ∂f/∂x = 0 for x"),
    ("size", "size ∂Y/∂X with N = 64, M = D = 4096, f32"),
    ("settings", "grad J wrt W layout numerator        steps full grad J wrt W"),
    ("results", "each is numbered: `%` is the last one, `%3` the third"),
    (
        "spelling",
        "ASCII, Unicode and LaTeX of one thing are one thing: W^T W' Wᵀ W^\\top; at the prompt \\alpha<TAB> is α",
    ),
];

/// Words that open a question, with what they ask for.
const KEYWORDS: &[(&str, &str)] = &[
    ("grad", "`grad J wrt W, x`: the gradient of a scalar, in the shape of the variable"),
    ("jacobian", "`jacobian f wrt x`: outputs × inputs"),
    ("hessian", "`hessian f wrt x`: the second derivative of a scalar; `hessian f wrt x, y`: its blocks"),
    ("diff", "`diff E wrt X`: the derivative; which kind follows from the shapes"),
    ("differential", "`differential E`: dE, in terms of the differentials of the names in it"),
    ("simplify", "`simplify E`: the best form of a term"),
    ("expand", "`expand E`: a term multiplied out, as a sum of products"),
    ("factor", "`factor E`: a term with its common factors taken out"),
    ("shape", "`shape E`: the shape of a term"),
    ("solve", "`solve A X B + C = D for X`: the unknown of a linear equation, with steps"),
    ("prove", "`prove l = r given …`: a proof with steps, or numbers that refute it"),
    ("size", "`size ∂Y/∂X with N = 64, f32`: what an explicit Jacobian would take"),
    ("assume", "`assume sum(y) = 1`: an equation or property that answers may use, and then name"),
    ("steps", "`steps full grad J wrt W`: every step, for one question; `:steps full` from there on"),
];

/// The text of `:help`.
pub fn overview() -> String {
    let width = STATEMENTS.iter().map(|(kind, _)| kind.len()).max().unwrap_or(0);
    let mut lines: Vec<String> = STATEMENTS.iter().map(|(kind, example)| format!("{kind:width$}  {example}")).collect();
    lines.push(String::new());
    let usage: Vec<String> =
        COMMANDS.iter().map(|c| format!(":{} {}", c.name, c.arguments).trim_end().into()).collect();
    let width = usage.iter().map(|usage| usage.chars().count()).max().unwrap_or(0);
    lines.extend(usage.iter().zip(COMMANDS).map(|(usage, command)| format!("{usage:width$}  {}", command.about)));
    lines.join("\n")
}

/// The text of `?topic`.
///
/// # Errors
/// There is nothing of that name.
pub fn topic(session: &Session, topic: &str, span: Span) -> Result<String, Diagnostic> {
    let bare = topic.trim_start_matches([':', '\\']);
    if let Some(function) = function_named(bare) {
        return Ok(about_function(&session.engine.rules, function));
    }
    if let Some(id) = session.engine.rules.named(bare) {
        return Ok(catalogue::page(&session.engine.rules, session.engine.rules.rule(id)));
    }
    if let Some((_, about)) = KEYWORDS.iter().find(|(word, _)| *word == bare) {
        return Ok((*about).into());
    }
    if let Some(command) = COMMANDS.iter().find(|command| command.name == bare) {
        return Ok(format!(":{} {}\n{}", command.name, command.arguments, command.about));
    }
    Err(unknown(&session.engine.rules, bare, span))
}

/// Every word that has a help text, but rules: for completion.
pub fn topics() -> impl Iterator<Item = &'static str> {
    let functions = Function::all().map(Function::name);
    functions.chain(KEYWORDS.iter().map(|(word, _)| *word)).chain(COMMANDS.iter().map(|command| command.name))
}

fn unknown(rules: &RuleSet, word: &str, span: Span) -> Diagnostic {
    let mut known: Vec<&str> = topics().chain(SETTINGS.iter().map(|(name, _)| *name)).collect();
    known.extend(rules.rules.iter().map(|rule| rule.name.as_str()));
    let error = Diagnostic::error("E0802", format!("there is no help on `{word}`")).label(span, "");
    match nearest(word, &known) {
        Some(near) => error.fix("a topic of a similar name", span, format!("?{near}")),
        None => error.note("functions, rules, commands and the words that open a question have help"),
    }
}

/// The function of a name, in any case (`ReLU`).
fn function_named(word: &str) -> Option<Function> {
    Function::named(word).or_else(|| Function::named(&word.to_lowercase()))
}

fn about_function(rules: &RuleSet, function: Function) -> String {
    let mut lines = vec![format!("{}: {}", function.name(), signature(function.signature()))];
    for rule in rules.rules.iter().filter(|rule| speaks_of(rules, rule, function)) {
        lines.push(format!("  {}", catalogue::line(rules, rule)));
    }
    lines.join("\n")
}

/// The rules that say what a function is or how it is differentiated.
fn speaks_of(rules: &RuleSet, rule: &Rule, function: Function) -> bool {
    let terms = &rules.context.terms;
    let top = match terms.op(rule.lhs) {
        Op::Differential => terms.args(rule.lhs)[0],
        _ => rule.lhs,
    };
    matches!(rule.class, Class::Differential | Class::Definition | Class::Collect)
        && *terms.op(top) == Op::Call(function)
}

fn signature(signature: Signature) -> &'static str {
    match signature {
        Signature::Entrywise => "a scalar to a scalar; of a matrix, entry by entry",
        Signature::VectorToVector => "a vector to a vector of its shape",
        Signature::VectorToScalar => "a vector to a scalar",
        Signature::SquareToScalar => "a square matrix to a scalar",
        Signature::SquareToSquare => "a square matrix to a matrix of its shape",
        Signature::SquareToVector => "a square matrix to the vector of its diagonal",
        Signature::VectorToSquare => "a vector to a square matrix",
        Signature::MatrixToScalar => "a matrix to a scalar",
        Signature::MatrixToMatrix => "a matrix to a matrix of its shape",
        Signature::MatrixToTransposed => "an m×n matrix to an n×m matrix",
        Signature::MatrixToRows => "a matrix to the vector of one value a row",
        Signature::MatrixToCols => "a matrix to the row of one value a column",
        Signature::MatrixToVec => "a matrix to the vector of its columns, one below the other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_explained_by_its_rules() {
        let text = topic(&Session::new(), "softmax", Span::default()).unwrap();
        assert!(text.starts_with("softmax: a vector to a vector"), "{text}");
        assert!(text.contains("d(softmax("), "{text}");
        assert!(topic(&Session::new(), "ReLU", Span::default()).is_ok());
    }

    #[test]
    fn an_unknown_topic_offers_a_near_one() {
        let error = topic(&Session::new(), "sofmax", Span::new(0, 7)).unwrap_err();
        assert_eq!(error.help[0].apply("?sofmax").as_deref(), Some("?softmax"));
    }

    #[test]
    fn the_overview_fits_a_terminal_and_names_every_command() {
        let text = overview();
        assert!(COMMANDS.iter().all(|command| text.contains(&format!(":{}", command.name))));
        assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    }
}
