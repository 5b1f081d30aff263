//! Golden pages of a small hand-made fleet, and what must hold of every page.

mod fleet;

use std::collections::BTreeSet;

use self::fleet::{NOW, big, fleet};
use super::{Page, Query, to_html, to_json};
use crate::domain::shard::Shard;
use crate::golden::assert_golden;

fn query(text: &str) -> Query {
    Query::parse(text).unwrap()
}

/// The names on a page, in order.
fn shown(text: &str) -> Vec<String> {
    let published = fleet();
    let page = Page::new(&published, &query(text), NOW);
    page.tenants.iter().map(|row| row.tenant.tenant.id.to_string()).collect()
}

#[test]
fn the_page_is_as_it_was() {
    let page = to_html(&Page::new(&fleet(), &Query::default(), NOW)).replace('>', ">\n");
    assert_golden("src/server/status_page/golden/page.html", &page);
}

#[test]
fn the_document_is_as_it_was() {
    let document = to_json(&Page::new(&fleet(), &Query::default(), NOW));
    assert_golden("src/server/status_page/golden/document.json", &document);
}

#[test]
fn a_shard_says_that_the_tenants_of_others_are_not_here() {
    let published = fleet();
    let whole = Page::new(&published, &Query::default(), NOW);
    assert!(!to_html(&whole).contains("Shard"));
    let shard = whole.of_shard(Shard::new(1, 3).unwrap());
    assert!(to_html(&shard).contains("Shard 1 of 3"), "{}", to_html(&shard));
    let document: serde_json::Value = serde_json::from_str(&to_json(&shard)).unwrap();
    assert_eq!(document["shard"], serde_json::json!({ "index": 1, "total": 3 }));
}

#[test]
fn the_worst_come_first_and_what_is_fine_last() {
    assert_eq!(shown(""), ["failing", "late", "unseen", "stale", "fine", "paused"]);
}

#[test]
fn tenants_are_shown_in_the_order_that_is_asked_for() {
    assert_eq!(shown("sort=name"), ["stale", "fine", "late", "paused", "failing", "unseen"]);
    assert_eq!(shown("sort=age")[..2], ["unseen", "failing"], "never observed, then observed in part");
    assert_eq!(shown("sort=next")[..3], ["fine", "unseen", "failing"], "running, in line, then by time");
}

#[test]
fn only_those_are_shown_that_are_asked_for() {
    for (text, expected) in [
        ("state=not_fine", &["failing", "late"][..]),
        ("state=unknown", &["unseen"]),
        ("state=fine", &["stale", "fine"]),
        ("state=inactive", &["paused"]),
        ("state=late", &["late"]),
        ("state=stopped", &["late"]),
        ("state=empty", &[]),
        ("state=unknown_workload", &["failing", "unseen"]),
        ("state=unconfirmed", &["unseen", "stale"]),
        ("tenant=late", &["late"]),
        ("tenant=FREIGHT", &["fine"]),
        ("tenant=lat", &[]),
        ("source=dropsuite-us&tenant=<SCRIPT", &["failing"]),
        ("source=datto", &[]),
        ("source=nobody", &[]),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn every_number_of_the_overview_leads_to_so_many_tenants() {
    let published = fleet();
    let page = Page::new(&published, &Query::default(), NOW);
    let mut all = BTreeSet::new();
    for verdict in super::verdict::Verdict::ALL {
        let found = shown(&format!("state={}", verdict.as_str()));
        assert_eq!(found.len(), page.counts.get(verdict), "{verdict:?}");
        all.extend(found);
    }
    assert_eq!(all.len(), page.counts.all(), "each tenant is in exactly one of them");
}

#[test]
fn unknown_is_null_in_json_and_no_zero_in_html() {
    let published = fleet();
    let page = Page::new(&published, &query("tenant=unseen"), NOW);
    let document: serde_json::Value = serde_json::from_str(&to_json(&page)).unwrap();
    let datto = &document["sources"][1];
    for key in ["last_listing", "listing_complete", "tenants", "requests_per_second", "budget_remaining"] {
        assert!(datto.get(key).is_some_and(serde_json::Value::is_null), "{key}: {datto}");
    }
    let unseen = &document["tenants"][0];
    assert!(unseen["oldest_observed_at"].is_string(), "the listing was observed: {unseen}");
    let mail = unseen["parts"].as_array().unwrap().iter().find(|part| part["part"] == "mail").unwrap();
    assert!(mail["observed_at"].is_null() && mail["last_attempt"].is_null(), "{mail}");
    assert_eq!(mail["state"], "unknown");
    let html = to_html(&page);
    assert!(html.contains("The tenants of 1 of 2 sources are unknown"), "{html}");
    assert!(html.contains("<span class=\"chip unknown\">mail <b>? unknown</b></span>"), "{html}");
}

#[test]
fn a_hostile_name_reaches_no_page_as_markup() {
    for (name, value) in [("tenant", ""), ("tenant", "<script>alert(1)</script>\"'"), ("source", "\"><img src=x>")] {
        let text = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
        let html = to_html(&Page::new(&fleet(), &query(&text), NOW));
        for word in ["<script", "<img", "\u{202e}", "onload=\""] {
            assert!(!html.contains(word), "{word} in {html}");
        }
        assert_eq!(html.matches("<style>").count(), 1);
    }
}

#[test]
fn a_big_fleet_is_shown_page_by_page() {
    let published = big(5_000);
    let mut seen = BTreeSet::new();
    for page in 1..=25 {
        let page = Page::new(&published, &query(&format!("sort=name&page={page}")), NOW);
        assert_eq!((page.matching, page.pages, page.tenants.len()), (5_000, 25, 200));
        seen.extend(page.tenants.iter().map(|row| row.tenant.tenant.id.clone()));
        let html = to_html(&page);
        assert!(html.len() < 2_000_000, "{} bytes", html.len());
    }
    assert_eq!(seen.len(), 5_000, "none is missing, and none is shown twice");
    let beyond = Page::new(&published, &query("page=9999"), NOW);
    assert_eq!((beyond.query.page, beyond.tenants.len()), (25, 200), "the last page stands for those beyond");
}

/// Every key in a document, at any depth.
fn keys(value: &serde_json::Value, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(object) => {
            for (key, value) in object {
                found.insert(key.clone());
                keys(value, found);
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

#[test]
fn the_documentation_names_every_key_and_every_word() {
    let documentation = include_str!("../../../docs/STATUS.md");
    let document = to_json(&Page::new(&fleet(), &Query::default(), NOW));
    let mut words = BTreeSet::new();
    keys(&serde_json::from_str(&document).unwrap(), &mut words);
    assert!(words.len() > 40, "{words:?}");
    words.extend(super::query::Wanted::ALL.map(|wanted| wanted.as_str().to_owned()));
    words.extend(super::query::Sort::ALL.map(|sort| sort.as_str().to_owned()));
    for word in words {
        assert!(documentation.contains(&format!("`{word}`")), "docs/STATUS.md does not name {word}");
    }
}
