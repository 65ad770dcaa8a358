//! A place in a list of tokens, and the refusals that every parser shares.

use super::token::{Kind, Token};
use super::tree::Bracket;
use crate::diag::{Diagnostic, Span};

/// How deeply brackets, prefixes and postfixes may be nested.
pub const MAX_DEPTH: usize = 100;

/// Words that end an expression because a statement goes on with them.
pub const STOP_WORDS: &[&str] =
    &["wrt", "given", "with", "for", "in", "layout", "kink", "deltas", "structure", "if", "otherwise", "where"];

/// The tokens of a statement and how far they are read.
#[derive(Clone, Debug)]
pub struct Cursor<'t> {
    tokens: &'t [Token],
    at: usize,
    end: usize,
    depth: usize,
    /// The brackets around this place, for bars, which do not say whether they open or close.
    pub open: Vec<Bracket>,
}

impl<'t> Cursor<'t> {
    /// At the first of `tokens`; `end` is the offset where the statement ends.
    pub fn new(tokens: &'t [Token], end: usize) -> Cursor<'t> {
        Cursor { tokens, at: 0, end, depth: 0, open: Vec::new() }
    }

    /// The next token.
    pub fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    /// The kind of the next token.
    pub fn kind(&self) -> Option<&'t Kind> {
        self.peek().map(|t| &t.kind)
    }

    /// The kind of the token `n` places on.
    pub fn ahead(&self, n: usize) -> Option<&'t Kind> {
        self.tokens.get(self.at + n).map(|t| &t.kind)
    }

    /// Reads the next token.
    pub fn next(&mut self) -> Option<&'t Token> {
        let token = self.peek();
        self.at += usize::from(token.is_some());
        token
    }

    /// Reads the next token if it is of this kind.
    pub fn eat(&mut self, kind: &Kind) -> Option<&'t Token> {
        self.peek().filter(|t| t.kind == *kind).inspect(|_| self.at += 1)
    }

    /// Reads the next token if it is this word.
    pub fn eat_word(&mut self, word: &str) -> Option<&'t Token> {
        self.peek().filter(|t| is_word(&t.kind, word)).inspect(|_| self.at += 1)
    }

    /// Is the next token this word?
    pub fn at_word(&self, word: &str) -> bool {
        self.kind().is_some_and(|k| is_word(k, word))
    }

    /// The next token as a word.
    pub fn word(&self) -> Option<&'t str> {
        self.kind().and_then(word)
    }

    /// The token before this place.
    pub fn previous(&self) -> Option<&'t Token> {
        self.at.checked_sub(1).and_then(|i| self.tokens.get(i))
    }

    /// Where the next token is, or the end of the statement.
    pub fn span(&self) -> Span {
        self.peek().map_or(Span::at(self.end), |t| t.span)
    }

    /// From `start` to the end of the last token that was read.
    pub fn since(&self, start: Span) -> Span {
        self.previous().map_or(start, |t| Span::new(start.start, t.span.end.max(start.start)))
    }

    /// Is everything read?
    pub fn done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The place as a number, for coming back to it.
    pub fn mark(&self) -> usize {
        self.at
    }

    /// Back to a marked place.
    pub fn reset(&mut self, mark: usize) {
        self.at = mark;
    }

    /// The tokens not yet read.
    pub fn rest(&self) -> &'t [Token] {
        &self.tokens[self.at.min(self.tokens.len())..]
    }

    /// The first `n` tokens not yet read, as a cursor of their own; this one stays.
    pub fn sub(&self, n: usize) -> Cursor<'t> {
        let rest = self.rest();
        let tokens = &rest[..n.min(rest.len())];
        let end = tokens.last().map_or(self.end, |t| t.span.end);
        Cursor { tokens, at: 0, end, depth: self.depth, open: Vec::new() }
    }

    /// Passes over `n` tokens.
    pub fn skip(&mut self, n: usize) {
        self.at = (self.at + n).min(self.tokens.len());
    }

    /// Enters one level of nesting.
    pub fn enter(&mut self) -> Result<(), Diagnostic> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(too_deep(self.span())) } else { Ok(()) }
    }

    /// Leaves one level of nesting.
    pub fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Refuses what is left over.
    pub fn finish(&self) -> Result<(), Diagnostic> {
        match self.peek() {
            None => Ok(()),
            Some(token) => Err(unexpected(token)),
        }
    }
}

