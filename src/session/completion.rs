//! Completion at a prompt: `\alpha` becomes α; names, functions, question words, commands and their values.

use super::commands::COMMANDS;
use super::settings::SETTINGS;
use super::{Session, help};
use crate::ir::Function;
use crate::syntax::names;
use crate::syntax::question::KEYWORDS;

/// Signs by the word that gives them behind a backslash; Greek letters and accents are in [`names`].
const SIGNS: &[(&str, &str)] = &[
    ("R", "ℝ"),
    ("^T", "ᵀ"),
    ("^-1", "⁻¹"),
    ("^-T", "⁻ᵀ"),
    ("^2", "²"),
    ("_0", "₀"),
    ("_1", "₁"),
    ("_2", "₂"),
    ("_3", "₃"),
    ("_i", "ᵢ"),
    ("_j", "ⱼ"),
    ("_k", "ₖ"),
    ("cdot", "·"),
    ("circ", "∘"),
    ("in", "∈"),
    ("inv", "⁻¹"),
    ("nabla", "∇"),
    ("norm", "‖"),
    ("odot", "⊙"),
    ("one", "𝟏"),
    ("oslash", "⊘"),
    ("otimes", "⊗"),
    ("partial", "∂"),
    ("prime", "′"),
    ("sum", "Σ"),
    ("times", "×"),
    ("to", "↦"),
    ("top", "ᵀ"),
];

/// Words of declarations and questions that are not the first of a statement.
const WORDS: &[&str] = &[
    "assume", "constant", "diagonal", "elementwise", "function of", "given", "invertible", "layout", "let", "matrix",
    "nonzero", "orthogonal", "positive", "probability", "psd", "scalar", "spd", "symmetric", "with", "wrt",
];

/// A way to complete what stands before the cursor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// What is shown in a list of several.
    pub shown: String,
    /// What is written instead of the part that is completed.
    pub text: String,
}

impl Candidate {
    fn word(word: &str) -> Candidate {
        Candidate { shown: word.into(), text: word.into() }
    }
}

/// The words that completion knows; taken from a session, so that an editor need not hold the session itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    names: Vec<String>,
    rules: Vec<String>,
}

impl Words {
    /// The names and rules of a session as it is now.
    pub fn of(session: &Session) -> Words {
        let names = session.context.names().map(|(name, _)| crate::print::name(name, crate::print::Spelling::Unicode));
        Words {
            names: names.collect(),
            rules: session.engine.rules.rules.iter().map(|rule| rule.name.clone()).collect(),
        }
    }

    /// Where the part that is completed starts, and the ways to complete it.
    ///
    /// ```
    /// use gradus::session::{Session, completion::Words};
    /// let words = Words::of(&Session::new());
    /// let (start, found) = words.complete("x + \\alp", 8);
    /// assert_eq!((start, found[0].text.as_str()), (4, "α"));
    /// ```
    pub fn complete(&self, line: &str, cursor: usize) -> (usize, Vec<Candidate>) {
        let before = line.get(..cursor).unwrap_or(line);
        if let Some(at) = before.rfind('\\') {
            let typed = &before[at + 1..];
            if typed.chars().all(|c| c.is_ascii_alphanumeric() || "^_-".contains(c)) {
                return (at, signs(typed));
            }
        }
        let is_command = before.trim_start().starts_with(':');
        let boundary = |c: char| if is_command { c.is_whitespace() || c == ':' } else { is_boundary(c) };
        let start = before.rfind(boundary).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let typed = &before[start..];
        let known = if is_command { command(before) } else { self.words(before, typed) };
        let mut found: Vec<Candidate> =
            known.iter().filter(|word| word.starts_with(typed)).map(|word| Candidate::word(word)).collect();
        if !is_command && !before.trim_start().starts_with('?') && !typed.is_empty() {
            found.extend(self.spelled(typed));
        }
        found.sort();
        found.dedup_by(|a, b| a.text == b.text);
        (start, found)
    }

