//! Describes a tenant: what the listing says of it, and what is known of its parts.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

use super::{
    Compact, Coverage, DattoServices, Domains, Lifecycle, Outcome, Part, PartResult, Policy, Rpo, SeatCounts,
    SeatReport, Timestamp, Tracked, Workload, WorkloadReport, WorkloadState, Workloads,
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

/// Whether the vendor serves a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum TenantStatus {
    /// It is served.
    Active,
    /// Its logins are disabled; backups and billing go on (Dropsuite's help, "Suspend or unsubscribe").
    Suspended,
    /// Its backups have stopped (Dropsuite: unsubscribed; its data is deleted after 45 days).
    Deactivated,
}

impl TenantStatus {
    /// Whether the vendor still backs up a tenant of this status.
    #[must_use]
    pub const fn is_backed_up(self) -> bool {
        match self {
            Self::Active | Self::Suspended => true,
            Self::Deactivated => false,
        }
    }
}

/// What a listing says of one tenant; `None`, the default, where the vendor does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tenant {
    /// The vendor's stable id.
    pub id: TenantId,
    /// The name people use.
    pub name: Option<String>,
    /// The vendor's other id of the organization, where it has two.
    pub organization_id: Option<String>,
    /// The plan, in the vendor's word.
    pub plan: Option<String>,
    /// The product, in the vendor's word.
    pub product: Option<String>,
    /// Whether the vendor serves the tenant.
    pub status: Option<TenantStatus>,
    /// Whether the tenant's people cannot log in; their backups go on.
    pub login_disabled: Option<bool>,
    /// The seat counters that the listing already holds.
    pub seats: SeatCounts,
    /// What Datto's listing says of its services.
    pub services: DattoServices,
    /// What can be asked of this tenant; workloads the vendor may turn out not to report are among them.
    pub parts: &'static [Part],
}

impl Tenant {
    /// The name, or the id where there is none.
    #[must_use]
    pub fn name_or_id(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id.as_str())
    }
}

/// All that is known of one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantState {
    /// What the last complete listing said; shared with whoever asks for the tenant.
    pub tenant: Arc<Tenant>,
    /// When a complete listing first had it.
    pub since: Timestamp,
    /// How old its backups may be.
    pub rpo: Rpo,
    /// The licence counters.
    pub seats: Tracked<SeatReport>,
    /// The connected domains.
    pub domains: Tracked<Domains>,
    /// What could be protected.
    pub coverage: Tracked<Coverage>,
    /// The slow facts.
    pub lifecycle: Tracked<Lifecycle>,
    /// The workloads, as far as they are configured: those that can be asked for, or that were reported.
    pub workloads: Compact<Workload, Tracked<WorkloadReport>>,
    /// Bytes that the tenant is billed for, where the vendor says so beside its workloads.
    pub customer_storage_bytes: Tracked<u64>,
    /// When the vendor told of all workloads at once, in a report that was complete; `None` where the newest report was
    /// not, where it tells of each workload apart, and before the first report since the start.
    pub all_reported_at: Option<Timestamp>,
}

