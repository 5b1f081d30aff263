//! Checks what promtool and `node_exporter`'s rules find in the file that a single collection writes.

use saasbackup_exporter::commands::demo::Demo;
use saasbackup_simulator::datto::Shape;

use super::exposition::parse;
use super::formats::promtool;
use crate::support::generation::Generation;
use crate::support::process::{run, text};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs promtool"]
async fn the_file_of_a_single_collection_is_good_for_node_exporter() {
    let demo = Demo::start(20, 1, Shape::Live).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (config, output) = (folder.path().join("config.yaml"), folder.path().join("saasbackup.prom"));
    std::fs::write(&config, demo.config_file()).unwrap();
    let arguments = ["--config.file", text(&config), "once", "--output", text(&output)];
    let ended = tokio::task::block_in_place(|| run(&arguments));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);

    let text = std::fs::read_to_string(&output).unwrap();
    for generation in Generation::ALL {
        promtool(&text, generation).unwrap();
    }
    // Comments of OpenMetrics alone; node_exporter's parser passes over them, and others need not.
    assert!(!text.contains("# UNIT") && !text.contains("# EOF"));
    for family in parse("text", &text).unwrap() {
        // One file with a time, or with a family that node_exporter has itself, spoils all that it collects.
        assert!(family.documented_name().starts_with("saasbackup_"), "{}", family.documented_name());
        assert!(family.samples.iter().all(|sample| !sample.has_timestamp));
    }
}
