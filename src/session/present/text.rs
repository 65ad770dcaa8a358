//! Words: prose with formulas in it, notes, names of inferences.

use crate::print::document::Block;
use crate::print::{self, Formula, Inline, Prose, Spelling};
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
        Inference::Layout => "layout",
        Inference::Together(_) => "together",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_prose_are_spelled() {
        let prose = prose("With $\\delta$'s of $δ_1 + ŷ$.");
        assert_eq!(print::inline(&prose, Spelling::Unicode), "With δ's of δ_1 + ŷ.");
        let latex = print::inline(&prose, Spelling::Latex);
        assert!(latex.is_ascii() && latex.contains("$\\delta$'s"), "{latex}");
    }
}
