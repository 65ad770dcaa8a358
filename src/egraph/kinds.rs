//! Which operators occur: a quick test whether a pattern can match anywhere at or below an e-node.

use super::pattern::Pattern;
use crate::ir::Op;

/// A set of kinds of operators, one bit each.
pub(super) type Kinds = u64;

/// The kind of an operator; names and numbers have none.
pub(super) fn kind(op: &Op) -> Kinds {
    let bit = match op {
        Op::Symbol(_) | Op::Number(_) => return 0,
        Op::Sum => 0,
        Op::Product => 1,
        // A Hadamard pattern also matches a single power of entries.
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

/// The kinds that must occur where the pattern matches.
pub(super) fn required(pattern: &Pattern) -> Kinds {
    match pattern {
        Pattern::Meta(_) | Pattern::Ground(_) => 0,
        Pattern::Leaf(op) => kind(op),
        Pattern::Apply(op, args) => args.iter().map(required).fold(kind(op), |all, kinds| all | kinds),
        Pattern::Sum(parts) => {
            parts.iter().map(|(_, part)| required(part)).fold(kind(&Op::Sum), |all, kinds| all | kinds)
        }
        Pattern::Hadamard(parts) => {
            parts.iter().map(|(part, _)| required(part)).fold(kind(&Op::Hadamard), |all, kinds| all | kinds)
        }
        Pattern::Product(product) => {
            // A product of scalars may be a single power.
            let own = if product.chain.is_empty() { 0 } else { kind(&Op::Product) };
            let scalars = product.scalars.iter().map(|(part, _)| part);
            scalars.chain(&product.chain).map(required).fold(own, |all, kinds| all | kinds)
        }
    }
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
