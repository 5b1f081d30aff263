//! Invents states in which every optional fact is sometimes there and sometimes not.

use std::sync::Arc;
use std::time::Duration;

use strum::IntoEnumIterator;

use crate::domain::{
    AccountCounts, AccountState, Attempt, ConnectedDomain, Counts, Coverage, CredentialMark, DattoFacts, DattoServices,
    DomainKey, Domains, Drift, Lifecycle, Objectives, Observed, Pause, Policy, Provider, ResourceCounts, ResourceState,
    Restraint, SeatCounts, SeatReport, SeatsOfType, SourceIdentity, SourceState, Tenant, TenantState, Timestamp,
    Tracked, Workload, WorkloadReport, WorkloadSummary,
};
use crate::provider;
use crate::state_file::Known;

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_123);

/// Where every invented source is asked.
pub(super) const BASE_URL: &str = "https://dropsuite.us/api";

/// A source of which nothing is known, and every workload collected.
pub(super) fn fresh(provider: Provider, name: &str) -> SourceState {
    let policy = Policy {
        stale_after: Duration::from_secs(24 * 60 * 60),
        workloads: Workload::iter().collect(),
        objectives: Objectives::default(),
    };
    SourceState::new(SourceIdentity { provider, name: name.into() }, Arc::new(policy)).at(BASE_URL)
}

/// Chance, the same for the same seed.
pub(super) struct Inventor(fastrand::Rng);

impl Inventor {
    pub(super) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    pub(super) fn source(&mut self, provider: Provider) -> SourceState {
        let mut state = fresh(provider, "invented");
        // As after a restore, which drops values that expired meanwhile.
        state.latest = Some(NOW);
        state.listing = self.tracked(Self::count);
        for _ in 0..self.0.usize(0..5) {
            let tenant = self.tenant(provider, &state.policy);
            state.tenants.insert(tenant.tenant.id.clone(), Arc::new(tenant));
        }
        for _ in 0..self.0.usize(0..3) {
            let drift = Drift { endpoint: "/users/{id}", field: self.one_of(["", "seats"]), kind: self.member() };
            state.drift.insert(drift, self.count());
        }
        state.tenants_removed = self.count();
        state.expired = self.count();
        state
    }

    /// The same with what held back the requests.
    pub(super) fn known(&mut self, provider: Provider) -> Known {
        let pause = self.maybe(|it| Pause { seen_at: it.past(), until: it.past() });
        let refused = self.maybe(|it| CredentialMark(it.0.u32(..)));
        Known { state: Arc::new(self.source(provider)), restraint: Restraint { pause, refused } }
    }

    fn tenant(&mut self, provider: Provider, policy: &Policy) -> TenantState {
        let product = self.maybe(|it| it.one_of(["Office365", "GoogleApps", "Lotus"]).to_owned());
        let tenant = Tenant {
            id: self.text().as_str().into(),
            name: self.maybe(Self::text),
            organization_id: self.maybe(Self::text),
            plan: self.maybe(Self::text),
            parts: provider::parts(provider, product.as_deref()),
            product,
            status: self.maybe(|it| it.member()),
            login_disabled: self.maybe(|it| it.0.bool()),
            seats: self.seats(),
            services: DattoServices {
                active: self.maybe(Self::count),
                recently_backed_up: self.maybe(Self::count),
                ratio: self.maybe(|it| it.0.f64()),
            },
        };
        let mut state = TenantState::listed(Arc::new(tenant), policy, self.past());
        state.seats = self.tracked(Self::seat_report);
        state.domains = self.tracked(Self::domains);
        state.coverage = self.tracked(Self::coverage);
        state.lifecycle = self.tracked(Self::lifecycle);
        state.customer_storage_bytes = self.tracked(Self::count);
        let all = Workload::iter().chain(["planner", "mail"].map(Workload::Other));
        state.domain_count = self.maybe(Self::count);
        state.all_reported_at = self.maybe(Self::recent);
        state.workloads = all
            .filter(|_| self.0.bool())
            .collect::<Vec<_>>()
            .into_iter()
            .map(|workload| (workload, self.tracked(Self::report)))
            .collect();
        state
    }

    fn seat_report(&mut self) -> SeatReport {
        let by_type = self.maybe(|it| {
            (0..it.0.usize(0..4))
                .map(|_| {
                    let states = Counts::default().with(it.member(), it.count());
                    (it.member(), SeatsOfType { states, newest_backup: it.maybe(Self::past) })
                })
                .collect()
        });
        SeatReport { counts: self.seats(), by_type }
    }

