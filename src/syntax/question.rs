//! Questions: their keywords, what they need, and the settings behind them.

use super::cursor::{Cursor, is_word};
use super::declaration::claims;
use super::expression::{missing_operand, relation, sum};
use super::statement::*;
use super::token::{Kind, Token};
use super::tree::*;
use crate::diag::{Diagnostic, Span};

type Parsed<T> = Result<T, Diagnostic>;

/// Settings of one question and their values.
pub const SETTINGS: &[(&str, &[&str])] = &[
    ("layout", &["mixed", "numerator", "denominator"]),
    ("deltas", &["column", "row"]),
    ("kink", &["0", "1", "1/2"]),
    ("steps", &["none", "headline", "full"]),
    ("structure", &["projection", "free", "cookbook"]),
];

/// Words that ask for the answer in one notation or language.
pub const OUTPUTS: &[&str] = &["latex", "unicode", "ascii", "numpy", "pytorch", "jax", "julia", "code", "index"];

/// Words that open a question.
pub const KEYWORDS: &[&str] = &[
    "diff", "grad", "gradient", "jacobian", "hessian", "differential", "simplify", "expand", "factor", "shape",
    "prove", "check", "solve", "size", "steps",
];

/// Does a question with a keyword start here?
pub fn starts(c: &Cursor) -> bool {
    let keyword = c.word().is_some_and(|w| KEYWORDS.contains(&w) || OUTPUTS.contains(&w));
    keyword && !matches!(c.ahead(1), Some(kind) if is_infix(kind))
}

fn is_infix(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Relation(_)
            | Kind::Define
            | Kind::Colon
            | Kind::ElementOf
            | Kind::Comma
            | Kind::Plus
            | Kind::Factor(_)
            | Kind::Element(_)
            | Kind::Caret
            | Kind::Underscore
            | Kind::Apostrophe
    )
}

/// A question, from its prefixes to its settings.
pub fn ask(c: &mut Cursor) -> Parsed<Ask> {
    let (mut settings, mut output) = (Vec::new(), None);
    loop {
        if c.at_word("steps") && starts(c) {
            settings.push(steps(c));
        } else if c.word().is_some_and(|w| OUTPUTS.contains(&w)) && starts(c) {
            output = c.word().map(str::to_string);
            c.next();
        } else {
            break;
        }
    }
    if c.done() {
        return Err(missing(c, "an expression is missing", "nothing follows"));
    }
    let question = if starts(c) { keyword(c)? } else { Question::Value(relation(c)?) };
    settings.extend(self::settings(c)?);
    Ok(Ask { question, settings, output })
}

fn steps(c: &mut Cursor) -> Setting {
    let start = c.span();
    c.next();
    let levels = SETTINGS[3].1;
    let level = c.word().and_then(|w| levels.iter().find(|l| **l == w));
    if level.is_some() {
        c.next();
    }
    Setting { key: "steps", value: level.copied().unwrap_or("headline"), span: c.since(start) }
}

fn missing(c: &Cursor, title: &str, label: &str) -> Diagnostic {
    let at = c.previous().map_or(c.span(), |t| t.span);
    Diagnostic::error("E0005", title).label(at, label)
}

fn keyword(c: &mut Cursor) -> Parsed<Question> {
    let word = c.word().unwrap_or("");
    c.next();
    if c.done() {
        return Err(missing(c, &format!("an expression is missing after `{word}`"), "nothing follows"));
    }
    match word {
        "diff" => derivative(c, Derivative::Diff),
        "grad" | "gradient" => derivative(c, Derivative::Gradient),
        "jacobian" => derivative(c, Derivative::Jacobian),
        "hessian" => derivative(c, Derivative::Hessian),
        "differential" => derivative(c, Derivative::Differential),
        "simplify" => transform(c, Transform::Simplify),
        "expand" => transform(c, Transform::Expand),
        "factor" => transform(c, Transform::Factor),
        "shape" => transform(c, Transform::Shape),
        "prove" => prove(c),
        "check" => check(c),
        "solve" => solve(c),
        _ => size(c),
    }
}

/// `grad J wrt W, U` and `grad J, W, U`.
fn derivative(c: &mut Cursor, kind: Derivative) -> Parsed<Question> {
    let of = sum(c)?;
    let mut wrt = Vec::new();
    if c.eat_word("wrt").is_some() {
        if c.done() {
            let d = missing(c, "a variable is missing after `wrt`", "nothing follows");
            return Err(d.note(format!("say by what to differentiate: `{} … wrt W`", keyword_of(kind))));
        }
        wrt.push(sum(c)?);
    }
    while c.eat(&Kind::Comma).is_some() {
        wrt.push(sum(c)?);
    }
    match &of.node {
        Node::Group(Bracket::Round | Bracket::Square, items) if wrt.is_empty() && items.len() > 1 => {
            Err(as_call(kind, of.span, items))
        }
        _ => Ok(Question::Derivative { kind, of, wrt }),
    }
}

