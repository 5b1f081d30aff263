//! Holds what is known of one source, and the policy that decides what is kept, marked stale or dropped.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Attempt, Drift, Objectives, Outcome, Part, PartResult, SeatCounts, Tenant, TenantId, TenantState, Timestamp,
    Tracked, Workload,
};

/// The service behind a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provider {
    /// Dropsuite, sold as NinjaOne SaaS Backup.
    Dropsuite,
    /// Datto SaaS Protection, formerly Backupify.
    Datto,
}

impl Provider {
    /// The word used in the config file and as label value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dropsuite => "dropsuite",
            Self::Datto => "datto",
        }
    }
}

/// Tells sources apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceIdentity {
    /// The service.
    pub provider: Provider,
    /// The configured name.
    pub name: Arc<str>,
}

/// What the operator decided about a source's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Values older than this are withdrawn.
    pub stale_after: Duration,
    /// The workloads that are collected.
    pub workloads: Vec<Workload>,
    /// How old a backup may be.
    pub objectives: Objectives,
}

impl Policy {
    /// Whether a workload is collected; one that is not known is where every known one is.
    #[must_use]
    pub fn selects(&self, workload: Workload) -> bool {
        match workload {
            Workload::Other(_) => Workload::ALL.iter().all(|known| self.workloads.contains(known)),
            known => self.workloads.contains(&known),
        }
    }
}

/// A listing that was read to its announced end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The tenants selected by the config.
    pub tenants: Vec<Tenant>,
    /// How many tenants the config left out.
    pub excluded: u64,
}

/// Something that happened to a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An attempt at the listing ended.
    Listed(Result<Listing, Outcome>),
    /// An attempt at some parts of one tenant ended.
    Collected {
        /// Which tenant.
        tenant: TenantId,
        /// What was brought, part by part.
        parts: Vec<PartResult>,
    },
    /// Answers did not look as documented.
    Drifted(Vec<Drift>),
    /// Time passed.
    Elapsed,
}

/// How far the collection of a tenant has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TenantProgress {
    /// No attempt at any part has ended.
    Pending,
    /// The last attempt at every part worked.
    Collected,
    /// The last attempt at some part failed.
    Failing,
    /// Left out by the config.
    Excluded,
}

impl TenantProgress {
    /// Every stage.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Collected, Self::Failing, Self::Excluded];

    /// The word used as label value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Collected => "collected",
            Self::Failing => "failing",
            Self::Excluded => "excluded",
        }
    }
}

/// How many tenants are at each stage.
pub type TenantCounts = BTreeMap<TenantProgress, u64>;

/// All that is known of one source: the value that is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceState {
    /// Which source.
    pub identity: SourceIdentity,
    /// What the operator decided.
    pub policy: Arc<Policy>,
    /// The last complete listing, and the last attempt at one; the value is how many tenants the config left out.
    pub listing: Tracked<u64>,
    /// The tenants of the last complete listing.
    pub tenants: BTreeMap<TenantId, Arc<TenantState>>,
    /// How often answers did not look as documented.
    pub drift: BTreeMap<Drift, u64>,
    /// Tenants that a complete listing no longer had.
    pub tenants_removed: u64,
    /// Parts whose values were withdrawn as too old.
    pub withdrawn: u64,
}

impl SourceState {
    /// A source of which nothing is known yet.
    #[must_use]
    pub const fn new(identity: SourceIdentity, policy: Arc<Policy>) -> Self {
        Self {
            identity,
            policy,
            listing: Tracked { observed: None, attempt: None },
            tenants: BTreeMap::new(),
            drift: BTreeMap::new(),
            tenants_removed: 0,
            withdrawn: 0,
        }
    }

