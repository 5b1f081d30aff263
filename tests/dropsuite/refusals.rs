//! Rejects the first pages of products: only the vendor itself decides what is not licensed.

use axum::http::StatusCode;
use saasbackup_exporter::domain::Workload;
use serde_json::json;

use super::script::{Script, config, login, resource, works};
use crate::support::exporter::Exporter;
use crate::support::exposition::Exposition;

const DRIVES: &str = "/shareddrives/domains";
const DRIVES_SPELT_OTHERWISE: &str = "/shreddrives/domains";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_product_that_a_gateway_rejects_keeps_its_values() {
    let script = Script::default();
    script.answer("/users", json!([login("1-1", 100, "One")]));
    script.answer("/accounts", json!([resource(1)]));
    let failing = json!({"id": 7, "errors": "consent was expired"});
    let lists = [("sharepoint", "/sharepoints/domains", "sites"), ("shared_drive", DRIVES, "drives")];
    for (_, domains, below) in lists {
        script.answer(&format!("{domains}/7/{below}"), json!([resource(70)]));
    }
    let mut config = config(&script.bind().await, None);
    config.sources[0].collection.workloads.insert(Workload::SharedDrive);
    let exporter = Exporter::start(&config).await;
    let is = |success: f64| {
        move |scrape: &Exposition| {
            lists.iter().all(|(workload, ..)| {
                works(scrape, "1-1", workload) == Some(success) && scrape.workload_state("1-1", workload) == "failing"
            })
        }
    };
    for status in [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND] {
        lists.iter().for_each(|(_, domains, _)| script.answer(domains, json!([failing])));
        exporter.until("both products are known to be failing", is(1.0)).await;
        lists.iter().for_each(|(_, domains, _)| script.refuse_with_html(domains, status));
        exporter.until("both attempts fail, and the faults stay", is(0.0)).await;
    }
    assert_eq!(script.token_of(DRIVES_SPELT_OTHERWISE), None, "the vendor did not say that the first is not there");
    let not_found = json!({"status": 404, "error": "Not Found"});
    script.answer_with(DRIVES, StatusCode::NOT_FOUND, not_found.clone());
    script.answer_with(DRIVES_SPELT_OTHERWISE, StatusCode::NOT_FOUND, not_found);
    let gone = |scrape: &Exposition| scrape.workload_state("1-1", "shared_drive") == "not_licensed";
    exporter.until("the vendor itself refuses both spellings", gone).await;
    exporter.stop().await;
}
