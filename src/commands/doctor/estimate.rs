//! Estimates the cost of the whole fleet, assuming that every tenant costs as much as the measured one.

use std::time::Duration;

use super::findings::Findings;
use super::listing::Listing;
use super::report::{Finding, Step, Verdict};
use super::tenant::Measured;
use super::{count, rounded};
use crate::config::{Collection, Source};
use crate::poller::estimate::{Estimate, Fleet};
use crate::poller::{Cadence, refused_interval};

/// Reports the estimate for a source.
pub(super) fn check(findings: &mut Findings<'_>, source: &Source, listing: &Listing, measured: &Measured) {
    let collection = &source.collection;
    let cadence = Cadence::of(collection);
    let interval = |part| cadence.parts.iter().find(|(known, _)| *known == part).map(|(_, interval)| *interval);
    let groups = measured.groups.iter().map(|group| {
        let shortest = group.parts.iter().filter_map(|part| interval(*part)).min().unwrap_or(collection.interval);
        let refused = if group.is_refused { refused_interval(collection.stale_after) } else { Duration::ZERO };
        (group.effort.requests, shortest.max(refused))
    });
    let took: Duration = measured.groups.iter().map(|group| group.effort.took).sum();
    let requests: u64 = measured.groups.iter().map(|group| group.effort.requests).sum();
    let fleet = Fleet {
        tenants: listing.selected.iter().filter(|listed| listed.target.has_credential()).count() as u64,
        listing: listing.effort.requests,
        groups: groups.collect(),
        latency: took.checked_div(u32::try_from(requests).unwrap_or(u32::MAX)).unwrap_or_default(),
    };
    let estimate = Estimate::of(&fleet, collection);
    let least = if measured.is_partial { "at least " } else { "" };
    report_requests(findings, least, &fleet, &estimate);
    report_interval(findings, collection, &cadence, &estimate);
    let tenants = listing.selected.len() as u64;
    let all = tenants * measured.series;
    let found = format!("{least}{} x {} series = {all}", count(tenants, "tenant"), measured.series);
    findings.ok(Step::Estimate, "series", found);
}

fn report_requests(findings: &mut Findings<'_>, least: &str, fleet: &Fleet, estimate: &Estimate) {
    let found = format!(
        "{least}{} x {} + {} = {} per full collection, about {} at {:.1} req/s (limited by {})",
        count(fleet.tenants, "tenant"),
        count(estimate.per_tenant, "request"),
        count(fleet.listing, "listing request"),
        estimate.total,
        rounded(estimate.first_round),
        estimate.possible,
        estimate.limit.as_str(),
    );
    findings.ok(Step::Estimate, "requests", found);
}

fn report_interval(findings: &mut Findings<'_>, collection: &Collection, cadence: &Cadence, estimate: &Estimate) {
    let interval = collection.interval;
    let (needed, possible) = (estimate.needed, estimate.possible);
    let rates = format!(
        "needs {needed:.2} of {possible:.1} req/s, {:.0} requests per tenant and day",
        estimate.per_tenant_and_day
    );
    if estimate.is_kept() {
        let found = format!("{} as configured; {rates}", rounded(interval));
        findings.ok(Step::Estimate, "refresh interval", found);
        return;
    }
    let longest = cadence.parts.iter().map(|(_, interval)| *interval).max().unwrap_or(interval).max(interval);
    let would_expire = estimate.stretched(longest) > collection.stale_after;
    let expired = if would_expire {
        format!(
            "; some values are older than stale_after ({}) before they are refreshed, and expire",
            rounded(collection.stale_after)
        )
    } else {
        String::new()
    };
    let found = format!("{} instead of {}; {rates}{expired}", rounded(estimate.stretched(interval)), rounded(interval));
    let advice = format!(
        "raise {} if the vendor allows it, lengthen interval or part_intervals, or collect fewer parts and workloads",
        estimate.limit.as_str()
    );
    findings.add(Finding::new(Step::Estimate, Verdict::Warn, "refresh interval", found).advise(advice));
}
