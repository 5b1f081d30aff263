//! Words what the exporter concludes from a collection: states and counts, schema drift, and what was not recorded.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use strum::IntoEnumIterator as _;

use crate::domain::{
    AccountState, Compact, Outcome, Part, ResourceState, SeatCounts, SourceState, TenantState, Tracked, WorkloadReport,
    WorkloadState,
};

/// The text of a conclusion; `missing` are requests that the recording does not have.
#[must_use]
pub fn conclusion(state: &SourceState, missing: &BTreeMap<String, u64>) -> String {
    let listing = match state.listing.attempt.map(|attempt| attempt.outcome) {
        Some(Outcome::Success) => "complete".to_owned(),
        Some(outcome) => outcome.as_str().to_owned(),
        None => "none".to_owned(),
    };
    let mut text =
        format!("{}: {} tenants, listing {listing}\n", state.identity.provider.as_str(), state.tenants.len());
    for (id, tenant) in &state.tenants {
        let status = tenant.tenant.status.map_or("unknown", |status| status.as_str());
        line(&mut text, &format!("\ntenant {id}, status {status}", id = id.as_str()));
        for workload in tenant.workloads.keys() {
            let word = tenant.workload_state(*workload).map_or("unknown", WorkloadState::as_str);
            let tracked = tenant.workloads.get(workload);
            let counts = tracked.and_then(Tracked::value).map(counts).unwrap_or_default();
            let failure = failure(state, tenant, Part::Workload(*workload));
            line(&mut text, &format!("  {:<14} {word}{counts}{failure}", workload.as_str()));
        }
        let mut fact = |part: Part, found: &str| {
            let failure = failure(state, tenant, part);
            if !found.is_empty() || !failure.is_empty() {
                line(&mut text, &format!("  {:<14} {found}{failure}", part.as_str()));
            }
        };
        fact(Part::Seats, &counters(&state.seats(tenant)));
        let accounts = AccountState::iter().filter_map(|state| Some((tenant.accounts(state)?, state.as_str())));
        fact(Part::Coverage, &counted(accounts));
        fact(Part::Lifecycle, "");
        let by_type = tenant.seats.value().and_then(|report| report.by_type.as_ref());
        for (seat_type, seats) in by_type.into_iter().flat_map(Compact::iter) {
            let counts = counted(seats.states.iter().map(|(state, count)| (count, state.as_str())));
            line(&mut text, &format!("  seats of type {}: {counts}", seat_type.as_str()));
        }
    }
    let drift = state.drift.iter().map(|(drift, times)| {
        let field = if drift.field.is_empty() { "record" } else { drift.field };
        (format!("{} {field} {}", drift.endpoint, drift.kind.as_str()), *times)
    });
    section(&mut text, "schema drift", drift);
    let missing = missing.iter().map(|(request, times)| (request.clone(), *times));
    section(&mut text, "requests that are not in the recording", missing);
    text
}

/// A list below its title.
fn section(text: &mut String, title: &str, found: impl Iterator<Item = (String, u64)>) {
    let found: Vec<_> = found.collect();
    line(text, &format!("\n{title}:{}", if found.is_empty() { " none" } else { "" }));
    for (what, times) in found {
        line(text, &format!("  {what} x{times}"));
    }
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{}", line.trim_end()).expect("writing to a String cannot fail");
}

fn counts(report: &WorkloadReport) -> String {
    let WorkloadReport::Licensed(summary) = report else { return String::new() };
    let Some(resources) = summary.resources else { return ": no counts".to_owned() };
    let counts = counted(ResourceState::iter().map(|state| (resources.get(state), state.as_str())));
    if counts.is_empty() { String::new() } else { format!(": {counts}") }
}

/// What there is any of.
fn counted<'a>(counts: impl Iterator<Item = (u64, &'a str)>) -> String {
    let counts = counts.filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}"));
    counts.collect::<Vec<_>>().join(", ")
}

/// The counters that the vendor reports, zero included.
fn counters(seats: &SeatCounts) -> String {
    let all = [
        (seats.used, "used"),
        (seats.available, "available"),
        (seats.active, "active"),
        (seats.deactivated, "deactivated"),
        (seats.required, "required"),
        (seats.billable, "billable"),
        (seats.shared_mailboxes_paid, "paid shared mailboxes"),
        (seats.shared_mailboxes_free, "free shared mailboxes"),
    ];
    let known = all.into_iter().filter_map(|(count, name)| Some(format!("{} {name}", count?)));
    known.collect::<Vec<_>>().join(", ")
}

/// How the last attempt failed; empty if it did not.
fn failure(state: &SourceState, tenant: &TenantState, part: Part) -> String {
    let attempt = state.last_attempt(tenant, part).map(|attempt| attempt.outcome);
    match attempt {
        Some(Outcome::Success) | None => String::new(),
        Some(outcome) => format!(" ({})", outcome.as_str()),
    }
}
