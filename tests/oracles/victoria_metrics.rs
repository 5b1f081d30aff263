//! Scrapes the demo with `VictoriaMetrics`, evaluates the rules with vmalert, and shows what differs from Prometheus.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use saasbackup_exporter::process::clock;

use crate::alerts::files::{alerts, rule_files};
use crate::support::demo::{Exporter, TENANTS, Wish};
use crate::support::generation::{Generation, newer};
use crate::support::process::Process;
use crate::support::prometheus::Prometheus;
use crate::support::tools::{run, tool};
use crate::support::victoria_metrics::VictoriaMetrics;
use crate::support::wait::eventually;

/// What both jobs scrape: the exporter as a whole, and each tenant as a target of its own.
fn config(address: &str) -> String {
    format!(
        "\
global: {{ scrape_interval: 2s, scrape_timeout: 2s }}
scrape_configs:
  - job_name: saasbackup
    static_configs: [{{ targets: [\"{address}\"] }}]
  - job_name: discovered
    scrape_interval: 10s
    http_sd_configs: [{{ url: \"http://{address}/sd\" }}]
"
    )
}

#[tokio::test]
#[ignore = "needs victoria-metrics"]
async fn victoria_metrics_keeps_every_sample_discovers_every_tenant_and_ends_all_series_with_a_failed_scrape() {
    let exporter = Exporter::demo().await;
    let server = VictoriaMetrics::start(&config(&exporter.address), &["-promscrape.httpSDCheckInterval=1s"]).await;
    eventually(async || {
        let answer = exporter.get(Wish::TEXT).await;
        let lines = answer.text().lines().filter(|line| !line.starts_with('#')).count() as f64;
        let kept = server.value("count({job=\"saasbackup\",__name__!~\"up|scrape_.+\"})").await;
        if kept == Some(lines) { Ok(()) } else { Err(format!("{lines} samples, of which {kept:?} were kept")) }
    })
    .await;
    let targets = (TENANTS + 1) as f64;
    eventually(async || {
        let up = server.value("count(up{job=\"discovered\"} == 1)").await;
        if up == Some(targets) { Ok(()) } else { Err(format!("{up:?} of {targets} targets are up")) }
    })
    .await;

    drop(exporter);
    eventually(async || {
        let up = server.value("up{job=\"saasbackup\"}").await;
        let left = server.value("count({job=\"saasbackup\",__name__=~\"saasbackup_.+\"})").await;
        if (up, left) == (Some(0.0), None) {
            Ok(())
        } else {
            Err(format!("up is {up:?}, and {left:?} series are left"))
        }
    })
    .await;
}

#[test]
#[ignore = "needs vmalert"]
fn vmalert_reads_the_rules() {
    let arguments = rule_files().into_iter().map(|path| format!("-rule={}", path.display()));
    let ended = run(newer("vmalert").arg("-dryRun").args(arguments), b"");
    let told = String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned();
    assert!(ended.status.success(), "{told}");
}

/// Two recorded series: one from scraped series, and one from recorded ones of the same group.
const RECORDED: [&str; 2] = ["workload:saasbackup_objective_seconds:max", "workload:saasbackup_stale:bool"];

/// An interval of two seconds stands for one of five minutes, which is how far vmalert lets queries look back.
#[tokio::test]
#[ignore = "needs vmalert"]
async fn vmalert_needs_an_interval_shorter_than_its_step_for_records_of_records() {
    let mut exporter = Process::start(&["demo", "--web.listen-address=127.0.0.1:0", "--tenants=2"]);
    let scraped = config(&exporter.address());
    let rules: Vec<_> = rule_files().into_iter().filter(|path| path.ends_with("saasbackup.rules.yml")).collect();
    let filled = async |step: &str| {
        let server = VictoriaMetrics::start(&scraped, &[]).await;
        let step = format!("-datasource.queryStep={step}");
        let common = ["-evaluationInterval=2s", "-rule.evalDelay=1s", "-remoteWrite.flushInterval=200ms"];
        let vmalert = server.evaluating(&rules, &[&common[..], &[step.as_str()]].concat()).await;
        (server, vmalert)
    };
    let (long, short) = tokio::join!(filled("5m"), filled("2s"));
    let evaluations = async |server: &VictoriaMetrics, name: &str| {
        server.value(&format!("max(count_over_time({name}[1h]))")).await.unwrap_or_default()
    };
    eventually(async || {
        let seen = [
            evaluations(&long.0, RECORDED[0]).await,
            evaluations(&long.0, RECORDED[1]).await,
            evaluations(&short.0, RECORDED[0]).await,
        ];
        // Several more than the chain of records is long.
        if seen[1] > 0.0 && seen[2] > 5.0 { Ok(()) } else { Err(format!("{seen:?}")) }
    })
    .await;
    assert_eq!(evaluations(&short.0, RECORDED[1]).await, 0.0, "it can be evaluated every five minutes now: say so");
}

/// Counters that have not changed since they were first scraped ten minutes ago, and an exporter that was started four
/// times.
fn samples() -> String {
    let now = clock::now().as_millis() / 1000;
    let source = "job=\"saasbackup\",instance=\"a\",provider=\"datto\",source=\"x\"";
    let mut text = String::new();
    for (at, start) in (now - 600..=now).step_by(60).zip([1, 2, 3, 4, 4, 4, 4, 4, 4, 4, 4]) {
        for (name, labels, value) in [
            ("exporter_api_requests_total", "endpoint=\"/v1/saas/domains\",outcome=\"success\"", 100),
            ("exporter_api_requests_total", "endpoint=\"/v1/saas/domains\",outcome=\"server_error\"", 5),
            ("exporter_api_throttled_total", "endpoint=\"/v1/saas/domains\"", 5),
            ("schema_drift_total", "endpoint=\"/v1/saas/domains\",field=\"x\",kind=\"missing\"", 3),
        ] {
            writeln!(text, "saasbackup_{name}{{{source},{labels}}} {value} {at}").unwrap();
        }
        writeln!(text, "saasbackup_exporter_build_info{{job=\"saasbackup\",instance=\"a\"}} 1 {at}").unwrap();
        writeln!(text, "process_start_time_seconds{{job=\"saasbackup\",instance=\"a\"}} {start} {at}").unwrap();
    }
    text + "# EOF\n"
}

#[tokio::test]
#[ignore = "needs victoria-metrics"]
async fn victoria_metrics_counts_the_small_first_sample_of_a_counter() {
    let samples = samples();
    let blocks = tempfile::tempdir().unwrap();
    let file = blocks.path().join("samples.om");
    std::fs::write(&file, &samples).unwrap();
    let arguments = ["tsdb", "create-blocks-from", "openmetrics", "--quiet"];
    let made = tool("promtool").args(arguments).args([&file, blocks.path()]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let prometheus = Prometheus::over(blocks, "5m", Generation::Current).await;
    let victoria_metrics = VictoriaMetrics::start("", &[]).await;
    victoria_metrics.import(samples.into_bytes()).await;

    let [mut theirs, mut ours] = [BTreeSet::new(), BTreeSet::new()];
    for rule in alerts() {
        if ["increase(", "changes("].iter().any(|function| rule.expr.contains(function)) {
            if !prometheus.query(&rule.expr).await.is_empty() {
                theirs.insert(rule.alert.clone());
            }
            if !victoria_metrics.query(&rule.expr).await.is_empty() {
                ours.insert(rule.alert);
            }
        }
    }
    let more: Vec<_> = ours.difference(&theirs).collect();
    assert_eq!(more, ["SaasBackupApiErrorsHigh", "SaasBackupExporterRestarting", "SaasBackupThrottled"]);
    let page = include_str!("../../alerts/README.md").split_once("## VictoriaMetrics").unwrap().1;
    for name in more {
        assert!(page.contains(&format!("`{name}`")), "{name} is not mentioned");
    }
}