/// The word a token is.
pub fn word(kind: &Kind) -> Option<&str> {
    match kind {
        Kind::Name { name, .. } => Some(name),
        _ => None,
    }
}

/// Is the token this word?
pub fn is_word(kind: &Kind, wanted: &str) -> bool {
    word(kind) == Some(wanted)
}

/// Refuses nesting beyond [`MAX_DEPTH`].
pub fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error("E0006", format!("this is nested more than {MAX_DEPTH} levels deep"))
        .label(span, format!("level {}", MAX_DEPTH + 1))
        .note("name a part of the expression on a line of its own and use the name")
}

/// Refuses a token that fits nowhere.
pub fn unexpected(token: &Token) -> Diagnostic {
    match &token.kind {
        Kind::Close(_) | Kind::End(_) => {
            Diagnostic::error("E0002", "this bracket closes nothing").label(token.span, "no bracket is open here")
        }
        Kind::Unknown(command) => unknown_command(command, token.span),
        Kind::Name { name, .. } if STOP_WORDS.contains(&name.as_str()) => {
            let d = Diagnostic::error("E0009", format!("`{name}` does not belong here")).label(token.span, "");
            match name.as_str() {
                "wrt" => d.note("a question starts with its word: `grad f wrt x`, `diff f wrt x`, `hessian f wrt x`"),
                "with" => d.note("a variable stands behind `wrt`: `grad f wrt x`"),
                _ => d,
            }
        }
        Kind::Cross => Diagnostic::error("E0003", "`×` is not an operator here")
            .label(token.span, "it stands between dimensions only, and there is no cross product")
            .fix("multiply", token.span, "*"),
        Kind::Colon => Diagnostic::error("E0009", "`:` does not belong here")
            .label(token.span, "no slice and no declaration is read here")
            .note("row i of a matrix is `A_{i:}`, column j `A_{:j}`; ranges of indices are not part of the language"),
        _ => Diagnostic::error("E0009", "this does not belong here")
            .label(token.span, "the statement is complete before it"),
    }
}

/// Commands of papers for what Gradus does not do.
const NOT_PART: &[(&str, &str)] = &[
    ("int", "integrals"),
    ("iint", "integrals"),
    ("oint", "integrals"),
    ("lim", "limits"),
    ("limsup", "limits"),
    ("prod", "products over an index"),
    ("inf", "optimisation problems"),
    ("sup", "optimisation problems"),
    ("arg", "optimisation problems"),
    ("argmin", "optimisation problems"),
    ("argmax", "optimisation problems"),
    ("infty", "infinite values"),
    ("forall", "quantifiers"),
    ("exists", "quantifiers"),
    ("to", "maps and limits"),
    ("rightarrow", "maps and limits"),
    ("mapsto", "maps"),
    ("sim", "distributions"),
    ("propto", "proportionalities"),
    ("succeq", "inequalities of matrices"),
    ("preceq", "inequalities of matrices"),
    ("succ", "inequalities of matrices"),
    ("subset", "sets"),
    ("cup", "sets"),
    ("cap", "sets"),
    ("binom", "binomials"),
    ("lfloor", "roundings"),
    ("lceil", "roundings"),
    ("cdots", "sums and products with dots"),
    ("ldots", "sums and products with dots"),
    ("dots", "sums and products with dots"),
    ("vdots", "sums and products with dots"),
    ("pm", "two signs at once"),
    ("mp", "two signs at once"),
];

/// Refuses an unknown LaTeX command.
pub fn unknown_command(command: &str, span: Span) -> Diagnostic {
    if let Some((_, what)) = NOT_PART.iter().find(|(known, _)| *known == command) {
        return Diagnostic::error("E0901", format!("`\\{command}` is not part of Gradus"))
            .label(span, format!("{what} are not supported"));
    }
    let d = Diagnostic::error("E0010", format!("`\\{command}` is not a command of the language")).label(span, "");
    match super::suggest::nearest(command, super::suggest::COMMANDS) {
        Some(near) => d.fix("a command of a similar name", span, format!("\\{near}")),
        None => d.note(format!("a function is written `\\operatorname{{{command}}}`")),
    }
}
