//! Makes each lifecycle list fail separately.

use serde_json::json;

use super::script::{Script, login, resource, works};
use crate::support::exposition::Exposition;

/// Each list with the metric that counts it.
const LISTS: [(&str, &str); 5] = [
    ("/accounts/connection_failures", "saasbackup_connection_failures"),
    ("/accounts/deactivated_accounts", "saasbackup_deactivated_accounts"),
    ("/accounts/deleted_accounts", "saasbackup_deleted_accounts"),
    ("/users/1-1/delegated", "saasbackup_delegated_users"),
    ("/users/1-1/retention_policies", "saasbackup_retention_policies"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_list_that_fails_keeps_its_own_value_and_no_other() {
    let script = Script::default();
    script.answer("/users", json!([login("1-1", 100, "One")]));
    script.answer("/accounts", json!([resource(1)]));
    let rows = |count: u64| -> serde_json::Value {
        let row =
            |id| json!({"id": id, "email": format!("{id}@one.example"), "period_number": 1, "period_unit": "years"});
        json!({"result_set": (0..count).map(row).collect::<Vec<_>>(), "pagination": {"total_entries": count}})
    };
    LISTS.iter().for_each(|(path, _)| script.answer(path, rows(1)));
    let exporter = script.serve().await;
    let shown = |scrape: &Exposition| LISTS.map(|(_, name)| scrape.get(name, &[("tenant_id", "1-1")]));
    let success = |scrape: &Exposition, value| works(scrape, "1-1", "lifecycle") == Some(value);
    exporter.until("every list is counted", |scrape| success(scrape, 1.0) && shown(scrape) == [Some(1.0); 5]).await;
    for (place, (failing, _)) in LISTS.iter().enumerate() {
        LISTS.iter().for_each(|(path, _)| script.answer(path, rows(2)));
        script.fail(failing);
        let mut expected = [Some(2.0); 5];
        expected[place] = Some(1.0);
        let failed = |scrape: &Exposition| success(scrape, 0.0) && shown(scrape) == expected;
        exporter.until(&format!("{failing} alone is as old as it is"), failed).await;
        LISTS.iter().for_each(|(path, _)| script.answer(path, rows(1)));
        exporter.until("every list works", |scrape| success(scrape, 1.0) && shown(scrape) == [Some(1.0); 5]).await;
    }

    // A list that the vendor refuses is no failure, and a count that is known stays.
    script.refuse(LISTS[0].0);
    LISTS[1..].iter().for_each(|(path, _)| script.answer(path, rows(2)));
    let kept = [1.0, 2.0, 2.0, 2.0, 2.0].map(Some);
    exporter.until("the refused list is older", |scrape| success(scrape, 1.0) && shown(scrape) == kept).await;
    exporter.stop().await;

    // At a cold start the fact alone is absent.
    script.fail(LISTS[0].0);
    let exporter = script.serve().await;
    let scrape = exporter.until("the others are counted", |scrape| success(scrape, 0.0)).await;
    assert_eq!(shown(&scrape), [None, Some(2.0), Some(2.0), Some(2.0), Some(2.0)]);
    exporter.stop().await;
}
