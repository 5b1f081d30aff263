//! What is gathered, source by source.

use std::sync::Arc;

use super::*;
use crate::domain::{Outcome, Provider};

fn identity(name: &str) -> SourceIdentity {
    SourceIdentity { provider: Provider::Dropsuite, name: Arc::from(name) }
}

fn sum(instrumentation: &Instrumentation, family: &str, source: &str) -> Option<u64> {
    let families = instrumentation.gather();
    let family = families.iter().find(|found| found.descriptor.name == family).unwrap();
    let of_source = family.samples.iter().filter(|sample| sample.source.as_ref() == Some(&identity(source)));
    let counts: Vec<_> =
        of_source.map(|sample| if let Metric::Whole(count) = sample.metric { count } else { 0 }).collect();
    (!counts.is_empty()).then(|| counts.iter().sum())
}

#[test]
fn families_are_gathered_in_the_order_of_the_reference_with_its_labels() {
    let instrumentation = Instrumentation::new(Timestamp::from_millis(0)).of_shard(Shard::new(0, 2).unwrap());
    let _ = instrumentation.source(&identity("us"), &["/here"]);
    let families = instrumentation.gather();
    let gathered: Vec<_> = families.iter().map(|family| family.descriptor.name).collect();
    let reference: Vec<_> = OWN_FAMILIES.iter().map(|(descriptor, _)| descriptor.name).collect();
    assert_eq!(gathered, reference);
    for (family, (_, labels)) in families.iter().zip(OWN_FAMILIES) {
        for sample in &family.samples {
            let source = sample.source.iter().flat_map(|_| SOURCE.iter().copied());
            let found: Vec<_> = source.chain(sample.labels.iter().map(|(name, _)| *name)).collect();
            assert_eq!(found, *labels, "{}", family.descriptor.name);
        }
    }
}

#[test]
fn counters_start_at_zero_and_outlive_a_reload() {
    let instrumentation = Instrumentation::new(Timestamp::from_millis(0));
    let requests = "saasbackup_exporter_api_requests_total";
    let source = instrumentation.source(&identity("us"), &["/here"]);
    assert_eq!(sum(&instrumentation, requests, "us"), Some(0));
    source.request_ended("/here", Outcome::Success, Duration::from_secs(2));
    source.request_ended("/there", Outcome::Throttled, Duration::from_secs(3));
    let reloaded = instrumentation.source(&identity("us"), &["/here"]);
    reloaded.request_ended("/here", Outcome::Success, Duration::from_secs(1));
    assert_eq!(sum(&instrumentation, requests, "us"), Some(3));
    assert_eq!(sum(&instrumentation, "saasbackup_exporter_api_throttled_total", "us"), Some(1));
    assert_eq!(instrumentation.requests_sent(&identity("us")), 3);
    assert_eq!(instrumentation.request_time(&identity("us")), Duration::from_secs(6));
}

#[test]
fn a_source_that_was_removed_leaves_nothing_and_does_not_come_back() {
    let instrumentation = Instrumentation::new(Timestamp::from_millis(0));
    let source = instrumentation.source(&identity("us"), &["/here"]);
    let _ = instrumentation.source(&identity("uk"), &["/here"]);
    instrumentation.forget(&identity("us"));
    // A request that was under way ends afterwards.
    source.request_ended("/here", Outcome::Success, Duration::from_secs(1));
    source.credential_worked(Timestamp::from_millis(1000));
    let sources = instrumentation.gather().into_iter().flat_map(|family| family.samples);
    assert!(sources.filter_map(|sample| sample.source).all(|source| source == identity("uk")));
    assert_eq!(instrumentation.requests_sent(&identity("us")), 0);
}