    /// What is known after `event`, which happened at `now`.
    ///
    /// - A complete listing decides who exists: a tenant missing from it goes,
    ///   series and all. A failed or incomplete listing changes nobody.
    /// - An empty listing where there were tenants is taken for a failure: a
    ///   wrong token can look like this, and a fleet does not vanish in one piece.
    /// - A part that failed keeps its values and their time; values older than
    ///   `stale_after` are withdrawn.
    #[must_use]
    pub fn advance(self, event: Event, now: Timestamp) -> Self {
        match event {
            Event::Listed(Ok(listing)) if listing.is_empty() && !self.tenants.is_empty() => {
                Self { listing: self.listing.advance(Err(Outcome::SuspiciousEmpty), now), ..self }
            }
            Event::Listed(Ok(listing)) => self.replace_tenants(listing, now),
            Event::Listed(Err(outcome)) => Self { listing: self.listing.advance(Err(outcome), now), ..self },
            Event::Collected { tenant, parts } => self.advance_tenant(&tenant, parts, now),
            Event::Drifted(drifts) => self.count_drift(drifts),
            Event::Elapsed => self.withdraw_stale(now),
        }
    }

    fn replace_tenants(mut self, listing: Listing, now: Timestamp) -> Self {
        let mut known = std::mem::take(&mut self.tenants);
        let tenants: BTreeMap<_, _> = listing
            .tenants
            .into_iter()
            .map(|tenant| {
                let before = known.remove(&tenant.id).map(Arc::unwrap_or_clone);
                (tenant.id.clone(), Arc::new(TenantState::listed(tenant, before, &self.policy)))
            })
            .collect();
        Self {
            listing: self.listing.advance(Ok(listing.excluded), now),
            tenants,
            tenants_removed: self.tenants_removed + known.len() as u64,
            ..self
        }
    }

    /// A tenant that was removed while it was being collected stays removed.
    fn advance_tenant(mut self, id: &TenantId, parts: Vec<PartResult>, now: Timestamp) -> Self {
        if let Some(tenant) = self.tenants.remove(id) {
            let tenant = parts
                .into_iter()
                .fold(Arc::unwrap_or_clone(tenant), |tenant, result| tenant.advance(result, &self.policy, now));
            self.tenants.insert(id.clone(), Arc::new(tenant));
        }
        self
    }

    fn count_drift(mut self, drifts: Vec<Drift>) -> Self {
        for drift in drifts {
            *self.drift.entry(drift).or_default() += 1;
        }
        self
    }

    fn withdraw_stale(mut self, now: Timestamp) -> Self {
        let stale_after = self.policy.stale_after;
        let mut withdrawn = 0;
        for tenant in self.tenants.values_mut().filter(|tenant| tenant.is_stale(now, stale_after)) {
            let (fresh, count) = TenantState::clone(tenant).withdraw(now, stale_after);
            *tenant = Arc::new(fresh);
            withdrawn += count;
        }
        let (listing, was_stale) = self.listing.withdraw(now, stale_after);
        Self { listing, withdrawn: self.withdrawn + withdrawn + u64::from(was_stale), ..self }
    }

