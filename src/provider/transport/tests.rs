//! Sends to a small server on loopback: one case for each way in which an attempt can end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, LOCATION};
use axum::response::{IntoResponse as _, Response};
use tokio::net::TcpListener;

use super::*;
use crate::domain::{Provider, SourceIdentity, Timestamp};
use crate::exposition::{Format, render};
use crate::instrumentation::Instrumentation;

const HERE: Endpoint = Endpoint::new("/here");

fn settings(base_url: &str) -> Settings {
    Settings {
        base_url: base_url.parse().unwrap(),
        timeout: Duration::from_secs(5),
        concurrency: 4,
        requests_per_second: 1000.0,
        ca_file: None,
        client_certificate: None,
        proxy_url: None,
        no_proxy: Vec::new(),
    }
}

fn instrumentation() -> (Arc<Instrumentation>, SourceInstrumentation) {
    let instrumentation = Arc::new(Instrumentation::new(Timestamp::from_millis(0)));
    let identity = SourceIdentity { provider: Provider::Dropsuite, name: "test".into() };
    let source = instrumentation.source(&identity, &[]);
    (instrumentation, source)
}

fn transport_counted(settings: &Settings, counting: SourceInstrumentation) -> Result<Transport, BuildError> {
    Transport::new(settings, Arc::new(Pacing::new(settings.requests_per_second)), counting)
}

fn transport(settings: &Settings) -> Transport {
    transport_counted(settings, instrumentation().1).unwrap()
}

fn request(headers: &HeaderMap) -> Request<'_> {
    Request { endpoint: HERE, ids: &[], query: &[], headers, credential_hint: "the token", may_repeat: true }
}

fn whole(body: &[u8]) -> Result<Vec<u8>, ErrorKind> {
    Ok(body.to_vec())
}

async fn get(settings: &Settings) -> Result<Vec<u8>, ErrorKind> {
    let transport = transport(settings);
    let headers = HeaderMap::new();
    transport.get(&request(&headers), whole).await.map_err(|error| error.kind)
}

