//! Counts the problems of a fleet, and says what an engineer does next about each.

use std::collections::BTreeMap;

use strum::IntoEnumIterator as _;

use super::tenant::TenantRow;
use crate::domain::{Outcome, WorkloadState};

/// Number of tenants with each problem; a tenant with several counts for each of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    /// States of workloads that need attention.
    pub states: BTreeMap<WorkloadState, usize>,
    /// How the last attempt at a part ended, if it failed; except the listing, which is shown with the source.
    pub outcomes: BTreeMap<Outcome, usize>,
}

impl Problems {
    pub(super) fn add(&mut self, row: &TenantRow<'_>) {
        let is_in = |state: &WorkloadState| row.workloads().any(|(_, own)| own == *state);
        for state in WorkloadState::iter().filter(|state| of_state(*state).is_some()).filter(is_in) {
            *self.states.entry(state).or_default() += 1;
        }
        for (index, (_, outcome)) in row.failed.iter().enumerate() {
            let is_first = row.failed[..index].iter().all(|(_, earlier)| earlier != outcome);
            *self.outcomes.entry(*outcome).or_default() += usize::from(is_first);
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.states.is_empty() && self.outcomes.is_empty()
    }
}

/// What to do about workloads in this state; `None` if nothing has to be done.
#[must_use]
pub(super) const fn of_state(state: WorkloadState) -> Option<&'static str> {
    match state {
        WorkloadState::Failing => Some(
            "Look up the error in the vendor's portal and fix its cause: most often access was revoked or a licence ended.",
        ),
        WorkloadState::Never => Some(
            "Check in the vendor's portal that the backup is enabled and has access. The first backup of something new can \
             take a day.",
        ),
        WorkloadState::Stopped => {
            Some("Nothing is backed up any more: activate it in the vendor's portal, unless the customer cancelled it.")
        }
        WorkloadState::Late => Some(
            "Check in the vendor's portal why the last backup is old, and reconnect the domain or start a backup. If the RPO \
             is shorter than the vendor's backup interval, change rpo.",
        ),
        WorkloadState::Unknown => Some(
            "After a start, wait for the first collection. Otherwise treat it as not backed up, and check it in the vendor's \
             portal; Details of the tenant show the last attempt.",
        ),
        WorkloadState::Ok | WorkloadState::Empty | WorkloadState::Paused | WorkloadState::NotLicensed => None,
    }
}

/// What to do about attempts that ended like this; `None` if nothing has to be done.
#[must_use]
pub(super) const fn of_outcome(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Success => None,
        Outcome::Unauthorized => Some("Run doctor: it shows which credential is rejected. Replace that one."),
        Outcome::Forbidden => Some(
            "Run doctor: it shows whether the vendor or a proxy rejects the request. Check the credentials' scope.",
        ),
        Outcome::NotFound => Some("Check base_url: it must be the address of the API of your region or brand."),
        Outcome::Throttled => Some(
            "Wait: the request rate is lowered automatically. If it persists, lower requests_per_second, or stop other \
             programs that use this account.",
        ),
        Outcome::Rejected | Outcome::TooLarge | Outcome::Decode | Outcome::Shape => Some(
            "Check base_url and proxies with doctor: a portal, a proxy or a maintenance page may respond instead of the API. \
             Otherwise the API changed: report it with a recording (record).",
        ),
        Outcome::ServerError => Some(
            "Check the vendor's status page, and wait: it is retried automatically. Datto always fails to list the seats of \
             larger customers: nothing to do.",
        ),
        Outcome::Timeout => Some(
            "Check the vendor's status page, and wait: it is retried automatically. If responses are always slow, raise \
             timeout.",
        ),
        Outcome::Dns => Some("Check the host in base_url, and this machine's resolver."),
        Outcome::Tls => {
            Some("Run doctor: it shows what is wrong with the certificate. For a CA of your own, set ca_file.")
        }
        Outcome::Connect => Some("Check host and port of base_url, the proxy, and firewalls in between."),
        Outcome::Interrupted => Some("Check proxies in between, and wait: it is retried automatically."),
        Outcome::Incomplete => Some("Wait: the last complete list stays in use. If it persists, contact the vendor."),
        Outcome::SuspiciousEmpty => {
            Some("Check in the vendor's portal that the credentials still have access: the list is implausibly empty.")
        }
        Outcome::NoToken => Some("Ask the vendor for an authentication token for the login of this organization."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_something_to_do_about_every_problem_and_nothing_about_what_is_healthy() {
        for outcome in Outcome::iter() {
            assert_eq!(of_outcome(outcome).is_some(), outcome != Outcome::Success, "{outcome:?}");
        }
        for state in WorkloadState::iter() {
            let needs_attention = state.severity() < WorkloadState::Ok.severity();
            assert_eq!(of_state(state).is_some(), needs_attention, "{state:?}");
        }
    }
}
