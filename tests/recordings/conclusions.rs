//! Compares the conclusion of every recording in this folder with the text beside it.

use std::path::Path;

use saasbackup_exporter::commands::replay::Replay;
use saasbackup_exporter::process::clock;
use saasbackup_exporter::recording::Recording;

use crate::alerts::files::{files, repository};
use crate::support::golden::assert_golden;

const FOLDER: &str = "tests/recordings";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_recording_has_its_conclusion() {
    let recordings = files(FOLDER, ".json");
    assert!(recordings.len() >= 3, "{recordings:?}");
    for path in recordings {
        let recording = Recording::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let replay = Replay::start(recording, clock::now()).await.unwrap();
        let path = path.strip_prefix(repository()).unwrap().with_extension("txt");
        assert_golden(path, &replay.conclusion());
    }
    for text in files(FOLDER, ".txt") {
        let recording = text.with_extension("json");
        assert!(Path::new(&recording).exists(), "{} belongs to no recording", text.display());
    }
}
