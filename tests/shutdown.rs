//! Stops the real binary while it serves, collects and waits, and starts it where it cannot run.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::support::exporter::{config_file, parse};
use crate::support::process::{Process, run, text};
use crate::support::vendor::Vendor;
use saasbackup_exporter::app::App;
use saasbackup_exporter::server::ServerOptions;
use saasbackup_simulator::faults::Fault;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Long enough for a machine with much else to do, and far less than the time limits of what is under way.
const SOON: Duration = Duration::from_secs(15);

/// A vendor and a file that names it.
async fn vendor() -> (Vendor, TempDir, PathBuf) {
    let vendor = Vendor::start(3).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    // A request may take longer than any test waits.
    std::fs::write(&path, config_file(&vendor.server, "    timeout: 5m\n")).unwrap();
    (vendor, folder, path)
}

fn serve(path: &std::path::Path) -> Process {
    Process::start(&["--config.file", text(path), "--web.listen-address=127.0.0.1:0"])
}

/// Waits until requests hang at the vendor.
fn until_stalled(process: &mut Process, vendor: &Vendor) {
    process.until("a request is under way", |_| (vendor.server.requests().total > 0).then_some(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_while_serving_stops_it_cleanly() {
    for signal in ["TERM", "INT"] {
        let (_vendor, _folder, path) = vendor().await;
        let mut process = serve(&path);
        let address = process.address();
        // A connection on which nothing is asked must not hold it up.
        let _idle = TcpStream::connect(address).unwrap();
        let started = Instant::now();
        process.signal(signal);
        let ended = process.wait();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{signal}: {}", ended.stderr);
        assert!(started.elapsed() < SOON, "{signal} took {:?}", started.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vendor_that_does_not_answer_does_not_hold_up_a_stop() {
    let (vendor, _folder, path) = vendor().await;
    vendor.server.inject(Fault::Stall);
    let mut process = serve(&path);
    until_stalled(&mut process, &vendor);
    let started = Instant::now();
    process.signal("TERM");
    let ended = process.wait();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_collection_that_is_stopped_writes_nothing_and_says_so() {
    let (vendor, folder, path) = vendor().await;
    vendor.server.inject(Fault::Stall);
    let output = folder.path().join("out.prom");
    let mut process = Process::start(&["--config.file", text(&path), "once", "--output", text(&output)]);
    until_stalled(&mut process, &vendor);
    process.signal("TERM");
    let ended = process.wait();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("nothing was written"), "{}", ended.stderr);
    assert!(!output.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_in_use_is_named_with_the_way_out() {
    let (_vendor, _folder, path) = vendor().await;
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = run(&["--config.file", text(&path), "--web.listen-address", &address]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    for words in [address.as_str(), "--web.listen-address", "in use"] {
        assert!(ended.stderr.contains(words), "{words:?} is missing in: {}", ended.stderr);
    }
}

/// A source that quietly stopped being collected would look healthy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_while_collecting_ends_the_exporter() {
    let vendor = Vendor::start(3).await;
    let mut config = parse(&config_file(&vendor.server, ""));
    // No clock reaches so far, and adding it to one panics.
    config.sources[0].collection.interval = Duration::MAX;
    let app = App::new(&config, ServerOptions::default()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ended = tokio::time::timeout(SOON, app.run(vec![listener], CancellationToken::new())).await;
    let error = ended.expect("it ends by itself").unwrap_err();
    assert!(error.to_string().starts_with("collecting"), "{error}");
}
