//! Injects each fault and checks the bytes of the response.

use std::time::{Duration, Instant};

use saasbackup_simulator::dropsuite::fleet::Quirk;
use saasbackup_simulator::faults::{Fault, Injection, RetryAfter};
use serde_json::{Value, json};

use super::fixture::{Fake, NOW, Reply, rows};

/// The first answer after this fault was injected, to a list of 42 accounts on three pages.
async fn hit(fault: Fault) -> (Fake, reqwest::Result<Reply>) {
    let fake = Fake::start().await;
    fake.server.inject(fault);
    let reply = fake.try_get("/accounts", &fake.token(Quirk::Healthy)).await;
    (fake, reply)
}

async fn reply_after(fault: Fault) -> Reply {
    hit(fault).await.1.unwrap()
}

#[tokio::test]
async fn status_faults_answer_with_their_status() {
    for (fault, status) in [
        (Fault::Unauthorized, 401),
        (Fault::Forbidden, 403),
        (Fault::NotFound, 404),
        (Fault::ServerError(500), 500),
        (Fault::ServerError(502), 502),
        (Fault::ServerError(504), 504),
    ] {
        let reply = reply_after(fault.clone()).await;
        assert_eq!(reply.status, status, "{fault:?}");
        let is_json = serde_json::from_str::<Value>(&reply.text).is_ok();
        assert_eq!(is_json, status < 502, "{fault:?}: {}", reply.text);
    }
}

#[tokio::test]
async fn too_many_requests_says_when_to_come_back_in_either_form() {
    let header = |reply: &Reply| reply.headers.get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let seconds = reply_after(Fault::TooManyRequests(RetryAfter::Seconds(17))).await;
    assert_eq!((seconds.status, header(&seconds).as_deref()), (429, Some("17")));
    let missing = reply_after(Fault::TooManyRequests(RetryAfter::Missing)).await;
    assert_eq!((missing.status, header(&missing)), (429, None));
    let date = reply_after(Fault::TooManyRequests(RetryAfter::Date(Duration::from_secs(60)))).await;
    // One minute after the fake's present, 2026-09-21T14:13:20Z.
    assert_eq!(NOW, 1_790_000_000_000);
    assert_eq!((date.status, header(&date).as_deref()), (429, Some("Mon, 21 Sep 2026 14:14:20 GMT")));
}

#[tokio::test]
async fn bodies_are_spoiled_as_the_fault_says() {
    let html = reply_after(Fault::Html200).await;
    assert_eq!((html.status, html.headers["content-type"].to_str().unwrap()), (200, "text/html; charset=utf-8"));
    assert!(html.text.starts_with("<!DOCTYPE html>"));
    let cut = reply_after(Fault::TruncatedJson).await;
    assert!(cut.text.starts_with('{') && serde_json::from_str::<Value>(&cut.text).unwrap_err().is_eof());
    let empty = reply_after(Fault::EmptyBody200).await;
    assert_eq!((empty.status, empty.text.as_str()), (200, ""));
    let plain = reply_after(Fault::WrongContentType).await;
    assert_eq!((plain.headers["content-type"].to_str().unwrap(), rows(&plain.json()).len()), ("text/plain", 20));
    let deep = reply_after(Fault::DeepNesting).await;
    assert!(deep.text.starts_with("[[[[") && deep.text.ends_with("]]]]") && deep.text.len() == 200_000);
    let redirect = reply_after(Fault::Redirect("/elsewhere".to_owned())).await;
    assert_eq!((redirect.status, redirect.headers["location"].to_str().unwrap()), (302, "/elsewhere"));
    let oversized = reply_after(Fault::OversizedBody(3_000_000)).await;
    assert!(oversized.text.len() > 3_000_000);
    assert_eq!(rows(&oversized.json()).len(), 20);
}

#[tokio::test]
async fn a_reset_body_breaks_while_it_is_read() {
    let (_fake, reply) = hit(Fault::ResetMidBody).await;
    let error = reply.unwrap_err();
    assert!(error.is_body() || error.is_decode(), "{error:?}");
}

