//! Reads lists from small servers on loopback that treat `per_page` in every way, twice each: no row is lost or repeated.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Query as Parameters, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use reqwest::header::HeaderMap;
use serde::Deserialize;
use tokio::net::TcpListener;

use super::*;
use crate::instrumentation::SourceInstrumentation;
use crate::provider::digest::digest;
use crate::provider::endpoint::Endpoint;
use crate::provider::field::{Field, Id};
use crate::provider::page::WithoutPagination;
use crate::provider::page_size::PageSizes;
use crate::provider::transport::{Account, Accounts, Settings};

const TASKS: Endpoint = Endpoint::new("/tasks");
const ENVELOPE: Envelope = Envelope {
    bare: WithoutPagination::MayContinue,
    lists: &[("result_set", WithoutPagination::MayContinue), ("data", WithoutPagination::NamesNext)],
    record: &["id"],
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row {
    id: Field<Id>,
}

impl Record for Row {
    fn key(&self) -> Option<u64> {
        self.id.value().map(digest)
    }
}

/// What a server makes of a request: the page, and the rows asked for with `per_page`.
type Answer = fn(rows: usize, page: usize, per_page: Option<usize>) -> Response;

#[derive(Debug)]
struct Server {
    answer: Answer,
    rows: AtomicUsize,
    asked: Mutex<Vec<(usize, bool)>>,
}

async fn answer(State(server): State<Arc<Server>>, Parameters(query): Parameters<HashMap<String, String>>) -> Response {
    let number = |name| query.get(name).and_then(|value| value.parse().ok());
    let (page, per_page) = (number("page").unwrap_or(1), number("per_page"));
    server.asked.lock().unwrap().push((page, per_page.is_some()));
    (server.answer)(server.rows.load(Ordering::SeqCst), page, per_page)
}

/// A server and the transport to it.
struct Bench {
    server: Arc<Server>,
    transport: Transport,
    page_sizes: PageSizes,
}

impl Bench {
    async fn new(answer: Answer) -> Self {
        let server = Arc::new(Server { answer, rows: AtomicUsize::new(0), asked: Mutex::default() });
        let router = Router::new().fallback(self::answer).with_state(Arc::clone(&server));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let settings = Settings {
            base_url: format!("http://{}", listener.local_addr().unwrap()).parse().unwrap(),
            timeout: Duration::from_secs(60),
            concurrency: 4,
            requests_per_second: 1000.0,
            ca_file: None,
            client_certificate: None,
            proxy_url: None,
            no_proxy: Vec::new(),
        };
        tokio::spawn(axum::serve(listener, router).into_future());
        let account = Account {
            provider: crate::domain::Provider::Dropsuite,
            base_url: settings.base_url.to_string(),
            name: "test".to_owned(),
        };
        let pacing = Accounts::default().pacing(account, settings.requests_per_second);
        let transport = Transport::new(&settings, pacing, SourceInstrumentation::default()).unwrap();
        Self { server, transport, page_sizes: PageSizes::default() }
    }

    /// Reads a list of so many rows: those handed over, and the pages asked for (whether with `per_page`).
    async fn read(&self, rows: usize) -> (Result<Vec<usize>, ErrorKind>, Vec<(usize, bool)>) {
        self.server.rows.store(rows, Ordering::SeqCst);
        self.server.asked.lock().unwrap().clear();
        let headers = HeaderMap::new();
        let request = Request {
            endpoint: TASKS,
            ids: &[],
            query: &[],
            headers: &headers,
            credential_hint: "",
            may_repeat: false,
        };
        let mut received = Vec::new();
        let visit = &mut |row: Result<Row, Undecodable>| {
            received.push(row.unwrap().id.value().unwrap().0.parse().unwrap());
        };
        let larger = LargerPage { parameter: "per_page", most: 100, sizes: &self.page_sizes };
        let paging = Paging { page: "page", larger: Some(larger) };
        let result = read(&self.transport, request, paging, &ENVELOPE, visit).await;
        let asked = std::mem::take(&mut *self.server.asked.lock().unwrap());
        (result.map(|()| received).map_err(|error| error.kind), asked)
    }
}

fn page_of(rows: usize, page: usize, size: usize) -> Vec<String> {
    (0..rows).skip((page - 1) * size).take(size).map(|id| format!(r#"{{"id":{id}}}"#)).collect()
}

fn bare(rows: usize, page: usize, size: usize) -> Response {
    format!("[{}]", page_of(rows, page, size).join(",")).into_response()
}

fn counted(rows: usize, page: usize, size: usize) -> Response {
    let (list, pages) = (page_of(rows, page, size).join(","), rows.div_ceil(size).max(1));
    format!(r#"{{"result_set":[{list}],"pagination":{{"total_entries":{rows},"total_pages":{pages}}}}}"#)
        .into_response()
}

fn linked(rows: usize, page: usize, size: usize) -> Response {
    let list = page_of(rows, page, size).join(",");
    let link =
        if page * size < rows { format!(r#""/tasks?page={}&per_page={size}""#, page + 1) } else { "null".to_owned() };
    format!(r#"{{"result_set":[{list}],"pagination":{{"next_link":{link}}}}}"#).into_response()
}

fn refused(status: u16) -> Response {
    (StatusCode::from_u16(status).unwrap(), r#"{"errors":{}}"#).into_response()
}

/// Servers that honour the parameter, and how many rows they give.
const HONOURING: &[(&str, Answer)] = &[
    ("honours it", |rows, page, per_page| bare(rows, page, per_page.unwrap_or(25))),
    ("honours it up to 50", |rows, page, per_page| bare(rows, page, per_page.unwrap_or(25).min(50))),
    ("honours it up to 30", |rows, page, per_page| bare(rows, page, per_page.unwrap_or(25).min(30))),
    ("bounds its rows and not the offset", |rows, page, per_page| {
        let (size, step) = (per_page.unwrap_or(25).min(50), per_page.unwrap_or(25));
        let list: Vec<_> = page_of(rows, page, step).into_iter().take(size).collect();
        format!("[{}]", list.join(",")).into_response()
    }),
    ("counts its pages", |rows, page, per_page| counted(rows, page, per_page.unwrap_or(20))),
    ("links its pages", |rows, page, per_page| linked(rows, page, per_page.unwrap_or(20))),
];

/// Servers that do not, in every way.
const OTHERS: &[(&str, Answer)] = &[
    ("ignores it", |rows, page, _| bare(rows, page, 25)),
    ("ignores it and counts its pages", |rows, page, _| counted(rows, page, 20)),
    ("refuses it with 400", |rows, page, per_page| per_page.map_or_else(|| bare(rows, page, 25), |_| refused(400))),
    ("refuses it with 422", |rows, page, per_page| per_page.map_or_else(|| bare(rows, page, 25), |_| refused(422))),
    ("fails on it", |rows, page, per_page| per_page.map_or_else(|| bare(rows, page, 25), |_| refused(500))),
    ("fails on it with HTML", |rows, page, per_page| {
        per_page.map_or_else(|| bare(rows, page, 25), |_| "<html>".into_response())
    }),
    ("gives fewer rows with it", |rows, page, per_page| bare(rows, page, per_page.map_or(25, |_| 10))),
    ("gives none with it", |rows, page, per_page| per_page.map_or_else(|| bare(rows, page, 25), |_| bare(0, 1, 25))),
    ("honours it on the first page alone", |rows, page, per_page| {
        bare(rows, page, per_page.filter(|_| page == 1).unwrap_or(25))
    }),
    ("refuses it from the second page on", |rows, page, per_page| match per_page {
        Some(_) if page > 1 => refused(400),
        per_page => bare(rows, page, per_page.unwrap_or(25)),
    }),
    ("gives the whole list always", |rows, _, _| bare(rows, 1, 10_000)),
];

#[tokio::test]
async fn no_list_loses_a_row_or_has_one_twice_whatever_a_server_makes_of_the_parameter() {
    for (name, answer) in HONOURING.iter().chain(OTHERS) {
        let bench = Bench::new(*answer).await;
        for rows in [0, 1, 24, 25, 26, 49, 50, 51, 60, 99, 100, 101, 125, 150, 200, 260, 340, 26] {
            let (received, asked) = bench.read(rows).await;
            let received = received.unwrap_or_else(|kind| panic!("{name}, {rows} rows: {kind}; {asked:?}"));
            let distinct: BTreeSet<_> = received.iter().copied().collect();
            assert_eq!((received.len(), distinct), (rows, (0..rows).collect()), "{name}; {asked:?}");
        }
    }
}

#[tokio::test]
async fn larger_pages_are_learned_from_the_first_list_of_several_pages_and_used_from_then_on() {
    let bench = Bench::new(HONOURING[0].1).await;
    assert_eq!(bench.read(20).await.1, [(1, false)], "one page teaches nothing");
    assert_eq!(bench.read(25).await.1, [(1, false), (2, false)], "nor does a full one");
    let first = bench.read(60).await.1;
    assert_eq!(first, [(1, false), (2, false), (3, false), (1, true)], "read as documented, and then learned");
    assert_eq!(bench.read(20).await.1, [(1, true)]);
    assert_eq!(bench.read(60).await.1, [(1, true), (2, true)], "a short page is not the end, which 25 rows are not");
    let longer = bench.read(260).await.1;
    assert_eq!(longer.len(), 6, "pages of the 60 rows that are known to come, and the question for more: {longer:?}");
    assert_eq!(bench.read(260).await.1, [(1, true), (2, true), (3, true), (4, true)]);
}

#[tokio::test]
async fn what_a_server_does_not_honour_is_asked_for_once() {
    for (name, answer) in &OTHERS[..4] {
        let bench = Bench::new(*answer).await;
        let larger = bench.read(60).await.1.iter().filter(|(_, is_larger)| *is_larger).count();
        assert_eq!(larger, 1, "{name}");
        for _ in 0..3 {
            let asked = bench.read(60).await.1;
            assert!(asked.iter().all(|(_, is_larger)| !is_larger), "{name}: {asked:?}");
        }
    }
}

#[tokio::test]
async fn a_failure_of_larger_pages_is_followed_by_the_documented_ones() {
    let bench = Bench::new(|rows, page, per_page| match per_page {
        Some(_) if rows > 200 => refused(504),
        per_page => bare(rows, page, per_page.unwrap_or(25)),
    })
    .await;
    bench.read(60).await.0.unwrap();
    assert_eq!(bench.read(60).await.1[0], (1, true));
    assert_eq!(bench.read(260).await.0, Err(ErrorKind::Server { status: 504 }), "too much for this vendor");
    assert_eq!(bench.read(260).await.0.map(|received| received.len()), Ok(260), "read as documented");
}

#[tokio::test]
async fn a_refusal_after_an_answered_page_is_that_of_a_page_and_not_of_the_list() {
    static IS_READ_AGAIN: AtomicBool = AtomicBool::new(false);
    let first: (&str, Answer) = ("the first page", |_, _, _| refused(404));
    let second: (&str, Answer) = ("the second page", |rows, page, _| match page {
        1 => bare(rows, 1, 25),
        _ => refused(404),
    });
    // The second page repeats a row, so the list is read again, and its first page is refused then.
    let again: (&str, Answer) = ("the first page of the second reading", |rows, page, _| match page {
        1 if IS_READ_AGAIN.swap(true, Ordering::SeqCst) => refused(403),
        1 => bare(rows, 1, 25),
        _ => bare(rows, 1, 24),
    });
    for ((name, answer), expected) in [
        (first, ErrorKind::NotFound { json: true }),
        (second, ErrorKind::PageRefused { page: 2, status: 404 }),
        (again, ErrorKind::PageRefused { page: 1, status: 403 }),
    ] {
        let (received, asked) = Bench::new(answer).await.read(60).await;
        assert_eq!(received, Err(expected), "{name}: {asked:?}");
    }
}

#[test]
fn a_link_is_followed_within_its_list_only() {
    let place = Url::parse("https://dropsuite.us/api/users/1/tenants").unwrap();
    let page = |page| Some(NextQuery::Page(page));
    let cursor = Some(NextQuery::Other(vec![("after".to_owned(), "a b".to_owned())]));
    for (link, expected) in [
        ("/api/users/1/tenants?type=m365&page=2&per_page=1", page(2)),
        ("?page=3", page(3)),
        ("https://dropsuite.us/api/users/1/tenants?page=2", page(2)),
        ("http://dropsuite.us:8080/api/users/1/tenants?page=2", page(2)),
        ("https://DROPSUITE.US/api/users/1/tenants?page=2", page(2)),
        ("/api/users/1/tenants?after=a%20b", cursor),
        ("/api/users/1/tenants", None),
        ("/api/users/1/tenants?page=x", None),
        ("/api/users/1/tenants?page=2&page=3", None),
        ("/api/users/2/tenants?page=2", None),
        ("/api/users/1/tenants/../../2/tenants?page=2", None),
        ("https://evil.example/api/users/1/tenants?page=2", None),
        ("https://dropsuite.us.evil.example/api/users/1/tenants?page=2", None),
        ("https://dropsuite.us@evil.example/api/users/1/tenants?page=2", None),
        ("//evil.example/api/users/1/tenants?page=2", None),
        (r"\\evil.example/api/users/1/tenants?page=2", None),
        ("javascript:/api/users/1/tenants?page=2", None),
        ("https://[", None),
    ] {
        assert_eq!(parameters_of(link, &place, "page").ok(), expected, "{link}");
    }
}
