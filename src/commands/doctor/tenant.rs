//! Collects one tenant as the exporter would, part by part, and measures the cost.

use std::sync::Arc;

use strum::IntoEnumIterator as _;

use super::findings::{Findings, Stop};
use super::listing::{Listing, report_drift};
use super::report::{Finding, Step, Verdict};
use super::{Effort, Subject, count, failure};
use crate::app;
use crate::config::Config;
use crate::domain::{
    Drift, Event, Listing as Tenants, Outcome, Part, Provider, ResourceState, SourceState, TenantId, TenantState,
    TenantStatus, Workload, WorkloadReport, WorkloadState,
};
use crate::exposition::{Format, render};
use crate::poller::Cadence;
use crate::process::clock;
use crate::provider::{Collection, Error, ErrorKind, Listed};

/// After this many requests without a response the rest is skipped.
const MAX_UNANSWERED: usize = 2;

/// The measured cost of one tenant.
#[derive(Debug)]
pub(super) struct Measured {
    /// Parts that are requested together.
    pub(super) groups: Vec<Group>,
    /// Number of series of the tenant.
    pub(super) series: u64,
    /// Whether a part failed, so that the actual cost is higher.
    pub(super) is_partial: bool,
}

/// Parts that are requested together, with their cost.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) parts: Vec<Part>,
    pub(super) effort: Effort,
    /// Whether the tenant has not licensed them, so that they are rarely requested.
    pub(super) is_refused: bool,
}

/// Collects a typical tenant.
pub(super) async fn check(
    findings: &mut Findings<'_>,
    subject: &Subject<'_>,
    config: &Config,
    listing: &Listing,
) -> Result<Measured, Stop> {
    let Some(listed) = choose(&listing.selected) else {
        let finding =
            Finding::new(Step::Tenant, Verdict::Fail, "every tenant", "the listing returned no token for any of them");
        return Err(findings.stop(finding.advise(failure::advice(&ErrorKind::NoToken, subject.host()))));
    };
    let tenants =
        Tenants { tenants: vec![Arc::clone(&listed.tenant)], excluded: listing.excluded, ..Tenants::default() };
    let mut state =
        app::initial_state(subject.source, &config.objectives).advance(Event::Listed(Ok(tenants)), clock::now());
    let rpo = state.policy.objectives.of_tenant(listed.id().as_str(), listed.tenant.name_or_id());
    let mut groups = Vec::new();
    let mut drift: Vec<Drift> = Vec::new();
    let mut failures = 0;
    let mut unanswered = 0;
    for parts in groups_of(subject, listed) {
        if unanswered >= MAX_UNANSWERED {
            let found = "the vendor does not respond, and each request runs into the timeout";
            findings.add(Finding::new(Step::Tenant, Verdict::Skip, tried(&parts, listed.id()), found));
            continue;
        }
        let before = subject.effort();
        let judged_at = subject.client.judged_at(clock::now());
        let collection = subject.client.collect_tenant(&listed.target, &parts, &rpo, judged_at).await;
        let effort = subject.effort().since(before);
        let event = Event::Collected { tenant: listed.id().clone(), parts: collection.parts.clone() };
        state = state.advance(event, clock::now());
        let Some(known) = state.tenants.get(listed.id()) else { continue };
        unanswered += usize::from(collection.failures.iter().any(|(_, error)| is_unanswered(error)));
        let finding = finding(subject, known, &parts, &collection, effort);
        failures += usize::from(matches!(finding.verdict, Verdict::Fail | Verdict::Warn));
        findings.add(finding);
        drift.extend(collection.drift);
        let is_refused = matches!(parts[..], [Part::Workload(workload)] if is_not_licensed(known, workload));
        groups.push(Group { parts, effort, is_refused });
    }
    report_drift(findings, Step::Tenant, subject, &drift);
    if groups.is_empty() {
        let finding =
            Finding::new(Step::Tenant, Verdict::Warn, listed.id().as_str(), "no part to collect is configured");
        return Err(findings.stop(finding.advise("configure what to collect in parts and workloads")));
    }
    if failures == groups.len() {
        return Err(Stop { at: Step::Tenant });
    }
    Ok(Measured { groups, series: series_of(state), is_partial: failures > 0 })
}

/// The first active tenant with seats in use, else the first; only tenants with credentials.
fn choose(selected: &[Listed]) -> Option<&Listed> {
    let askable = || selected.iter().filter(|listed| listed.target.has_credential());
    let is_typical = |listed: &&Listed| {
        let tenant = &listed.tenant;
        tenant.status.is_none_or(TenantStatus::is_backed_up) && tenant.seats.used.is_some_and(|used| used > 0)
    };
    askable().find(is_typical).or_else(|| askable().next())
}

