//! Measures the scrapes of an authenticated user under attack: idle connections, slow readers and password guessing, over
//! plain HTTP, TLS, and TLS with client certificates.
//!
//! Arguments: tenants (default 500), idle connections (1500), slow readers (40), guessers (60), scrapes (30). The system
//! must allow about 5,000 open files (`ulimit -n`). Exits with 1 if a scrape failed, or took two seconds or more.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use saasbackup_exporter::app::App;
use saasbackup_exporter::commands::demo::Demo;
use saasbackup_exporter::domain::TenantProgress;
use saasbackup_exporter::server::{LiveWebConfig, ServerOptions};
use saasbackup_simulator::datto::Shape;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

/// Maximum duration of a scrape.
const SOON: Duration = Duration::from_secs(2);
/// How much a slow reader reads, and how often: 40 KiB per second.
const PIECE: usize = 4096;
const PAUSE: Duration = Duration::from_millis(100);

type Failure = Box<dyn std::error::Error + Send + Sync>;

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// How the port is protected, in addition to passwords.
#[derive(Clone, Copy, Debug)]
enum Mode {
    Plain,
    Tls,
    MutualTls,
}

/// The number of clients of each kind.
#[derive(Clone, Copy, Debug)]
struct Load {
    tenants: usize,
    idle: usize,
    slow: usize,
    guessers: usize,
    scrapes: usize,
}

/// What the attackers did.
#[derive(Debug, Default)]
struct Done {
    connections: AtomicU64,
    slow_bytes: AtomicU64,
    guesses: AtomicU64,
}

/// How to reach the exporter.
#[derive(Clone)]
struct Target {
    address: SocketAddr,
    tls: Option<TlsConnector>,
}

