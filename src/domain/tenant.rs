//! Describes a tenant: its data in the listing, and the state of its parts.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

use super::{
    AccountState, Compact, Coverage, DattoServices, Domains, Lifecycle, Outcome, Part, PartResult, Policy, Rpo,
    SeatCounts, SeatReport, Timestamp, Tracked, Workload, WorkloadReport, WorkloadState, Workloads,
};

/// The vendor's stable id of a tenant, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(Arc<str>);

impl TenantId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for TenantId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The vendor's service status of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum TenantStatus {
    /// In service.
    Active,
    /// Its logins are disabled; backups and billing continue (Dropsuite's help, "Suspend or unsubscribe").
    Suspended,
    /// Its backups have stopped (Dropsuite: unsubscribed; its data is deleted after 45 days).
    Deactivated,
}

impl TenantStatus {
    /// Whether the vendor backs up tenants with this status.
    #[must_use]
    pub const fn is_backed_up(self) -> bool {
        match self {
            Self::Active | Self::Suspended => true,
            Self::Deactivated => false,
        }
    }
}

/// A tenant as listed; `None`, the default, if the vendor does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tenant {
    /// The vendor's stable id.
    pub id: TenantId,
    /// The display name.
    pub name: Option<String>,
    /// The organization's other id, if the vendor has two.
    pub organization_id: Option<String>,
    /// The plan, in the vendor's term.
    pub plan: Option<String>,
    /// The product, in the vendor's term.
    pub product: Option<String>,
    /// The service status.
    pub status: Option<TenantStatus>,
    /// Whether the tenant's logins are disabled; backups continue.
    pub login_disabled: Option<bool>,
    /// The seat counters in the listing.
    pub seats: SeatCounts,
    /// What Datto's listing reports about its services.
    pub services: DattoServices,
    /// The parts that can be collected, including workloads that the vendor may turn out not to report.
    pub parts: &'static [Part],
}

impl Tenant {
    /// The name, or the id if there is none.
    #[must_use]
    pub fn name_or_id(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id.as_str())
    }

    /// Whether this and another tenant of the same id are known to be different organizations.
    #[must_use]
    pub fn is_of_another_organization(&self, other: &Self) -> bool {
        let both = self.organization_id.as_ref().zip(other.organization_id.as_ref());
        both.is_some_and(|(one, other)| one != other)
    }
}

/// The state of one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantState {
    /// The tenant as last listed; shared with the poller.
    pub tenant: Arc<Tenant>,
    /// When it was first listed.
    pub since: Timestamp,
    /// The maximum age of its backups.
    pub rpo: Rpo,
    /// The licence counters.
    pub seats: Tracked<SeatReport>,
    /// The connected domains.
    pub domains: Tracked<Domains>,
    /// The number of connected domains when last known, even if they expired since: a tenant that is dropped for its domains
    /// is not collected any more, and must not return for that.
    pub domain_count: Option<u64>,
    /// The protectable accounts.
    pub coverage: Tracked<Coverage>,
    /// The slowly changing facts.
    pub lifecycle: Tracked<Lifecycle>,
    /// The configured workloads: those that can be collected, or that were reported.
    pub workloads: Compact<Workload, Tracked<WorkloadReport>>,
    /// Billed bytes of the tenant, if the vendor reports them apart from its workloads.
    pub customer_storage_bytes: Tracked<u64>,
    /// When the vendor last reported all workloads at once, completely.
    ///
    /// `None` if the newest report was incomplete, if the vendor reports each workload separately, and before the first
    /// report since the start.
    pub all_reported_at: Option<Timestamp>,
}

impl TenantState {
    /// Creates a tenant from the first listing that contains it, which ended at `now`.
    #[must_use]
    pub fn listed(tenant: Arc<Tenant>, policy: &Policy, now: Timestamp) -> Self {
        let rpo = policy.objectives.of_tenant(tenant.id.as_str(), tenant.name_or_id());
        let workload = |part: &Part| match part {
            Part::Workload(workload) if policy.selects(*workload) => Some((*workload, Tracked::default())),
            _ => None,
        };
        Self {
            workloads: tenant.parts.iter().filter_map(workload).collect(),
            tenant,
            since: now,
            rpo,
            seats: Tracked::default(),
            domains: Tracked::default(),
            domain_count: None,
            coverage: Tracked::default(),
            lifecycle: Tracked::default(),
            customer_storage_bytes: Tracked::default(),
            all_reported_at: None,
        }
    }

