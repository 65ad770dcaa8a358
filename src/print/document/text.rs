//! A document for a terminal: labels in one column, answers with their shapes at the right.

use super::super::wrap::{columns, pad, wrap};
use super::super::{Prose, Spelling, derivation, inline};
use super::{Answer, Block, Declaration, Equation};

/// The column behind the labels.
const LABEL: usize = 12;
/// Where shapes stand, counted from the labels.
const SHAPE: usize = 60;
/// The widest line.
const WIDTH: usize = 100;

/// The blocks as text; with [`Spelling::Ascii`], nothing but ASCII signs.
pub fn text(blocks: &[Block], spelling: Spelling) -> String {
    let mut out = String::new();
    for (i, block) in blocks.iter().enumerate() {
        if i > 0 && stands_apart(&blocks[i - 1], block) {
            out.push('\n');
        }
        out.push_str(&block_text(block, spelling));
    }
    out
}

/// Is there an empty line between two blocks?
fn stands_apart(before: &Block, block: &Block) -> bool {
    match (before, block) {
        (Block::Heading(_) | Block::Part(_), _) => false,
        (Block::Answer(_) | Block::Derivation { .. }, _) => true,
        (_, Block::Heading(_) | Block::Part(_) | Block::Derivation { .. }) => true,
        (_, Block::Answer(answer)) => !answer.equations.is_empty(),
        _ => false,
    }
}

fn block_text(block: &Block, spelling: Spelling) -> String {
    match block {
        Block::Heading(title) => format!("{title}\n{}\n", "=".repeat(columns(title))),
        Block::Part(part) => format!("{part}\n"),
        Block::Prose(words) => lines("", &inline(words, spelling)),
        Block::Given(declarations) => rows("Given", &packed(&given(declarations, spelling))),
        Block::Definitions(equations) => {
            let texts: Vec<String> = equations.iter().map(|equation| definition(equation, spelling)).collect();
            rows("Where", &packed(&texts))
        }
        Block::Display(label, equation) => equation_text(label, equation, spelling),
        Block::Derivation { title, lines, proof } => derivation_text(title, lines, *proof, spelling),
        Block::Answer(answer) => answer_text(answer, spelling),
        Block::Code(_, code) => format!("{}\n", code.trim_end()),
    }
}

fn given(declarations: &[Declaration], spelling: Spelling) -> Vec<String> {
    declarations
        .iter()
        .map(|declaration| {
            let mut parts = vec![declaration.formula.get(spelling).to_string()];
            parts.extend(declaration.properties.iter().map(|property| inline(property, spelling)));
            parts.join(" ")
        })
        .collect()
}

fn definition(equation: &Equation, spelling: Spelling) -> String {
    if equation.is_definition {
        return equation.line(spelling);
    }
    let shape = equation.shape.as_ref().map_or("scalar", |shape| shape.shape.get(spelling));
    format!("{} : {shape}", equation.line(spelling))
}

fn derivation_text(title: &str, lines: &[derivation::Line], proof: bool, spelling: Spelling) -> String {
    let mut text = derivation::text(lines, spelling);
    if proof && spelling == Spelling::Unicode {
        text.truncate(text.trim_end().len());
        text.push_str("   ∎\n");
    }
    if title.is_empty() { text } else { format!("{title}\n{text}") }
}

fn answer_text(answer: &Answer, spelling: Spelling) -> String {
    let mut out = String::new();
    for (i, equation) in answer.equations.iter().enumerate() {
        out.push_str(&equation_text(if i == 0 { "Answer" } else { "" }, equation, spelling));
    }
    for (i, equation) in answer.where_names.iter().enumerate() {
        out.push_str(&equation_text(if i == 0 { "where" } else { "" }, equation, spelling));
    }
    for (label, words) in &answer.remarks {
        out.push_str(&remark(label, words, spelling));
    }
    out
}

fn remark(label: &str, words: &Prose, spelling: Spelling) -> String {
    labelled(label, &inline(words, spelling))
}

/// `Answer      ∂A/∂α = …                    shape m×m`.
fn equation_text(label: &str, equation: &Equation, spelling: Spelling) -> String {
    let left = equation.lhs.get(spelling);
    let indent = columns(left) + 3;
    let mut rows = vec![format!("{left} = ")];
    for (i, piece) in equation.rhs.iter().enumerate() {
        let piece = piece.get(spelling);
        match rows.last_mut() {
            Some(row) if i == 0 => row.push_str(piece),
            Some(row) if LABEL + columns(row) + 1 + columns(piece) <= WIDTH => row.push_str(&format!(" {piece}")),
            _ => rows.push(format!("{}{piece}", " ".repeat(indent))),
        }
    }
    let shape = equation.shape.as_ref().map(|shape| format!("shape {}", shape.shape.get(spelling)));
    if let (Some(shape), Some(row)) = (shape, rows.last_mut()) {
        let space = SHAPE.max(columns(row) + 3);
        *row = pad(row, space) + &shape;
    }
    rows.iter().enumerate().map(|(i, row)| format!("{}{row}\n", pad(if i == 0 { label } else { "" }, LABEL))).collect()
}

fn labelled(label: &str, text: &str) -> String {
    rows(label, &wrap(text, WIDTH - LABEL))
}

/// Texts in rows, none of them broken.
fn packed(texts: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (i, text) in texts.iter().enumerate() {
        let text = if i + 1 < texts.len() { format!("{text},") } else { text.clone() };
        match out.last_mut() {
            Some(row) if columns(row) + 2 + columns(&text) <= WIDTH - LABEL => row.push_str(&format!("  {text}")),
            _ => out.push(text),
        }
    }
    out
}

fn rows(label: &str, rows: &[String]) -> String {
    rows.iter().enumerate().map(|(i, row)| format!("{}{row}\n", pad(if i == 0 { label } else { "" }, LABEL))).collect()
}

fn lines(indent: &str, text: &str) -> String {
    text.lines().flat_map(|line| wrap(line, WIDTH)).map(|line| format!("{indent}{line}\n")).collect()
}
