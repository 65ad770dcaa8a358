//! Rule files: declarations, and rules with their fields, in the language of the scripts.
//!
//! ```text
//! let S : n×n
//!
//! rule d-inv                          "From d(S⁻¹S) = 0."
//!     d(S^-1)  =>  -(S^-1 * d(S) * S^-1)
//!     where    invertible(S)
//! ```
//! The lines of a rule are indented; its first line is the statement, and a line that is indented
//! more than that goes on with the line before it.

use super::cursor::Cursor;
use super::statement::Declaration;
use super::token::{Kind, Token, tokens};
use super::tree::Expr;
use super::{brackets, declaration, expression};
use crate::diag::{Diagnostic, Span};

/// A rule file, in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleFile {
    /// Declarations and rules; a declaration holds for the rules after it.
    pub items: Vec<RuleItem>,
}

/// An item of a rule file.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleItem {
    /// `let S : n×n`.
    Let(Vec<Declaration>),
    /// A rule.
    Rule(RuleText),
}

/// A rule as typed.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleText {
    /// Its permanent name.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// The sentence in quotes behind the name; empty if there is none.
    pub doc: String,
    /// The left side.
    pub left: Expr,
    /// The right side.
    pub right: Expr,
    /// `=>` or `<=>`.
    pub arrow: Arrow,
    /// The other lines.
    pub fields: Vec<Field>,
    /// The whole rule.
    pub span: Span,
}

/// The direction of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arrow {
    /// From left to right.
    Forward,
    /// Both ways.
    Both,
}

/// A line of a rule: its first word and the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// `where`, `class`, `example`, ….
    pub key: String,
    /// What stands behind it, lines joined by a blank.
    pub value: String,
    /// Where the value stands.
    pub span: Span,
}

impl RuleText {
    /// The values of a field, in order.
    pub fn values<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Field> {
        self.fields.iter().filter(move |f| f.key == key)
    }
}

/// Reads a rule file.
///
/// ```
/// use gradus::syntax::{rule_file, rules::RuleItem};
/// let file = rule_file("let A : m×n\nrule twice \"Twice.\"\n    A'' => A\n    class normal\n").unwrap();
/// let RuleItem::Rule(rule) = &file.items[1] else { panic!() };
/// assert_eq!((rule.name.as_str(), rule.doc.as_str()), ("twice", "Twice."));
/// assert_eq!(rule.values("class").next().unwrap().value, "normal");
/// ```
pub fn rule_file(text: &str) -> Result<RuleFile, Diagnostic> {
    let mut items = Vec::new();
    let mut lines = lines(text).into_iter().peekable();
    while let Some(line) = lines.next() {
        if line.indent > 0 {
            return Err(malformed(line.span, "this line belongs to no rule", "indented, but not below a rule"));
        }
        let mut body = Vec::new();
        while let Some(below) = lines.next_if(|l| l.indent > 0) {
            body.push(below);
        }
        items.push(item(text, &line, &body)?);
    }
    Ok(RuleFile { items })
}

/// A rule inside a script: `rule name "why": l => r` with indented fields below.
pub fn rule(text: &str, span: Span) -> Result<RuleText, Diagnostic> {
    let mut all = lines(text.get(..span.end).unwrap_or(text)).into_iter().filter(|l| l.span.start >= span.start);
    match all.next() {
        Some(head) => one(text, &head, &all.collect::<Vec<_>>()),
        None => Err(malformed(span, "this rule is empty", "")),
    }
}

/// A line without its comment.
#[derive(Clone, Copy)]
struct Line {
    indent: usize,
    span: Span,
}

fn lines(text: &str) -> Vec<Line> {
    let mut out = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let body = without_comment(line);
        let indent = body.chars().take_while(|c| *c == ' ' || *c == '\t').count();
        let start = at + indent;
        let length = body.trim().len();
        if length > 0 {
            out.push(Line { indent, span: Span::new(start, start + length) });
        }
        at += line.len();
    }
    out
}

/// The text before a `#` that is not between quotes.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted => return &line[..at],
            _ => {}
        }
    }
    line
}

fn item(text: &str, head: &Line, body: &[Line]) -> Result<RuleItem, Diagnostic> {
    if head.span.of(text).strip_prefix("rule").is_some_and(|rest| rest.starts_with([' ', '\t'])) {
        return one(text, head, body).map(RuleItem::Rule);
    }
    let list = tokens(head.span.of(text).split('"').next().unwrap_or(""), head.span.start)?;
    match list.first().and_then(|t| super::cursor::word(&t.kind)) {
        Some("let") => {
            brackets::check(&list)?;
            let mut c = Cursor::new(&list, head.span.end);
            c.next();
            let declarations = declaration::declarations(&mut c)?;
            c.finish()?;
            Ok(RuleItem::Let(declarations))
        }
        Some("rule") => one(text, head, body).map(RuleItem::Rule),
        _ => Err(malformed(head.span, "neither `let` nor `rule`", "a rule file holds declarations and rules")),
    }
}

fn malformed(span: Span, title: &str, label: &str) -> Diagnostic {
    Diagnostic::error("E0011", title).label(span, label)
}

