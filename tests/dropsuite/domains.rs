//! Makes domains of sites unreadable: their contents are unknown, and never omitted silently.

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
    failing["errors"] = json!("consent was expired");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_ends_with_an_empty_page_before_all_announced_sites_is_not_whole() {
    let script = Script::default();
    script.answer("/users", json!([login("1-1", 100, "One")]));
    script.answer("/accounts", json!([resource(1)]));
    let sites = |ids: std::ops::Range<u64>| Value::from_iter(ids.map(resource));
    let list = "/sharepoints/domains/7/sites";
    // How many sites are announced, the pages, and how many are shown as ok and as unknown, and whether the part worked.
    for (announced, pages, ok, unknown, success) in [
        (40, [0..25, 25..40], 40.0, 0.0, 1.0),
        (40, [0..25, 25..25], 25.0, 1.0, 0.0),
        (25, [0..25, 25..25], 25.0, 0.0, 1.0),
        // A domain may count what it does not list.
        (40, [0..24, 24..24], 24.0, 0.0, 1.0),
    ] {
        let mut domain = domain(&json!(7));
        domain["site_count"] = json!(announced);
        script.answer(DOMAINS, json!([domain]));
        script.answer_pages(list, pages.iter().cloned().map(sites));
        let exporter = script.serve().await;
        let ended = |scrape: &Exposition| works(scrape, "1-1", "sharepoint") == Some(success);
        let scrape = exporter.until(&format!("{pages:?} of {announced} are read"), ended).await;
        let shown = ["ok", "unknown"].map(|state| {
            let labels = [("tenant_id", "1-1"), ("workload", "sharepoint"), ("state", state)];
            scrape.get("saasbackup_resources", &labels)
        });
        assert_eq!(shown, [Some(ok), Some(unknown)], "{pages:?} of {announced}");
        exporter.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_list_of_announced_sites_is_not_the_truth_and_takes_nothing_away() {
    let script = Script::default();
    script.answer("/users", json!([login("1-1", 100, "One")]));
    script.answer("/accounts", json!([resource(1)]));
    script.answer(DOMAINS, json!([domain(&json!(7))]));
    script.answer("/sharepoints/domains/7/sites", json!([resource(70), resource(71)]));
    let exporter = script.serve().await;
    let is = |state: &'static str, success| {
        move |scrape: &Exposition| {
            works(scrape, "1-1", "sharepoint") == Some(success) && scrape.workload_state("1-1", "sharepoint") == state
        }
    };
    exporter.until("the sites are known", is("ok", 1.0)).await;
    script.answer("/sharepoints/domains/7/sites", json!([]));
    exporter.until("the empty list is doubted", is("ok", 0.0)).await;
    exporter.stop().await;
    let exporter = script.serve().await;
    exporter.until("they are unknown", is("unknown", 0.0)).await;
    exporter.stop().await;
}