/// `grad(f, x)`: a question is no function.
fn as_call(kind: Derivative, span: Span, items: &[Expr]) -> Diagnostic {
    let word = keyword_of(kind);
    let (first, second, last) = (items[0].span, items[1].span, items[items.len() - 1].span);
    Diagnostic::error("E0302", format!("`{word}` is a question, no function"))
        .label(span, "arguments in brackets")
        .fixes(
            "ask with `wrt`",
            vec![
                (Span::new(span.start, first.start), " ".into()),
                (Span::new(first.end, second.start), " wrt ".into()),
                (Span::new(last.end, span.end), String::new()),
            ],
        )
}

fn keyword_of(kind: Derivative) -> &'static str {
    match kind {
        Derivative::Diff => "diff",
        Derivative::Gradient => "grad",
        Derivative::Jacobian => "jacobian",
        Derivative::Hessian => "hessian",
        Derivative::Differential => "differential",
    }
}

fn transform(c: &mut Cursor, how: Transform) -> Parsed<Question> {
    Ok(Question::Transform { how, of: relation(c)? })
}

fn prove(c: &mut Cursor) -> Parsed<Question> {
    let mut list = claims(c)?;
    let given = given(c)?;
    match list.len() {
        1 => Ok(Question::Prove { claim: list.remove(0), given }),
        _ => Err(Diagnostic::error("E0005", "`prove` takes one claim")
            .label(list[1].span(), "a second one")
            .note("hypotheses stand behind `given`")),
    }
}

fn given(c: &mut Cursor) -> Parsed<Vec<Claim>> {
    match c.eat_word("given") {
        Some(_) => claims(c),
        None => Ok(Vec::new()),
    }
}

fn check(c: &mut Cursor) -> Parsed<Question> {
    let mut lines = claims(c)?;
    while c.eat(&Kind::RowEnd).is_some() || c.eat(&Kind::Semicolon).is_some() {
        if !c.done() && !c.at_word("given") {
            lines.extend(claims(c)?);
        }
    }
    Ok(Question::Check { lines, given: given(c)? })
}

fn solve(c: &mut Cursor) -> Parsed<Question> {
    let mut equations = vec![equation(c)?];
    while c.eat(&Kind::Comma).is_some() {
        equations.push(equation(c)?);
    }
    let given_first = given(c)?;
    if c.eat_word("for").is_none() {
        return Err(unknown_missing(c, &equations));
    }
    if c.done() {
        return Err(missing(c, "an unknown is missing after `for`", "nothing follows"));
    }
    let mut unknowns = vec![sum(c)?];
    while c.eat(&Kind::Comma).is_some() {
        unknowns.push(sum(c)?);
    }
    let given = if given_first.is_empty() { given(c)? } else { given_first };
    Ok(Question::Solve { equations, unknowns, given })
}

fn equation(c: &mut Cursor) -> Parsed<Expr> {
    let tokens = c.rest();
    let e = relation(c)?;
    if c.at_word("wrt")
        && let Some(word) = question_word(&tokens[..tokens.len() - c.rest().len()])
    {
        return Err(question_in_equation(c, word));
    }
    match e.node {
        Node::Relation(..) => Ok(e),
        _ => Err(Diagnostic::error("E0005", "`solve` needs an equation").label(e.span, "this has no `=`").fix(
            "for where it is zero",
            e.span.after(),
            " = 0",
        )),
    }
}

/// Where the last word stands that asks for a derivative, and what is behind it.
fn question_word(tokens: &[Token]) -> Option<(Span, Span)> {
    let asks = |token: &Token| ["grad", "gradient", "diff", "jacobian"].iter().any(|word| is_word(&token.kind, word));
    let at = tokens.iter().rposition(asks)?;
    Some((tokens[at].span, tokens.get(at + 1)?.span))
}

