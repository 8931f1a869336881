//! Which event types a case has.

/// A set of event types: a bit for each of the first 255, one for all others, so that a clause without a trigger in a case is passed over at
/// once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Present([u64; 4]);

impl Present {
    /// From this type on, types share a bit.
    pub const SHARED: u16 = 255;

    /// The set of some types.
    #[must_use]
    pub fn of(kinds: impl IntoIterator<Item = u16>) -> Self {
        let mut set = Self::default();
        kinds.into_iter().for_each(|kind| set.add(kind));
        set
    }

    /// Adds a type.
    pub fn add(&mut self, kind: u16) {
        let bit = usize::from(kind.min(Self::SHARED));
        if let Some(word) = self.0.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    /// Whether a type is in it; or, from [`Self::SHARED`] on, one of those.
    #[must_use]
    pub fn has(&self, kind: u16) -> bool {
        let bit = usize::from(kind.min(Self::SHARED));
        self.0.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    /// Whether both have a type in common.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}
