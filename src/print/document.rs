//! A document in blocks, as plain text, Markdown, or a complete LaTeX article.
//!
//! Blocks hold prose and formulas that are already written in every spelling; nothing here knows a term or a
//! session. The LaTeX uses amsmath, amssymb and geometry, and no character outside Latin-1; `aligned`, `\frac` and
//! the like also render in KaTeX.

mod latex;
mod markdown;
mod text;

pub use latex::latex;
pub use markdown::markdown;
pub use text::text;

use super::derivation::{Content, Line};
use super::{Formula, Inline, Prose, Spelling, name, property, space};
use crate::ir::{Context, Samples, Symbol};

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// `Problem 1`.
    Heading(String),
    /// `(a)`.
    Part(String),
    /// A paragraph.
    Prose(Prose),
    /// What is given: `x ∈ ℝ^D`, with properties.
    Given(Vec<Declaration>),
    /// Definitions: `z = W x`, each with the space it lies in.
    Definitions(Vec<Equation>),
    /// A formula or a claim on a line of its own, with a label such as `Claim`.
    Display(String, Equation),
    /// A derivation; the flag closes it with ∎.
    Derivation {
        /// `Proof`, `Steps`, or empty.
        title: String,
        /// Its lines.
        lines: Vec<Line>,
        /// Is it a proof, closed by ∎?
        proof: bool,
    },
    /// An answer with what must stand beside it.
    Answer(Answer),
    /// Code, with the name of its language.
    Code(String, String),
}

/// A declared name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// `A(α) ∈ ℝ^(m×m)`.
    pub formula: Formula,
    /// `invertible`, `symmetric`.
    pub properties: Vec<Prose>,
}

/// `lhs = rhs`, in pieces between which it may break, with the space the result lies in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equation {
    /// The left side.
    pub lhs: Formula,
    /// The right side.
    pub rhs: Vec<Formula>,
    /// `C×M`; empty where it says nothing (a scalar, or an unknown, whose space stands before its equation).
    pub shape: Option<Shaped>,
    /// `x ∈ ℝ^n where A x`: the left side says what the equation is about.
    pub is_definition: bool,
}

/// A shape, as it stands on a terminal and as a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shaped {
    /// `C×M`.
    pub shape: Formula,
    /// `ℝ^(C×M)`.
    pub space: Formula,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What was asked and what it is.
    pub equations: Vec<Equation>,
    /// Names introduced for it: `δ₂ = Uᵀδ₁ ⊙ sgn(h)`.
    pub where_names: Vec<Equation>,
    /// `Layout`, `Assumed`, `Excluded`, `Checked` and the like, in order, with their text.
    pub remarks: Vec<(String, Prose)>,
}

impl Equation {
    /// An equation of terms with the shape of the right side.
    pub fn of(context: &Context, lhs: Formula, rhs: crate::ir::Term) -> Self {
        let shape = context.terms.shape(rhs);
        if let Some((lhs, rhs)) = super::determining(context, rhs) {
            return Equation { lhs, rhs, shape: None, is_definition: true };
        }
        Equation { lhs, rhs: super::pieces(context, rhs), shape: Shaped::of(shape), is_definition: false }
    }

    /// The equation in one line.
    pub fn line(&self, spelling: Spelling) -> String {
        let rhs: Vec<&str> = self.rhs.iter().map(|piece| piece.get(spelling)).collect();
        format!("{} = {}", self.lhs.get(spelling), rhs.join(" "))
    }
}

impl Shaped {
    /// Of a shape; a scalar has none.
    pub fn of(shape: &crate::shape::Shape) -> Option<Self> {
        (!shape.is_scalar()).then(|| Shaped {
            shape: Formula::new(|spelling| super::shape(shape, spelling)),
            space: Formula::new(|spelling| space(shape, spelling)),
        })
    }
}

/// The blocks for a page: where a derivation ends in the one answer, its last line is the answer, with the space that
/// it lies in, and the answer does not repeat it.
fn for_a_page(blocks: &[Block]) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    for block in blocks {
        let mut block = block.clone();
        if let (Some(Block::Derivation { lines, .. }), Block::Answer(answer)) = (out.last_mut(), &mut block)
            && let [equation] = &answer.equations[..]
            && ends_in(lines, equation)
        {
            close(lines, equation);
            answer.equations.clear();
        }
        out.push(block);
    }
    out
}

/// Is the last line of a derivation, with the left side that it continues, this equation?
fn ends_in(lines: &[Line], equation: &Equation) -> bool {
    let left = lines.iter().rev().find_map(|line| match &line.content {
        Content::Equation { lhs, .. } => lhs.as_ref(),
        Content::Words(_) => None,
    });
    let last = lines.last().is_some_and(|line| match &line.content {
        Content::Equation { rhs, sign, .. } => *sign == "=" && *rhs == equation.rhs,
        Content::Words(_) => false,
    });
    last && left == Some(&equation.lhs)
}

/// Adds the space of the answer to the last line.
fn close(lines: &mut [Line], equation: &Equation) {
    let (Some(line), Some(shape)) = (lines.last_mut(), &equation.shape) else { return };
    if let Content::Equation { rhs, .. } = &mut line.content {
        rhs.push(Formula {
            unicode: format!("∈ {}", shape.space.unicode),
            ascii: format!("in {}", shape.space.ascii),
            latex: format!("\\in {}", shape.space.latex),
        });
    }
}

/// The declaration of a name, with what it is a function of and its properties.
pub fn declaration(context: &Context, symbol: Symbol) -> Declaration {
    let info = context.info(symbol);
    let formula = Formula::new(|spelling| {
        let variables: Vec<String> = info.depends_on.iter().map(|v| name(context.name(*v), spelling)).collect();
        let of = if variables.is_empty() { String::new() } else { format!("({})", variables.join(", ")) };
        let sign = match spelling {
            Spelling::Unicode => "∈",
            Spelling::Ascii => ":",
            Spelling::Latex => "\\in",
        };
        format!("{}{of} {sign} {}", name(&info.name, spelling), space(&info.shape, spelling))
    });
    let mut properties: Vec<Prose> =
        info.properties.keys().map(|&known| vec![Inline::Text(property(known).into())]).collect();
    properties.extend(info.samples.as_ref().filter(|_| !info.shape.is_vector()).map(samples));
    Declaration { formula, properties }
}

/// `with rows x_i`.
fn samples(samples: &Samples) -> Prose {
    let words = if samples.columns { "with columns " } else { "with rows " };
    let (family, index) = (&samples.name, &samples.index);
    let typed = if samples.raised { format!("{family}^({index})") } else { format!("{family}_{index}") };
    vec![Inline::Text(words.into()), Inline::Math(Formula::new(|spelling| name(&typed, spelling)))]
}

#[cfg(test)]
mod tests;
