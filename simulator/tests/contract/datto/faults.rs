//! Injects each fault and checks the bytes of the response.

use std::time::{Duration, Instant};

use saasbackup_simulator::datto::fleet::Quirk;
use saasbackup_simulator::datto::{ApplicationsShape, Options};
use saasbackup_simulator::faults::{Fault, Injection, RetryAfter};
use serde_json::{Value, json};

use super::fixture::{Fake, Reply, apps, options};

const SEATS: &str = "/v1/saas/{saasCustomerId}/seats";

/// The first answer about applications after this fault was injected.
async fn reply_after(fault: Fault) -> Reply {
    let fake = Fake::start().await;
    fake.server.inject(fault);
    fake.get_of(Quirk::Healthy, "/applications").await
}

#[tokio::test]
async fn status_faults_answer_with_their_status_and_the_vendors_bodies() {
    for (fault, status, code) in [
        (Fault::Unauthorized, 401, Some("unauthorized")),
        (Fault::Forbidden, 403, Some("exception.accessdeniedhttpexception")),
        (Fault::NotFound, 404, Some("exception.notfoundhttpexception")),
        (Fault::ServerError(500), 500, Some("exception.exception")),
        (Fault::ServerError(502), 502, None),
        (Fault::ServerError(504), 504, None),
    ] {
        let reply = reply_after(fault.clone()).await;
        let body: Option<Value> = serde_json::from_str(&reply.text).ok();
        let found = body.as_ref().and_then(|body| body["code"].as_str());
        assert_eq!((reply.status, found), (status, code), "{fault:?}");
    }
}

#[tokio::test]
async fn too_many_requests_says_when_to_come_back_in_every_form() {
    for (retry_after, expected) in [
        (RetryAfter::Missing, None),
        (RetryAfter::Seconds(17), Some("17")),
        (RetryAfter::Date(Duration::from_secs(60)), Some("Mon, 21 Sep 2026 14:14:20 GMT")),
    ] {
        let reply = reply_after(Fault::TooManyRequests(retry_after)).await;
        assert_eq!((reply.status, reply.header("retry-after")), (429, expected));
        assert_eq!(reply.json()["message"], "API limit exceeded");
    }
}

