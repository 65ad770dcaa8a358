//! Text → tokens. The only place that meets pest; its grammar accepts every text, so every refusal
//! is one of ours.

use pest::Parser;
use pest::iterators::Pair;

use super::names;
use super::tree::{Bracket, ElementOp, Join, Relation, Sign};
use crate::diag::{Diagnostic, Span};

// The derived items cannot carry documentation.
#[allow(missing_docs)]
mod grammar {
    #[derive(pest_derive::Parser)]
    #[grammar = "../grammar/tokens.pest"]
    pub struct Tokens;
}
use grammar::{Rule, Tokens};

/// A token, where it is, and whether a blank stands before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub span: Span,
    /// Is there a blank before it?
    pub spaced: bool,
}

/// The kinds of tokens.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A number.
    Number(String),
    /// A name in canonical spelling; `styled` if it was typed in `\text{…}`.
    Name {
        /// The canonical spelling.
        name: String,
        /// Was it typed in `\text{…}` or `\operatorname{…}`?
        styled: bool,
    },
    /// `\text{…}` that is not a name.
    Text(String),
    /// `%`, `%3`.
    Result(Option<usize>),
    /// `∂`, `∇`, `∑`, `𝟏`.
    Sign(Sign),
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `*`, `/` and their other spellings.
    Factor(Join),
    /// `.*`, `./`, `⊗`.
    Element(ElementOp),
    /// `×`, which separates dimensions.
    Cross,
    /// `^`.
    Caret,
    /// `.^`.
    DotCaret,
    /// `_`.
    Underscore,
    /// Superscript characters in ordinary ones: `-1`.
    Raised(String),
    /// Subscript characters in ordinary ones.
    Lowered(String),
    /// `^<-1>`.
    AngleInverse,
    /// `⊤`, `.T`.
    Transpose,
    /// `\dagger`.
    Dagger,
    /// `'`.
    Apostrophe,
    /// `′`.
    Prime,
    /// `=`, `≤`, ….
    Relation(Relation),
    /// `:=`.
    Define,
    /// `=>`.
    Implies,
    /// `<=>`.
    Equivalent,
    /// `:`.
    Colon,
    /// `∈`; the word `in` stays a name.
    ElementOf,
    /// `..`, `…`, `\ldots`: the middle of a range.
    Dots,
    /// `,`.
    Comma,
    /// `;`.
    Semicolon,
    /// `&`.
    Ampersand,
    /// `\\`.
    RowEnd,
    /// `(`, `[`, `\{`, `\lvert`, ….
    Open(Bracket),
    /// `)`, ….
    Close(Bracket),
    /// `|` or `‖`, which may open or close.
    Either(Bracket),
    /// `\frac`.
    Frac,
    /// `\begin{…}`.
    Begin(String),
    /// `\end{…}`.
    End(String),
    /// `$`, `$$`, `\[`, `\]`.
    Mathematics,
    /// A lone `\`: MATLAB's left division, which the parser refuses with a fix.
    Backslash,
    /// A command that nobody knows, without its backslash.
    Unknown(String),
}

/// The tokens of `text`, whose first byte is byte `offset` of the whole input.
pub fn tokens(text: &str, offset: usize) -> Result<Vec<Token>, Diagnostic> {
    let pairs = Tokens::parse(Rule::stream, text).map_err(|_| unreadable(offset, text.len()))?;
    let mut out: Vec<Token> = Vec::new();
    let mut end = offset;
    for pair in pairs.flat_map(Pair::into_inner).filter(|p| p.as_rule() != Rule::EOI) {
        let span = Span::new(offset + pair.as_span().start(), offset + pair.as_span().end());
        let spaced = span.start > end;
        end = span.end;
        let kind = kind(pair, span).map_err(|d| member(d, text, offset, span))?;
        out.push(Token { kind, span, spaced });
    }
    Ok(out)
}