    /// What the listing says of a tenant; `None` once the listing is too old to say anything.
    #[must_use]
    pub fn listed<'a>(&self, tenant: &'a TenantState) -> Option<&'a Tenant> {
        self.listing.value().map(|_| &tenant.tenant)
    }

    /// A tenant's seat counters: of the listing and the seats part the newer, filled up from the other.
    #[must_use]
    pub fn seats(&self, tenant: &TenantState) -> SeatCounts {
        let listed = self.listed(tenant).map(|listed| listed.seats).unwrap_or_default();
        let collected = tenant.seats.value().map(|report| report.counts).unwrap_or_default();
        if self.listing.observed_at() > tenant.seats.observed_at() {
            listed.or(collected)
        } else {
            collected.or(listed)
        }
    }

    /// When the value now shown for a part of a tenant was obtained; `None` while there is none.
    #[must_use]
    pub fn observed_at(&self, tenant: &TenantState, part: Part) -> Option<Timestamp> {
        match part {
            Part::Listing => self.listing.observed_at(),
            Part::Seats => tenant.seats.observed_at(),
            Part::Coverage => tenant.coverage.observed_at(),
            Part::Lifecycle => tenant.lifecycle.observed_at(),
            Part::Workload(workload) => tenant.workloads.get(&workload)?.observed_at(),
        }
    }

    /// The last attempt at a part of a tenant; `None` before the first.
    #[must_use]
    pub fn last_attempt(&self, tenant: &TenantState, part: Part) -> Option<Attempt> {
        match part {
            Part::Listing => self.listing.attempt,
            Part::Seats => tenant.seats.attempt,
            Part::Coverage => tenant.coverage.attempt,
            Part::Lifecycle => tenant.lifecycle.attempt,
            Part::Workload(workload) => tenant.workloads.get(&workload)?.attempt,
        }
    }

    /// How many tenants are at each stage of collection; nothing while nobody knows who they are.
    #[must_use]
    pub fn progress(&self) -> TenantCounts {
        if self.tenants.is_empty() && self.listing.value().is_none() {
            return TenantCounts::new();
        }
        let stages = [TenantProgress::Pending, TenantProgress::Collected, TenantProgress::Failing];
        let mut counts: TenantCounts = stages.into_iter().map(|stage| (stage, 0)).collect();
        for tenant in self.tenants.values() {
            let outcomes: Vec<_> = tenant
                .parts()
                .filter(|part| *part != Part::Listing)
                .filter_map(|part| self.last_attempt(tenant, part))
                .map(|attempt| attempt.outcome)
                .collect();
            let stage = if outcomes.is_empty() {
                TenantProgress::Pending
            } else if outcomes.iter().all(|outcome| *outcome == Outcome::Success) {
                TenantProgress::Collected
            } else {
                TenantProgress::Failing
            };
            *counts.entry(stage).or_default() += 1;
        }
        counts.extend(self.listing.value().map(|excluded| (TenantProgress::Excluded, *excluded)));
        counts
    }
}

impl Listing {
    fn is_empty(&self) -> bool {
        self.tenants.is_empty() && self.excluded == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        DattoServices, LastBackup, Measures, Resource, SeatReport, Tally, TenantStatus, WorkloadReport, WorkloadState,
        WorkloadSummary, Workloads,
    };

    const HOUR: Duration = Duration::from_secs(3600);

    fn hour(hours: i64) -> Timestamp {
        Timestamp::from_millis(hours * 3_600_000)
    }

    fn source() -> SourceState {
        let policy = Policy {
            stale_after: 24 * HOUR,
            workloads: vec![Workload::Mail, Workload::Onedrive],
            objectives: Objectives::default(),
        };
        let identity = SourceIdentity { provider: Provider::Dropsuite, name: "dropsuite-us".into() };
        SourceState::new(identity, Arc::new(policy))
    }

    fn tenant(id: &str) -> Tenant {
        Tenant {
            id: id.into(),
            name: Some(format!("Tenant {id}")),
            organization_id: None,
            plan: None,
            product: None,
            status: Some(TenantStatus::Active),
            seats: SeatCounts { used: Some(3), ..SeatCounts::default() },
            services: DattoServices::default(),
            parts: &[Part::Seats, Part::Workload(Workload::Mail), Part::Workload(Workload::Onedrive)],
        }
    }

    fn listed(ids: &[&str]) -> Event {
        let tenants = ids.iter().map(|id| tenant(id)).collect();
        Event::Listed(Ok(Listing { tenants, excluded: 0 }))
    }

    fn healthy(now: Timestamp) -> WorkloadSummary {
        let mut tally = Tally::new(Measures { items: true, storage: true }, 24 * HOUR, now);
        let last_backup = LastBackup::At(now);
        tally.add(&Resource { active: Some(true), failing: Some(false), last_backup, ..Resource::UNREADABLE });
        tally.finish()
    }

    fn mail(id: &str, result: Result<WorkloadReport, Outcome>) -> Event {
        Event::Collected { tenant: id.into(), parts: vec![PartResult::Workload(Workload::Mail, result)] }
    }

    fn mail_ok(id: &str, now: Timestamp) -> Event {
        mail(id, Ok(WorkloadReport::Licensed(healthy(now))))
    }

    fn ids(source: &SourceState) -> Vec<&str> {
        source.tenants.keys().map(TenantId::as_str).collect()
    }

