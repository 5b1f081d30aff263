//! A proxy between the exporter and the simulator: records a correct collection once, then replays it from memory with
//! one response changed.
//!
//! Many runs share one connection. A run is known by the reseller token (Dropsuite) or public key (Datto) that it
//! sends; the simulator only ever sees the real one.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const RESELLER_TOKEN: HeaderName = HeaderName::from_static("x-reseller-token");
const ACCESS_TOKEN: HeaderName = HeaderName::from_static("x-access-token");

/// What a request asks for, and as whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Asked {
    /// Path and parameters below the origin.
    pub(crate) path: String,
    /// The access token; empty where the vendor has none.
    pub(crate) token: String,
}

/// An answer as it goes over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
}

/// One request of the good conversation, and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) asked: Asked,
    pub(crate) answer: Answer,
}

/// What is made of every answer of the simulator before anybody sees it.
pub(crate) type Edit = fn(String) -> String;

/// How the simulator is asked.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// The header that names the account, and its true value.
    pub(crate) account: (HeaderName, HeaderValue),
    edit: Edit,
}

impl Upstream {
    pub(crate) fn dropsuite(origin: String, reseller_token: &str, edit: Edit) -> Self {
        Self { origin, account: (RESELLER_TOKEN, HeaderValue::from_str(reseller_token).unwrap()), edit }
    }

    pub(crate) fn datto(origin: String, public_key: &str, secret_key: &str) -> Self {
        let pair = BASE64_STANDARD.encode(format!("{public_key}:{secret_key}"));
        let account = (header::AUTHORIZATION, HeaderValue::from_str(&format!("Basic {pair}")).unwrap());
        Self { origin, account, edit: |body| body }
    }
}

/// Which requests of a run get the changed answer.
#[derive(Clone, Debug)]
pub(crate) enum Changed {
    /// Those for this.
    Of(Asked),
    /// The first of these, and where it lasts all that follow; counted from 1.
    From { request: usize, lasts: bool },
}

impl Changed {
    fn holds(&self, asked: &Asked, number: usize) -> bool {
        match self {
            Self::Of(changed) => changed == asked,
            Self::From { request, lasts } => number == *request || (*lasts && number > *request),
        }
    }
}

/// The right to ask with answers changed; the change ends with [`Proxy::end`].
#[derive(Debug)]
pub(crate) struct Run {
    changed: Changed,
    answer: Answer,
    requests: AtomicUsize,
    hits: AtomicUsize,
}

#[derive(Debug)]
struct Shared {
    upstream: Upstream,
    /// Where this proxy is: links of the simulator lead here.
    origin: String,
    http: reqwest::Client,
    good: Mutex<HashMap<Asked, Arc<Answer>>>,
    recorded: Mutex<Vec<Asked>>,
    runs: Mutex<HashMap<String, Arc<Run>>>,
}

/// A running proxy; it stops when dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Proxy {
    pub(crate) async fn start(upstream: Upstream) -> Self {
        // Fails for all but the first of this process, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let shared = Arc::new(Shared {
            upstream,
            origin: format!("http://{address}"),
            http,
            good: Mutex::default(),
            recorded: Mutex::default(),
            runs: Mutex::default(),
        });
        let router = Router::new().fallback(serve).with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move {
            // Serving ends without error: accept errors are retried by axum.
            let _ = axum::serve(listener, router).await;
        });
        Self { shared, serving }
    }

    pub(crate) fn origin(&self) -> String {
        self.shared.origin.clone()
    }

    /// What was asked for the first time since the last call, with the simulator's answers.
    pub(crate) fn take_recorded(&self) -> Vec<Exchange> {
        let asked = std::mem::take(&mut *lock(&self.shared.recorded));
        let good = lock(&self.shared.good);
        asked.into_iter().map(|asked| Exchange { answer: Answer::clone(&good[&asked]), asked }).collect()
    }

    /// Answers what is `changed` with `answer` to whoever asks as `account`.
    pub(crate) fn begin(&self, account: &str, changed: Changed, answer: Answer) -> Arc<Run> {
        let run = Arc::new(Run { changed, answer, requests: AtomicUsize::new(0), hits: AtomicUsize::new(0) });
        lock(&self.shared.runs).insert(account.to_owned(), Arc::clone(&run));
        run
    }

    /// Gives `account` the good answers again.
    pub(crate) fn end(&self, account: &str) {
        lock(&self.shared.runs).remove(account);
    }
}

impl Run {
    /// How often the changed answer was asked for.
    pub(crate) fn hits(&self) -> usize {
        self.hits.load(Ordering::Relaxed)
    }

    /// Counts the requests from the first again.
    pub(crate) fn restart(&self) {
        self.requests.store(0, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path_and_query().map_or_else(String::new, ToString::to_string);
    let token = headers.get(&ACCESS_TOKEN).and_then(|value| value.to_str().ok()).unwrap_or("");
    let asked = Asked { path, token: token.to_owned() };
    let account = account(&headers).unwrap_or_default();
    let run = lock(&shared.runs).get(&account).cloned();
    let is_changed = |run: &Arc<Run>| run.changed.holds(&asked, run.requests.fetch_add(1, Ordering::Relaxed) + 1);
    if let Some(run) = run.filter(is_changed) {
        run.hits.fetch_add(1, Ordering::Relaxed);
        return respond(&run.answer);
    }
    let known = lock(&shared.good).get(&asked).cloned();
    let answer = match known {
        Some(answer) => answer,
        None => forward(&shared, asked).await,
    };
    respond(&answer)
}

/// The name by which a run is known.
fn account(headers: &HeaderMap) -> Option<String> {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(token) = text(&RESELLER_TOKEN) {
        return Some(token.to_owned());
    }
    let pair = BASE64_STANDARD.decode(text(&header::AUTHORIZATION)?.strip_prefix("Basic ")?).ok()?;
    Some(String::from_utf8(pair).ok()?.split_once(':')?.0.to_owned())
}

/// The simulator's own answer, which is kept.
async fn forward(shared: &Shared, asked: Asked) -> Arc<Answer> {
    let (name, value) = &shared.upstream.account;
    let mut request = shared.http.get(format!("{}{}", shared.upstream.origin, asked.path)).header(name, value);
    if !asked.token.is_empty() {
        request = request.header(&ACCESS_TOKEN, &asked.token);
    }
    let reply = request.send().await.expect("the simulator answers");
    let status = reply.status().as_u16();
    let body = reply.text().await.expect("the simulator's answer is whole");
    let body = (shared.upstream.edit)(body.replace(&shared.upstream.origin, &shared.origin)).into_bytes();
    let answer = Arc::new(Answer { status, content_type: "application/json", body });
    lock(&shared.good).insert(asked.clone(), Arc::clone(&answer));
    lock(&shared.recorded).push(asked);
    answer
}

fn respond(answer: &Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body.clone()));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    response
}