    fn words(&self, before: &str, typed: &str) -> Vec<String> {
        if before.trim_start().starts_with('?') {
            return help::topics().map(str::to_string).chain(self.rules.iter().cloned()).collect();
        }
        if typed.is_empty() {
            return Vec::new();
        }
        let functions = Function::all().map(Function::name);
        let words = KEYWORDS.iter().copied().chain(WORDS.iter().copied()).chain(functions);
        words.map(str::to_string).chain(self.names.iter().cloned()).collect()
    }

    /// Names whose ASCII spelling starts with what was typed: `thet` gives θ.
    fn spelled(&self, typed: &str) -> Vec<Candidate> {
        let starts = |name: &&String| names::ascii(name).starts_with(typed) && !name.starts_with(typed);
        self.names.iter().filter(starts).map(|name| Candidate { shown: name.clone(), text: name.clone() }).collect()
    }
}

fn is_boundary(c: char) -> bool {
    !(c.is_alphanumeric() || "_-′%^".contains(c)) || c == '-'
}

/// A command, or one of the values it takes.
fn command(before: &str) -> Vec<String> {
    let line = before.trim_start().trim_start_matches(':');
    let Some((name, _)) = line.split_once(char::is_whitespace) else {
        return COMMANDS.iter().map(|command| command.name.to_string()).collect();
    };
    match name {
        "help" => help::topics().map(str::to_string).collect(),
        "code" => vec!["numpy".into()],
        _ => {
            let values = SETTINGS.iter().find(|(key, _)| *key == name).map_or(&[][..], |(_, values)| values);
            values.iter().map(|value| value.to_string()).collect()
        }
    }
}

/// The signs whose word starts with what was typed; one whose word it is comes alone.
fn signs(typed: &str) -> Vec<Candidate> {
    let all = || {
        let signs = SIGNS.iter().map(|(word, sign)| (*word, (*sign).to_string()));
        signs.chain(names::letters()).chain(names::accents().map(|(word, mark)| (word, mark.to_string())))
    };
    if let Some((_, sign)) = all().find(|(word, _)| *word == typed) {
        return vec![Candidate { shown: sign.clone(), text: sign }];
    }
    let mut found: Vec<Candidate> = all()
        .filter(|(word, _)| word.starts_with(typed))
        .map(|(word, sign)| Candidate { shown: format!("\\{word} {}", on_a_circle(&sign)), text: sign })
        .collect();
    found.sort();
    found
}

/// An accent is shown on a dotted circle.
fn on_a_circle(sign: &str) -> String {
    let combining = sign.chars().next().is_some_and(|c| ('\u{300}'..='\u{36F}').contains(&c));
    if combining { format!("◌{sign}") } else { sign.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        let mut session = Session::new();
        session.run("θ : R^n\nδ_1 : R^n\nweights : R^n");
        let (start, found) = Words::of(&session).complete(line, line.len());
        found.into_iter().map(|candidate| format!("{}{}", &line[..start], candidate.text)).collect()
    }

    #[test]
    fn signs_and_letters() {
        assert_eq!(texts("\\alpha"), ["α"]);
        assert_eq!(texts("2\\Gam"), ["2Γ"]);
        assert_eq!(texts("A\\^T"), ["Aᵀ"]);
        assert_eq!(texts("y\\hat"), ["y\u{302}"]);
        assert_eq!(texts("\\in"), ["∈"]);
        assert!(texts("\\e").contains(&"η".to_string()) && texts("\\nosuchsign").is_empty());
    }

    #[test]
    fn names_functions_and_question_words() {
        assert_eq!(texts("grad wei"), ["grad weights"]);
        assert_eq!(texts("x + thet"), ["x + θ"]);
        assert_eq!(texts("softm"), ["softmax"]);
        assert_eq!(texts("jac"), ["jacobian"]);
        assert_eq!(texts("2 + "), Vec::<String>::new());
    }

    #[test]
    fn commands_values_and_help() {
        assert_eq!(texts(":lay"), [":layout"]);
        assert_eq!(texts(":layout n"), [":layout numerator"]);
        assert_eq!(texts("?softm")[0], "?softmax");
        assert_eq!(texts(":kink 1/"), [":kink 1/2"]);
    }

    #[test]
    fn any_cursor_is_taken() {
        let words = Words::default();
        for cursor in 0..12 {
            words.complete("ŷ\\α\\x", cursor);
        }
    }
}
