//! Why a term has no value at a point.

use crate::ir::Symbol;

/// Why an evaluation stopped. Most reasons concern the point and go away at another one ([`EvalError::is_local`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvalError {
    /// A matrix is singular here, or too close to it for floating point.
    Singular,
    /// Division by zero.
    DivisionByZero,
    /// No square root exists here.
    NoRoot,
    /// Outside the domain of a function: the logarithm of a negative number.
    Undefined(&'static str),
    /// The derivative at a kink was asked for, or the value is too close to one to tell the side.
    Kink,
    /// A comparison in a field without order.
    NeedsOrder,
    /// A function that this arithmetic does not have (`exp` of a rational number).
    NeedsReals(&'static str),
    /// A value or a size exceeds the arithmetic.
    Overflow,
    /// A symbol has neither a value nor a definition.
    UnboundSymbol(Symbol),
    /// An index has no value.
    UnboundIndex(String),
    /// An index lies outside its range at these sizes.
    IndexRange,
    /// A dimension has no size, or its size is not positive.
    Size,
    /// The sizes do not allow what was declared (orthonormal columns of a wide matrix).
    SizesUnfit,
    /// More infinitesimals are needed than the arithmetic has.
    Order,
    /// A derivative by something that is not a name, an entry or a transpose of one.
    NotAVariable,
    /// No value satisfies all facts, as far as the sampler knows.
    Unsampleable,
    /// No case applies.
    NoCase,
    /// Two values that are to be compared have different sizes.
    Shape,
    /// An equation that is not affine in its unknown.
    NotAffine,
    /// The evaluator does not know this operator.
    Unsupported,
}

impl EvalError {
    /// Another point, of other sizes, may have a value.
    pub fn is_local(&self) -> bool {
        use EvalError::*;
        matches!(
            self,
            Singular
                | DivisionByZero
                | NoRoot
                | Undefined(_)
                | Kink
                | Overflow
                | IndexRange
                | Size
                | SizesUnfit
                | Unsampleable
                | NoCase
        )
    }
}
