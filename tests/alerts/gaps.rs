//! Runs every unit test of the rules again with failed scrapes and changing targets: the results must be the same.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use regex::Regex;
use serde_json::{Value, json};

use super::files::{alerts, files, yaml};
use super::promtool::promtool;
use super::series::{Sample, expand, pack};
use crate::support::generation::Generation;

/// The range of `last_over_time` in the alerts.
const WINDOW: &str = "14m";
/// Scrapes that are missed at an expectation: as many as the window has to cover.
const MISSED: usize = 10;
/// What is missed between the expectations: one scrape, two, ten, and again.
const BETWEEN: [usize; 3] = [1, 2, MISSED];
/// Minutes from one gap between the expectations to the next. All groups are evaluated at such a minute.
const PERIOD: usize = 120;
/// Minutes of scrapes between two gaps: a longer outage is no gap.
const APART: usize = 20;
/// Minutes for which a target is at the same instance, or a replica is there.
const STAY: usize = 240;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disturbance {
    /// All targets miss scrapes.
    MissedScrapes,
    /// The exporters start without a state file: they know the tenants, and nothing of them until a gap has passed.
    EmptyRestart,
    /// The second replica is away for hours, and the first sees the same.
    ReplicaGone,
    /// Every target goes to another instance, with ten missed scrapes between.
    Moved,
}

/// A series by the minute.
#[derive(Clone, Debug)]
struct Series {
    name: String,
    samples: Vec<Sample>,
}

impl Series {
    /// What is known only after a collection; an exporter without a state file does not have it at its start.
    fn is_collected(&self) -> bool {
        let at_once = Regex::new(
            "^(up|process_|saasbackup_(exporter_|rpo_|tenant_state|listing_complete|up|tenants_dropped))|part=\"listing\"",
        );
        !at_once.unwrap().is_match(&self.name)
    }

    /// The series without these minutes, as a failed scrape leaves it.
    fn without(&self, missed: impl Fn(usize) -> bool) -> Self {
        let mut samples = self.samples.clone();
        for (minute, sample) in samples.iter_mut().enumerate().filter(|(minute, _)| missed(*minute)) {
            if *sample != Sample::Missing {
                let is_first = minute == 0 || !missed(minute - 1);
                *sample = if is_first { Sample::Stale } else { Sample::Missing };
            }
        }
        Self { name: self.name.clone(), samples }
    }

    /// The series with another value in these minutes.
    fn with(&self, value: f64, gaps: &BTreeSet<usize>) -> Self {
        let mut samples = self.samples.clone();
        for (minute, sample) in samples.iter_mut().enumerate() {
            if gaps.contains(&minute) && *sample != Sample::Missing {
                *sample = Sample::Value(value);
            }
        }
        Self { name: self.name.clone(), samples }
    }
}

impl Disturbance {
    fn of(self, series: &Series, gaps: &BTreeSet<usize>) -> Vec<Series> {
        let is_up = series.name.starts_with("up{");
        let name = &series.name;
        match self {
            // Prometheus itself writes `up`, and writes 0.
            Self::MissedScrapes if is_up => vec![series.with(0.0, gaps)],
            Self::MissedScrapes => vec![series.without(|minute| gaps.contains(&minute))],
            Self::EmptyRestart if name.starts_with("saasbackup_workload_state") => {
                vec![series.with(f64::from(u8::from(name.contains("state=\"unknown\""))), gaps)]
            }
            Self::EmptyRestart if series.is_collected() => vec![series.without(|minute| gaps.contains(&minute))],
            Self::ReplicaGone if !is_up && name.contains("instance=\"b") => {
                vec![series.without(|minute| minute / STAY % 2 == 1)]
            }
            Self::Moved if !is_up => {
                let moving = |minute: usize| minute >= STAY && minute % STAY < MISSED;
                let elsewhere = |minute: usize| minute / STAY % 2 == 1;
                let new = Series { name: name.replace("instance=\"", "instance=\"moved-"), ..series.clone() };
                vec![
                    series.without(|minute| elsewhere(minute) || moving(minute)),
                    new.without(|minute| !elsewhere(minute) || moving(minute)),
                ]
            }
            Self::EmptyRestart | Self::ReplicaGone | Self::Moved => vec![series.clone()],
        }
    }

