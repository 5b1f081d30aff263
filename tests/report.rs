//! Runs `report` against a fake Prometheus on a real socket: what it writes, and what it does when it cannot.

mod invented;
mod looks;
mod real;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::support::process::{Ended, Process, run, text};

const NAME: &str = "<script>alert(1)</script>";
const DAY: i64 = 1_790_812_800;

/// How the fake responds.
#[derive(Clone, Copy, Debug)]
enum Fake {
    /// With a customer whose name is a path, and times of all kinds: half of the day within, an hour outside, the rest
    /// without data.
    OneCustomer,
    Empty,
    Status(StatusCode, &'static str),
    TooManyWorkloads,
    TooLarge,
    Silent,
}

fn answer(parameters: &HashMap<String, String>) -> Value {
    let labels = json!({
        "provider": "datto", "source": "a/b", "tenant_id": "../../etc", "tenant": NAME, "workload": "mail"
    });
    let query = &parameters["query"];
    if query.starts_with("count(saasbackup_workload_state") {
        json!([{ "metric": {}, "values": [[DAY, "1"]] }])
    } else if query.starts_with("max by (provider") {
        let [start, step, end] = ["start", "step", "end"].map(|name| parameters[name].parse::<i64>().unwrap());
        let at = (0..).map(|number| start + number * step).take_while(|at| *at <= end);
        let value = |at: i64| match (at - DAY) / 3600 {
            0..12 => Some("1"),
            12 => Some("0"),
            _ => None,
        };
        json!([{ "metric": labels, "values": at.filter_map(|at| Some(json!([at, value(at)?]))).collect::<Vec<_>>() }])
    } else {
        json!([])
    }
}

async fn respond(fake: Fake, Query(parameters): Query<HashMap<String, String>>) -> (StatusCode, String) {
    let data = |result: Value| json!({ "status": "success", "data": { "resultType": "matrix", "result": result } });
    let result = match fake {
        Fake::OneCustomer => answer(&parameters),
        Fake::Empty => json!([]),
        Fake::Status(status, body) => return (status, body.to_owned()),
        Fake::TooManyWorkloads => json!([{ "metric": {}, "values": [[DAY, "200001"]] }]),
        Fake::TooLarge => return (StatusCode::OK, " ".repeat((64 << 20) + 1)),
        Fake::Silent => std::future::pending().await,
    };
    (StatusCode::OK, data(result).to_string())
}

/// Where this answers.
async fn served(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// Where a Prometheus answers, which takes nothing but GET.
async fn prometheus(fake: Fake) -> String {
    let respond = get(move |parameters| respond(fake, parameters));
    let router = Router::new().route("/base/api/v1/query", respond.clone()).route("/base/api/v1/query_range", respond);
    format!("{}/base", served(router).await)
}

async fn report(url: &str, output: &Path, more: &[&str]) -> Ended {
    let fixed = ["report", "--prometheus.url", url, "--day", "2026-10-01", "--output", text(output)];
    let process = Process::start(&[&fixed, more].concat());
    tokio::task::spawn_blocking(|| process.wait()).await.unwrap()
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_says_what_is_known_and_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let url = prometheus(Fake::OneCustomer).await;
    let ended = report(&url, folder.path(), &["--all", "--footer", "A & B"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(entries(folder.path()), ["2026-10-01"]);
    let written = folder.path().join("2026-10-01");
    let names = entries(&written);
    assert_eq!(names.len(), 5, "{names:?}");
    let read = |ending: &str| {
        let name = names.iter().find(|name| !name.starts_with("index") && name.ends_with(ending)).unwrap();
        std::fs::read_to_string(written.join(name)).unwrap()
    };
    let page = read(".html");
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
    for words in ["50.0 %", "4.1 %", "45.8 %", "There is no data about: seats", "A &amp; B"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let numbers: Value = serde_json::from_str(&read(".json")).unwrap();
    let total = &numbers["workloads"][0]["total"];
    assert_eq!(total["within_seconds"], 12 * 3600);
    assert_eq!(total["outside_seconds"], 3600);
    assert_eq!(total["unknown_seconds"], 11 * 3600);
    assert!(read(".csv").contains(",mail,2026-10-01,43200,3600,39600,"));
    let digest = report(&url, folder.path(), &["--tenant", NAME, "--format", "text"]).await;
    assert!(digest.stdout.contains("Mail: outside 1 h, not known 11 h"), "{}", digest.stdout);
    assert_eq!(entries(folder.path()), ["2026-10-01"]);
    let other = report(&url, folder.path(), &["--tenant", "other"]).await;
    assert_eq!(other.code, Some(1));
    assert!(other.stderr.contains("no customer of this period has the name or id"), "{}", other.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_says_what_to_do_and_writes_nothing() {
    let unprocessable = |body| Fake::Status(StatusCode::UNPROCESSABLE_ENTITY, body);
    let mut checks = tokio::task::JoinSet::new();
    for (fake, words) in [
        (
            Fake::Status(StatusCode::UNAUTHORIZED, ""),
            "rejected the credentials (401 Unauthorized): check --http.config",
        ),
        (Fake::Status(StatusCode::NOT_FOUND, "<html>"), "(404 Not Found) is not one of the Prometheus API: check"),
        (unprocessable(r#"{"errorType":"execution","error":"{tenant=Acme}"}"#), "422 Unprocessable Entity, execution)"),
        (unprocessable(r#"{"errorType":"execution","error":"too many samples"}"#), "choose a longer --step"),
        (Fake::Empty, "no data of the exporter for this period"),
        (Fake::TooManyWorkloads, "more than 200000 workloads"),
        (Fake::TooLarge, "larger than 64 MiB"),
        (Fake::Silent, "did not respond within 1s: raise --prometheus.timeout"),
    ] {
        checks.spawn(async move {
            let folder = tempfile::tempdir().unwrap();
            let url = prometheus(fake).await;
            let ended = report(&url, folder.path(), &["--all", "--prometheus.timeout", "1"]).await;
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{words}");
            assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
            assert!(!ended.stderr.contains("Acme"), "{}", ended.stderr);
            assert!(entries(folder.path()).is_empty(), "{fake:?}");
        });
    }
    while let Some(check) = checks.join_next().await {
        check.unwrap();
    }
    let fine =
        ["report", "--prometheus.url=http://127.0.0.1:1", "--all", "--from=2026-08-01", "--to=2026-08-31", "--step=60"];
    let ended = run(&fine);
    assert!(ended.stderr.contains("more than 10000 steps: choose a longer --step"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_succeed_later_is_tried_four_times() {
    let folder = tempfile::tempdir().unwrap();
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    let respond = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        std::future::ready(StatusCode::SERVICE_UNAVAILABLE)
    };
    let url = served(Router::new().fallback(respond)).await;
    let (unready, unreachable) =
        tokio::join!(report(&url, folder.path(), &["--all"]), report("http://127.0.0.1:1", folder.path(), &["--all"]));
    assert_eq!((unready.code, unreachable.code), (Some(1), Some(1)));
    assert!(unready.stderr.contains("the response (503 Service Unavailable) is not one"), "{}", unready.stderr);
    assert_eq!(requests.load(Ordering::Relaxed), 4);
    assert!(unreachable.stderr.contains("cannot reach Prometheus: "), "{}", unreachable.stderr);
    assert!(entries(folder.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_an_interrupted_report_stays() {
    let folder = tempfile::tempdir().unwrap();
    let asked = Arc::new(Notify::new());
    let asks = Arc::clone(&asked);
    let respond = move || {
        asks.notify_one();
        std::future::pending::<()>()
    };
    let url = served(Router::new().fallback(respond)).await;
    let arguments = ["report", "--all", "--day=2026-10-01", "--prometheus.url", &url, "--output", text(folder.path())];
    let process = Process::start(&arguments);
    asked.notified().await;
    process.signal("TERM");
    let ended = tokio::task::spawn_blocking(|| process.wait()).await.unwrap();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("interrupted before the report was complete"), "{}", ended.stderr);
    assert!(entries(folder.path()).is_empty());
}
