//! Rich text in each spelling, and words made safe for LaTeX and Markdown.

use super::names::{from_superscript, name, subscript};
use super::{Formula, Inline, Prose, Spelling, prose};
use crate::ir::Context;
use crate::trace::Rich;

/// Rich text in one line; in LaTeX, words are escaped and formulas stand between dollar signs.
pub fn rich(context: &Context, text: &Rich, spelling: Spelling) -> String {
    inline(&prose(context, text), spelling)
}

/// Prose in one line, as [`rich`].
pub fn inline(prose: &Prose, spelling: Spelling) -> String {
    prose.iter().map(|piece| inline_piece(piece, spelling)).collect()
}

fn inline_piece(piece: &Inline, spelling: Spelling) -> String {
    match (piece, spelling) {
        (Inline::Text(text), Spelling::Latex) => escape_latex(text),
        (Inline::Text(text), Spelling::Ascii) => ascii_text(text),
        (Inline::Text(text), Spelling::Unicode) => text.clone(),
        (Inline::Math(formula), Spelling::Latex) => format!("${}$", formula.latex),
        (Inline::Math(formula), _) => formula.get(spelling).to_string(),
    }
}

/// Prose as Markdown: formulas between dollar signs.
pub(super) fn markdown(prose: &Prose) -> String {
    let piece = |piece: &Inline| match piece {
        Inline::Text(text) => escape_markdown(text),
        Inline::Math(formula) => format!("${}$", formula.latex),
    };
    prose.iter().map(piece).collect()
}

/// Signs that words may hold, with their LaTeX in text and their ASCII.
const SIGNS: &[(char, &str, &str)] = &[
    ('−', "$-$", "-"),
    ('–', "--", "-"),
    ('—', "---", "--"),
    ('×', r"$\times$", "x"),
    ('·', r"$\cdot$", "*"),
    ('≠', r"$\neq$", "!="),
    ('≤', r"$\leq$", "<="),
    ('≥', r"$\geq$", ">="),
    ('≈', r"$\approx$", "~"),
    ('→', r"$\to$", "->"),
    ('↦', r"$\mapsto$", "|->"),
    ('∈', r"$\in$", "in"),
    ('ℝ', r"$\mathbb{R}$", "R"),
    ('⊙', r"$\odot$", ".*"),
    ('⊘', r"$\oslash$", "./"),
    ('⊗', r"$\otimes$", "kron"),
    ('∘', r"$\circ$", ".*"),
    ('𝟏', r"$\mathbf{1}$", "1"),
    ('Σ', r"$\sum$", "sum"),
    ('∂', r"$\partial$", "d"),
    ('′', "$'$", "'"),
    ('ᵀ', r"$^{\top}$", "'"),
    ('ᵘ', "$^{u}$", "^u"),
    ('ᵛ', "$^{v}$", "^v"),
    ('ᶜ', "$^{c}$", "^c"),
    ('ᵃ', "$^{a}$", "^a"),
    ('⟨', r"$\langle$", "<"),
    ('⟩', r"$\rangle$", ">"),
    ('‖', r"$\|$", "||"),
    ('√', r"$\surd$", "sqrt "),
    ('±', r"$\pm$", "+-"),
    ('⇒', r"$\Rightarrow$", "=>"),
    ('⇔', r"$\Leftrightarrow$", "<=>"),
    ('½', r"$\frac{1}{2}$", "1/2"),
    ('\u{202F}', r"\,", " "),
    ('∞', r"$\infty$", "infinity"),
    ('…', r"\ldots{}", "..."),
    ('‘', "`", "'"),
    ('’', "'", "'"),
    ('“', "``", "\""),
    ('”', "''", "\""),
    ('§', r"\S{}", "section "),
];

/// Words in LaTeX: special characters escaped, signs and Greek letters as formulas, nothing outside Latin-1.
///
/// ```
/// assert_eq!(gradus::print::escape_latex("50 % of α_1"), r"50 \% of $\alpha$\_1");
/// ```
pub fn escape_latex(text: &str) -> String {
    let out = by_character(text, |sign, run| format!("${sign}{{{run}}}$"), latex_character);
    // A raised sign behind a formula belongs to it: `$\alpha^{2}$`.
    out.replace("$$^", "^").replace("$$_", "_")
}

