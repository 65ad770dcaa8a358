//! Which sets of operands a metavariable may stand for.

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

pub(super) fn subsets(free: &[usize], ways: Ways) -> Vec<Vec<usize>> {
    let Some(&first) = free.first() else { return Vec::new() };
    let (singles, many) = match ways {
        Ways::All => return vec![free.to_vec()],
        Ways::First => return vec![vec![first]],
        Ways::Each => (free, free.len() > 2),
        Ways::EachWithFirst => (&free[..1], free.len() > 2),
    };
    let mut sets: Vec<Vec<usize>> = singles.iter().map(|&at| vec![at]).collect();
    let left_out = if singles.len() == 1 { &free[1..] } else { free };
    if many {
        sets.extend(left_out.iter().map(|&out| free.iter().copied().filter(|&at| at != out).collect()));
    }
    sets
}
