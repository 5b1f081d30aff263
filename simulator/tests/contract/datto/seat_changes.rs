//! Changes seats and watches what the lists say afterwards.

use saasbackup_simulator::datto::fleet::Quirk;
use serde_json::{Value, json};

use super::fixture::Fake;

async fn seats(fake: &Fake, quirk: Quirk) -> Vec<Value> {
    fake.get_of(quirk, "/seats").await.json().as_array().unwrap().clone()
}

fn path(fake: &Fake, quirk: Quirk) -> String {
    let customer = fake.customer(quirk);
    format!("/v1/saas/{}/{}/bulkSeatChange", customer.id, customer.subscriptions[0])
}

fn body(kind: &str, action: &str, ids: &[&Value]) -> String {
    json!({"seat_type": kind, "action_type": action, "ids": ids}).to_string()
}

#[tokio::test]
async fn each_action_leads_to_its_state_and_nothing_else_changes() {
    let fake = Fake::start().await;
    let path = path(&fake, Quirk::Healthy);
    for (action, state) in [("Pause", "Paused"), ("Unlicense", "Unprotected"), ("License", "Active")] {
        let before = seats(&fake, Quirk::Healthy).await;
        let ids = [&before[0]["remoteId"], &before[1]["remoteId"]];
        let reply = fake.put(&path, &body("User", action, &ids)).await;
        assert_eq!((reply.status, reply.json()["results"].as_array().unwrap().len()), (200, 2), "{}", reply.text);
        let after = seats(&fake, Quirk::Healthy).await;
        assert!(after[..2].iter().all(|seat| seat["seatState"] == state), "{action}");
        assert_eq!(before[2..], after[2..]);
    }
}

#[tokio::test]
async fn an_unlicensed_seat_has_no_services_and_is_not_billed() {
    let fake = Fake::start().await;
    let figures = async || {
        let record = fake.records(Quirk::Healthy).await.remove(0);
        let services = record["backupStats"]["activeServicesCount"].as_u64().unwrap();
        (services, record["seatsUsed"].as_u64().unwrap())
    };
    let id = seats(&fake, Quirk::Healthy).await[0]["remoteId"].clone();
    let (services, seats) = figures().await;
    assert_eq!(fake.put(&path(&fake, Quirk::Healthy), &body("User", "Unlicense", &[&id])).await.status, 200);
    // A user has a mailbox and a drive.
    assert_eq!(figures().await, (services - 2, seats - 1));
}

#[tokio::test]
async fn the_subscription_is_the_customers_own_or_the_word_of_the_description() {
    let fake = Fake::start().await;
    let customer = fake.customer(Quirk::Healthy);
    let id = seats(&fake, Quirk::Healthy).await[0]["remoteId"].clone();
    let encoded = customer.subscriptions[0].replace(':', "%3A");
    for (subscription, status) in
        [(encoded.as_str(), 200), ("externalSubscriptionId", 200), ("Classic:Office365:1", 404)]
    {
        let path = format!("/v1/saas/{}/{subscription}/bulkSeatChange", customer.id);
        assert_eq!(fake.put(&path, &body("User", "License", &[&id])).await.status, status, "{subscription}");
    }
    let outside = fake.put(&path(&fake, Quirk::OutOfScope), &body("User", "License", &[&id])).await;
    assert_eq!(outside.status, 403);
}

#[tokio::test]
async fn a_request_that_cannot_be_carried_out_changes_nothing() {
    let fake = Fake::start().await;
    let path = path(&fake, Quirk::ManySeats);
    let before = seats(&fake, Quirk::ManySeats).await;
    let ids: Vec<_> = before.iter().take(101).map(|seat| &seat["remoteId"]).collect();
    let foreign = json!("00000000-0000-4000-8000-000000000000");
    for (status, body) in [
        (400, body("User", "Pause", &ids)),
        (400, body("User", "Pause", &[])),
        (400, body("User", "Delete", &ids[..1])),
        (400, body("Gadget", "Pause", &ids[..1])),
        (400, body("User", "Pause", &[&json!(7)])),
        (400, "{".to_owned()),
        (400, "[]".to_owned()),
        (409, body("Team", "Pause", &ids[..1])),
        (409, body("User", "Pause", &[ids[0], &foreign])),
    ] {
        let reply = fake.put(&path, &body).await;
        assert_eq!(reply.status, status, "{body}: {}", reply.text);
        assert!(reply.json()["code"].is_string() && reply.json()["message"].is_string());
    }
    assert_eq!(seats(&fake, Quirk::ManySeats).await, before);
    assert_eq!(fake.put(&path, &body("User", "Pause", &ids[..100])).await.status, 200);
    let paused = seats(&fake, Quirk::ManySeats).await.iter().filter(|seat| seat["seatState"] == "Paused").count();
    assert!(paused >= 100, "{paused}");
}
