//! Compares a report with shares that a program in another language computes from the raw samples of a real Prometheus.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use saasbackup_exporter::process::clock;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::generation::Generation;
use crate::support::process::{Process, run, text};
use crate::support::prometheus::Prometheus;
use crate::support::tools::{self, tool};
use crate::support::victoria_metrics::VictoriaMetrics;

/// Longer than the 15 minutes between two samples, and no whole number of seconds: no sample is just as old.
const LOOKBACK: &str = "16m500ms";
const LOOKBACK_SECONDS: &str = "960.5";
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// What the report reads of the demo; all other series would only make the database larger.
const FAMILIES: [&str; 10] = [
    "saasbackup_workload_state",
    "saasbackup_newest_backup_timestamp_seconds",
    "saasbackup_observed_timestamp_seconds",
    "saasbackup_rpo_seconds",
    "saasbackup_resources",
    "saasbackup_seats_used",
    "saasbackup_accounts",
    "saasbackup_domain_state",
    "saasbackup_retention_period_seconds",
    "saasbackup_restore_test_timestamp_seconds",
];

/// An invented customer, as one exporter saw it.
struct Invented {
    tenant_id: &'static str,
    instance: &'static str,
    /// In hours of the week: it was scraped in these.
    scraped: &'static [(i64, i64)],
    /// No backup was made in these.
    without_backups: (i64, i64),
    /// The vendor did not respond in these.
    without_collection: (i64, i64),
    /// The vendor had paused it in these.
    paused: (i64, i64),
    /// From this hour on it has another name.
    renamed: i64,
}

const USUAL: Invented = Invented {
    tenant_id: "usual",
    instance: "a",
    scraped: &[(0, 168)],
    without_backups: (0, 0),
    without_collection: (0, 0),
    paused: (0, 0),
    renamed: 168,
};

const INVENTED: [Invented; 9] = [
    USUAL,
    Invented { tenant_id: "outage", without_backups: (40, 90), ..USUAL },
    Invented { tenant_id: "vendor-outage", without_backups: (40, 90), without_collection: (41, 100), ..USUAL },
    Invented { tenant_id: "missing", scraped: &[(0, 50), (85, 168)], ..USUAL },
    Invented { tenant_id: "renamed", without_backups: (60, 100), renamed: 77, ..USUAL },
    Invented { tenant_id: "late-comer", scraped: &[(80, 168)], ..USUAL },
    Invented { tenant_id: "paused", paused: (30, 70), ..USUAL },
    // Two replicas, of which one saw no backup for a while, and the other was down for a while.
    Invented { tenant_id: "replicas", without_backups: (30, 120), ..USUAL },
    Invented { tenant_id: "replicas", instance: "b", scraped: &[(0, 100), (110, 168)], ..USUAL },
];

impl Invented {
    fn is(hours: (i64, i64), hour: i64) -> bool {
        (hours.0..hours.1).contains(&hour)
    }

    /// Its samples in the week that ends with `end`, in `OpenMetrics`.
    fn write(&self, text: &mut String, end: i64) {
        let start = end - 7 * DAY;
        let (mut made, mut backup, mut collected) = (start, start, start);
        for (at, hour) in (start..end).step_by(900).map(|at| (at, (at - start) / HOUR)) {
            if !Self::is(self.without_backups, hour) && (at - start) % (6 * HOUR) == 0 {
                made = at;
            }
            if !Self::is(self.without_collection, hour) {
                (backup, collected) = (made, at);
            }
            if !self.scraped.iter().any(|hours| Self::is(*hours, hour)) {
                continue;
            }
            let name = if hour < self.renamed { "quo\\\"ted \\\\ Söhne" } else { "Renamed" };
            let labels = format!(
                "job=\"x\",instance=\"{}\",provider=\"dropsuite\",source=\"hand\",tenant_id=\"{}\",tenant=\"{name}\"",
                self.instance, self.tenant_id
            );
            let state = match () {
                () if Self::is(self.paused, hour) => "paused",
                () if collected - backup > DAY => "late",
                () => "ok",
            };
            let mut sample = |metric: &str, more: &str, value: i64| {
                writeln!(text, "saasbackup_{metric}{{{labels}{more}}} {value} {at}").unwrap();
            };
            for one in ["failing", "late", "ok", "paused", "unknown"] {
                let more = format!(",workload=\"mail\",state=\"{one}\"");
                sample("workload_state", &more, i64::from(one == state));
            }
            sample("rpo_seconds", ",workload=\"mail\"", DAY);
            sample("newest_backup_timestamp_seconds", ",workload=\"mail\"", backup);
            sample("observed_timestamp_seconds", ",part=\"mail\"", collected);
            sample("seats_used", "", 7);
        }
    }
}