    fn mail_state(source: &SourceState, id: &str) -> Option<WorkloadState> {
        source.tenants[&TenantId::from(id)].workload_state(Workload::Mail)
    }

    #[test]
    fn only_a_complete_listing_removes_a_tenant() {
        let source = source().advance(listed(&["1", "2"]), hour(0));
        for outcome in Outcome::ALL.into_iter().filter(|outcome| *outcome != Outcome::Success) {
            let after = source.clone().advance(Event::Listed(Err(outcome)), hour(1));
            assert_eq!((ids(&after), after.tenants_removed), (vec!["1", "2"], 0), "{outcome:?}");
            assert_eq!(after.listing.succeeded(), Some(false));
        }
        let after = source.advance(listed(&["2", "3"]), hour(1));
        assert_eq!((ids(&after), after.tenants_removed), (vec!["2", "3"], 1));
    }

    #[test]
    fn a_fleet_does_not_vanish_in_one_piece() {
        let source = source().advance(listed(&["1"]), hour(0)).advance(listed(&[]), hour(1));
        assert_eq!(ids(&source), ["1"]);
        assert_eq!(source.listing.attempt.map(|attempt| attempt.outcome), Some(Outcome::SuspiciousEmpty));
    }

    #[test]
    fn a_new_source_may_have_no_tenants() {
        let source = source().advance(listed(&[]), hour(0));
        assert_eq!(source.listing.succeeded(), Some(true));
    }

    #[test]
    fn a_tenant_that_config_excludes_now_is_removed() {
        let excluded = Event::Listed(Ok(Listing { tenants: vec![], excluded: 1 }));
        let source = source().advance(listed(&["1"]), hour(0)).advance(excluded, hour(1));
        assert!(source.tenants.is_empty());
        assert_eq!(source.progress().get(&TenantProgress::Excluded), Some(&1));
    }

