//! Reads how often tenants should have a successful restore test.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::decoder::Field;
use crate::domain::SourceIdentity;
use crate::domain::restore::RestoreObjectives;

/// The keys of the `restore_test_objective` section.
pub(in crate::config) const KEYS: &[&str] = &["default", "sources", "tenants"];

/// The word instead of a duration if no restore tests are wanted.
pub(in crate::config) const NOT_WANTED: &str = "none";

/// Minimum objective: a shorter one is a typing error.
const MIN_OBJECTIVE: Duration = Duration::from_secs(60 * 60);

/// Maximum objective: `none` disables it.
const MAX_OBJECTIVE: Duration = Duration::from_secs(3650 * 86_400);

/// Reads the section; `sources` are those of the configuration, if they are valid.
pub(in crate::config) fn decode(field: &Field<'_>, sources: Option<&[SourceIdentity]>) -> Option<RestoreObjectives> {
    let section = field.section(KEYS)?;
    let mut objectives = RestoreObjectives::default();
    if let Some(default) = section.get("default").and_then(|field| objective(&field)) {
        objectives.default = default;
    }
    if let Some(named) = section.get("sources").and_then(|field| field.named_values()) {
        for (name, field) in &named {
            if sources.is_some_and(|sources| sources.iter().all(|source| *source.name != **name)) {
                field.problem("no source has this name");
            }
        }
        objectives.sources = by_name(named);
    }
    if let Some(named) = section.get("tenants").and_then(|field| field.named_values()) {
        objectives.tenants = by_name(named);
    }
    Some(objectives)
}

fn by_name(named: Vec<(&str, Field<'_>)>) -> BTreeMap<String, Option<Duration>> {
    named.into_iter().filter_map(|(name, field)| Some((name.to_owned(), objective(&field)?))).collect()
}

/// `None` if and only if a problem was reported.
fn objective(field: &Field<'_>) -> Option<Option<Duration>> {
    if field.is_word(NOT_WANTED) {
        return Some(None);
    }
    field.duration(MIN_OBJECTIVE, MAX_OBJECTIVE).map(Some)
}