    /// Whether it can be tried with these series: what only the second replica knows does end with it.
    fn applies(self, all: &[Series]) -> bool {
        let first = |series: &Series| series.name.replace("instance=\"b", "instance=\"a");
        let has_twin = |one: &Series| all.iter().any(|other| other.name == first(one) && other.samples == one.samples);
        self != Self::ReplicaGone || all.iter().all(has_twin)
    }

    /// Whether an alert outlasts it. What is said of an instance ends with the instance.
    fn keeps(self, expectation: &Value) -> bool {
        let alerts = expectation["exp_alerts"].as_array().unwrap();
        let is_of_an_instance = alerts.iter().any(|alert| !alert["exp_labels"]["instance"].is_null());
        matches!(self, Self::MissedScrapes | Self::EmptyRestart) || !is_of_an_instance
    }
}

fn minutes(duration: &Value) -> usize {
    let duration: Duration = humantime::parse_duration(duration.as_str().unwrap()).unwrap();
    usize::try_from(duration.as_secs() / 60).unwrap()
}

fn expectations(case: &Value) -> Vec<Value> {
    case["alert_rule_test"].as_array().cloned().unwrap_or_default()
}

/// The minutes that are missed: the last of a gap is where an alert should fire, the first is where none should.
fn gaps(expectations: &[Value]) -> BTreeSet<usize> {
    let mut gaps: Vec<(usize, usize)> = Vec::new();
    let mut add = |first: usize, last: usize| {
        if first > 1 && gaps.iter().all(|gap| last + APART < gap.0 || gap.1 + APART < first) {
            gaps.push((first, last));
        }
    };
    let at = |fires: bool| {
        let are = expectations.iter().filter(move |one| (one["exp_alerts"] != json!([])) == fires);
        are.map(|one| minutes(&one["eval_time"])).collect::<Vec<_>>()
    };
    at(true).into_iter().for_each(|minute| add((minute + 1).saturating_sub(MISSED), minute));
    at(false).into_iter().for_each(|minute| add(minute, minute + MISSED - 1));
    let end = end(expectations);
    for (first, missed) in (PERIOD / 3..end).step_by(PERIOD).zip(BETWEEN.into_iter().cycle()) {
        add(first, first + missed - 1);
    }
    gaps.into_iter().flat_map(|(first, last)| first..=last).collect()
}

fn end(expectations: &[Value]) -> usize {
    expectations.iter().map(|one| minutes(&one["eval_time"])).max().unwrap_or_default() + PERIOD
}

/// The series of a case by the minute: a value lasts until the next.
fn series(case: &Value, end: usize) -> Vec<Series> {
    let interval = minutes(&case["interval"]);
    let by_the_minute = |one: &Value| {
        let samples = expand(one["values"].as_str().unwrap());
        let last = samples.len() - 1;
        let lasting = samples.into_iter().enumerate().flat_map(|(index, sample)| {
            let after = if sample == Sample::Stale { Sample::Missing } else { sample };
            let more = if index == last { 0 } else { interval - 1 };
            std::iter::once(sample).chain(std::iter::repeat_n(after, more))
        });
        Series { name: one["series"].as_str().unwrap().to_owned(), samples: lasting.take(end).collect() }
    };
    case["input_series"].as_array().unwrap().iter().map(by_the_minute).collect()
}

