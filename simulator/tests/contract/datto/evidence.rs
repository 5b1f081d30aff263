//! Checks the quirks that the demo does not have: what the vendor's pages and public clients show beyond the document.

use std::collections::BTreeSet;

use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::datto::Options;
use saasbackup_simulator::datto::fleet::{Fleet, Quirk};
use serde_json::{Value, json};

use super::fixture::{CUSTOMERS, Fake, HOUR, NOW, apps, options};

async fn fake_of(quirk: Quirk) -> Fake {
    Fake::with(Options::new(Fleet::demo(3, 7).with(quirk), Clock::fixed(NOW))).await
}

#[tokio::test]
async fn another_customer_changes_none_of_the_others() {
    let demo = Fake::start().await;
    let fleet = Fleet::demo(CUSTOMERS, 7).with(Quirk::AccessLost).with(Quirk::OnceADay);
    let more = Fake::with(Options { fleet, ..options() }).await;
    let (before, after) = (demo.server.customers(), more.server.customers());
    assert_eq!(after[..CUSTOMERS], before);
    let added: Vec<_> = after[CUSTOMERS..].iter().map(|customer| customer.quirk).collect();
    assert_eq!(added, [Quirk::AccessLost, Quirk::OnceADay]);
    for customer in &after[CUSTOMERS..] {
        assert_eq!(more.get(&format!("/v1/saas/{}/applications", customer.id)).await.status, 200);
    }
}

#[tokio::test]
async fn a_customer_whose_access_was_lost_has_archived_seats_held_data_and_no_failure() {
    let fake = fake_of(Quirk::AccessLost).await;
    let seats = fake.get_of(Quirk::AccessLost, "/seats").await.json();
    assert_eq!(seats.as_array().unwrap().len(), 24);
    assert!(seats.as_array().unwrap().iter().all(|seat| seat["seatState"] == "Archived"));
    for app in fake.apps(Quirk::AccessLost).await {
        let newest = &app["backupHistory"][0];
        assert_eq!((&newest["activeServiceCount"], &newest["status"]), (&json!(0), &json!("Insufficient History")));
        assert!(newest["totalServiceCount"].as_u64() > Some(0) && app["usedBytes"].as_u64() > Some(0), "{app}");
    }
    let record = &fake.records(Quirk::AccessLost).await[0];
    assert_eq!(record["backupStats"]["activeServicesCount"], 0);
    let people = seats.as_array().unwrap().iter().filter(|seat| seat["seatType"] == "User").count();
    assert_eq!(record["seatsUsed"], people, "archived people are billed");
}

#[tokio::test]
async fn services_backed_up_once_a_day_grow_almost_a_day_old() {
    let fake = fake_of(Quirk::OnceADay).await;
    let mut oldest = 0;
    for hour in 0..24 {
        let now = NOW + hour * 3_600_000;
        for app in fake.apps(Quirk::OnceADay).await {
            assert_eq!(
                app["backupHistory"][0]["activeServiceCount"],
                app["backupHistory"][0]["activeServiceWithBackupCount"]
            );
            oldest = oldest.max(now - app["lastFullyProtectedTime"].as_i64().unwrap());
        }
        fake.clock.advance(HOUR);
    }
    assert!((22 * 3_600_000..24 * 3_600_000).contains(&oldest), "{oldest}");
}

#[tokio::test]
async fn a_customer_provisioned_twice_has_two_items_that_add_up() {
    let fake = fake_of(Quirk::DualProvisioned).await;
    let answer = fake.get_of(Quirk::DualProvisioned, "/applications").await.json();
    let items = answer["items"].as_array().unwrap();
    assert_eq!((items.len(), &answer["pagination"]["count"]), (2, &json!(2)));
    assert_eq!(items[0]["customerId"], items[1]["customerId"]);
    let words = |item: &Value| apps(item).iter().map(|app| app["appType"].to_string()).collect::<Vec<_>>();
    assert_eq!(words(&items[0]), words(&items[1]));
    let active = |item: &Value| -> u64 {
        apps(item).iter().map(|app| app["backupHistory"][0]["activeServiceCount"].as_u64().unwrap()).sum()
    };
    let whole = fake.records(Quirk::DualProvisioned).await[0]["backupStats"]["activeServicesCount"].as_u64().unwrap();
    assert_eq!(active(&items[0]) + active(&items[1]), whole);
    assert!(active(&items[0]) > 0 && active(&items[1]) > 0);
}

#[tokio::test]
async fn seats_without_an_id_share_their_other_id_with_an_archived_one() {
    let fake = fake_of(Quirk::NullSeatIds).await;
    let seats = fake.get_of(Quirk::NullSeatIds, "/seats").await.json();
    let nameless: Vec<_> = seats.as_array().unwrap().iter().filter(|seat| seat["remoteId"].is_null()).collect();
    let distinct: BTreeSet<_> = nameless.iter().map(|seat| seat["mainId"].to_string()).collect();
    assert_eq!((nameless.len(), distinct.len()), (12, 6));
    let last: Vec<_> = nameless.iter().rev().step_by(2).map(|seat| &seat["seatState"]).collect();
    assert_eq!(last, ["Archived"; 6]);
}
