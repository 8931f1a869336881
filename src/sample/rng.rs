//! Chance: `SplitMix64`, one independent stream for each case.
//!
//! The generator and its constants are those of Sebastiano Vigna's public-domain reference
//! `splitmix64.c` (<https://prng.di.unimi.it/splitmix64.c>), after Steele, Lea and Flood, "Fast splittable
//! pseudorandom number generators", OOPSLA 2014. It is small, quick to start and good enough for
//! sample data; it is no cryptography.

/// The golden ratio's fraction in 64 bits, the step of the sequence.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of pseudorandom numbers.
#[derive(Clone, Debug)]
pub(super) struct Rng(u64);

impl Rng {
    /// The stream of one case: the same for the same seed and index, unlike that of the neighbours.
    pub(super) const fn of(seed: u64, index: u64) -> Self {
        // Mixed twice: indices in sequence must not give shifted copies of one sequence.
        Self(mix(mix(seed.wrapping_add(STEP)) ^ index.wrapping_mul(STEP)))
    }

    /// The next 64 bits.
    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A whole number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high - low).unwrap_or(0) + 1;
        // The high half of the product, after Lemire: no division, and a bias too small to see.
        let share = (u128::from(self.next()) * u128::from(width)) >> 64;
        low + i64::try_from(share).unwrap_or(0)
    }

    /// True in so many of a hundred draws.
    pub(super) fn chance(&mut self, percent: i64) -> bool {
        self.between(0, 99) < percent
    }

    /// One of several values; the type's default where there is none.
    pub(super) fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        self.choose(from).unwrap_or_default()
    }

    /// One of several values; nothing where there is none.
    pub(super) fn choose<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        let last = i64::try_from(from.len()).unwrap_or(0) - 1;
        from.get(usize::try_from(self.between(0, last.max(0))).unwrap_or(0)).copied()
    }
}

const fn mix(state: u64) -> u64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::{Rng, STEP, mix};

    #[test]
    fn reference_values() {
        // The first outputs of splitmix64.c for the state 0.
        assert_eq!(mix(STEP), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mix(STEP.wrapping_mul(2)), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn stays_inside_and_reaches_both_ends() {
        let mut rng = Rng::of(1, 2);
        let drawn: Vec<i64> = (0..1000).map(|_| rng.between(-3, 3)).collect();
        assert_eq!(drawn.iter().min(), Some(&-3));
        assert_eq!(drawn.iter().max(), Some(&3));
        assert_eq!(rng.pick::<i64>(&[]), 0);
    }
}
