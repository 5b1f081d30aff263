//! Writes the filter form, and the links to the other pages.

use maud::{Markup, html};

use super::anchored;
use crate::server::status_page::page::Page;
use crate::server::status_page::query::{Query, Sort, Wanted};
use crate::server::status_page::verdict::Verdict;
use crate::server::status_page::words;

pub(super) fn form(page: &Page<'_>) -> Markup {
    let query = &page.query;
    let sources = page.sources.iter().map(|row| &*row.source.state.identity.name);
    html! {
        form method="get" action="?" {
            label { "Name or ID " input type="search" name="tenant" value=(query.tenant) maxlength="200"; }
            label {
                "State "
                select name="state" {
                    option value="" { "all" }
                    @for wanted in Wanted::ALL {
                        option value=(wanted.as_str()) selected[query.state == Some(wanted)] {
                            (state_label(wanted))
                        }
                    }
                }
            }
            label {
                "Source "
                select name="source" {
                    option value="" { "all" }
                    @for source in sources { option value=(source) selected[source == query.source] { (source) } }
                }
            }
            label {
                "Sort by "
                select name="sort" {
                    @for sort in Sort::ALL { option value=(sort.as_str()) selected[sort == query.sort] { (label(sort)) } }
                }
            }
            button { "Apply" }
            @if query.is_filtered() { " " a href=(Query::in_state(None).address()) { "Clear filters" } }
        }
    }
}

/// The number of tenants, and links to the other pages.
pub(super) fn pages(page: &Page<'_>) -> Markup {
    let number = page.query.page;
    let link = |page_number: usize, label: &str| {
        let address = page.query.on_page(page_number).address();
        html! { " " a href={ (address) "#" (anchored()) } { (label) } }
    };
    html! {
        p.pages {
            (page.matching) @if page.matching == 1 { " tenant" } @else { " tenants" }
            @if page.pages > 1 {
                ", page " (number) " of " (page.pages) ":"
                @if number > 1 { (link(1, "first")) (link(number - 1, "previous")) }
                @if number < page.pages { (link(number + 1, "next")) (link(page.pages, "last")) }
            }
        }
    }
}

/// Queries keep their words because of bookmarks; the page uses those of the dashboards.
fn state_label(wanted: Wanted) -> String {
    match wanted {
        Wanted::Verdict(Verdict::NotFine) => "unhealthy".to_owned(),
        Wanted::Verdict(Verdict::Fine) => "healthy".to_owned(),
        Wanted::Verdict(Verdict::Inactive) => "nothing to back up".to_owned(),
        Wanted::Unconfirmed => "stale".to_owned(),
        other => words::plain(other.as_str()),
    }
}

const fn label(sort: Sort) -> &'static str {
    match sort {
        Sort::State => "worst first",
        Sort::Name => "name",
        Sort::Age => "oldest data first",
        Sort::Next => "next attempt",
    }
}
