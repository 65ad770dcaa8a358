//! The surface tree: what was typed, with spans, and nothing decided that needs to know the names.
//!
//! Letter runs (`Wx`), juxtaposition against application (`f (x)`), unbraced exponents (`x^TAx`)
//! and Leibniz quotients (`dJ/dW`) are flat sequences here; `elaborate` resolves them. All three
//! spellings of an expression give the same tree up to spans: see [`Expr::outline`].

use crate::diag::Span;

/// An expression and where it was typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub node: Node,
    /// Where it is.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A number as typed: `2`, `0.5`, `1e-3`.
    Number(String),
    /// A run of letters and digits in canonical spelling: `Wx`, `ŷ`, `softmax`.
    Name(String),
    /// A sign that is an operand of a notation.
    Sign(Sign),
    /// `\text{…}` that is no name.
    Text(String),
    /// `%` or `%3`: an earlier result.
    Result(Option<usize>),
    /// `a = b = c`, `Y > 0`: at least two terms.
    Relation(Box<Expr>, Vec<(Relation, Expr)>),
    /// At least two terms with their signs.
    Sum(Vec<Term>),
    /// `a .* b ⊗ c`: at least two operands, from left to right.
    Elementwise(Box<Expr>, Vec<(ElementOp, Expr)>),
    /// At least two factors, flat.
    Product(Vec<Factor>),
    /// A minus before an operand alone: `-x`, `A * -B`.
    Negate(Box<Expr>),
    /// An operand and what is attached behind it, in order.
    Postfix(Box<Expr>, Vec<Postfix>),
    /// `\frac{a}{b}`.
    Fraction(Box<Expr>, Box<Expr>),
    /// Expressions between brackets, separated by commas.
    Group(Bracket, Vec<Expr>),
    /// `cases(a if j = k; b otherwise)` and `\begin{cases}`.
    Cases(Vec<Case>),
}

/// Signs that stand for an operand or open a notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    /// `∂`.
    Partial,
    /// `∇`.
    Nabla,
    /// `∑`, `\sum`; the word `sum` stays a name.
    Sum,
    /// `𝟏`, `\mathbf{1}`: ones of a shape that fits.
    Ones,
    /// `𝟎`, `\mathbf{0}`: zeros of a shape that fits.
    Zeros,
}

/// One term of a sum.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Is it subtracted?
    pub negative: bool,
    /// Where its sign was typed; empty before a first term without one.
    pub sign: Span,
    /// The term.
    pub expr: Expr,
}

/// One factor of a product.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// How it is joined to the factor before it.
    pub join: Join,
    /// Where the operator was typed; empty for juxtaposition.
    pub at: Span,
    /// The factor.
    pub expr: Expr,
}

/// What stands between two factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Join {
    /// Nothing, before the first factor.
    First,
    /// Nothing or a space; `glued` without a space.
    Beside {
        /// Was no space typed?
        glued: bool,
    },
    /// `*`, `·`, `@`, `\cdot`.
    Times,
    /// `/`.
    Over,
}

/// Operators between products and sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ElementOp {
    /// `.*`, `⊙`, `∘`.
    Times,
    /// `./`, `⊘`.
    Over,
    /// `⊗`.
    Kronecker,
}

/// Relations between expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// `=`, `==`.
    Equal,
    /// `≠`, `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `≤`.
    LessEqual,
    /// `>`.
    Greater,
    /// `≥`.
    GreaterEqual,
    /// `≈`: accepted only where numbers are compared.
    Near,
}

/// What is attached behind an operand.
#[derive(Clone, Debug, PartialEq)]
pub struct Postfix {
    /// What it is.
    pub kind: PostfixKind,
    /// Where it is.
    pub span: Span,
}

/// The kinds of postfixes.
#[derive(Clone, Debug, PartialEq)]
pub enum PostfixKind {
    /// `ᵀ`, `⊤`, `^\top`, `.T`.
    Transpose,
    /// `'`: the transpose of a value, the derivative of a function.
    Apostrophe,
    /// `′`, `\prime`: always the derivative.
    Prime,
    /// `⁺`, `^\dagger`: the pseudo-inverse.
    PseudoInverse,
    /// `^…`: the matrix or scalar power, or a transpose `^T`.
    Power(Exponent),
    /// `.^…`, `^{\circ …}`: entry by entry.
    ElementPower(Exponent),
    /// `_…`: part of a name, or an index.
    Sub(Subscript),
    /// `^{(i)}`: a superscript that belongs to the name.
    Sample(String),
}

/// What stands in an exponent.
#[derive(Clone, Debug, PartialEq)]
pub struct Exponent {
    /// The exponent.
    pub expr: Expr,
    /// Is it a name without braces, of which a part may be a factor (`x^TAx`)?
    pub open: bool,
}

/// What stands in a subscript.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscript {
    /// As part of a name: `1`, `ij`, `max`; empty if it cannot be part of one.
    pub text: String,
    /// As indices or as the range of a sum, separated by commas.
    pub items: Vec<Expr>,
}

/// Kinds of brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bracket {
    /// `( )`.
    Round,
    /// `[ ]`.
    Square,
    /// `{ }`, `\{ \}`.
    Curly,
    /// `| |`.
    Bar,
    /// `‖ ‖`, `|| ||`.
    Norm,
    /// `⟨ ⟩`.
    Angle,
}

/// One branch of a case distinction.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The value.
    pub value: Expr,
    /// When; `None` for `otherwise`.
    pub guard: Option<Expr>,
}

impl Expr {
    /// An expression.
    pub fn new(node: Node, span: Span) -> Expr {
        Expr { node, span }
    }

    /// The tree in one line without spans: equal outlines are equal inputs.
    ///
    /// ```
    /// use gradus::syntax::expression;
    /// let outline = |text| expression(text).unwrap().outline();
    /// assert_eq!(outline(r"U^\top \hat{y}"), outline("Uᵀ ŷ"));
    /// ```
    pub fn outline(&self) -> String {
        super::outline::expr(self)
    }

    /// The name, if it is a bare one.
    pub fn as_name(&self) -> Option<&str> {
        match &self.node {
            Node::Name(name) => Some(name),
            _ => None,
        }
    }
}
