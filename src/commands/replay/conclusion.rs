//! Words what the exporter concludes from a collection: states and counts, schema drift, and what was not recorded.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use strum::IntoEnumIterator as _;

use crate::domain::{Outcome, Part, ResourceState, SourceState, TenantState, Tracked, WorkloadReport, WorkloadState};

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
        let used = state.seats(tenant).used.map(|used| format!("used {used}")).unwrap_or_default();
        let accounts = tenant.coverage.value().map(|coverage| {
            let counts = coverage.accounts.iter().filter_map(|(state, count)| Some((state, count?)));
            counts.filter(|(_, count)| *count > 0).map(|(state, count)| format!("{count} {}", state.as_str())).collect()
        });
        let accounts = accounts.map(|counts: Vec<_>| counts.join(", ")).unwrap_or_default();
        for (part, found) in [(Part::Seats, used), (Part::Coverage, accounts), (Part::Lifecycle, String::new())] {
            let failure = failure(state, tenant, part);
            if !found.is_empty() || !failure.is_empty() {
                line(&mut text, &format!("  {:<14} {found}{failure}", part.as_str()));
            }
        }
    }
    line(&mut text, "\nschema drift");
    for (drift, times) in &state.drift {
        let field = if drift.field.is_empty() { "record" } else { drift.field };
        line(&mut text, &format!("  {} {field} {} x{times}", drift.endpoint, drift.kind.as_str()));
    }
    line(&mut text, "\nrequests that are not in the recording");
    for (request, times) in missing {
        line(&mut text, &format!("  {request} x{times}"));
    }
    text
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{}", line.trim_end()).expect("writing to a String cannot fail");
}

fn counts(report: &WorkloadReport) -> String {
    let WorkloadReport::Licensed(summary) = report else { return String::new() };
    let Some(resources) = summary.resources else { return ": no counts".to_owned() };
    let counts = ResourceState::iter().map(|state| (state, resources.get(state))).filter(|(_, count)| *count > 0);
    let counts: Vec<_> = counts.map(|(state, count)| format!("{count} {}", state.as_str())).collect();
    if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) }
}

/// How the last attempt failed; empty if it did not.
fn failure(state: &SourceState, tenant: &TenantState, part: Part) -> String {
    let attempt = state.last_attempt(tenant, part).map(|attempt| attempt.outcome);
    match attempt {
        Some(Outcome::Success) | None => String::new(),
        Some(outcome) => format!(" ({})", outcome.as_str()),
    }
}