/// A server that gives these answers in turn, the last one for ever, and counts the requests.
async fn server(answers: Vec<fn() -> Response>) -> (SocketAddr, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    let router = Router::new().fallback(move || {
        let index = counter.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
        let answer = answers[index];
        async move { answer() }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    (address, requests)
}

async fn answered(answers: Vec<fn() -> Response>) -> (Result<Vec<u8>, ErrorKind>, usize) {
    let (address, requests) = server(answers).await;
    let result = get(&settings(&format!("http://{address}"))).await;
    (result, requests.load(Ordering::SeqCst))
}

fn status(status: u16) -> Response {
    Response::builder().status(status).body(Body::from("CANARY")).unwrap()
}

fn ok() -> Response {
    "fine".into_response()
}

#[tokio::test]
async fn a_success_without_a_whole_list_is_a_failure() {
    for (answer, status) in [
        (|| status(201), 201),
        (|| status(202), 202),
        (|| status(203), 203),
        (|| status(204), 204),
        (|| status(206), 206),
    ] as [(fn() -> Response, u16); 5]
    {
        assert_eq!(answered(vec![answer]).await, (Err(ErrorKind::NoWholeList { status }), 1));
    }
}

#[tokio::test]
async fn created_is_an_answer_where_the_document_says_so() {
    let (address, _) = server(vec![|| (reqwest::StatusCode::CREATED, "fine").into_response()]).await;
    let transport = transport(&settings(&format!("http://{address}")));
    let headers = HeaderMap::new();
    let documented = Request { endpoint: HERE.answering_created(), ..request(&headers) };
    assert_eq!(transport.get(&documented, whole).await.map_err(|error| error.kind), Ok(b"fine".to_vec()));
}

#[tokio::test]
async fn a_refusal_says_whether_the_api_or_something_before_it_refuses() {
    for (answer, expected) in [
        (|| (reqwest::StatusCode::FORBIDDEN, r#"{"errors":{}}"#).into_response(), ErrorKind::Forbidden { json: true }),
        (|| (reqwest::StatusCode::NOT_FOUND, r#"{"status":404}"#).into_response(), ErrorKind::NotFound { json: true }),
        (|| (reqwest::StatusCode::FORBIDDEN, "<html>CANARY").into_response(), ErrorKind::Forbidden { json: false }),
        (|| (reqwest::StatusCode::NOT_FOUND, "").into_response(), ErrorKind::NotFound { json: false }),
        (
            || (reqwest::StatusCode::NOT_FOUND, format!("[{}]", " ".repeat(1 << 20))).into_response(),
            ErrorKind::NotFound { json: false },
        ),
    ] as [(fn() -> Response, ErrorKind); 5]
    {
        let (result, _) = answered(vec![answer]).await;
        let error = Error { endpoint: "/here", kind: result.unwrap_err() };
        assert_eq!(error.kind, expected);
        let is_from_the_api =
            matches!(expected, ErrorKind::Forbidden { json: true } | ErrorKind::NotFound { json: true });
        assert_eq!(error.says_not_licensed(), is_from_the_api);
        assert!(!error.to_string().contains("CANARY"));
    }
}

#[tokio::test]
async fn a_refusal_is_not_repeated() {
    for (answer, expected) in [
        (|| status(400), ErrorKind::Rejected { status: 400 }),
        (|| status(401), ErrorKind::Unauthorized { hint: "the token" }),
        (|| status(403), ErrorKind::Forbidden { json: false }),
        (|| status(404), ErrorKind::NotFound { json: false }),
    ] as [(fn() -> Response, ErrorKind); 4]
    {
        assert_eq!(answered(vec![answer]).await, (Err(expected), 1));
    }
}

#[tokio::test]
async fn a_passing_fault_is_repeated_and_a_lasting_one_given_up() {
    let (passing, lasting) = tokio::join!(answered(vec![|| status(502), ok]), answered(vec![|| status(503)]));
    assert_eq!(passing, (Ok(b"fine".to_vec()), 2));
    assert_eq!(lasting, (Err(ErrorKind::Server { status: 503 }), 1 + MAX_RETRIES));
}

#[tokio::test]
async fn a_throttled_request_waits_as_long_as_asked() {
    fn throttled(wait: &str) -> Response {
        Response::builder().status(429).header("retry-after", wait).body(Body::empty()).unwrap()
    }
    let started = Instant::now();
    let (result, requests) = answered(vec![|| throttled("2"), ok]).await;
    assert_eq!((result, requests), (Ok(b"fine".to_vec()), 2));
    assert!(started.elapsed() >= Duration::from_secs(2));

    let (result, requests) = answered(vec![|| throttled("3600"), ok]).await;
    let retry_after = Some(Duration::from_secs(3600));
    assert_eq!((result, requests), (Err(ErrorKind::Throttled { retry_after }), 1), "an hour is left to the next round");
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let answer: fn() -> Response =
        || Response::builder().status(302).header(LOCATION, "/elsewhere").body(Body::empty()).unwrap();
    assert_eq!(answered(vec![answer]).await, (Err(ErrorKind::Rejected { status: 302 }), 1));
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_not_read() {
    let answer: fn() -> Response = || vec![b' '; MAX_BODY + 1].into_response();
    assert_eq!(answered(vec![answer]).await, (Err(ErrorKind::TooLarge { limit: MAX_BODY }), 1));
}

#[tokio::test]
async fn a_broken_connection_is_distinguished_from_a_silent_one() {
    let cut: fn() -> Response = || {
        let parts = [Ok("{"), Err(io_error())];
        let stream = tokio_util::io::ReaderStream::new(FailingReader(Some(parts)));
        Response::builder().header(CONTENT_LENGTH, 100).body(Body::from_stream(stream)).unwrap()
    };
    let silent = async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut settings = settings(&format!("http://{}", listener.local_addr().unwrap()));
        settings.timeout = Duration::from_secs(1);
        get(&settings).await
    };
    let ((cut, _), silent) = tokio::join!(answered(vec![cut]), silent);
    assert_eq!(cut, Err(ErrorKind::Interrupted));
    assert_eq!(silent, Err(ErrorKind::Timeout { limit: Duration::from_secs(1) }));
}

fn io_error() -> std::io::Error {
    std::io::ErrorKind::ConnectionReset.into()
}

/// Gives one piece and then breaks.
struct FailingReader(Option<[Result<&'static str, std::io::Error>; 2]>);

impl tokio::io::AsyncRead for FailingReader {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(match self.0.take() {
            Some([Ok(piece), _]) => {
                buffer.put_slice(piece.as_bytes());
                Ok(())
            }
            _ => Err(io_error()),
        })
    }
}

#[tokio::test]
async fn the_error_says_why_there_is_no_connection() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (plain, _) = server(vec![ok]).await;
    let addresses = [format!("http://{closed}"), "http://no-such-host.invalid".to_owned(), format!("https://{plain}")];
    let [refused, unresolved, no_tls] = addresses.map(|address| settings(&address));
    let certificate = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(certificate.path(), include_str!("../../../tests/testdata/ca.pem")).unwrap();
    // With certificates of its own the client needs none of the system's, which a bare machine may lack.
    let no_tls = Settings { ca_file: Some(certificate.path().to_owned()), ..no_tls };
    let (refused, unresolved, no_tls) = tokio::join!(get(&refused), get(&unresolved), get(&no_tls));
    assert!(matches!(refused, Err(ErrorKind::Connect { .. })), "{refused:?}");
    assert_eq!(unresolved, Err(ErrorKind::Dns));
    assert!(matches!(no_tls, Err(ErrorKind::Tls { .. })), "{no_tls:?}");
}

#[tokio::test]
async fn every_attempt_is_counted_by_outcome() {
    let (address, _) = server(vec![|| status(502), ok]).await;
    let (metrics, source) = instrumentation();
    let transport = transport_counted(&settings(&format!("http://{address}")), source).unwrap();
    transport.get(&request(&HeaderMap::new()), whole).await.unwrap();
    let text = render(&[], metrics.gather(), Format::Text);
    for outcome in ["server_error", "success"] {
        let sample = format!(
            "saasbackup_exporter_api_requests_total{{provider=\"dropsuite\",source=\"test\",endpoint=\"/here\",outcome=\"{outcome}\"}} 1"
        );
        assert!(text.contains(&sample), "{sample} in {text}");
    }
}

#[test]
fn a_file_of_certificates_that_is_none_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let bad = Settings { ca_file: Some(file.path().to_owned()), ..settings("https://dropsuite.us/api") };
    assert!(matches!(transport_counted(&bad, instrumentation().1), Err(BuildError::Certificates { .. })));
    let missing = Settings { ca_file: Some("/nonexistent".into()), ..bad.clone() };
    assert!(matches!(transport_counted(&missing, instrumentation().1), Err(BuildError::File { key: "ca_file", .. })));
    std::fs::write(file.path(), vec![b'\n'; (1 << 20) + 1]).unwrap();
    assert!(matches!(transport_counted(&bad, instrumentation().1), Err(BuildError::File { key: "ca_file", .. })));
}

#[tokio::test]
async fn a_request_that_may_not_be_repeated_is_sent_once() {
    let (address, requests) = server(vec![|| status(504)]).await;
    let transport = transport(&settings(&format!("http://{address}")));
    let headers = HeaderMap::new();
    let once = Request { may_repeat: false, ..request(&headers) };
    assert!(transport.get(&once, whole).await.is_err());
    assert_eq!(requests.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn nothing_is_sent_while_the_vendor_asks_for_a_long_pause() {
    let answer: fn() -> Response = || {
        let headers = [("x-api-limit-remaining", "0"), ("x-api-limit-resets", "1800")];
        (headers, "fine").into_response()
    };
    let (address, requests) = server(vec![answer]).await;
    let (metrics, source) = instrumentation();
    let transport = transport_counted(&settings(&format!("http://{address}")), source).unwrap();
    let headers = HeaderMap::new();
    assert!(transport.get(&request(&headers), whole).await.is_ok());
    let refused = transport.get(&request(&headers), whole).await.unwrap_err();
    assert!(matches!(refused.kind, ErrorKind::Paused { remaining } if remaining.as_secs() > 1700));
    assert_eq!(requests.load(Ordering::SeqCst), 1);
    assert!(
        render(&[], metrics.gather(), Format::Text)
            .contains("saasbackup_exporter_api_budget_remaining{provider=\"dropsuite\",source=\"test\"} 0")
    );
}

#[tokio::test]
async fn a_pause_is_obeyed_whatever_the_status_is() {
    fn with(status: u16, wait: &str) -> Response {
        Response::builder().status(status).header("retry-after", wait).body(Body::from("{}")).unwrap()
    }
    for answer in [
        || with(503, "1800"),
        || with(500, "1800"),
        || with(403, "1800"),
        || with(302, "1800"),
        || with(200, "1800"),
        || with(429, "1800"),
    ] as [fn() -> Response; 6]
    {
        let (address, requests) = server(vec![answer]).await;
        let transport = transport(&settings(&format!("http://{address}")));
        let headers = HeaderMap::new();
        let status = answer().status();
        let _ = transport.get(&request(&headers), whole).await;
        assert!(transport.pause().is_some_and(|pause| pause.as_secs() > 1700), "{status}: {:?}", transport.pause());
        let refused = transport.get(&request(&headers), whole).await.unwrap_err();
        assert!(matches!(refused.kind, ErrorKind::Paused { .. }), "{status}: {refused}");
        assert_eq!(requests.load(Ordering::SeqCst), 1, "{status}");
    }
}

#[tokio::test]
async fn nothing_follows_a_throttled_request_from_those_that_wait_for_their_turn() {
    let answer: fn() -> Response =
        || Response::builder().status(429).header("retry-after", "50").body(Body::empty()).unwrap();
    let (address, requests) = server(vec![answer]).await;
    let settings = Settings { concurrency: 8, requests_per_second: 1.0, ..settings(&format!("http://{address}")) };
    let transport = Arc::new(transport(&settings));
    let waiting: Vec<_> = (0..8)
        .map(|_| {
            let transport = Arc::clone(&transport);
            tokio::spawn(async move { transport.get(&request(&HeaderMap::new()), whole).await })
        })
        .collect();
    // Longer than the turns of all eight, and far shorter than the pause.
    tokio::time::sleep(Duration::from_millis(8500)).await;
    assert_eq!(requests.load(Ordering::SeqCst), 1);
    assert!((transport.rate() - 0.5).abs() < 1e-9, "{}", transport.rate());
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
}

/// A burst is one event, even without a `Retry-After`.
#[tokio::test]
async fn a_burst_that_waits_for_its_turn_lowers_the_rate_once() {
    let refused = Arc::new(AtomicUsize::new(0));
    let (counter, first) = (Arc::clone(&refused), Arc::new(std::sync::OnceLock::new()));
    let router = Router::new().fallback(move || {
        // Longer than to the next turn at the old pace, and shorter than to that at the new one.
        let is_refused = first.get_or_init(Instant::now).elapsed() < Duration::from_millis(400);
        counter.fetch_add(usize::from(is_refused), Ordering::SeqCst);
        async move { if is_refused { status(429) } else { ok() } }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    let settings = Settings { concurrency: 8, requests_per_second: 4.0, ..settings(&format!("http://{address}")) };
    let transport = Arc::new(transport(&settings));
    let waiting: tokio::task::JoinSet<_> = (0..8)
        .map(|_| {
            let transport = Arc::clone(&transport);
            async move { transport.get(&request(&HeaderMap::new()), whole).await.is_ok() }
        })
        .collect();
    assert_eq!(waiting.join_all().await, [true; 8]);
    assert_eq!(refused.load(Ordering::SeqCst), 1);
    assert!((2.0..2.5).contains(&transport.rate()), "{}", transport.rate());
}

#[tokio::test]
async fn a_retry_is_paid_for_only_where_it_follows() {
    let (address, _) = server(vec![|| status(503)]).await;
    let transport = transport(&settings(&format!("http://{address}")));
    let headers = HeaderMap::new();
    assert!(transport.get(&request(&headers), whole).await.is_err());
    let left = (0..100).filter(|_| transport.pacing().may_retry(1)).count();
    assert_eq!(left, 20 - MAX_RETRIES);
}

/// A server that gives each connection this answer, byte by byte as it stands.
async fn raw(answer: impl AsRef<[u8]> + Send + 'static) -> Result<Vec<u8>, ErrorKind> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let length = socket.read(&mut request).await.unwrap();
        socket.write_all(answer.as_ref()).await.unwrap();
        String::from_utf8_lossy(&request[..length]).to_lowercase()
    });
    let transport = transport(&settings(&format!("http://{address}")));
    let headers = HeaderMap::new();
    let once = Request { may_repeat: false, ..request(&headers) };
    let result = transport.get(&once, whole).await.map_err(|error| error.kind);
    assert!(heard.await.unwrap().contains("accept: application/json\r\n"));
    result
}

#[tokio::test]
async fn odd_headers_are_read_or_named() {
    for answer in [
        "HTTP/1.1 200 OK\r\nX-Folded: one\r\n  two\r\nContent-Length: 2\r\n\r\n[]",
        "HTTP/1.1 200 OK\r\nX-Spaced : one\r\nContent-Length: 2\r\n\r\n[]",
        "HTTP/1.1 200 OK\r\nX-Latin: M\u{fc}ller\r\nContent-Length: 2\r\n\r\n[]",
        "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    ] {
        assert_eq!(raw(answer).await, Ok(b"[]".to_vec()), "{answer}");
    }
    for answer in [
        "HTTP/1.1 200 OK\r\nX CANARY: one\r\nContent-Length: 2\r\n\r\n[]",
        "HTTP/1.1 200 OK\r\nCANARY\r\nContent-Length: 2\r\n\r\n[]",
        "SSH-2.0-CANARY\r\n",
    ] {
        let error = raw(answer).await.unwrap_err();
        assert!(matches!(error, ErrorKind::Malformed { .. }), "{answer}: {error}");
        assert!(!error.to_string().contains("CANARY"), "{error}");
    }
}

/// Its length is as announced: only the compression shows that something is missing.
#[tokio::test]
async fn a_compressed_body_that_was_cut_off_is_no_answer() {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(br#"[{"id":1},{"id":2}]"#).unwrap();
    let compressed = encoder.finish().unwrap();
    let answer = |body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    assert_eq!(raw(answer(&compressed)).await, Ok(br#"[{"id":1},{"id":2}]"#.to_vec()));
    for length in [1, 10, compressed.len() - 9, compressed.len() - 8, compressed.len() - 1] {
        let result = raw(answer(&compressed[..length])).await;
        assert!(result.is_err(), "{length} of {} bytes: {result:?}", compressed.len());
    }
}

/// A length that is announced too short, or an attacker's text in a body, must not answer for another tenant.
#[tokio::test]
async fn what_follows_an_answer_does_not_answer_the_next_request() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    const ANSWERS: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfineHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                while socket.read(&mut request).await.is_ok_and(|length| length > 0) {
                    let _ = socket.write_all(ANSWERS).await;
                }
            });
        }
    });
    let transport = transport(&settings(&format!("http://{address}")));
    let headers = HeaderMap::new();
    for turn in 0..20 {
        let result = transport.get(&request(&headers), whole).await;
        assert!(result.as_ref().is_ok_and(|body| body == b"fine"), "{turn}: {result:?}");
    }
}