#[tokio::test]
async fn lists_are_spoiled_as_the_fault_says() {
    let empty = reply_after(Fault::EmptyList).await.json();
    assert_eq!((&empty["result_set"], &empty["pagination"]["total_entries"]), (&json!([]), &json!(0)));
    let (fake, first) = hit(Fault::TruncatedListing).await;
    let second = fake.get("/accounts?page=2", &fake.token(Quirk::Healthy)).await.json();
    assert_eq!(rows(&first.unwrap().json()).len(), 20);
    assert_eq!((&second["result_set"], &second["pagination"]["total_entries"]), (&json!([]), &json!(42)));
    let (fake, first) = hit(Fault::RepeatedPage).await;
    let ninth = fake.get("/accounts?page=9", &fake.token(Quirk::Healthy)).await.json();
    assert_eq!(rows(&first.unwrap().json()), rows(&ninth));
    assert_eq!(ninth["pagination"]["total_pages"], 10);
}

#[tokio::test]
async fn fields_are_spoiled_in_every_row() {
    let storage = "storage".to_owned();
    let retyped = reply_after(Fault::RetypedField { field: storage.clone(), value: json!("a lot") }).await.json();
    assert!(rows(&retyped).iter().all(|row| row["storage"] == "a lot"));
    let missing = reply_after(Fault::MissingField(storage)).await.json();
    assert!(rows(&missing).iter().all(|row| row.get("storage").is_none() && row.get("id").is_some()));
    let (field, word) = ("current_backup_status".to_owned(), "Levitating".to_owned());
    let unknown = reply_after(Fault::UnknownWord { field, word }).await.json();
    assert!(rows(&unknown).iter().all(|row| row["current_backup_status"] == "Levitating"));
}

#[tokio::test]
async fn a_delayed_answer_is_right_and_late() {
    let started = Instant::now();
    let reply = reply_after(Fault::Delay(Duration::from_millis(150))).await;
    assert!(started.elapsed() >= Duration::from_millis(150));
    assert_eq!(rows(&reply.json()).len(), 20);
}

#[tokio::test]
async fn a_stalled_request_waits_until_the_server_stops() {
    let fake = Fake::start().await;
    fake.server.inject(Fault::Stall);
    let token = fake.token(Quirk::Healthy);
    tokio::select! {
        reply = fake.get("/accounts", &token) => panic!("{reply:?}"),
        () = fake.arrived(1) => {}
    }
    let requests = fake.server.requests();
    assert_eq!((requests.total, requests.most_in_flight), (1, 1));
    let started = Instant::now();
    fake.server.shutdown().await;
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_fault_keeps_to_its_endpoint_its_organization_and_its_number_of_times() {
    let fake = Fake::start().await;
    let struck = fake.organization(Quirk::Healthy);
    let injection = Injection::new(Fault::ServerError(502)).on("/users/{id}/tenants");
    fake.server.inject(injection.for_organization(&struck.name).times(1));
    let status = async |quirk, path| fake.get_as(quirk, path).await.status;
    assert_eq!(status(Quirk::FailingText, "/users/{id}/tenants").await, 200);
    assert_eq!(status(Quirk::Healthy, "/users/{id}/delegated").await, 200);
    assert_eq!(status(Quirk::Healthy, "/users/{id}/tenants").await, 502);
    assert_eq!(status(Quirk::Healthy, "/users/{id}/tenants").await, 200);
    fake.server.inject(Injection::new(Fault::Forbidden).for_organization(&struck.organization_id.to_string()));
    assert_eq!(status(Quirk::Healthy, "/calendars").await, 403);
    assert_eq!(status(Quirk::FailingText, "/calendars").await, 200);
    assert_eq!(fake.get_as_admin("/users").await.status, 200);
    fake.server.clear_faults();
    assert_eq!(status(Quirk::Healthy, "/calendars").await, 200);
}

#[tokio::test]
#[should_panic(expected = "no such endpoint")]
async fn a_fault_at_an_endpoint_that_does_not_exist_is_a_mistake_of_the_test() {
    Fake::start().await.server.inject(Injection::new(Fault::Stall).on("/user"));
}
