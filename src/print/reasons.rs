//! The formulas in the reason of a rule: `σ′ = σ(1 − σ) on u` is words with two formulas.
//!
//! Reasons are written in plain text, as they stand on a terminal. Typeset, what is mathematics in them is to look
//! like it: runs of words that hold a sign, a digit or a single letter, with the functions among them.

use super::rich::{ascii_text, raised, special_character};
use super::{Formula, Inline, Prose, Spelling};
use crate::ir::Function;

/// Words, with their formulas told apart.
pub fn reason(text: &str) -> Prose {
    let words: Vec<&str> = text.split(' ').collect();
    let is_formula: Vec<bool> = (0..words.len())
        .map(|at| {
            let next = words.get(at + 1).is_some_and(|next| is_mathematical(next));
            is_mathematical(words[at]) || (next && is_function(words[at]))
        })
        .collect();
    let mut out = Prose::new();
    let mut at = 0;
    while at < words.len() {
        let run = is_formula[at..].iter().take_while(|&&formula| formula == is_formula[at]).count();
        let part = words[at..at + run].join(" ");
        let (lead, trail) = (if at > 0 { " " } else { "" }, if at + run < words.len() { " " } else { "" });
        if is_formula[at] && part.matches('(').count() == part.matches(')').count() {
            let core = part.trim_end_matches([',', ';', ':']);
            out.push(Inline::Math(formula(core)));
            push_text(&mut out, &part[core.len()..]);
        } else if is_formula[at] {
            push_text(&mut out, &part);
        } else {
            push_text(&mut out, &format!("{lead}{part}{trail}"));
        }
        at += run;
    }
    out
}

fn push_text(out: &mut Prose, text: &str) {
    if !text.is_empty() {
        out.push(Inline::Text(text.to_owned()));
    }
}

fn formula(text: &str) -> Formula {
    Formula::new(|spelling| match spelling {
        Spelling::Unicode => text.to_owned(),
        Spelling::Ascii => ascii_text(text),
        Spelling::Latex => latex(text).replace("  ", " "),
    })
}

/// A word with a sign or digit, a function applied to something, or a single letter that is no article.
fn is_mathematical(word: &str) -> bool {
    const SIGNS: &str = "=+−·⊙⊘⊗×√′|‖⟨⟩<>≤≥^_/½𝟏";
    let core = word.trim_matches(['(', ')', ',', ';', ':']);
    let letters = core.chars().filter(|c| c.is_alphabetic()).count();
    let is_letter = core.chars().count() == 1 && letters == 1 && core != "a";
    let is_sign = |c: char| SIGNS.contains(c) || c.is_ascii_digit() || c == 'ᵀ' || superscript(c).is_some();
    let is_applied = word.find('(').is_some_and(|at| at > 0);
    !word.contains('-') && (is_letter || is_applied || word.chars().any(is_sign))
}

/// The plain letter of a raised one.
fn superscript(c: char) -> Option<char> {
    match c {
        'ᵃ' => Some('a'),
        'ᶜ' => Some('c'),
        'ᵘ' => Some('u'),
        'ᵛ' => Some('v'),
        _ => raised(c),
    }
}

fn is_function(word: &str) -> bool {
    Function::named(word).is_some()
}

/// A formula of a reason in LaTeX.
fn latex(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        let run = |test: fn(char) -> bool| chars[at..].iter().take_while(|&&c| test(c)).count();
        if c.is_ascii_alphabetic() {
            let length = run(|c| c.is_ascii_alphabetic());
            out += &name(&chars[at..at + length].iter().collect::<String>());
            at += length;
        } else if c == 'ᵀ' {
            out += "^{\\top}";
            at += 1;
        } else if superscript(c).is_some() {
            let length = run(|c| c != 'ᵀ' && superscript(c).is_some());
            let plain: String = chars[at..at + length].iter().filter_map(|&c| superscript(c)).collect();
            out += &format!("^{{{plain}}}");
            at += length;
        } else if matches!(c, '^' | '_' | '√') {
            let (inside, length) = operand(&chars[at + 1..]);
            let open = if c == '√' { "\\sqrt".to_owned() } else { c.to_string() };
            out += &format!("{open}{{{}}}", latex(&inside));
            at += 1 + length;
        } else {
            out += &sign(c);
            at += 1;
        }
    }
    out
}

/// What a raised sign or root applies to, without brackets: `(1 − u²)`, `x`, `ij`; and its length.
fn operand(chars: &[char]) -> (String, usize) {
    if chars.first() == Some(&'(') {
        let mut depth = 0;
        let closing = chars.iter().position(|&c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        if let Some(end) = closing {
            return (chars[1..end].iter().collect(), end + 1);
        }
    }
    let length = chars.iter().take_while(|c| c.is_ascii_alphanumeric()).count().max(1).min(chars.len());
    (chars[..length].iter().collect(), length)
}

/// Letters that stand together: the name of a function, a differential, or letters.
fn name(letters: &str) -> String {
    const COMMANDS: &[&str] =
        &["arccos", "arcsin", "arctan", "cos", "cosh", "det", "exp", "log", "max", "sin", "sinh", "tan", "tanh"];
    match letters {
        _ if COMMANDS.contains(&letters) => format!("\\{letters} "),
        _ if Function::named(&letters.to_lowercase()).is_some() => format!("\\operatorname{{{letters}}}"),
        "d" => "\\mathrm{d}".into(),
        _ if letters.len() == 2 && letters.starts_with('d') => format!("\\mathrm{{d}}{}", &letters[1..]),
        _ => letters.into(),
    }
}

fn sign(c: char) -> String {
    if c.is_ascii() {
        return c.to_string();
    }
    let latex = special_character(c).replace('$', "");
    if latex.starts_with('\\') && latex.ends_with(|c: char| c.is_ascii_alphabetic()) { latex + " " } else { latex }
}

#[cfg(test)]
mod tests {
    use super::super::inline;
    use super::*;

    fn typeset(text: &str) -> String {
        inline(&reason(text), Spelling::Latex)
    }

    #[test]
    fn formulas_are_told_from_words() {
        assert_eq!(typeset("product rule"), "product rule");
        assert_eq!(typeset("d log u = du/u"), r"$\mathrm{d} \log u = \mathrm{d}u/u$");
        assert_eq!(typeset("(eᵘ)′ = eᵘ"), "$(e^{u})' = e^{u}$");
        assert_eq!(
            typeset("max(0, u) is positive exactly where u is"),
            r"$\max (0, u)$ is positive exactly where $u$ is"
        );
        assert_eq!(
            typeset("relu′ is 1 above 0; a convention"),
            r"$\operatorname{relu}'$ is $1$ above $0$; a convention"
        );
        assert_eq!(typeset("arcsin′(u) = 1/√(1 − u²)"), r"$\arcsin '(u) = 1/\sqrt{1 - u^{2}}$");
        assert_eq!(typeset("a Kronecker product, the 1-norm"), "a Kronecker product, the 1-norm");
        assert_eq!(
            typeset("vec(A X) = (I ⊗ A) vec X"),
            r"$\operatorname{vec}(A X) = (I \otimes A) \operatorname{vec} X$"
        );
    }

    #[test]
    fn on_a_terminal_nothing_changes() {
        for text in ["d log u = du/u on Σ e^x", "1 above 0, −1 below", "u ≥ 0 exactly where −u > 0 fails", "x, y"]
        {
            assert_eq!(inline(&reason(text), Spelling::Unicode), text);
        }
    }
}
