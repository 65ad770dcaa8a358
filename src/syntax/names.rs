//! One name, one thing: the canonical spelling of names.
//!
//! `theta`, `\theta`, `θ` and `ϑ` are one name, and so are `ŷ`, `y`+U+0302, `\hat{y}` and `yhat`.
//! The canonical spelling is Unicode in NFC; the ASCII and LaTeX spellings are derived from it.

use unicode_normalization::UnicodeNormalization;

/// Greek letters by name, canonical letter first, then other code points for the same letter.
const GREEK: &[(&str, char, &str)] = &[
    ("alpha", 'α', ""),
    ("beta", 'β', "ϐ"),
    ("gamma", 'γ', ""),
    ("delta", 'δ', ""),
    ("epsilon", 'ε', "ϵ"),
    ("zeta", 'ζ', ""),
    ("eta", 'η', ""),
    ("theta", 'θ', "ϑ"),
    ("iota", 'ι', ""),
    ("kappa", 'κ', "ϰ"),
    ("lambda", 'λ', ""),
    ("mu", 'μ', "µ"),
    ("nu", 'ν', ""),
    ("xi", 'ξ', ""),
    ("pi", 'π', "ϖ"),
    ("rho", 'ρ', "ϱ"),
    ("sigma", 'σ', "ς"),
    ("tau", 'τ', ""),
    ("upsilon", 'υ', ""),
    ("phi", 'φ', "ϕ"),
    ("chi", 'χ', ""),
    ("psi", 'ψ', ""),
    ("omega", 'ω', ""),
    ("Gamma", 'Γ', ""),
    ("Delta", 'Δ', "∆"),
    ("Theta", 'Θ', "ϴ"),
    ("Lambda", 'Λ', ""),
    ("Xi", 'Ξ', ""),
    ("Pi", 'Π', ""),
    ("Sigma", 'Σ', ""),
    ("Upsilon", 'Υ', "ϒ"),
    ("Phi", 'Φ', ""),
    ("Psi", 'Ψ', ""),
    ("Omega", 'Ω', "Ω"),
];

/// Accents by the words they have in LaTeX and as an ASCII suffix, with the combining mark.
const ACCENTS: &[(&str, char)] = &[
    ("hat", '\u{302}'),
    ("widehat", '\u{302}'),
    ("bar", '\u{304}'),
    ("overline", '\u{304}'),
    ("tilde", '\u{303}'),
    ("widetilde", '\u{303}'),
    ("ddot", '\u{308}'),
    ("dot", '\u{307}'),
    ("check", '\u{30C}'),
];

/// The canonical spelling of a run of letters and digits.
///
/// ```
/// use gradus::syntax::names::canonical;
/// assert_eq!(canonical("theta"), "θ");
/// assert_eq!(canonical("yhat"), canonical("y\u{302}"));
/// assert_eq!(canonical("delta1"), "δ1");
/// assert_eq!(canonical("Wx"), "Wx");
/// ```
pub fn canonical(typed: &str) -> String {
    if let [sign] = typed.as_bytes()
        && sign.is_ascii()
    {
        return typed.to_owned(); // most names; no letter or accent is called by one
    }
    let composed: String = match typed.is_ascii() {
        true => typed.to_owned(),
        false => typed.nfc().map(letter).collect::<String>().nfc().collect(),
    };
    let base = composed.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &composed[base.len()..];
    if let Some(greek) = greek(base) {
        return format!("{greek}{digits}");
    }
    match accented_word(base) {
        Some(word) => format!("{word}{digits}"),
        None => composed,
    }
}

/// The Greek letter of that name, with or without `var` before it.
pub fn greek(word: &str) -> Option<char> {
    let word = word.strip_prefix("var").unwrap_or(word);
    GREEK.iter().find(|(name, _, _)| *name == word).map(|(_, letter, _)| *letter)
}

/// `base` under an accent named by its LaTeX word; `\vec` only styles.
pub fn accented(base: &str, accent: &str) -> String {
    let base = canonical(base);
    match ACCENTS.iter().find(|(word, _)| *word == accent) {
        Some((_, mark)) => format!("{base}{mark}").nfc().collect(),
        None => base,
    }
}

