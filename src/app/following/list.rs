//! Defines for each watched list where it is published, and what is logged about its entries.

use std::fmt::Debug;

use crate::domain::expected::Expectation;
use crate::domain::restore::TestsOfTenant;
use crate::domain::roster::{Entry, Presence, Rosters};
use crate::exposition::Exposed;
use crate::instrumentation::{Instrumentation, Reloads};

/// An entry of a list that is watched at runtime.
pub(super) trait Followed: Entry + Debug + Send + Sync + 'static {
    /// The results of the reloads.
    fn reloads(instrumentation: &Instrumentation) -> &Reloads;

    /// What is exported, with this list instead of the previous one.
    fn published(exposed: Exposed, list: Rosters<Self>) -> Exposed;

    /// The problem to log for an entry with this presence; `None` if there is none.
    fn problem_of(presence: Presence) -> Option<&'static str>;
}

impl Followed for Expectation {
    fn reloads(instrumentation: &Instrumentation) -> &Reloads {
        instrumentation.expected()
    }

    fn published(exposed: Exposed, list: Rosters<Self>) -> Exposed {
        exposed.with_expected(Some(list))
    }

    fn problem_of(presence: Presence) -> Option<&'static str> {
        // That a tenant is missing is what the list is for.
        (presence == Presence::Ambiguous).then_some(
            "ambiguous entry ignored: several tenants share this name, or another line refers to the same tenant by \
             id; use the tenant's id",
        )
    }
}

impl Followed for TestsOfTenant {
    fn reloads(instrumentation: &Instrumentation) -> &Reloads {
        instrumentation.restore_tests()
    }

    fn published(exposed: Exposed, list: Rosters<Self>) -> Exposed {
        exposed.with_restore_tests(Some(list))
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
