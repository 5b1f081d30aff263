//! Writes the page as HTML that needs no script and nothing from elsewhere.

mod filter;
mod name;
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

use self::name::name;
pub(crate) use self::style::style;

/// The page as one HTML document.
#[must_use]
pub fn render(page: &Page<'_>) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.counts.get(Verdict::NotFine)) " not fine · saasbackup-exporter" }
                (style())
            }
            body {
                header {
                    h1 { a href="./" { "saasbackup-exporter" } " status" }
                    p.quiet { "As of " (words::readable(page.now)) }
                    @if !page.shard.is_whole() {
                        p.doubt {
                            strong { "Shard " (page.shard) } ", counted from 0: the tenants of other shards are not on this page."
                        }
                    }
                }
                (overview(page))
                (sources::table(page))
                h2 id=(anchored()) { "Tenants" }
                (filter::form(page))
                (tenants::table(page))
            }
        }
    }
    .into_string()
}

/// The line that answers the question; each number leads to those it counts.
fn overview(page: &Page<'_>) -> Markup {
    let counts = &page.counts;
    let number = |verdict: Verdict, label: &str, note: Markup| {
        let count = counts.get(verdict);
        let link = Query::everybody(Some(Wanted::Verdict(verdict))).address();
        html! {
            a.figure.(verdict.as_str()).none[count == 0] href=(link) {
                strong { (count) } " " (label) (note)
            }
        }
    };
    let unconfirmed = html! {
        @if counts.fine_unconfirmed > 0 { small { (counts.fine_unconfirmed) " of them not confirmed by the last attempt" } }
    };
    let nobody = || html! {};
    let troubled = page.sources.iter().filter(|source| source.is_troubled()).count();
    let unlisted = page.sources.iter().filter(|source| source.tenants.is_none()).count();
    html! {
        p.overview {
            (number(Verdict::NotFine, "not fine", nobody()))
            (number(Verdict::Unknown, "unknown", nobody()))
            (number(Verdict::Fine, "fine", unconfirmed))
            (number(Verdict::Inactive, "with nothing to back up", nobody()))
        }
        @if troubled > 0 {
            p.alarm { strong { (troubled) " of " (page.sources.len()) " sources in trouble" } ": see below." }
        }
        @if unlisted > 0 {
            p.doubt {
                strong { "The tenants of " (unlisted) " of " (page.sources.len()) " sources are not known" }
                ": they are in none of these numbers."
            }
        }
    }
}

/// How long ago something was, with the exact time for those who point at it.
fn ago(at: Timestamp, now: Timestamp) -> Markup {
    html! {
        span title=(words::readable(at)) {
            @if at > now { "in " (words::distance(at.since(now))) } @else { (words::distance(now.since(at))) " ago" }
        }
    }
}

/// A word for what nobody knows, which looks like nothing else.
fn unknown(word: &str) -> Markup {
    html! { span.unknown-value { (word) } }
}
