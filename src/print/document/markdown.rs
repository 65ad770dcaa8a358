//! A document in Markdown with formulas between dollar signs.

use super::super::derivation;
use super::super::rich::markdown as words;
use super::{Answer, Block, Declaration, Equation};
use itertools::Itertools;

/// The blocks as Markdown.
pub fn markdown(blocks: &[Block]) -> String {
    let mut out = super::for_a_page(blocks).iter().map(block).join("\n\n");
    out.push('\n');
    out
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(title) => format!("## {title}"),
        Block::Part(part) => format!("**{part}**"),
        Block::Prose(prose) => words(prose),
        Block::Given(declarations) => format!("Let {}.", given(declarations)),
        Block::Definitions(equations) => equations.iter().map(|e| format!("${}$", shaped(e))).join(", ") + ".",
        Block::Display(label, equation) => format!("**{label}.**\n\n{}", display(&shaped(equation))),
        Block::Derivation { title, lines, proof } => {
            let title = if title.is_empty() { String::new() } else { format!("*{title}.*\n\n") };
            format!("{title}{}", display(&derivation::latex(lines, *proof)))
        }
        Block::Answer(answer) => self::answer(answer),
        Block::Code(language, code) => format!("```{language}\n{}\n```", code.trim_end()),
    }
}

fn given(declarations: &[Declaration]) -> String {
    let one = |declaration: &Declaration| {
        let properties = declaration.properties.iter().map(|property| format!(" {}", words(property))).join(",");
        format!("${}${properties}", declaration.formula.latex)
    };
    declarations.iter().map(one).join(", ")
}

fn shaped(equation: &Equation) -> String {
    super::latex::shaped(equation)
}

fn display(formula: &str) -> String {
    format!("$$\n{formula}\n$$")
}

fn answer(answer: &Answer) -> String {
    let mut parts: Vec<String> = answer.equations.iter().map(|equation| display(&shaped(equation))).collect();
    if !answer.where_names.is_empty() {
        parts.push(format!("where {}.", answer.where_names.iter().map(|e| format!("${}$", shaped(e))).join(", ")));
    }
    if !answer.remarks.is_empty() {
        parts.push(answer.remarks.iter().map(|(label, text)| format!("- *{label}:* {}", words(text))).join("\n"));
    }
    parts.join("\n\n")
}
