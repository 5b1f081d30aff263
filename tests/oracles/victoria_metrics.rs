//! Scrapes the demo with `VictoriaMetrics`, and loads the rules with vmalert.

use serde_json::Value;

use crate::alerts::files::rule_files;
use crate::support::demo::{Exporter, Wish, client};
use crate::support::generation::newer;
use crate::support::prometheus::serving;
use crate::support::tools::run;
use crate::support::wait::eventually;

#[tokio::test]
#[ignore = "needs victoria-metrics"]
async fn victoria_metrics_keeps_every_sample() {
    let exporter = Exporter::demo().await;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("prometheus.yml");
    let text = format!(
        "global: {{ scrape_interval: 3s, scrape_timeout: 3s }}\nscrape_configs:\n  - job_name: saasbackup\n    \
         static_configs: [{{ targets: [\"{}\"] }}]\n",
        exporter.address
    );
    std::fs::write(&config, text).unwrap();
    let (_process, address) = serving("started VictoriaMetrics", |address| {
        let mut command = newer("victoria-metrics");
        command
            .arg(format!("-promscrape.config={}", config.display()))
            .arg(format!("-storageDataPath={}", folder.path().join("data").display()))
            .arg(format!("-httpListenAddr={address}"))
            // What was scraped is found at once.
            .arg("-search.latencyOffset=0s");
        command
    })
    .await;
    let client = client();
    let value = async |query: &str| -> Option<f64> {
        let request = client.get(format!("http://{address}/api/v1/query")).query(&[("query", query)]);
        let answer: Value = serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap();
        answer["data"]["result"][0]["value"][1].as_str().map(|value| value.parse().unwrap())
    };
    eventually(async || {
        let answer = exporter.get(Wish::TEXT).await;
        let lines = answer.text().lines().filter(|line| !line.starts_with('#')).count() as f64;
        let kept = value("count({job=\"saasbackup\",__name__!~\"up|scrape_.+\"})").await;
        if kept == Some(lines) { Ok(()) } else { Err(format!("{lines} samples, of which {kept:?} were kept")) }
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
