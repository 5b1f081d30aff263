//! Lets three tenants be answered with the worst that a vendor can send: the others are collected meanwhile.

use std::io::Write as _;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tokio_util::io::ReaderStream;

use super::script::{config, login, resource, works};
use crate::support::exporter::Exporter;
use crate::support::exposition::Exposition;

/// What the first tenants are answered with instead of their mailboxes.
#[derive(Clone)]
struct Worst {
    /// Far more than an answer may have, in 32 KB on the wire.
    beyond_the_limit: Bytes,
    /// As much as an answer may have, and more records than a page may have.
    at_the_limit: Bytes,
}

impl Worst {
    fn new() -> Self {
        let filled = |unit: &str, bytes: usize| compressed(&format!("[{}1]", unit.repeat(bytes / unit.len())));
        Self { beyond_the_limit: filled("{},", 32 << 20), at_the_limit: filled("7,", (16 << 20) - 64) }
    }

    fn answer(&self, uri: &Uri, headers: &HeaderMap) -> Response {
        let token = headers.get("x-access-token").and_then(|value| value.to_str().ok()).unwrap_or("");
        match (uri.path(), token) {
            ("/api/users", _) => {
                listed(&json!((1..=6).map(|id| login(&id.to_string(), id, "Some")).collect::<Vec<_>>()))
            }
            ("/api/accounts", "token-of-1") => gzipped(&self.beyond_the_limit),
            ("/api/accounts", "token-of-2") => gzipped(&self.at_the_limit),
            // It begins, and never ends.
            ("/api/accounts", "token-of-3") => {
                let (mut begun, body) = tokio::io::duplex(64);
                tokio::spawn(async move {
                    let _ = tokio::io::AsyncWriteExt::write_all(&mut begun, b"[").await;
                    std::future::pending::<()>().await;
                });
                Body::from_stream(ReaderStream::new(body)).into_response()
            }
            ("/api/accounts", _) => listed(&json!([resource(1)])),
            _ => (StatusCode::FORBIDDEN, json!({"errors": {"user": ["not authorized"]}}).to_string()).into_response(),
        }
    }

    async fn serve(self) -> String {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = move |uri: Uri, headers: HeaderMap| std::future::ready(self.answer(&uri, &headers));
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        let _ = rustls::crypto::ring::default_provider().install_default();
        format!("http://{address}/api")
    }
}

fn compressed(text: &str) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap().into()
}

fn listed(rows: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], rows.to_string()).into_response()
}

fn gzipped(body: &Bytes) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CONTENT_ENCODING, "gzip")];
    (headers, body.clone()).into_response()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worst_bodies_of_some_tenants_do_not_keep_the_others_waiting() {
    let mut config = config(&Worst::new().serve().await, None);
    let collection = &mut config.sources[0].collection;
    // One of the two slots is taken for the whole test.
    (collection.concurrency, collection.timeout) = (2, Duration::from_secs(600));
    let exporter = Exporter::start(&config).await;
    let mail_of = |scrape: &Exposition, id: &str| {
        scrape.get("saasbackup_observed_timestamp_seconds", &[("tenant_id", id), ("part", "mail")])
    };
    let all = |scrape: &Exposition, since: Option<&Exposition>| {
        ["4", "5", "6"].iter().all(|id| mail_of(scrape, id) > since.and_then(|since| mail_of(since, id)))
    };
    let fails = |scrape: &Exposition, id: &str| works(scrape, id, "mail") == Some(0.0);
    let failed = |scrape: &Exposition| all(scrape, None) && fails(scrape, "1") && fails(scrape, "2");
    let mut scrape = exporter.until("the worst bodies were refused, and the others are collected", failed).await;
    for _ in 0..3 {
        scrape = exporter.until("another round of the others", |now| all(now, Some(&scrape))).await;
        assert_eq!(works(&scrape, "3", "mail"), None, "its answer has not ended");
    }
    for id in ["1", "2", "3"] {
        assert_eq!(scrape.workload_state(id, "mail"), "unknown");
    }
    assert!(["4", "5", "6"].iter().all(|id| scrape.workload_state(id, "mail") == "ok"));
    exporter.stop().await;
}
