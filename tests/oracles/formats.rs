//! Checks what promtool and Python's parsers find in the two text formats.

use std::collections::{BTreeMap, BTreeSet};

use super::documentation;
use super::exposition::{Family, Labels, Sample, parse};
use crate::support::demo::{Exporter, TENANTS, Wish};
use crate::support::generation::Generation;
use crate::support::tools::run;

const WORKLOADS: [&str; 9] =
    ["calendar", "contacts", "google_drive", "mail", "onedrive", "shared_drive", "sharepoint", "tasks", "teams"];

/// An exposition that each of the judges must refuse: were they to accept everything, they would prove nothing.
const REPEATED_FAMILY: &str = "# HELP a_total A.\n# TYPE a_total counter\na_total 1\n\
                               # HELP b B.\n# TYPE b gauge\nb 1\n\
                               # HELP a_total A.\n# TYPE a_total counter\na_total 1\n";

/// What promtool has to say, nothing if all is well.
pub(crate) fn promtool(exposition: &str, generation: Generation) -> Result<(), String> {
    let output = run(generation.tool("promtool").args(["check", "metrics"]), exposition.as_bytes());
    let words = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if output.status.success() && words.is_empty() { Ok(()) } else { Err(format!("{}: {words}", output.status)) }
}

#[tokio::test]
#[ignore = "needs promtool"]
async fn promtool_finds_nothing_to_say() {
    let exporter = Exporter::demo().await;
    let answer = exporter.get(Wish::TEXT).await;
    for generation in Generation::ALL {
        promtool(answer.text(), generation).unwrap();
    }
}

#[test]
#[ignore = "needs promtool"]
fn the_judges_do_complain() {
    for generation in Generation::ALL {
        promtool(REPEATED_FAMILY, generation).unwrap_err();
        promtool("# HELP a A.\n# TYPE a counter\na 1\n", generation).unwrap_err();
    }
    parse("text", "a{b=\"c} 1\n").unwrap_err();
    for refused in [
        "# TYPE a gauge\na 1\n",
        "# TYPE a counter\na 1\n# EOF\n",
        "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\na{c=\"d\"} 1\n# EOF\n",
    ] {
        parse("openmetrics", refused).unwrap_err();
    }
}

#[tokio::test]
#[ignore = "needs python3"]
async fn both_formats_tell_the_same_in_plain_numbers_and_no_series_twice() {
    let exporter = Exporter::demo().await;
    let (text, open_metrics) = read_both(&exporter).await;
    let help = |families: &[Family]| -> BTreeMap<_, _> {
        families.iter().map(|family| (family.documented_name(), family.help.clone())).collect()
    };
    assert_eq!(help(&text), help(&open_metrics));
    let (text, open_metrics) = (series(&text), series(&open_metrics));
    assert!(text.keys().eq(open_metrics.keys()), "the series differ");
    // What the process uses changes from one answer to the next.
    let differences: Vec<_> = text
        .iter()
        .filter(|((name, _), _)| !name.starts_with("process_"))
        .filter(|(key, value)| open_metrics[key] != **value)
        .collect();
    assert!(differences.is_empty(), "{differences:#?}");
}

#[tokio::test]
#[ignore = "needs python3"]
async fn the_reference_says_what_is_answered() {
    let exporter = Exporter::demo().await;
    let (text, open_metrics) = read_both(&exporter).await;
    let entries = documentation::entries();
    for families in [&text, &open_metrics] {
        let answered: BTreeSet<_> = families.iter().map(Family::documented_name).collect();
        let documented: BTreeSet<_> = entries.iter().map(|entry| entry.name.to_owned()).collect();
        assert_eq!(answered, documented);
    }
    for entry in entries {
        let family = open_metrics.iter().find(|family| family.documented_name() == entry.name).unwrap();
        assert_eq!(
            (&*family.kind, &*family.unit, &*family.help),
            (entry.kind, entry.unit, entry.help),
            "{}",
            entry.name
        );
        assert!(!family.samples.is_empty(), "{} has no sample in the demo", entry.name);
        for sample in &family.samples {
            let mut labels: BTreeSet<_> = sample.labels.keys().map(String::as_str).collect();
            if sample.name.ends_with("_bucket") {
                assert!(labels.remove("le"), "{sample:?}");
            }
            // The operator names its others.
            if entry.name == "saasbackup_tenant_labels" {
                labels.retain(|label| entry.labels.contains(label));
            }
            assert_eq!(labels, entry.labels, "{sample:?}");
        }
    }
}

#[tokio::test]
#[ignore = "needs python3"]
async fn every_tenant_and_every_workload_is_there() {
    let exporter = Exporter::demo().await;
    let (text, _) = read_both(&exporter).await;
    let states = text.iter().find(|family| family.documented_name() == "saasbackup_workload_state").unwrap();
    let workloads = values_of(states, "workload");
    // Applications that are not known pass through beside them.
    assert!(workloads.is_superset(&BTreeSet::from(WORKLOADS)), "{workloads:?}");
    let tenants: BTreeSet<_> = states.samples.iter().map(|sample| tenant(&sample.labels)).collect();
    assert_eq!(tenants.len(), TENANTS);
    let observed =
        text.iter().find(|family| family.documented_name() == "saasbackup_observed_timestamp_seconds").unwrap();
    let listed = observed.samples.iter().filter(|sample| sample.labels["part"] == "listing");
    assert_eq!(listed.map(|sample| tenant(&sample.labels)).collect::<BTreeSet<_>>(), tenants);
}

/// Both formats of one state, each read by its own parser.
async fn read_both(exporter: &Exporter) -> (Vec<Family>, Vec<Family>) {
    let (text, open_metrics) = exporter.get_both(Wish::TEXT, Wish::OPEN_METRICS).await;
    (parse("text", text.text()).unwrap(), parse("openmetrics", open_metrics.text()).unwrap())
}

/// Each series with its value. No series may come twice, and no sample may have a time of its own or be no number.
fn series(families: &[Family]) -> BTreeMap<(&str, &Labels), &str> {
    let mut series = BTreeMap::new();
    for sample in families.iter().flat_map(|family| &family.samples) {
        let Sample { name, labels, value, has_timestamp } = sample;
        assert!(!has_timestamp, "{sample:?}");
        assert!(value.parse::<f64>().unwrap().is_finite(), "{sample:?}");
        let earlier = series.insert((name.as_str(), labels), value.as_str());
        assert_eq!(earlier, None, "twice: {sample:?}");
    }
    series
}

fn values_of<'a>(family: &'a Family, label: &str) -> BTreeSet<&'a str> {
    family.samples.iter().map(|sample| sample.labels[label].as_str()).collect()
}

fn tenant(labels: &Labels) -> (&str, &str) {
    (&labels["source"], &labels["tenant_id"])
}
