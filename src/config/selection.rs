//! Selects the tenants of a source that are collected.

use regex::Regex;
use serde::Serialize;

use super::decoder::Field;
use super::serialize;

/// The keys of a source's `tenants` section.
pub(super) const KEYS: &[&str] = &["include", "exclude"];

/// The selected tenants; all by default.
///
/// A pattern matches anywhere in the tenant's id or name, and is case-sensitive;
/// anchor it with `^` and `$` to match the whole.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Selection {
    #[serde(serialize_with = "serialize::some_patterns", skip_serializing_if = "Option::is_none")]
    include: Option<Vec<Regex>>,
    #[serde(serialize_with = "serialize::patterns", skip_serializing_if = "Vec::is_empty")]
    exclude: Vec<Regex>,
}

impl Selection {
    /// A selection of the tenants that match one of `include` (`None`: of all) and none of `exclude`.
    #[must_use]
    pub const fn new(include: Option<Vec<Regex>>, exclude: Vec<Regex>) -> Self {
        Self { include, exclude }
    }

    pub(super) const fn selects_all(&self) -> bool {
        self.include.is_none() && self.exclude.is_empty()
    }

    /// Whether the tenant with this id and name is collected.
    #[must_use]
    pub fn selects(&self, id: &str, name: &str) -> bool {
        let matches = |pattern: &Regex| pattern.is_match(id) || pattern.is_match(name);
        self.include.as_ref().is_none_or(|include| include.iter().any(matches)) && !self.exclude.iter().any(matches)
    }
}

/// Equal if the patterns have the same text.
impl PartialEq for Selection {
    fn eq(&self, other: &Self) -> bool {
        let written =
            |patterns: &[Regex]| patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect::<Vec<_>>();
        self.include.as_deref().map(written) == other.include.as_deref().map(written)
            && written(&self.exclude) == written(&other.exclude)
    }
}

pub(super) fn decode(field: &Field<'_>) -> Option<Selection> {
    let section = field.section(KEYS)?;
    let include = section.get("include");
    let included = include.as_ref().and_then(patterns);
    if let (Some(include), Some([])) = (&include, included.as_deref()) {
        include.problem("is an empty list, which selects no tenant; remove the key to select all");
    }
    let exclude = section.get("exclude").map_or_else(|| Some(Vec::new()), |exclude| patterns(&exclude));
    Some(Selection::new(included, exclude?))
}

fn patterns(field: &Field<'_>) -> Option<Vec<Regex>> {
    let items = field.items("[\"^acme\"]")?;
    Some(items.iter().filter_map(pattern).collect())
}

fn pattern(field: &Field<'_>) -> Option<Regex> {
    field.regex(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(include: Option<&[&str]>, exclude: &[&str]) -> Selection {
        let compile = |patterns: &[&str]| patterns.iter().map(|pattern| Regex::new(pattern).unwrap()).collect();
        Selection::new(include.map(compile), compile(exclude))
    }

    #[test]
    fn a_tenant_is_selected_by_its_id_or_its_name() {
        for (include, exclude, selected) in [
            (None, &[][..], true),
            (Some(&["cme"][..]), &[][..], true),
            (Some(&["^440032-6$"][..]), &[][..], true),
            (Some(&["^cme"][..]), &[][..], false),
            (Some(&["acme"][..]), &[][..], false),
            (Some(&["x", "^Acme"][..]), &[][..], true),
            (None, &["^test-", "^44"][..], false),
            (Some(&[".*"][..]), &["Acme"][..], false),
        ] {
            let selection = selection(include, exclude);
            assert_eq!(selection.selects("440032-6", "Acme"), selected, "{selection:?}");
        }
    }
}
