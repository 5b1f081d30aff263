//! Stops the binary while it serves, collects and waits, and starts it where it cannot run.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::support::exporter::{config_file, parse};
use crate::support::process::{Process, run, text};
use crate::support::vendor::Vendor;
use saasbackup_exporter::app::App;
use saasbackup_exporter::commands;
use saasbackup_exporter::server::ServerOptions;
use saasbackup_simulator::faults::{Fault, Injection, RetryAfter};
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
    assert!(error.to_string().starts_with("collection"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_collection_does_not_wait_for_the_end_of_a_long_pause_and_says_when_that_is() {
    let (vendor, folder, path) = vendor().await;
    let output = folder.path().join("out.prom");
    let once = || run(&["--config.file", text(&path), "once", "--output", text(&output)]);
    // In the midst of the collection, and at its beginning.
    for spared in [5, 0] {
        let pause = Fault::TooManyRequests(RetryAfter::Seconds(3_600));
        vendor.server.inject(Injection::new(pause).after(spared));
        let started = Instant::now();
        let ended = once();
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
        assert!(ended.stderr.contains("rate limited by the vendor until 20"), "{}", ended.stderr);
        assert!(output.exists(), "what is known is written");
        vendor.server.clear_faults();
    }
    assert_eq!(once().code, Some(0));
}

/// Pollers without a server would request data that cannot be scraped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_of_serving_ends_everything_with_an_error() {
    let vendor = Vendor::start(3).await;
    let config = parse(&config_file(&vendor.server, ""));
    let app = App::new(&config, ServerOptions::default()).unwrap();
    let ended = tokio::time::timeout(SOON, app.run(Vec::new(), CancellationToken::new())).await;
    let error = ended.expect("it ends by itself").unwrap_err();
    assert!(error.to_string().starts_with("serving HTTP failed: "), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_that_hangs_holds_up_no_health_answer_no_list_no_stop_and_no_last_state_file() {
    let vendor = Vendor::start(3).await;
    let folder = tempfile::tempdir().unwrap();
    let (state, sold) = (folder.path().join("state"), folder.path().join("sold.csv"));
    std::fs::write(&sold, "tenant_id\nbefore\n").unwrap();
    let mut config = parse(&format!("expected: {{ file: {} }}\n{}", text(&sold), config_file(&vendor.server, "")));
    config.state_path = Some(state.clone());
    let (release, hung) = std::sync::mpsc::channel::<()>();
    let hung = std::sync::Mutex::new(hung);
    let (hangs, has_begun) = tokio::sync::oneshot::channel();
    let hangs = std::sync::Mutex::new(Some(hangs));
    let load = move || {
        hangs.lock().unwrap().take().map(|hangs| hangs.send(()));
        let _ = hung.lock().unwrap().recv();
        Ok(parse("sources: [{ name: datto, provider: datto, public_key: a, secret_key: b }]"))
    };
    let (app, reloader) = App::new(&config, ServerOptions::default()).unwrap().reloading(load, |_| {});
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stopping = CancellationToken::new();
    let running = tokio::spawn(app.run(vec![listener], stopping.clone()));
    let reloading = tokio::spawn(async move { reloader.reload().await });
    has_begun.await.unwrap();
    crate::support::wait::until("something is known", async || (vendor.server.requests().total > 20).then_some(()))
        .await;
    let health = format!("http://{address}/-/healthy");
    assert_eq!(crate::support::http::client().get(health).send().await.unwrap().status(), 200);
    std::fs::write(&sold, "tenant_id\nafter\n").unwrap();
    crate::support::wait::until("the list of expected tenants is reloaded", async || {
        let metrics = crate::support::http::client().get(format!("http://{address}/metrics")).send().await.unwrap();
        metrics.text().await.unwrap().contains("tenant_id=\"after\"").then_some(())
    })
    .await;
    stopping.cancel();
    let ended = tokio::time::timeout(SOON, running).await;
    ended.expect("it stops").unwrap().unwrap();
    assert!(state.exists(), "a last state file");
    assert!(reloading.await.unwrap().is_err(), "the reload is answered");
    drop(release);
}

/// All files of the start are read there, whichever of them hangs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_hangs_does_not_hold_up_a_stop() {
    let (release, hung) = std::sync::mpsc::channel::<()>();
    let (hangs, has_begun) = tokio::sync::oneshot::channel();
    let stopping = CancellationToken::new();
    let start = move || {
        let _ = hangs.send(());
        let _ = hung.recv();
        Ok(())
    };
    let starting = tokio::spawn({
        let stopping = stopping.clone();
        async move { commands::started(&stopping, start).await }
    });
    has_begun.await.unwrap();
    stopping.cancel();
    let started = tokio::time::timeout(SOON, starting).await.expect("it stops").unwrap();
    assert!(matches!(started, Ok(None)), "{started:?}");
    drop(release);
}

/// Process 1, as in a container, ignores signals without a handler.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_ends_a_start_before_the_files_are_read() {
    /// SIGTERM in the mask of caught signals.
    const TERMINATE: u64 = 1 << 14;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    // Reading it takes far longer than a signal, and ends with a problem: the key is unknown.
    std::fs::write(&path, format!("unknown: [{}]\n", "x,".repeat(7 << 20))).unwrap();
    let (config, web) = (["--config.file", text(&path)], ["--web.config.file", text(&path)]);
    let output = folder.path().join("output");
    for (files, command, code) in [
        (config, &[][..], 0),
        (config, &["once"], 1),
        (config, &["doctor"], 1),
        (config, &["--config.check"], 1),
        (config, &["record", "--output", text(&output)], 1),
        (web, &["--config.check", "demo"], 1),
        (web, &["demo"], 0),
        (web, &["demo", "--backfill", text(&output)], 1),
    ] {
        let mut process = Process::start(&[&files, command].concat());
        let status = format!("/proc/{}/status", process.id());
        process.until("it listens for signals", |_| {
            let status = std::fs::read_to_string(&status).ok()?;
            let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
            (u64::from_str_radix(caught.trim(), 16).ok()? & TERMINATE != 0).then_some(())
        });
        process.signal("TERM");
        let ended = process.wait();
        assert_eq!(ended.code, Some(code), "{command:?}: {}", ended.stderr);
        assert!(!ended.stderr.contains("unknown"), "{command:?}: {}", ended.stderr);
        assert!(!output.exists());
    }
}
