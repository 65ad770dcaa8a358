//! The built-in functions of one argument: names, shapes, and how far exact arithmetic carries.
//!
//! What a function *means* is in [`crate::eval`]; how it is differentiated is in `rules/`.

/// A built-in function of one argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // each is the function of that name in the table below
pub enum Function {
    Exp,
    Log,
    Sin,
    Cos,
    Tan,
    Arcsin,
    Arccos,
    Arctan,
    Sinh,
    Cosh,
    Tanh,
    Sigmoid,
    Relu,
    Softplus,
    Abs,
    Sign,
    Sqrt,
    Step,
    StepClosed,
    Softmax,
    LogSumExp,
    Norm1,
    Norm2,
    Mean,
    Var,
    Trace,
    Det,
    LogDet,
    Adjugate,
    PseudoInverse,
    DiagPart,
    Tril,
    Triu,
    RowSoftmax,
    ColSoftmax,
    RowSum,
    ColSum,
    NormF,
    MatrixExp,
    MatrixLog,
    Diag,
    Vec,
    SumAll,
}

/// Which shapes a function takes and gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// A scalar or each entry of a matrix; same shape.
    Entrywise,
    /// A vector n×1 to a vector n×1.
    VectorToVector,
    /// A vector n×1 to a scalar.
    VectorToScalar,
    /// A square matrix to a scalar.
    SquareToScalar,
    /// A square matrix to a matrix of its shape.
    SquareToSquare,
    /// A square matrix to the vector of its diagonal.
    SquareToVector,
    /// A vector n×1 to an n×n matrix.
    VectorToSquare,
    /// Any matrix to a scalar.
    MatrixToScalar,
    /// Any matrix to its shape.
    MatrixToMatrix,
    /// m×n to n×m.
    MatrixToTransposed,
    /// m×n to the vector of m row values.
    MatrixToRows,
    /// m×n to the row 1×n of column values.
    MatrixToCols,
    /// m×n to (m·n)×1.
    MatrixToVec,
}

/// In which arithmetic equality of values can be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Domain {
    /// Field operations: exact in F_p, a disagreement there is conclusive.
    Field,
    /// Square roots: exact in F_p where the root exists.
    Algebraic,
    /// A random oracle with its true derivative stands for it in F_p: agreement counts, disagreement does not.
    Oracle,
    /// Order and branches: decided in floating point only.
    Real,
}

use Domain::{Algebraic, Field, Oracle, Real};
use Function::*;
use Signature::*;

/// Function, canonical name, shapes, arithmetic.
#[rustfmt::skip]
const TABLE: &[(Function, &str, Signature, Domain)] = &[
    (Exp,           "exp",        Entrywise,          Oracle),
    (Log,           "log",        Entrywise,          Oracle),
    (Sin,           "sin",        Entrywise,          Oracle),
    (Cos,           "cos",        Entrywise,          Oracle),
    (Tan,           "tan",        Entrywise,          Oracle),
    (Arcsin,        "arcsin",     Entrywise,          Oracle),
    (Arccos,        "arccos",     Entrywise,          Oracle),
    (Arctan,        "arctan",     Entrywise,          Oracle),
    (Sinh,          "sinh",       Entrywise,          Oracle),
    (Cosh,          "cosh",       Entrywise,          Oracle),
    (Tanh,          "tanh",       Entrywise,          Oracle),
    (Sigmoid,       "sigmoid",    Entrywise,          Oracle),
    (Relu,          "relu",       Entrywise,          Real),
    (Softplus,      "softplus",   Entrywise,          Oracle),
    (Abs,           "abs",        Entrywise,          Real),
    (Sign,          "sgn",        Entrywise,          Real),
    (Sqrt,          "sqrt",       Entrywise,          Algebraic),
    (Step,          "step",       Entrywise,          Real),   // 1 if u > 0, else 0
    (StepClosed,    "stepc",      Entrywise,          Real),   // 1 if u ≥ 0, else 0
    (Softmax,       "softmax",    VectorToVector,     Oracle),
    (LogSumExp,     "logsumexp",  VectorToScalar,     Oracle),
    (Norm1,         "norm1",      VectorToScalar,     Real),
    (Norm2,         "norm2",      VectorToScalar,     Algebraic),
    (Mean,          "mean",       VectorToScalar,     Field),
    (Var,           "var",        VectorToScalar,     Field),
    (Trace,         "tr",         SquareToScalar,     Field),
    (Det,           "det",        SquareToScalar,     Field),
    (LogDet,        "logdet",     SquareToScalar,     Oracle),
    (Adjugate,      "adj",        SquareToSquare,     Field),
    (PseudoInverse, "pinv",       MatrixToTransposed, Real),
    (DiagPart,      "diagpart",   SquareToVector,     Field),
    (Tril,          "tril",       SquareToSquare,     Field),   // zero above the diagonal
    (Triu,          "triu",       SquareToSquare,     Field),   // zero below the diagonal
    (RowSoftmax,    "rowsoftmax", MatrixToMatrix,     Oracle),
    (ColSoftmax,    "colsoftmax", MatrixToMatrix,     Oracle),
    (RowSum,        "rowsum",     MatrixToRows,       Field),
    (ColSum,        "colsum",     MatrixToCols,       Field),
    (NormF,         "normF",      MatrixToScalar,     Algebraic),
    (MatrixExp,     "expm",       SquareToSquare,     Real),
    (MatrixLog,     "logm",       SquareToSquare,     Real),
    (Diag,          "diag",       VectorToSquare,     Field),
    (Vec,           "vec",        MatrixToVec,        Field),
    (SumAll,        "sum",        MatrixToScalar,     Field),
];

impl Function {
    /// All functions, in the order of the table.
    pub fn all() -> impl Iterator<Item = Function> {
        TABLE.iter().map(|row| row.0)
    }

    fn row(self) -> &'static (Function, &'static str, Signature, Domain) {
        // The table lists the variants in their order; a unit test holds it to that.
        &TABLE[self as usize]
    }

    /// The canonical ASCII name.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// The function with this canonical name.
    pub fn named(name: &str) -> Option<Function> {
        TABLE.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// Which shapes it takes and gives.
    pub fn signature(self) -> Signature {
        self.row().2
    }

    /// In which arithmetic its values can be compared.
    pub fn domain(self) -> Domain {
        self.row().3
    }

    /// Is f(−u) = f(u)?
    pub fn is_even(self) -> bool {
        matches!(self, Cos | Cosh | Abs | Norm1 | Norm2 | NormF | Var)
    }

    /// Is f(−u) = −f(u)?
    pub fn is_odd(self) -> bool {
        let linear = matches!(self, Mean | Trace | DiagPart | Tril | Triu | RowSum | ColSum | Diag | Vec | SumAll);
        linear || matches!(self, Sin | Tan | Arcsin | Arctan | Sinh | Tanh | Sign)
    }

    /// Acts on each entry by itself.
    pub fn is_entrywise(self) -> bool {
        self.signature() == Entrywise
    }

    /// The function of a matrix that does to each of its rows what this one does to a vector, if it has a name.
    pub fn of_each_row(self) -> Option<Function> {
        (self == Softmax).then_some(RowSoftmax)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_variants() {
        for (i, row) in TABLE.iter().enumerate() {
            assert_eq!(row.0 as usize, i, "{}", row.1);
            assert_eq!(Function::named(row.0.name()), Some(row.0));
        }
    }
}