/// The same case with the disturbance; none if nothing is left to expect.
fn disturbed(case: &Value, disturbance: Disturbance) -> Option<Value> {
    let all = expectations(case);
    let kept: Vec<_> = all.iter().filter(|one| disturbance.keeps(one)).cloned().collect();
    if kept.is_empty() {
        return None;
    }
    let (gaps, series) = (gaps(&all), series(case, end(&all)));
    if !disturbance.applies(&series) {
        return None;
    }
    let series = series.iter().flat_map(|one| disturbance.of(one, &gaps));
    let series: Vec<_> = series.map(|one| json!({ "series": one.name, "values": pack(&one.samples) })).collect();
    Some(json!({ "name": case["name"], "interval": "1m", "input_series": series, "alert_rule_test": kept }))
}

/// The rules of these files on which the alerts depend: promtool evaluates each rule of a file for days, and only these
/// matter to what a case expects.
fn needed(rule_files: &[PathBuf], alerts: BTreeSet<String>) -> Value {
    let recorded = Regex::new(r"\b\w+:saasbackup_\w+:\w+").unwrap();
    let mut files: Vec<Value> = rule_files.iter().map(|path| yaml(path)).collect();
    let groups: Vec<&mut Value> = files.iter_mut().flat_map(|file| file["groups"].as_array_mut().unwrap()).collect();
    let rules = groups.iter().flat_map(|group| group["rules"].as_array().unwrap());
    let named: Vec<(String, Vec<String>)> = rules
        .map(|rule| {
            let uses = recorded.find_iter(rule["expr"].as_str().unwrap()).map(|name| name.as_str().to_owned());
            (name_of(rule), uses.collect())
        })
        .collect();
    let mut wanted = alerts;
    let mut known = 0;
    while known < wanted.len() {
        known = wanted.len();
        let used = named.iter().filter(|(name, _)| wanted.contains(name)).flat_map(|(_, uses)| uses.clone());
        wanted.extend(used.collect::<Vec<_>>());
    }
    let kept = groups.into_iter().filter_map(|group| {
        group["rules"].as_array_mut().unwrap().retain(|rule| wanted.contains(&name_of(rule)));
        (group["rules"] != json!([])).then(|| group.clone())
    });
    json!({ "groups": kept.collect::<Vec<_>>() })
}

fn name_of(rule: &Value) -> String {
    rule["alert"].as_str().or(rule["record"].as_str()).unwrap().to_owned()
}

/// Writes each test of a file with the disturbance into the folder, as a file with the rules that it needs; none of those
/// for which nothing is left to expect.
fn write(path: &Path, disturbance: Disturbance, folder: &Path) -> Vec<PathBuf> {
    let mut file: Value = yaml(path);
    let names = file["rule_files"].as_array().unwrap().iter();
    let rule_files: Vec<_> = names.map(|name| path.parent().unwrap().join(name.as_str().unwrap())).collect();
    let stem = path.file_name().unwrap().to_str().unwrap();
    let cases = file["tests"].as_array().unwrap().clone();
    let cases = cases.iter().filter_map(|case| disturbed(case, disturbance)).enumerate();
    cases
        .map(|(index, case)| {
            let names = expectations(&case).into_iter().map(|one| one["alertname"].as_str().unwrap().to_owned());
            let rules = folder.join(format!("{index}.{stem}.rules.yml"));
            // JSON is YAML.
            std::fs::write(&rules, needed(&rule_files, names.collect()).to_string()).unwrap();
            file["rule_files"] = json!([rules]);
            file["tests"] = json!([case]);
            let written = folder.join(format!("{index}.{stem}"));
            std::fs::write(&written, file.to_string()).unwrap();
            written
        })
        .collect()
}

/// Runs all tests with the disturbance. The tests without one run with both generations: here each has its share.
fn all_alerts_outlast(disturbance: Disturbance, generation: Generation) {
    let folder = tempfile::tempdir().unwrap();
    let sources = files("alerts/tests", ".test.yml");
    let written = sources.iter().map(|path| write(path, disturbance, folder.path()));
    let written: Vec<_> = written.filter(|files| !files.is_empty()).collect();
    let problems: Vec<_> = thread::scope(|scope| {
        let running: Vec<_> = written
            .iter()
            .map(|files| {
                let paths: Vec<&Path> = files.iter().map(AsRef::as_ref).collect();
                scope.spawn(move || promtool(generation, &["test", "rules"], &paths))
            })
            .collect();
        running.into_iter().filter_map(|thread| thread.join().unwrap().err()).collect()
    });
    assert!(problems.is_empty(), "{disturbance:?}: {}", problems.join("\n"));
}

