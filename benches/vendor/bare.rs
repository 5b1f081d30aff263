//! Sends the requests of a collection with the bare HTTP client, which drops the bodies: the lower bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Vendor;
use super::round::{Cost, REQUESTS, Round};
use crate::measure;

/// The lists of a tenant, each asked for as often as the others.
const PATHS: [&str; REQUESTS as usize] = [
    "accounts?per_page=100",
    "calendars",
    "contacts",
    "tasks",
    "onedrives",
    "googledrives",
    "teams_and_groups/domains",
    "teams_and_groups/domains/1/teams",
];

/// What the client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// One connection for each request under way.
    Http1,
    /// One connection for all, with as many streams as the server allows: 200, hyper's default.
    Http2,
}

/// As many requests as the round has for its tenants.
pub(crate) fn run(round: Round, version: Version) -> Cost {
    let mut vendor = Vendor::start(round.tenants, round.latency, round.tls);
    let all = round.tenants as u64 * REQUESTS;
    let _ = rustls::crypto::ring::default_provider().install_default();
    measure::forget_peak();
    let before = measure::processor_time();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let processor = runtime.block_on(async {
        let certificate = reqwest::Certificate::from_pem(vendor.certificate.as_bytes()).ok();
        let builder = reqwest::Client::builder().no_proxy().tls_certs_only(certificate);
        let builder = match version {
            Version::Http1 => builder.http1_only(),
            Version::Http2 => builder.http2_prior_knowledge(),
        };
        let client = builder.build().unwrap();
        let sent = Arc::new(AtomicU64::new(0));
        let asking: Vec<_> = (0..round.concurrency)
            .map(|_| {
                let (client, sent, base_url) = (client.clone(), Arc::clone(&sent), vendor.base_url.clone());
                tokio::spawn(async move {
                    loop {
                        let number = sent.fetch_add(1, Ordering::Relaxed);
                        if number >= all {
                            return;
                        }
                        let path = PATHS[usize::try_from(number % REQUESTS).unwrap()];
                        let response = client.get(format!("{base_url}/{path}")).send().await.unwrap();
                        response.error_for_status().unwrap().bytes().await.unwrap();
                    }
                })
            })
            .collect();
        for asking in asking {
            asking.await.unwrap();
        }
        measure::processor_time().saturating_sub(before)
    });
    let asked = vendor.asked();
    assert_eq!(asked.requests, all);
    Cost { asked, processor, peak: measure::peak() }
}
