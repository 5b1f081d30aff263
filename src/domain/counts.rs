//! Counts the members of a closed set in an array.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

use strum::IntoEnumIterator;

/// One count per member of `E`, which has `N` members; zero by default.
///
/// The counts have type `C`: with `Option<u64>`, `None` is a member that the vendor does not distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts<E, const N: usize, C = u64> {
    counts: [C; N],
    set: PhantomData<E>,
}

impl<E: Into<usize>, const N: usize, C: Copy> Counts<E, N, C> {
    /// The count of this member.
    #[must_use]
    pub fn get(&self, member: E) -> C {
        self.counts[member.into()]
    }

    /// These counts with another one for this member.
    #[must_use]
    pub fn with(mut self, member: E, count: C) -> Self {
        self[member] = count;
        self
    }

    /// All members with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (E, C)>
    where
        E: IntoEnumIterator,
    {
        E::iter().zip(self.counts)
    }
}

impl<E, const N: usize, C: Copy + Default> Default for Counts<E, N, C> {
    fn default() -> Self {
        Self { counts: [C::default(); N], set: PhantomData }
    }
}

impl<E: Into<usize>, const N: usize, C> Index<E> for Counts<E, N, C> {
    type Output = C;

    fn index(&self, member: E) -> &C {
        &self.counts[member.into()]
    }
}

impl<E: Into<usize>, const N: usize, C> IndexMut<E> for Counts<E, N, C> {
    fn index_mut(&mut self, member: E) -> &mut C {
        &mut self.counts[member.into()]
    }
}

impl<E: Into<usize>, const N: usize, C: Copy + Default> FromIterator<(E, C)> for Counts<E, N, C> {
    fn from_iter<I: IntoIterator<Item = (E, C)>>(counts: I) -> Self {
        counts.into_iter().fold(Self::default(), |all, (member, count)| all.with(member, count))
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{ResourceCounts, ResourceState};

    #[test]
    fn each_member_has_its_own_count() {
        let mut counts: ResourceCounts = [(ResourceState::Late, 2), (ResourceState::Ok, 7)].into_iter().collect();
        counts[ResourceState::Late] += 1;
        let found: Vec<_> = counts.iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(found, [(ResourceState::Late, 3), (ResourceState::Ok, 7)]);
        assert_eq!(counts.with(ResourceState::Ok, 0).get(ResourceState::Ok), 0);
        assert_eq!(size_of::<ResourceCounts>(), 6 * size_of::<u64>(), "a fleet has many of these");
    }
}