    /// Updates the tenant from a listing that ended at `now`; the data of its parts is kept.
    ///
    /// Another organization with the same id is another customer, whose data is unknown.
    #[must_use]
    pub fn relisted(self: Arc<Self>, mut tenant: Arc<Tenant>, policy: &Policy, now: Timestamp) -> Arc<Self> {
        if self.tenant.is_of_another_organization(&tenant) {
            return Arc::new(Self::listed(tenant, policy, now));
        }
        // The owner of the values stays known, even if a listing omits it.
        if let (Some(known), None) = (&self.tenant.organization_id, &tenant.organization_id) {
            Arc::make_mut(&mut tenant).organization_id = Some(known.clone());
        }
        let rpo = policy.objectives.of_tenant(tenant.id.as_str(), tenant.name_or_id());
        if self.tenant == tenant && self.rpo == rpo {
            // True of nearly all tenants: copying what readers still hold would double the memory at each listing.
            return self;
        }
        Arc::new(Self { tenant, rpo, ..Arc::unwrap_or_clone(self) })
    }

    /// The state after an attempt at one part that ended at `at`.
    #[must_use]
    pub fn advance(mut self, result: PartResult, policy: &Policy, at: Timestamp) -> Self {
        match result {
            PartResult::Seats(result) => self.seats = self.seats.advance(result, at),
            PartResult::Domains(result) => {
                let result = not_all_at_once(result, &self.domains, |domains| domains.is_empty());
                self.domains = self.domains.advance(result, at);
                self.count_domains();
            }
            PartResult::PartialDomains(domains, outcome) => {
                let domains = domains.keeping(self.domains.observed.as_ref());
                self.domains = self.domains.advance_partly(domains, outcome, at, |_, _| true);
                self.count_domains();
            }
            PartResult::Coverage(result) => {
                let result = not_all_at_once(result, &self.coverage, Coverage::is_empty);
                self.coverage = self.coverage.advance(result, at);
            }
            PartResult::PartialCoverage(coverage, outcome) => {
                self.coverage = self.coverage.advance_partly(coverage, outcome, at, |_, _| false);
            }
            PartResult::Lifecycle(result) => self.lifecycle = self.lifecycle.advance(result, at),
            PartResult::PartialLifecycle(facts, missing, outcome) => {
                let facts = facts.keeping(&missing, self.lifecycle.observed.as_ref());
                self.lifecycle = self.lifecycle.advance_partly(facts, outcome, at, |_, _| true);
            }
            PartResult::PartialWorkload(workload, report, outcome) => {
                if let Some(known) = self.workloads.get_mut(&workload) {
                    *known = std::mem::take(known).advance_partly(report, outcome, at, is_worse_fault);
                }
            }
            // Which rejections are conclusive was decided before; see `PartResult::decided`.
            PartResult::Refused(workload, _) => {
                self = self.advance(PartResult::Workload(workload, Ok(WorkloadReport::NotLicensed)), policy, at);
            }
            PartResult::Workload(workload, result) => {
                if let Some(known) = self.workloads.get_mut(&workload) {
                    *known = std::mem::take(known).advance(result, at);
                }
            }
            PartResult::Workloads(Ok(all)) => self = self.replace_workloads(all, policy, at),
            PartResult::Workloads(Err(outcome)) => {
                for known in self.workloads.values_mut() {
                    *known = std::mem::take(known).advance(Err(outcome), at);
                }
                self.customer_storage_bytes = self.customer_storage_bytes.advance(Err(outcome), at);
            }
        }
        self
    }

    fn count_domains(&mut self) {
        let count = self.domains.value().map(|domains| domains.iter().len() as u64);
        self.domain_count = count.or(self.domain_count);
    }

