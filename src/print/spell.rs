//! A [`Layout`] in one of the spellings, with brackets from precedence.
//!
//! Precedence is that of the input language, loose to tight: sums, unary minus, `⊙ ⊘ ⊗`, products, postfixes.
//! Brackets stand only where reading the text back would give another term, or where a person would stumble
//! (a derivative as a factor). Depth is bounded by `layout::DEEPEST`, so recursion is safe.

mod apply;
mod calculus;
mod factors;

use super::layout::{Layout, Raise};
use super::{Spelling, name, names};
use crate::ir::{Context, Index};
use crate::shape::Dim;

/// How tightly a text holds together, from loose to tight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Sum,
    Negative,
    Elementwise,
    Product,
    Postfix,
    Atom,
}

/// Writes layouts in one spelling.
#[derive(Clone, Copy)]
pub(super) struct Speller<'a> {
    pub(super) context: &'a Context,
    pub(super) spelling: Spelling,
}

impl Speller<'_> {
    /// The layout as it is written here: one side of `Spelled`, a `Group` without unneeded brackets.
    fn resolve<'l>(&self, layout: &'l Layout) -> &'l Layout {
        match (layout, self.spelling) {
            (Layout::Spelled { ascii, .. }, Spelling::Ascii) => self.resolve(ascii),
            (Layout::Spelled { paper, .. }, _) => self.resolve(paper),
            (Layout::Group { inside, paper: false }, Spelling::Unicode | Spelling::Latex) => self.resolve(inside),
            _ => layout,
        }
    }

    pub(super) fn level(&self, layout: &Layout) -> Level {
        match self.resolve(layout) {
            Layout::Sum(_) | Layout::Where { .. } => Level::Sum,
            Layout::Negative(_) => Level::Negative,
            Layout::Kronecker(..) if self.spelling == Spelling::Ascii => Level::Atom,
            Layout::Elementwise(_) | Layout::Kronecker(..) => Level::Elementwise,
            Layout::Product(_) | Layout::Fraction(..) | Layout::Leibniz(..) | Layout::IndexSum { .. } => Level::Product,
            Layout::Cases(_) if self.spelling == Spelling::Latex => Level::Sum,
            Layout::Raised(..) | Layout::ApplyPower { .. } | Layout::Differential(_) => Level::Postfix,
            Layout::Ones(rows, cols) if self.is_row(rows, cols) => Level::Postfix,
            Layout::Name(canonical) if names::has_superscript(canonical) => Level::Postfix,
            Layout::Entry(base, _) if !self.takes_index(base) => Level::Postfix,
            _ => Level::Atom,
        }
    }

    fn is_row(&self, rows: &Dim, cols: &Dim) -> bool {
        self.spelling != Spelling::Ascii && rows.is_one() && !cols.is_one()
    }

    fn takes_index(&self, base: &Layout) -> bool {
        matches!(self.resolve(base), Layout::Name(canonical) if !names::is_decorated(canonical))
    }

    /// The text, in brackets if it is looser than `least`.
    pub(super) fn at(&self, layout: &Layout, least: Level) -> String {
        let text = if least >= Level::Product { self.tight(layout) } else { self.write(layout) };
        if self.level(layout) < least { self.brackets(&text) } else { text }
    }

    pub(super) fn brackets(&self, text: &str) -> String {
        let tall = ["\\frac", "\\sum", "\\begin"].iter().any(|sign| text.contains(sign));
        if self.spelling == Spelling::Latex && tall {
            return format!("\\left( {text} \\right)");
        }
        format!("({text})")
    }

    /// The text where nothing follows that could be taken for a part of it.
    pub(super) fn write(&self, layout: &Layout) -> String {
        match self.resolve(layout) {
            Layout::Apply(head, arguments) => self.apply(head, arguments, true),
            Layout::Product(factors) => self.product(factors, true),
            Layout::IndexSum { index, excluding, range, body } => self.index_sum(index, excluding, range, body),
            other => self.tight(other),
        }
    }

    /// The text where something may follow.
    fn tight(&self, layout: &Layout) -> String {
        match self.resolve(layout) {
            Layout::Name(canonical) => name(canonical, self.spelling),
            Layout::Integer(digits) => digits.clone(),
            Layout::Ones(rows, cols) => self.ones(rows, cols),
            Layout::Identity { size, sized } => self.identity(size, *sized),
            Layout::Zero(shape) => match self.spelling {
                Spelling::Ascii => format!("zeros({}, {})", self.dim(&shape.rows()), self.dim(&shape.cols())),
                _ => "0".into(),
            },
            Layout::Unit(index) => format!("e{}", self.subscript(std::slice::from_ref(index))),
            Layout::Commutation(m, n) => self.commutation(m, n),
            Layout::Where { unknown, left, right } => {
                format!("{} = {}", self.unknown(name(unknown, self.spelling), left), self.write(right))
            }
            Layout::Sum(summands) => self.sum(summands),
            Layout::Negative(inside) => format!("{}{}", self.minus(), self.at(inside, Level::Elementwise)),
            Layout::Product(factors) => self.product(factors, false),
            Layout::Fraction(above, below) => self.fraction(above, below),
            Layout::Elementwise(operands) => self.elementwise(operands),
            Layout::Kronecker(a, b) => self.kronecker(a, b),
            Layout::Raised(base, raise) => self.raised(base, raise),
            Layout::Apply(head, arguments) => self.apply(head, arguments, false),
            Layout::ApplyPower { head, power, argument, entrywise } => {
                self.apply_power(head, power, argument, *entrywise)
            }
            Layout::Fence(fence, inside) => self.fence(*fence, inside),
            Layout::Differential(of) => self.differential(of),
            Layout::Leibniz(of, by) => self.leibniz(of, by),
            Layout::Entry(base, indices) => self.entry(base, indices),
            Layout::IndexSum { index, excluding, range, body } => {
                self.brackets(&self.index_sum(index, excluding, range, body))
            }
            Layout::Delta(i, j) => format!("{}{}", name("δ", self.spelling), self.subscript(&[i.clone(), j.clone()])),
            Layout::Cases(cases) => self.cases(cases),
            Layout::Group { inside, .. } => self.brackets(&self.write(inside)),
            Layout::Spelled { paper, .. } => self.tight(paper), // resolved above
        }
    }

    /// `x where A x`, before the sign of equality.
    pub(super) fn unknown(&self, unknown: String, left: &Layout) -> String {
        let word = if self.spelling == Spelling::Latex { "\\text{ where }" } else { "where" };
        format!("{unknown} {word} {}", self.write(left))
    }

    fn minus(&self) -> &'static str {
        if self.spelling == Spelling::Unicode { "−" } else { "-" }
    }

    fn dim(&self, dim: &Dim) -> String {
        super::dim(dim, self.spelling)
    }

    fn sum(&self, summands: &[Layout]) -> String {
        let parts: Vec<String> =
            summands.iter().enumerate().map(|(i, summand)| self.summand(summand, i == 0)).collect();
        parts.join(" ")
    }

    /// A summand with its sign: `a` or `−a` at the beginning, `+ a` or `− a` later.
    pub(super) fn summand(&self, summand: &Layout, first: bool) -> String {
        let (sign, inside) = match self.resolve(summand) {
            Layout::Negative(inside) if first => (self.minus().to_string(), &**inside),
            Layout::Negative(inside) => (format!("{} ", self.minus()), &**inside),
            _ if first => (String::new(), summand),
            _ => ("+ ".to_string(), summand),
        };
        sign + &self.at(inside, Level::Elementwise)
    }

    fn elementwise(&self, operands: &[(bool, Layout)]) -> String {
        let mut out = String::new();
        for (i, (divides, operand)) in operands.iter().enumerate() {
            if i > 0 {
                out.push_str(match (self.spelling, divides) {
                    (Spelling::Unicode, false) => " ⊙ ",
                    (Spelling::Unicode, true) => " ⊘ ",
                    (Spelling::Ascii, false) => " .* ",
                    (Spelling::Ascii, true) => " ./ ",
                    (Spelling::Latex, false) => " \\odot ",
                    (Spelling::Latex, true) => " \\oslash ",
                });
            }
            out.push_str(&self.at(operand, Level::Product));
        }
        out
    }

    /// From left to right: `A ⊗ B ⊗ C` is `(A ⊗ B) ⊗ C`.
    fn kronecker(&self, a: &Layout, b: &Layout) -> String {
        let left = match self.resolve(a) {
            Layout::Kronecker(..) => self.write(a),
            _ => self.at(a, Level::Product),
        };
        match self.spelling {
            Spelling::Ascii => format!("kron({}, {})", self.write(a), self.write(b)),
            Spelling::Unicode => format!("{left} ⊗ {}", self.at(b, Level::Product)),
            Spelling::Latex => format!("{left} \\otimes {}", self.at(b, Level::Product)),
        }
    }

    fn ones(&self, rows: &Dim, cols: &Dim) -> String {
        let transposed = self.is_row(rows, cols);
        match self.spelling {
            Spelling::Ascii => format!("ones({}, {})", self.dim(rows), self.dim(cols)),
            Spelling::Unicode if transposed => "𝟏ᵀ".into(),
            Spelling::Unicode => "𝟏".into(),
            Spelling::Latex if transposed => "\\mathbf{1}^{\\top}".into(),
            Spelling::Latex => "\\mathbf{1}".into(),
        }
    }

    /// `I`; with its size if that is asked for, or if `I` is a declared name.
    fn identity(&self, size: &Dim, sized: bool) -> String {
        let size = self.dim(size);
        match self.spelling {
            Spelling::Ascii => format!("eye({size})"),
            _ if !sized && self.context.lookup("I").is_none() => "I".into(),
            Spelling::Unicode if size.chars().count() == 1 => format!("I_{size}"),
            Spelling::Unicode => format!("I_({size})"),
            Spelling::Latex => format!("I_{}", names::braced(&size)),
        }
    }

    fn commutation(&self, m: &Dim, n: &Dim) -> String {
        let (m, n) = (self.dim(m), self.dim(n));
        match self.spelling {
            Spelling::Ascii => format!("commutation({m}, {n})"),
            Spelling::Unicode => format!("K_({m}, {n})"),
            Spelling::Latex => format!("K_{{{m}, {n}}}"),
        }
    }

    fn raised(&self, base: &Layout, raise: &Raise) -> String {
        // `A⁻ᵀ` for (A⁻¹)ᵀ.
        if let (Layout::Raised(inner, Raise::Inverse), Raise::Transpose) = (self.resolve(base), raise) {
            let inner = self.at(inner, Level::Atom);
            return match self.spelling {
                Spelling::Unicode => inner + "⁻ᵀ",
                Spelling::Ascii => inner + "^-1'",
                Spelling::Latex => inner + "^{-\\top}",
            };
        }
        let base = self.at(base, Level::Atom);
        match (raise, self.spelling) {
            (Raise::Transpose, Spelling::Unicode) => base + "ᵀ",
            (Raise::Transpose, Spelling::Ascii) => base + "'",
            (Raise::Transpose, Spelling::Latex) => base + "^{\\top}",
            (Raise::Inverse, Spelling::Unicode) => base + "⁻¹",
            (Raise::Inverse, Spelling::Ascii) => base + "^-1",
            (Raise::Inverse, Spelling::Latex) => base + "^{-1}",
            (Raise::Power(power), _) => self.power(base, power),
            (Raise::ElementPower(power), Spelling::Latex) => format!("{base}^{{\\circ {}}}", self.exponent(power)),
            (Raise::ElementPower(power), _) => format!("{base}.^{}", self.closed_exponent(power)),
        }
    }

    fn power(&self, base: String, power: &Layout) -> String {
        let text = self.exponent(power);
        match self.spelling {
            Spelling::Latex => format!("{base}^{}", names::braced(&text)),
            Spelling::Unicode if text.chars().all(|c| c.is_ascii_digit() || c == '−') => {
                let raised = names::superscript(&text.replace('−', "-"));
                base + &raised.unwrap_or_default()
            }
            _ => format!("{base}^{}", self.closed_exponent(power)),
        }
    }

    /// The exponent as it stands in braces or raised: fractions stay on one line.
    fn exponent(&self, power: &Layout) -> String {
        match self.resolve(power) {
            Layout::Fraction(a, b) => format!("{}/{}", self.at(a, Level::Product), self.at(b, Level::Postfix)),
            Layout::Negative(inside) => format!("{}{}", self.minus(), self.exponent(inside)),
            other => self.write(other),
        }
    }

    /// The exponent behind `^`, where only a whole number or a name may do without brackets.
    fn closed_exponent(&self, power: &Layout) -> String {
        let bare = match self.resolve(power) {
            Layout::Integer(_) => true,
            Layout::Negative(inside) => matches!(**inside, Layout::Integer(_)),
            Layout::Name(canonical) => names::is_letter(canonical) && canonical != "T",
            _ => false,
        };
        let text = self.exponent(power);
        match (bare, self.spelling) {
            (true, Spelling::Unicode) => text.replace('−', "-"),
            (true, _) => text,
            _ => format!("({text})"),
        }
    }

    /// Indices as a subscript: `ⱼ`, `_jk`, `_{12,3}`.
    pub(super) fn subscript(&self, indices: &[Index]) -> String {
        let texts: Vec<String> = indices.iter().map(|index| self.index(index)).collect();
        let single = texts.iter().all(|text| text.chars().count() == 1);
        let all = |separator: &str| texts.join(separator);
        match self.spelling {
            Spelling::Unicode if single => names::subscript(&texts.concat()),
            Spelling::Latex if single => format!("_{}", names::braced(&texts.concat())),
            Spelling::Latex => format!("_{{{}}}", all(", ")),
            _ if single => format!("_{}", texts.concat()),
            _ if texts.len() == 1 && texts[0].chars().all(char::is_alphanumeric) => format!("_{}", texts[0]),
            _ => format!("_{{{}}}", all(",")),
        }
    }

    pub(super) fn index(&self, index: &Index) -> String {
        match index {
            Index::Named { name: canonical, .. } => name(canonical, self.spelling),
            Index::At(position) => position.to_string(),
        }
    }
}
