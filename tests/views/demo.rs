//! Runs the demo, whose fleet has hostile names, and requests its pages as a browser or a program would.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use reqwest::Client;
use reqwest::header::{ACCEPT, HeaderMap};
use serde_json::Value;

use crate::support::http;
use crate::support::process::Process;
use crate::support::wait::eventually;

/// Tenants in the fleet: all the named ones are among so many.
pub(crate) const TENANTS: usize = 100;

/// The demo that tests beside each other share: they only look, and starting it costs more than all of them.
static RUNNING: Mutex<Weak<Running>> = Mutex::new(Weak::new());

struct Running {
    address: String,
    _process: Process,
}

/// A running demo; it ends with the last test that holds it.
pub(crate) struct Demo {
    /// Where it listens, such as `127.0.0.1:10047`.
    pub(crate) address: String,
    // Each test has a runtime of its own, which its connections cannot outlive.
    http: Client,
    _running: Arc<Running>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Demo {
    /// Starts it, or joins it; what it knows by now is a matter of chance.
    pub(crate) fn listening() -> Self {
        let mut shared = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let running = shared.upgrade().unwrap_or_else(|| {
            let tenants = format!("--tenants={TENANTS}");
            let mut process = Process::start(&["demo", "--web.listen-address=127.0.0.1:0", &tenants]);
            Arc::new(Running { address: process.address(), _process: process })
        });
        *shared = Arc::downgrade(&running);
        let http = http::client();
        Self { address: running.address.clone(), http, _running: running }
    }

    /// Starts it, and waits until every tenant was collected.
    pub(crate) async fn start() -> Self {
        let demo = Self::listening();
        eventually(async || {
            let document = demo.json("/status").await;
            let tenants = document["tenants"].as_array().unwrap();
            let is_over =
                |part: &Value| !["first", "running"].contains(&part["next_attempt"]["reason"].as_str().unwrap());
            let is_collected = |tenant: &&Value| tenant["parts"].as_array().unwrap().iter().all(is_over);
            let collected = tenants.iter().filter(is_collected).count();
            let is_complete = collected == TENANTS;
            if is_complete {
                Ok(())
            } else {
                Err(format!("{collected} tenants were collected: {}", document["overview"]))
            }
        })
        .await;
        demo
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.accepting(path, "text/html").await
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let answer = self.accepting(path, "application/json").await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"), "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    async fn accepting(&self, path: &str, accept: &str) -> Answer {
        let url = format!("http://{}{path}", self.address);
        let reply = self.http.get(url).header(ACCEPT, accept).send().await.unwrap();
        let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
        Answer { status, headers, body: reply.text().await.unwrap() }
    }
}
