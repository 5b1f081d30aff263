//! Lists domains of sites that cannot be read, or asked for: what is below them is unknown, and never left out in silence.

use serde_json::{Value, json};

use super::script::{Script, login, resource, works};
use crate::support::exposition::Exposition;

const DOMAINS: &str = "/sharepoints/domains";

fn domain(id: &Value) -> Value {
    json!({"id": id, "deactivated_since": null, "errors": "", "site_count": 2, "storage": 1})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_below_an_unreadable_domain_is_unknown_and_the_others_are_shown() {
    let script = Script::default();
    script.answer("/users", json!([login("1-1", 100, "One")]));
    script.answer("/accounts", json!([resource(1)]));
    for id in [7, 8] {
        script.answer(&format!("{DOMAINS}/{id}/sites"), json!([resource(id * 10), resource(id * 10 + 1)]));
    }
    script.answer(DOMAINS, json!([domain(&json!(7)), domain(&json!(8))]));
    let exporter = script.serve().await;
    let sites = |scrape: &Exposition, state: &str| {
        let labels = [("tenant_id", "1-1"), ("workload", "sharepoint"), ("state", state)];
        scrape.get("saasbackup_resources", &labels)
    };
    let whole = |scrape: &_| works(scrape, "1-1", "sharepoint") == Some(1.0) && sites(scrape, "ok") == Some(4.0);
    exporter.until("all sites are shown", whole).await;
    exporter.stop().await;

    for unreadable in [
        json!("no domain"),
        json!(null),
        domain(&json!("")),
        domain(&json!(null)),
        domain(&json!({})),
        json!({"errors": "", "site_count": 2}),
    ] {
        script.answer(DOMAINS, json!([domain(&json!(7)), unreadable]));
        let exporter = script.serve().await;
        let failed = |scrape: &_| works(scrape, "1-1", "sharepoint") == Some(0.0);
        let scrape = exporter.until("the part fails", failed).await;
        assert_eq!((sites(&scrape, "ok"), sites(&scrape, "unknown")), (Some(2.0), Some(1.0)), "{unreadable}");
        assert_eq!(scrape.workload_state("1-1", "sharepoint"), "unknown", "{unreadable}");
        exporter.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_error_of_a_domain_is_that_of_all_below_it_and_a_refused_list_licenses_nothing_away() {
    let script = Script::default();
    script.answer("/users", json!([login("1-1", 100, "One")]));
    script.answer("/accounts", json!([resource(1)]));
    let mut failing = domain(&json!(7));
    failing["errors"] = json!("consent was withdrawn");
    script.answer(DOMAINS, json!([failing, domain(&json!(8))]));
    script.answer("/sharepoints/domains/7/sites", json!([resource(70), resource(71)]));
    script.answer("/sharepoints/domains/8/sites", json!([resource(80)]));
    let exporter = script.serve().await;
    let is = |state: &'static str, success| {
        move |scrape: &Exposition| {
            works(scrape, "1-1", "sharepoint") == Some(success) && scrape.workload_state("1-1", "sharepoint") == state
        }
    };
    let scrape = exporter.until("the sites are failing", is("failing", 1.0)).await;
    let labels = [("tenant_id", "1-1"), ("workload", "sharepoint"), ("state", "failing")];
    assert_eq!(scrape.get("saasbackup_resources", &labels), Some(2.0));

    // Deleted between the two lists: the fault that is known stays.
    script.refuse("/sharepoints/domains/7/sites");
    exporter.until("the list is refused", is("failing", 0.0)).await;
    exporter.stop().await;
}
