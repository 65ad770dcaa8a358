//! Text → pieces, one a statement, before any grammar is asked.
//!
//! A statement ends with its line or at `;`, unless brackets, an environment or displayed
//! mathematics are open, or the line ends with an operator. The rows of a pasted `aligned` block
//! are statements. Depth and length are bounded here, so that no input makes a later stage slow.

use super::cursor::{MAX_DEPTH, too_deep};
use crate::diag::{Diagnostic, Span};

/// The longest statement, in bytes.
pub const MAX_LENGTH: usize = 64 * 1024;

/// A statement's text and what kind of line it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// What to do with it.
    pub kind: PieceKind,
    /// Where it is.
    pub span: Span,
}

/// Kinds of pieces.
#[derive(Clone, Debug, PartialEq)]
pub enum PieceKind {
    /// To be read by the grammar.
    Code,
    /// `## …`.
    Heading,
    /// `(a)`, `- (a)`.
    Part,
    /// Lines that start with `>`.
    Prose,
    /// `:layout …`.
    Command,
    /// `?softmax`.
    Help,
    /// Out of bounds.
    Bad(Box<Diagnostic>),
}

/// The pieces of a text.
pub fn pieces(text: &str) -> Vec<Piece> {
    pieces_from(text, 0)
}

/// The pieces of a text from the byte `start` on.
pub fn pieces_from(text: &str, start: usize) -> Vec<Piece> {
    if let Some(at) = text[start..].find('\0').map(|at| start + at) {
        let d = Diagnostic::error("E0008", "this is not text").label(Span::new(at, at + 1), "a zero byte");
        return vec![Piece { kind: PieceKind::Bad(Box::new(d)), span: Span::new(start, text.len()) }];
    }
    let mut out = Vec::new();
    let mut at = start + if text[start..].starts_with('\u{FEFF}') { 3 } else { 0 };
    while at < text.len() {
        at = line_piece(text, at, &mut out);
    }
    out
}

/// Is the text complete, or would more lines continue its last statement?
///
/// ```
/// use gradus::syntax::is_complete;
/// assert!(is_complete("z = W x"));
/// assert!(!is_complete("z = W *"));
/// assert!(!is_complete("f(x,"));
/// ```
pub fn is_complete(text: &str) -> bool {
    let mut at = 0;
    while at < text.len() {
        let line = line_at(text, at);
        if special(line.trim()).is_some() {
            at += line.len().max(1);
            continue;
        }
        let end = extent(text, at);
        if end.unfinished {
            return false;
        }
        at = end.next.max(at + 1);
    }
    true
}

/// Reads the piece or pieces that start at `at`; the offset of the next.
fn line_piece(text: &str, at: usize, out: &mut Vec<Piece>) -> usize {
    let line = line_at(text, at);
    let content = trimmed(text, at, at + line.trim_end_matches(['\n', '\r']).len());
    match special(content.of(text)) {
        Some(PieceKind::Prose) => prose(text, at, out),
        Some(kind) => {
            out.push(Piece { kind, span: content });
            at + line.len()
        }
        None if content.is_empty() => at + line.len(),
        None => code(text, at, out),
    }
}

/// Lines that the grammar does not read.
fn special(line: &str) -> Option<PieceKind> {
    let part = line.strip_prefix('-').unwrap_or(line).trim_start();
    let is_part = part.len() <= 6
        && part.starts_with('(')
        && part.ends_with(')')
        && part.len() > 2
        && part[1..part.len() - 1].chars().all(|c| c.is_ascii_lowercase());
    match line {
        _ if line.starts_with("##") => Some(PieceKind::Heading),
        _ if line.starts_with('>') => Some(PieceKind::Prose),
        _ if is_part => Some(PieceKind::Part),
        _ if line.starts_with(':') && line[1..].starts_with(|c: char| c.is_alphabetic()) => Some(PieceKind::Command),
        _ if line.starts_with('?') => Some(PieceKind::Help),
        _ => None,
    }
}

