//! Writes the reference of all metric families as Markdown, from the catalogue.

use super::{FAMILIES, Group};
use crate::instrumentation::OWN_FAMILIES;
use crate::metric::Descriptor;

const INTRODUCTION: &str = "\
# Metrics

Generated from the catalogue by `saasbackup-exporter metrics`; do not edit.

For all metrics:

- Unknown is absent, and zero is zero: a value that the vendor does not report has no sample.
- Times are seconds since the Unix epoch, never ages. Samples have no timestamps.
- The samples of a family can be summed over its labels: none of them is a total of others.
- A state set has a sample for each state: 1 for the current one, and 0 for the others.
- Values were collected at the `saasbackup_observed_timestamp_seconds` of their part. A part whose collection fails keeps
  its values and that time; values older than `stale_after` expire, and the state becomes `unknown`.
- A scrape can select groups of families with `collect[]`, and tenants and sources with `tenant` and `source`.

";

/// The content of `docs/METRICS.md`.
#[must_use]
pub fn reference() -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("## Tenants and sources\n");
    for family in FAMILIES {
        let group = family.group.map_or("that of the part", Group::as_str);
        entry(&mut page, &family.descriptor, &family.labels(), group);
    }
    page.push_str("\n## The exporter itself\n");
    for (descriptor, labels) in OWN_FAMILIES {
        entry(&mut page, descriptor, labels, Group::Exporter.as_str());
    }
    page
}

fn entry(page: &mut String, descriptor: &Descriptor, labels: &[&str], group: &str) {
    let labels = if labels.is_empty() { "none".to_owned() } else { format!("`{}`", labels.join("`, `")) };
    let unit = descriptor.unit.map_or_else(String::new, |unit| format!(" in {}", unit.as_str()));
    page.push_str(&format!(
        "\n### `{}`\n\n{}{unit}. Labels: {labels}. Group: {group}.\n\n{}.\n",
        descriptor.name,
        descriptor.kind.as_str(),
        descriptor.help
    ));
}
