//! Checks what promtool and `node_exporter`'s rules find in the file that a single collection writes.

use std::process::Command;

use saasbackup_exporter::commands::demo::Demo;
use saasbackup_simulator::datto::Shape;

use crate::exposition::parse;
use crate::formats::promtool;

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_a_single_collection_is_good_for_node_exporter() {
    let demo = Demo::start(20, 1, Shape::Live).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (config, output) = (folder.path().join("config.yaml"), folder.path().join("saasbackup.prom"));
    std::fs::write(&config, demo.config_file()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_saasbackup-exporter"));
    command.arg("--config.file").arg(&config).arg("once").arg("--output").arg(&output);
    assert!(tokio::task::spawn_blocking(move || command.status().unwrap()).await.unwrap().success());

    let text = std::fs::read_to_string(&output).unwrap();
    promtool(&text).unwrap();
    // Comments of OpenMetrics alone; node_exporter's parser passes over them, and others need not.
    assert!(!text.contains("# UNIT") && !text.contains("# EOF"));
    for family in parse("text", &text).unwrap() {
        // One file with a time, or with a family that node_exporter has itself, spoils all that it collects.
        assert!(family.documented_name().starts_with("saasbackup_"), "{}", family.documented_name());
        assert!(family.samples.iter().all(|sample| !sample.has_timestamp));
    }
}