fn line_at(text: &str, at: usize) -> &str {
    let rest = &text[at..];
    rest.find('\n').map_or(rest, |end| &rest[..end + 1])
}

fn trimmed(text: &str, start: usize, end: usize) -> Span {
    let part = &text[start..end.max(start)];
    let lead = part.len() - part.trim_start().len();
    let body = part.trim().len();
    Span::new(start + lead, start + lead + body)
}

/// Consecutive lines that start with `>` are one paragraph.
fn prose(text: &str, start: usize, out: &mut Vec<Piece>) -> usize {
    let mut end = start;
    while end < text.len() && line_at(text, end).trim_start().starts_with('>') {
        end += line_at(text, end).len();
    }
    out.push(Piece { kind: PieceKind::Prose, span: trimmed(text, start, end) });
    end
}

/// One statement, or the rows of a block.
fn code(text: &str, start: usize, out: &mut Vec<Piece>) -> usize {
    let end = extent(text, start);
    let span = trimmed(text, start, end.at);
    if let Some(deep) = end.deep {
        out.push(bad(too_deep(Span::new(deep, deep + 1)), span));
    } else if span.end - span.start > MAX_LENGTH {
        out.push(bad(too_long(span), span));
    } else if !end.rows.is_empty() {
        rows(text, &end, out);
    } else if !blank(span.of(text)) {
        out.push(Piece { kind: PieceKind::Code, span });
    }
    end.next.max(start + 1)
}

fn bad(diagnostic: Diagnostic, span: Span) -> Piece {
    Piece { kind: PieceKind::Bad(Box::new(diagnostic)), span }
}

fn too_long(span: Span) -> Diagnostic {
    let length = span.end - span.start;
    Diagnostic::error("E0007", format!("a statement of {length} bytes is longer than {MAX_LENGTH}"))
        .label(Span::new(span.start, span.start + 1), "it starts here")
        .note("name parts of it on lines of their own")
}

/// Only a comment, or nothing.
fn blank(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
}

fn rows(text: &str, end: &Extent, out: &mut Vec<Piece>) {
    for row in &end.rows {
        let span = trimmed(text, row.start, row.end);
        if !blank(span.of(text)) {
            out.push(Piece { kind: PieceKind::Code, span });
        }
    }
}

/// How far a statement reaches.
#[derive(Default)]
struct Extent {
    /// Where its text ends.
    at: usize,
    /// Where the next one starts.
    next: usize,
    /// Does the text end while something is open?
    unfinished: bool,
    /// The rows, if it is a block of its own.
    rows: Vec<Span>,
    /// Where brackets were nested too deeply.
    deep: Option<usize>,
}

/// What is open at a place of the scan.
#[derive(Default)]
struct State {
    brackets: usize,
    environments: usize,
    display: bool,
    block: Option<usize>,
}

impl State {
    fn open(&self) -> bool {
        self.brackets > 0 || self.environments > 0 || self.display
    }
}

/// Environments whose rows are statements.
const BLOCKS: &[&str] = &["aligned", "align", "align*", "gathered", "split", "eqnarray", "eqnarray*"];

/// Scans one statement from `start`.
fn extent(text: &str, start: usize) -> Extent {
    let mut state = State::default();
    let mut end = Extent::default();
    let mut first_line = None;
    let mut at = start;
    while at < text.len() {
        let rest = &text[at..];
        let c = rest.chars().next().unwrap_or('\n');
        match c {
            '#' => at += rest.find('\n').unwrap_or(rest.len()),
            '\n' => {
                let continues = state.open()
                    || open_operator(&text[start..at])
                    || continued(&rest[1..])
                    || rule_goes_on(text, start, at);
                let hopeless = state.open() && (at - start > MAX_LENGTH || end.deep.is_some());
                let ends = !continues || hopeless || stops(&rest[1..], state.block.is_some());
                first_line.get_or_insert(at);
                if ends {
                    return finish(end, state, text, at, first_line);
                }
                at += 1;
            }
            ';' if !state.open() => {
                end.at = at;
                end.next = at + 1;
                return end;
            }
            '\\' => at += backslash(rest, at, start, text, &mut state, &mut end),
            _ => {
                if rest.starts_with("$$") {
                    state.display = !state.display;
                    at += 1;
                }
                bracket(c, at, &mut state, &mut end);
                at += c.len_utf8();
            }
        }
    }
    finish(end, state, text, text.len(), first_line)
}