/// The last days of the demo, with the invented customers, in `OpenMetrics`: a file in this folder.
fn history(folder: &Path, end: i64) -> PathBuf {
    let [demo, history] = ["demo.om", "history.om"].map(|name| folder.join(name));
    let ended = run(&["demo", "--tenants=2", "--backfill-days=7", "--backfill", text(&demo)]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let mut writer = BufWriter::new(File::create(&history).unwrap());
    let mut line = Vec::new();
    let mut reader = BufReader::new(File::open(&demo).unwrap());
    while reader.read_until(b'\n', &mut line).unwrap() > 0 {
        let name = line.split(|byte| *byte == b'{').next().unwrap_or_default();
        if FAMILIES.iter().any(|family| family.as_bytes() == name) {
            writer.write_all(&line).unwrap();
        }
        line.clear();
    }
    let mut text = String::new();
    for invented in &INVENTED {
        invented.write(&mut text, end);
    }
    for at in (end - 7 * DAY..end).step_by(900).filter(|at| !(end - 5 * DAY..end - 4 * DAY).contains(at)) {
        writeln!(text, "saasbackup_exporter_build_info{{instance=\"a\"}} 1 {at}").unwrap();
    }
    for at in (end - 4 * DAY..end - 4 * DAY + 3 * HOUR).step_by(900) {
        writeln!(
            text,
            "ALERTS{{alertname=\"SaasBackupWorkloadStale\",alertstate=\"firing\",severity=\"critical\",\
             provider=\"dropsuite\",source=\"hand\",tenant_id=\"outage\"}} 1 {at}"
        )
        .unwrap();
    }
    writer.write_all(text.as_bytes()).unwrap();
    writer.write_all(b"# EOF\n").unwrap();
    writer.into_inner().unwrap();
    history
}

/// The same as blocks.
fn blocks(end: i64) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let history = history(folder.path(), end);
    let blocks = tempfile::tempdir().unwrap();
    // One block instead of one for two hours: for each the whole file is read again.
    let arguments = ["tsdb", "create-blocks-from", "--max-block-duration=2160h", "openmetrics", "--quiet"];
    let output = tool("promtool").args(arguments).args([&history, blocks.path()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    blocks
}

/// A whole quarter of an hour: the samples are at times of the grid.
fn now() -> i64 {
    clock::now().as_millis() / 1000 / 900 * 900
}

async fn reported(url: &str, output: &Path) -> PathBuf {
    let (url, output) = (url.to_owned(), text(output).to_owned());
    let ended = tokio::task::spawn_blocking(move || {
        let zone = "--timezone=Europe/Vienna";
        Process::start(&["report", "--prometheus.url", &url, "--all", "--days=6", zone, "--output", &output]).wait()
    });
    let ended = ended.await.unwrap();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    PathBuf::from(ended.stdout.trim())
}

/// The document about an invented customer.
fn document(folder: &Path, tenant_id: &str) -> Value {
    let read = |name: &str| -> Value { serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap() };
    let index = read("index.json");
    let customers = index["customers"].as_array().unwrap();
    let entry = customers.iter().find(|one| one["tenant_id"] == tenant_id).unwrap();
    read(&format!("{}.json", entry["file"].as_str().unwrap()))
}

fn hours(document: &Value, key: &str) -> u64 {
    document["workloads"][0]["total"][key].as_u64().unwrap() / 3600
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus"]
async fn a_report_says_what_the_raw_samples_say() {
    let blocks = blocks(now());
    let prometheus = Prometheus::over(blocks, LOOKBACK, Generation::Oldest).await;
    says_what_the_samples_say(&prometheus.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs victoria-metrics"]
async fn a_report_from_victoria_metrics_says_what_the_raw_samples_say() {
    let folder = tempfile::tempdir().unwrap();
    let samples = std::fs::read(history(folder.path(), now())).unwrap();
    let lookback = format!("-search.maxStalenessInterval={LOOKBACK}");
    let server = VictoriaMetrics::start("", &[&lookback]).await;
    server.import(samples).await;
    says_what_the_samples_say(&server.url()).await;
}

async fn says_what_the_samples_say(url: &str) {
    let output = tempfile::tempdir().unwrap();
    let folder = reported(url, output.path()).await;
    let mut independent = tool("python3");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/report/independent.py");
    independent.args([script, url, text(&folder), LOOKBACK_SECONDS]);
    let said = tokio::task::spawn_blocking(move || tools::run(&mut independent, b"")).await.unwrap();
    let said = [said.stdout, said.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    assert!(said.contains(" agree"), "{said}");

    // What has to be there, or both have overlooked it.
    assert_eq!(hours(&document(&folder, "outage"), "outside_seconds"), 29);
    assert_eq!(hours(&document(&folder, "vendor-outage"), "outside_seconds"), 0);
    assert_eq!(hours(&document(&folder, "vendor-outage"), "unknown_undetermined_seconds"), 39);
    assert_eq!(hours(&document(&folder, "missing"), "unknown_no_data_seconds"), 34);
    assert_eq!(hours(&document(&folder, "paused"), "unknown_nothing_due_seconds"), 40);
    assert!(hours(&document(&folder, "late-comer"), "unknown_not_customer_seconds") > 48);
    // Only while the other one was down.
    assert_eq!(hours(&document(&folder, "replicas"), "outside_seconds"), 9);
    let renamed = document(&folder, "renamed");
    assert_eq!(
        (&renamed["tenant"], renamed["former_names"][0].as_str()),
        (&"Renamed".into(), Some(r#"quo"ted \ Söhne"#))
    );
    let outage = document(&folder, "outage");
    assert_eq!(outage["last_day"]["numbers"]["saasbackup_seats_used"], 7.0);
    assert_eq!(outage["alerts"][0]["alert"], "SaasBackupWorkloadStale");
    let period = &outage["period"];
    let unseen = period["seconds"].as_u64().unwrap() - period["exporter_seen_seconds"].as_u64().unwrap();
    assert!((23 * 3600..=25 * 3600).contains(&unseen), "{unseen}");
}