/// Every Greek letter with its name.
pub fn letters() -> impl Iterator<Item = (&'static str, String)> {
    GREEK.iter().map(|(word, letter, _)| (*word, letter.to_string()))
}

/// Every accent by its LaTeX word, with the combining mark.
pub fn accents() -> impl Iterator<Item = (&'static str, char)> {
    ACCENTS.iter().copied()
}

/// The ASCII spelling of a canonical name: `delta_2`, `yhat`.
///
/// ```
/// use gradus::syntax::names::{ascii, canonical};
/// assert_eq!(ascii("ŷ"), "yhat");
/// assert_eq!(ascii("δ_2"), "delta_2");
/// assert_eq!(canonical(&ascii("θ̂")), "θ̂");
/// ```
pub fn ascii(name: &str) -> String {
    spell(name, |word, c| word.unwrap_or_else(|| c.to_string()), |word, accent| word + accent)
}

/// The LaTeX spelling of a canonical name without its subscript: `\theta`, `\hat{y}`.
///
/// ```
/// assert_eq!(gradus::syntax::names::latex("θ̂"), r"\hat{\theta}");
/// ```
pub fn latex(name: &str) -> String {
    let greek = |word: Option<String>, c: char| match word {
        Some(word) => format!("\\{word}"),
        None => c.to_string(),
    };
    spell(name, greek, |base, accent| format!("\\{accent}{{{base}}}"))
}

/// Spells a name letter by letter, given how to write a letter and how to put an accent on it.
fn spell(
    name: &str,
    write: impl Fn(Option<String>, char) -> String,
    accent: impl Fn(String, &str) -> String,
) -> String {
    let mut out: Vec<String> = Vec::new();
    for c in name.nfd() {
        match ACCENTS.iter().find(|(_, mark)| *mark == c) {
            Some((word, _)) => {
                let base = out.pop().unwrap_or_default();
                out.push(accent(base, word));
            }
            None => out.push(write(greek_word(c), c)),
        }
    }
    out.concat()
}

fn greek_word(c: char) -> Option<String> {
    GREEK.iter().find(|(_, letter, _)| *letter == c).map(|(word, _, _)| word.to_string())
}

/// The canonical code point of a letter.
fn letter(c: char) -> char {
    GREEK.iter().find(|(_, _, others)| others.contains(c)).map_or(c, |(_, letter, _)| *letter)
}

/// `yhat`, `thetabar`: one letter and the word of an accent.
fn accented_word(word: &str) -> Option<String> {
    ACCENTS.iter().find_map(|(accent, _)| {
        let base = word.strip_suffix(accent)?;
        let single = base.chars().count() == 1 || greek(base).is_some();
        single.then(|| accented(base, accent))
    })
}

/// The ordinary characters of superscript ones: `⁻¹` is `-1`.
pub fn lower_superscript(c: char) -> char {
    pair(c, "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾ᵀⁿⁱʲᵏᵐᵗ", "0123456789-+()Tnijkmt")
}

/// The ordinary characters of subscript ones: `₂` is `2`.
pub fn raise_subscript(c: char) -> char {
    pair(c, "₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-aehijklmnoprstuvx")
}

fn pair(c: char, from: &str, to: &str) -> char {
    let found = from.chars().zip(to.chars()).find(|(a, _)| *a == c);
    found.map_or(c, |(_, b)| b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_agree() {
        for (a, b) in [("mu", "µ"), ("ϵ", "ε"), ("varepsilon", "epsilon"), ("thetahat", "θ\u{302}"), ("lambda", "λ")]
        {
            assert_eq!(canonical(a), canonical(b));
        }
        assert_eq!(accented("y", "hat"), "ŷ");
        assert_eq!(accented("theta", "hat"), canonical("thetahat"));
    }

    #[test]
    fn ascii_and_back() {
        for name in ["ŷ", "θ", "δ1", "W", "x̄", "θ̂", "softmax", "CrossEntropy"] {
            assert_eq!(canonical(&ascii(name)), canonical(name), "{name}");
        }
    }

    #[test]
    fn ordinary_words_stay() {
        for word in ["hat", "softmax", "beta0x", "diag", "Wx"] {
            assert_eq!(canonical(word), word);
        }
    }
}
