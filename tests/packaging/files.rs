//! Reads the files under test, and runs the programs that check them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn yaml<T: DeserializeOwned>(text: &str) -> T {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The names of the files in a folder that end in `ending`, in order; there is at least one.
pub(crate) fn names(folder: &str, ending: &str) -> Vec<String> {
    let entries = std::fs::read_dir(repository().join(folder)).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(ending));
    names.sort();
    assert!(!names.is_empty(), "no {ending} in {folder}");
    names
}

/// What a program prints, without its errors; panics with everything if it fails.
pub(crate) fn output(command: &mut Command) -> String {
    let output = command.current_dir(repository()).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{command:?} (see scripts/install-test-tools): {error}"));
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{command:?}: {}\n{stdout}{stderr}", output.status);
    stdout
}

/// Whether the program takes this configuration with files of credentials in place of `credentials`.
pub(crate) fn is_good_configuration(path: &str, credentials: &str, names: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        std::fs::write(folder.path().join(name), "canary").unwrap();
    }
    let text = read(path);
    assert!(text.contains(credentials), "{path}");
    let text = text.replace(credentials, folder.path().to_str().unwrap());
    let config: PathBuf = folder.path().join("config.yaml");
    std::fs::write(&config, text).unwrap();
    let mut exporter = Command::new(env!("CARGO_BIN_EXE_saasbackup-exporter"));
    output(exporter.args(["--config.check", "--config.file"]).arg(config));
}
