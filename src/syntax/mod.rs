//! Text → surface tree with spans. The only user of pest.
//!
//! ```text
//! text ──scan──▶ pieces ──token (pest)──▶ tokens ──expression, declaration, question──▶ statements
//! ```
//! pest finds tokens only, in one pass without recursion. Nothing here knows which names are
//! declared: letter runs, juxtaposition, application, open exponents and Leibniz quotients stay as
//! typed, in flat sequences, and `elaborate` resolves them. Every text gives statements or
//! diagnostics with spans into the text as typed; nothing panics, and every depth is bounded.

mod brackets;
mod cases;
mod cursor;
pub mod declaration;
mod expression;
pub mod names;
mod outline;
mod postfix;
pub mod question;
pub mod rules;
mod scan;
mod script;
pub mod statement;
pub mod suggest;
pub mod token;
pub mod tree;
pub mod walk;

use crate::diag::{Diagnostic, Span};
use tree::{Expr, Node, PostfixKind};

pub use rules::rule_file;
pub use scan::is_complete;
pub use script::{script, script_from};

/// Reads one expression, which may be a relation.
///
/// ```
/// use gradus::syntax::expression;
/// assert_eq!(expression("x^TAx").unwrap().outline(), "x^~TAx");
/// assert_eq!(expression("A +").unwrap_err().code, "E0001");
/// ```
pub fn expression(text: &str) -> Result<Expr, Diagnostic> {
    let mut pieces = scan::pieces(text).into_iter();
    if let Some(scan::PieceKind::Bad(d)) = pieces.next().map(|p| p.kind) {
        return Err(*d);
    }
    let tokens = token::tokens(text, 0)?;
    brackets::check(&tokens)?;
    let mut c = cursor::Cursor::new(&tokens, text.trim_end().len());
    if c.done() {
        return Err(Diagnostic::error("E0012", "there is nothing here").label(Span::at(0), ""));
    }
    let e = expression::relation(&mut c)?;
    c.finish()?;
    Ok(e)
}

/// The name that an expression could be: letters with a subscript and a sample superscript.
///
/// ```
/// use gradus::syntax::{expression, full_name};
/// assert_eq!(full_name(&expression(r"\delta_{2}").unwrap()).as_deref(), Some("δ_2"));
/// assert_eq!(full_name(&expression("x^{(i)}").unwrap()).as_deref(), Some("x^(i)"));
/// assert_eq!(full_name(&expression("x'").unwrap()), None);
/// ```
pub fn full_name(e: &Expr) -> Option<String> {
    match &e.node {
        Node::Name(name) => Some(name.clone()),
        Node::Postfix(base, posts) => posts.iter().try_fold(base.as_name()?.to_string(), |name, p| match &p.kind {
            PostfixKind::Sub(sub) if !sub.text.is_empty() => Some(format!("{name}_{}", sub.text)),
            PostfixKind::Sample(text) => Some(format!("{name}^({text})")),
            _ => None,
        }),
        _ => None,
    }
}
