//! Sets the exporter's clock behind the vendor's, by which a backup looks younger than it is.

use std::time::Duration;

use serde_json::json;

use super::script::{Script, login, resource_backed_up};
use crate::support::exposition::Exposition;

const HOUR: Duration = Duration::from_secs(60 * 60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_as_old_as_the_vendors_clock_says_where_that_is_ahead() {
    let script = Script::default();
    script.answer("/users", json!([login("1-1", 100, "One")]));
    script.answer("/accounts", json!([resource_backed_up(1, 10 * HOUR)]));
    let exporter = script.serve().await;
    for (hours, state) in [(0, "ok"), (20, "late"), (0, "ok")] {
        script.set_ahead(hours * HOUR);
        let labels = [("tenant_id", "1-1"), ("workload", "mail"), ("state", state)];
        let is_shown = |scrape: &Exposition| scrape.get("saasbackup_workload_state", &labels) == Some(1.0);
        exporter.until(&format!("the mail is {state} at {hours} h"), is_shown).await;
    }
    exporter.stop().await;
}