/// `np.linalg.inv(A)`, `A.dot(B)`: a point between two words.
fn member(d: Diagnostic, text: &str, offset: usize, at: Span) -> Diagnostic {
    let (before, behind) = (&text[..at.start - offset], &text[at.end - offset..]);
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let chain = before.len() - before.trim_end_matches(|c: char| is_word(c) || c == '.').len();
    let owner = &before[before.len() - chain..];
    if owner.is_empty() || !behind.starts_with(char::is_alphabetic) || d.title.find("`.`").is_none() {
        return d;
    }
    let path_end = behind.len() - behind.trim_start_matches(|c: char| is_word(c) || c == '.').len();
    let path = &behind[..path_end];
    let last = path.rsplit('.').next().unwrap_or(path);
    let d = Diagnostic::error("E0003", "`.` is not an operator here");
    if MODULES.contains(&owner) {
        let whole = Span::new(at.start - chain, at.end + path.len());
        return d.label(at, format!("`{owner}` is a module of a program")).fix("leave the module out", whole, last);
    }
    d.label(at, format!("`.{last}` is written behind a value in programs"))
        .note("functions stand before their argument: `inv(A)`, `tr(A)`, `A'`; a product is written `A*B`")
}

/// How modules of numerical programs are usually called.
const MODULES: &[&str] = &["np", "numpy", "jnp", "jax", "torch", "tf", "sp", "scipy", "sympy", "math", "LinearAlgebra"];

fn unreadable(offset: usize, length: usize) -> Diagnostic {
    Diagnostic::error("E0009", "this text could not be read").label(Span::new(offset, offset + length), "")
}

fn kind(pair: Pair<Rule>, span: Span) -> Result<Kind, Diagnostic> {
    let text = pair.as_str();
    Ok(match pair.as_rule() {
        Rule::open_bar => Kind::Open(Bracket::Bar),
        Rule::close_bar => Kind::Close(Bracket::Bar),
        Rule::open_norm => Kind::Open(Bracket::Norm),
        Rule::close_norm => Kind::Close(Bracket::Norm),
        Rule::styled => styled(pair),
        Rule::accent => accent(pair),
        Rule::environment => environment(pair),
        Rule::row_end => Kind::RowEnd,
        Rule::command => command(text.trim_start_matches('\\')),
        Rule::math_mark => Kind::Mathematics,
        Rule::number => Kind::Number(text.to_string()),
        Rule::name => name(text),
        Rule::superscript => Kind::Raised(text.chars().map(names::lower_superscript).collect()),
        Rule::subscript => Kind::Lowered(text.chars().map(names::raise_subscript).collect()),
        Rule::result => Kind::Result(text[1..].parse().ok()),
        Rule::angle_inverse => Kind::AngleInverse,
        Rule::transpose => Kind::Transpose,
        Rule::operator => operator(text, span)?,
        _ if text == "\\" => Kind::Backslash,
        _ => return Err(unknown_sign(text, span)),
    })
}

fn name(text: &str) -> Kind {
    Kind::Name { name: names::canonical(text), styled: false }
}

