//! Starts the exporter with an invalid state file, and with one that cannot be written.

use super::binary::Exporter;
use super::*;
use crate::support::process::{self, run};
use crate::support::wait::until;

/// A source without a responding vendor.
fn lonely(state: &Path) -> String {
    format!(
        "\
sources: [{{ name: lonely, provider: dropsuite, base_url: 'http://127.0.0.1:9', reseller_token: r, access_token: a }}]
state: {{ path: {state:?} }}
"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_costs_the_memory_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (path, config_path) = (folder.path().join("state"), folder.path().join("config.yaml"));
    let text = lonely(&path);
    std::fs::write(&config_path, &text).unwrap();
    state_file::save(&path, Shard::WHOLE, &[]).unwrap();
    let mut damaged = std::fs::read(&path).unwrap();
    damaged.truncate(damaged.len() - 3);
    std::fs::write(&path, &damaged).unwrap();

    let check = run(&["--config.check", "--config.file", process::text(&config_path)]);
    assert_eq!(check.code, Some(0), "{}", check.stderr);
    assert_eq!(std::fs::read(&path).unwrap(), damaged, "a check touches nothing");

    let exporter = Exporter::start(&config_path);
    assert!(!exporter.scrape().await.contains(",tenant_id=\""));
    let warnings = exporter.warnings_of(&path);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("bytes after the header"), "{warnings:?}");
    assert_eq!(std::fs::read(folder.path().join("state.damaged")).unwrap(), damaged);

    until("the listing failed", async || (exporter.get("/-/ready").await.0 == 200).then_some(())).await;
    assert_eq!(exporter.stop(), Some(0));
    let states = restored(&path, &parse(&text)).expect("a clean stop leaves a file");
    assert_eq!(states[0].listing.succeeded(), Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_format_means_a_cold_start_and_one_line_that_names_both_formats() {
    let folder = tempfile::tempdir().unwrap();
    let (path, config_path) = (folder.path().join("state"), folder.path().join("config.yaml"));
    std::fs::write(&config_path, lonely(&path)).unwrap();
    for (format, is_kept_aside) in [("0002", false), ("0004", true)] {
        state_file::save(&path, Shard::WHOLE, &[]).unwrap();
        let written = std::fs::read_to_string(&path).unwrap().replacen("format=0003", &format!("format={format}"), 1);
        std::fs::write(&path, written).unwrap();
        let exporter = Exporter::start(&config_path);
        assert!(!exporter.scrape().await.contains(",tenant_id=\""));
        let log = exporter.log();
        let sentence = format!(
            "state file {} has format {}, expected 3: cold start",
            path.display(),
            format.trim_start_matches('0')
        );
        assert_eq!(log.lines().filter(|line| line.contains(&sentence)).count(), 1, "{log}");
        assert_eq!(log.matches("cold start").count(), 1, "{log}");
        assert_eq!(folder.path().join("state.damaged").exists(), is_kept_aside, "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_folder_is_reported_at_the_start_and_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (path, config_path) = (folder.path().join("missing/state"), folder.path().join("config.yaml"));
    std::fs::write(&config_path, lonely(&path)).unwrap();
    let exporter = Exporter::start(&config_path);
    exporter.scrape().await;
    let warnings = exporter.warnings_of(&path);
    assert!(warnings.first().is_some_and(|warning| warning.contains("is not writable")), "{warnings:?}");
    assert_eq!(exporter.stop(), Some(0));
    assert!(!path.exists());
}
