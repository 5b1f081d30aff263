//! Estimates what the whole fleet takes, if every tenant is like the one that was measured.

use std::time::Duration;

use super::findings::Findings;
use super::listing::Listing;
use super::report::{Finding, Step, Verdict};
use super::tenant::Measured;
use super::{count, rounded};
use crate::config::{Collection, Source};
use crate::poller::Cadence;

/// What is known of a fleet.
#[derive(Clone, Debug)]
struct Fleet {
    /// The tenants that can be asked for.
    tenants: u64,
    /// Requests for one listing.
    listing: u64,
    /// Requests for each group of parts of one tenant, and how often they are due.
    groups: Vec<(u64, Duration)>,
    /// The mean time of one request.
    latency: Duration,
}

/// What a fleet takes.
#[derive(Clone, Debug, PartialEq)]
struct Estimate {
    /// Requests for one tenant, everything once.
    of_tenant: u64,
    /// Requests to ask for everything once.
    all: u64,
    /// How long that takes at full speed.
    first: Duration,
    /// Requests a second that the configured intervals need.
    needed: f64,
    /// Requests a second that can be made.
    possible: f64,
    /// Which key limits them.
    limit: &'static str,
    /// How many times longer than configured every interval becomes; 1 where there is time enough.
    stretch: f64,
}

/// Tells the estimate for a source.
pub(super) fn check(findings: &mut Findings<'_>, source: &Source, listing: &Listing, measured: &Measured) {
    let collection = &source.collection;
    let cadence = Cadence::of(collection);
    let interval = |part| cadence.parts.iter().find(|(known, _)| *known == part).map(|(_, interval)| *interval);
    let groups = measured.groups.iter().map(|(parts, effort)| {
        let shortest = parts.iter().filter_map(|part| interval(*part)).min();
        (effort.requests, shortest.unwrap_or(collection.interval))
    });
    let took: Duration = measured.groups.iter().map(|(_, effort)| effort.took).sum();
    let requests: u64 = measured.groups.iter().map(|(_, effort)| effort.requests).sum();
    let fleet = Fleet {
        tenants: listing.selected.iter().filter(|listed| listed.target.has_credential()).count() as u64,
        listing: listing.effort.requests,
        groups: groups.collect(),
        latency: took.div_f64(as_number(requests.max(1))),
    };
    let estimate = Estimate::of(&fleet, collection);
    let least = if measured.is_partial { "at least " } else { "" };
    tell_requests(findings, least, &fleet, &estimate);
    tell_interval(findings, collection, &cadence, &estimate);
    let tenants = listing.selected.len() as u64;
    let all = tenants * measured.series;
    let found = format!("{least}{} x {} each = {all}", count(tenants, "tenant"), measured.series);
    findings.ok(Step::Estimate, "series", found);
}

impl Estimate {
    fn of(fleet: &Fleet, collection: &Collection) -> Self {
        let of_tenant: u64 = fleet.groups.iter().map(|(requests, _)| requests).sum();
        let all = fleet.listing + fleet.tenants * of_tenant;
        let rate = |requests: u64, interval: Duration| as_number(requests) / interval.as_secs_f64();
        let needed = rate(fleet.listing, collection.interval)
            + fleet.groups.iter().map(|(requests, interval)| rate(fleet.tenants * requests, *interval)).sum::<f64>();
        // A tenant's parts are asked for one after the other, so few tenants cannot use many places.
        let places = as_number((collection.concurrency as u64).min(fleet.tenants.max(1)));
        let by_concurrency = places / fleet.latency.as_secs_f64().max(1e-6);
        let (possible, limit) = if by_concurrency < collection.requests_per_second {
            (by_concurrency, "concurrency")
        } else {
            (collection.requests_per_second, "requests_per_second")
        };
        let first = Duration::try_from_secs_f64(as_number(all) / possible).unwrap_or(Duration::MAX);
        Self { of_tenant, all, first, needed, possible, limit, stretch: (needed / possible).max(1.0) }
    }

