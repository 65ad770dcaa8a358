//! The lattice of properties: what one property of a term says about another of the same term.

use crate::ir::Property::{self, *};

/// Each property with those that imply it for every term.
const IMPLIED_BY: &[(Property, &[Property])] = &[
    (Symmetric, &[PositiveSemidefinite, Diagonal]),
    (PositiveSemidefinite, &[PositiveDefinite]),
    (Invertible, &[PositiveDefinite, Orthogonal]),
    (LowerTriangular, &[Diagonal]),
    (UpperTriangular, &[Diagonal]),
    (NonNegative, &[Positive, Simplex]),
    (Nonzero, &[Positive]),
    (Simplex, &[OneHot]),
    (FullColumnRank, &[OrthonormalColumns, Invertible]),
    (OrthonormalColumns, &[Orthogonal]),
];

/// Each property with those that imply it for square matrices.
const OF_SQUARE: &[(Property, &[Property])] = &[(Invertible, &[FullColumnRank]), (Orthogonal, &[OrthonormalColumns])];

/// The properties that imply `property` at once.
pub(super) fn implying(property: Property, square: bool) -> impl Iterator<Item = Property> {
    let rows = IMPLIED_BY.iter().chain(if square { OF_SQUARE } else { &[] });
    rows.filter(move |row| row.0 == property).flat_map(|row| row.1).copied()
}

/// Does a property follow from another one of the same term?
pub(super) fn follows(property: Property, from: Property, square: bool) -> bool {
    let mut met = vec![property];
    let mut next = 0;
    while let Some(&weaker) = met.get(next) {
        next += 1;
        let new: Vec<Property> = implying(weaker, square).filter(|stronger| !met.contains(stronger)).collect();
        met.extend(new);
    }
    property != from && met.contains(&from)
}

/// A strict condition: if it holds at a point, it holds around it.
pub(super) fn is_open(property: Property) -> bool {
    matches!(property, Invertible | Positive | Nonzero | FullColumnRank)
}

/// It says that a matrix lies in a linear space, or in a part of one that is more than a surface in it: derivatives
/// within that space may use it.
pub(super) fn is_linear(property: Property) -> bool {
    let triangular = matches!(property, Diagonal | LowerTriangular | UpperTriangular);
    triangular || matches!(property, Symmetric | Skew | PositiveDefinite | PositiveSemidefinite)
}

/// It makes sense for square matrices only.
pub(super) fn needs_square(property: Property) -> bool {
    matches!(
        property,
        Symmetric
            | Skew
            | Invertible
            | PositiveDefinite
            | PositiveSemidefinite
            | Orthogonal
            | Diagonal
            | LowerTriangular
            | UpperTriangular
    )
}
