//! Dimensions and shapes in each spelling.

use super::{Spelling, name, names};
use crate::shape::{Dim, Shape};

/// A dimension: `N·M`, `N*M`, `NM`.
pub fn dim(dim: &Dim, spelling: Spelling) -> String {
    let minus = if spelling == Spelling::Unicode { "−" } else { "-" };
    // Names before the constant term: `n + 1`.
    let (named, constant): (Vec<_>, Vec<_>) = dim.terms().partition(|(_, names)| !names.is_empty());
    let mut out = String::new();
    for (coefficient, names) in named.into_iter().chain(constant) {
        match (out.is_empty(), coefficient < 0) {
            (true, true) => out.push_str(minus),
            (true, false) => {}
            (false, negative) => out.push_str(&format!(" {} ", if negative { minus } else { "+" })),
        }
        let size = coefficient.unsigned_abs();
        let mut factors: Vec<String> = names.iter().map(|(n, power)| dim_power(&n.name, *power, spelling)).collect();
        if size != 1 || factors.is_empty() {
            factors.insert(0, size.to_string());
        }
        out.push_str(&factors.join(times(spelling)));
    }
    if out.is_empty() { "0".into() } else { out }
}

fn times(spelling: Spelling) -> &'static str {
    match spelling {
        Spelling::Unicode => "·",
        Spelling::Ascii => "*",
        Spelling::Latex => " ",
    }
}

fn dim_power(canonical: &str, power: u32, spelling: Spelling) -> String {
    let base = name(canonical, spelling);
    match (power, spelling) {
        (1, _) => base,
        (_, Spelling::Unicode) => base + &names::superscript(&power.to_string()).unwrap_or_default(),
        (_, Spelling::Ascii) => format!("{base}^{power}"),
        (_, Spelling::Latex) => format!("{base}^{}", names::braced(&power.to_string())),
    }
}

/// A shape: `scalar`, `D`, `1×D`, `M×D`, `(N·M)×(N·D)`.
///
/// ```
/// use gradus::print::{Spelling, shape};
/// use gradus::shape::{Dim, Shape};
/// let w = Shape::matrix(Dim::named(0, "M"), Dim::named(1, "D"));
/// assert_eq!(shape(&w, Spelling::Unicode), "M×D");
/// assert_eq!(shape(&w, Spelling::Latex), r"M \times D");
/// ```
pub fn shape(shape: &Shape, spelling: Spelling) -> String {
    let cross = match spelling {
        Spelling::Unicode => "×",
        Spelling::Ascii => " x ",
        Spelling::Latex => " \\times ",
    };
    match shape {
        Shape::Scalar => "scalar".into(),
        Shape::Matrix { rows, cols } if cols.is_one() => dim(rows, spelling),
        Shape::Matrix { rows, cols } => format!("{}{cross}{}", side(rows, spelling), side(cols, spelling)),
    }
}

fn side(size: &Dim, spelling: Spelling) -> String {
    let text = dim(size, spelling);
    let product = size.terms().count() == 1;
    if size.is_simple() || (product && spelling == Spelling::Latex) { text } else { format!("({text})") }
}

/// The space a thing lives in: `ℝ`, `ℝ^D`, `ℝ^(M×D)`.
pub fn space(of: &Shape, spelling: Spelling) -> String {
    let (reals, open, close) = match spelling {
        Spelling::Unicode => ("ℝ", "(", ")"),
        Spelling::Ascii => ("R", "(", ")"),
        Spelling::Latex => ("\\mathbb{R}", "{", "}"),
    };
    if of.is_scalar() {
        return reals.into();
    }
    let text = shape(of, spelling);
    let bare = of.is_vector() && of.rows().is_simple() && text.chars().count() > 0;
    match (bare, spelling) {
        (true, Spelling::Latex) => format!("{reals}^{}", names::braced(&text)),
        (true, _) => format!("{reals}^{text}"),
        _ => format!("{reals}^{open}{text}{close}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_of_vectors_rows_and_jacobians() {
        let (n, m) = (Dim::named(0, "N"), Dim::named(1, "M"));
        let jacobian = Shape::matrix(n.clone() * m.clone(), n.clone() * n.clone());
        assert_eq!(space(&jacobian, Spelling::Unicode), "ℝ^((N·M)×(N²))");
        assert_eq!(space(&jacobian, Spelling::Ascii), "R^((N*M) x (N^2))");
        assert_eq!(space(&jacobian, Spelling::Latex), r"\mathbb{R}^{N M \times N^2}");
        assert_eq!(space(&Shape::vector(n.clone()), Spelling::Latex), r"\mathbb{R}^N");
        assert_eq!(space(&Shape::row(n + Dim::one()), Spelling::Unicode), "ℝ^(1×(N + 1))");
    }
}
