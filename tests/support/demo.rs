//! Runs the demo, and scrapes it.

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap};
use reqwest::{Client, Method, StatusCode};

use super::http;
use super::process::Process;
use super::wait::eventually;

/// Tenants in the demo's fleet: all the named ones are among so many.
pub(crate) const TENANTS: usize = 100;

/// A running demo.
#[derive(Debug)]
pub(crate) struct Exporter {
    /// Where it listens, such as `127.0.0.1:10047`.
    pub(crate) address: String,
    client: Client,
    _process: Process,
}

/// What a scraper sends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    pub(crate) accept: Option<&'static str>,
    pub(crate) encoding: Option<&'static str>,
}

impl Wish {
    pub(crate) const TEXT: Self = Self { accept: Some("text/plain; version=0.0.4"), encoding: None };
    pub(crate) const OPEN_METRICS: Self =
        Self { accept: Some("application/openmetrics-text; version=1.0.0"), encoding: None };

    pub(crate) const fn encoded(self, encoding: &'static str) -> Self {
        Self { encoding: Some(encoding), ..self }
    }
}

/// What came back, nothing unpacked.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl Exporter {
    /// Starts the demo on a free port and waits until every tenant was collected.
    pub(crate) async fn demo() -> Self {
        let exporter = Self::listening().await;
        eventually(async || exporter.has_collected().await).await;
        exporter
    }

    /// Starts the demo on a free port; what it knows by now is a matter of chance.
    pub(crate) async fn listening() -> Self {
        let mut process =
            Process::start(&["demo", "--web.listen-address=127.0.0.1:0", &format!("--tenants={TENANTS}")]);
        let address = process.address();
        Self { address, client: client(), _process: process }
    }

    /// Asks for the metrics.
    pub(crate) async fn ask(&self, method: Method, wish: Wish) -> Answer {
        let mut request = self.client.request(method, format!("http://{}/metrics", self.address));
        if let Some(accept) = wish.accept {
            request = request.header(ACCEPT, accept);
        }
        if let Some(encoding) = wish.encoding {
            request = request.header(ACCEPT_ENCODING, encoding);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    pub(crate) async fn get(&self, wish: Wish) -> Answer {
        self.ask(Method::GET, wish).await
    }

    /// Two equal answers: nothing but the process itself changed from before the one to after the other.
    pub(crate) async fn get_both(&self, first: Wish, second: Wish) -> (Answer, Answer) {
        eventually(async || {
            let before = self.get(first).await;
            let between = self.get(second).await;
            let after = self.get(first).await;
            let is_settled = without_process(before.text()).eq(without_process(after.text()));
            if is_settled { Ok((before, between)) } else { Err("the demo never rests".to_owned()) }
        })
        .await
    }

    async fn has_collected(&self) -> Result<(), String> {
        let ready = self.client.get(format!("http://{}/-/ready", self.address)).send().await.unwrap();
        if ready.status() != StatusCode::OK {
            return Err(ready.text().await.unwrap());
        }
        let answer = self.get(Wish::TEXT).await;
        let pending: Vec<_> = answer
            .text()
            .lines()
            .filter(|line| line.starts_with("saasbackup_exporter_tenants{") && line.contains("state=\"pending\""))
            .collect();
        let nothing_is_pending = !pending.is_empty() && pending.iter().all(|line| line.ends_with("} 0"));
        if nothing_is_pending { Ok(()) } else { Err(pending.join("\n")) }
    }
}

/// A client that leaves bodies as they are and uses no proxy.
pub(crate) fn client() -> Client {
    http::builder().no_gzip().build().unwrap()
}

/// The lines that stay the same while nothing is collected.
pub(crate) fn without_process(exposition: &str) -> impl Iterator<Item = &str> {
    exposition.lines().filter(|line| !line.starts_with("process_"))
}
