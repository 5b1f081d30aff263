//! Counts tenants by verdict.

use super::tenant::TenantRow;
use super::verdict::Verdict;

/// Number of tenants by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    by_verdict: [usize; Verdict::ALL.len()],
    /// Those that are fine but stale: the last attempt at some workload failed.
    pub fine_unconfirmed: usize,
}

impl Counts {
    /// The tenants of this verdict.
    #[must_use]
    pub const fn get(&self, verdict: Verdict) -> usize {
        self.by_verdict[verdict as usize]
    }

    /// All tenants.
    #[must_use]
    pub fn all(&self) -> usize {
        self.by_verdict.iter().sum()
    }

    pub(super) fn add(&mut self, row: &TenantRow<'_>) {
        self.by_verdict[row.verdict as usize] += 1;
        self.fine_unconfirmed += usize::from(row.verdict == Verdict::Fine && !row.is_confirmed);
    }

    pub(super) fn plus(mut self, other: &Self) -> Self {
        self.by_verdict.iter_mut().zip(other.by_verdict).for_each(|(own, other)| *own += other);
        self.fine_unconfirmed += other.fine_unconfirmed;
        self
    }
}
