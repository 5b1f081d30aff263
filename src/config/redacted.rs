//! Writes the effective configuration for people: with all defaults, and without secrets.
//!
//! It is made from the [`Config`] and never from the file, in which a secret
//! may be anywhere. The result is a valid configuration file again, except
//! that [`SECRET`](super::serialize::SECRET) replaces each secret. The types of the sources serialize
//! themselves, so that a new field is shown unless it is excluded.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::serialize::Durations;
use super::{Config, ExpectedFile, Source, coverage, restore, short};
use crate::domain::restore::RestoreObjectives;
use crate::domain::{CoverageObjectives, Objectives, Ratio, TenantObjectives, Workload};
use crate::exposition::{Exposed, family_names};
use crate::process::logging::Level;

/// A section with one key.
type Section<T> = BTreeMap<&'static str, T>;

#[derive(Serialize)]
struct FileView<'a> {
    rpo: RpoView<'a>,
    coverage_objective: CoverageView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Section<&'a Path>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<Section<&'static str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<Section<Vec<&'static str>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<ExpectedView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restore_tests: Option<Section<&'a Path>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restore_test_objective: Option<RestoreObjectiveView<'a>>,
    sources: &'a [Source],
}

#[derive(Serialize)]
struct ExpectedView<'a> {
    file: &'a Path,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    labels: Vec<&'a str>,
}

/// The domain's objectives, which do not depend on serde.
#[derive(Serialize)]
struct RpoView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<String>,
    workloads: Durations,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenants: Option<BTreeMap<&'a str, Self>>,
}

/// Likewise, with `none` if no tests are wanted.
#[derive(Serialize)]
struct RestoreObjectiveView<'a> {
    default: String,
    sources: BTreeMap<&'a str, String>,
    tenants: BTreeMap<&'a str, String>,
}

/// Likewise.
#[derive(Serialize)]
struct CoverageView<'a> {
    default: RatioView,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tenants: BTreeMap<&'a str, RatioView>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum RatioView {
    Ratio(f64),
    NotWanted(&'static str),
}

impl Config {
    /// The effective configuration as YAML: with defaults, secrets as `<secret>`, secret files by their path.
    #[must_use]
    pub fn redacted(&self) -> String {
        // Destructured, so that a new field cannot be shown here by accident.
        let Self {
            sources,
            objectives,
            state_path,
            log_level,
            families,
            expected,
            restore_tests,
            restore_objectives,
            shard: _,
        } = self;
        let file = FileView {
            rpo: rpo(objectives),
            coverage_objective: coverage_objective(&objectives.coverage),
            state: state_path.as_deref().map(|path| Section::from([("path", path)])),
            log: log_level.and_then(word).map(|level| Section::from([("level", level)])),
            metrics: hidden(families).map(|deny| Section::from([("deny", deny)])),
            // Its contents are only for those who may read the file.
            expected: expected.as_ref().and_then(expected_file),
            restore_tests: restore_tests.as_ref().and_then(|file| Some(Section::from([("file", file.path()?)]))),
            restore_test_objective: restore_tests.as_ref().map(|_| restore_objective(restore_objectives)),
            sources,
        };
        serde_saphyr::to_string(&file).unwrap_or_else(|error| format!("# cannot be shown: {error}\n"))
    }
}

fn expected_file(file: &ExpectedFile) -> Option<ExpectedView<'_>> {
    Some(ExpectedView { file: file.path()?, labels: file.columns().iter().map(|name| &**name).collect() })
}

fn word(level: Level) -> Option<&'static str> {
    Level::WORDS.into_iter().find(|(_, known)| *known == level).map(|(word, _)| word)
}

/// The families that are not exposed, whichever patterns exclude them.
fn hidden(families: &Exposed) -> Option<Vec<&'static str>> {
    let hidden: Vec<_> = family_names().filter(|name| !families.shows(name)).collect();
    (!hidden.is_empty()).then_some(hidden)
}

fn rpo(Objectives { default, workloads, tenants, .. }: &Objectives) -> RpoView<'_> {
    let of_tenant = |TenantObjectives { default, workloads }: &TenantObjectives| RpoView {
        default: default.map(short),
        workloads: by_workload(workloads),
        tenants: None,
    };
    let tenants = tenants.iter().map(|(key, own)| (key.as_str(), of_tenant(own))).collect();
    RpoView { default: default.map(short), workloads: by_workload(workloads), tenants: Some(tenants) }
}

fn restore_objective(objectives: &RestoreObjectives) -> RestoreObjectiveView<'_> {
    fn shown(objective: &Option<Duration>) -> String {
        objective.map_or_else(|| restore::NOT_WANTED.to_owned(), short)
    }
    fn named(objectives: &BTreeMap<String, Option<Duration>>) -> BTreeMap<&str, String> {
        objectives.iter().map(|(name, objective)| (name.as_str(), shown(objective))).collect()
    }
    let RestoreObjectives { default, sources, tenants } = objectives;
    RestoreObjectiveView { default: shown(default), sources: named(sources), tenants: named(tenants) }
}

fn coverage_objective(CoverageObjectives { default, tenants }: &CoverageObjectives) -> CoverageView<'_> {
    let shown = |objective: &Option<Ratio>| match objective {
        Some(ratio) => RatioView::Ratio(ratio.get()),
        None => RatioView::NotWanted(coverage::NOT_WANTED),
    };
    let tenants = tenants.iter().map(|(key, own)| (key.as_str(), shown(own))).collect();
    CoverageView { default: shown(default), tenants }
}

fn by_workload(objectives: &BTreeMap<Workload, Duration>) -> Durations {
    objectives.iter().map(|(workload, objective)| (workload.as_str(), short(*objective))).collect()
}

#[cfg(test)]
mod tests;
