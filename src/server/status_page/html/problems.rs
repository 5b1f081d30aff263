//! Writes the table of problems, each with what to do next.

use maud::{Markup, html};

use super::tenants::{anchored, chip};
use crate::domain::{Outcome, WorkloadState};
use crate::server::status_page::page::Page;
use crate::server::status_page::problems::{of_outcome, of_state};
use crate::server::status_page::query::{Query, Wanted};
use crate::server::status_page::words;

/// Nothing if there is no problem.
pub(super) fn table(page: &Page<'_>) -> Markup {
    let problems = &page.problems;
    if problems.is_empty() {
        return html! {};
    }
    html! {
        h2 { "What to do next" }
        table.problems {
            thead { tr { th scope="col" { "State" } th scope="col" { "Tenants" } th scope="col" { "What to do" } } }
            tbody {
                @for (state, tenants) in &problems.states { (of_workloads(*state, *tenants)) }
                @for (outcome, tenants) in &problems.outcomes { (of_attempts(*outcome, *tenants)) }
            }
        }
    }
}

fn of_workloads(state: WorkloadState, tenants: usize) -> Markup {
    let link = Query::in_state(Some(Wanted::Workload(state))).address();
    html! {
        tr {
            th scope="row" { (chip(None, state)) }
            td data-label="Tenants" { a href={ (link) "#" (anchored()) } { (tenants) } }
            td { (of_state(state).unwrap_or_default()) }
        }
    }
}

fn of_attempts(outcome: Outcome, tenants: usize) -> Markup {
    html! {
        tr {
            th scope="row" { small { "last attempt" } span.failed { (words::plain(outcome.as_str())) } }
            td data-label="Tenants" { (tenants) }
            td { (of_outcome(outcome).unwrap_or_default()) }
        }
    }
}
