//! A derivation as lines: number, statement, reason; on a terminal in columns, in LaTeX as an `aligned` block.
//!
//! Consecutive steps that go on from the same term or left side are one chain, `a = b`, `= c`. A step that states a
//! condition has words instead of a formula: its reason up to the first `: ` is the statement, the rest the reason.

use super::formula::pieces;
use super::rich::inline;
use super::wrap::{columns, pad, wrap};
use super::{Formula, Inline, Prose, Spelling, prose};
use crate::ir::{Context, Term};
use crate::trace::{Derivation, Inference, Justification, Level, Statement, Step};

/// One line of a derivation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number; 0 for a condition stated first.
    pub number: usize,
    /// What stands on it.
    pub content: Content,
    /// Why it holds.
    pub reason: Prose,
}

/// What stands on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// `lhs = rhs`; without a left side it continues the line before.
    Equation {
        /// The left side.
        lhs: Option<Formula>,
        /// `=`, or `:=` where a name is introduced.
        sign: &'static str,
        /// The right side, in pieces between which the line may break.
        rhs: Vec<Formula>,
    },
    /// A condition in words.
    Words(Prose),
}

/// The lines of a derivation up to a level of detail.
pub fn lines(context: &Context, derivation: &Derivation, level: Level) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    let mut chain: Option<Chain> = None;
    let mut number = 1;
    for step in derivation.up_to(level) {
        if out.is_empty() && is_condition(step) {
            number = 0;
        }
        let content = content(context, step, &mut chain);
        let reason = prose(context, &step.because);
        let (content, reason) = match content {
            Some(content) => (content, reason),
            None => {
                let (statement, reason) = split_words(reason);
                (Content::Words(statement), reason)
            }
        };
        out.push(Line { number, content, reason });
        number += 1;
    }
    out
}

fn is_condition(step: &Step) -> bool {
    step.by == Justification::Inference(Inference::Condition)
}

/// What the next line continues: the left side of an equation, or the last form of a rewritten term.
#[derive(Clone, Copy, PartialEq)]
enum Chain {
    Left(Term),
    Rewritten(Term),
}

fn content(context: &Context, step: &Step, chain: &mut Option<Chain>) -> Option<Content> {
    if is_condition(step) {
        *chain = None;
        return None;
    }
    let sign = match step.by {
        Justification::Inference(Inference::Name(_)) => ":=",
        _ => "=",
    };
    let (lhs, rhs, next) = match (step.before, step.after) {
        (_, Statement::Equation(lhs, rhs)) => {
            let continues = *chain == Some(Chain::Left(lhs));
            ((!continues).then_some(lhs), rhs, Chain::Left(lhs))
        }
        (Statement::Term(before), Statement::Term(after)) => {
            let continues = *chain == Some(Chain::Rewritten(before));
            ((!continues).then_some(before), after, Chain::Rewritten(after))
        }
        (Statement::Equation(..), Statement::Term(after)) => (None, after, Chain::Rewritten(after)),
    };
    *chain = Some(next);
    let lhs = lhs.map(|lhs| Formula::term(context, lhs));
    Some(Content::Equation { lhs, sign, rhs: pieces(context, rhs) })
}

/// The statement before the first `: ` of a text, and what follows.
fn split_words(words: Prose) -> (Prose, Prose) {
    let at = words.iter().position(|piece| matches!(piece, Inline::Text(text) if text.contains(": ")));
    let Some(at) = at else { return (words, Prose::new()) };
    let (mut statement, mut reason) = (words[..at].to_vec(), Prose::new());
    if let Inline::Text(text) = &words[at]
        && let Some((before, after)) = text.split_once(": ")
    {
        statement.push(Inline::Text(before.to_string()));
        reason.push(Inline::Text(after.to_string()));
    }
    reason.extend_from_slice(&words[at + 1..]);
    (statement, reason)
}

/// The widest line on a terminal.
const WIDTH: usize = 100;
/// Statements wider than this do not widen the column of reasons.
const STATEMENT: usize = 56;

