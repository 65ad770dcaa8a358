//! The statements of a script, as data.

use super::rules::RuleText;
use super::tree::{Expr, Relation};
use crate::diag::{Diagnostic, Span};

/// A statement of a script, or what is wrong with it; either way where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// Where the statement stands.
    pub span: Span,
    /// What it is.
    pub outcome: Result<Statement, Diagnostic>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `## Problem 1`.
    Heading {
        /// The number of `#` signs.
        level: usize,
        /// The text behind them.
        text: String,
    },
    /// `(a)` on a line of its own: the label without parentheses.
    Part(String),
    /// A paragraph of lines that start with `>`.
    Prose(String),
    /// `let`, `:`, `∈`.
    Declare(Vec<Declaration>),
    /// `assume …`.
    Assume(Vec<Claim>),
    /// `a = b`, which defines if the left side is new.
    Equation(Equation),
    /// `relu'(0) = 0`: a convention at a kink.
    Kink {
        /// The function.
        function: String,
        /// Its derivative there.
        value: Expr,
    },
    /// `x where A x = b`: a name for the solution of an equation.
    Implicit(Implicit),
    /// The equation in `grad c'x wrt A where A x = b`; the statement before it follows as one of its own.
    Unknown(Unknown),
    /// A question.
    Ask(Ask),
    /// `:layout numerator`.
    Command(Vec<String>),
    /// `?softmax`.
    Help(String),
    /// `rule name: l => r`.
    Rule(RuleText),
}

/// Names with a shape and attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// The names.
    pub names: Vec<Declared>,
    /// The shape.
    pub shape: Shape,
    /// What else is said about them.
    pub attributes: Vec<Attribute>,
    /// `i = 1..N` behind the declaration of a family.
    pub range: Option<Range>,
}

/// `i = 1..N`.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// The index.
    pub index: String,
    /// The upper end.
    pub end: Expr,
    /// Where it was typed.
    pub span: Span,
}

/// `x_i` or `x^{(i)}`: the name of a family of samples, and its index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// The name without the index.
    pub name: String,
    /// The index.
    pub index: String,
    /// Is the index a superscript in parentheses?
    pub raised: bool,
    /// Where it was typed.
    pub span: Span,
}

impl Declared {
    /// The name as that of a family, if it has an index.
    pub fn family(&self) -> Option<Family> {
        let (name, index, raised) = match self.name.strip_suffix(')').and_then(|name| name.split_once("^(")) {
            Some((name, index)) => (name, index, true),
            None => self.name.rsplit_once('_').map(|(name, index)| (name, index, false))?,
        };
        Some(Family { name: name.into(), index: index.into(), raised, span: self.span })
    }
}

/// A declared name.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    /// The canonical name with its subscript: `W_1`, `ŷ`.
    pub name: String,
    /// Where it was typed, without arguments.
    pub span: Span,
    /// The arguments of `A(α)`.
    pub arguments: Vec<(String, Span)>,
}

/// A shape as typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// What it is.
    pub kind: ShapeKind,
    /// Where it is.
    pub span: Span,
}

/// The kinds of shapes.
#[derive(Clone, Debug, PartialEq)]
pub enum ShapeKind {
    /// `scalar`, `ℝ`.
    Scalar,
    /// `ℝ^n`, `vector(n)`.
    Vector(Expr),
    /// `ℝ^(m×n)`, `matrix(m, n)`, `m×n`.
    Matrix(Expr, Expr),
    /// `elementwise`: a scalar function that acts entry by entry.
    Elementwise,
}

/// An attribute and where it was typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// What is said.
    pub kind: AttributeKind,
    /// Where.
    pub span: Span,
}

/// What can be said about a name or a term.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeKind {
    /// A property by its canonical word, one of [`super::declaration::PROPERTIES`].
    Property(&'static str),
    /// `function of α, β`.
    FunctionOf(Vec<(String, Span)>),
    /// `with rows x_i`, `with columns x_i`.
    Samples {
        /// What they are called.
        family: Family,
        /// Are they columns?
        columns: bool,
    },
}

