//! Names in each spelling.
//!
//! A canonical name is NFC with composed Greek letters and hats, a subscript after `_` (`ŷ`, `δ_2`, `W1`, `x_new`)
//! and a sample number after `^` (`x^(i)`). `syntax` reads all spellings back; `tests/print.rs` holds the two together.

use super::Spelling;
use unicode_normalization::UnicodeNormalization;

/// Greek letters with the words they have in ASCII and LaTeX.
const GREEK: &[(char, &str)] = &[
    ('α', "alpha"),
    ('β', "beta"),
    ('γ', "gamma"),
    ('δ', "delta"),
    ('ε', "epsilon"),
    ('ζ', "zeta"),
    ('η', "eta"),
    ('θ', "theta"),
    ('ι', "iota"),
    ('κ', "kappa"),
    ('λ', "lambda"),
    ('μ', "mu"),
    ('ν', "nu"),
    ('ξ', "xi"),
    ('π', "pi"),
    ('ρ', "rho"),
    ('σ', "sigma"),
    ('τ', "tau"),
    ('υ', "upsilon"),
    ('φ', "phi"),
    ('χ', "chi"),
    ('ψ', "psi"),
    ('ω', "omega"),
    ('Γ', "Gamma"),
    ('Δ', "Delta"),
    ('Θ', "Theta"),
    ('Λ', "Lambda"),
    ('Ξ', "Xi"),
    ('Π', "Pi"),
    ('Σ', "Sigma"),
    ('Υ', "Upsilon"),
    ('Φ', "Phi"),
    ('Ψ', "Psi"),
    ('Ω', "Omega"),
];

/// Combining marks with the words they have in ASCII and LaTeX.
const ACCENTS: &[(char, &str)] = &[
    ('\u{302}', "hat"),
    ('\u{304}', "bar"),
    ('\u{303}', "tilde"),
    ('\u{307}', "dot"),
    ('\u{308}', "ddot"),
    ('\u{30C}', "check"),
];

/// A canonical name in a spelling.
///
/// ```
/// use gradus::print::{Spelling, name};
/// assert_eq!(name("δ_2", Spelling::Unicode), "δ₂");
/// assert_eq!(name("δ_2", Spelling::Ascii), "delta_2");
/// assert_eq!(name("ŷ", Spelling::Latex), r"\hat{y}");
/// assert_eq!(name("x_new", Spelling::Latex), r"x_{\text{new}}");
/// ```
pub fn name(canonical: &str, spelling: Spelling) -> String {
    let parts = Parts::of(canonical);
    let base = match spelling {
        Spelling::Unicode => parts.base.to_string(),
        Spelling::Ascii => ascii_base(parts.base),
        Spelling::Latex => return latex(&parts),
    };
    let subscript = parts.subscript.map(|text| match spelling {
        Spelling::Unicode => subscript(text),
        _ => format!("_{}", ascii_base(text)),
    });
    let sample = parts.sample.map(|text| match spelling {
        Spelling::Unicode => superscript(&format!("({text})")).unwrap_or_else(|| format!("^{{({text})}}")),
        _ => format!("^{{({text})}}"),
    });
    [Some(base), subscript, sample].into_iter().flatten().collect()
}

/// The parts of a canonical name.
struct Parts<'a> {
    base: &'a str,
    subscript: Option<&'a str>,
    sample: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(canonical: &'a str) -> Self {
        let (rest, sample) = match canonical.split_once('^') {
            Some((rest, sample)) => (rest, Some(sample.trim_matches(['{', '(', ')', '}']))),
            None => (canonical, None),
        };
        match rest.split_once('_') {
            Some((base, subscript)) if !base.is_empty() => Parts { base, subscript: Some(subscript), sample },
            _ => Parts { base: rest, subscript: None, sample },
        }
    }
}

/// Does a subscript behind this name belong to it already, so that an index needs brackets?
pub(super) fn is_decorated(canonical: &str) -> bool {
    canonical.contains(['_', '^']) || canonical.ends_with(|c: char| c.is_ascii_digit())
}

/// A sample number stands where a power would.
pub(super) fn has_superscript(canonical: &str) -> bool {
    canonical.contains('^')
}

/// One letter, perhaps with a hat: factors of such names are written without a space.
pub(super) fn is_letter(canonical: &str) -> bool {
    let mut letters = canonical.nfd().filter(|c| !is_accent(*c));
    letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
}

/// `theta`, `mu`: letters that are read as one Greek letter.
pub(super) fn is_spelled_letter(word: &str) -> bool {
    GREEK.iter().any(|(_, spelled)| *spelled == word)
}

fn is_accent(c: char) -> bool {
    ACCENTS.iter().any(|(mark, _)| *mark == c)
}

fn greek(c: char) -> Option<&'static str> {
    GREEK.iter().find(|(letter, _)| *letter == c).map(|(_, word)| *word)
}

fn accent(c: char) -> Option<&'static str> {
    ACCENTS.iter().find(|(mark, _)| *mark == c).map(|(_, word)| *word)
}