/// The lines in columns, for a terminal: `  1.  A⁻¹ A = I    given`.
pub fn text(lines: &[Line], spelling: Spelling) -> String {
    let statements: Vec<Vec<String>> = statements(lines, spelling);
    let fitting = statements.iter().flatten().map(|line| columns(line)).filter(|&width| width <= STATEMENT);
    let column = fitting.max().unwrap_or(STATEMENT);
    let digits = lines.iter().map(|line| line.number.to_string().len()).max().unwrap_or(1);
    let mut out = String::new();
    for (line, statement) in lines.iter().zip(statements) {
        let indent = digits + 5;
        let reason = wrap(&inline(&line.reason, spelling), WIDTH.saturating_sub(indent + column + 3).max(24));
        let mut reasons = reason.into_iter().peekable();
        let last = statement.len() - 1;
        for (i, part) in statement.iter().enumerate() {
            let number = if i == 0 { format!("  {:>digits$}.  ", line.number) } else { " ".repeat(indent) };
            let beside = (i == last && columns(part) <= column).then(|| reasons.next()).flatten().unwrap_or_default();
            out.push_str(format!("{number}{}   {beside}", pad(part, column)).trim_end());
            out.push('\n');
        }
        for reason in reasons {
            out.push_str(format!("{}   {reason}", " ".repeat(indent + column)).trim_end());
            out.push('\n');
        }
    }
    out
}

/// The statements in lines, `=` under `=` within a chain.
fn statements(lines: &[Line], spelling: Spelling) -> Vec<Vec<String>> {
    let mut left = 0;
    lines
        .iter()
        .map(|line| match &line.content {
            Content::Words(words) => wrap(&inline(words, spelling), STATEMENT),
            Content::Equation { lhs, sign, rhs } => {
                let lhs = lhs.as_ref().map(|lhs| lhs.get(spelling));
                left = lhs.map_or(left, columns);
                let start = format!("{} {sign} ", pad(lhs.unwrap_or_default(), left));
                broken(start, rhs, spelling, left + sign.len() + 2)
            }
        })
        .collect()
}

/// A right side over as many lines as it needs.
fn broken(start: String, rhs: &[Formula], spelling: Spelling, indent: usize) -> Vec<String> {
    let mut out = vec![start];
    for (i, piece) in rhs.iter().enumerate() {
        let piece = piece.get(spelling);
        let fits = out.last().is_some_and(|line| columns(line) + columns(piece) < WIDTH - 8);
        match out.last_mut() {
            Some(line) if i == 0 => line.push_str(piece),
            Some(line) if fits => line.push_str(&format!(" {piece}")),
            _ => out.push(format!("{}{piece}", " ".repeat(indent))),
        }
    }
    out
}

/// The characters that fit a line of an A4 page with margins of 2.5 cm, in 11 pt.
pub(super) const TYPESET: usize = 86;

/// The lines as an `aligned` block (without `\[ … \]`), reasons in a column of their own where they fit,
/// below their line otherwise; a proof ends with a square.
pub fn latex(lines: &[Line], proof: bool) -> String {
    // The signs stand below each other: the widest left side and the widest right side need not be of one line.
    let left = lines.iter().map(left_width).max().unwrap_or(0);
    let right = lines.iter().map(right_width).max().unwrap_or(0).min(right_room(left));
    let columns = Columns {
        right: right_room(left),
        beside: TYPESET.saturating_sub(left + 3 + right),
        below: (TYPESET - 8).saturating_sub(left).max(TYPESET / 3),
    };
    let rows: Vec<String> = lines.iter().flat_map(|line| latex_rows(line, &columns)).collect();
    let end = if proof { " \\quad \\square" } else { "" };
    format!("\\begin{{aligned}}\n{}{end}\n\\end{{aligned}}", rows.join(" \\\\\n"))
}

/// The characters that there are room for in a row.
struct Columns {
    /// In a right side.
    right: usize,
    /// In a reason beside the formulas.
    beside: usize,
    /// In a reason below its formula.
    below: usize,
}

impl Columns {
    /// Have reasons a column of their own?
    fn has_reasons(&self) -> bool {
        self.beside >= 24
    }
}

/// The room for right sides beside left sides of this width.
fn right_room(left: usize) -> usize {
    TYPESET - left.min(TYPESET / 2)
}

fn left_width(line: &Line) -> usize {
    match &line.content {
        Content::Equation { lhs: Some(lhs), .. } => lhs.width(),
        _ => 0,
    }
}