/// Something that is assumed, given or to be proved.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// `A'A = I`, `x > 0`: a relation.
    Relation(Expr),
    /// `A, B symmetric`.
    Property {
        /// Of what.
        of: Vec<Expr>,
        /// Which.
        attributes: Vec<Attribute>,
    },
}

impl Claim {
    /// Where it was typed.
    pub fn span(&self) -> Span {
        match self {
            Claim::Relation(e) => e.span,
            Claim::Property { of, attributes } => {
                let spans = of.iter().map(|e| e.span).chain(attributes.iter().map(|a| a.span));
                spans.reduce(Span::to).unwrap_or_default()
            }
        }
    }
}

/// `a = b = c`, with what stands behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Equation {
    /// The sides.
    pub sides: Vec<Expr>,
    /// The relations between them, one fewer.
    pub relations: Vec<Relation>,
    /// Was it written `:=`?
    pub define: bool,
    /// `z = Wx ∈ ℝ^M`.
    pub ascription: Option<Shape>,
}

/// `X : R^(n×n) where A X + X A' = Q`.
#[derive(Clone, Debug, PartialEq)]
pub struct Implicit {
    /// The name of the unknown.
    pub name: String,
    /// Where it was typed.
    pub span: Span,
    /// Its shape, if it was stated.
    pub shape: Option<Shape>,
    /// The left and the right side.
    pub sides: (Expr, Expr),
}

/// An equation behind a statement, for the one name in it that is new.
#[derive(Clone, Debug, PartialEq)]
pub struct Unknown {
    /// All names in the equation, where they were typed.
    pub names: Vec<(String, Span)>,
    /// The left and the right side.
    pub sides: (Expr, Expr),
}

/// A question with its settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// What is asked.
    pub question: Question,
    /// `layout`, `kink`, `deltas`, `steps`, for this question only.
    pub settings: Vec<Setting>,
    /// The one notation or language that is asked for: `latex`, `numpy`.
    pub output: Option<String>,
}

/// `layout numerator`.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Which.
    pub key: &'static str,
    /// Its value, one of those that [`super::question::SETTINGS`] lists.
    pub value: &'static str,
    /// Where it was typed.
    pub span: Span,
}

/// Questions.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// An expression, which may hold derivatives in Leibniz notation.
    Value(Expr),
    /// `grad J wrt W`.
    Derivative {
        /// Which derivative.
        kind: Derivative,
        /// Of what.
        of: Expr,
        /// By what; empty if it was not said.
        wrt: Vec<Expr>,
    },
    /// `simplify E` and its relatives.
    Transform {
        /// What is to be done.
        how: Transform,
        /// To what.
        of: Expr,
    },
    /// `prove l = r given …`.
    Prove {
        /// What.
        claim: Claim,
        /// The hypotheses.
        given: Vec<Claim>,
    },
    /// `check …`: equations or chains of them.
    Check {
        /// The lines.
        lines: Vec<Claim>,
        /// The hypotheses.
        given: Vec<Claim>,
    },
    /// `solve l = r for X`.
    Solve {
        /// The equations.
        equations: Vec<Expr>,
        /// The unknowns.
        unknowns: Vec<Expr>,
        /// The hypotheses.
        given: Vec<Claim>,
    },
    /// `size ∂Y/∂X with N = 64, f32`.
    Size {
        /// Of what.
        of: Expr,
        /// Numbers for dimensions.
        dims: Vec<(String, Expr)>,
        /// The number format.
        format: Option<(String, Span)>,
    },
}

/// Which derivative is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Derivative {
    /// `diff`: the kind follows from the shapes.
    Diff,
    /// `grad`.
    Gradient,
    /// `jacobian`.
    Jacobian,
    /// `hessian`.
    Hessian,
    /// `differential`.
    Differential,
}

/// What is to be done to an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transform {
    /// `simplify`.
    Simplify,
    /// `expand`.
    Expand,
    /// `factor`.
    Factor,
    /// `shape`.
    Shape,
}
