//! How much there is to read in a formula as it is printed: the measure of readability.
//!
//! Signs between operands (`+ − · ⊙ ⊘ ⊗`, fraction lines, brackets) are free: they are the grammar of a formula and
//! not its words. Everything else counts one: names, numbers, constants, functions, norms, powers, ᵀ, ⁻¹, ∂.

use super::layout::{Layout, Raise, Test, lay_out};
use crate::ir::{Context, Term};
use std::ops::Add;

/// What a formula is made of, as printed on paper.
///
/// ```
/// use gradus::print::measure;
/// use gradus::session::Session;
/// let mut session = Session::new();
/// session.run("A : R^(m×n); x : R^n; b : R^m\nz = 2*A'*(A*x - b)");
/// let z = session.context().lookup("z").unwrap();
/// let typed = session.context().definition(z).unwrap().raw;
/// let found = measure(session.context(), typed);
/// assert_eq!((found.size, found.transposes, found.inverses), (6, 1, 0)); // 2 A ᵀ A x b
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// The words: names, numbers, constants, functions, norms, powers, transposes, inverses.
    pub size: usize,
    /// ᵀ, and 𝟏ᵀ.
    pub transposes: usize,
    /// ⁻¹ and other negative powers of matrices.
    pub inverses: usize,
}

/// The measure of a term as it is printed; of one that is too large to be printed, the largest there is.
pub fn measure(context: &Context, term: Term) -> Measure {
    let largest = Measure { size: usize::MAX, transposes: usize::MAX, inverses: usize::MAX };
    lay_out(context, term).map_or(largest, |layout| of(&layout))
}

const WORD: Measure = Measure { size: 1, transposes: 0, inverses: 0 };
const TRANSPOSE: Measure = Measure { size: 1, transposes: 1, inverses: 0 };
const INVERSE: Measure = Measure { size: 1, transposes: 0, inverses: 1 };

impl Add for Measure {
    type Output = Measure;

    fn add(self, other: Measure) -> Measure {
        Measure {
            size: self.size.saturating_add(other.size),
            transposes: self.transposes.saturating_add(other.transposes),
            inverses: self.inverses.saturating_add(other.inverses),
        }
    }
}

fn all<'a>(parts: impl IntoIterator<Item = &'a Layout>) -> Measure {
    parts.into_iter().map(of).fold(Measure::default(), Measure::add)
}

fn of(layout: &Layout) -> Measure {
    match layout {
        Layout::Ones(rows, cols) if rows.is_one() && !cols.is_one() => WORD + TRANSPOSE,
        Layout::Name(_)
        | Layout::Integer(_)
        | Layout::Ones(..)
        | Layout::Identity { .. }
        | Layout::Zero(_)
        | Layout::Unit(_)
        | Layout::Commutation(..)
        | Layout::Delta(..) => WORD,
        Layout::Sum(parts) | Layout::Product(parts) => all(parts),
        Layout::Negative(inside) | Layout::Group { inside, .. } | Layout::Spelled { paper: inside, .. } => of(inside),
        Layout::Fraction(a, b) | Layout::Kronecker(a, b) => of(a) + of(b),
        Layout::Where { left, right, .. } => of(left) + of(right),
        Layout::Elementwise(operands) => all(operands.iter().map(|(_, operand)| operand)),
        Layout::Raised(base, raise) => of(base) + raised(raise),
        Layout::Apply(_, arguments) => WORD + all(arguments),
        Layout::ApplyPower { power, argument, .. } => WORD + of(power) + of(argument),
        Layout::Fence(_, inside) | Layout::Differential(inside) | Layout::IndexSum { body: inside, .. } => {
            WORD + of(inside)
        }
        Layout::Leibniz(function, by) => WORD + of(function) + all(by),
        Layout::Entry(base, indices) => of(base) + Measure { size: indices.len(), ..Measure::default() },
        Layout::Cases(cases) => cases.iter().fold(Measure::default(), |sum, (value, test)| {
            let subject = if let Test::Subject(subject, _) = test { of(subject) } else { WORD };
            sum + of(value) + subject
        }),
    }
}

fn raised(raise: &Raise) -> Measure {
    match raise {
        Raise::Transpose => TRANSPOSE,
        Raise::Inverse => INVERSE,
        Raise::Power(power) if matches!(**power, Layout::Negative(_)) => INVERSE,
        Raise::Power(power) | Raise::ElementPower(power) => of(power),
    }
}
