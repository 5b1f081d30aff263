//! Says of each watched list where it applies, and what is logged of it.

use std::fmt::Debug;

use crate::domain::expected::Expectation;
use crate::domain::restore::TestsOfTenant;
use crate::domain::roster::{Entry, Presence, Rosters};
use crate::exposition::Exposed;
use crate::instrumentation::{Instrumentation, Reloads};

/// What a list says of one tenant that is watched while the exporter runs.
pub(super) trait Followed: Entry + Debug + Send + Sync + 'static {
    /// The results of the reloads.
    fn reloads(instrumentation: &Instrumentation) -> &Reloads;

    /// What is exported, with this list instead of the previous one.
    fn published(exposed: Exposed, list: Rosters<Self>) -> Exposed;

    /// What is logged of an entry with this presence; `None` if all is well.
    fn told_of(presence: Presence) -> Option<&'static str>;
}

impl Followed for Expectation {
    fn reloads(instrumentation: &Instrumentation) -> &Reloads {
        instrumentation.expected()
    }

    fn published(exposed: Exposed, list: Rosters<Self>) -> Exposed {
        exposed.with_expected(Some(list))
    }

    fn told_of(presence: Presence) -> Option<&'static str> {
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

    fn told_of(presence: Presence) -> Option<&'static str> {
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
