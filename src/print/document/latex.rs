//! A document as a complete LaTeX article.

use super::super::{Spelling, derivation, escape_latex, inline};
use super::{Answer, Block, Declaration, Equation};
use itertools::Itertools;

/// What stands before the text. T1 is used where its outline fonts are installed, so that no bitmaps are made.
/// `\room` starts a new page if there is no room for so many lines, so that no heading stands alone at the foot.
const PREAMBLE: &str = r"\documentclass[11pt]{article}
\usepackage[utf8]{inputenc}
\IfFileExists{lmodern.sty}{\usepackage[T1]{fontenc}\usepackage{lmodern}}{}
\usepackage[a4paper, margin=2.5cm]{geometry}
\usepackage{amsmath, amssymb}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.5\baselineskip}
\allowdisplaybreaks
\newcommand{\room}[1]{\par\penalty0
  \dimen0=\pagegoal\advance\dimen0 by -\pagetotal\ifdim\dimen0<#1\baselineskip\newpage\fi}
";

/// A complete article; without a title if `title` is empty.
pub fn latex(title: &str, blocks: &[Block]) -> String {
    let head = match title {
        "" => String::new(),
        _ => format!("\\begin{{center}}\\Large {}\\end{{center}}\n\n", escape_latex(title)),
    };
    let body = body(&super::for_a_page(blocks));
    format!("{PREAMBLE}\\begin{{document}}\n{head}{body}\n\\end{{document}}\n")
}

/// The blocks, each a paragraph unless it goes on with the one before.
fn body(blocks: &[Block]) -> String {
    let mut out = String::new();
    for (i, block) in blocks.iter().enumerate() {
        let before = i.checked_sub(1).map(|before| &blocks[before]);
        let text = self::block(block);
        let (end, lead) = match (before, block) {
            (None, _) => ("", ""),
            (Some(Block::Derivation { .. }), Block::Answer(answer)) if !answer.equations.is_empty() => {
                ("\n", "Hence\n")
            }
            (Some(Block::Derivation { .. }), Block::Answer(answer)) if !answer.where_names.is_empty() => ("\n", ""),
            (Some(Block::Given(_) | Block::Definitions(_)), Block::Given(_) | Block::Definitions(_)) => ("\n", ""),
            // A display belongs to the paragraph before: one that starts a paragraph stands below an empty line.
            (Some(before), _) if text.starts_with("\\[") && !matches!(before, Block::Heading(_)) => ("\n", ""),
            // Behind a heading no page ends as it is.
            (Some(before), Block::Part(_)) if !matches!(before, Block::Heading(_)) => ("\n\n", "\\room{6}"),
            _ => ("\n\n", ""),
        };
        out.push_str(end);
        out.push_str(lead);
        out.push_str(&text);
    }
    out
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(title) => format!("\\room{{10}}\\subsection*{{{}}}", escape_latex(title)),
        Block::Part(part) => format!("\\medskip\\textbf{{{}}}\\par\\nobreak", escape_latex(part)),
        Block::Prose(prose) => inline(prose, Spelling::Latex),
        Block::Given(declarations) => format!("Let {}.", given(declarations)),
        Block::Definitions(equations) => definitions(equations),
        Block::Display(label, equation) => {
            format!("\\emph{{{}.}}\n{}", escape_latex(label), display(&shaped(equation)))
        }
        Block::Derivation { title, lines, proof } => steps(title, lines, *proof),
        Block::Answer(answer) => self::answer(answer),
        Block::Code(_, code) => {
            format!("\\begin{{small}}\\begin{{verbatim}}\n{}\n\\end{{verbatim}}\\end{{small}}", ascii(code))
        }
    }
}

/// Nothing but ASCII may stand in `verbatim`.
fn ascii(code: &str) -> String {
    code.trim_end().chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
}

fn display(formula: &str) -> String {
    format!("\\[ {formula} \\]")
}

fn given(declarations: &[Declaration]) -> String {
    let one = |declaration: &Declaration| {
        let properties = declaration.properties.iter().map(|property| inline(property, Spelling::Latex)).join(", ");
        let properties = if properties.is_empty() { properties } else { format!(" ({properties})") };
        format!("${}${properties}", declaration.formula.latex)
    };
    and(declarations.iter().map(one).collect())
}

