//! Scrapes with a real Prometheus, and checks that it stored every sample and how long it took.

use std::fs::File;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use url::form_urlencoded::byte_serialize;

use crate::client::{Coding, Connection};
use crate::process::Server;
use crate::{quantile, resident, samples};

/// Nothing that is waited for takes longer, however busy the machine is.
const DEADLINE: Duration = Duration::from_secs(300);
const GLANCE: Duration = Duration::from_millis(200);

/// A Prometheus with an empty database and one target; it is killed when dropped.
#[derive(Debug)]
struct Prometheus {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

/// Prints the table: for each fleet, the exporter beside a socket that sends the same bytes.
pub(crate) fn measure(fleets: &[(usize, usize, f64)]) {
    println!(
        "A real Prometheus (`scrape_duration_seconds`, in seconds; the first scrape makes the series):\n\n\
         | server | encoding | samples sent | samples kept | timed out | first scrape | later, median | min | max | peak MiB of Prometheus |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    );
    for (tenants, scrapes, interval) in fleets {
        let exporter = Server::exporter(*tenants);
        let text = exporter.connect().get("/metrics", Coding::Identity);
        let folder = tempfile::tempdir().unwrap();
        let paths = ["text", "packed"].map(|name| folder.path().join(name));
        std::fs::write(&paths[0], &text).unwrap();
        std::fs::write(&paths[1], exporter.connect().get("/metrics", Coding::Gzip)).unwrap();
        let bare = Server::bare(&paths[0], &paths[1]);
        for coding in [Coding::Gzip, Coding::Identity] {
            for (name, server) in [("ready bytes, TCP alone", &bare), ("exporter", &exporter)] {
                let plain = (coding == Coding::Identity).then(|| Server::plain(server.address));
                let target = plain.as_ref().map_or(server.address, |plain| plain.address);
                Prometheus::start(target, *interval).report(name, coding, samples(&text), *scrapes);
            }
        }
    }
    println!();
}

impl Prometheus {
    /// Waits until it serves.
    fn start(target: SocketAddr, interval: f64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let times = format!("scrape_interval: {0}ms, scrape_timeout: {0}ms", interval * 1e3);
        let config = format!(
            "scrape_configs: [{{ job_name: bench, {times}, static_configs: [{{ targets: [\"{target}\"] }}] }}]\n"
        );
        std::fs::write(path("prometheus.yml"), config).unwrap();
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", path("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", path("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(File::create(path("output")).unwrap())
            .stderr(File::create(path("log")).unwrap())
            .spawn()
            .unwrap_or_else(|error| match error.kind() {
                ErrorKind::NotFound => panic!("Prometheus is not installed: scripts/install-test-tools does it"),
                _ => panic!("starting Prometheus: {error}"),
            });
        let prometheus = Self { child, address, folder };
        prometheus.until("it serves", || {
            let is_ready = prometheus.log().contains("Server is ready to receive web requests");
            (is_ready && TcpStream::connect(address).is_ok()).then_some(())
        });
        prometheus
    }

    fn report(&self, name: &str, coding: Coding, sent: usize, scrapes: usize) {
        let (took, failed, kept) = self.until("it has scraped", || {
            let (up, took) = (self.history("up"), self.history("scrape_duration_seconds"));
            let came: Vec<f64> = up.iter().zip(&took).filter(|(up, _)| **up == 1.0).map(|(_, took)| *took).collect();
            // What the database holds, beside what Prometheus itself says of the target.
            let kept = self.query("count({job=\"bench\", __name__!~\"up|scrape_.*\"})");
            let kept: f64 = kept[0]["value"][1].as_str()?.parse().unwrap();
            let failed = up.len().min(took.len()) - came.len();
            (came.len() >= scrapes).then_some((came, failed, kept))
        });
        assert_eq!(kept, sent as f64, "every sample is kept");
        let mut later = took[1..].to_vec();
        later.sort_unstable_by(f64::total_cmp);
        println!(
            "| {name} | {} | {sent} | {kept} | {failed} | {:.2} | {:.3} | {:.3} | {:.3} | {} |",
            coding.name(),
            took[0],
            quantile(&later, 0.5),
            later[0],
            later[later.len() - 1],
            resident::of(self.child.id()).peak >> 20,
        );
    }

    /// Every value of a series of the target's.
    fn history(&self, name: &str) -> Vec<f64> {
        let found = self.query(&format!("{name}{{job=\"bench\"}}[1h]"));
        let values = found[0]["values"].as_array().map(Vec::as_slice).unwrap_or_default();
        values.iter().map(|pair| pair[1].as_str().unwrap().parse().unwrap()).collect()
    }

    fn query(&self, expression: &str) -> Value {
        let expression: String = byte_serialize(expression.as_bytes()).collect();
        let path = format!("/api/v1/query?query={expression}");
        let answer = Connection::open(self.address).get(&path, Coding::Identity);
        serde_json::from_slice::<Value>(&answer).unwrap()["data"]["result"].take()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    fn until<T>(&self, expectation: &str, look: impl Fn() -> Option<T>) -> T {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(Instant::now() < deadline, "waited too long until {expectation}:\n{}", self.log());
            std::thread::sleep(GLANCE);
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
