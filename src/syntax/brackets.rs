//! Every bracket has its partner: checked before anything else is read.

use super::token::{Kind, Token};
use super::tree::Bracket;
use crate::diag::{Diagnostic, Span};

/// Refuses brackets without a partner. Bars that may open or close are left to the parser.
pub fn check(tokens: &[Token]) -> Result<(), Diagnostic> {
    let mut open: Vec<(Bracket, Span)> = Vec::new();
    for token in tokens {
        match &token.kind {
            Kind::Open(bracket) => open.push((*bracket, token.span)),
            Kind::Close(bracket) => match open.pop() {
                Some((opened, _)) if opened == *bracket => {}
                Some((opened, at)) => return Err(mismatch(opened, at, token.span)),
                None => return Err(super::cursor::unexpected(token)),
            },
            _ => {}
        }
        if open.len() > super::cursor::MAX_DEPTH {
            return Err(super::cursor::too_deep(token.span));
        }
    }
    let end = tokens.last().map_or(Span::at(0), |t| t.span.after());
    match open.pop() {
        Some((bracket, at)) => Err(unclosed(at, bracket, end)),
        None => Ok(()),
    }
}

/// A bracket that nothing closes before `end`.
pub fn unclosed(at: Span, bracket: Bracket, end: Span) -> Diagnostic {
    Diagnostic::error("E0002", "this bracket is not closed").label(at, "opened here").fix(
        format!("close it with `{}`", closer(bracket)),
        end,
        closer(bracket),
    )
}

fn mismatch(opened: Bracket, at: Span, span: Span) -> Diagnostic {
    Diagnostic::error("E0002", "these brackets do not belong together")
        .context(at, "opened here")
        .label(span, format!("`{}` is expected", closer(opened)))
        .fix("close the bracket that is open", span, closer(opened))
}

fn closer(bracket: Bracket) -> &'static str {
    match bracket {
        Bracket::Round => ")",
        Bracket::Square => "]",
        Bracket::Curly => "}",
        Bracket::Bar => "|",
        Bracket::Norm => "‖",
        Bracket::Angle => "⟩",
    }
}
