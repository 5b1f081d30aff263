//! Runs the exporter over the demo's fleet for a while, with faults, reloads, rotated secrets, leaving tenants and many
//! scrapers, and reports.
//!
//! Arguments: seconds (default 120), tenants (default 300), seed (default: a random one, which is printed).
//!
//! The mock APIs run in the same process, so the reported memory includes theirs. Exits with 1 if a tenant or a
//! series was lost, a removed tenant remains, a scrape or a reload failed, a request was sent during a pause, or
//! memory keeps growing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use saasbackup_exporter::app::App;
use saasbackup_exporter::commands::demo::Demo;
use saasbackup_exporter::config::{Config, Errors};
use saasbackup_exporter::domain::{Part, SourceState, Timestamp, Tracked, WorkloadReport};
use saasbackup_exporter::process::clock;
use saasbackup_exporter::process::reload::Reloader;
use saasbackup_exporter::server::ServerOptions;
use saasbackup_exporter::store::Store;
use saasbackup_simulator::datto::Shape;
use saasbackup_simulator::faults::{Fault, Injection, RetryAfter};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

const SCRAPERS: usize = 16;
const INTERVAL: Duration = Duration::from_secs(5);
const SLOW_INTERVAL: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(3);
/// Another one, so that a reload has something to change.
const OTHER_TIMEOUT: Duration = Duration::from_secs(4);
/// What Dropsuite asks for now and then.
const PAUSE_SECONDS: u64 = 4;
/// How long a whole round may take before something is taken to hang.
const PATIENCE: Duration = Duration::from_secs(300);
/// In the later half of a run memory may grow by this factor or by this much, whichever is more.
const GROWTH: f64 = 1.25;
const GROWTH_BYTES: u64 = 32 << 20;
/// One tenant in this many leaves in all.
const LEAVERS: usize = 10;

type Failure = Box<dyn std::error::Error + Send + Sync>;
/// The names and labels of a tenant's series, by source and tenant.
type Series = BTreeMap<String, BTreeSet<String>>;

/// What the scrapers saw.
#[derive(Debug, Default)]
struct Scrapes {
    took: Vec<Duration>,
    failures: Vec<String>,
}

/// A pause that a vendor asked for, as the exporter shows it.
#[derive(Clone, Copy, Debug)]
struct Pause {
    until: Timestamp,
    /// The requests that had arrived once none was under way any more.
    requests: Option<u64>,
}

/// What is done to the exporter and what comes of it.
#[derive(Debug, Default)]
struct Events {
    reloads: usize,
    rotations: usize,
    pauses: usize,
    pause: Option<Pause>,
    failures: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    // TLS is built without a provider of cryptography, and the scrapers' clients need the process's.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| arguments.next().map_or(Ok(default), |argument| argument.parse());
    let (seconds, tenants) = (number(120)?, number(300)?);
    let seed = number(fastrand::u64(..))?;
    let soak = Soak::start(usize::try_from(tenants)?, seed).await?;
    let sound = soak.run(Duration::from_secs(seconds), fastrand::Rng::with_seed(seed)).await?;
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The exporter, the fakes and the scrapers.
struct Soak {
    demo: Demo,
    store: Arc<Store>,
    reloader: Reloader,
    /// Whether the next reload brings the other configuration.
    is_other: Arc<AtomicBool>,
    /// Where the secrets are that the exporter follows, and what they ought to be.
    secrets: [(PathBuf, String); 2],
    _folder: tempfile::TempDir,
    address: SocketAddr,
    scrapes: Arc<Mutex<Scrapes>>,
    stopping: CancellationToken,
    seed: u64,
}

impl Soak {
    async fn start(tenants: usize, seed: u64) -> Result<Self, Failure> {
        let demo = Demo::start(tenants, seed, Shape::Live).await?;
        let folder = tempfile::tempdir()?;
        let secret = |name: &str, value: &str| (folder.path().join(name), value.to_owned());
        let secrets =
            [secret("access_token", &demo.dropsuite().admin_token()), secret("secret_key", &demo.datto().secret_key())];
        let mut file = demo.config_file();
        for (path, value) in &secrets {
            std::fs::write(path, value)?;
            let key = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            file = file.replace(&format!("{key}: {value}"), &format!("{key}_file: {}", path.display()));
        }
        let (is_other, sold) = (Arc::new(AtomicBool::new(false)), demo.sold());
        let (is_later, load) = (Arc::clone(&is_other), move |is_other| config(&file, &sold, is_other));
        let config = load(false)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let load_again = move || load(is_later.load(Ordering::Relaxed));
        let (app, reloader) = App::new(&config, ServerOptions::default())?.reloading(load_again, |_| {});
        let store = Arc::clone(&app.state().store);
        let stopping = CancellationToken::new();
        // When it ends by itself, the scrapes fail.
        tokio::spawn(app.run(vec![listener], stopping.clone()));
        let scrapes = Arc::default();
        Ok(Self { demo, store, reloader, is_other, secrets, _folder: folder, address, scrapes, stopping, seed })
    }

