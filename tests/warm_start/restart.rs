//! Restarts the exporter after it was killed, while no vendor responds.

use super::binary::Exporter;
use super::*;
use crate::support::wait::until;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_known_survives_a_kill_while_no_vendor_answers_until_it_is_stale() {
    let folder = tempfile::tempdir().unwrap();
    let (path, config_path) = (folder.path().join("state"), folder.path().join("config.yaml"));
    let demo = vendors(24).await;
    let text = config_file(&demo, "1h", &path);
    std::fs::write(&config_path, &text).unwrap();
    let config = parse(&text);

    let exporter = Exporter::start(&config_path);
    // Scraped all the while, so that files are written beside scrapes.
    let before = until("everything was collected and is in the file", async || {
        let scrape = exporter.scrape().await;
        let file = rendered(&restored(&path, &config)?);
        let is_collected = ["dropsuite-demo", "datto-demo"].iter().all(|source| {
            let pending = format!("source=\"{source}\",state=\"pending\"}} 0");
            scrape.lines().any(|line| line.starts_with("saasbackup_exporter_tenants{") && line.ends_with(&pending))
        });
        (is_collected && tenant_lines(&scrape) == tenant_lines(&file)).then_some(scrape)
    })
    .await;
    assert_eq!(ups(&before), ["1", "1"]);
    assert!(tenant_lines(&before).iter().any(|line| line.starts_with("saasbackup_newest_backup_timestamp_seconds")));
    drop(exporter);
    drop(demo);

    let exporter = Exporter::start(&config_path);
    let first = exporter.scrape().await;
    assert_eq!(tenant_lines(&first), tenant_lines(&before), "every tenant, with the times of before");
    assert_eq!(exporter.get("/-/ready").await.0, 200);
    let later = until("the listings failed", async || {
        let scrape = exporter.scrape().await;
        (ups(&scrape) == ["0", "0"]).then_some(scrape)
    })
    .await;
    assert_eq!(tenant_lines(&later), tenant_lines(&before), "a failure takes nothing away");
    drop(exporter);

    // No file may demand a shorter time than ten seconds.
    let impatient = text.replace(" 1h", " 10s").replace("collection:\n", "collection:\n  stale_after: 10s\n");
    std::fs::write(&config_path, impatient).unwrap();
    until("every value is older than ten seconds", async || {
        let states = restored(&path, &config)?;
        let newest = states.iter().flat_map(|state| {
            state.tenants.values().flat_map(|tenant| tenant.parts().filter_map(|part| state.observed_at(tenant, part)))
        });
        newest.max().filter(|newest| clock::now().since(*newest).as_secs() > 10)
    })
    .await;
    let exporter = Exporter::start(&config_path);
    let stale = exporter.scrape().await;
    let has = |name: &str| stale.lines().any(|line| line.starts_with(&format!("{name}{{")));
    assert!(!has("saasbackup_observed_timestamp_seconds") && !has("saasbackup_newest_backup_timestamp_seconds"));
    let states = |scrape: &str, word: &str| {
        let ending = format!("state=\"{word}\"}} 1");
        scrape.lines().filter(|line| line.starts_with("saasbackup_workload_state{") && line.ends_with(&ending)).count()
    };
    assert!(states(&before, "ok") > 0 && states(&stale, "unknown") > states(&before, "unknown"));
    assert_eq!(states(&stale, "ok"), 0, "what is too old is not fine");
}

/// Whether the last listing of each source worked.
fn ups(scrape: &str) -> Vec<&str> {
    let lines = scrape.lines().filter(|line| line.starts_with("saasbackup_up{"));
    lines.filter_map(|line| Some(line.rsplit_once(' ')?.1)).collect()
}
