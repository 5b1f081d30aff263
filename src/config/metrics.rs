//! Reads which metric families are exposed.

use regex::Regex;

use super::Config;
use super::decoder::{Field, Section};
use crate::exposition::{Exposed, family_names};

/// The keys of the `metrics` section.
pub(super) const KEYS: &[&str] = &["allow", "deny"];

/// The only family that counts dropped tenants.
const DROPPED: &str = "saasbackup_tenants_dropped";

pub(super) fn decode(field: &Field<'_>) -> Option<Exposed> {
    let section = field.section(KEYS)?;
    let allow = patterns(&section, "allow");
    let deny = patterns(&section, "deny");
    let (allow, deny) = (allow?, deny?.unwrap_or_default());
    let matches = |patterns: &[Regex], name: &str| patterns.iter().any(|pattern| pattern.is_match(name));
    let exposed = Exposed::default()
        .without(|name| matches(&deny, name) || allow.as_ref().is_some_and(|allow| !matches(allow, name)));
    if exposed.families().is_empty() {
        field.problem("hides all metrics");
        return None;
    }
    Some(exposed)
}

/// Reports a series limit whose drops would be invisible.
pub(super) fn check_series_limit(file: &Section<'_>, config: &Config) {
    let limited = config.sources.iter().find(|source| source.collection.series_limit.is_some());
    if let (Some(source), false) = (limited, config.families.shows(DROPPED)) {
        let name = &source.name;
        file.problem_at(
            "metrics",
            format!(
                "hides {DROPPED}, the only metric that shows tenants dropped by the series_limit of source {name:?}"
            ),
        );
    }
}

/// `Some(None)` if the key is absent; each pattern matches whole names, as everywhere in Prometheus.
fn patterns(section: &Section<'_>, key: &str) -> Option<Option<Vec<Regex>>> {
    let Some(field) = section.get(key) else { return Some(None) };
    let items = field.items("[\"saasbackup_seats.*\"]")?;
    if items.is_empty() && key == "allow" {
        field.problem("is an empty list, which allows no metric; remove the key to allow all");
        return None;
    }
    // Every item is checked, so that all problems are reported at once.
    let patterns: Vec<_> = items.iter().map(pattern).collect();
    patterns.into_iter().collect::<Option<_>>().map(Some)
}

/// A pattern that matches no family has no effect: it is a typing error, or the family was renamed.
fn pattern(field: &Field<'_>) -> Option<Regex> {
    let pattern = field.regex(|text| format!("^(?:{text})$"))?;
    if family_names().any(|name| pattern.is_match(name)) {
        return Some(pattern);
    }
    let text = field.text()?;
    field.problem(format!("{} matches no metric name (list them with the subcommand metrics)", text.shown()));
    None
}
