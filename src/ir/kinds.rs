//! Which operators occur in a term: a quick answer to whether a pattern can match anywhere in it.

use super::Op;

/// A set of kinds of operators, one bit each.
pub type Kinds = u64;

/// The kind of an operator; names and numbers have none.
pub fn kind(op: &Op) -> Kinds {
    let bit = match op {
        Op::Symbol(_) | Op::Number(_) => return 0,
        Op::Sum => 0,
        Op::Product => 1,
        // A power of entries is an entry-by-entry product of equal factors.
        Op::Hadamard | Op::ElementPower => 2,
        Op::Transpose => 3,
        Op::Inverse => 4,
        Op::Kronecker => 5,
        Op::AsScalar => 6,
        Op::Inner => 7,
        Op::Call(function) => 8 + *function as u32,
        Op::Differential => 56,
        Op::Elementwise { .. } => 57,
        Op::Identity(_) => 58,
        Op::Ones(..) => 59,
        Op::Zero(_) => 60,
        Op::Power => 61,
        Op::Max => 62,
        _ => 63,
    };
    1 << bit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::Function;

    #[test]
    fn functions_have_room() {
        assert!(Function::all().all(|function| kind(&Op::Call(function)) < 1 << 56));
    }
}
