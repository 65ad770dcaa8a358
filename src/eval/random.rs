//! A small deterministic generator (splitmix64): the same seed gives the same points on every machine.

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Rng(seed)
    }

    /// The stream of several numbers: different lists give independent streams.
    pub fn of(seeds: &[u64]) -> Self {
        Rng(hash(seeds))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `bound` (0 if `bound` is 0); the bias is below 2⁻⁵⁰ for the small bounds used here.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// The finaliser of splitmix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A random function of a list of numbers.
pub fn hash(numbers: &[u64]) -> u64 {
    numbers
        .iter()
        .fold(0x243f_6a88_85a3_08d3, |state, &n| mix(state.rotate_left(7) ^ mix(n.wrapping_add(0x9e37_79b9_7f4a_7c15))))
}
