//! Tests the log messages of a failed listing: they say what to check.

use saasbackup_simulator::datto::fleet::Fleet;
use saasbackup_simulator::datto::{Options, Shape};
use saasbackup_simulator::faults::{Fault, Injection};

use super::bench::{config_file, source};
use super::vendor::{Vendor, options};
use crate::support::process::{run, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_says_what_to_check() {
    let key = ["401", "public_key and secret_key", "Select Vendor"];
    let cases: [(Option<Fault>, Shape, &[&str]); 8] = [
        // No fault: this one's key is wrong.
        (None, Shape::Live, &key),
        (Some(Fault::Unauthorized), Shape::Live, &key),
        (Some(Fault::NotFound), Shape::Live, &["404", "base_url"]),
        (Some(Fault::Forbidden), Shape::Live, &["403"]),
        (Some(Fault::ServerError(500)), Shape::Live, &["500", "server error at the vendor"]),
        (Some(Fault::Html200), Shape::Live, &["looks like HTML"]),
        (Some(Fault::MissingField("domains".to_owned())), Shape::Documented, &["an object", "known envelope"]),
        (Some(Fault::MissingField("saasCustomerId".to_owned())), Shape::Live, &["could not be read"]),
    ];
    let mut vendors = Vec::new();
    for (fault, shape, _) in &cases {
        let vendor = Vendor::serving(Options { fleet: Fleet::demo(2, 7), shape: *shape, ..options() }).await;
        for fault in fault.iter().cloned() {
            vendor.server.inject(Injection::new(fault).on("/v1/saas/domains"));
        }
        vendors.push(vendor);
    }
    const WRONG: &str = "not-the-key-of-this-account";
    let file = config_file(&vendors).replacen(&vendors[0].server.secret_key(), WRONG, 1);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    std::fs::write(&path, file).unwrap();
    let ended = tokio::task::spawn_blocking(move || run(&["--config.file", text(&path), "once"])).await.unwrap();
    assert_eq!(ended.code, Some(1), "no listing works: {}", ended.stderr);
    for (scenario, (fault, _, expected)) in cases.iter().enumerate() {
        let own = format!("source={}", source(scenario));
        let lines: Vec<_> = ended.stderr.lines().filter(|line| line.split(' ').any(|word| word == own)).collect();
        let line = lines.iter().find(|line| line.contains("tenant listing failed"));
        let line = line.unwrap_or_else(|| panic!("{fault:?} is not logged:\n{}", ended.stderr));
        let missing: Vec<_> = expected.iter().filter(|words| !line.contains(**words)).collect();
        assert!(missing.is_empty(), "{fault:?}: {missing:?} is missing: {line}");
        if !matches!(fault, None | Some(Fault::Unauthorized)) {
            let blames_the_key = ["secret_key", "public_key", "Select Vendor"].iter().any(|word| line.contains(word));
            assert!(!blames_the_key, "{fault:?} is no problem of the key: {line}");
        }
        if *fault == Some(Fault::NotFound) {
            assert!(!line.contains("credential"), "Datto looks for a route before it looks at the key: {line}");
        }
        assert!(!line.contains(WRONG), "a key is logged");
        // One listing, one line.
        assert_eq!(lines.len(), 1, "{lines:#?}");
    }
}