    /// Whether everything is as it should be in the end.
    async fn run(self, duration: Duration, mut random: fastrand::Rng) -> Result<bool, Failure> {
        self.settle().await?;
        let before = self.series().await?;
        for scraper in 0..SCRAPERS {
            tokio::spawn(scrape(self.address, scraper, Arc::clone(&self.scrapes), self.stopping.clone()));
        }
        let (started, mut memory, mut left) = (Instant::now(), vec![resident()?], BTreeSet::new());
        let (mut lost, mut events) = (BTreeSet::new(), Events::default());
        let mut ticks = tokio::time::interval(Duration::from_millis(500));
        while started.elapsed() < duration {
            ticks.tick().await;
            self.misbehave(&mut random);
            self.change(&mut random, &mut events).await?;
            self.watch_pause(&mut random, &mut events);
            if left.len() * LEAVERS < before.len() && random.u8(..20) == 0 {
                left.extend(self.lose_one(&mut random));
            }
            lost.extend(
                before.keys().filter(|tenant| !left.contains(*tenant) && !self.tenants().contains(*tenant)).cloned(),
            );
            memory.push(resident()?);
        }
        self.settle().await?;
        let after = self.series().await?;
        self.stopping.cancel();
        self.report(&memory, &before, &after, &left, &lost, &events)
    }

    /// Ends all faults and waits until every part of every tenant was asked for since.
    async fn settle(&self) -> Result<(), Failure> {
        self.demo.dropsuite().clear_faults();
        self.demo.datto().clear_faults();
        for (path, value) in &self.secrets {
            std::fs::write(path, value)?;
        }
        let deadline = Instant::now() + PATIENCE;
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        // What was under way when the faults ended may still fail, so only the second round counts.
        for _ in 0..2 {
            let since = clock::now();
            while !self.waiting(since).is_empty() {
                if Instant::now() > deadline {
                    let pollers: Vec<_> = self.store.published().into_iter().map(|source| source.poller).collect();
                    return Err(
                        format!("not everything was asked for in time: {:?} {pollers:?}", self.waiting(since)).into()
                    );
                }
                ticks.tick().await;
            }
        }
        Ok(())
    }

    /// Of each source whose parts were not all asked for since then: how many, and one of them.
    fn waiting(&self, since: Timestamp) -> Vec<String> {
        let of_source = |source: &Arc<SourceState>| {
            if source.tenants.is_empty() {
                return Some(format!("the tenants of {}", source.identity.name));
            }
            let parts = source.tenants.iter().flat_map(|(id, tenant)| {
                let old = move |part: &Part| source.last_attempt(tenant, *part).is_none_or(|last| last.at <= since);
                // Seats that a vendor could not list are requested less and less often, and what is not licensed once a day.
                let is_rare = move |part: &Part| match part {
                    Part::Seats => true,
                    Part::Workload(workload) => {
                        let known = tenant.workloads.get(workload).and_then(Tracked::value);
                        matches!(known, Some(WorkloadReport::NotLicensed))
                    }
                    _ => false,
                };
                let parts = tenant.parts().filter(move |part| !is_rare(part));
                parts.filter(old).map(move |part| format!("{} of {id}", part.as_str()))
            });
            let parts: Vec<String> = parts.collect();
            let first = parts.first()?;
            Some(format!("{} parts of {}, such as {first}", parts.len(), source.identity.name))
        };
        self.store.latest().iter().filter_map(of_source).collect()
    }