    fn stretched(&self, interval: Duration) -> Duration {
        Duration::try_from_secs_f64(interval.as_secs_f64() * self.stretch).unwrap_or(Duration::MAX)
    }
}

fn tell_requests(findings: &mut Findings<'_>, least: &str, fleet: &Fleet, estimate: &Estimate) {
    let found = format!(
        "{least}{} x {} each + {} for the list = {} for everything once, some {} at {:.1} a second (limited by {})",
        count(fleet.tenants, "tenant"),
        estimate.of_tenant,
        fleet.listing,
        estimate.all,
        rounded(estimate.first),
        estimate.possible,
        estimate.limit,
    );
    findings.ok(Step::Estimate, "requests", found);
}

fn tell_interval(findings: &mut Findings<'_>, collection: &Collection, cadence: &Cadence, estimate: &Estimate) {
    let interval = collection.interval;
    let (needed, possible) = (estimate.needed, estimate.possible);
    let rates = format!("{needed:.2} of {possible:.1} requests a second are needed");
    if estimate.stretch <= 1.0 {
        let found = format!("every tenant each {} as configured; {rates}", rounded(interval));
        findings.ok(Step::Estimate, "interval", found);
        return;
    }
    let longest = cadence.parts.iter().map(|(_, interval)| *interval).max().unwrap_or(interval).max(interval);
    let is_withdrawn = estimate.stretched(longest) > collection.stale_after;
    let withdrawn = if is_withdrawn {
        format!(
            "; some values are older than stale_after ({}) before they are renewed",
            rounded(collection.stale_after)
        )
    } else {
        String::new()
    };
    let found = format!(
        "every tenant each {} instead of {}; {rates}{withdrawn}",
        rounded(estimate.stretched(interval)),
        rounded(interval)
    );
    let advice = format!(
        "raise {} if the vendor allows it, make interval or part_intervals longer, or collect fewer parts and workloads",
        estimate.limit
    );
    findings.add(Finding::new(Step::Estimate, Verdict::Warn, "interval", found).advise(advice));
}

#[expect(clippy::cast_precision_loss, reason = "no fleet needs 2^53 requests")]
const fn as_number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn fleet(tenants: u64, latency: Duration) -> Fleet {
        Fleet { tenants, listing: 3, groups: vec![(10, 15 * MINUTE), (20, 24 * 60 * MINUTE)], latency }
    }

    #[test]
    fn a_small_fleet_keeps_its_intervals() {
        let estimate = Estimate::of(&fleet(100, Duration::from_millis(200)), &Collection::default());
        assert_eq!((estimate.of_tenant, estimate.all, estimate.limit), (30, 3_003, "requests_per_second"));
        assert_eq!(estimate.first, Duration::from_millis(600_600));
        let expected = 3.0 / 900.0 + 1_000.0 / 900.0 + 2_000.0 / 86_400.0;
        assert!((estimate.needed - expected).abs() < 1e-9, "{estimate:?}");
        assert_eq!(estimate.stretched(15 * MINUTE), 15 * MINUTE);
    }

    #[test]
    fn a_fleet_that_needs_twice_the_budget_is_looked_at_half_as_often() {
        let collection = Collection { requests_per_second: 0.5, ..Collection::default() };
        let estimate = Estimate::of(&fleet(100, Duration::from_millis(200)), &collection);
        let factor = estimate.needed / 0.5;
        assert!(factor > 2.0);
        assert_eq!(estimate.stretched(15 * MINUTE), (15 * MINUTE).mul_f64(factor));
    }

    #[test]
    fn a_slow_vendor_is_limited_by_concurrency_and_by_the_number_of_tenants() {
        let slow = Duration::from_secs(20);
        let estimate = Estimate::of(&fleet(100, slow), &Collection::default());
        assert_eq!((estimate.possible, estimate.limit), (0.4, "concurrency"));
        assert_eq!(Estimate::of(&fleet(2, slow), &Collection::default()).possible, 0.1);
        assert_eq!(Estimate::of(&fleet(0, slow), &Collection::default()).stretch, 1.0);
    }
}