#[tokio::test]
async fn bodies_are_spoiled_as_the_fault_says() {
    let html = reply_after(Fault::Html200).await;
    assert_eq!((html.status, html.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let cut = reply_after(Fault::TruncatedJson).await;
    assert!(cut.text.starts_with('{') && serde_json::from_str::<Value>(&cut.text).unwrap_err().is_eof());
    let empty = reply_after(Fault::EmptyBody200).await;
    assert_eq!((empty.status, empty.text.as_str()), (200, ""));
    let plain = reply_after(Fault::WrongContentType).await;
    assert_eq!((plain.header("content-type"), apps(&plain.json()["items"][0]).len()), (Some("text/plain"), 4));
    assert!(reply_after(Fault::DeepNesting).await.text.starts_with("[[[["));
    let redirect = reply_after(Fault::Redirect("/elsewhere".to_owned())).await;
    assert_eq!((redirect.status, redirect.header("location")), (302, Some("/elsewhere")));
    let oversized = reply_after(Fault::OversizedBody(3_000_000)).await;
    assert!(oversized.text.len() > 3_000_000 && oversized.json()["items"].is_array());
}

#[tokio::test]
async fn a_reset_body_breaks_while_it_is_read() {
    let fake = Fake::start().await;
    fake.server.inject(Fault::ResetMidBody);
    let error = fake.try_get("/v1/saas/domains").await.unwrap_err();
    assert!(error.is_body() || error.is_decode(), "{error:?}");
}

#[tokio::test]
async fn lists_are_spoiled_as_the_fault_says() {
    let fake = Fake::start().await;
    fake.server.inject(Fault::EmptyList);
    assert_eq!(fake.get("/v1/saas/domains").await.json(), json!([]));
    assert_eq!(fake.get_of(Quirk::Healthy, "/seats").await.json(), json!([]));
    let empty = fake.get_of(Quirk::Healthy, "/applications").await.json();
    assert_eq!((&empty["items"], &empty["pagination"]["count"]), (&json!([]), &json!(0)));
    fake.server.clear_faults();
    fake.server.inject(Fault::TruncatedListing);
    let announced = fake.get_of(Quirk::Healthy, "/applications").await.json();
    assert_eq!((announced["items"].as_array().unwrap().len(), &announced["pagination"]["count"]), (1, &json!(2)));
    let missing = fake.get_of(Quirk::Healthy, "/applications?_page=2").await.json();
    assert_eq!((&missing["items"], &missing["pagination"]["totalPages"]), (&json!([]), &json!(2)));
}

#[tokio::test]
async fn a_repeated_page_never_ends() {
    let paged = ApplicationsShape::Paged { per_page: 3.try_into().unwrap() };
    let fake = Fake::with(Options { applications: paged, ..options() }).await;
    let page = async |number| fake.get_of(Quirk::Healthy, &format!("/applications?_page={number}")).await.json();
    let first = page(1).await;
    fake.server.inject(Fault::RepeatedPage);
    let ninth = page(9).await;
    assert_eq!((&ninth["items"], &ninth["pagination"]["totalPages"]), (&first["items"], &json!(10)));
}

#[tokio::test]
async fn fields_are_spoiled_in_every_row() {
    let retyped = Fault::RetypedField { field: "usedBytes".to_owned(), value: json!("a lot") };
    let item = reply_after(retyped).await.json()["items"][0].clone();
    assert_eq!(item["usedBytes"], "a lot");
    assert!(apps(&item).iter().all(|app| app["usedBytes"] == "a lot"));
    let missing = reply_after(Fault::MissingField("backupHistory".to_owned())).await.json();
    assert!(
        apps(&missing["items"][0]).iter().all(|app| app.get("backupHistory").is_none() && app.get("appType").is_some())
    );
    let (field, word) = ("status".to_owned(), "Levitating".to_owned());
    let unknown = reply_after(Fault::UnknownWord { field, word }).await.json();
    assert!(apps(&unknown["items"][0]).iter().all(|app| app["backupHistory"][9]["status"] == "Levitating"));
}

#[tokio::test]
async fn a_delayed_answer_is_right_and_late() {
    let started = Instant::now();
    let reply = reply_after(Fault::Delay(Duration::from_millis(150))).await;
    assert!(started.elapsed() >= Duration::from_millis(150));
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn a_stalled_request_waits_until_the_server_stops() {
    let fake = Fake::start().await;
    fake.server.inject(Fault::Stall);
    tokio::select! {
        reply = fake.get("/v1/saas/domains") => panic!("{reply:?}"),
        () = fake.arrived(1) => {}
    }
    let started = Instant::now();
    fake.server.shutdown().await;
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_fault_keeps_to_its_endpoint_its_customer_and_its_number_of_times() {
    let fake = Fake::start().await;
    let struck = fake.customer(Quirk::Healthy);
    fake.server.inject(Injection::new(Fault::ServerError(502)).on(SEATS).for_organization(&struck.name).times(1));
    let status = async |quirk, rest| fake.get_of(quirk, rest).await.status;
    assert_eq!(status(Quirk::BehindToday, "/seats").await, 200);
    assert_eq!(status(Quirk::Healthy, "/applications").await, 200);
    assert_eq!(status(Quirk::Healthy, "/seats").await, 502);
    assert_eq!(status(Quirk::Healthy, "/seats").await, 200);
    fake.server.inject(Injection::new(Fault::Forbidden).for_organization(&struck.id.to_string()));
    assert_eq!(status(Quirk::Healthy, "/applications").await, 403);
    assert_eq!(fake.get("/v1/saas/domains").await.status, 200);
    fake.server.clear_faults();
    assert_eq!(status(Quirk::Healthy, "/applications").await, 200);
}

#[tokio::test]
async fn a_refused_change_of_seats_changes_nothing() {
    let fake = Fake::start().await;
    let customer = fake.customer(Quirk::Healthy);
    let seats = fake.get_of(Quirk::Healthy, "/seats").await.json();
    let path = format!("/v1/saas/{}/{}/bulkSeatChange", customer.id, customer.subscriptions[0]);
    let body = json!({"seat_type": "User", "action_type": "Unlicense", "ids": [seats[0]["remoteId"]]}).to_string();
    for fault in [Fault::Forbidden, Fault::ServerError(502), Fault::Html200] {
        fake.server.clear_faults();
        fake.server
            .inject(Injection::new(fault).on("/v1/saas/{saasCustomerId}/{externalSubscriptionId}/bulkSeatChange"));
        fake.put(&path, &body).await;
        assert_eq!(fake.get_of(Quirk::Healthy, "/seats").await.json(), seats);
    }
}

#[tokio::test]
#[should_panic(expected = "no such endpoint")]
async fn a_fault_at_an_endpoint_that_does_not_exist_is_a_mistake_of_the_test() {
    Fake::start().await.server.inject(Injection::new(Fault::Stall).on("/v1/saas/seats"));
}
