//! Writes the table of sources.

use maud::{Markup, html};

use super::{ago, name, unknown};
use crate::domain::Outcome;
use crate::server::status_page::page::Page;
use crate::server::status_page::problems::of_outcome;
use crate::server::status_page::source::SourceRow;
use crate::server::status_page::words;

pub(super) fn table(page: &Page<'_>) -> Markup {
    html! {
        h2 { "Sources" }
        table.sources {
            thead {
                tr {
                    th scope="col" { "Source" }
                    th scope="col" { "Last listing" }
                    th scope="col" { "Tenants" }
                    th scope="col" { "Refresh interval" }
                    th scope="col" { "Next listing" }
                }
            }
            tbody { @for source in &page.sources { (row(source, page)) } }
        }
    }
}

fn row(row: &SourceRow<'_>, page: &Page<'_>) -> Markup {
    let state = &row.source.state;
    html! {
        tr {
            th scope="row" { (name(&state.identity.name)) small { (state.identity.provider.as_str()) } }
            td data-label="Last listing" { (listing(row, page)) }
            td data-label="Tenants" {
                @match &row.tenants {
                    Some(counts) => (counts.all()),
                    None => (unknown("unknown")),
                }
                @if let Some(excluded) = row.excluded().filter(|excluded| *excluded > 0) {
                    small { (excluded) " excluded by the configuration" }
                }
            }
            td data-label="Refresh interval" { (refresh_interval(row, page)) }
            td data-label="Next listing" {
                @if let Some(at) = row.next_listing.at { (ago(at, page.now)) }
                small { (row.next_listing.reason.sentence()) }
            }
        }
    }
}

fn listing(row: &SourceRow<'_>, page: &Page<'_>) -> Markup {
    let listing = &row.source.state.listing;
    let Some(attempt) = listing.attempt else { return unknown("not listed yet") };
    html! {
        @if attempt.outcome == Outcome::Success {
            span.chip.ok { "complete" }
        } @else {
            span.chip.failing { (words::plain(attempt.outcome.as_str())) }
        }
        " " (ago(attempt.at, page.now))
        @match listing.observed_at() {
            Some(at) if attempt.outcome != Outcome::Success => small { "last complete " (ago(at, page.now)) },
            None => small { (unknown("no complete listing, or expired")) },
            Some(_) => {},
        }
        @if let Some(action) = of_outcome(attempt.outcome) { p.action { (action) } }
    }
}

fn refresh_interval(row: &SourceRow<'_>, page: &Page<'_>) -> Markup {
    let Some(poller) = row.source.poller.as_deref() else { return unknown("not known yet") };
    html! {
        @if let Some(until) = row.paused_until {
            span.chip.late { "paused" } ", resumes " (ago(until, page.now)) br;
        }
        @match poller.effective_interval {
            Some(interval) => span { (words::distance(interval)) },
            None => (unknown("not known yet")),
        }
        small { "rate limit: " (rounded(poller.requests_per_second)) " requests/s" }
        @if let Some(requests) = poller.requests_per_tenant_and_day {
            small { (rounded(requests)) " requests per tenant and day" }
        }
        @if !poller.requests.is_empty() { small { "mostly " (largest(&poller.requests)) } }
        @if let Some(remaining) = poller.budget_remaining {
            small { "API quota remaining: " (remaining) }
        }
    }
}

/// The endpoints with the most requests, with their shares.
#[expect(clippy::cast_precision_loss, reason = "requests are counted below 2^53")]
fn largest(by_endpoint: &[(&'static str, u64)]) -> String {
    const SHOWN: usize = 3;
    let all: u64 = by_endpoint.iter().map(|(_, sent)| sent).sum();
    let share = |sent: u64| (100.0 * sent as f64 / all as f64).round();
    let shares = by_endpoint.iter().take(SHOWN).map(|(endpoint, sent)| format!("{endpoint} ({}%)", share(*sent)));
    shares.collect::<Vec<_>>().join(", ")
}

/// A rate with at most one decimal.
fn rounded(rate: f64) -> String {
    let text = format!("{rate:.1}");
    text.strip_suffix(".0").map_or(text.clone(), ToOwned::to_owned)
}