/// `solve grad f wrt x = 0`: a question, where a derivative is written as a quotient. The word of the question is at
/// the first place, what it asks about from the second up to `wrt`.
fn question_in_equation(c: &Cursor, (word, of): (Span, Span)) -> Diagnostic {
    let wrt = c.span();
    let end = c.previous().map_or(wrt, |token| token.span);
    let by = c.rest().get(1).map_or(wrt, |token| token.span);
    Diagnostic::error("E0005", "a question does not stand in an equation")
        .label(word.to(wrt), "a derivative in an equation is written ∂f/∂x")
        .fixes(
            "written as a quotient",
            vec![(Span::new(word.start, of.start), "∂(".to_owned()), (Span::new(end.end, by.start), ")/∂".to_owned())],
        )
}

/// `solve A X = B`: for which of them? One fix for the last single name on the left.
fn unknown_missing(c: &Cursor, equations: &[Expr]) -> Diagnostic {
    let end = c.previous().map_or(c.span(), |t| t.span).after();
    let whole = equations.iter().fold(equations[0].span, |s, e| s.to(e.span));
    let d = Diagnostic::error("E0005", "`solve` needs the unknown").label(whole, "solve for what");
    let Node::Relation(left, _) = &equations[0].node else { return d };
    match last_name(left) {
        Some(name) => d.fix("say which", end, format!(" for {name}")),
        None => d.note("written `solve A X = B for X`"),
    }
}

fn last_name(e: &Expr) -> Option<String> {
    match &e.node {
        Node::Product(factors) => factors.iter().rev().find_map(|f| super::full_name(&f.expr)),
        Node::Sum(terms) => terms.iter().rev().find_map(|t| last_name(&t.expr)),
        _ => super::full_name(e),
    }
}

/// `size E with N = 64, M = D = 4096, f32`.
fn size(c: &mut Cursor) -> Parsed<Question> {
    let of = sum(c)?;
    let (mut dims, mut format) = (Vec::new(), None);
    if c.eat_word("with").is_some() {
        size_item(c, &mut dims, &mut format)?;
    }
    while c.eat(&Kind::Comma).is_some() {
        size_item(c, &mut dims, &mut format)?;
    }
    Ok(Question::Size { of, dims, format })
}

fn size_item(c: &mut Cursor, dims: &mut Vec<(String, Expr)>, format: &mut Option<(String, Span)>) -> Parsed<()> {
    let item = relation(c)?;
    match item.node {
        Node::Name(word) => *format = Some((word, item.span)),
        Node::Relation(first, rest) if rest.iter().all(|(r, _)| *r == Relation::Equal) => {
            let mut sides: Vec<Expr> = std::iter::once(*first).chain(rest.into_iter().map(|(_, e)| e)).collect();
            let value = sides.pop().ok_or_else(|| missing_operand(c))?;
            for side in sides {
                let name = super::full_name(&side).ok_or_else(|| bad_size(side.span))?;
                dims.push((name, value.clone()));
            }
        }
        _ => return Err(bad_size(item.span)),
    }
    Ok(())
}

fn bad_size(span: Span) -> Diagnostic {
    Diagnostic::error("E0005", "this says nothing about a size")
        .label(span, "neither `N = 64` nor a number format such as `f32`")
}

/// The settings behind a question.
pub fn settings(c: &mut Cursor) -> Parsed<Vec<Setting>> {
    let mut all = Vec::new();
    while !c.done() {
        all.push(setting(c)?);
    }
    Ok(all)
}

/// `layout numerator`.
fn setting(c: &mut Cursor) -> Parsed<Setting> {
    let Some(token) = c.peek() else { return Err(missing_operand(c)) };
    let found = c.word().and_then(|w| SETTINGS.iter().find(|(key, _)| *key == w));
    let Some((key, values)) = found else { return Err(super::cursor::unexpected(token)) };
    c.next();
    let start = c.span();
    let text = value_text(c);
    match values.iter().find(|v| **v == text) {
        Some(value) => Ok(Setting { key, value, span: token.span.to(c.since(start)) }),
        None => Err(Diagnostic::error("E0802", format!("`{text}` is not a value of `{key}`"))
            .label(token.span.to(c.since(start)), format!("one of {}", values.join(", ")))),
    }
}

/// `numerator`, `0`, `1/2`, `½`.
fn value_text(c: &mut Cursor) -> String {
    let mut text = String::new();
    while let Some(token) = c.peek() {
        match &token.kind {
            Kind::Name { name, .. } if text.is_empty() => text.push_str(name),
            Kind::Number(n) => text.push_str(n),
            Kind::Factor(Join::Over) => text.push('/'),
            _ => break,
        }
        c.next();
        if text.starts_with(char::is_alphabetic) {
            break;
        }
    }
    if text == "0.5" { "1/2".into() } else { text }
}
