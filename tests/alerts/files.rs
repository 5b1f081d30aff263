//! Reads the rule files, their tests and the runbooks as the tests need them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::support::promql::{Labels, Vocabulary};

/// One recording or alerting rule.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Rule {
    #[serde(default)]
    pub(crate) alert: String,
    #[serde(default)]
    pub(crate) record: String,
    pub(crate) expr: String,
    #[serde(default, rename = "for")]
    pub(crate) pending: String,
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) annotations: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
struct RuleFile {
    groups: Vec<Group>,
}

/// One file of unit tests.
#[derive(Debug, Deserialize)]
pub(crate) struct TestFile {
    pub(crate) rule_files: Vec<String>,
    pub(crate) tests: Vec<TestCase>,
}

/// One group of a file of unit tests.
#[derive(Debug, Deserialize)]
pub(crate) struct TestCase {
    #[serde(default)]
    pub(crate) alert_rule_test: Vec<Expectation>,
}

/// Which alerts of a name are expected at one moment.
#[derive(Debug, Deserialize)]
pub(crate) struct Expectation {
    pub(crate) alertname: String,
    pub(crate) exp_alerts: Vec<ExpectedAlert>,
}

/// An alert that is expected.
#[derive(Debug, Deserialize)]
pub(crate) struct ExpectedAlert {
    pub(crate) exp_labels: BTreeMap<String, String>,
}

impl Rule {
    pub(crate) fn severity(&self) -> &str {
        self.labels.get("severity").map_or("", String::as_str)
    }

    /// How long the condition has to hold.
    pub(crate) fn pending(&self) -> Duration {
        humantime::parse_duration(&self.pending).unwrap()
    }
}

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn yaml<T: DeserializeOwned>(path: &Path) -> T {
    serde_saphyr::from_str(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of a folder with this ending, in order.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(repository().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.to_str().unwrap().ends_with(ending)).collect();
    files.sort();
    assert!(!files.is_empty(), "no {ending} in {folder}");
    files
}

/// The files that users load: the recording rules first, since the alerts name what they record.
pub(crate) fn rule_files() -> Vec<PathBuf> {
    [files("alerts", ".rules.yml"), files("alerts", ".alerts.yml")].concat()
}

pub(crate) fn rules(path: &Path) -> Vec<Rule> {
    let file: RuleFile = yaml(path);
    file.groups.into_iter().flat_map(|group| group.rules).collect()
}

/// Every alerting rule.
pub(crate) fn alerts() -> Vec<Rule> {
    rule_files().iter().flat_map(|path| rules(path)).filter(|rule| !rule.alert.is_empty()).collect()
}

/// The names of all alerts.
pub(crate) fn names() -> Labels {
    alerts().into_iter().map(|rule| rule.alert).collect()
}

/// What the exporter exposes and the recording rules record.
pub(crate) fn vocabulary() -> Vocabulary {
    let mut vocabulary = Vocabulary::of_the_exporter();
    for rule in rule_files().iter().flat_map(|path| rules(path)).filter(|rule| !rule.record.is_empty()) {
        let labels = vocabulary.check(&rule.expr).unwrap_or_else(|problems| panic!("{}: {problems:?}", rule.record));
        vocabulary.add(&rule.record, &labels.iter().map(String::as_str).collect::<Vec<_>>());
    }
    vocabulary
}
