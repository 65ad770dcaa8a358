//! Words: prose with formulas in it, notes, names of inferences.

use crate::print::document::Block;
use crate::print::{self, Formula, Inline, Prose, Spelling};
use crate::syntax::tree::Node;
use crate::syntax::{expression, full_name};
use crate::trace::{Inference, Justification};

/// A paragraph with `$…$`.
pub(super) fn prose(text: &str) -> Prose {
    print::dollars(text, |formula| Some(typed_formula(formula)))
}

/// A formula in prose: a name is spelled in each spelling, anything else stays as typed.
fn typed_formula(typed: &str) -> Formula {
    let name = expression(typed).ok().and_then(|expression| full_name(&expression));
    match name {
        Some(name) => Formula::new(|spelling| print::name(&name, spelling)),
        None => Formula::new(|spelling| in_spelling(typed, spelling)),
    }
}

/// A formula as typed, with signs that a spelling lacks replaced.
pub(super) fn in_spelling(typed: &str, spelling: Spelling) -> String {
    match spelling {
        Spelling::Unicode => typed.into(),
        Spelling::Ascii => print::inline(&print::plain(typed), Spelling::Ascii),
        Spelling::Latex => typed.chars().map(latex_sign).collect(),
    }
}

fn latex_sign(c: char) -> String {
    if c.is_ascii() { c.to_string() } else { format!("{{{}}}", print::escape_latex(&c.to_string()).trim_matches('$')) }
}

/// What stands in a document for a statement that failed.
pub(super) fn unanswered(title: &str) -> Block {
    Block::Prose(print::plain(format!("Not answered: {title}.")))
}

/// The name with the parameters that a definition was typed with: `R(Y)`.
pub(super) fn applied(name: Formula, typed: &str) -> Formula {
    let parameters = parameters(typed);
    if parameters.is_empty() {
        return name;
    }
    Formula::new(|spelling| {
        let parameters: Vec<String> = parameters.iter().map(|name| print::name(name, spelling)).collect();
        format!("{}({})", name.get(spelling), parameters.join(", "))
    })
}

/// The parameters on the left side of a definition as typed.
fn parameters(typed: &str) -> Vec<String> {
    let left = typed.split(['=', '&']).next().unwrap_or("");
    let left = expression(left.trim_matches(|c: char| c.is_whitespace() || c == '$' || c == ':'));
    let Ok(Node::Product(factors)) = left.map(|left| left.node) else { return Vec::new() };
    let [_, arguments] = factors.as_slice() else { return Vec::new() };
    match &arguments.expr.node {
        Node::Group(_, names) => names.iter().filter_map(full_name).collect(),
        _ => Vec::new(),
    }
}

/// Assumptions as a sentence.
pub(super) fn assumption(claims: &[Prose]) -> Block {
    let mut sentence = print::plain("Assume ");
    for (i, claim) in claims.iter().enumerate() {
        if i > 0 {
            sentence.push(Inline::Text(" and ".into()));
        }
        sentence.extend(claim.clone());
    }
    sentence.push(Inline::Text(".".into()));
    Block::Prose(sentence)
}

/// The name of a rule or inference, as JSON and `:steps` give it.
pub fn justification(by: &Justification) -> String {
    match by {
        Justification::Rule(name) => name.clone(),
        Justification::Inference(inference) => self::inference(inference).into(),
    }
}

fn inference(inference: &Inference) -> &'static str {
    match inference {
        Inference::Given => "given",
        Inference::Condition => "condition",
        Inference::DifferentiateBothSides => "differentiate-both-sides",
        Inference::MoveTerm(_) => "move-term",
        Inference::MultiplyLeft(_) => "multiply-left",
        Inference::MultiplyRight(_) => "multiply-right",
        Inference::Divide(_) => "divide",
        Inference::Unfold(_) => "unfold",
        Inference::Fold(_) => "fold",
        Inference::Name(_) => "name",
        Inference::Assumption(_) => "assumption",
        Inference::ChainRule(_) => "chain-rule",
        Inference::SetApart => "set-apart",
        Inference::ReadOff => "read-off",
        Inference::Indices => "index-form",
        Inference::Layout => "layout",
        Inference::SolveLinear(_) => "solve-linear",
        Inference::AdjointEquation(_) => "adjoint-equation",
        Inference::Together(_) => "together",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_a_definition() {
        for typed in ["R(Y) = max(0, Y)", "$R(Y) = \\max\\{0, Y\\}$", "R(Y) := 1", "\\tanh(Y) &= 1"] {
            assert_eq!(parameters(typed), ["Y"], "{typed}");
        }
        assert!(parameters("z = W x").is_empty() && parameters("J").is_empty());
    }

    #[test]
    fn names_in_prose_are_spelled() {
        let prose = prose("With $\\delta$'s of $δ_1 + ŷ$.");
        assert_eq!(print::inline(&prose, Spelling::Unicode), "With δ's of δ_1 + ŷ.");
        let latex = print::inline(&prose, Spelling::Latex);
        assert!(latex.is_ascii() && latex.contains("$\\delta$'s"), "{latex}");
    }
}
