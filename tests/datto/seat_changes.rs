//! Changes seats at the vendor: the gauges follow, and the exporter itself never writes.

use std::time::Duration;

use reqwest::Method;
use saasbackup_simulator::datto::fleet::Quirk;
use serde_json::json;

use super::bench::{Bench, value};
use super::vendor::{Vendor, options};
use crate::support::exposition::Exposition;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_seats_move_the_gauges_and_only_get_is_ever_sent() {
    let vendor = Vendor::with_only(options(), &[Quirk::Healthy]).await;
    let customer = vendor.customer(Quirk::Healthy);
    let id = customer.id.to_string();
    let seats = vendor.seats(&id).await.unwrap();
    let people: Vec<_> = seats
        .iter()
        .filter(|seat| seat["seatType"] == "User" && seat["seatState"] == "Active")
        .map(|seat| seat["remoteId"].clone())
        .collect();
    let bench = Bench::start(vec![vendor], |_, collection| collection.interval = Duration::from_millis(500)).await;
    let before = bench.collected().await;
    let of = |scrape: &Exposition, name: &str, more: &[(&str, &str)]| {
        value(scrape, 0, name, &[&[("tenant_id", &*id)], more].concat()).unwrap()
    };
    let people_in =
        |scrape: &Exposition, state: &str| of(scrape, "saasbackup_seats", &[("seat_type", "user"), ("state", state)]);
    assert_eq!(people_in(&before, "active"), people.len() as f64);

    let path = format!("/v1/saas/{id}/{}/bulkSeatChange", customer.subscriptions[0]);
    for (action, chosen) in [("Unlicense", &people[..3]), ("Pause", &people[3..5])] {
        let body = json!({"seat_type": "User", "action_type": action, "ids": chosen}).to_string();
        bench.vendors[0].send(Method::PUT, &path, &body).await.unwrap();
    }
    let moved = |scrape: &Exposition| people_in(scrape, "active") == people.len() as f64 - 5.0;
    let after = bench.exporter.until("five people are no longer protected", moved).await;
    for (state, more) in [("unprotected", 3.0), ("paused", 2.0), ("archived", 0.0), ("unknown", 0.0)] {
        assert_eq!(people_in(&after, state) - people_in(&before, state), more, "{state}");
        let account = [("state", state)];
        let accounts = |scrape| of(scrape, "saasbackup_accounts", &account);
        assert_eq!(accounts(&after) - accounts(&before), more, "{state}");
    }
    let protected = |scrape| of(scrape, "saasbackup_accounts", &[("state", "protected")]);
    assert_eq!(protected(&before) - protected(&after), 5.0);
    // Whoever is paused is still billed.
    let billable = |scrape| of(scrape, "saasbackup_seats_billable", &[]);
    assert_eq!(billable(&before) - billable(&after), 3.0);
    let used = |scrape: &Exposition| of(scrape, "saasbackup_seats_used", &[]) == billable(&after);
    bench.exporter.until("the listing says so too", used).await;

    let log = bench.vendors[0].server.requests().log;
    let written: Vec<_> = log.iter().filter(|request| request.method != "GET").collect();
    assert_eq!(written.len(), 2, "the changes of this test, and no other: {written:?}");
    assert!(written.iter().all(|request| request.method == "PUT" && request.path == path));
    bench.exporter.stop().await;
}
