//! Changes the file while the binary runs: valid ones are applied, invalid ones are not, and both are logged.

use super::*;
use crate::support::exposition::Exposition;
use crate::support::http;
use crate::support::process::{Process, run};
use crate::support::vendor::Vendor;
use crate::support::wait::eventually;

/// A running binary with the address of its pages.
pub(super) struct Serving {
    pub(super) process: Process,
    address: String,
    http: reqwest::Client,
}

impl Serving {
    pub(super) fn start(config: &Path, flags: &[&str]) -> Self {
        let arguments = serving(config);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(flags.iter().copied()).collect();
        let mut process = Process::start(&arguments);
        let address = process.address();
        Self { process, address, http: http::client() }
    }

    pub(super) async fn get(&self, path: &str) -> String {
        self.http.get(format!("http://{}{path}", self.address)).send().await.unwrap().text().await.unwrap()
    }

    pub(super) async fn until(&self, expectation: &str, holds: impl Fn(&Exposition) -> bool) -> Exposition {
        eventually(async || {
            let scrape = Exposition::parse(&self.get("/metrics").await);
            if holds(&scrape) { Ok(scrape) } else { Err(format!("{expectation}:\n{}", self.process.stderr())) }
        })
        .await
    }

    pub(super) fn told(&self, words: &str) -> usize {
        self.process.stderr().lines().filter(|line| line.contains(words)).count()
    }
}

fn present(scrape: &Exposition) -> Option<f64> {
    scrape.get(TENANTS, &[("state", "present")])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_file_keeps_the_old_one_and_is_logged_once() {
    let vendor = Vendor::start(2).await;
    let all = vendor.server.organizations();
    let sold = Sold::new(&line(&all[0].login_id, "", "mail", "5"));
    let serving = Serving::start(&sold.written(&vendor.server, ""), &[]);
    let loaded_at = "saasbackup_exporter_expected_last_reload_success_timestamp_seconds";
    let before = serving.until("one is there", |scrape| present(scrape) == Some(1.0)).await;
    assert_eq!(before.get(RELOADED, &[]), Some(1.0));

    sold.replace(&(line(&all[0].login_id, "", "maill", "5") + "elsewhere,1,,mail,many\n"));
    let refused = serving.until("the bad file was seen", |scrape| scrape.get(RELOADED, &[]) == Some(0.0)).await;
    assert_eq!(present(&refused), Some(1.0), "the old one holds");
    assert_eq!(refused.value("saasbackup_expected_seats", &[("tenant_id", &all[0].login_id)]), 5.0);
    assert_eq!(refused.get(loaded_at, &[]), before.get(loaded_at, &[]));
    let log = serving.process.stderr();
    for words in ["sold.csv:2: unknown workload", "maill", "sold.csv:3: source", "sold.csv:3: seats"] {
        assert!(log.contains(words), "{words} in {log}");
    }

    std::fs::remove_file(sold.path()).unwrap();
    sold.replace(&(line(&all[0].login_id, "", "mail", "6") + &line(&all[1].login_id, "", "mail", "")));
    let mended = serving.until("the good file was seen", |scrape| scrape.get(RELOADED, &[]) == Some(1.0)).await;
    assert_eq!(present(&mended), Some(2.0));
    assert_eq!(mended.value("saasbackup_expected_seats", &[("tenant_id", &all[0].login_id)]), 6.0);
    assert!(mended.get(loaded_at, &[]) > before.get(loaded_at, &[]));
    assert_eq!(serving.told("maill"), 1, "{}", serving.process.stderr());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_two_bear_is_counted_and_logged_once() {
    let vendor = Vendor::start(24).await;
    let sold = Sold::new(&line("", "Lighthouse Charity", "mail", "5"));
    let mut serving = Serving::start(&sold.written(&vendor.server, ""), &[]);
    let ambiguous = |scrape: &Exposition| scrape.get(TENANTS, &[("state", "ambiguous")]);
    serving.until("it is ambiguous", |scrape| ambiguous(scrape) == Some(1.0)).await;
    let told = "line 2: ambiguous entry ignored";
    serving.process.until("it is logged", |process| process.stderr().contains(told).then_some(()));
    sold.replace(&line("", "Lighthouse Charity", "mail onedrive", "5"));
    serving
        .process
        .until("the file was read again", |process| process.stderr().contains("expected.file: reloaded").then_some(()));
    let scrape = serving.until("it is still ambiguous", |scrape| ambiguous(scrape) == Some(1.0)).await;
    assert!(scrape.all("saasbackup_expected_seats", &[]).is_empty(), "neither of them gets what one of them bought");
    assert!(serving.told(told) <= 2, "once for each file: {}", serving.process.stderr());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_configuration_shows_the_path_alone_and_a_reload_without_the_key_ends_the_comparison() {
    let vendor = Vendor::start(2).await;
    let id = vendor.server.organizations()[0].login_id.clone();
    let sold = Sold::new(&line(&id, "Canary Ltd.", "mail", "5"));
    let config = sold.written(&vendor.server, "");
    let serving = Serving::start(&config, &["--web.enable-lifecycle"]);
    serving.until("one is there", |scrape| present(scrape) == Some(1.0)).await;
    let shown = serving.get("/config").await;
    assert!(shown.contains(text(&sold.path())) && !shown.contains("Canary"), "{shown}");

    std::fs::write(&config, config_file(&vendor.server, "    interval: 1h\n")).unwrap();
    let reload = serving.http.post(format!("http://{}/-/reload", serving.address)).send().await.unwrap();
    assert_eq!(reload.status().as_u16(), 200);
    let after = Exposition::parse(&serving.get("/metrics").await);
    let left: Vec<_> = after.kinds.keys().filter(|name| name.contains("expected")).collect();
    assert!(left.is_empty(), "{left:?}");

    // A configuration whose list is bad is refused as a whole.
    sold.replace("elsewhere,1,,,\n");
    std::fs::write(&config, sold.config_file(&vendor.server, "")).unwrap();
    let reload = serving.http.post(format!("http://{}/-/reload", serving.address)).send().await.unwrap();
    assert_eq!(reload.status().as_u16(), 500);
    let answer = reload.text().await.unwrap();
    assert!(
        answer.contains("expected.file: ") && answer.contains("sold.csv:2: source \"elsewhere\" is not"),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_check_of_the_configuration_reads_the_file() {
    let vendor = Vendor::start(1).await;
    let sold = Sold::new(&line("1", "", "maill", ""));
    let config = sold.written(&vendor.server, "");
    let flag = format!("--config.file={}", text(&config));
    let ended = run(&[&flag, "--config.check"]);
    let path = sold.path();
    let problem = format!("expected.file: {}:2: unknown workload \"maill\" (accepted: mail, calendar, ", text(&path));
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.starts_with(&problem), "{}", ended.stderr);
    sold.replace(&line("1", "", "mail", ""));
    assert_eq!(run(&[&flag, "--config.check"]).code, Some(0));
}
