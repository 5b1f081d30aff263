//! Compares the documented shape with every example of the published description.

use std::collections::BTreeSet;
use std::path::PathBuf;

use reqwest::Method;
use saasbackup_simulator::datto::fleet::Quirk;
use serde_json::{Value, json};

use super::fixture::Fake;
use super::shapes::{kinds, words};

fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/testdata/datto").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn sample(name: &str) -> Value {
    serde_json::from_str(&file(name)).unwrap()
}

fn description() -> Value {
    serde_saphyr::from_str(&file("openapi.yaml")).unwrap()
}

/// Every value that stands under an `examples` of the description, by its name.
fn examples(value: &Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                if let ("examples", Value::Object(examples)) = (key.as_str(), field) {
                    found.extend(examples.iter().map(|(name, example)| (name.clone(), example["value"].clone())));
                }
                examples_below(field, found);
            }
        }
        other => examples_below(other, found),
    }
}

fn examples_below(value: &Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(_) => examples(value, found),
        Value::Array(elements) => elements.iter().for_each(|element| examples(element, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_example_of_the_description_was_transcribed_as_it_stands() {
    let description = description();
    let mut found = Vec::new();
    examples(&description, &mut found);
    found.sort_by(|(left, _), (right, _)| left.cmp(right));
    let error = &description["components"]["schemas"]["ErrorResponse"]["properties"];
    let error = json!({"code": error["code"]["example"], "message": error["message"]["example"]});
    found.push(("ErrorResponse".to_owned(), error));
    let files = [
        ("BulkSeatChange200Example", "bulk_seat_change.json"),
        ("BulkSeatChangeRequestExample", "bulk_seat_change_request.json"),
        ("ListDomains200Example", "domains.json"),
        ("ListSeats200Example", "seats.json"),
        ("ErrorResponse", "error.json"),
    ];
    let expected = files.map(|(name, file)| (name.to_owned(), sample(file)));
    assert_eq!(found, expected);
}

#[tokio::test]
async fn domains_have_the_keys_and_types_of_the_example() {
    let fake = Fake::documented().await;
    let reply = fake.get("/v1/saas/domains").await;
    assert_eq!(reply.status, 200);
    assert_eq!(kinds(&reply.json()), kinds(&sample("domains.json")));
    let rows = reply.json()["domains"].as_array().unwrap().clone();
    assert_eq!(words(&rows, "saasCustomerId").len(), fake.server.customers().len());
    assert_eq!(words(&rows, "status"), BTreeSet::from(["active".to_owned(), "throttled".to_owned()]));
}

#[tokio::test]
async fn seats_have_the_keys_and_types_of_the_example_and_the_words_of_the_description() {
    let fake = Fake::documented().await;
    let mut all = Vec::new();
    for customer in fake.server.customers() {
        let reply = fake.get(&format!("/v1/saas/{}/seats", customer.documented_id)).await;
        assert_eq!(reply.status, 200, "{customer:?}");
        all.extend(reply.json()["seats"].as_array().unwrap().iter().cloned());
    }
    assert_eq!(kinds(&json!({"seats": all})), kinds(&sample("seats.json")));
    let properties = description()["components"]["schemas"]["Seat"]["properties"].clone();
    let listed = |field: &str| -> BTreeSet<String> {
        let list = properties[field]["enum"].as_array().unwrap();
        list.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(words(&all, "seatType"), listed("seatType"));
    assert_eq!(words(&all, "licenseStatus"), listed("licenseStatus"));
    for backup in all.iter().filter_map(|seat| seat.get("lastBackup")) {
        let text = backup.as_str().unwrap();
        assert!(text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok(), "{text}");
    }
}

#[tokio::test]
async fn a_change_of_seats_takes_and_gives_what_the_examples_have() {
    let fake = Fake::documented().await;
    let customer = fake.customer(Quirk::Healthy).documented_id;
    let seats = fake.get(&format!("/v1/saas/{customer}/seats")).await.json();
    let id = seats["seats"][0]["remoteId"].as_str().unwrap();
    let path = format!("/v1/saas/{customer}/externalSubscriptionId/bulkSeatChange");
    let request = sample("bulk_seat_change_request.json");
    let unknown = fake.put(&path, &request.to_string()).await;
    assert_eq!((unknown.status, &unknown.json()["results"][0]["success"]), (200, &json!(false)));
    let mut request = request;
    request["seats"][0]["remoteId"] = json!(id);
    let known = fake.put(&path, &request.to_string()).await;
    assert_eq!((known.status, kinds(&known.json())), (200, kinds(&sample("bulk_seat_change.json"))));
    let mut expected = sample("bulk_seat_change.json");
    expected["results"][0]["remoteId"] = json!(id);
    assert_eq!(known.json(), expected);
    request["seats"][0]["action"] = json!("Pause");
    assert_eq!(fake.put(&path, &request.to_string()).await.status, 200);
    let after = fake.get(&format!("/v1/saas/{customer}/seats")).await.json();
    assert_eq!(after["seats"][0]["licenseStatus"], "Paused");
}

#[tokio::test]
async fn errors_carry_the_status_as_their_code() {
    let fake = Fake::documented().await;
    let unauthorized = fake.send(Method::GET, "/v1/saas/domains", None, None).await.unwrap();
    assert_eq!((unauthorized.status, unauthorized.json()), (401, sample("error.json")));
    let missing = fake.get("/v1/saas/cust-999/seats").await;
    assert_eq!((missing.status, &missing.json()["code"]), (404, &json!(404)));
    let path = "/v1/saas/cust-001/externalSubscriptionId/bulkSeatChange";
    for body in ["", "[]", r#"{"seats": 1}"#, r#"{"seats": [{"action": "Delete"}]}"#] {
        let bad = fake.put(path, body).await;
        assert_eq!((bad.status, &bad.json()["code"]), (400, &json!(400)), "{body}");
    }
}

#[tokio::test]
async fn more_than_a_hundred_seats_are_refused() {
    let fake = Fake::documented().await;
    let body = |seats| json!({"seats": vec![json!({}); seats]}).to_string();
    let path = "/v1/saas/cust-001/externalSubscriptionId/bulkSeatChange";
    assert_eq!(fake.put(path, &body(100)).await.status, 200);
    assert_eq!(fake.put(path, &body(101)).await.status, 400);
}

#[tokio::test]
async fn the_description_has_neither_applications_nor_whole_numbers_as_ids() {
    let fake = Fake::documented().await;
    let customer = fake.customer(Quirk::Healthy);
    let status = async |path: String| fake.get(&path).await.status;
    assert_eq!(status(format!("/v1/saas/{}/applications", customer.documented_id)).await, 404);
    assert_eq!(status(format!("/v1/saas/{}/seats", customer.id)).await, 404);
    assert_eq!(status(format!("/v1/saas/{}/seats", customer.documented_id)).await, 200);
}
