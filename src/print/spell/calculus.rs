//! Differentials, derivatives, entries, sums over an index, cases.

use super::super::layout::{Layout, Raise, Test};
use super::super::{Spelling, names};
use super::{Level, Speller};
use crate::ir::{Comparison, Index};
use crate::shape::Dim;

impl Speller<'_> {
    /// `dx`, `d(Ax)`; in ASCII `d(x)` where `dx` is a declared name.
    pub(super) fn differential(&self, of: &Layout) -> String {
        let d = if self.spelling == Spelling::Latex { "\\mathrm{d}" } else { "d" };
        let inside = self.write(of);
        match self.resolve(of) {
            Layout::Name(canonical) if self.follows_d(canonical) => d.to_string() + &inside,
            _ => d.to_string() + &self.brackets(&inside),
        }
    }

    /// Is `d` before this name read as its differential? Not where `dx` is a name, or before the name of a size.
    fn follows_d(&self, canonical: &str) -> bool {
        self.context.lookup(&format!("d{canonical}")).is_none() && self.context.known_dim(canonical).is_none()
    }

    /// Does ∂f fit above a fraction line without brackets?
    pub(super) fn has_short_numerator(&self, of: &Layout) -> bool {
        match self.resolve(of) {
            Layout::Name(canonical) => self.spelling != Spelling::Ascii || self.follows_d(canonical),
            Layout::Entry(base, _) => self.takes_index(base),
            Layout::Raised(base, Raise::Transpose | Raise::Inverse) => {
                self.spelling != Spelling::Ascii && matches!(self.resolve(base), Layout::Name(_))
            }
            _ => false,
        }
    }

    pub(super) fn leibniz(&self, of: &Layout, by: &[Layout]) -> String {
        let above = self.write(of);
        let power = by.len();
        let d = if self.spelling == Spelling::Ascii { "d" } else { "∂" };
        let below = self.below(by);
        if self.spelling == Spelling::Latex {
            let order = if power > 1 { format!("^{}", names::braced(&power.to_string())) } else { String::new() };
            return if self.has_short_numerator(of) {
                format!("\\frac{{\\partial{}{above}}}{{{below}}}", if power > 1 { order + " " } else { " ".into() })
            } else {
                format!("\\frac{{\\partial{order}}}{{{below}}} \\left( {above} \\right)")
            };
        }
        let order = if power > 1 { names::superscript(&power.to_string()).unwrap_or_default() } else { String::new() };
        let above = if self.has_short_numerator(of) { above } else { format!("({above})") };
        format!("{d}{order}{above}/{below}")
    }

    /// `∂α²`, `∂x∂y`.
    fn below(&self, by: &[Layout]) -> String {
        let mut out = String::new();
        let mut at = 0;
        while at < by.len() {
            let run = by[at..].iter().take_while(|&variable| *variable == by[at]).count();
            let variable = if self.has_short_numerator(&by[at]) {
                self.write(&by[at])
            } else {
                self.brackets(&self.write(&by[at]))
            };
            let raised = if run > 1 { self.power(variable, &Layout::Integer(run.to_string())) } else { variable };
            let (d, space) = match self.spelling {
                Spelling::Latex => ("\\partial ", " "),
                Spelling::Unicode => ("∂", ""),
                Spelling::Ascii => ("d", ""),
            };
            out.push_str(if at == 0 { "" } else { space });
            out.push_str(d);
            out.push_str(&raised);
            at += run;
        }
        out
    }

    /// `ŷⱼ`, `X_ij`, `softmax(θ)ⱼ`, `(Ax)ⱼ`, `(δ₂)ⱼ`.
    pub(super) fn entry(&self, base: &Layout, indices: &[Index]) -> String {
        let text = match self.resolve(base) {
            Layout::Name(canonical) if names::is_decorated(canonical) => self.brackets(&self.write(base)),
            _ => self.at(base, Level::Atom),
        };
        text + &self.subscript(indices)
    }

    pub(super) fn index_sum(
        &self,
        index: &Index,
        excluding: &Option<Index>,
        range: &Option<Dim>,
        body: &Layout,
    ) -> String {
        let bound = self.index(index);
        let sign = match self.spelling {
            Spelling::Unicode => "Σ",
            Spelling::Ascii => "sum",
            Spelling::Latex => "\\sum",
        };
        let below = match (excluding, range, self.spelling) {
            (Some(other), _, spelling) => format!("_{{{bound}{}{}}}", unequal(spelling), self.index(other)),
            (None, Some(range), Spelling::Latex) => {
                format!("_{{{bound}=1}}^{}", names::braced(&self.dim(range)))
            }
            (None, Some(range), _) => {
                let end = self.dim(range);
                let bare = end.chars().all(char::is_alphanumeric);
                format!("_{{{bound}=1}}^{}", if bare { end } else { format!("({end})") })
            }
            (None, None, Spelling::Latex) => format!("_{{{bound}}}"),
            (None, None, _) => self.subscript(std::slice::from_ref(index)),
        };
        let body = match self.spelling {
            Spelling::Ascii => format!("({})", self.write(body)),
            _ if self.level(body) < Level::Elementwise => self.brackets(&self.write(body)),
            _ => self.write(body),
        };
        format!("{sign}{below} {body}")
    }

    pub(super) fn cases(&self, cases: &[(Layout, Test)]) -> String {
        let texts: Vec<String> = cases.iter().map(|(value, test)| self.case(value, test)).collect();
        match self.spelling {
            Spelling::Unicode => format!("{{ {} }}", texts.join("; ")),
            Spelling::Ascii => format!("cases({})", texts.join("; ")),
            Spelling::Latex => format!("\\begin{{cases}} {} \\end{{cases}}", texts.join(" \\\\ ")),
        }
    }

    fn case(&self, value: &Layout, test: &Test) -> String {
        let value = self.write(value);
        let test = match test {
            Test::Otherwise if self.spelling == Spelling::Latex => return format!("{value} & \\text{{otherwise}}"),
            Test::Otherwise => return format!("{value} otherwise"),
            Test::Indices(i, true, j) => format!("{} = {}", self.index(i), self.index(j)),
            Test::Indices(i, false, j) => {
                format!("{} {} {}", self.index(i), unequal(self.spelling).trim(), self.index(j))
            }
            Test::Subject(subject, comparison) => {
                format!("{} {} 0", self.write(subject), self.comparison(*comparison))
            }
        };
        if self.spelling == Spelling::Latex { format!("{value}, & {test}") } else { format!("{value} if {test}") }
    }

    fn comparison(&self, comparison: Comparison) -> &'static str {
        use Comparison::*;
        match (comparison, self.spelling) {
            (Positive, _) => ">",
            (Negative, _) => "<",
            (Zero, _) => "=",
            (NonNegative, Spelling::Unicode) => "≥",
            (NonNegative, Spelling::Ascii) => ">=",
            (NonNegative, Spelling::Latex) => "\\geq",
            (NonPositive, Spelling::Unicode) => "≤",
            (NonPositive, Spelling::Ascii) => "<=",
            (NonPositive, Spelling::Latex) => "\\leq",
        }
    }
}

fn unequal(spelling: Spelling) -> &'static str {
    match spelling {
        Spelling::Unicode => "≠",
        Spelling::Ascii => "!=",
        Spelling::Latex => " \\neq ",
    }
}
