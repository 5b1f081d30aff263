//! Runs the real binary on a free port.

use std::net::SocketAddr;
use std::path::Path;

use crate::support::http;
use crate::support::process::{Process, text};

/// A running exporter; it is killed when dropped, as by a power failure: without a last word.
pub(crate) struct Exporter {
    process: Process,
    http: reqwest::Client,
    address: String,
}

impl Exporter {
    /// Starts it, and returns once it listens.
    pub(crate) fn start(config: &Path) -> Self {
        let arguments = ["--config.file", text(config), "--web.listen-address=127.0.0.1:0", "--log.format=logfmt"];
        let mut process = Process::start(&arguments);
        let address = process.address();
        let http = http::client();
        Self { process, http, address }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let reply = self.http.get(format!("http://{}{path}", self.address)).send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    }

    pub(crate) async fn scrape(&self) -> String {
        let (status, text) = self.get("/metrics").await;
        assert_eq!(status, 200, "{text}");
        assert!(text.ends_with('\n'), "half a scrape");
        text
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address.parse().unwrap()
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.process.stderr()
    }

    /// The warnings that name the state file.
    pub(crate) fn warnings_of(&self, state: &Path) -> Vec<String> {
        let log = self.process.stderr();
        let lines = log.lines().filter(|line| line.contains("level=warn") && line.contains(text(state)));
        lines.map(ToOwned::to_owned).collect()
    }

    /// Asks it to stop, and waits until it did; gives its code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        self.process.signal("TERM");
        self.process.until_ended()
    }
}