#[test]
#[ignore = "needs promtool"]
fn missed_scrapes_neither_end_nor_delay_nor_raise_an_alert() {
    all_alerts_outlast(Disturbance::MissedScrapes, Generation::Oldest);
}

#[test]
#[ignore = "needs promtool"]
fn a_restart_without_a_state_file_neither_ends_nor_delays_nor_raises_an_alert() {
    all_alerts_outlast(Disturbance::EmptyRestart, Generation::Current);
}

#[test]
#[ignore = "needs promtool"]
fn a_replica_that_goes_neither_ends_nor_raises_an_alert() {
    all_alerts_outlast(Disturbance::ReplicaGone, Generation::Oldest);
}

#[test]
#[ignore = "needs promtool"]
fn a_target_that_moves_neither_ends_nor_raises_an_alert() {
    all_alerts_outlast(Disturbance::Moved, Generation::Current);
}

#[test]
fn every_alert_is_expected_to_fire_inside_a_gap() {
    let mut outlasts = BTreeSet::new();
    for path in files("alerts/tests", ".test.yml") {
        let file: Value = yaml(&path);
        for case in file["tests"].as_array().unwrap() {
            let expectations = expectations(case);
            let gaps = gaps(&expectations);
            for one in expectations.iter().filter(|one| gaps.contains(&minutes(&one["eval_time"]))) {
                for alert in one["exp_alerts"].as_array().unwrap() {
                    let text = |value: &Value| value.as_str().unwrap().to_owned();
                    outlasts.insert((text(&one["alertname"]), text(&alert["exp_labels"]["severity"])));
                }
            }
        }
    }
    for rule in alerts() {
        let name = (rule.alert.clone(), rule.severity().to_owned());
        assert!(outlasts.contains(&name), "{name:?} needs a test in which it fires, away from the others");
    }
}

#[test]
fn an_alert_reads_no_value_that_a_failed_scrape_ends() {
    let metric = Regex::new(r#"\b(?:\w+:)?saasbackup_\w+(?::\w+)?(?:\{(?:[^}"]|"[^"]*")*\})?(\[\w+\])?"#).unwrap();
    let newest = Regex::new(r"last_over_time\([^\[]*\[(\w+)\]( offset)?").unwrap();
    // It counts starts over an hour, and looks back only for whose they are.
    let counts = ["SaasBackupExporterRestarting"];
    for rule in alerts() {
        for found in metric.captures_iter(&rule.expr) {
            assert!(found.get(1).is_some(), "{}: {} has no range", rule.alert, &found[0]);
        }
        for found in newest.captures_iter(&rule.expr).filter(|found| found.get(2).is_none()) {
            assert_eq!(&found[1], WINDOW, "{}: {}", rule.alert, &found[0]);
            let window = humantime::parse_duration(WINDOW).unwrap();
            let is_longer = rule.pending() > window || counts.contains(&rule.alert.as_str());
            assert!(is_longer, "{}: a value of a single scrape would fire", rule.alert);
        }
    }
}

#[test]
fn the_exporter_is_down_before_the_alerts_about_tenants_end() {
    let rule = alerts().into_iter().find(|rule| rule.alert == "SaasBackupExporterDown").unwrap();
    let range = Regex::new(r"\[(\w+)\]").unwrap().captures(&rule.expr).unwrap()[1].to_owned();
    let until_it_fires = humantime::parse_duration(&range).unwrap() + rule.pending();
    assert!(until_it_fires < humantime::parse_duration(WINDOW).unwrap(), "{until_it_fires:?}");
    assert!(until_it_fires >= Duration::from_secs(60) * u32::try_from(MISSED).unwrap(), "not after missed scrapes");
}
