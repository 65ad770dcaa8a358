//! Properties and assumptions in words.

use super::{Formula, Inline, Prose};
use crate::ir::{Claim, Context, Property};

/// The adjective of a property: `symmetric`, `with positive entries`.
pub fn property(property: Property) -> &'static str {
    match property {
        Property::Symmetric => "symmetric",
        Property::Skew => "skew-symmetric",
        Property::Invertible => "invertible",
        Property::PositiveDefinite => "symmetric positive definite",
        Property::PositiveSemidefinite => "symmetric positive semidefinite",
        Property::Orthogonal => "orthogonal",
        Property::Diagonal => "diagonal",
        Property::LowerTriangular => "lower triangular",
        Property::UpperTriangular => "upper triangular",
        Property::Positive => "positive",
        Property::NonNegative => "nonnegative",
        Property::Nonzero => "nonzero in every entry",
        Property::Simplex => "on the simplex (entries ≥ 0 that add up to 1)",
        Property::OneHot => "one-hot",
        Property::Constant => "constant",
        Property::FullColumnRank => "of full column rank",
        Property::OrthonormalColumns => "with orthonormal columns",
    }
}

/// An assumption in words: `A invertible`, `sum(y) = 1`, `A differentiable in α`.
pub fn claim(context: &Context, claim: &Claim) -> Prose {
    let math = |formula| Inline::Math(formula);
    match claim {
        Claim::Property(term, known) => {
            vec![math(Formula::term(context, *term)), Inline::Text(format!(" {}", property(*known)))]
        }
        Claim::Equation(lhs, rhs) => vec![math(Formula::equation(context, *lhs, *rhs))],
        Claim::Differentiable(function, variable) => vec![
            math(Formula::new(|spelling| super::name(context.name(*function), spelling))),
            Inline::Text(" differentiable in ".into()),
            math(Formula::new(|spelling| super::name(context.name(*variable), spelling))),
        ],
    }
}
