//! Runs the real binary on a free port.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

/// Nothing that a test waits for takes longer than this, however busy the machine is.
const DEADLINE: Duration = Duration::from_secs(180);
/// How long a wait lets pass before it looks again.
const GLANCE: Duration = Duration::from_millis(20);

/// A running exporter; it is killed when dropped.
pub(crate) struct Exporter {
    child: Child,
    log: NamedTempFile,
    http: reqwest::Client,
    address: String,
}

impl Exporter {
    /// Starts it, and returns once it listens.
    pub(crate) async fn start(config: &Path) -> Self {
        let log = NamedTempFile::new().unwrap();
        let output = File::options().append(true).open(log.path()).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_saasbackup-exporter"))
            .arg(format!("--config.file={}", config.display()))
            .args(["--web.listen-address=127.0.0.1:0", "--log.format=logfmt"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output)
            .spawn()
            .unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut exporter = Self { child, log, http, address: String::new() };
        exporter.address = until("it listens", async || exporter.listening()).await;
        exporter
    }

    fn listening(&self) -> Option<String> {
        let log = self.log();
        let line = log.lines().find(|line| line.contains("listening"))?;
        let (_, address) = line.split_once("address=")?;
        Some(address.split_whitespace().next()?.trim_matches('"').to_owned())
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

    /// All that it logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap()
    }

    /// The warnings that name the state file.
    pub(crate) fn warnings_of(&self, state: &Path) -> Vec<String> {
        let state = state.display().to_string();
        let log = self.log();
        let lines = log.lines().filter(|line| line.contains("level=warn") && line.contains(&state));
        lines.map(ToOwned::to_owned).collect()
    }

    /// Ends it as a power failure would: without a last word.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and waits until it did.
    pub(crate) async fn stop(&mut self) -> ExitStatus {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(asked.success());
        until("it stops", async || self.child.try_wait().unwrap()).await
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks until there is an answer; fails after the deadline, and says what was waited for.
pub(crate) async fn until<T>(expectation: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited too long until {expectation}");
        tokio::time::sleep(GLANCE).await;
    }
}
