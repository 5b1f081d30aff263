//! Starts a fake and asks it as a client would.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::datto::fleet::{Fleet, Quirk};
use saasbackup_simulator::datto::{CustomerSummary, Options, Server, Shape};
use serde_json::Value;

/// 2026-09-21T14:13:20Z, in milliseconds since the Unix epoch.
pub(crate) const NOW: i64 = 1_790_000_000_000;
/// Large enough for every named customer and some generated ones.
pub(crate) const CUSTOMERS: usize = 60;

pub(crate) const HOUR: Duration = Duration::from_secs(3_600);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3_600);

/// No test should wait longer than this for an answer that does come.
const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Fake {
    pub(crate) server: Server,
    pub(crate) clock: Clock,
    client: Client,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// The options of a fake that stands still at [`NOW`] and lists the seats of every customer.
pub(crate) fn options() -> Options {
    Options { seats_limit: None, ..Options::new(Fleet::demo(CUSTOMERS, 7), Clock::fixed(NOW)) }
}

impl Fake {
    pub(crate) async fn start() -> Self {
        Self::with(options()).await
    }

    pub(crate) async fn documented() -> Self {
        Self::with(Options { shape: Shape::Documented, ..options() }).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        // Fails when another test of this process was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = options.clock.clone();
        let server = Server::bind((Ipv4Addr::LOCALHOST, 0).into(), options).await.unwrap();
        let builder = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self { server, clock, client: builder.timeout(DEADLINE).build().unwrap() }
    }

    pub(crate) fn customer(&self, quirk: Quirk) -> CustomerSummary {
        self.server.customers().into_iter().find(|customer| customer.quirk == quirk).unwrap()
    }

    /// Asks with this key pair, or with none.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        keys: Option<(&str, &str)>,
        body: Option<&str>,
    ) -> reqwest::Result<Reply> {
        let mut request = self.client.request(method, format!("{}{path}", self.server.base_url()));
        if let Some((public_key, secret_key)) = keys {
            request = request.basic_auth(public_key, Some(secret_key));
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_owned());
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Reply { status, headers, text: response.text().await? })
    }

    pub(crate) async fn try_get(&self, path: &str) -> reqwest::Result<Reply> {
        let keys = (self.server.public_key(), self.server.secret_key());
        self.send(Method::GET, path, Some((&keys.0, &keys.1)), None).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.try_get(path).await.unwrap()
    }

    pub(crate) async fn put(&self, path: &str, body: &str) -> Reply {
        let keys = (self.server.public_key(), self.server.secret_key());
        self.send(Method::PUT, path, Some((&keys.0, &keys.1)), Some(body)).await.unwrap()
    }

    /// Waits until so many requests have arrived.
    pub(crate) async fn arrived(&self, total: u64) {
        let deadline = Instant::now() + DEADLINE;
        while self.server.requests().total < total {
            assert!(Instant::now() < deadline, "{:?}", self.server.requests());
            tokio::task::yield_now().await;
        }
    }

    /// Asks about the first customer of this quirk; `rest` is what follows its id.
    pub(crate) async fn get_of(&self, quirk: Quirk, rest: &str) -> Reply {
        self.get(&format!("/v1/saas/{}{rest}", self.customer(quirk).id)).await
    }

    /// The only item of a customer's applications.
    pub(crate) async fn item(&self, quirk: Quirk) -> Value {
        let reply = self.get_of(quirk, "/applications").await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()["items"][0].clone()
    }

    /// The apps of a customer, of all its suites.
    pub(crate) async fn apps(&self, quirk: Quirk) -> Vec<Value> {
        apps(&self.item(quirk).await)
    }

    /// The domain records of a customer.
    pub(crate) async fn records(&self, quirk: Quirk) -> Vec<Value> {
        let id = self.customer(quirk).id;
        let all = self.get("/v1/saas/domains").await.json();
        all.as_array().unwrap().iter().filter(|record| record["saasCustomerId"] == id).cloned().collect()
    }
}

pub(crate) fn apps(item: &Value) -> Vec<Value> {
    let suites = item["suites"].as_array().unwrap();
    suites.iter().flat_map(|suite| suite["appTypes"].as_array().unwrap().clone()).collect()
}
