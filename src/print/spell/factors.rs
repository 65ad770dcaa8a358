//! Products and fractions: which factors need brackets, and where a space stands between them.

use super::super::layout::{Layout, Raise};
use super::super::{Spelling, names};
use super::{Level, Speller};
use crate::ir::Function;

impl Speller<'_> {
    /// The factors in a row; `last` if nothing can follow the last one.
    pub(super) fn product(&self, factors: &[Layout], last: bool) -> String {
        let factors: Vec<&Layout> = factors.iter().flat_map(|factor| self.spliced(factor)).collect();
        let mut out = String::new();
        let mut run = String::new();
        for (i, &factor) in factors.iter().enumerate() {
            let text = self.factor(factor, last && i + 1 == factors.len());
            if i > 0 {
                let join = self.join(factors[i - 1], &out, factor, &text, &run);
                if !join.is_empty() {
                    run.clear();
                }
                out.push_str(join);
            }
            match self.resolve(factor) {
                Layout::Name(canonical) => run.push_str(canonical),
                _ => run.clear(),
            }
            out.push_str(&text);
        }
        out
    }

    /// A factor that is a product on paper only (`𝟏𝟏ᵀ`), as its factors.
    fn spliced<'l>(&self, factor: &'l Layout) -> Vec<&'l Layout> {
        if let (Layout::Spelled { paper, .. }, true) = (factor, self.spelling != Spelling::Ascii)
            && let Layout::Group { inside, paper: false } = &**paper
            && let Layout::Product(factors) = &**inside
        {
            return factors.iter().collect();
        }
        vec![factor]
    }

    fn factor(&self, factor: &Layout, last: bool) -> String {
        let latex = self.spelling == Spelling::Latex;
        match self.resolve(factor) {
            Layout::Fraction(..) if latex => self.tight(factor),
            Layout::Leibniz(of, _) if latex && (last || self.has_short_numerator(of)) => self.tight(factor),
            Layout::IndexSum { .. } | Layout::Apply(..) if last => self.write(factor),
            Layout::IndexSum { .. } => self.tight(factor),
            Layout::Leibniz(..) | Layout::Fraction(..) | Layout::Product(_) => self.brackets(&self.write(factor)),
            _ => self.at(factor, Level::Postfix),
        }
    }

    /// What stands between two factors: nothing between letters, unless the letters would make a word.
    fn join(&self, left: &Layout, left_text: &str, right: &Layout, right_text: &str, run: &str) -> &'static str {
        let starts_with_digit = right_text.starts_with(|c: char| c.is_ascii_digit());
        match self.spelling {
            Spelling::Ascii => " * ",
            Spelling::Latex if starts_with_digit => " \\cdot ",
            Spelling::Unicode if starts_with_digit => "·",
            _ if matches!(self.resolve(left), Layout::Integer(_)) => self.after_number(right, right_text),
            Spelling::Latex => self.latex_join(left, left_text, right, run),
            Spelling::Unicode if self.is_tight(left, left_text) && self.follows_tightly(right, right_text, run) => "",
            Spelling::Unicode => " ",
        }
    }

    /// `2x`, `2(x − y)`, but `2 exp(x)`; `2e…` would be a number.
    fn after_number(&self, right: &Layout, text: &str) -> &'static str {
        let base = match self.resolve(right) {
            Layout::Raised(base, _) => self.resolve(base),
            other => other,
        };
        let word = matches!(base, Layout::Apply(..) | Layout::ApplyPower { .. } | Layout::IndexSum { .. });
        if word || text.starts_with(['e', 'E']) { " " } else { "" }
    }

    fn latex_join(&self, left: &Layout, left_text: &str, right: &Layout, run: &str) -> &'static str {
        let is_differential = |layout| matches!(self.resolve(layout), Layout::Differential(_));
        if is_differential(left) || is_differential(right) {
            return " \\, ";
        }
        if left_text.ends_with("\\rVert") && matches!(self.resolve(right), Layout::Fence(..)) {
            return " \\, ";
        }
        let letters = |layout| matches!(self.resolve(layout), Layout::Name(canonical) if names::is_letter(canonical));
        let command = left_text.rfind('\\').is_some_and(|at| left_text[at + 1..].chars().all(char::is_alphabetic));
        let tight = letters(left) && letters(right) && !command && !self.makes_a_word(run, right);
        if tight { "" } else { " " }
    }

    /// A letter, transposed or not, or an entry with a raised or lowered index: `xᵀ`, `ŷⱼ`.
    fn is_tight(&self, left: &Layout, text: &str) -> bool {
        match self.resolve(left) {
            Layout::Name(canonical) => names::is_letter(canonical),
            Layout::Raised(base, Raise::Transpose) => {
                matches!(self.resolve(base), Layout::Name(canonical) if names::is_letter(canonical))
            }
            Layout::Entry(..) => !text.rsplit(' ').next().is_some_and(|word| word.contains('_')),
            Layout::Ones(..) => true,
            _ => false,
        }
    }

    fn follows_tightly(&self, right: &Layout, text: &str, run: &str) -> bool {
        match self.resolve(right) {
            Layout::Sum(_) => true,
            Layout::Name(canonical) => names::is_letter(canonical) && !self.makes_a_word(run, right),
            Layout::Raised(base, Raise::Transpose) => self.is_tight(right, text) && !self.makes_a_word(run, base),
            Layout::Entry(base, _) => self.takes_index(base) && self.is_tight(right, text),
            _ => text.starts_with('𝟏'),
        }
    }

    /// Would the letters, written together, be read as a name, a function or a Greek letter?
    fn makes_a_word(&self, run: &str, right: &Layout) -> bool {
        let Layout::Name(next) = self.resolve(right) else { return false };
        if run.is_empty() {
            return false;
        }
        let joined = format!("{run}{next}");
        let is_word = |word: &str| word.chars().count() > 1 && joined.contains(word);
        run.starts_with(['d', 'e', '∂'])
            || WORDS.iter().any(|word| is_word(word))
            || Function::all().any(|function| is_word(function.name()))
            || names::is_spelled_letter(&joined)
            || self.context.names().any(|(known, _)| is_word(known))
    }

    pub(super) fn fraction(&self, above: &Layout, below: &Layout) -> String {
        match self.spelling {
            Spelling::Latex => self.latex_fraction(above, below),
            Spelling::Unicode => format!("{}/{}", self.numerator(above), self.denominator(below)),
            Spelling::Ascii => format!("{} / {}", self.numerator(above), self.denominator(below)),
        }
    }

    /// A differential below a fraction line stands in brackets: the fraction is no derivative.
    fn denominator(&self, below: &Layout) -> String {
        let text = self.at(below, Level::Postfix);
        let differential = matches!(self.resolve(below), Layout::Differential(_));
        if differential { self.brackets(&text) } else { text }
    }

    fn starts_with_differential(&self, layout: &Layout) -> bool {
        match self.resolve(layout) {
            Layout::Differential(_) => true,
            Layout::Product(factors) => factors.first().is_some_and(|first| self.starts_with_differential(first)),
            _ => false,
        }
    }

    fn numerator(&self, above: &Layout) -> String {
        match self.resolve(above) {
            Layout::Product(_) => self.tight(above),
            _ => self.factor(above, false),
        }
    }

    /// A long numerator stands behind the fraction: `\frac{2}{n} X^{\top} (X w - y)`.
    fn latex_fraction(&self, above: &Layout, below: &Layout) -> String {
        let plain = matches!(self.resolve(below), Layout::Integer(_));
        let text = self.write(below);
        let text = if self.starts_with_differential(below) { self.brackets(&text) } else { text };
        let fraction = |above: &str| format!("\\frac{{{above}}}{{{text}}}");
        match self.resolve(above) {
            Layout::Product(factors) if plain || factors.len() > 3 || self.level_is_mixed(factors) => {
                let (number, rest) = match factors.split_first() {
                    Some((Layout::Integer(digits), rest)) => (digits.as_str(), rest),
                    _ => ("1", factors.as_slice()),
                };
                format!("{} {}", fraction(number), self.product(rest, false))
            }
            Layout::Integer(digits) => fraction(digits),
            _ if plain => format!("{} {}", fraction("1"), self.factor(above, false)),
            _ => fraction(&self.write(above)),
        }
    }

    fn level_is_mixed(&self, factors: &[Layout]) -> bool {
        factors.iter().any(|factor| self.level(factor) < Level::Postfix)
    }
}

/// Words of the language that letters could make by chance.
const WORDS: &[&str] = &["if", "for", "in", "hat", "bar", "max", "min", "ln", "relu", "sign", "cases", "inner", "wrt"];