/// The statement ends at `at`; if a bracket is still open there, it is cut after its first line.
fn finish(mut end: Extent, state: State, text: &str, at: usize, first_line: Option<usize>) -> Extent {
    end.unfinished = at >= text.len() && (state.open() || open_operator(text));
    end.at = match first_line {
        Some(line) if state.open() => line,
        _ => at,
    };
    end.next = end.at + 1;
    if state.open() {
        end.rows.clear();
    }
    end
}

fn bracket(c: char, at: usize, state: &mut State, end: &mut Extent) {
    match c {
        '(' | '[' | '{' | '⟨' => {
            state.brackets += 1;
            if state.brackets > MAX_DEPTH {
                end.deep.get_or_insert(at);
            }
        }
        ')' | ']' | '}' | '⟩' => state.brackets = state.brackets.saturating_sub(1),
        _ => {}
    }
}

/// Handles what starts with a backslash; the number of bytes to pass over.
fn backslash(rest: &str, at: usize, start: usize, text: &str, state: &mut State, end: &mut Extent) -> usize {
    if let Some(behind) = rest.strip_prefix("\\\\") {
        if let Some(row) = state.block
            && state.environments == 1
            && state.brackets == 0
            && !continued(behind.trim_start())
        {
            end.rows.push(Span::new(row, at));
            state.block = Some(at + 2);
        }
        return 2;
    }
    if rest.starts_with("\\[") || rest.starts_with("\\]") {
        state.display = rest.starts_with("\\[");
        return 2;
    }
    if rest.starts_with("\\{") || rest.starts_with("\\}") {
        bracket(rest.as_bytes()[1] as char, at, state, end);
        return 2;
    }
    let Some((begins, name, length)) = environment(rest) else { return 1 };
    if begins {
        state.environments += 1;
        if state.environments > MAX_DEPTH {
            end.deep.get_or_insert(at);
        }
        let alone = text[start..at].chars().all(|c| c.is_whitespace() || "$[\\".contains(c));
        if state.environments == 1 && alone && BLOCKS.contains(&name) {
            state.block = Some(at + length);
        }
    } else {
        state.environments = state.environments.saturating_sub(1);
        if state.environments == 0
            && let Some(row) = state.block.take()
        {
            end.rows.push(Span::new(row, at));
        }
    }
    length
}

/// `\begin{name}` or `\end{name}` with its length.
fn environment(rest: &str) -> Option<(bool, &str, usize)> {
    let (begins, word) = if rest.starts_with("\\begin") { (true, "\\begin") } else { (false, "\\end") };
    let behind = rest.strip_prefix(word)?.trim_start_matches(' ').strip_prefix('{')?;
    let close = behind.get(..behind.len().min(40)).unwrap_or(behind).find('}')?;
    let length = rest.len() - behind.len() + close + 1;
    Some((begins, behind[..close].trim(), length))
}

/// Does the text end with an operator that wants another operand?
fn open_operator(text: &str) -> bool {
    let line = text.rsplit('\n').next().unwrap_or("");
    let line = line.split('#').next().unwrap_or("").trim_end();
    const SIGNS: &[&str] = &[
        "+", "-", "−", "*", "/", "=", "^", "_", "·", "⊙", "∘", "⊘", "⊗", "×", ",", "&", "<", ">", "≤", "≥", "∈",
        "\\cdot", "\\odot", "\\oslash", "\\otimes", "\\times", "\\circ", "\\in",
    ];
    SIGNS.iter().any(|sign| line.ends_with(sign))
}