    /// Loads another configuration and rotates secrets now and then: to one that is refused, and back.
    async fn change(&self, random: &mut fastrand::Rng, events: &mut Events) -> Result<(), Failure> {
        if random.u8(..6) == 0 {
            let (path, value) = &self.secrets[random.usize(..2)];
            let is_good = std::fs::read_to_string(path)? == *value;
            std::fs::write(path, if is_good { "refused" } else { value })?;
            events.rotations += 1;
        }
        if random.u8(..4) == 0 {
            self.is_other.store(random.bool(), Ordering::Relaxed);
            events.reloads += 1;
            events.failures.extend(self.reloader.reload().await.err().map(|error| error.to_string()));
        }
        Ok(())
    }

    /// Has Dropsuite ask for a pause now and then, and holds the exporter to it.
    fn watch_pause(&self, random: &mut fastrand::Rng, events: &mut Events) {
        let dropsuite = self.demo.dropsuite();
        // The poller's word first: what is counted after it was sent before.
        let shown = self.store.published().first().and_then(|source| source.poller.as_ref()?.paused_until);
        let (requests, now) = (dropsuite.requests().total, clock::now());
        match (events.pause.filter(|pause| pause.until > now), shown.filter(|until| *until > now)) {
            (Some(mut pause), _) => {
                let before = *pause.requests.get_or_insert(requests);
                if before != requests {
                    events.failures.push(format!("{} requests during a pause", requests - before));
                }
                events.pause = Some(Pause { requests: Some(requests), ..pause });
            }
            (None, Some(until)) => {
                events.pauses += 1;
                events.pause = Some(Pause { until, requests: None });
            }
            (None, None) if random.u8(..6) == 0 => {
                let pause = Fault::TooManyRequests(RetryAfter::Seconds(PAUSE_SECONDS));
                dropsuite.inject(Injection::new(pause).times(1));
            }
            (None, None) => {}
        }
    }

    fn misbehave(&self, random: &mut fastrand::Rng) {
        let (dropsuite, datto) = (self.demo.dropsuite(), self.demo.datto());
        if random.u8(..8) == 0 {
            dropsuite.clear_faults();
            datto.clear_faults();
        }
        let fault = match random.u8(..12) {
            0 => Fault::Unauthorized,
            1 => Fault::Forbidden,
            2 => Fault::TooManyRequests(RetryAfter::Seconds(1)),
            3 => Fault::ServerError(500),
            4 => Fault::ServerError(504),
            5 => Fault::Stall,
            6 => Fault::Html200,
            7 => Fault::TruncatedJson,
            8 => Fault::ResetMidBody,
            9 => Fault::EmptyList,
            10 => Fault::DeepNesting,
            _ => Fault::Delay(Duration::from_millis(random.u64(..2_000))),
        };
        let injection = Injection::new(fault).times(random.usize(1..20));
        match (random.u8(..6), random.bool()) {
            (0, true) => dropsuite.inject(injection.on("/users")),
            (0, false) => datto.inject(injection.on("/v1/saas/domains")),
            (_, true) => {
                let organization = random.choice(dropsuite.organizations());
                organization
                    .into_iter()
                    .for_each(|one| dropsuite.inject(injection.clone().for_organization(&one.login_id)));
            }
            (_, false) => {
                let customer = random.choice(datto.customers());
                customer
                    .into_iter()
                    .for_each(|one| datto.inject(injection.clone().for_organization(&one.id.to_string())));
            }
        }
    }

