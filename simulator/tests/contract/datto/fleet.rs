//! Looks at the fleet as a whole: who is in it, and which names must stay private.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use saasbackup_simulator::datto::fleet::{Fleet, Quirk};
use saasbackup_simulator::datto::{Options, Shape};
use saasbackup_simulator::dropsuite::fleet::PRIVATE_MARKER;

use super::fixture::{Fake, options};

#[tokio::test]
async fn the_fleet_has_every_quirk_every_size_and_hostile_names() {
    let customers = Fake::start().await.server.customers();
    let quirks: BTreeSet<_> = customers.iter().map(|customer| customer.quirk).collect();
    // The number of the last one in the demo tells how many there are.
    assert_eq!(quirks.len(), Quirk::AccessLost as usize + 1);
    let sizes: BTreeSet<_> = customers.iter().map(|customer| customer.seats).collect();
    assert_eq!((sizes.first(), sizes.last()), (Some(&3), Some(&400)));
    for decade in [3..10, 10..20, 20..30, 30..41, 41..100, 100..401] {
        assert!(sizes.iter().any(|size| decade.contains(size)), "{decade:?}");
    }
    for hostile in ['"', '\\', '\n', '\t', '<', '&', 'ë'] {
        assert!(customers.iter().any(|customer| customer.name.contains(hostile)), "{hostile:?}");
    }
    let healthy = customers.iter().filter(|customer| customer.quirk.is_healthy()).count();
    assert!(healthy * 100 > customers.len() * 60, "{healthy}");
}

#[tokio::test]
async fn every_name_of_a_seat_is_private_and_marked() {
    for shape in [Shape::Live, Shape::Documented] {
        let fake = Fake::with(Options { shape, ..options() }).await;
        let names: BTreeSet<_> = fake.server.private_names().into_iter().collect();
        assert!(names.iter().all(|name| name.contains(PRIVATE_MARKER)));
        let mut sent = 0;
        for customer in fake.server.customers() {
            let id = if shape == Shape::Live { customer.id.to_string() } else { customer.documented_id };
            for rest in ["seats", "applications?includeRemoteID=1"] {
                let reply = fake.get(&format!("/v1/saas/{id}/{rest}")).await;
                for piece in reply.text.split('"').filter(|piece| piece.contains(PRIVATE_MARKER)) {
                    assert!(names.contains(piece), "{piece}");
                    sent += 1;
                }
            }
        }
        assert!(sent > names.len() / 2, "{sent} of {}", names.len());
        assert!(!fake.get("/v1/saas/domains").await.text.contains(PRIVATE_MARKER));
    }
}

#[tokio::test]
async fn five_thousand_customers_are_listed_quickly_and_every_one_answers() {
    let fleet = Fleet::demo(5_000, 7);
    let last = fleet.customers().last().unwrap().id();
    let fake = Fake::with(Options { fleet, ..options() }).await;
    let started = Instant::now();
    let domains = fake.get("/v1/saas/domains").await.json();
    assert!(domains.as_array().unwrap().len() >= 5_000);
    // Far below what a test machine needs when nothing is quadratic.
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!(fake.get(&format!("/v1/saas/{last}/applications")).await.status, 200);
}

#[test]
fn a_server_lives_on_a_runtime_of_many_threads_too() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let status = runtime.block_on(async { Fake::start().await.get_of(Quirk::Healthy, "/seats").await.status });
    assert_eq!(status, 200);
}