/// Does the next line go on with an operator that cannot start a statement?
fn continued(next: &str) -> bool {
    const SIGNS: &[&str] = &["=", "+", ".*", "⊙", "⊘", "⊗", "·", "≤", "≥", "≠", "\\odot", "\\otimes"];
    let line = next.trim_start_matches([' ', '\t']);
    let line = line.strip_prefix('&').map_or(line, str::trim_start);
    SIGNS.iter().any(|sign| line.starts_with(sign))
}

/// The fields of a rule are its indented lines.
fn rule_goes_on(text: &str, start: usize, at: usize) -> bool {
    let next = &text[(at + 1).min(text.len())..];
    text[start..].trim_start().starts_with("rule ")
        && next.starts_with([' ', '\t'])
        && !line_at(next, 0).trim().is_empty()
}

/// Words and signs that only start a statement: what was open before them stays open.
fn stops(next: &str, in_block: bool) -> bool {
    let line = line_at(next, 0).trim();
    if in_block {
        return line.starts_with("##");
    }
    const WORDS: &[&str] = &[
        "let ", "assume ", "grad ", "diff ", "jacobian ", "hessian ", "differential ", "prove ", "check ", "solve ",
        "size ", "simplify ", "expand ", "factor ", "shape ", "steps ", "latex ", "numpy ", "rule ",
    ];
    line.is_empty()
        || line.starts_with("\\[")
        || special(line).is_some()
        || WORDS.iter().any(|w| line.starts_with(w))
        || declares(line)
}

/// `x, y : R^n`: only names, and then a colon by itself.
fn declares(line: &str) -> bool {
    let Some((names, _)) = line.split_once(" : ") else { return false };
    names.chars().all(|c| c.is_alphanumeric() || "_, ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        pieces(text).iter().map(|p| p.span.of(text)).collect()
    }

    #[test]
    fn lines_and_semicolons() {
        assert_eq!(
            texts("W : R^(M×D); x : R^D\nz = W x # here\n\n# nothing\n"),
            ["W : R^(M×D)", "x : R^D", "z = W x # here"]
        );
    }

    #[test]
    fn open_things_continue() {
        assert_eq!(texts("f(x,\n y)\nA +\nB\na\n  = b\nc"), ["f(x,\n y)", "A +\nB", "a\n  = b", "c"]);
        assert_eq!(texts("\\[ A\n = B \\]\nc"), ["\\[ A\n = B \\]", "c"]);
    }

    #[test]
    fn an_open_bracket_does_not_swallow_the_rest() {
        assert_eq!(texts("f(x\n\nz = 1"), ["f(x", "z = 1"]);
        assert_eq!(texts("f(x\nz = 1\ny"), ["f(x", "z = 1", "y"]);
        assert_eq!(texts("A + \nlet x : R"), ["A +", "let x : R"]);
    }

    #[test]
    fn blocks_are_rows() {
        let block =
            "$$\\begin{aligned} z &= Wx \\\\\n J &= a \\\\ &= \\begin{cases} 1 \\\\ 2 \\end{cases} \\end{aligned}$$\nq";
        assert_eq!(texts(block), ["z &= Wx", "J &= a \\\\ &= \\begin{cases} 1 \\\\ 2 \\end{cases}", "q"]);
    }

    #[test]
    fn bounds() {
        let deep = "(".repeat(10_000);
        assert!(matches!(&pieces(&deep)[0].kind, PieceKind::Bad(d) if d.code == "E0006"));
        let long = "x+".repeat(500_000);
        assert!(matches!(&pieces(&long)[0].kind, PieceKind::Bad(d) if d.code == "E0007"));
        let lines = "x+\n".repeat(300_000);
        assert!(matches!(&pieces(&lines)[0].kind, PieceKind::Bad(d) if d.code == "E0007"));
        assert_eq!(pieces(&"f(\n".repeat(20_000)).len(), 20_000);
        assert!(matches!(&pieces("a\0b")[0].kind, PieceKind::Bad(d) if d.code == "E0008"));
        assert!(pieces("").is_empty());
    }
}
