//! Case distinctions: `cases(a if j = k; b otherwise)` and `\begin{cases} … \end{cases}`.

use super::cursor::Cursor;
use super::expression::{close, relation, sum};
use super::token::Kind;
use super::tree::*;
use crate::diag::{Diagnostic, Span};

type Parsed<T> = Result<T, Diagnostic>;

/// `cases( … )`.
pub fn function(c: &mut Cursor) -> Parsed<Expr> {
    let start = c.span();
    c.next();
    let open = c.span();
    c.next();
    c.enter()?;
    c.open.push(Bracket::Round);
    let mut cases = vec![case(c)?];
    while c.eat(&Kind::Semicolon).is_some() || c.eat(&Kind::Comma).is_some() {
        cases.push(case(c)?);
    }
    close(c, Bracket::Round, open)?;
    c.open.pop();
    c.leave();
    finish(cases, c.since(start))
}

/// `\begin{cases} … \end{cases}`.
pub fn environment(c: &mut Cursor) -> Parsed<Expr> {
    let start = c.span();
    c.next();
    c.enter()?;
    c.open.push(Bracket::Curly);
    let mut cases = Vec::new();
    while !matches!(c.kind(), None | Some(Kind::End(_))) {
        cases.push(case(c)?);
        if c.eat(&Kind::RowEnd).is_none() {
            break;
        }
    }
    c.open.pop();
    c.leave();
    match c.next() {
        Some(token) if matches!(token.kind, Kind::End(_)) => finish(cases, c.since(start)),
        _ => Err(Diagnostic::error("E0002", "this case distinction is not closed").label(start, "opened here")),
    }
}

/// Only the last case may do without a guard.
fn finish(cases: Vec<Case>, span: Span) -> Parsed<Expr> {
    match cases.iter().rev().skip(1).find(|case| case.guard.is_none()) {
        None if !cases.is_empty() => Ok(Expr::new(Node::Cases(cases), span)),
        None => Err(Diagnostic::error("E0001", "this case distinction has no cases").label(span, "")),
        Some(bare) => Err(Diagnostic::error("E0005", "this case has no condition")
            .label(bare.value.span, "when does it hold")
            .note("a condition is written `if j = k`, or behind `&` in LaTeX; only the last case may do without")),
    }
}

fn case(c: &mut Cursor) -> Parsed<Case> {
    let value = sum(c)?;
    c.eat(&Kind::Comma);
    let bar = c.eat(&Kind::Ampersand).is_some();
    let word = introduction(c);
    let guard = match (word, c.kind()) {
        (Some("otherwise"), _) => None,
        (None, _) if !bar => None,
        (_, None | Some(Kind::RowEnd | Kind::End(_) | Kind::Semicolon | Kind::Close(_))) => None,
        _ => Some(relation(c)?),
    };
    Ok(Case { value, guard })
}

/// `if`, `for`, `otherwise`, also in `\text{…}`.
fn introduction(c: &mut Cursor) -> Option<&'static str> {
    let text = match c.kind()? {
        Kind::Name { name, .. } => name.as_str(),
        Kind::Text(text) => text.as_str(),
        _ => return None,
    };
    let found = match text.trim().trim_end_matches(['.', ',']) {
        "if" | "for" | "when" => "if",
        "otherwise" | "else" | "if otherwise" => "otherwise",
        _ => return None,
    };
    c.next();
    if found == "if" && introduction(c) == Some("otherwise") { Some("otherwise") } else { Some(found) }
}