fn right_width(line: &Line) -> usize {
    match &line.content {
        Content::Words(_) => 0,
        Content::Equation { rhs, .. } => rhs.iter().map(|piece| piece.width() + 1).sum(),
    }
}

/// The rows of a line, with its reason beside it or below.
fn latex_rows(line: &Line, columns: &Columns) -> Vec<String> {
    let mut rows = match &line.content {
        // Words are a line of their own: they have no sign to align at.
        Content::Words(words) => {
            let mut text = words.clone();
            if !line.reason.is_empty() {
                text.push(Inline::Text(": ".into()));
                text.extend_from_slice(&line.reason);
            }
            return wrap_prose(&text, TYPESET).iter().map(|line| format!("  & \\text{{{line}}}")).collect();
        }
        Content::Equation { lhs, sign, rhs } => equation_rows(lhs.as_ref(), sign, rhs, columns.right),
    };
    let reasons = wrap_prose(&line.reason, if columns.has_reasons() { columns.beside } else { columns.below });
    let last = reasons.len();
    for (i, reason) in reasons.iter().enumerate() {
        let open = if i == 0 { "(" } else { "" };
        let close = if i + 1 == last { ")" } else { "" };
        let text = format!("\\text{{{open}{reason}{close}}}");
        match rows.last_mut() {
            Some(row) if columns.has_reasons() && i == 0 => row.push_str(&format!("\n    && {text}")),
            _ if columns.has_reasons() => rows.push(format!("  & && {text}")),
            _ => rows.push(format!("  &\\qquad {text}")),
        }
    }
    rows
}

/// The pieces of a formula in rows of about `room` characters, in LaTeX.
pub(super) fn rows(pieces: &[Formula], room: usize) -> Vec<String> {
    let mut out: Vec<(String, usize)> = Vec::new();
    for piece in pieces {
        match out.last_mut() {
            Some((row, width)) if *width + 1 + piece.width() <= room => {
                *row += &format!(" {}", piece.latex);
                *width += 1 + piece.width();
            }
            _ => out.push((piece.latex.clone(), piece.width())),
        }
    }
    out.into_iter().map(|(row, _)| row).collect()
}

/// The conditions in words that stand first, and the other lines.
pub(super) fn leading_words(lines: &[Line]) -> (&[Line], &[Line]) {
    let words = lines.iter().take_while(|line| matches!(line.content, Content::Words(_))).count();
    lines.split_at(words)
}

fn equation_rows(lhs: Option<&Formula>, sign: &str, rhs: &[Formula], room: usize) -> Vec<String> {
    let left = lhs.map_or(String::new(), |lhs| format!("{} ", lhs.latex));
    let start = format!("  {left}&{sign} ");
    let rows = rows(rhs, room).into_iter().enumerate();
    rows.map(|(i, row)| if i == 0 { format!("{start}{row}") } else { format!("  &\\quad {{}}{row}") }).collect()
}

/// Prose in LaTeX lines of about `width` characters, measured as they will look; formulas are not broken.
fn wrap_prose(prose: &Prose, width: usize) -> Vec<String> {
    let mut out: Vec<(String, usize)> = Vec::new();
    for (unit, size) in units(prose) {
        match out.last_mut() {
            Some((line, used)) if *used + 1 + size <= width => {
                *line += &format!(" {unit}");
                *used += 1 + size;
            }
            _ => out.push((unit, size)),
        }
    }
    out.into_iter().map(|(line, _)| line).collect()
}

/// The parts of prose between spaces, in LaTeX, with their widths.
fn units(prose: &Prose) -> Vec<(String, usize)> {
    let mut out = vec![(String::new(), 0)];
    for piece in prose {
        match piece {
            Inline::Math(formula) => add(&mut out, &format!("${}$", formula.latex), formula.width()),
            Inline::Text(text) => {
                for (i, word) in text.split(' ').enumerate() {
                    if i > 0 {
                        out.push((String::new(), 0));
                    }
                    add(&mut out, &super::escape_latex(word), columns(word));
                }
            }
        }
    }
    out.retain(|(text, _)| !text.is_empty());
    out
}

/// Adds to the last unit.
fn add(units: &mut [(String, usize)], text: &str, width: usize) {
    if let Some((unit, size)) = units.last_mut() {
        unit.push_str(text);
        *size += width;
    }
}