    /// A complete report defines the workloads: one that is neither reported nor known has no series.
    ///
    /// A known one stays as after a failure, until its values expire: a workload with backups does not vanish from one
    /// report to the next. One that is missing from an incomplete report may be among the unreadable records, and is
    /// kept unchanged.
    fn replace_workloads(mut self, all: Workloads, policy: &Policy, at: Timestamp) -> Self {
        let mut known: BTreeMap<_, _> = self.workloads.into_iter().collect();
        let mut workloads: BTreeMap<_, _> = all
            .reports
            .into_iter()
            .filter(|(workload, _)| policy.selects(*workload))
            .map(|(workload, report)| (workload, known.remove(&workload).unwrap_or_default().advance(Ok(report), at)))
            .collect();
        let holds_some =
            |report: &WorkloadReport| !matches!(report.state(), WorkloadState::Empty | WorkloadState::NotLicensed);
        let is_missed = |known: &Tracked<WorkloadReport>| !all.is_complete || known.value().is_some_and(holds_some);
        let missed = known.into_iter().filter(|(_, known)| is_missed(known));
        workloads.extend(missed.map(|(workload, known)| (workload, known.advance(Err(Outcome::Incomplete), at))));
        self.workloads = workloads.into_iter().collect();
        self.all_reported_at = all.is_complete.then_some(at);
        self.customer_storage_bytes = match all.customer_storage_bytes {
            Some(bytes) => self.customer_storage_bytes.advance(Ok(bytes), at),
            None => Tracked::default(),
        };
        self
    }

    /// Whether any part's value has expired at `now`.
    #[must_use]
    pub fn is_stale(&self, now: Timestamp, stale_after: Duration) -> bool {
        let is_too_old = |at: Timestamp| now.since(at) > stale_after;
        self.seats.is_stale(now, stale_after)
            || self.domains.observed.as_ref().is_some_and(|domains| is_too_old(domains.value.oldest(domains.at)))
            || self.coverage.is_stale(now, stale_after)
            || self.lifecycle.observed.as_ref().is_some_and(|facts| is_too_old(facts.value.oldest(facts.at)))
            || self.customer_storage_bytes.is_stale(now, stale_after)
            || self.workloads.values().any(|report| report.is_stale(now, stale_after))
            || self.all_reported_at.is_some_and(is_too_old)
    }

    /// Drops expired values at `now`; also returns their number.
    #[must_use]
    pub fn expire(self, now: Timestamp, stale_after: Duration) -> (Self, u64) {
        let mut expired = 0;
        let mut count = |was_stale: bool| expired += u64::from(was_stale);
        let (seats, stale) = self.seats.expire(now, stale_after);
        count(stale);
        let (domains, stale) = self.domains.expire(now, stale_after);
        count(stale);
        let domains = domains.map(|domains| domains.expire(now, stale_after));
        let (coverage, stale) = self.coverage.expire(now, stale_after);
        count(stale);
        let (lifecycle, stale) = self.lifecycle.expire(now, stale_after);
        count(stale);
        let lifecycle = lifecycle.map(|facts| facts.expire(now, stale_after));
        // This is reported together with the workloads, and expires with them.
        let (customer_storage_bytes, _) = self.customer_storage_bytes.expire(now, stale_after);
        let workloads = self
            .workloads
            .into_iter()
            .map(|(workload, report)| {
                let (report, stale) = report.expire(now, stale_after);
                count(stale);
                (workload, report)
            })
            .collect();
        let all_reported_at = self.all_reported_at.filter(|at| now.since(*at) <= stale_after);
        let tenant =
            Self { seats, domains, coverage, lifecycle, customer_storage_bytes, workloads, all_reported_at, ..self };
        (tenant, expired)
    }

    /// The state after the clock was set back by `step`.
    #[must_use]
    pub fn set_back(self, step: Duration) -> Self {
        // Field by field, so that the compiler points out new ones.
        Self {
            tenant: self.tenant,
            rpo: self.rpo,
            since: self.since.before(step),
            seats: self.seats.set_back(step),
            domains: self.domains.set_back(step).map(|domains| domains.set_back(step)),
            domain_count: self.domain_count,
            coverage: self.coverage.set_back(step),
            lifecycle: self.lifecycle.set_back(step).map(|facts| facts.set_back(step)),
            customer_storage_bytes: self.customer_storage_bytes.set_back(step),
            workloads: self.workloads.into_iter().map(|(workload, report)| (workload, report.set_back(step))).collect(),
            all_reported_at: self.all_reported_at.map(|at| at.before(step)),
        }
    }

    /// The display name: the listing's, else the first connected domain, else the id.
    #[must_use]
    pub fn display_name(&self) -> &str {
        let domain = || self.domains.value()?.keys().next().map(|key| key.domain.as_str());
        self.tenant.name.as_deref().or_else(domain).unwrap_or(self.tenant.id.as_str())
    }

