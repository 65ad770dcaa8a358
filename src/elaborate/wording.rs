//! The words of messages about shapes.

use super::{Elaborator, Value};
use crate::diag::{Diagnostic, Span};
use crate::ir::{ShapeError, Term};
use crate::shape::Shape;

/// `a scalar`, `a vector`, `a row vector`, `a matrix`.
pub fn kind(shape: &Shape) -> &'static str {
    match shape {
        Shape::Scalar => "a scalar",
        s if s.is_one_by_one() => "a 1×1 matrix",
        s if s.is_vector() => "a vector",
        s if s.is_row() => "a row vector",
        _ => "a matrix",
    }
}

/// `two vectors`.
pub fn two(shape: &Shape) -> String {
    format!("two {}", kind(shape).trim_start_matches("a ").replace("matrix", "matrice") + "s")
}

/// `shape M×D`, `a scalar`.
pub fn has_shape(shape: &Shape) -> String {
    if shape.is_scalar() { "a scalar".into() } else { format!("shape {shape}") }
}

/// `an m×n matrix`, `a vector of length D`, `a scalar`.
pub fn described(shape: &Shape) -> String {
    match shape {
        Shape::Scalar => "a scalar".into(),
        s if s.is_vector() => format!("a vector of length {s}"),
        s => {
            let text = s.to_string();
            format!("{} {text} matrix", article(&text))
        }
    }
}

/// `a` or `an`, by how the first character is spoken.
pub fn article(text: &str) -> &'static str {
    match text.chars().next() {
        Some(c) if "aefhilmnorsxAEFHILMNORSX8".contains(c) => "an",
        _ => "a",
    }
}

/// `ones(M, D)` for a shape.
pub fn ones(shape: &Shape) -> String {
    match shape {
        Shape::Matrix { rows, cols } if !cols.is_one() => format!("ones({rows}, {cols})"),
        _ => format!("ones({shape})"),
    }
}

/// `R^(M×D)` for a shape.
pub fn declared(shape: &Shape) -> String {
    match shape {
        Shape::Scalar => "scalar".into(),
        s if s.is_vector() && s.rows().is_simple() => format!("R^{s}"),
        s => format!("R^({s})"),
    }
}

/// Is there an operator or a blank outside brackets?
fn has_operator(text: &str) -> bool {
    let mut depth = 0i32;
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ if depth == 0 && (c.is_whitespace() || "+-−*/·@⊙∘⊘⊗=".contains(c)) => return true,
            _ => {}
        }
    }
    false
}

impl Elaborator<'_> {
    /// Points at the declaration of an operand that is a bare name.
    pub fn declared_here(&self, d: Diagnostic, value: Value, text: impl Fn(&str) -> String) -> Diagnostic {
        let Some(name) = self.bare_name(value.term) else { return d };
        match self.scope.place_of(&name) {
            Some(place) if !d.labels.iter().any(|l| l.span == place.shape) => {
                let mut d = d;
                d.labels.insert(0, crate::diag::Label { span: place.shape, text: text(&name), primary: false });
                d
            }
            _ => d,
        }
    }

    /// The name, if the term is one.
    pub fn bare_name(&self, term: Term) -> Option<String> {
        let symbol = self.context.terms.as_symbol(term)?;
        Some(self.context.name(symbol).to_string())
    }

    /// The operand as typed, in backticks; a description where the text is not known.
    pub fn called(&self, value: Value) -> String {
        let text = self.typed(value.span).trim();
        match (text.is_empty(), self.bare_name(value.term)) {
            (false, _) => format!("`{text}`"),
            (true, Some(name)) => format!("`{name}`"),
            (true, None) => "this".into(),
        }
    }

    /// The operand as typed, in parentheses unless it is an operand without operators.
    pub fn text(&self, value: Value) -> String {
        let text = self.typed(value.span).trim();
        if has_operator(text) { format!("({text})") } else { text.to_string() }
    }

    /// What ir refuses and no message of its own covers.
    pub fn does_not_fit(&self, error: &ShapeError, span: Span) -> Diagnostic {
        use ShapeError::*;
        let (code, title, label) = match error {
            Unequal { shapes: (a, b), .. } => {
                ("E0201", "these shapes differ".into(), format!("{} and {}", described(a), described(b)))
            }
            Inner { shapes: (a, b), .. } => {
                ("E0202", "the inner dimensions of this product do not match".to_string(), format!("{a} times {b}"))
            }
            NotSquare { shape, .. } => ("E0203", "a square matrix is needed".into(), described(shape)),
            NotVector { shape, .. } => ("E0204", "a vector is needed".into(), described(shape)),
            NotScalar { shape, .. } => ("E0204", "a scalar is needed".into(), described(shape)),
            NotMatrix { .. } => ("E0204", "a vector or a matrix is needed".into(), "a scalar".into()),
            NotInteger { .. } => ("E0204", "a matrix power needs a whole exponent".into(), String::new()),
            Arity { needed, found } => ("E0106", format!("{needed} needed, {found} found"), String::new()),
            Index { index, array, .. } => (
                "E0109",
                "an index runs over another dimension".into(),
                format!("it runs to {index}, the array to {array}"),
            ),
        };
        Diagnostic::error(code, title).label(span, label)
    }
}
