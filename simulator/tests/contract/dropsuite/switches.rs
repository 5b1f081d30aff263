//! Checks the options: envelopes, rate limit, latency, and life and death of the server.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use reqwest::Method;
use saasbackup_simulator::dropsuite::fleet::Quirk;
use saasbackup_simulator::dropsuite::{Envelope, Options, Shapes};
use saasbackup_simulator::faults::Fault;
use serde_json::Value;

use super::fixture::{Fake, TENANTS, options, rows};

async fn with(shapes: Shapes) -> Fake {
    Fake::with(Options { shapes, ..options() }).await
}

#[tokio::test]
async fn users_come_in_three_envelopes() {
    // Three more rows than organizations: the further logins.
    let logins = TENANTS + 3;
    let fake = with(Shapes { users: Envelope::Whole, ..Shapes::default() }).await;
    let bare = fake.get_as_admin("/users").await.json();
    assert_eq!(bare.as_array().unwrap().len(), logins);
    let fake = with(Shapes { users: Envelope::ResultSet, ..Shapes::default() }).await;
    let set = fake.get_as_admin("/users").await.json();
    assert_eq!((rows(&set).len(), &set["pagination"]["total_entries"]), (20, &Value::from(logins)));
    let fake = with(Shapes { users: Envelope::ArrayOfResultSets, ..Shapes::default() }).await;
    let array = fake.get_as_admin("/users?page=4").await.json();
    assert_eq!((array[0]["result_set"].as_array().unwrap().len(), rows(&array).len()), (3, 3));
}

#[tokio::test]
async fn accounts_come_in_three_envelopes() {
    let fake = with(Shapes { accounts: Envelope::Whole, ..Shapes::default() }).await;
    assert_eq!(fake.get_as(Quirk::Healthy, "/accounts").await.json().as_array().unwrap().len(), 42);
    let fake = with(Shapes { accounts: Envelope::WholeOrObject, ..Shapes::default() }).await;
    let many = fake.get_as(Quirk::Healthy, "/accounts").await.json();
    let email = many[0]["email"].as_str().unwrap();
    let one = fake.get_as(Quirk::Healthy, &format!("/accounts?email={email}")).await.json();
    assert_eq!(one, many[0]);
}

#[tokio::test]
async fn drives_come_in_three_envelopes() {
    let size = |shape| async move {
        let fake = with(Shapes { drives: shape, ..Shapes::default() }).await;
        fake.get_as(Quirk::ManyMailboxes, "/onedrives").await.json()
    };
    assert_eq!(size(Envelope::Pages).await.as_array().unwrap().len(), 25);
    assert_eq!(size(Envelope::ResultSet).await["pagination"]["total_entries"], 576);
    let data = size(Envelope::Data).await;
    assert_eq!((rows(&data).len(), &data["pagination"]["next_page"]), (100, &Value::from(2)));
}

#[tokio::test]
async fn journals_and_delegated_users_come_in_two_envelopes() {
    let fake = with(Shapes { journals: Envelope::Whole, delegated: Envelope::Whole, ..Shapes::default() }).await;
    assert_eq!(fake.get_as(Quirk::Archiver, "/journals").await.json().as_array().unwrap().len(), 1);
    let delegated = fake.get_as(Quirk::DelegatedUsers, "/users/{id}/delegated").await.json();
    assert_eq!(delegated.as_array().unwrap().len(), 230);
}

#[tokio::test]
async fn a_server_may_ignore_pages_hide_totals_and_cap_result_sets() {
    let fake = with(Shapes { ignores_page: true, ..Shapes::default() }).await;
    let (first, fifth) = ("/calendars", "/calendars?page=5");
    let first = fake.get_as(Quirk::ManyMailboxes, first).await;
    assert_eq!(first.text, fake.get_as(Quirk::ManyMailboxes, fifth).await.text);
    assert_eq!(rows(&first.json()).len(), 640);
    let fake = with(Shapes { omits_totals: true, result_set_limit: 7, ..Shapes::default() }).await;
    let users = fake.get_as_admin("/users?per_page=100").await.json();
    let pagination = users["pagination"].as_object().unwrap();
    assert_eq!(rows(&users).len(), 7);
    assert!(pagination.keys().eq(["current_page", "per_page"]));
}

#[tokio::test]
async fn requests_above_the_rate_get_a_retry_after() {
    let fake = Fake::with(Options { requests_per_second: NonZeroU32::new(2), ..options() }).await;
    let mut refused = Vec::new();
    for _ in 0..20 {
        let reply = fake.get_as_admin("/status").await;
        refused.extend((reply.status == 429).then_some(reply.headers));
    }
    assert!(!refused.is_empty() && refused.len() <= 18, "{}", refused.len());
    assert!(refused.iter().all(|headers| headers["retry-after"] == "1"));
}

#[tokio::test]
async fn every_answer_takes_the_latency() {
    let fake = Fake::with(Options { latency: Duration::from_millis(60), ..options() }).await;
    let started = Instant::now();
    fake.get_as_admin("/status").await;
    assert!(started.elapsed() >= Duration::from_millis(60));
}

#[tokio::test]
async fn requests_are_recorded_with_their_query_and_without_their_tokens() {
    let fake = Fake::start().await;
    let admin = fake.server.admin_token();
    fake.server.inject(Fault::Stall);
    let three = async {
        tokio::join!(fake.get("/users?page=2", &admin), fake.get("/plans", &admin), fake.get("/plans", &admin))
    };
    tokio::select! {
        replies = three => panic!("{replies:?}"),
        () = fake.arrived(3) => {}
    }
    let requests = fake.server.requests();
    assert_eq!((requests.total, requests.most_in_flight, requests.log.len()), (3, 3, 3));
    assert!(requests.log.iter().any(|request| request.method == "GET" && request.path == "/api/users?page=2"));
    assert!(!format!("{requests:?}").contains(&admin));
    assert!(!format!("{:?}", fake.server).contains(&admin));
}

#[test]
fn a_server_works_on_both_kinds_of_runtime_and_frees_its_port_when_dropped() {
    let runtimes = [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()];
    for mut builder in runtimes {
        builder.enable_all().build().unwrap().block_on(async {
            let fake = Fake::start().await;
            assert_eq!(fake.get_as_admin("/status").await.text, "\"OK\"");
            let url = fake.server.base_url();
            drop(fake);
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let deadline = Instant::now() + Duration::from_secs(10);
            while client.request(Method::GET, format!("{url}/status")).send().await.is_ok() {
                assert!(Instant::now() < deadline, "the dropped server still answers");
                tokio::task::yield_now().await;
            }
        });
    }
}
