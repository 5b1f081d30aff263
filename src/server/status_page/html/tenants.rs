//! Writes the table of tenants, each with its parts folded away.

use maud::{Markup, html};

use super::filter::pages;
use super::{age, ago, name, unknown};
use crate::domain::{Outcome, WorkloadState};
use crate::server::status_page::next::{Next, Reason};
use crate::server::status_page::page::Page;
use crate::server::status_page::query::Sort;
use crate::server::status_page::tenant::{PartRow, TenantRow};
use crate::server::status_page::words;

/// The anchor of the table, so that sorting and paging keep the reader there.
pub(super) const fn anchored() -> &'static str {
    "tenants"
}

pub(super) fn table(page: &Page<'_>) -> Markup {
    let head = |sort: Sort, label: &str| {
        let address = page.query.sorted(sort).address();
        let is_chosen = page.query.sort == sort;
        html! {
            th scope="col" aria-sort=[is_chosen.then_some("other")] {
                a href={ (address) "#" (anchored()) } { (label) @if is_chosen { " ▾" } }
            }
        }
    };
    html! {
        (pages(page))
        @if page.tenants.is_empty() {
            p.quiet { "No matching tenants." }
        } @else {
            table.tenants {
                thead {
                    tr {
                        (head(Sort::Name, "Tenant"))
                        (head(Sort::State, "Workloads"))
                        (head(Sort::Age, "Oldest data"))
                        th scope="col" { "Last attempt" }
                        (head(Sort::Next, "Next attempt"))
                    }
                }
                tbody { @for tenant in &page.tenants { (row(tenant, page)) } }
            }
            (pages(page))
        }
    }
}

fn row(row: &TenantRow<'_>, page: &Page<'_>) -> Markup {
    let tenant = &row.tenant.tenant;
    html! {
        tr.(row.verdict.as_str()) {
            th scope="row" {
                (name(row.tenant.display_name()))
                small { (name(tenant.id.as_str())) " · " (name(&row.source.state.identity.name)) }
            }
            td data-label="Workloads" { (workloads(row)) (details(row, page)) }
            td data-label="Oldest data" { (oldest(row, page)) }
            td data-label="Last attempt" { (last_attempt(row, page)) }
            td data-label="Next attempt" { (next(&row.next, page)) }
        }
    }
}

fn workloads(row: &TenantRow<'_>) -> Markup {
    // Rarely of interest, so they share one label.
    let unlicensed = row.workloads().filter(|(_, state)| *state == WorkloadState::NotLicensed);
    let unlicensed: Vec<_> = unlicensed.map(|(workload, _)| words::plain(workload.as_str())).collect();
    html! {
        @for (workload, state) in row.workloads().filter(|(_, state)| *state != WorkloadState::NotLicensed) {
            (chip(Some(workload.as_str()), state)) " "
        }
        @if !unlicensed.is_empty() { small.chip.not_licensed { (unlicensed.join(", ")) " " b { "not licensed" } } }
        @if row.tenant.workloads.is_empty() { (unknown("no workloads known")) }
    }
}

/// A state as a label; unknown differs from good and bad by its shape, not only by its colour.
pub(super) fn chip(workload: Option<&str>, state: WorkloadState) -> Markup {
    html! {
        span.chip.(state.as_str()) {
            @if let Some(workload) = workload { (words::plain(workload)) " " }
            b { @if state == WorkloadState::Unknown { "? " } (words::plain(state.as_str())) }
        }
    }
}

fn oldest(row: &TenantRow<'_>, page: &Page<'_>) -> Markup {
    html! {
        @match row.oldest {
            Some((part, at)) => { (age(at, page.now)) small { (words::plain(part.as_str())) } }
            None => (unknown("no data")),
        }
        @if row.parts_without_value > 0 && row.oldest.is_some() {
            small { (unknown(&format!("{} parts without data", row.parts_without_value))) }
        }
    }
}

fn last_attempt(row: &TenantRow<'_>, page: &Page<'_>) -> Markup {
    let mut by_outcome: Vec<(Outcome, Vec<String>)> = Vec::new();
    for (part, outcome) in &row.failed {
        match by_outcome.iter_mut().find(|(known, _)| known == outcome) {
            Some((_, parts)) => parts.push(words::plain(part.as_str())),
            None => by_outcome.push((*outcome, vec![words::plain(part.as_str())])),
        }
    }
    html! {
        @match row.last_attempt_at {
            Some(at) => (ago(at, page.now)),
            None => (unknown("none yet")),
        }
        @for (outcome, parts) in by_outcome {
            small.failed { (words::plain(outcome.as_str())) ": " (parts.join(", ")) }
        }
    }
}

/// What is due is described in words, because since when is not known exactly.
fn next(next: &Next, page: &Page<'_>) -> Markup {
    html! {
        @match next.at {
            Some(until) if next.reason == Reason::VendorPause => (ago(until, page.now)),
            Some(at) if at > page.now => {
                span title=(words::readable(at)) { "within " (words::distance(at.since(page.now))) }
            }
            _ => {},
        }
        small { (next.reason.sentence()) }
    }
}

fn details(row: &TenantRow<'_>, page: &Page<'_>) -> Markup {
    html! {
        details {
            summary { "Details" }
            table.parts {
                thead { tr { th { "Part" } th { "State" } th { "Data age" } th { "Last attempt" } th { "Next attempt" } } }
                tbody { @for part in row.parts(page.now) { (part_row(&part, page)) } }
            }
        }
    }
}

fn part_row(row: &PartRow, page: &Page<'_>) -> Markup {
    html! {
        tr {
            th scope="row" { (words::plain(row.part.as_str())) }
            td.none[row.state.is_none()] data-label="State" {
                @match row.state {
                    Some(state) => (chip(None, state)),
                    None => "–",
                }
            }
            td data-label="Data age" {
                @match row.observed_at {
                    Some(at) => (age(at, page.now)),
                    None => (unknown("no data")),
                }
            }
            td data-label="Last attempt" {
                @match row.attempt {
                    Some(attempt) if attempt.outcome == Outcome::Success => (ago(attempt.at, page.now)),
                    Some(attempt) => {
                        (ago(attempt.at, page.now)) small.failed { (words::plain(attempt.outcome.as_str())) }
                    }
                    None => (unknown("none yet")),
                }
            }
            td data-label="Next attempt" { (next(&row.next, page)) }
        }
    }
}
