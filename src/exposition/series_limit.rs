//! Decides which tenants of a source are dropped because its series limit would be exceeded.
//!
//! A tenant counts with the maximum number of series that it may have, not the current number: otherwise tenants would
//! be exported at first, and vanish as more data arrives. Tenants listed earlier come first, so that a new tenant never
//! displaces one that is exported. A tenant that does not fit is dropped alone, and one that needs a large share of the
//! limit comes after all others: a customer with a thousand domains does not affect smaller ones. The expected tenants
//! also have a series each, which takes precedence: either all of them have one, or none.

use std::collections::BTreeSet;

use strum::EnumCount as _;

use super::entity::Per;
use super::{Exposed, FAMILIES, Family};
use crate::domain::restore::RestoreResult;
use crate::domain::{Part, SourceIdentity, SourceState, TenantId, TenantState, Workload};

/// The seat types that Datto knows, and one for others.
const MAX_SEAT_TYPES: u64 = 7;

/// A tenant that may need more than one in this many of the limit's series is large, and comes after the others.
const LARGE_SHARE: u64 = 4;

/// The dropped tenants; none if the source has no limit.
#[must_use]
pub fn dropped<'a>(source: &'a SourceState, exposed: &Exposed) -> BTreeSet<&'a TenantId> {
    let Some(limit) = exposed.series_limit(&source.identity.name) else { return BTreeSet::new() };
    let estimate = SeriesEstimate::of(&source.identity, exposed);
    let estimated = |(id, tenant): (&'a TenantId, &std::sync::Arc<TenantState>)| {
        (id, estimate.series(source, tenant), tenant.since)
    };
    // The map is ordered by id, and the sort keeps that order among tenants listed at the same time.
    let mut tenants: Vec<_> = source.tenants.iter().map(estimated).collect();
    tenants.sort_by_key(|(_, own, since)| (*own > limit / LARGE_SHARE, *since));
    let mut series = of_expectations(&source.identity.name, exposed);
    let does_not_fit = |(id, own, _): (&'a TenantId, u64, _)| {
        let with = series + own;
        if with > limit {
            return Some(id);
        }
        series = with;
        None
    };
    tenants.into_iter().filter_map(does_not_fit).collect()
}

/// Whether expected tenants have their own series, by id and name; otherwise they are only counted.
pub(super) fn names_expectations(source: &str, exposed: &Exposed) -> bool {
    let own = exposed.expected(source).map_or(0, |expectations| expectations.own());
    exposed.series_limit(source).is_none_or(|limit| own <= limit)
}

/// The number of series of the expected tenants.
fn of_expectations(source: &str, exposed: &Exposed) -> u64 {
    let is_shown = |family: &&Family| family.samples.per() == Per::Expected && exposed.shows(family.descriptor.name);
    if !names_expectations(source, exposed) {
        return 0;
    }
    let families = FAMILIES.iter().filter(is_shown).count() as u64;
    families * exposed.expected(source).map_or(0, |expectations| expectations.own())
}

/// The number of series that a tenant may have, by kind of entity.
#[derive(Debug, Default)]
struct SeriesEstimate {
    fixed: u64,
    by_part: u64,
    by_workload: u64,
    by_domain: u64,
}

impl SeriesEstimate {
    fn of(source: &SourceIdentity, exposed: &Exposed) -> Self {
        let mut sum = Self::default();
        let shown = FAMILIES.iter().filter(|family| exposed.shows(family.descriptor.name));
        let shown = shown.filter(|family| family.needs.is_none_or(|list| exposed.has(list, &source.name)));
        let shown = shown.filter(|family| family.vendor.is_none_or(|vendor| vendor == source.provider));
        shown.for_each(|family| sum.add(family));
        sum
    }

    fn add(&mut self, family: &Family) {
        let samples = family.samples.of_one();
        match family.samples.per() {
            Per::Source | Per::Expected => {}
            Per::Tenant => self.fixed += samples,
            Per::RestoreTest => self.fixed += (Workload::COUNT * RestoreResult::COUNT) as u64 * samples,
            Per::SeatType => self.fixed += MAX_SEAT_TYPES * samples,
            Per::Part => self.by_part += samples,
            Per::Domain => self.by_domain += samples,
            Per::Workload => self.by_workload += samples,
        }
    }

