//! Checks a scrape against the catalogue: exactly its families occur, with their labels and kinds.

use std::collections::{BTreeMap, BTreeSet};

use saasbackup_exporter::exposition::FAMILIES;
use saasbackup_exporter::instrumentation::OWN_FAMILIES;
use saasbackup_exporter::metric::{Descriptor, Kind};

use crate::support::exposition::Exposition;

/// Families that no Dropsuite account fills, beside those that bear Datto's name.
const OTHERS_ALONE: [&str; 3] =
    ["saasbackup_seats", "saasbackup_seats_billable", "saasbackup_exporter_api_budget_remaining"];

/// Families about the lists of expected tenants and restore tests, of which there is none here; `tests/expected` holds these.
const OF_LISTS: [&str; 4] = ["_expected", "_committed_seats", "_tenant_labels", "_restore_test"];

/// Fails unless the scrape of a Dropsuite account and the catalogue agree.
pub(crate) fn holds(scrape: &Exposition) {
    let own = OWN_FAMILIES.iter().map(|(descriptor, labels)| (descriptor, labels.to_vec()));
    let all: Vec<(&Descriptor, Vec<&str>)> =
        FAMILIES.iter().map(|family| (&family.descriptor, family.labels())).chain(own).collect();
    let all: Vec<_> = all
        .into_iter()
        .filter(|(descriptor, _)| {
            !descriptor.name.starts_with("saasbackup_datto_")
                && !OF_LISTS.iter().any(|part| descriptor.name.contains(part))
                && !OTHERS_ALONE.contains(&descriptor.name)
        })
        .collect();
    let kinds: BTreeMap<String, String> = all
        .iter()
        .map(|(descriptor, _)| {
            // The text format knows no infos: they are gauges there.
            let kind = if descriptor.kind == Kind::Info { Kind::Gauge } else { descriptor.kind };
            (descriptor.name.to_owned(), kind.as_str().to_owned())
        })
        .collect();
    assert_eq!(scrape.kinds, kinds, "the families of the scrape, left, are those of the catalogue, right");

    let mut found: BTreeMap<String, BTreeSet<Vec<String>>> = BTreeMap::new();
    for (series, value) in scrape.series() {
        let stem = ["_bucket", "_sum", "_count"].into_iter().find_map(|suffix| series.name.strip_suffix(suffix));
        let family = stem.filter(|stem| kinds.get(*stem).is_some_and(|kind| kind == "histogram"));
        let labels = series.labels.keys().filter(|label| *label != "le").cloned().collect();
        found.entry(family.unwrap_or(&series.name).to_owned()).or_default().insert(labels);
        assert!(value.is_finite() && value >= 0.0, "{series} {value}");
    }
    for (descriptor, mut labels) in all {
        labels.sort_unstable();
        let labels = labels.into_iter().map(str::to_owned).collect();
        assert_eq!(found.get(descriptor.name), Some(&BTreeSet::from([labels])), "the labels of {}", descriptor.name);
    }
    let ours = scrape.series().filter(|(series, _)| {
        let name = series.name.as_str();
        FAMILIES.iter().any(|family| family.descriptor.name == name) && name != "saasbackup_exporter_series"
    });
    assert_eq!(scrape.value("saasbackup_exporter_series", &[]), ours.count() as f64);
}