fn main() -> Result<ExitCode, Failure> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: usize| arguments.next().map_or(Ok(default), |argument| argument.parse());
    let (tenants, idle, slow) = (number(500)?, number(1500)?, number(40)?);
    let load = Load { tenants, idle, slow, guessers: number(60)?, scrapes: number(30)? };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut is_good = true;
    for mode in [Mode::Plain, Mode::Tls, Mode::MutualTls] {
        is_good &= runtime.block_on(attack(mode, load))?;
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn attack(mode: Mode, load: Load) -> Result<bool, Failure> {
    let folder = tempfile::tempdir()?;
    let target = serve(mode, load, folder.path()).await?;
    let (before, failed) = scrapes(&target, load.scrapes).await;
    report(mode, "alone", &before, failed);

    let (done, stop) = (Arc::new(Done::default()), CancellationToken::new());
    let spawn = |work: Work, count: usize| {
        for number in 0..count {
            let (target, done, stop) = (target.clone(), Arc::clone(&done), stop.clone());
            tokio::spawn(async move { stop.run_until_cancelled(attacker(work, number, &target, &done)).await });
        }
    };
    spawn(Work::Idle, load.idle);
    spawn(Work::ReadSlowly, load.slow);
    spawn(Work::Guess, load.guessers);
    // Until all of them are connected.
    while done.connections.load(Ordering::Relaxed) < (load.idle + load.slow + load.guessers) as u64 {
        tokio::time::sleep(PAUSE).await;
    }
    let started = Instant::now();
    let (during, failed) = scrapes(&target, load.scrapes).await;
    report(mode, "under attack", &during, failed);
    writeln!(
        std::io::stdout(),
        "{mode:?}: meanwhile {} connections, {} KiB to slow readers, {} guesses in {:.1} s",
        done.connections.load(Ordering::Relaxed),
        done.slow_bytes.load(Ordering::Relaxed) >> 10,
        done.guesses.load(Ordering::Relaxed),
        started.elapsed().as_secs_f64(),
    )?;
    stop.cancel();
    Ok(failed == 0 && during.iter().all(|took| *took < SOON))
}

/// What an attacker does.
#[derive(Clone, Copy, Debug)]
enum Work {
    /// Connects, and sends nothing.
    Idle,
    /// Scrapes as another user, and reads little of the response.
    ReadSlowly,
    /// Tries one password after another.
    Guess,
}

/// Repeats forever; a client that is disconnected reconnects.
async fn attacker(work: Work, number: usize, target: &Target, done: &Done) {
    for round in 0_u64.. {
        let result = match work {
            Work::Idle => idle(target, done).await,
            Work::ReadSlowly => read_slowly(target, done).await,
            Work::Guess => guess(target, done, &format!("guess {number} {round}")).await,
        };
        if result.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn idle(target: &Target, done: &Done) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(target.address).await?;
    done.connections.fetch_add(1, Ordering::Relaxed);
    stream.read_u8().await.map(drop)
}

async fn read_slowly(target: &Target, done: &Done) -> std::io::Result<()> {
    let mut stream = connect(target).await?;
    done.connections.fetch_add(1, Ordering::Relaxed);
    stream.write_all(request("reader", "reader").as_bytes()).await?;
    let mut piece = [0; PIECE];
    loop {
        let length = stream.read(&mut piece).await?;
        if length == 0 {
            return Ok(());
        }
        done.slow_bytes.fetch_add(length as u64, Ordering::Relaxed);
        tokio::time::sleep(PAUSE).await;
    }
}

async fn guess(target: &Target, done: &Done, password: &str) -> std::io::Result<()> {
    let mut stream = connect(target).await?;
    done.connections.fetch_add(1, Ordering::Relaxed);
    stream.write_all(request("prometheus", password).as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    done.guesses.fetch_add(1, Ordering::Relaxed);
    // A client that gets 503 tries again.
    if answer.starts_with(b"HTTP/1.1 503") { Err(std::io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
}

/// How long each scrape took on a connection of its own, and how many failed.
async fn scrapes(target: &Target, count: usize) -> (Vec<Duration>, usize) {
    let (mut took, mut failed) = (Vec::new(), 0);
    for _ in 0..count {
        let started = Instant::now();
        match tokio::time::timeout(Duration::from_secs(30), scrape(target)).await {
            Ok(Ok(answer)) if answer.starts_with(b"HTTP/1.1 200") => took.push(started.elapsed()),
            _ => failed += 1,
        }
        tokio::time::sleep(PAUSE).await;
    }
    took.sort();
    (took, failed)
}

async fn scrape(target: &Target) -> std::io::Result<Vec<u8>> {
    let mut stream = connect(target).await?;
    let request = request("prometheus", "prometheus").replace("\r\n\r\n", "\r\nAccept-Encoding: gzip\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}

fn request(user: &str, password: &str) -> String {
    let credentials = STANDARD.encode(format!("{user}:{password}"));
    format!(
        "GET /metrics HTTP/1.1\r\nHost: exporter\r\nConnection: close\r\nAuthorization: Basic {credentials}\r\n\r\n"
    )
}

async fn connect(target: &Target) -> std::io::Result<Box<dyn Stream>> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(u32::try_from(PIECE).unwrap_or(u32::MAX))?;
    let stream = socket.connect(target.address).await?;
    Ok(match &target.tls {
        None => Box::new(stream),
        Some(tls) => Box::new(tls.connect(ServerName::from(target.address.ip()), stream).await?),
    })
}

fn report(mode: Mode, when: &str, took: &[Duration], failed: usize) {
    let at = |share: usize| took.get((took.len() * share / 100).min(took.len().saturating_sub(1))).copied();
    let _ = writeln!(
        std::io::stdout(),
        "{mode:?}, {when}: {} scrapes, {failed} failed, median {:.0?}, 90 % {:.0?}, longest {:.0?}",
        took.len(),
        at(50).unwrap_or_default(),
        at(90).unwrap_or_default(),
        took.last().copied().unwrap_or_default()
    );
}

/// Starts the exporter with a runtime of its own, and waits until every tenant was collected.
async fn serve(mode: Mode, load: Load, folder: &Path) -> Result<Target, Failure> {
    let (web, tls) = web_config(mode, folder)?;
    let path = folder.join("web.yaml");
    std::fs::write(&path, web)?;
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(async move {
            let fakes = Demo::start(load.tenants, 1, Shape::Live).await?;
            let mut config = fakes.config()?;
            for source in &mut config.sources {
                source.collection.interval = Duration::from_secs(3600);
                source.collection.requests_per_second = 10_000.0;
            }
            let app = App::new(&config, ServerOptions::default())?.with_web(LiveWebConfig::load(&path)?);
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let _ = sender.send((app.state().clone(), listener.local_addr()?));
            app.run(vec![listener], CancellationToken::new()).await?;
            Ok(())
        })
    });
    let (state, address) = receiver.await?;
    loop {
        let pending = |state: &saasbackup_exporter::domain::SourceState| {
            state.listing.attempt.is_none()
                || state.progress().get(&TenantProgress::Pending).is_some_and(|count| *count > 0)
        };
        if !state.store.latest().iter().any(|state| pending(state)) {
            return Ok(Target { address, tls });
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The file with two users, and what connects by it.
fn web_config(mode: Mode, folder: &Path) -> Result<(String, Option<TlsConnector>), Failure> {
    let hash = |password: &str| bcrypt::hash(password, 10);
    let users = format!("basic_auth_users:\n  prometheus: {}\n  reader: {}\n", hash("prometheus")?, hash("reader")?);
    if matches!(mode, Mode::Plain) {
        return Ok((users, None));
    }
    let key = KeyPair::generate()?;
    let mut parameters = CertificateParams::new(Vec::new())?;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = parameters.self_signed(&key)?.pem();
    let issuer = Issuer::new(parameters, key);
    let own = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()])?.signed_by(&own, &issuer)?.pem();
    for (file, content) in [("ca.crt", &authority), ("server.crt", &certificate), ("server.key", &own.serialize_pem())]
    {
        std::fs::write(folder.join(file), content)?;
    }
    let clients = match mode {
        Mode::MutualTls => "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n",
        Mode::Plain | Mode::Tls => "",
    };
    let web = format!("tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n{clients}{users}");
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes())?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes())?];
    let private = PrivateKeyDer::from_pem_slice(own.serialize_pem().as_bytes())?;
    let config = builder.with_root_certificates(roots).with_client_auth_cert(chain, private)?;
    Ok((web, Some(TlsConnector::from(Arc::new(config)))))
}