/// `a, b and c`.
fn and(mut parts: Vec<String>) -> String {
    match (parts.len(), parts.pop()) {
        (0 | 1, last) => last.unwrap_or_default(),
        (_, last) => format!("{} and {}", parts.join(", "), last.unwrap_or_default()),
    }
}

fn definitions(equations: &[Equation]) -> String {
    let texts: Vec<String> = equations.iter().map(|equation| format!("${}$", shaped(equation))).collect();
    format!("Let {}.", and(texts))
}

/// `z = Wx \in \mathbb{R}^M`; a long right side over several rows.
pub(super) fn shaped(equation: &Equation) -> String {
    let space = equation.shape.as_ref().map_or(String::new(), |shape| format!(" \\in {}", shape.space.latex));
    let rows = derivation::rows(&equation.rhs, derivation::TYPESET - equation.lhs.width().min(40));
    match rows.as_slice() {
        [row] => format!("{} = {row}{space}", equation.lhs.latex),
        rows => format!(
            "\\begin{{aligned}} {} &= {}{space} \\end{{aligned}}",
            equation.lhs.latex,
            rows.join(" \\\\ &\\quad {}")
        ),
    }
}

fn steps(title: &str, lines: &[derivation::Line], proof: bool) -> String {
    let title = if title.is_empty() { String::new() } else { format!("\\emph{{{}.}}\n", escape_latex(title)) };
    let (words, rest) = derivation::leading_words(lines);
    let words: String = words.iter().map(|line| line_in_words(line) + "\n").collect();
    let last = rest.len().div_ceil(ROWS);
    let chunks = rest.chunks(rest.len().div_ceil(last.max(1)).max(1)).enumerate();
    let chunks: Vec<String> =
        chunks.map(|(i, chunk)| display(&derivation::latex(chunk, proof && i + 1 == last))).collect();
    format!("{title}{words}{}", chunks.join("\n"))
}

/// Lines of one `aligned` block, which cannot break across pages.
const ROWS: usize = 16;

/// A condition stated first reads as a sentence.
fn line_in_words(line: &derivation::Line) -> String {
    let derivation::Content::Words(words) = &line.content else { return String::new() };
    let statement = inline(words, Spelling::Latex);
    let reason = inline(&line.reason, Spelling::Latex);
    if reason.is_empty() { format!("{statement}.") } else { format!("{statement}, since {reason}.") }
}

fn answer(answer: &Answer) -> String {
    let mut parts = Vec::new();
    if !answer.equations.is_empty() {
        parts.push(aligned(&answer.equations));
    }
    if !answer.where_names.is_empty() {
        let has_fraction = answer.where_names.iter().any(|equation| shaped(equation).contains("\\frac"));
        let names = answer.where_names.iter().map(|equation| format!("${}$", shaped(equation))).collect();
        parts.push(if has_fraction {
            format!("with\n{}", aligned(&answer.where_names))
        } else {
            format!("with {}.", and(names))
        });
    }
    if !answer.remarks.is_empty() {
        let goes_on = !parts.is_empty();
        let remark = |(label, text): &(String, super::Prose)| {
            let label = if label.is_empty() { String::new() } else { format!("\\emph{{{}:}} ", escape_latex(label)) };
            format!("{label}{}.", inline(text, Spelling::Latex).trim_end_matches('.'))
        };
        parts.extend(goes_on.then(String::new));
        parts.push(answer.remarks.iter().map(remark).join("\n"));
    }
    parts.join("\n")
}

/// Equations below each other, at their signs.
fn aligned(equations: &[Equation]) -> String {
    if let [equation] = equations {
        return display(&shaped(equation));
    }
    let row = |equation: &Equation| {
        let room = derivation::TYPESET - equation.lhs.width().min(40);
        let space = equation.shape.as_ref().map_or(String::new(), |shape| format!(" \\in {}", shape.space.latex));
        let rhs = derivation::rows(&equation.rhs, room).join(" \\\\\n  &\\quad {}");
        format!("  {} &= {rhs}{space}", equation.lhs.latex)
    };
    let rows: Vec<String> = equations.iter().map(row).collect();
    display(&format!("\\begin{{aligned}}\n{}\n\\end{{aligned}}", rows.join(" \\\\[4pt]\n")))
}