    #[test]
    fn what_was_never_seen_is_unknown() {
        let source = source().advance(listed(&["1"]), hour(0));
        assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Unknown));
        let source = source.advance(mail("1", Err(Outcome::Timeout)), hour(1));
        assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Unknown));
    }

    #[test]
    fn a_failure_keeps_the_values_until_they_are_stale_and_success_brings_them_back() {
        let source = source().advance(listed(&["1"]), hour(0)).advance(mail_ok("1", hour(0)), hour(0));
        let source = source.advance(mail("1", Err(Outcome::ServerError)), hour(24)).advance(Event::Elapsed, hour(24));
        assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Ok));
        let part = Part::Workload(Workload::Mail);
        let tenant = &source.tenants[&TenantId::from("1")];
        assert_eq!(source.observed_at(tenant, part), Some(hour(0)));
        assert_eq!(source.last_attempt(tenant, part).map(|attempt| attempt.outcome), Some(Outcome::ServerError));

        let source = source.advance(Event::Elapsed, hour(25));
        assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Unknown));
        assert_eq!(source.withdrawn, 2, "the mail workload and the listing");
        assert_eq!(source.observed_at(&source.tenants[&TenantId::from("1")], part), None);

        let source = source.advance(mail_ok("1", hour(26)), hour(26));
        assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Ok));
    }

    #[test]
    fn one_tenants_failure_touches_nobody_else() {
        let source = source()
            .advance(listed(&["1", "2"]), hour(0))
            .advance(mail_ok("1", hour(0)), hour(0))
            .advance(mail_ok("2", hour(0)), hour(0));
        let before = Arc::clone(&source.tenants[&TenantId::from("2")]);
        let source = source.advance(mail("1", Err(Outcome::Decode)), hour(1));
        assert!(Arc::ptr_eq(&before, &source.tenants[&TenantId::from("2")]));
    }

    #[test]
    fn a_listing_keeps_what_is_known_of_a_tenants_parts() {
        let source = source()
            .advance(listed(&["1"]), hour(0))
            .advance(mail_ok("1", hour(0)), hour(0))
            .advance(listed(&["1", "2"]), hour(1));
        assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Ok));
        assert_eq!(mail_state(&source, "2"), Some(WorkloadState::Unknown));
    }

    #[test]
    fn a_tenant_removed_while_it_was_collected_stays_removed() {
        let source = source().advance(listed(&["1", "2"]), hour(0)).advance(listed(&["2"]), hour(1));
        assert_eq!(ids(&source.advance(mail_ok("1", hour(1)), hour(1))), ["2"]);
    }

    #[test]
    fn a_suspended_tenant_is_paused_in_what_it_has_licensed() {
        let suspended = Tenant { status: Some(TenantStatus::Suspended), ..tenant("1") };
        let source = source()
            .advance(Event::Listed(Ok(Listing { tenants: vec![suspended], excluded: 0 })), hour(0))
            .advance(mail_ok("1", hour(0)), hour(0));
        assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Paused));
        let source = source.advance(mail("1", Ok(WorkloadReport::NotLicensed)), hour(0));
        assert_eq!(mail_state(&source, "1"), Some(WorkloadState::NotLicensed));
        let source = source.advance(Event::Elapsed, hour(25));
        assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Unknown), "what we do not know is not paused");
    }

    #[test]
    fn seats_come_from_the_newer_of_listing_and_seats_part() {
        let seats = |used| Event::Collected {
            tenant: "1".into(),
            parts: vec![PartResult::Seats(Ok(SeatReport {
                counts: SeatCounts { used: Some(used), active: Some(2), ..SeatCounts::default() },
                by_type: None,
            }))],
        };
        let used = |source: &SourceState| source.seats(&source.tenants[&TenantId::from("1")]);
        let source = source().advance(listed(&["1"]), hour(0));
        assert_eq!(used(&source).used, Some(3));
        let source = source.advance(seats(4), hour(1));
        assert_eq!((used(&source).used, used(&source).active), (Some(4), Some(2)));
        let source = source.advance(listed(&["1"]), hour(2));
        assert_eq!((used(&source).used, used(&source).active), (Some(3), Some(2)));
        let source = source.advance(Event::Elapsed, hour(100));
        assert_eq!(used(&source), SeatCounts::default(), "what is too old is not shown");
    }

    #[test]
    fn a_report_of_all_workloads_says_which_there_are() {
        let all = |workloads: &[Workload]| Event::Collected {
            tenant: "1".into(),
            parts: vec![PartResult::Workloads(Ok(Workloads {
                reports: workloads
                    .iter()
                    .map(|workload| (*workload, WorkloadReport::Licensed(healthy(hour(0)))))
                    .collect(),
                customer_storage_bytes: None,
            }))],
        };
        let known =
            |source: &SourceState| source.tenants[&TenantId::from("1")].workloads.keys().copied().collect::<Vec<_>>();
        let source = source().advance(listed(&["1"]), hour(0));
        assert_eq!(known(&source), [Workload::Mail, Workload::Onedrive], "expected, and unknown so far");
        let source = source.advance(all(&[Workload::Mail, Workload::Teams, Workload::Other("planner")]), hour(0));
        assert_eq!(known(&source), [Workload::Mail], "what is not configured is left out");
        let failed = Event::Collected { tenant: "1".into(), parts: vec![PartResult::Workloads(Err(Outcome::Timeout))] };
        let source = source.advance(failed, hour(1)).advance(listed(&["1"]), hour(2));
        assert_eq!(mail_state(&source, "1"), Some(WorkloadState::Ok), "a failure keeps what was reported");
        let part = Part::Workload(Workload::Mail);
        let attempt = source.last_attempt(&source.tenants[&TenantId::from("1")], part);
        assert_eq!(attempt.map(|attempt| attempt.outcome), Some(Outcome::Timeout));
    }

    #[test]
    fn unknown_applications_are_collected_where_every_known_one_is() {
        let policy = |workloads: &[Workload]| Policy {
            stale_after: HOUR,
            workloads: workloads.to_vec(),
            objectives: Objectives::default(),
        };
        assert!(policy(&Workload::ALL).selects(Workload::Other("planner")));
        assert!(!policy(&[Workload::Mail]).selects(Workload::Other("planner")));
    }
}
