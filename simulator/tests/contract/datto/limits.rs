//! Uses the budget up and waits for slow answers.

use std::time::{Duration, Instant};

use saasbackup_simulator::datto::fleet::{Fleet, Quirk};
use saasbackup_simulator::datto::{Budget, Options, ResetsFormat, RetryAfterFormat};

use super::fixture::{Fake, HOUR, NOW, Reply, options};

/// [`NOW`] is 13:20 minutes past the hour.
const LEFT: u64 = 46 * 60 + 40;

async fn fake_with(budget: Budget) -> Fake {
    Fake::with(Options { budget, ..options() }).await
}

fn remaining(reply: &Reply) -> u32 {
    reply.header("x-api-limit-remaining").unwrap().parse().unwrap()
}

#[tokio::test]
async fn each_request_costs_its_share_until_the_hour_is_over() {
    let fake = fake_with(Budget { units_per_hour: 17, ..Budget::default() }).await;
    let domains = fake.get("/v1/saas/domains").await;
    assert_eq!((domains.header("x-api-limit-cost"), remaining(&domains)), (Some("10"), 7));
    let seats = fake.get_of(Quirk::Healthy, "/seats").await;
    assert_eq!((seats.header("x-api-limit-cost"), remaining(&seats)), (Some("5"), 2));
    let refused = fake.get_of(Quirk::Healthy, "/applications").await;
    assert_eq!((refused.status, remaining(&refused)), (429, 2));
    assert_eq!(refused.header("retry-after"), Some(LEFT.to_string().as_str()));
    assert_eq!(refused.json()["message"], "API limit exceeded");
    fake.clock.advance(HOUR);
    assert_eq!(remaining(&fake.get("/v1/saas/domains").await), 7);
}

#[tokio::test]
async fn the_end_of_the_hour_is_sent_in_three_forms() {
    let epoch = (NOW / 1_000) as u64 + LEFT;
    for (resets, expected) in [
        (ResetsFormat::Seconds, LEFT.to_string()),
        (ResetsFormat::EpochSeconds, epoch.to_string()),
        (ResetsFormat::Text, "in 47 minutes".to_owned()),
    ] {
        let reply = fake_with(Budget { resets, ..Budget::default() }).await.get("/v1/saas/domains").await;
        assert_eq!(reply.header("x-api-limit-resets"), Some(expected.as_str()));
    }
    let budget = Budget { units_per_hour: 0, retry_after: RetryAfterFormat::Date, ..Budget::default() };
    let refused = fake_with(budget).await.get("/v1/saas/domains").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("Mon, 21 Sep 2026 15:00:00 GMT")));
}

#[tokio::test]
async fn every_answer_has_its_own_request_id_and_only_admitted_ones_cost() {
    let fake = Fake::start().await;
    let replies = [fake.get("/v1/saas/domains").await, fake.get("/v1/saas/none/seats").await, fake.get("/none").await];
    let ids: std::collections::BTreeSet<_> =
        replies.iter().map(|reply| reply.header("x-request-id").unwrap()).collect();
    assert_eq!(ids.len(), 3);
    let costs: Vec<_> = replies.iter().map(|reply| reply.header("x-api-limit-cost").is_some()).collect();
    assert_eq!(costs, [true, true, false]);
}

#[tokio::test]
async fn seats_of_large_customers_end_in_a_page_of_the_edge() {
    let fake = Fake::with(Options::new(Fleet::demo(60, 7), options().clock)).await;
    let customers = fake.server.customers();
    assert!(
        customers.iter().any(|customer| customer.seats == 40) && customers.iter().any(|customer| customer.seats == 41)
    );
    for customer in customers.iter().filter(|customer| customer.quirk != Quirk::OutOfScope) {
        let reply = fake.get(&format!("/v1/saas/{}/seats?_perPage=25", customer.id)).await;
        let expected = if customer.seats > 40 {
            (504, "text/html; charset=utf-8")
        } else {
            (200, "application/json; charset=utf-8")
        };
        assert_eq!((reply.status, reply.header("content-type").unwrap()), expected, "{customer:?}");
        assert_eq!(fake.get(&format!("/v1/saas/{}/applications", customer.id)).await.status, 200);
    }
}

#[tokio::test]
async fn answers_take_their_share_of_the_vendors_time() {
    // 20 s become 50 ms.
    let latency_scale = 0.0025;
    let fake = Fake::with(Options { latency_scale, seats_limit: Some(40), ..options() }).await;
    let wait = async |path: String, status: u16| {
        let started = Instant::now();
        assert_eq!(fake.get(&path).await.status, status, "{path}");
        started.elapsed()
    };
    let (small, large) = (fake.customer(Quirk::Healthy).id, fake.customer(Quirk::ManySeats).id);
    assert!(wait("/v1/saas/domains".to_owned(), 200).await >= Duration::from_millis(50));
    assert!(wait(format!("/v1/saas/{small}/applications"), 200).await >= Duration::from_millis(47));
    assert!(wait(format!("/v1/saas/{small}/seats"), 200).await >= Duration::from_millis(95));
    assert!(wait(format!("/v1/saas/{large}/seats"), 504).await >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_slow_answer_does_not_keep_a_stopping_server() {
    let fake = Fake::with(Options { latency_scale: 1.0, ..options() }).await;
    tokio::select! {
        reply = fake.get("/v1/saas/domains") => panic!("{reply:?}"),
        () = fake.arrived(1) => {}
    }
    let started = Instant::now();
    fake.server.shutdown().await;
    assert!(started.elapsed() < Duration::from_secs(10));
}
