//! A formula in all three spellings, and prose with formulas in it: what documents and derivations are made of.

use super::layout::{Layout, lay_out};
use super::spell::Speller;
use super::{Spelling, document, term};
use crate::ir::{Context, Op, Term};
use crate::trace::{Piece, Rich};
use unicode_width::UnicodeWidthStr;

/// A formula in the three spellings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Formula {
    /// For a terminal.
    pub unicode: String,
    /// Reads back exactly.
    pub ascii: String,
    /// Without dollar signs.
    pub latex: String,
}

impl Formula {
    /// What `write` writes, in each spelling.
    pub fn new(write: impl Fn(Spelling) -> String) -> Self {
        Formula { unicode: write(Spelling::Unicode), ascii: write(Spelling::Ascii), latex: write(Spelling::Latex) }
    }

    /// A term.
    pub fn term(context: &Context, of: Term) -> Self {
        Formula::new(|spelling| term(context, of, spelling))
    }

    /// An equation.
    pub fn equation(context: &Context, lhs: Term, rhs: Term) -> Self {
        Formula::new(|spelling| super::equation(context, lhs, rhs, spelling))
    }

    /// The formula in one spelling.
    pub fn get(&self, spelling: Spelling) -> &str {
        match spelling {
            Spelling::Unicode => &self.unicode,
            Spelling::Ascii => &self.ascii,
            Spelling::Latex => &self.latex,
        }
    }

    /// The columns it takes on a terminal; also the measure for a typeset line, where LaTeX source tells nothing.
    pub(super) fn width(&self) -> usize {
        self.unicode.width()
    }
}

/// A term in pieces between which a long line may break: its summands, each later one with its sign in front.
pub fn pieces(context: &Context, of: Term) -> Vec<Formula> {
    match lay_out(context, of) {
        Some(Layout::Sum(summands)) => (0..summands.len())
            .map(|i| Formula::new(|spelling| Speller { context, spelling }.summand(&summands[i], i == 0)))
            .collect(),
        _ => vec![Formula::term(context, of)],
    }
}

/// `x ∈ ℝ^n where A x` and `b`, for the x with A x = b; nothing for any other term.
pub fn determining(context: &Context, of: Term) -> Option<(Formula, Vec<Formula>)> {
    let Op::Solution(symbol) = *context.terms.op(of) else { return None };
    let Some(Layout::Where { left, .. }) = lay_out(context, of) else { return None };
    let declared = document::declaration(context, symbol).formula;
    let left = Formula::new(|spelling| Speller { context, spelling }.unknown(declared.get(spelling).to_owned(), &left));
    Some((left, pieces(context, context.terms.args(of)[1])))
}

/// Words with formulas among them.
pub type Prose = Vec<Inline>;

/// A piece of prose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Words; escaped where a format needs it.
    Text(String),
    /// A formula.
    Math(Formula),
}

/// Words as prose.
pub fn plain(text: impl Into<String>) -> Prose {
    vec![Inline::Text(text.into())]
}

/// The reason of a step as prose.
pub fn prose(context: &Context, rich: &Rich) -> Prose {
    rich.iter()
        .flat_map(|piece| match piece {
            Piece::Text(text) => super::reasons::reason(text),
            Piece::Math(of) => vec![Inline::Math(Formula::term(context, *of))],
            Piece::Equation(lhs, rhs) => vec![Inline::Math(Formula::equation(context, *lhs, *rhs))],
        })
        .collect()
}
