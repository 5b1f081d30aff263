//! Reads which share of the accounts should be protected.

use super::decoder::Field;
use crate::domain::{CoverageObjectives, Ratio};

/// The keys of the `coverage_objective` section.
pub(super) const KEYS: &[&str] = &["default", "tenants"];

/// The word instead of a ratio where no objective is wanted.
pub(super) const NOT_WANTED: &str = "none";

pub(super) fn decode(field: &Field<'_>) -> Option<CoverageObjectives> {
    let section = field.section(KEYS)?;
    let mut objectives = CoverageObjectives::default();
    if let Some(default) = section.get("default").and_then(|field| objective(&field)) {
        objectives.default = default;
    }
    for (tenant, field) in section.get("tenants").and_then(|field| field.named_values()).unwrap_or_default() {
        if let Some(objective) = objective(&field) {
            objectives.tenants.insert(tenant.to_owned(), objective);
        }
    }
    Some(objectives)
}

/// `None` if and only if a problem was reported.
fn objective(field: &Field<'_>) -> Option<Option<Ratio>> {
    if field.is_word(NOT_WANTED) {
        return Some(None);
    }
    let number = field.number("a number from 0 to 1", |number: &f64| Ratio::new(*number).is_some())?;
    Ratio::new(number).map(Some)
}
