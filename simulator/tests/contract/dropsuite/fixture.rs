//! Starts a fake and asks it as a client would.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::dropsuite::fleet::{Fleet, Quirk};
use saasbackup_simulator::dropsuite::{Options, OrganizationSummary, Server};
use serde_json::Value;

/// 2026-09-21T14:13:20Z, in milliseconds since the Unix epoch.
pub(crate) const NOW: i64 = 1_790_000_000_000;
/// Large enough for every named organization and some generated ones.
pub(crate) const TENANTS: usize = 60;

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
}

/// The options of a fake that stands still at [`NOW`].
pub(crate) fn options() -> Options {
    Options::new(Fleet::demo(TENANTS, 7), Clock::fixed(NOW))
}

impl Fake {
    pub(crate) async fn start() -> Self {
        Self::with(options()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        // Fails when another test of this process was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = options.clock.clone();
        let server = Server::bind((Ipv4Addr::LOCALHOST, 0).into(), options).await.unwrap();
        let builder = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self { server, clock, client: builder.timeout(DEADLINE).build().unwrap() }
    }

    pub(crate) fn organization(&self, quirk: Quirk) -> OrganizationSummary {
        self.server.organizations().into_iter().find(|organization| organization.quirk == quirk).unwrap()
    }

    pub(crate) fn token(&self, quirk: Quirk) -> String {
        self.server.organization_token(&self.organization(quirk).login_id).unwrap()
    }

    pub(crate) async fn send(&self, method: Method, path: &str, tokens: [Option<&str>; 2]) -> reqwest::Result<Reply> {
        let mut request = self.client.request(method, format!("{}{path}", self.server.base_url()));
        for (name, value) in ["X-Reseller-Token", "X-Access-Token"].into_iter().zip(tokens) {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Reply { status, headers, text: response.text().await? })
    }

    /// Asks with this access token and the right reseller token.
    pub(crate) async fn get(&self, path: &str, access: &str) -> Reply {
        self.try_get(path, access).await.unwrap()
    }

    pub(crate) async fn try_get(&self, path: &str, access: &str) -> reqwest::Result<Reply> {
        self.send(Method::GET, path, [Some(&self.server.reseller_token()), Some(access)]).await
    }

    /// Waits until so many requests have arrived.
    pub(crate) async fn arrived(&self, total: u64) {
        let deadline = Instant::now() + DEADLINE;
        while self.server.requests().total < total {
            assert!(Instant::now() < deadline, "{:?}", self.server.requests());
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn get_as_admin(&self, path: &str) -> Reply {
        self.get(path, &self.server.admin_token()).await
    }

    /// Asks with the token of the first organization of this quirk; `{id}` in the path becomes its login id.
    pub(crate) async fn get_as(&self, quirk: Quirk, path: &str) -> Reply {
        let path = path.replace("{id}", &self.organization(quirk).login_id);
        self.get(&path, &self.token(quirk)).await
    }
}

/// The rows of any envelope.
pub(crate) fn rows(answer: &Value) -> Vec<Value> {
    match answer {
        Value::Array(elements) => elements
            .iter()
            .flat_map(|element| if element.get("result_set").is_some() { rows(element) } else { vec![element.clone()] })
            .collect(),
        Value::Object(object) => match object.get("result_set").or_else(|| object.get("data")) {
            Some(inner) => rows(inner),
            None => vec![answer.clone()],
        },
        other => panic!("no rows in {other}"),
    }
}