fn one(text: &str, head: &Line, body: &[Line]) -> Result<RuleText, Diagnostic> {
    let (name_span, doc, inline) = header(text, head)?;
    let whole = body.iter().fold(head.span, |s, l| s.to(l.span));
    let groups = groups(body);
    let mut groups = groups.iter();
    let statement = match inline {
        Some(span) => span,
        None => groups
            .next()
            .map(|g| g.0)
            .ok_or_else(|| malformed(head.span, "this rule has no statement", "`left => right` is expected below"))?,
    };
    let (left, arrow, right) = sides(text, statement)?;
    let fields = groups.map(|g| field(text, g.0)).collect();
    let name = name_span.of(text).to_string();
    Ok(RuleText { name, name_span, doc, left, right, arrow, fields, span: whole })
}

/// `rule name "doc" : statement`: the name, the sentence, and a statement on the same line.
fn header(text: &str, head: &Line) -> Result<(Span, String, Option<Span>), Diagnostic> {
    let line = head.span.of(text);
    let behind = line.strip_prefix("rule").map_or("", str::trim_start);
    let start = head.span.start + line.len() - behind.len();
    let length = behind.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).unwrap_or(behind.len());
    let name = Span::new(start, start + length);
    if length == 0 {
        return Err(malformed(head.span, "this rule has no name", "written `rule name: left => right`"));
    }
    let mut rest = &behind[length..];
    let mut doc = String::new();
    if let Some(quoted) = rest.trim_start().strip_prefix('"') {
        let close =
            quoted.find('"').ok_or_else(|| malformed(head.span, "this sentence is not closed", "a `\"` is missing"))?;
        doc = quoted[..close].to_string();
        rest = &quoted[close + 1..];
    }
    let rest = rest.trim_start();
    let rest = rest.strip_prefix(':').unwrap_or(rest).trim_start();
    let inline = (!rest.is_empty()).then(|| Span::new(head.span.end - rest.len(), head.span.end));
    Ok((name, doc, inline))
}

/// Lines with those that continue them.
fn groups(body: &[Line]) -> Vec<(Span,)> {
    let margin = body.first().map_or(0, |l| l.indent);
    let mut out: Vec<(Span,)> = Vec::new();
    for line in body {
        match out.last_mut() {
            Some(last) if line.indent > margin => last.0 = last.0.to(line.span),
            _ => out.push((line.span,)),
        }
    }
    out
}

fn field(text: &str, span: Span) -> Field {
    let all = span.of(text);
    let key = all.split_whitespace().next().unwrap_or("");
    let rest = all[key.len()..].trim_start();
    let value: Vec<&str> = rest.lines().map(|l| without_comment(l).trim()).collect();
    Field {
        key: key.to_string(),
        value: value.join(" ").trim().to_string(),
        span: Span::new(span.end - rest.len(), span.end),
    }
}

/// `left => right`.
pub fn sides(text: &str, span: Span) -> Result<(Expr, Arrow, Expr), Diagnostic> {
    let list = tokens(span.of(text), span.start)?;
    let arrow = |t: &Token| matches!(t.kind, Kind::Implies | Kind::Equivalent);
    let Some(at) = list.iter().position(arrow) else {
        return Err(malformed(span, "this rule has no arrow", "`left => right` or `left <=> right` is expected"));
    };
    let kind = if list[at].kind == Kind::Implies { Arrow::Forward } else { Arrow::Both };
    let left = side(&list[..at], list[at].span.start)?;
    Ok((left, kind, side(&list[at + 1..], span.end)?))
}

fn side(list: &[Token], end: usize) -> Result<Expr, Diagnostic> {
    brackets::check(list)?;
    let mut c = Cursor::new(list, end);
    let e = expression::relation(&mut c)?;
    c.finish()?;
    Ok(e)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# comment\nlet S : n×n  # square\n\nrule d-inv    \"From d(S⁻¹S) = 0.\"\n    d(S^-1)  =>  -(S^-1 * d(S) * S^-1)\n    where    invertible(S)\n    source   Magnus;\n             Cookbook 40 # really\n";

    #[test]
    fn the_rule_of_the_design() {
        let file = rule_file(FILE).unwrap();
        let RuleItem::Rule(rule) = &file.items[1] else { panic!() };
        assert_eq!(rule.left.outline(), "[d (S^{(neg 1)})]");
        assert_eq!(rule.fields.len(), 2);
        assert_eq!(rule.fields[1].value, "Magnus; Cookbook 40");
        assert_eq!(rule.fields[0].span.of(FILE), "invertible(S)");
    }

    #[test]
    fn malformed_rules_say_so() {
        for text in ["rule\n  a => b", "rule x\n", "rule x\n  a b\n", "foo", "  where x", "rule x \"open\n  a=>b"] {
            assert_eq!(rule_file(text).unwrap_err().code, "E0011", "{text}");
        }
    }

    #[test]
    fn a_rule_in_one_line() {
        let text = "rule my-lemma: A'' <=> A";
        let rule = rule(text, Span::new(0, text.len())).unwrap();
        assert_eq!((rule.name.as_str(), rule.arrow), ("my-lemma", Arrow::Both));
    }
}