    /// The state of one configured workload; `None` if it is not collected.
    ///
    /// If the vendor no longer backs up the tenant, all licensed workloads are paused.
    #[must_use]
    pub fn workload_state(&self, workload: Workload) -> Option<WorkloadState> {
        let report = self.workloads.get(&workload)?.value();
        let is_backed_up = self.tenant.status.is_none_or(TenantStatus::is_backed_up);
        Some(match report.map_or(WorkloadState::Unknown, WorkloadReport::state) {
            state @ (WorkloadState::Unknown | WorkloadState::NotLicensed) => state,
            _ if !is_backed_up => WorkloadState::Paused,
            state => state,
        })
    }

    /// Whether a workload is backed up at all, however well; `None` if unknown or not collected.
    ///
    /// A workload that is missing from a complete report is not backed up, unless the vendor counts it as part of
    /// another one.
    #[must_use]
    pub fn is_protected(&self, workload: Workload, policy: &Policy) -> Option<bool> {
        match self.workload_state(workload) {
            Some(WorkloadState::Unknown) => None,
            Some(
                WorkloadState::NotLicensed | WorkloadState::Paused | WorkloadState::Empty | WorkloadState::Stopped,
            ) => Some(false),
            Some(WorkloadState::Never | WorkloadState::Failing | WorkloadState::Late | WorkloadState::Ok) => Some(true),
            None => {
                let is_reported = policy.selects(workload) && self.tenant.parts.contains(&Part::Workload(workload));
                (is_reported && self.all_reported_at.is_some()).then_some(false)
            }
        }
    }

    /// The same tenant with new settings: workloads that are no longer collected are dropped, and new ones are unknown. One
    /// with another objective counts as never attempted under it.
    #[must_use]
    pub fn under(self, before: &Policy, after: &Policy) -> Self {
        let fresh = Self::listed(Arc::clone(&self.tenant), after, self.since);
        let added = fresh.workloads.into_iter().filter(|(workload, _)| !before.selects(*workload));
        let kept =
            self.workloads.into_iter().filter(|(workload, _)| after.selects(*workload)).map(|(workload, known)| {
                let is_judged_alike = self.rpo.of(workload) == fresh.rpo.of(workload);
                (workload, if is_judged_alike { known } else { Tracked { attempt: None, ..known } })
            });
        let workloads = added.chain(kept).collect();
        Self { rpo: fresh.rpo, workloads, ..self }
    }

    /// The number of accounts in this state: as covered, or else as counted from the listed seats; `None` if the vendor
    /// reports neither.
    #[must_use]
    pub fn accounts(&self, state: AccountState) -> Option<u64> {
        let covered = self.coverage.value().and_then(|coverage| coverage.accounts.get(state));
        covered.or_else(|| self.seats.value()?.accounts(state))
    }

    /// Whether the listing contains every licence counter, so that the seats are not collected separately.
    #[must_use]
    pub fn seats_are_listed(&self) -> bool {
        self.tenant.seats.has_every_counter()
    }

    /// The parts that may have data.
    pub fn parts(&self) -> impl Iterator<Item = Part> + '_ {
        let others = self.tenant.parts.iter().copied().filter(|part| !matches!(part, Part::Workload(_)));
        let workloads = self.workloads.keys().map(|workload| Part::Workload(*workload));
        std::iter::once(Part::Listing).chain(others).chain(workloads)
    }
}

/// Treats an empty list after a non-empty one as a failure, until the known values expire.
///
/// The wrong credentials look like that, and a tenant's domains and accounts do not vanish all at once.
fn not_all_at_once<T>(
    result: Result<T, Outcome>,
    known: &Tracked<T>,
    is_empty: impl Fn(&T) -> bool,
) -> Result<T, Outcome> {
    match result {
        Ok(value) if is_empty(&value) && known.value().is_some_and(|known| !is_empty(known)) => {
            Err(Outcome::SuspiciousEmpty)
        }
        result => result,
    }
}

/// Whether a partial report shows a fault that the known one does not.
fn is_worse_fault(partial: &WorkloadReport, known: &WorkloadReport) -> bool {
    let severity = partial.state().severity();
    severity < known.state().severity().min(WorkloadState::Unknown.severity())
}
