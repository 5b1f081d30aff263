//! Writes the page as JSON: times in RFC 3339, durations in seconds, and `null` for unknown values.
//!
//! The keys are documented in docs/STATUS.md; they are only added to, never renamed.

use serde_json::{Value, json};

use super::counts::Counts;
use super::next::Next;
use super::page::{PAGE_SIZE, Page};
use super::query::Wanted;
use super::source::SourceRow;
use super::tenant::{PartRow, TenantRow};
use super::verdict::Verdict;
use super::words::rfc3339;
use crate::domain::{Attempt, Timestamp};

/// The page as one JSON document.
#[must_use]
pub fn render(page: &Page<'_>) -> String {
    let sources: Vec<_> = page.sources.iter().map(source).collect();
    let tenants: Vec<_> = page.tenants.iter().map(|row| tenant(row, page.now)).collect();
    let document = json!({
        "as_of": rfc3339(page.now),
        "shard": { "index": page.shard.index(), "total": page.shard.total() },
        "overview": {
            "tenants": counts(&page.counts),
            "sources": page.sources.len(),
            "sources_in_trouble": page.sources.iter().filter(|source| source.is_troubled()).count(),
            "sources_with_unknown_tenants": page.sources.iter().filter(|source| source.tenants.is_none()).count(),
        },
        "query": {
            "source": given(&page.query.source),
            "tenant": given(&page.query.tenant),
            "state": page.query.state.map(Wanted::as_str),
            "sort": page.query.sort.as_str(),
        },
        "page": { "number": page.query.page, "of": page.pages, "size": PAGE_SIZE, "matching_tenants": page.matching },
        "sources": sources,
        "tenants": tenants,
    });
    format!("{document:#}\n")
}

fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn counts(counts: &Counts) -> Value {
    let mut object: serde_json::Map<_, _> =
        Verdict::ALL.iter().map(|verdict| (verdict.as_str().to_owned(), counts.get(*verdict).into())).collect();
    object.insert("all".to_owned(), counts.all().into());
    object.insert("fine_unconfirmed".to_owned(), counts.fine_unconfirmed.into());
    object.into()
}

fn source(row: &SourceRow<'_>) -> Value {
    let (state, poller) = (&row.source.state, row.source.poller.as_deref());
    json!({
        "source": &*state.identity.name,
        "provider": state.identity.provider.as_str(),
        "last_listing": state.listing.attempt.map(attempt),
        "listing_complete": row.is_complete(),
        "listing_observed_at": state.listing.observed_at().and_then(rfc3339),
        "next_listing": next(&row.next_listing),
        "tenants": row.tenants.as_ref().map(counts),
        "tenants_excluded": row.excluded(),
        "requests_per_second": poller.map(|poller| poller.requests_per_second),
        "budget_remaining": poller.and_then(|poller| poller.budget_remaining),
        "effective_interval_seconds": poller.and_then(|poller| poller.effective_interval).map(|time| time.as_secs_f64()),
        "requests_per_tenant_and_day": poller.and_then(|poller| poller.requests_per_tenant_and_day),
        "requests_by_endpoint": poller.map(|poller| requests(&poller.requests)),
        "paused_until": row.paused_until.and_then(rfc3339),
    })
}

fn requests(by_endpoint: &[(&'static str, u64)]) -> Value {
    by_endpoint.iter().map(|(endpoint, sent)| json!({ "endpoint": endpoint, "requests": sent })).collect()
}

fn tenant(row: &TenantRow<'_>, now: Timestamp) -> Value {
    let parts: Vec<_> = row.parts(now).map(|row| part(&row)).collect();
    let identity = &row.source.state.identity;
    json!({
        "source": &*identity.name,
        "provider": identity.provider.as_str(),
        "tenant_id": row.tenant.tenant.id.as_str(),
        "tenant": row.tenant.display_name(),
        "verdict": row.verdict.as_str(),
        "confirmed": row.is_confirmed,
        "oldest_observed_at": row.oldest.and_then(|(_, at)| rfc3339(at)),
        "oldest_part": row.oldest.map(|(part, _)| part.as_str()),
        "parts_without_value": row.parts_without_value,
        "last_attempt_at": row.last_attempt_at.and_then(rfc3339),
        "next_attempt": next(&row.next),
        "parts": parts,
    })
}

fn part(row: &PartRow) -> Value {
    json!({
        "part": row.part.as_str(),
        "state": row.state.map(|state| state.as_str()),
        "observed_at": row.observed_at.and_then(rfc3339),
        "last_attempt": row.attempt.map(attempt),
        "next_attempt": next(&row.next),
    })
}

fn attempt(attempt: Attempt) -> Value {
    json!({ "at": rfc3339(attempt.at), "outcome": attempt.outcome.as_str() })
}

fn next(next: &Next) -> Value {
    json!({ "at": next.at.and_then(rfc3339), "reason": next.reason.as_str(), "why": next.reason.sentence() })
}