    fn series(&self, source: &SourceState, tenant: &TenantState) -> u64 {
        // Parts that can be collected count before they are reported, and after they no longer are.
        let can_be_asked = |part: &&Part| match part {
            Part::Workload(workload) => source.policy.selects(*workload) && !tenant.workloads.contains_key(workload),
            _ => false,
        };
        let unreported = tenant.tenant.parts.iter().filter(can_be_asked).count() as u64;
        let workloads = tenant.workloads.len() as u64 + unreported;
        let parts = tenant.parts().count() as u64 + unreported;
        let known = tenant.domains.value().map(|domains| domains.iter().len() as u64);
        let domains = known.or(tenant.domain_count).unwrap_or_default().max(1);
        self.fixed + self.by_part * parts + self.by_workload * workloads + self.by_domain * domains
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::domain::{
        ConnectedDomain, DomainKey, DomainState, Domains, Event, Listing, Measures, Objectives, PartResult, Policy,
        Provider, Tally, Tenant, Timestamp, WorkloadReport,
    };

    const NOON: Timestamp = Timestamp::from_millis(1_763_726_400_000);

    fn listing(ids: &[&str]) -> Event {
        let tenant = |id: &&str| Tenant {
            id: (*id).into(),
            parts: &[Part::Seats, Part::Workload(Workload::Mail), Part::Workload(Workload::Tasks)],
            ..Tenant::default()
        };
        Event::Listed(Ok(Listing { tenants: ids.iter().map(tenant).map(Arc::new).collect(), ..Listing::default() }))
    }

    fn source() -> SourceState {
        let identity = SourceIdentity { provider: Provider::Dropsuite, name: "us".into() };
        let workloads = vec![Workload::Mail, Workload::Tasks];
        let policy = Policy { stale_after: Duration::from_secs(86_400), workloads, objectives: Objectives::default() };
        SourceState::new(identity, Arc::new(policy))
    }

    fn dropped_of(source: &SourceState, limit: u64) -> Vec<&str> {
        let exposed = Exposed::default().with_series_limit("us", limit);
        dropped(source, &exposed).into_iter().map(TenantId::as_str).collect()
    }

    /// What one such tenant is reckoned with: the least limit at which it is shown.
    fn one() -> u64 {
        let source = source().advance(listing(&["1"]), NOON);
        (1..1000).find(|limit| dropped_of(&source, *limit).is_empty()).unwrap()
    }

    #[test]
    fn without_a_limit_no_tenant_is_dropped() {
        assert!(dropped(&source().advance(listing(&["1", "2"]), NOON), &Exposed::default()).is_empty());
        let elsewhere = Exposed::default().with_series_limit("uk", 1);
        assert!(dropped(&source().advance(listing(&["1", "2"]), NOON), &elsewhere).is_empty());
    }

    #[test]
    fn the_first_ids_of_a_listing_are_shown() {
        let source = source().advance(listing(&["3", "1", "2"]), NOON);
        assert_eq!(dropped_of(&source, 2 * one()), ["3"]);
        assert_eq!(dropped_of(&source, 2 * one() - 1), ["2", "3"]);
        assert_eq!(dropped_of(&source, 3 * one()), [""; 0]);
    }

    #[test]
    fn a_new_tenant_displaces_no_other() {
        let source = source().advance(listing(&["2", "3"]), NOON);
        let source = source.advance(listing(&["1", "2", "3"]), NOON.after(Duration::from_secs(60)));
        assert_eq!(dropped_of(&source, 2 * one()), ["1"]);
        let source = source.advance(listing(&["1", "3"]), NOON.after(Duration::from_secs(120)));
        assert_eq!(dropped_of(&source, 2 * one()), [""; 0], "a place became free");
    }

    #[test]
    fn a_tenant_needs_as_much_room_before_it_is_collected_as_afterwards() {
        let source = source().advance(listing(&["1", "2", "3"]), NOON);
        let before: Vec<_> = (1..4 * one()).map(|limit| dropped_of(&source, limit).len()).collect();
        let report = || {
            Ok(WorkloadReport::Licensed(
                Tally::new(Measures { items: true, storage: true }, Duration::ZERO, NOON).finish(),
            ))
        };
        let parts =
            vec![PartResult::Workload(Workload::Mail, report()), PartResult::Workload(Workload::Tasks, report())];
        let source = source.advance(Event::Collected { tenant: "1".into(), parts }, NOON);
        let after: Vec<_> = (1..4 * one()).map(|limit| dropped_of(&source, limit).len()).collect();
        assert_eq!(before, after);
    }

    #[test]
    fn a_tenant_that_does_not_fit_takes_no_other_along() {
        const WIDE: &[Part] = &[Part::Seats, Part::Workload(Workload::Mail), Part::Workload(Workload::Tasks)];
        let tenant = |(id, parts): (&str, &'static [Part])| Tenant { id: id.into(), parts, ..Tenant::default() };
        let tenants = [("1", WIDE), ("2", &[Part::Seats][..]), ("3", &[Part::Seats])].map(tenant);
        let listing = Listing { tenants: tenants.into_iter().map(Arc::new).collect(), ..Listing::default() };
        let source = source().advance(Event::Listed(Ok(listing)), NOON);
        let all = (1..1000).find(|limit| dropped_of(&source, *limit).is_empty()).unwrap();
        let narrow = (1..1000).find(|limit| dropped_of(&source, *limit).len() < 3).unwrap();
        assert!(all - 2 * narrow > 2 * narrow, "the first has more than both others together");
        assert_eq!(dropped_of(&source, 2 * narrow), ["1"]);
        assert_eq!(dropped_of(&source, 2 * narrow - 1), ["1", "3"]);
        assert_eq!(dropped_of(&source, all - narrow), ["3"], "who was listed earlier comes first");
    }

    #[test]
    fn a_large_tenant_comes_after_those_that_are_not() {
        // One series for each workload.
        let only_items =
            |limit| Exposed::default().without(|name| name != "saasbackup_items").with_series_limit("us", limit);
        const TWO: &[Part] = &[Part::Workload(Workload::Mail), Part::Workload(Workload::Tasks)];
        const ONE: &[Part] = &[Part::Workload(Workload::Mail)];
        let listed = |source: SourceState, tenants: &[(&str, &'static [Part])], at: Timestamp| {
            let tenant =
                |(id, parts): &(&str, &'static [Part])| Tenant { id: (*id).into(), parts, ..Tenant::default() };
            let tenants = tenants.iter().map(tenant).map(Arc::new).collect();
            source.advance(Event::Listed(Ok(Listing { tenants, ..Listing::default() })), at)
        };
        let all: [(&str, &'static [Part]); 6] =
            [("large", TWO), ("a", ONE), ("b", ONE), ("c", ONE), ("d", ONE), ("e", ONE)];
        let first = listed(source(), &all[..1], NOON);
        let source = listed(first, &all, NOON.after(Duration::from_secs(60)));
        for (limit, expected) in [
            // Two of seven are more than a quarter: it has what the others leave.
            (7, &[][..]),
            (6, &["large"]),
            (5, &["large"]),
            (4, &["e", "large"]),
            // All are large: the one that was listed earlier comes first.
            (3, &["b", "c", "d", "e"]),
            (2, &["a", "b", "c", "d", "e"]),
            (1, &["b", "c", "d", "e", "large"]),
        ] {
            let found: Vec<_> = dropped(&source, &only_items(limit)).into_iter().map(TenantId::as_str).collect();
            assert_eq!(found, expected, "{limit}");
        }
    }

    #[test]
    fn a_tenant_dropped_for_its_domains_does_not_come_back_when_they_expire() {
        let few = || Exposed::default().without(|name| name != "saasbackup_domain_users").with_series_limit("us", 3);
        let mut domains = Domains::default();
        for name in ["a", "b", "c", "d"] {
            let key = DomainKey { domain: name.to_owned(), directory: "m365".to_owned() };
            domains.insert(key, ConnectedDomain { state: DomainState::Connected, users: None, observed_at: None });
        }
        let source = source().advance(listing(&["1"]), NOON);
        assert!(dropped(&source, &few()).is_empty(), "nothing is known of its domains");
        let parts = vec![PartResult::Domains(Ok(domains))];
        let source = source.advance(Event::Collected { tenant: "1".into(), parts }, NOON);
        assert_eq!(dropped(&source, &few()).len(), 1);
        let tomorrow = NOON.after(Duration::from_secs(86_401));
        let source = source.advance(listing(&["1"]), tomorrow).advance(Event::Elapsed, tomorrow);
        assert_eq!(source.tenants[&"1".into()].domains.value(), None);
        assert_eq!(dropped(&source, &few()).len(), 1);
    }

    #[test]
    fn hidden_families_need_no_room() {
        let source = source().advance(listing(&["1"]), NOON);
        let few = Exposed::default().without(|name| name != "saasbackup_items").with_series_limit("us", 2);
        assert!(dropped(&source, &few).is_empty(), "one series for each of two workloads");
    }
}
