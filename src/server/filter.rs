//! Parses the query of a scrape, and turns errors into responses.
//!
//! Unknown parameters are rejected, although exporters commonly ignore them: a filter keeps one customer's series apart
//! from another's, and with a typo it must not return those of everyone.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use strum::VariantArray as _;
use url::form_urlencoded;

use crate::exposition::{Filter, Group, Missing};

/// Why a query is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadQuery {
    #[error("unknown parameter {name:?} (accepted: {accepted})")]
    Parameter { name: String, accepted: &'static str },
    #[error("unknown group {word:?} (accepted: {accepted})")]
    Group { word: String, accepted: String },
}

/// The filter in a query; an empty query selects everything.
pub(super) fn read(query: &str) -> Result<Filter, BadQuery> {
    let mut filter = Filter::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "tenant" => drop(filter.tenants.get_or_insert_default().insert(value.into_owned())),
            "source" => drop(filter.sources.get_or_insert_default().insert(value.into_owned())),
            // Prometheus's service discovery can neither use brackets in a parameter's name nor repeat a parameter.
            "collect[]" | "collect" => filter.groups.get_or_insert_default().append(&mut groups(&value)?),
            _ => {
                let accepted = "tenant, source, collect[] or collect";
                return Err(BadQuery::Parameter { name: name.into_owned(), accepted });
            }
        }
    }
    Ok(filter)
}

/// The filter in the query of a page that has no groups.
pub(super) fn read_tenants(query: &str) -> Result<Filter, BadQuery> {
    let names = ["tenant", "source"];
    match form_urlencoded::parse(query.as_bytes()).find(|(name, _)| !names.contains(&&**name)) {
        Some((name, _)) => Err(BadQuery::Parameter { name: name.into_owned(), accepted: "tenant, source" }),
        None => read(query),
    }
}

fn groups(words: &str) -> Result<BTreeSet<Group>, BadQuery> {
    let group = |word: &str| {
        word.parse().map_err(|_| BadQuery::Group {
            word: word.to_owned(),
            accepted: Group::VARIANTS.iter().map(|group| group.as_str()).collect::<Vec<_>>().join(", "),
        })
    };
    words.split(',').map(str::trim).map(group).collect()
}

impl IntoResponse for BadQuery {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, format!("{self}\n")).into_response()
    }
}

/// Maps a missing selection to 404 or, if it may appear later, to 503.
pub(super) fn answer(missing: &Missing) -> Response {
    let status = match missing {
        Missing::Source { .. } | Missing::Tenant { .. } => StatusCode::NOT_FOUND,
        Missing::Unlisted { .. } | Missing::Listing { .. } | Missing::Dropped { .. } => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, format!("{missing}\n")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(words: &[&str]) -> Option<BTreeSet<String>> {
        Some(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn no_query_asks_for_everything() {
        assert_eq!(read(""), Ok(Filter::default()));
    }

    #[test]
    fn parameters_are_decoded_and_may_be_repeated() {
        let filter =
            read("tenant=quo%22ted+%5C+S%C3%B6hne&tenant=a%26b&source=us&collect%5B%5D=seats&collect[]=source")
                .unwrap();
        assert_eq!(filter.tenants, set(&["quo\"ted \\ Söhne", "a&b"]));
        assert_eq!(filter.sources, set(&["us"]));
        assert_eq!(filter.groups, Some([Group::Seats, Group::Source].into()));
    }

    #[test]
    fn groups_may_stand_in_one_parameter_without_brackets() {
        assert_eq!(read("collect=seats,coverage").unwrap().groups, Some([Group::Seats, Group::Coverage].into()));
    }

    #[test]
    fn an_empty_tenant_parameter_is_not_all_tenants() {
        assert_eq!(read("tenant=").unwrap().tenants, set(&[""]));
    }

    #[test]
    fn what_is_not_known_is_refused_with_what_is_accepted() {
        for (query, words) in [
            ("collect[]=seats&collect[]=mail", "unknown group \"mail\" (accepted: exporter, source, listing, seats,"),
            ("collect=seats,,coverage", "unknown group \"\""),
            ("tenants=acme", "unknown parameter \"tenants\" (accepted: tenant, source, collect[] or collect)"),
        ] {
            let error = read(query).unwrap_err().to_string();
            assert!(error.contains(words), "{query}: {error}");
        }
        let error = read_tenants("source=us&collect=seats").unwrap_err().to_string();
        assert_eq!(error, "unknown parameter \"collect\" (accepted: tenant, source)");
        assert_eq!(read_tenants("source=us&tenant=a"), read("source=us&tenant=a"));
    }
}
