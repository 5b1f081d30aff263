//! Compares reports with numbers that a program in another language computes from the raw samples of a real Prometheus.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use saasbackup_exporter::process::clock;
use serde_json::Value;
use tempfile::TempDir;

use super::invented::{ALWAYS, DAY, HOUR, Invented, Shard, Span, USUAL, write_alert};
use crate::support::generation::{Generation, with_both};
use crate::support::process::{Process, run, text};
use crate::support::prometheus::Prometheus;
use crate::support::tools::{self, tool};
use crate::support::victoria_metrics::VictoriaMetrics;

/// Longer than the 15 minutes between two samples, and no whole number of seconds: no sample is just as old.
const WEEK_LOOKBACK: (&str, &str) = ("16m500ms", "960.5");
/// The same for hourly samples.
const QUARTER_LOOKBACK: (&str, &str) = ("61m500ms", "3660.5");
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

const WEEK: [Invented; 9] = [
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

/// Hours of the last three months of 2024 in Vienna, one more than in 92 days: summer time ended on 27 October.
const QUARTER_HOURS: i64 = 92 * 24 + 1;
const QUARTER_START: i64 = 1_727_733_600;
/// Nothing was scraped in the week that is missing here; a shard was down for some hours, and at the end.
const SHARD_A: &[(i64, i64)] = &[(0, 700), (868, ALWAYS)];
const SHARD_B: &[(i64, i64)] = &[(0, 300), (309, 700), (868, QUARTER_HOURS - 40)];
const SHARDS: [Shard; 2] = [
    Shard { instance: "a", scraped: SHARD_A, shard: 0, total: 2 },
    Shard { instance: "b", scraped: SHARD_B, shard: 1, total: 2 },
];
const QUARTER: [Invented; 7] = [
    Invented { scraped: SHARD_A, ..USUAL },
    // Late from the hour 618 on; the day on which summer time ended has the hours 624 to 649.
    Invented { tenant_id: "summer-time", scraped: SHARD_A, without_backups: (600, 660), ..USUAL },
    Invented { tenant_id: "left", scraped: &[(0, 700), (868, 1500)], ..USUAL },
    Invented { tenant_id: "shard-b", instance: "b", scraped: SHARD_B, without_backups: (280, 340), ..USUAL },
    Invented { tenant_id: "late-on-b", instance: "b", scraped: &[(100, 300), (309, 700), (868, 2169)], ..USUAL },
    // Moved from one shard to the other, which began without knowing anything, while there were no backups.
    Invented { tenant_id: "moved", scraped: &[(0, 700), (868, 1200)], without_backups: (1180, 1240), ..USUAL },
    Invented {
        tenant_id: "moved",
        instance: "b",
        scraped: &[(1200, QUARTER_HOURS - 40)],
        without_backups: (1180, 1240),
        uncollected: (1200, 1202),
        ..USUAL
    },
];

/// The last days of the demo.
fn demo() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("demo.om");
    let ended = run(&["demo", "--tenants=2", "--backfill-days=7", "--backfill", text(&demo)]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let (mut history, mut line) = (Vec::new(), Vec::new());
    let mut reader = BufReader::new(File::open(&demo).unwrap());
    while reader.read_until(b'\n', &mut line).unwrap() > 0 {
        let name = line.split(|byte| *byte == b'{').next().unwrap_or_default();
        if FAMILIES.iter().any(|family| family.as_bytes() == name) {
            history.extend_from_slice(&line);
        }
        line.clear();
    }
    history
}

/// A week of the demo and of invented customers, in `OpenMetrics`.
fn week(span: Span) -> Vec<u8> {
    let mut history = demo();
    let mut text = String::new();
    WEEK.iter().for_each(|invented| invented.write(&mut text, span));
    Shard { instance: "a", scraped: &[(0, 48), (72, 168)], shard: 0, total: 1 }.write(&mut text, span);
    write_alert(&mut text, span, "outage", (72, 75));
    history.extend_from_slice((text + "# EOF\n").as_bytes());
    history
}

/// Three months of the customers of two shards, in blocks.
fn quarter() -> TempDir {
    let span = Span { start: QUARTER_START, end: QUARTER_START + QUARTER_HOURS * HOUR, interval: HOUR };
    let mut text = String::new();
    QUARTER.iter().for_each(|invented| invented.write(&mut text, span));
    SHARDS.iter().for_each(|shard| shard.write(&mut text, span));
    write_alert(&mut text, span, "summer-time", (648, 649));
    blocks((text + "# EOF\n").as_bytes())
}

/// Blocks with these samples in `OpenMetrics`.
fn blocks(history: &[u8]) -> TempDir {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(history).unwrap();
    let blocks = tempfile::tempdir().unwrap();
    // One block instead of one for two hours: for each the whole file is read again.
    let arguments = ["tsdb", "create-blocks-from", "--max-block-duration=2160h", "openmetrics", "--quiet"];
    finished(tool("promtool").args(arguments).args([file.path(), blocks.path()]));
    blocks
}

/// Blocks with what the rules would have recorded, as an operator makes them who loads the rules later.
fn recorded(prometheus: &Prometheus, start: i64, end: i64, generation: Generation) -> TempDir {
    let blocks = tempfile::tempdir().unwrap();
    let mut promtool = generation.tool("promtool");
    // Often enough for the last values before and after a change to be both young enough to count. The path decides when
    // exactly the rules are evaluated, so it is the same on every machine.
    promtool.args(["tsdb", "create-blocks-from", "rules", "--eval-interval=6m", "--quiet"]).args([
        format!("--url={}", prometheus.url()),
        format!("--start={start}"),
        format!("--end={end}"),
        format!("--output-dir={}", blocks.path().display()),
    ]);
    let folder = env!("CARGO_MANIFEST_DIR");
    finished(promtool.arg("alerts/saasbackup-history.rules.yml").current_dir(folder));
    blocks
}

fn finished(command: &mut Command) {
    let output = tools::run(command, b"");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// All blocks of these folders; no file is copied.
fn together(folders: &[&Path]) -> TempDir {
    let all = tempfile::tempdir().unwrap();
    let entries = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    for block in folders.iter().flat_map(|folder| -> Vec<PathBuf> { entries(folder) }) {
        if !block.join("meta.json").is_file() {
            continue;
        }
        let target = all.path().join(block.file_name().unwrap());
        std::fs::create_dir_all(target.join("chunks")).unwrap();
        let files: Vec<PathBuf> = [entries(&block), entries(&block.join("chunks"))].concat();
        for file in files.iter().filter(|path| path.is_file()) {
            std::fs::hard_link(file, target.join(file.strip_prefix(&block).unwrap())).unwrap();
        }
    }
    all
}

/// A whole quarter of an hour: the samples are at times of the grid.
fn now() -> i64 {
    clock::now().as_millis() / 1000 / 900 * 900
}

fn last_week() -> Span {
    let end = now();
    Span { start: end - 7 * DAY, end, interval: 900 }
}

/// A report about all customers, which the program in another language has compared.
async fn reported(server: &str, period: &[&str], kind: &str, lookback: &str) -> Reported {
    let output = tempfile::tempdir().unwrap();
    let (url, into) = (format!("--prometheus.url={server}"), format!("--output={}", text(output.path())));
    let arguments = [&["report", "--all", "--timezone=Europe/Vienna", &url, &into], period].concat();
    let process = Process::start(&arguments);
    let ended = tokio::task::spawn_blocking(|| process.wait()).await.unwrap();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let folder = PathBuf::from(ended.stdout.trim());
    let mut independent = tool("python3");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/report/independent.py");
    independent.args([script, server, text(&folder), lookback, kind]);
    let said = tokio::task::spawn_blocking(move || tools::run(&mut independent, b"")).await.unwrap();
    let said = [said.stdout, said.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    assert!(said.contains(" agree"), "{kind}: {said}");
    Reported { folder, _output: output }
}

/// The files of a report.
struct Reported {
    folder: PathBuf,
    _output: TempDir,
}

impl Reported {
    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap()
    }

    /// The document about an invented customer.
    fn document(&self, tenant_id: &str) -> Value {
        let index: Value = serde_json::from_str(&self.read("index.json")).unwrap();
        let customers = index["customers"].as_array().unwrap();
        let entry = customers.iter().find(|one| one["tenant_id"] == tenant_id).unwrap();
        serde_json::from_str(&self.read(&format!("{}.json", entry["file"].as_str().unwrap()))).unwrap()
    }

    /// Hours of the only workload of an invented customer.
    fn hours(&self, tenant_id: &str, key: &str) -> u64 {
        self.document(tenant_id)["workloads"][0]["total"][key].as_u64().unwrap() / 3600
    }

    fn is_computed(&self) -> bool {
        self.read("index.html").contains("Some days were computed")
    }
}

/// What has to be in the report of a week, or both have overlooked it.
fn check_week(report: &Reported) {
    assert_eq!(report.hours("outage", "outside_seconds"), 30);
    assert_eq!(report.hours("vendor-outage", "outside_seconds"), 0);
    assert_eq!(report.hours("vendor-outage", "unknown_undetermined_seconds"), 40);
    assert_eq!(report.hours("missing", "unknown_no_data_seconds"), 34);
    assert_eq!(report.hours("paused", "unknown_nothing_due_seconds"), 40);
    assert!(report.hours("late-comer", "unknown_not_customer_seconds") > 48);
    // Only while the other one was down.
    assert_eq!(report.hours("replicas", "outside_seconds"), 9);
    let renamed = report.document("renamed");
    assert_eq!(
        (&renamed["tenant"], renamed["former_names"][0].as_str()),
        (&"Renamed".into(), Some(r#"quo"ted \ Söhne"#))
    );
    let outage = report.document("outage");
    assert_eq!(outage["alerts"][0]["alert"], "SaasBackupWorkloadStale");
    let period = &outage["period"];
    let unseen = period["seconds"].as_u64().unwrap() - period["exporter_seen_seconds"].as_u64().unwrap();
    assert!((23 * 3600..=25 * 3600).contains(&unseen), "{unseen}");
}

async fn check_a_week(generation: Generation) {
    let (days, (lookback, seconds)) = (["--days=6"], WEEK_LOOKBACK);
    let span = last_week();
    let prometheus = Prometheus::over(blocks(&week(span)), lookback, generation).await;
    let computed = reported(&prometheus.url(), &days, "computed", seconds).await;
    assert!(computed.is_computed());
    check_week(&computed);

    // The rules loaded in the middle of the period, and then for the time before as well.
    let middle = span.start + 84 * HOUR + 5 * 60;
    let later = recorded(&prometheus, middle, span.end, generation);
    let loaded = Prometheus::over(together(&[prometheus.folder(), later.path()]), lookback, generation).await;
    let partly = reported(&loaded.url(), &days, "partly", seconds).await;
    assert!(partly.is_computed());
    let earlier = recorded(&prometheus, span.start, middle, generation);
    let folders = [prometheus.folder(), earlier.path(), later.path()];
    let complete = Prometheus::over(together(&folders), lookback, generation).await;
    let read = reported(&complete.url(), &days, "recorded", seconds).await;
    assert!(!read.is_computed());
    assert!((29..=30).contains(&read.hours("outage", "outside_seconds")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus"]
async fn a_report_of_a_week_says_what_the_raw_samples_say() {
    check_a_week(Generation::Oldest).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs victoria-metrics"]
async fn a_report_from_victoria_metrics_says_what_the_raw_samples_say() {
    let (lookback, seconds) = WEEK_LOOKBACK;
    let server = VictoriaMetrics::start("", &[&format!("-search.maxStalenessInterval={lookback}")]).await;
    server.import(week(last_week())).await;
    check_week(&reported(&server.url(), &["--days=6"], "computed", seconds).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus"]
async fn a_report_of_three_months_of_two_shards_says_what_the_raw_samples_say() {
    let (blocks, (lookback, seconds)) = (quarter(), QUARTER_LOOKBACK);
    with_both(async |generation| {
        let prometheus = Prometheus::over(together(&[blocks.path()]), lookback, generation).await;
        let period = ["--from=2024-10-01", "--to=2024-12-31", "--step=3600"];
        let report = reported(&prometheus.url(), &period, "computed", seconds).await;
        // 25 hours.
        let days = &report.document("summer-time")["workloads"][0]["days"];
        assert_eq!((&days[26]["date"], &days[26]["outside_seconds"]), (&"2024-10-27".into(), &90_000.into()));
        assert_eq!(report.document("summer-time")["alerts"][0]["days"][0], "2024-10-27");
        assert_eq!(report.hours("usual", "unknown_seconds"), 167);
        // Whether a customer has left cannot be told while a shard is missing: it may be one of that.
        assert_eq!(report.hours("left", "unknown_not_customer_seconds"), 2170 - 1501);
        assert_eq!(report.hours("shard-b", "unknown_not_customer_seconds"), 0);
        assert_eq!(report.hours("late-on-b", "unknown_not_customer_seconds"), 100);
    })
    .await;
}