/// `\text{ReLU}` is a name if it could be one.
fn styled(pair: Pair<Rule>) -> Kind {
    let mut inner = pair.into_inner().map(|p| p.as_str().trim().to_string());
    let style = inner.next().unwrap_or_default();
    let text = inner.next().unwrap_or_default();
    match (style.as_str(), text.as_str()) {
        ("mathbf" | "boldsymbol" | "bm" | "symbf", "1") => Kind::Sign(Sign::Ones),
        ("mathbf" | "boldsymbol" | "bm" | "symbf", "0") => Kind::Sign(Sign::Zeros),
        ("mathbb", "R") => Kind::Name { name: "ℝ".into(), styled: false },
        ("mathcal", "L") => Kind::Name { name: "ℒ".into(), styled: false },
        ("boldsymbol" | "bm" | "symbf" | "mathbf", _) if text.starts_with('\\') => command(&text[1..]),
        _ if is_word(&text) => {
            let styled = style.starts_with("text") || style.starts_with("operator") || style == "mathrm";
            Kind::Name { name: names::canonical(&text), styled: styled && text.chars().count() > 1 }
        }
        _ => Kind::Text(text),
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(char::is_alphabetic) && text.chars().all(|c| c.is_alphanumeric() || "-\u{302}".contains(c))
}

fn accent(pair: Pair<Rule>) -> Kind {
    let mut inner = pair.into_inner();
    let accent = inner.next().map(|p| p.as_str().to_string()).unwrap_or_default();
    let base = inner.next().and_then(|p| p.into_inner().next());
    let letter = match base {
        Some(p) if p.as_rule() == Rule::styled => match styled(p) {
            Kind::Name { name, .. } => name,
            _ => String::new(),
        },
        Some(p) => p.as_str().trim_start_matches('\\').to_string(),
        None => String::new(),
    };
    Kind::Name { name: names::accented(&letter, accent.trim()), styled: false }
}

fn environment(pair: Pair<Rule>) -> Kind {
    let begins = pair.as_str().starts_with("\\begin");
    let name = pair.into_inner().next().map(|p| p.as_str().trim().to_string()).unwrap_or_default();
    if begins { Kind::Begin(name) } else { Kind::End(name) }
}

/// A LaTeX command by its word.
fn command(word: &str) -> Kind {
    if let Some(letter) = names::greek(word) {
        return Kind::Name { name: letter.to_string(), styled: false };
    }
    match word {
        "cdot" | "ast" | "bullet" => Kind::Factor(Join::Times),
        "div" => Kind::Factor(Join::Over),
        "odot" | "circ" => Kind::Element(ElementOp::Times),
        "oslash" => Kind::Element(ElementOp::Over),
        "otimes" => Kind::Element(ElementOp::Kronecker),
        "times" => Kind::Cross,
        "R" | "reals" | "Reals" => Kind::Name { name: "ℝ".into(), styled: false },
        "top" | "intercal" => Kind::Transpose,
        "dagger" => Kind::Dagger,
        "prime" => Kind::Prime,
        "partial" => Kind::Sign(Sign::Partial),
        "nabla" => Kind::Sign(Sign::Nabla),
        "sum" => Kind::Sign(Sign::Sum),
        "in" => Kind::ElementOf,
        "ldots" | "dots" | "cdots" | "dotsc" => Kind::Dots,
        "ne" | "neq" => Kind::Relation(Relation::NotEqual),
        "le" | "leq" | "leqslant" => Kind::Relation(Relation::LessEqual),
        "ge" | "geq" | "geqslant" => Kind::Relation(Relation::GreaterEqual),
        "lt" => Kind::Relation(Relation::Less),
        "gt" => Kind::Relation(Relation::Greater),
        "approx" => Kind::Relation(Relation::Near),
        "coloneqq" => Kind::Define,
        "Rightarrow" | "implies" => Kind::Implies,
        "Leftrightarrow" | "iff" => Kind::Equivalent,
        "{" | "lbrace" => Kind::Open(Bracket::Curly),
        "}" | "rbrace" => Kind::Close(Bracket::Curly),
        "langle" => Kind::Open(Bracket::Angle),
        "rangle" => Kind::Close(Bracket::Angle),
        "vert" => Kind::Either(Bracket::Bar),
        "|" | "Vert" => Kind::Either(Bracket::Norm),
        "frac" | "dfrac" | "tfrac" => Kind::Frac,
        "sqrt" | "log" | "ln" | "exp" | "sin" | "cos" | "tan" | "arcsin" | "arccos" | "arctan" | "sinh" | "cosh"
        | "tanh" | "max" | "min" | "det" | "tr" | "sgn" | "mid" => Kind::Name { name: word.into(), styled: true },
        _ => Kind::Unknown(word.to_string()),
    }
}

fn operator(text: &str, span: Span) -> Result<Kind, Diagnostic> {
    Ok(match text {
        "+" => Kind::Plus,
        "-" | "−" | "–" => Kind::Minus,
        "*" | "·" | "⋅" | "∗" | "@" => Kind::Factor(Join::Times),
        "/" | "÷" => Kind::Factor(Join::Over),
        ".*" | "⊙" | "∘" => Kind::Element(ElementOp::Times),
        "./" | "⊘" => Kind::Element(ElementOp::Over),
        "⊗" => Kind::Element(ElementOp::Kronecker),
        "×" => Kind::Cross,
        "^" => Kind::Caret,
        ".^" => Kind::DotCaret,
        "_" => Kind::Underscore,
        "'" | "’" => Kind::Apostrophe,
        "′" => Kind::Prime,
        "=" | "==" => Kind::Relation(Relation::Equal),
        "≠" | "!=" => Kind::Relation(Relation::NotEqual),
        "<" => Kind::Relation(Relation::Less),
        "≤" | "<=" => Kind::Relation(Relation::LessEqual),
        ">" => Kind::Relation(Relation::Greater),
        "≥" | ">=" => Kind::Relation(Relation::GreaterEqual),
        "≈" => Kind::Relation(Relation::Near),
        ":=" => Kind::Define,
        "=>" | "⇒" => Kind::Implies,
        "<=>" | "⇔" => Kind::Equivalent,
        ":" => Kind::Colon,
        "∈" => Kind::ElementOf,
        "..." | ".." | "…" | "⋯" => Kind::Dots,
        "," => Kind::Comma,
        ";" => Kind::Semicolon,
        "&" => Kind::Ampersand,
        "(" => Kind::Open(Bracket::Round),
        ")" => Kind::Close(Bracket::Round),
        "[" => Kind::Open(Bracket::Square),
        "]" => Kind::Close(Bracket::Square),
        "{" => Kind::Open(Bracket::Curly),
        "}" => Kind::Close(Bracket::Curly),
        "⟨" => Kind::Open(Bracket::Angle),
        "⟩" => Kind::Close(Bracket::Angle),
        "|" => Kind::Either(Bracket::Bar),
        "‖" | "||" => Kind::Either(Bracket::Norm),
        "∂" => Kind::Sign(Sign::Partial),
        "∇" => Kind::Sign(Sign::Nabla),
        "∑" => Kind::Sign(Sign::Sum),
        "𝟏" => Kind::Sign(Sign::Ones),
        "𝟎" => Kind::Sign(Sign::Zeros),
        "√" => Kind::Name { name: "sqrt".into(), styled: true },
        "**" => return Err(double_star(span)),
        _ => return Err(unknown_sign(text, span)),
    })
}

fn double_star(span: Span) -> Diagnostic {
    Diagnostic::error("E0003", "`**` is not an operator here")
        .label(span, "Python's power is written `^`")
        .fix("write a power", span, "^")
        .fix("write a product", span, "*")
}

/// Signs of other languages get an answer of their own.
fn unknown_sign(text: &str, span: Span) -> Diagnostic {
    let other = |why: &str| Diagnostic::error("E0003", format!("`{text}` is not an operator here")).label(span, why);
    match text {
        "∏" => other("products over an index are not supported"),
        "!" => other("factorials are not supported; `!=` is written without a blank"),
        "." => other("a lone point; the elementwise operators are `.*`, `./` and `.^`"),
        "\"" => other("text in quotes is not part of the language"),
        "?" => other("`?name` at the start of a line asks for help on a function"),
        "ℂ" => Diagnostic::error("E0902", "complex numbers are not supported").label(span, "everything is real"),
        _ => Diagnostic::error("E0009", format!("`{}` means nothing here", text.escape_debug()))
            .label(span, format!("character U+{:04X}", text.chars().next().map_or(0, |c| c as u32))),
    }
}
