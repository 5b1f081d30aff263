//! Runs the exporter with the demo's fleet, one half of which is in two sources.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use saasbackup_exporter::commands::demo::Demo;
use saasbackup_simulator::datto::Shape;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;
use url::form_urlencoded;

use crate::support::exporter::{Exporter, parse};
use crate::support::exposition::{Exposition, Series};
use crate::support::wait::until;

/// A source of the same account as the demo's first: every tenant's id and name occurs in both.
const TWIN: &str = "a \"second\" source, of the same\\account";

/// The family that names tenants as the file of what was sold does; it is in the group `source`.
pub(crate) const PRESENT: &str = "saasbackup_expected_tenant_present";

pub(crate) const SOURCES: [&str; 3] = ["dropsuite-demo", "datto-demo", TWIN];

/// Runs a test; what one of them starts serves the others after it has ended.
pub(crate) fn run(test: impl Future<Output = ()>) {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
    RUNTIME.block_on(test);
}

/// The running exporter with the fakes that it asks.
pub(crate) struct Bench {
    pub(crate) exporter: Exporter,
    demo: Demo,
    _sold: TempDir,
}

impl Bench {
    /// The one that all tests share that change nothing; all tenants with a name of their own are in it.
    pub(crate) async fn shared() -> &'static Self {
        static SHARED: OnceCell<Bench> = OnceCell::const_new();
        SHARED.get_or_init(|| Self::start(100, None, "")).await
    }

    /// Everything was collected once, and only what failed is collected again while a test looks; `more` are further sections.
    pub(crate) async fn start(tenants: usize, series_limit: Option<u64>, more: &str) -> Self {
        let demo = Demo::start(tenants, 7, Shape::Live).await.unwrap();
        let file = demo.config_file();
        let (_, first) = file.split_once("sources:\n").unwrap();
        let (first, _) = first.split_once("  - name: datto-demo").unwrap();
        let twin = first.replace("name: dropsuite-demo", &format!("name: {}", serde_json::to_string(TWIN).unwrap()));
        let sold = tempfile::tempdir().unwrap();
        let path = sold.path().join("sold.csv");
        std::fs::write(&path, demo.sold()).unwrap();
        let expected = format!("expected: {{ file: {} }}\n", path.display());
        let mut config = parse(&format!("{file}{twin}{expected}{more}"));
        for source in &mut config.sources {
            source.collection.interval = Duration::from_secs(3_600);
            source.collection.series_limit = series_limit;
        }
        let exporter = Exporter::start(&config).await;
        // The sources alone: the whole fleet is much to read again and again.
        until("every tenant was asked for once", async || {
            is_collected(&Exposition::parse(&exporter.get("/metrics?collect=source").await.1)).then_some(())
        })
        .await;
        Self { exporter, demo, _sold: sold }
    }

    /// Whether the fake Dropsuite was asked about this tenant itself.
    pub(crate) fn has_asked(&self, id: &str) -> bool {
        let requests = self.demo.dropsuite().requests();
        requests.log.iter().any(|request| request.path.split(['/', '?']).any(|segment| segment == id))
    }

    /// The answer to a query.
    pub(crate) async fn ask(&self, query: &[(&str, &str)]) -> (u16, String) {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        self.exporter.get(&format!("/metrics?{query}")).await
    }

    /// The scrape that a query brings.
    pub(crate) async fn scrape(&self, query: &[(&str, &str)]) -> Exposition {
        let (status, text) = self.ask(query).await;
        assert_eq!(status, 200, "{query:?}: {text}");
        Exposition::parse(&text)
    }

    /// The full scrape.
    pub(crate) async fn everything(&self) -> Values {
        let mut all = BTreeMap::new();
        add(&mut all, &self.exporter.scrape().await);
        all
    }
}

fn is_collected(sources: &Exposition) -> bool {
    let pending = sources.sum("saasbackup_exporter_tenants", &[("state", "pending")]);
    sources.all("saasbackup_up", &[]).len() == SOURCES.len() && pending == 0.0
}

/// Series with their values.
pub(crate) type Values = BTreeMap<Series, f64>;

/// Adds a scrape, of which nothing may be there yet; what the process uses changes from one moment to the next, and what
/// the exporter does about parts that keep failing.
pub(crate) fn add(all: &mut Values, scrape: &Exposition) {
    for (series, value) in scrape.series() {
        let moving = ["process_", "saasbackup_exporter_", "saasbackup_schema_drift_total"];
        let is_moving = moving.iter().any(|start| series.name.starts_with(start));
        let value = if is_moving { 0.0 } else { value };
        let twin = all.insert(series.clone(), value);
        assert_eq!(twin, None, "{series} is in two scrapes");
    }
}
