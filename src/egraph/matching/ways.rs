//! Which sets of operands a metavariable may stand for.

use smallvec::{SmallVec, smallvec};

/// Which sets of operands a metavariable may stand for.
#[derive(Clone, Copy)]
pub(super) enum Ways {
    /// All that are left: it is the last one.
    All,
    /// The first operand: any one way is enough.
    First,
    /// Each operand by itself, and all but each.
    Each,
    /// Of these, those with the first operand: a metavariable that could change places with this one takes the rest.
    EachWithFirst,
}

/// Positions of operands.
pub(super) type Set = SmallVec<[usize; 6]>;

pub(super) fn subsets(free: &[usize], ways: Ways) -> SmallVec<[Set; 4]> {
    let Some(&first) = free.first() else { return SmallVec::new() };
    let (singles, many) = match ways {
        Ways::All => return smallvec![free.iter().copied().collect()],
        Ways::First => return smallvec![smallvec![first]],
        Ways::Each => (free, free.len() > 2),
        Ways::EachWithFirst => (&free[..1], free.len() > 2),
    };
    let mut sets: SmallVec<[Set; 4]> = singles.iter().map(|&at| smallvec![at]).collect();
    let left_out = if singles.len() == 1 { &free[1..] } else { free };
    if many {
        sets.extend(left_out.iter().map(|&out| free.iter().copied().filter(|&at| at != out).collect()));
    }
    sets
}