    /// Removes a tenant; `None` if there was none.
    fn lose_one(&self, random: &mut fastrand::Rng) -> Option<String> {
        let (dropsuite, datto) = (self.demo.dropsuite(), self.demo.datto());
        if random.bool() {
            let id = random.choice(dropsuite.organizations())?.login_id;
            (dropsuite.remove_organization(&id) == 1).then(|| format!("dropsuite-demo {id}"))
        } else {
            let id = random.choice(datto.customers())?.id.to_string();
            (datto.remove_customer(&id) == 1).then(|| format!("datto-demo {id}"))
        }
    }

    fn tenants(&self) -> BTreeSet<String> {
        let states = self.store.latest();
        let names = |source: &Arc<SourceState>| {
            let name = Arc::clone(&source.identity.name);
            source.tenants.keys().map(move |id| format!("{name} {id}")).collect::<Vec<_>>()
        };
        states.iter().flat_map(names).collect()
    }

    async fn series(&self) -> Result<Series, Failure> {
        let text = reqwest::get(format!("http://{}/metrics", self.address)).await?.error_for_status()?.text().await?;
        let mut series: Series = self.tenants().into_iter().map(|tenant| (tenant, BTreeSet::new())).collect();
        let label = |line: &str, name: &str| {
            let (_, rest) = line.split_once(&format!("{name}=\""))?;
            Some(rest.split_once('"')?.0.to_owned())
        };
        // Expected tenants have a series whether they exist or not.
        let is_of_a_tenant = |line: &&str| !line.starts_with("saasbackup_expected_tenant_present{");
        for line in text.lines().filter(is_of_a_tenant) {
            if let (Some(source), Some(tenant)) = (label(line, "source"), label(line, "tenant_id")) {
                let name = line.rsplit_once(' ').map_or(line, |(series, _)| series);
                series.entry(format!("{source} {tenant}")).or_default().insert(name.to_owned());
            }
        }
        Ok(series)
    }