    fn seats(&mut self) -> SeatCounts {
        SeatCounts {
            used: self.maybe(Self::count),
            available: self.maybe(Self::count),
            active: self.maybe(Self::count),
            deactivated: self.maybe(Self::count),
            required: self.maybe(Self::count),
            billable: self.maybe(Self::count),
            shared_mailboxes_paid: self.maybe(Self::count),
            shared_mailboxes_free: self.maybe(Self::count),
        }
    }

    fn coverage(&mut self) -> Coverage {
        let accounts = AccountState::iter()
            .fold(AccountCounts::default(), |counts, state| counts.with(state, self.maybe(Self::count)));
        Coverage { accounts }
    }

    fn domains(&mut self) -> Domains {
        (0..self.0.usize(0..3))
            .map(|_| {
                let key = DomainKey { domain: self.text(), directory: self.text() };
                let (state, users) = (self.member(), self.maybe(Self::count));
                (key, ConnectedDomain { state, users, observed_at: self.maybe(Self::recent) })
            })
            .collect()
    }

    fn lifecycle(&mut self) -> Lifecycle {
        Lifecycle {
            connection_failures: self.maybe(Self::count),
            deactivated_accounts: self.maybe(Self::count),
            deleted_accounts: self.maybe(Self::count),
            pending_invites: self.maybe(Self::count),
            delegated_users: self.maybe(Self::count),
            retention_policies: self.maybe(Self::count),
            shortest_retention: self.maybe(Self::duration),
            journals: self.maybe(Self::count),
            non_delivery_journals: self.maybe(Self::count),
            older: (0..self.0.usize(0..3)).map(|_| (self.member(), self.recent())).collect(),
        }
    }

    fn report(&mut self) -> WorkloadReport {
        if self.0.u8(0..4) == 0 {
            return WorkloadReport::NotLicensed;
        }
        let resources = |it: &mut Self| {
            let states = ResourceState::iter();
            states.fold(ResourceCounts::default(), |counts, state| counts.with(state, it.count()))
        };
        WorkloadReport::Licensed(WorkloadSummary {
            resources: self.maybe(resources),
            newest_backup: self.maybe(Self::past),
            protected_until: self.maybe(Self::past),
            items: self.maybe(Self::count),
            storage_bytes: self.maybe(Self::count),
            statuses: (0..self.0.usize(0..3)).map(|_| (self.member(), self.0.u32(1..90))).collect(),
            datto: self.maybe(|it| {
                Box::new(DattoFacts {
                    uningested_services: it.maybe(Self::count),
                    perfect_backups: it.maybe(Self::count),
                    status: it.maybe(|it| it.member()),
                    protection_gap: it.maybe(Self::duration),
                })
            }),
        })
    }

    fn tracked<T>(&mut self, value: fn(&mut Self) -> T) -> Tracked<T> {
        Tracked {
            observed: self.maybe(|it| Observed { value: value(it), at: it.recent() }),
            attempt: self.maybe(|it| Attempt { at: it.recent(), outcome: it.member() }),
        }
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.0.bool().then(|| value(self))
    }

    /// Zero as often as not, since zero is not nothing; else of any size.
    fn count(&mut self) -> u64 {
        self.maybe(|it| it.0.u64(..) >> it.0.u32(0..64)).unwrap_or(0)
    }

    fn duration(&mut self) -> Duration {
        Duration::new(self.0.u64(0..1_000_000_000), self.0.u32(0..1_000_000_000))
    }

    /// Within the last day, so that nothing of it is stale.
    fn recent(&mut self) -> Timestamp {
        Timestamp::from_millis(NOW.as_millis() - self.0.i64(0..86_400_000))
    }

    /// Any moment, before 1970 too.
    fn past(&mut self) -> Timestamp {
        Timestamp::from_millis(self.0.i64(i64::MIN..NOW.as_millis()) >> self.0.u32(0..63))
    }

    fn text(&mut self) -> String {
        let odd = ["", "\"", "\\", "\n", "\u{0}", "{", "ä", "日本", "\u{1f9ff}", "\u{2028}"];
        (0..self.0.usize(0..6)).map(|_| self.one_of(odd).to_owned() + &self.0.alphanumeric().to_string()).collect()
    }

    fn member<T: IntoEnumIterator>(&mut self) -> T {
        self.0.choice(T::iter().collect::<Vec<_>>()).expect("a closed set has members")
    }

    fn one_of<T: Copy, const N: usize>(&mut self, all: [T; N]) -> T {
        all[self.0.usize(0..N)]
    }
}