/// `theta`, `yhat`; a longer name keeps its letters, since `Deltax` would not be read back as `Δx`.
fn ascii_base(base: &str) -> String {
    let letters = base.trim_end_matches(|c: char| c.is_ascii_digit());
    if is_letter(letters) { ascii_words(base) } else { base.to_string() }
}

/// Every Greek letter and accent as its word.
pub(super) fn ascii_words(text: &str) -> String {
    text.nfd().map(|c| greek(c).or_else(|| accent(c)).map_or_else(|| c.to_string(), str::to_string)).collect()
}

fn latex(parts: &Parts) -> String {
    let letters = parts.base.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &parts.base[letters.len()..];
    let mut subscripts = Vec::new();
    let base = if is_letter(letters) {
        if !digits.is_empty() {
            subscripts.push(digits.to_string());
        }
        latex_letters(letters)
    } else {
        let words = latex_letters(parts.base);
        if words.contains('\\') { words } else { format!("\\mathrm{{{words}}}") }
    };
    subscripts.extend(parts.subscript.map(latex_subscript));
    let sample = parts.sample.map_or(String::new(), |sample| format!("^{{({sample})}}"));
    match subscripts.join(",") {
        subscript if subscript.is_empty() => base + &sample,
        subscript => format!("{base}_{}{sample}", braced(&subscript)),
    }
}

/// A text as a LaTeX group; a single character needs no braces.
pub(super) fn braced(text: &str) -> String {
    if text.chars().count() == 1 { text.to_string() } else { format!("{{{text}}}") }
}

fn latex_subscript(text: &str) -> String {
    let plain = text.chars().all(|c| c.is_ascii_digit()) || text.chars().count() <= 2;
    if plain { latex_letters(text) } else { format!("\\text{{{text}}}") }
}

/// `\theta`, `\hat{y}`, `\mathcal{L}`.
fn latex_letters(text: &str) -> String {
    let mut letters: Vec<String> = Vec::new();
    for c in text.nfd() {
        match (accent(c), greek(c)) {
            (Some(word), _) => {
                let letter = letters.pop().unwrap_or_default();
                letters.push(format!("\\{word}{{{letter}}}"));
            }
            (_, Some(word)) => letters.push(format!("\\{word}")),
            _ if c == 'ℒ' => letters.push("\\mathcal{L}".into()),
            _ => letters.push(c.to_string()),
        }
    }
    let mut out = String::new();
    for letter in letters {
        // `\alpha` and a letter behind it need a space between them.
        if out.rsplit('\\').next().is_some_and(|tail| out.contains('\\') && is_word(tail))
            && letter.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            out.push(' ');
        }
        out.push_str(&letter);
    }
    out
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic())
}

/// A text as subscript characters, or after `_` where a character has none.
pub(super) fn subscript(text: &str) -> String {
    const FROM: &str = "0123456789aehijklmnoprstuvx";
    const TO: &str = "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ";
    shifted(text, FROM, TO).unwrap_or_else(|| format!("_{text}"))
}

/// A text as superscript characters, if all have one.
pub(super) fn superscript(text: &str) -> Option<String> {
    shifted(text, LINE, RAISED)
}

/// The character of the line for a raised one.
pub(super) fn from_superscript(raised: char) -> Option<char> {
    RAISED.chars().zip(LINE.chars()).find(|&(known, _)| known == raised).map(|(_, plain)| plain)
}

/// Characters that can be raised, and how they look.
const LINE: &str = "0123456789-()nijkmt";
const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾ⁿⁱʲᵏᵐᵗ";

fn shifted(text: &str, from: &str, to: &str) -> Option<String> {
    text.chars().map(|c| from.chars().zip(to.chars()).find(|(a, _)| *a == c).map(|(_, b)| b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_three_spellings() {
        let table = [
            ("W", "W", "W", "W"),
            ("W1", "W1", "W1", "W_1"),
            ("W_12", "W₁₂", "W_12", "W_{12}"),
            ("θ", "θ", "theta", r"\theta"),
            ("ŷ_1", "ŷ₁", "yhat_1", r"\hat{y}_1"),
            ("θ̂", "θ̂", "thetahat", r"\hat{\theta}"),
            ("loss", "loss", "loss", r"\mathrm{loss}"),
            ("x_new", "x_new", "x_new", r"x_{\text{new}}"),
            ("x^(i)", "x⁽ⁱ⁾", "x^{(i)}", "x^{(i)}"),
            ("Δx", "Δx", "Δx", r"\Delta x"),
            ("ℒ", "ℒ", "ℒ", r"\mathcal{L}"),
        ];
        for (canonical, unicode, ascii, latex) in table {
            assert_eq!(name(canonical, Spelling::Unicode), unicode);
            assert_eq!(name(canonical, Spelling::Ascii), ascii);
            assert_eq!(name(canonical, Spelling::Latex), latex);
        }
    }
}