    fn report(
        &self,
        memory: &[u64],
        before: &Series,
        after: &Series,
        left: &BTreeSet<String>,
        lost: &BTreeSet<String>,
        events: &Events,
    ) -> Result<bool, Failure> {
        let stayed = || before.iter().filter(|(tenant, _)| !left.contains(*tenant));
        let nothing = BTreeSet::new();
        let missing: Vec<&String> =
            stayed().flat_map(|(tenant, series)| series.difference(after.get(tenant).unwrap_or(&nothing))).collect();
        let lingering: Vec<&String> = left.iter().filter(|tenant| after.contains_key(*tenant)).collect();
        let settled = &memory[memory.len() / 2..];
        let quarters: Vec<u64> = settled.chunks(settled.len().div_ceil(4)).map(median).collect();
        let grows = quarters.is_sorted_by(|one, next| one < next);
        let (first, last) = (quarters[0], median(&quarters[quarters.len() - 1..]));
        #[expect(clippy::cast_precision_loss, reason = "memory is far below 2^53 bytes")]
        let leaks = grows && last as f64 > first as f64 * GROWTH && last > first + GROWTH_BYTES;
        let mut scrapes = std::mem::take(&mut *self.scrapes.lock().unwrap_or_else(PoisonError::into_inner));
        scrapes.took.sort_unstable();
        let percentile =
            |hundredths: usize| scrapes.took.get(scrapes.took.len() * hundredths / 100).copied().unwrap_or_default();
        let count = |series: &Series| series.values().map(BTreeSet::len).sum::<usize>();
        let requests = [self.demo.dropsuite().requests().total, self.demo.datto().requests().total];
        let megabytes = |bytes: u64| bytes >> 20;
        let mut out = io::stdout().lock();
        writeln!(out, "seed                  {}", self.seed)?;
        writeln!(
            out,
            "resident memory (MiB) {} at the start, {} in the middle, {} at the end",
            megabytes(memory[0]),
            megabytes(memory[memory.len() / 2]),
            megabytes(memory[memory.len() - 1])
        )?;
        writeln!(out, "  later half, by four {:?}", quarters.iter().copied().map(megabytes).collect::<Vec<_>>())?;
        writeln!(
            out,
            "tenants               {} at the start, {} at the end, {} left",
            before.len(),
            after.len(),
            left.len()
        )?;
        writeln!(out, "tenants' series       {} at the start, {} at the end", count(before), count(after))?;
        writeln!(out, "requests              {} to Dropsuite, {} to Datto", requests[0], requests[1])?;
        let Events { reloads, rotations, pauses, failures, .. } = events;
        writeln!(out, "events                {reloads} reloads, {rotations} rotated secrets, {pauses} pauses")?;
        writeln!(out, "scrapes               {} by {SCRAPERS} scrapers", scrapes.took.len())?;
        writeln!(out, "scrape time           p50 {:?}, p99 {:?}", percentile(50), percentile(99))?;
        writeln!(out, "tenants lost          {}", lost.len())?;
        let mut sound = true;
        let mut fault = |what: &str, found: &[&String]| -> io::Result<()> {
            if found.is_empty() {
                return Ok(());
            }
            sound = false;
            writeln!(out, "FAULT: {what}: {} such as {:?}", found.len(), &found[..found.len().min(5)])
        };
        fault("tenants were lost", &lost.iter().collect::<Vec<_>>())?;
        fault("series of tenants that stayed were lost", &missing)?;
        fault("tenants that left linger", &lingering)?;
        fault("scrapes failed", &scrapes.failures.iter().collect::<Vec<_>>())?;
        fault("a reload failed, or a pause was not kept", &failures.iter().collect::<Vec<_>>())?;
        let growth = format!("{} to {} MiB", megabytes(first), megabytes(last));
        fault("memory kept growing", &[&growth][usize::from(!leaks)..])?;
        Ok(sound && !scrapes.took.is_empty())
    }
}

/// The configuration of the demo with shorter times.
fn config(file: &str, sold: &str, is_other: bool) -> Result<Config, Errors> {
    let mut config = Config::parse(file, &|_| None, Path::new(""))?.with_expected(sold, &[])?;
    for source in &mut config.sources {
        source.collection.interval = INTERVAL;
        source.collection.timeout = if is_other { OTHER_TIMEOUT } else { TIMEOUT };
        source.collection.part_intervals.values_mut().for_each(|interval| *interval = SLOW_INTERVAL);
    }
    Ok(config)
}

/// Scrapes again and again, in both formats.
async fn scrape(address: SocketAddr, scraper: usize, scrapes: Arc<Mutex<Scrapes>>, stopping: CancellationToken) {
    let accept = ["text/plain", "application/openmetrics-text; version=1.0.0"][scraper % 2];
    let http = reqwest::Client::new();
    let mut ticks = tokio::time::interval(Duration::from_secs(2));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !stopping.is_cancelled() {
        ticks.tick().await;
        let started = Instant::now();
        let request = http.get(format!("http://{address}/metrics")).header("accept", accept);
        let answer = async { request.send().await?.error_for_status()?.text().await }.await;
        let took = started.elapsed();
        if stopping.is_cancelled() {
            return;
        }
        let mut scrapes = scrapes.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Ok(text) if text.ends_with('\n') && !text.contains("NaN") => scrapes.took.push(took),
            Ok(_) => scrapes.failures.push("cut off, or not a number".to_owned()),
            Err(error) => scrapes.failures.push(error.to_string()),
        }
    }
}

fn median(values: &[u64]) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

/// Bytes of memory that this process occupies.
fn resident() -> Result<u64, Failure> {
    let memory = procfs::process::Process::myself()?.statm()?;
    Ok(memory.resident * procfs::page_size())
}
