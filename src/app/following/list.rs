//! Defines for each watched list where it is published, and what is logged about its entries.

use crate::config::tenant_list;
use crate::domain::expected::{Expectation, List};
use crate::domain::restore::{RestoreTests, TestsOfTenant};
use crate::domain::roster::{Entry, Presence, Rosters};
use crate::domain::shard::Shard;
use crate::exposition::Exposed;
use crate::instrumentation::{Instrumentation, Reloads};

/// A list that is watched at runtime.
pub(super) trait Followed: tenant_list::List {
    /// What it says of one tenant.
    type Entry: Entry;

    /// The entries of all sources.
    fn rosters(&self) -> &Rosters<Self::Entry>;

    /// The list for one shard.
    #[must_use]
    fn for_shard(self, shard: Shard) -> Self;

    /// The results of the reloads.
    fn reloads(instrumentation: &Instrumentation) -> &Reloads;

    /// What is exported, with this list instead of the previous one.
    fn published(self, exposed: Exposed) -> Exposed;

    /// The problem to log for an entry with this presence; `None` if there is none.
    fn problem_of(presence: Presence) -> Option<&'static str>;
}

impl Followed for List {
    type Entry = Expectation;

    fn rosters(&self) -> &Rosters<Expectation> {
        self.tenants()
    }

    fn for_shard(self, shard: Shard) -> Self {
        self.for_shard(shard)
    }

    fn reloads(instrumentation: &Instrumentation) -> &Reloads {
        instrumentation.expected()
    }

    fn published(self, exposed: Exposed) -> Exposed {
        exposed.with_expected(Some(self))
    }

    fn problem_of(presence: Presence) -> Option<&'static str> {
        // That a tenant is missing is what the list is for.
        (presence == Presence::Ambiguous).then_some(
            "ambiguous entry ignored: several tenants share this name, or another line refers to the same tenant by \
             id; use the tenant's id",
        )
    }
}

impl Followed for RestoreTests {
    type Entry = TestsOfTenant;

    fn rosters(&self) -> &Rosters<TestsOfTenant> {
        self
    }

    fn for_shard(self, shard: Shard) -> Self {
        self.for_shard(shard)
    }

    fn reloads(instrumentation: &Instrumentation) -> &Reloads {
        instrumentation.restore_tests()
    }

    fn published(self, exposed: Exposed) -> Exposed {
        exposed.with_restore_tests(Some(self))
    }

    fn problem_of(presence: Presence) -> Option<&'static str> {
        match presence {
            Presence::Ambiguous => Some(
                "restore tests ignored: several tenants share this name, or other lines refer to the same tenant by \
                 id; use the tenant's id",
            ),
            Presence::Missing => Some("restore tests ignored: no such tenant at the vendor"),
            Presence::Present | Presence::Unknown => None,
        }
    }
}
