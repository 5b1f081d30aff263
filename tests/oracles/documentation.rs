//! Reads the reference of the metrics that users read.

use std::collections::BTreeSet;

/// Families that the demo rightly leaves out: its Datto answers as the real one does, without the documented field
/// `lastBackup`.
const NOT_IN_THE_DEMO: [&str; 1] = ["saasbackup_datto_newest_seat_backup_timestamp_seconds"];

/// What the reference says of a family.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    /// Empty if there is none.
    pub(crate) unit: &'static str,
    pub(crate) labels: BTreeSet<&'static str>,
    pub(crate) help: &'static str,
}

/// The families that the demo has to show, in the order of the reference.
pub(crate) fn entries() -> Vec<Entry> {
    let reference = include_str!("../../docs/METRICS.md");
    let (shown, left_out): (Vec<_>, Vec<_>) =
        reference.split("\n### `").skip(1).map(entry).partition(|entry| !NOT_IN_THE_DEMO.contains(&entry.name));
    assert_eq!(left_out.len(), NOT_IN_THE_DEMO.len(), "an exception is not in the reference: {NOT_IN_THE_DEMO:?}");
    assert!(!shown.is_empty(), "no family in the reference");
    shown
}

fn entry(section: &'static str) -> Entry {
    let mut lines = section.lines().filter(|line| !line.is_empty());
    let name = lines.next().unwrap().strip_suffix('`').unwrap();
    let (kind, labels) = lines.next().unwrap().split_once(". Labels: ").unwrap();
    let (kind, unit) = kind.split_once(" in ").unwrap_or((kind, ""));
    let (labels, _) = labels.split_once(". Group: ").unwrap();
    let labels = labels.split(", ").filter(|label| *label != "none").map(|label| label.trim_matches('`'));
    Entry { name, kind, unit, labels: labels.collect(), help: lines.next().unwrap() }
}