impl TenantState {
    /// A tenant as the first listing that has it shows it; the listing ended at `now`.
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
            coverage: Tracked::default(),
            lifecycle: Tracked::default(),
            customer_storage_bytes: Tracked::default(),
            all_reported_at: None,
        }
    }

    /// The tenant as a listing that ended at `now` shows it; what is known of its parts is kept.
    ///
    /// Another organization under the same id is another customer, of which nothing is known.
    #[must_use]
    pub fn relisted(self: Arc<Self>, mut tenant: Arc<Tenant>, policy: &Policy, now: Timestamp) -> Arc<Self> {
        match (&self.tenant.organization_id, &tenant.organization_id) {
            (Some(known), Some(listed)) if known != listed => return Arc::new(Self::listed(tenant, policy, now)),
            // Whose the values are is known for good, even if a listing leaves it out.
            (Some(known), None) => Arc::make_mut(&mut tenant).organization_id = Some(known.clone()),
            _ => {}
        }
        let rpo = policy.objectives.of_tenant(tenant.id.as_str(), tenant.name_or_id());
        if self.tenant == tenant && self.rpo == rpo {
            // Nearly all of a fleet: copying what readers still hold would double its memory at each listing.
            return self;
        }
        Arc::new(Self { tenant, rpo, ..Arc::unwrap_or_clone(self) })
    }

    /// What is known after an attempt at one part that ended at `at`.
    #[must_use]
    pub fn advance(mut self, result: PartResult, policy: &Policy, at: Timestamp) -> Self {
        match result {
            PartResult::Seats(result) => self.seats = self.seats.advance(result, at),
            PartResult::Domains(result) => {
                let result = not_all_at_once(result, &self.domains, |domains| domains.is_empty());
                self.domains = self.domains.advance(result, at);
            }
            PartResult::PartialDomains(domains, outcome) => {
                let domains = domains.keeping(self.domains.observed.as_ref());
                self.domains = self.domains.advance_partly(domains, outcome, at, |_, _| true);
            }
            PartResult::Coverage(result) => {
                let result = not_all_at_once(result, &self.coverage, Coverage::is_empty);
                self.coverage = self.coverage.advance(result, at);
            }
            PartResult::PartialCoverage(coverage, outcome) => {
                self.coverage = self.coverage.advance_partly(coverage, outcome, at, |_, _| false);
            }
            PartResult::Lifecycle(result) => self.lifecycle = self.lifecycle.advance(result, at),
            PartResult::PartialLifecycle(facts, failed, outcome) => {
                let facts = facts.keeping(&failed, self.lifecycle.observed.as_ref());
                self.lifecycle = self.lifecycle.advance_partly(facts, outcome, at, |_, _| true);
            }
            PartResult::PartialWorkload(workload, report, outcome) => {
                if let Some(known) = self.workloads.get_mut(&workload) {
                    *known = std::mem::take(known).advance_partly(report, outcome, at, is_worse_fault);
                }
            }
            // Which refusals are believed is decided before; see `PartResult::decided`.
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

    /// A complete report says which workloads there are: one that is not reported, and of which nothing is known, has no
    /// series.
    ///
    /// One that was known stays as after a failure, until its values are withdrawn: a workload with backups does not
    /// vanish from one report to the next. One that is missing from an incomplete report may be what could not be read,
    /// and is kept as it was.
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

    /// Whether any part's value is older at `now` than a value may be.
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

    /// Takes away what is stale at `now`, and says how many values that were.
    #[must_use]
    pub fn withdraw(self, now: Timestamp, stale_after: Duration) -> (Self, u64) {
        let mut withdrawn = 0;
        let mut count = |was_stale: bool| withdrawn += u64::from(was_stale);
        let (seats, stale) = self.seats.withdraw(now, stale_after);
        count(stale);
        let (domains, stale) = self.domains.withdraw(now, stale_after);
        count(stale);
        let domains = domains.map(|domains| domains.withdraw(now, stale_after));
        let (coverage, stale) = self.coverage.withdraw(now, stale_after);
        count(stale);
        let (lifecycle, stale) = self.lifecycle.withdraw(now, stale_after);
        count(stale);
        let lifecycle = lifecycle.map(|facts| facts.withdraw(now, stale_after));
        // This one comes with the workloads, and is withdrawn with them.
        let (customer_storage_bytes, _) = self.customer_storage_bytes.withdraw(now, stale_after);
        let workloads = self
            .workloads
            .into_iter()
            .map(|(workload, report)| {
                let (report, stale) = report.withdraw(now, stale_after);
                count(stale);
                (workload, report)
            })
            .collect();
        let all_reported_at = self.all_reported_at.filter(|at| now.since(*at) <= stale_after);
        let tenant =
            Self { seats, domains, coverage, lifecycle, customer_storage_bytes, workloads, all_reported_at, ..self };
        (tenant, withdrawn)
    }

    /// The same after the clock was set back by `step`.
    #[must_use]
    pub fn set_back(self, step: Duration) -> Self {
        // Field by field, so that the compiler asks about each new one.
        Self {
            tenant: self.tenant,
            rpo: self.rpo,
            since: self.since.before(step),
            seats: self.seats.set_back(step),
            domains: self.domains.set_back(step).map(|domains| domains.set_back(step)),
            coverage: self.coverage.set_back(step),
            lifecycle: self.lifecycle.set_back(step).map(|facts| facts.set_back(step)),
            customer_storage_bytes: self.customer_storage_bytes.set_back(step),
            workloads: self.workloads.into_iter().map(|(workload, report)| (workload, report.set_back(step))).collect(),
            all_reported_at: self.all_reported_at.map(|at| at.before(step)),
        }
    }

    /// The name people use: the listing's, else the first connected domain, else the id.
    #[must_use]
    pub fn display_name(&self) -> &str {
        let domain = || self.domains.value()?.keys().next().map(|key| key.domain.as_str());
        self.tenant.name.as_deref().or_else(domain).unwrap_or(self.tenant.id.as_str())
    }

    /// The state of one configured workload; `None` where it is not collected.
    ///
    /// A tenant that the vendor no longer backs up is paused in all that it has licensed.
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

    /// Whether a workload is backed up at all, however well; `None` while nobody knows, or where it is not collected.
    ///
    /// One that is missing from a complete report of all workloads is not backed up, unless the vendor counts it as a
    /// part of another one.
    #[must_use]
    pub fn is_protected(&self, workload: Workload, policy: &Policy) -> Option<bool> {
        match self.workload_state(workload) {
            Some(WorkloadState::Unknown) => None,
            Some(
                WorkloadState::NotLicensed | WorkloadState::Paused | WorkloadState::Empty | WorkloadState::Stopped,
            ) => Some(false),
            Some(WorkloadState::Never | WorkloadState::Failing | WorkloadState::Late | WorkloadState::Ok) => Some(true),
            None => {
                let is_told_of = policy.selects(workload) && self.tenant.parts.contains(&Part::Workload(workload));
                (is_told_of && self.all_reported_at.is_some()).then_some(false)
            }
        }
    }

    /// The same tenant after the operator decided anew: workloads that are no longer collected go, and those that were
    /// not collected before are unknown.
    #[must_use]
    pub fn under(self, before: &Policy, after: &Policy) -> Self {
        let fresh = Self::listed(Arc::clone(&self.tenant), after, self.since);
        let added = fresh.workloads.into_iter().filter(|(workload, _)| !before.selects(*workload));
        let kept = self.workloads.into_iter().filter(|(workload, _)| after.selects(*workload));
        Self { rpo: fresh.rpo, workloads: added.chain(kept).collect(), ..self }
    }

    /// Whether the listing gives every licence counter: then it is what tells of the seats, and they are not asked for.
    #[must_use]
    pub fn seats_are_listed(&self) -> bool {
        self.tenant.seats.has_every_counter()
    }

    /// The parts of which something may be known.
    pub fn parts(&self) -> impl Iterator<Item = Part> + '_ {
        let others = self.tenant.parts.iter().copied().filter(|part| !matches!(part, Part::Workload(_)));
        let workloads = self.workloads.keys().map(|workload| Part::Workload(*workload));
        std::iter::once(Part::Listing).chain(others).chain(workloads)
    }
}

/// An empty list where there was something counts as a failure, until what was known is withdrawn: another credential's
/// answer looks like that, and a tenant's domains and accounts do not vanish in one piece.
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