/// The text with each run of raised (`^`) or lowered (`_`) characters, and each other character, written anew.
fn by_character(text: &str, shifted: impl Fn(char, &str) -> String, other: impl Fn(char) -> String) -> String {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    while let Some(&c) = rest.peek() {
        let (sign, plain): (char, fn(char) -> Option<char>) =
            if raised(c).is_some() { ('^', raised) } else { ('_', lowered) };
        let run: String = std::iter::from_fn(|| rest.next_if(|&c| plain(c).is_some()).and_then(plain)).collect();
        if run.is_empty() {
            rest.next();
            out.push_str(&other(c));
        } else {
            out.push_str(&shifted(sign, &run));
        }
    }
    out
}

/// The plain character of a raised one.
pub(super) fn raised(c: char) -> Option<char> {
    from_superscript(c)
}

/// The plain character of a lowered one.
fn lowered(c: char) -> Option<char> {
    if c.is_ascii() {
        return None;
    }
    (' '..='z').find(|plain| subscript(&plain.to_string()) == c.to_string())
}

fn latex_character(c: char) -> String {
    match c {
        '&' | '%' | '$' | '#' | '_' | '{' | '}' => format!("\\{c}"),
        '\\' => r"\textbackslash{}".into(),
        '~' => r"\textasciitilde{}".into(),
        '^' => r"\textasciicircum{}".into(),
        '<' | '>' | '|' => format!("${c}$"),
        _ if c.is_ascii() || ('\u{C0}'..='\u{17E}').contains(&c) && c.is_alphabetic() && is_text(c) => c.to_string(),
        _ => special_character(c),
    }
}

/// Letters of Latin-1 that stand in words; `ŷ` is a formula.
fn is_text(c: char) -> bool {
    !"ŷŵŝ".contains(c)
}

pub(super) fn special_character(c: char) -> String {
    if let Some((_, latex, _)) = SIGNS.iter().find(|(sign, _, _)| *sign == c) {
        return (*latex).into();
    }
    match name(&c.to_string(), Spelling::Latex) {
        letter if letter.is_ascii() => format!("${letter}$"),
        _ => format!("[U+{:04X}]", c as u32),
    }
}

/// Words without signs that an ASCII terminal lacks.
pub(super) fn ascii_text(text: &str) -> String {
    let other = |c: char| match SIGNS.iter().find(|(sign, _, _)| *sign == c) {
        Some((_, _, ascii)) => (*ascii).to_string(),
        None if c.is_ascii() => c.to_string(),
        None => name(&c.to_string(), Spelling::Ascii),
    };
    by_character(text, |sign, run| format!("{sign}{run}"), other)
}

fn escape_markdown(text: &str) -> String {
    text.chars().flat_map(|c| "\\`*_[]<>$#".contains(c).then_some('\\').into_iter().chain([c])).collect()
}

/// Prose between formulas, from text with `$…$` whose formulas `read` understands; others are kept as typed.
pub fn dollars(text: &str, mut read: impl FnMut(&str) -> Option<Formula>) -> Prose {
    let mut out = Prose::new();
    for (i, part) in text.split('$').enumerate().filter(|(_, part)| !part.is_empty()) {
        let math = i % 2 == 1;
        out.push(match math.then(|| read(part)).flatten() {
            Some(formula) => Inline::Math(formula),
            None if math => Inline::Math(Formula::new(|_| part.to_string())),
            None => Inline::Text(part.to_string()),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_escaped_once() {
        assert_eq!(escape_latex(r"a_b \ 5% {x} ≠ ŷ²"), r"a\_b \textbackslash{} 5\% \{x\} $\neq$ $\hat{y}^{2}$");
        assert_eq!(escape_latex("é 漢"), "é [U+6F22]");
        assert_eq!(escape_markdown("a*b_c"), r"a\*b\_c");
        assert_eq!(ascii_text("α ≠ β"), "alpha != beta");
        assert_eq!(ascii_text("2³⁶ ≈ 6.9·10¹⁰"), "2^36 ~ 6.9*10^10");
    }

    #[test]
    fn prose_with_dollars() {
        let read = |text: &str| (text == "x").then(|| Formula::new(|_| "X".into()));
        assert_eq!(inline(&dollars("let $x$ be 5%", read), Spelling::Latex), r"let $X$ be 5\%");
    }
}
