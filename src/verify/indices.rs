//! Which values free indices take at a point.

use crate::eval::Rng;

/// Values for free indices that run up to `sizes`: all equal, all different as far as possible, and random ones.
/// Without free indices there is one empty choice.
pub(super) fn choices(sizes: &[usize], rng: &mut Rng) -> Vec<Vec<usize>> {
    let Some(&least) = sizes.iter().min() else { return vec![Vec::new()] };
    let equal = 1 + rng.below(least);
    let start = rng.below(least);
    let different = |i: usize, &size: &usize| 1 + (start + i) % size;
    vec![
        vec![equal; sizes.len()],
        sizes.iter().enumerate().map(|(i, size)| different(i, size)).collect(),
        sizes.iter().map(|&size| 1 + rng.below(size)).collect(),
    ]
}
