//! Restarts the exporter with another address: the data of one account does not apply to another.

use serde_json::json;

use super::script::{Script, config, login, resource, works};
use crate::support::exporter::Exporter;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_address_is_another_account_of_which_nothing_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let script = Script::default();
    script.answer("/accounts", json!([resource(1)]));
    script.answer("/users", json!([login("1-1", 100, "One")]));
    let here = config(&script.bind().await, Some(&path));
    let exporter = Exporter::start(&here).await;
    exporter.until("it is collected", |scrape| works(scrape, "1-1", "mail") == Some(1.0)).await;
    exporter.stop().await;

    let exporter = Exporter::start(&here).await;
    assert_eq!(exporter.scrape().await.workload_state("1-1", "mail"), "ok", "known from the file at the same address");
    exporter.stop().await;

    // An address that answers nothing but refusals.
    let there = config(&Script::default().bind().await, Some(&path));
    let exporter = Exporter::start(&there).await;
    let failed =
        |scrape: &crate::support::exposition::Exposition| scrape.get("saasbackup_up", &[("source", "us")]) == Some(0.0);
    let scrape = exporter.until("the listing failed", failed).await;
    assert!(scrape.all("saasbackup_workload_state", &[]).is_empty(), "the fleet of the other account is shown");
    exporter.stop().await;
}
