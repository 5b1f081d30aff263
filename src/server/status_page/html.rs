//! Writes the page as HTML without scripts or external content.

mod filter;
mod problems;
mod sources;
mod style;
mod tenants;

use maud::{DOCTYPE, Markup, html};

use self::tenants::anchored;
use super::page::Page;
use super::query::{Query, Wanted};
use super::verdict::Verdict;
use super::words;
use crate::domain::Timestamp;

pub(crate) use self::style::style;
use crate::markup::{metadata, name};

/// The page as one HTML document.
#[must_use]
pub fn render(page: &Page<'_>) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                (metadata())
                title { (page.counts.get(Verdict::NotFine)) " unhealthy · saasbackup-exporter" }
                (style())
            }
            body {
                header {
                    h1 { a href="./" { "saasbackup-exporter" } " status" }
                    p.quiet { "As of " (words::readable(page.now)) }
                    @if !page.shard.is_whole() {
                        p.doubt {
                            strong { "Shard " (page.shard) } " (zero-based): tenants of other shards are not shown."
                        }
                    }
                }
                (overview(page))
                (problems::table(page))
                (sources::table(page))
                h2 id=(anchored()) { "Tenants" }
                (filter::form(page))
                (tenants::table(page))
            }
        }
    }
    .into_string()
}

/// The number of tenants by verdict, each linked to the tenants that it counts.
fn overview(page: &Page<'_>) -> Markup {
    let counts = &page.counts;
    let number = |verdict: Verdict, label: &str, note: Markup| {
        let count = counts.get(verdict);
        let link = Query::in_state(Some(Wanted::Verdict(verdict))).address();
        html! {
            a.figure.(verdict.as_str()).none[count == 0] href=(link) {
                strong { (count) } " " (label) (note)
            }
        }
    };
    let unconfirmed = html! {
        @if counts.fine_unconfirmed > 0 { small { (counts.fine_unconfirmed) " of them stale" } }
    };
    let no_note = || html! {};
    let troubled = page.sources.iter().filter(|source| source.is_troubled()).count();
    let unlisted = page.sources.iter().filter(|source| source.tenants.is_none()).count();
    html! {
        p.overview {
            (number(Verdict::NotFine, "unhealthy", no_note()))
            (number(Verdict::Unknown, "unknown", no_note()))
            (number(Verdict::Fine, "healthy", unconfirmed))
            (number(Verdict::Inactive, "nothing to back up", no_note()))
        }
        @if troubled > 0 {
            p.alarm {
                strong { (troubled) " of " (page.sources.len()) " sources unhealthy" }
                ": the table of sources shows what to do."
            }
        }
        @if unlisted > 0 {
            p.doubt {
                strong { "The tenants of " (unlisted) " of " (page.sources.len()) " sources are unknown" }
                ": they are not included in these numbers until a listing succeeds."
            }
        }
    }
}

/// How long ago something was, with the exact time as a tooltip.
fn ago(at: Timestamp, now: Timestamp) -> Markup {
    html! {
        span title=(words::readable(at)) {
            @if at > now { "in " (words::distance(at.since(now))) } @else { (words::distance(now.since(at))) " ago" }
        }
    }
}

/// How old a value is, with the exact time as a tooltip.
fn age(at: Timestamp, now: Timestamp) -> Markup {
    if at > now {
        ago(at, now)
    } else {
        html! { span title=(words::readable(at)) { (words::distance(now.since(at))) } }
    }
}

/// The text for an unknown value, in a style of its own.
fn unknown(word: &str) -> Markup {
    html! { span.unknown-value { (word) } }
}