/// The configured parts of this tenant, grouped by request.
fn groups_of(subject: &Subject<'_>, listed: &Listed) -> Vec<Vec<Part>> {
    let cadence = Cadence::of(&subject.source.collection);
    let configured = cadence.parts_of(&listed.tenant).map(|(part, _)| part);
    match subject.identity.provider {
        Provider::Dropsuite => configured.map(|part| vec![part]).collect(),
        Provider::Datto => {
            // One response contains all workloads.
            let (workloads, others): (Vec<_>, Vec<_>) = configured.partition(|part| matches!(part, Part::Workload(_)));
            let workloads = (!workloads.is_empty()).then_some(workloads);
            workloads.into_iter().chain(others.into_iter().map(|part| vec![part])).collect()
        }
    }
}

fn finding(
    subject: &Subject<'_>,
    tenant: &TenantState,
    parts: &[Part],
    collection: &Collection,
    effort: Effort,
) -> Finding {
    let tried = tried(parts, &tenant.tenant.id);
    if let Some((_, error)) = collection.failures.first() {
        let found = format!("{error} ({})", effort.words());
        let is_too_large = matches!(error.kind, ErrorKind::Server { status: 504 } | ErrorKind::Timeout { .. })
            && subject.identity.provider == Provider::Datto
            && parts == [Part::Seats];
        if is_too_large {
            let advice = "no action needed: the vendor cannot list the seats of customers with more than about 25-40; the \
                          exporter backs off, and takes the seats in use from the tenant listing";
            return Finding::new(Step::Tenant, Verdict::Warn, tried, found).advise(advice);
        }
        let advice = failure::advice(&error.kind, subject.host());
        return Finding::new(Step::Tenant, Verdict::Fail, tried, found).advise(advice);
    }
    let ended = |workload| tenant.workloads.get(workload).and_then(|known| known.attempt).map(|last| last.outcome);
    if matches!(parts, [Part::Workload(workload)] if ended(workload) == Some(Outcome::SuspiciousEmpty)) {
        let found =
            format!("an empty list, which is implausible while no other list returns anything ({})", effort.words());
        let seats_used = tenant.tenant.seats.used.unwrap_or(0);
        let advice = failure::advice(&ErrorKind::SuspiciousEmpty { seats_used }, subject.host());
        return Finding::new(Step::Tenant, Verdict::Fail, tried, found).advise(advice);
    }
    let found = match parts {
        [Part::Workload(workload)] if subject.identity.provider == Provider::Dropsuite => words(tenant, *workload),
        [Part::Workload(_), ..] => reported(tenant),
        _ => "collected".to_owned(),
    };
    Finding::new(Step::Tenant, Verdict::Ok, tried, format!("{found}; {}", effort.words()))
}

fn is_not_licensed(tenant: &TenantState, workload: Workload) -> bool {
    let report = tenant.workloads.get(&workload).and_then(|report| report.value());
    matches!(report, Some(WorkloadReport::NotLicensed))
}

fn tried(parts: &[Part], tenant: &TenantId) -> String {
    let what = match parts {
        [part] => part.as_str(),
        _ => "workloads",
    };
    format!("{what} of {tenant}")
}

fn is_unanswered(error: &Error) -> bool {
    matches!(error.outcome(), Outcome::Dns | Outcome::Tls | Outcome::Connect | Outcome::Timeout)
}

/// All workloads that the vendor reports.
fn reported(tenant: &TenantState) -> String {
    let each = tenant.workloads.keys().map(|workload| format!("{} {}", workload.as_str(), words(tenant, *workload)));
    let all = each.collect::<Vec<_>>().join("; ");
    if all.is_empty() { "the vendor reports none of the configured workloads".to_owned() } else { all }
}

fn words(tenant: &TenantState, workload: Workload) -> String {
    let report = tenant.workloads.get(&workload).and_then(|report| report.value());
    let Some(WorkloadReport::Licensed(summary)) = report else {
        return if report.is_some() { "not licensed" } else { "unknown" }.to_owned();
    };
    let state = tenant.workload_state(workload).map_or("unknown", WorkloadState::as_str);
    let resources = summary.resources.map(|resources| {
        let all: u64 = ResourceState::iter().map(|state| resources.get(state)).sum();
        format!("{}, ", count(all, "resource"))
    });
    format!("{}state {state}", resources.unwrap_or_default())
}

/// The number of series with a tenant's labels.
fn series_of(state: SourceState) -> u64 {
    let text = render(&[Arc::new(state)], Vec::new(), Format::Text);
    text.lines().filter(|line| !line.starts_with('#') && line.contains("tenant_id=\"")).count() as u64
}
