//! Serves each path with a body that can be replaced while the exporter runs.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::IntoResponse as _;
use saasbackup_exporter::config::Config;
use saasbackup_exporter::domain::{Timestamp, Workload};
use serde_json::{Value, json};

use crate::support::exporter::{Exporter, parse};
use crate::support::exposition::Exposition;

/// The answers by path below `/api`; all else is refused as a product that is not licensed.
#[derive(Clone, Default)]
pub(crate) struct Script {
    answers: Arc<Mutex<BTreeMap<String, (StatusCode, Value)>>>,
    /// The access token that each path was last asked with.
    tokens: Arc<Mutex<BTreeMap<String, String>>>,
    /// How far the vendor's clock is ahead.
    ahead: Arc<Mutex<Duration>>,
}

impl Script {
    pub(crate) fn answer(&self, path: &str, body: Value) {
        self.answer_with(path, StatusCode::OK, body);
    }

    /// Answers the pages of a list without totals.
    pub(crate) fn answer_pages(&self, path: &str, pages: impl IntoIterator<Item = Value>) {
        for (number, page) in (1..).zip(pages) {
            self.answer(&if number == 1 { path.to_owned() } else { format!("{path}?page={number}") }, page);
        }
    }

    pub(crate) fn fail(&self, path: &str) {
        self.answer_with(
            path,
            StatusCode::INTERNAL_SERVER_ERROR,
            json!({"status": 500, "error": "Internal Server Error"}),
        );
    }

    /// Refuses a path that had an answer.
    pub(crate) fn refuse(&self, path: &str) {
        self.answers.lock().unwrap().remove(path);
    }

    /// Refuses a path as a proxy or a login page does, and not the vendor.
    pub(crate) fn refuse_with_html(&self, path: &str, status: StatusCode) {
        self.answer_with(path, status, json!("<!DOCTYPE html><html><body>Sign in</body></html>"));
    }

    /// A text stands for itself: it is no JSON.
    pub(crate) fn answer_with(&self, path: &str, status: StatusCode, body: Value) {
        self.answers.lock().unwrap().insert(path.to_owned(), (status, body));
    }

    pub(crate) fn token_of(&self, path: &str) -> Option<String> {
        self.tokens.lock().unwrap().get(path).cloned()
    }

    /// Sets the vendor's clock ahead of the exporter's.
    pub(crate) fn set_ahead(&self, ahead: Duration) {
        *self.ahead.lock().unwrap() = ahead;
    }

    /// Begins to answer: where.
    pub(crate) async fn bind(&self) -> String {
        let script = self.clone();
        let answer = move |uri: Uri, headers: HeaderMap| {
            let path = uri.path().strip_prefix("/api").unwrap_or(uri.path()).to_owned();
            let page = uri.query().unwrap_or("").split('&').find(|parameter| parameter.starts_with("page="));
            let token = headers.get("x-access-token").and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
            script.tokens.lock().unwrap().insert(path.clone(), token);
            let refusal = || (StatusCode::FORBIDDEN, json!({"errors": {"user": ["not authorized"]}}));
            let answers = script.answers.lock().unwrap();
            let of_page = page.and_then(|page| answers.get(&format!("{path}?{page}")));
            let (status, body) = of_page.or_else(|| answers.get(&path)).cloned().unwrap_or_else(refusal);
            let body = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
            let date = date_of(saasbackup_exporter::process::clock::now().after(*script.ahead.lock().unwrap()));
            let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::DATE, date)];
            async move { (status, headers, body).into_response() }
        };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        let _ = rustls::crypto::ring::default_provider().install_default();
        format!("http://{address}/api")
    }

    pub(crate) async fn serve(&self) -> Exporter {
        Exporter::start(&config(&self.bind().await, None)).await
    }
}

fn date_of(moment: Timestamp) -> String {
    let since_epoch = Duration::from_millis(u64::try_from(moment.as_millis()).unwrap());
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + since_epoch)
}

/// A configuration that asks for everything each second: sooner than a file may demand.
pub(crate) fn config(base_url: &str, state: Option<&Path>) -> Config {
    let state = state.map_or_else(String::new, |path| format!("state: {{ path: {path:?} }}\n"));
    let mut config = parse(&format!(
        "collection: {{ interval: 10s, requests_per_second: 1000 }}\n{state}sources:\n  - {{ name: us, provider: \
         dropsuite, base_url: \"{base_url}\", reseller_token: r, access_token: admin }}\n"
    ));
    let collection = &mut config.sources[0].collection;
    collection.interval = Duration::from_secs(1);
    collection.part_intervals.clear();
    collection.workloads = [Workload::Mail, Workload::Sharepoint].into();
    config
}

/// A login of an organization, with a token of its own.
pub(crate) fn login(id: &str, organization: u64, name: &str) -> Value {
    json!({"id": id, "organization_id": organization, "organization_name": name, "admin": true,
        "authentication_token": format!("token-of-{id}"), "customer_deactivated": false, "flg_suspended": false,
        "seats_used": 3, "seats_available": 5})
}

/// A mailbox or site that was backed up an hour ago.
pub(crate) fn resource(id: u64) -> Value {
    resource_backed_up(id, Duration::from_secs(3_600))
}

/// A mailbox or site that was backed up so long ago.
pub(crate) fn resource_backed_up(id: u64, ago: Duration) -> Value {
    let last_backup = saasbackup_exporter::process::clock::now().before(ago);
    let last_backup = jiff::Timestamp::from_millisecond(last_backup.as_millis()).unwrap();
    json!({"id": id, "last_backup": last_backup.to_string(), "deactivated_since": null, "errors": "",
        "current_backup_status": "Completed", "storage": 1, "msg_count": 1, "file_count": 1})
}

pub(crate) fn works(scrape: &Exposition, tenant_id: &str, part: &str) -> Option<f64> {
    scrape.get("saasbackup_collection_success", &[("tenant_id", tenant_id), ("part", part)])
}

/// How many accounts of a tenant are in a state.
pub(crate) fn accounts(scrape: &Exposition, tenant_id: &str, state: &str) -> Option<f64> {
    scrape.get("saasbackup_accounts", &[("tenant_id", tenant_id), ("state", state)])
}
