//! Runs the program with only the files of the container, as the user of the container.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};

use super::files::{output, read, repository};
use crate::support::process::Process;
use crate::support::tools::tool;

/// The number that the Dockerfile gives to the user.
const USER: u32 = 65532;

/// A command inside of the file system of the container; becoming it needs root.
fn inside(root: &Path, arguments: &[&str]) -> Command {
    let is_root = output(Command::new("id").arg("-u")).trim() == "0";
    let mut command = Command::new(if is_root { "chroot" } else { "unshare" });
    if is_root {
        command.arg(format!("--userspec={USER}:{USER}")).arg(root);
    } else {
        // A namespace of its own makes no user root outside of it.
        command.args(["--map-root-user", "--root"]).arg(root);
    }
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.arg("/usr/bin/saasbackup-exporter").args(arguments).stdin(Stdio::null());
    command
}

/// The container's file system around the binary under test.
fn root() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let script = repository().join("scripts/image-root");
    output(Command::new(script).arg(env!("CARGO_BIN_EXE_saasbackup-exporter")).arg(folder.path()));
    // As `COPY --chown` does, to a folder that no other layer has made: that would keep its owner.
    let state = folder.path().join("var/lib/saasbackup-exporter");
    std::fs::create_dir(&state).unwrap();
    let _ = chown(state, Some(USER), Some(USER));
    folder
}

#[test]
#[ignore = "needs dpkg-query"]
fn the_container_holds_all_that_the_program_needs() {
    let root = root();
    let version = output(&mut inside(root.path(), &["--version"]));
    assert_eq!(version, concat!("saasbackup-exporter ", env!("CARGO_PKG_VERSION"), "\n"));

    let demo = ["demo", "--tenants=2", "--web.listen-address=127.0.0.1:0"];
    let mut running = Process::spawn(&mut inside(root.path(), &demo));
    let address = running.address();
    let health = || {
        let mut command = inside(root.path(), &["health"]);
        // As in compose.yaml, by the environment.
        command.env("SAASBACKUP_EXPORTER_WEB_LISTEN_ADDRESS", address.replace("127.0.0.1", ""));
        command.output().unwrap()
    };
    assert!(health().status.success());
    drop(running);
    assert_eq!(health().status.code(), Some(1), "it is no longer running");
}

#[test]
#[ignore = "needs dpkg-query"]
fn the_container_trusts_public_authorities_and_keeps_its_state() {
    let root = root();
    // There is no listener; without authorities to trust the client would not even come so far.
    let config = "state: { path: /var/lib/saasbackup-exporter/state }
sources:
  - { name: us, provider: dropsuite, base_url: \"https://127.0.0.1:1\", reseller_token: canary, access_token: canary }
";
    std::fs::create_dir_all(root.path().join("etc/saasbackup-exporter")).unwrap();
    std::fs::write(root.path().join("etc/saasbackup-exporter/config.yaml"), config).unwrap();
    let file = "SAASBACKUP_EXPORTER_CONFIG_FILE";
    let path = read("Dockerfile").lines().find_map(|line| Some(line.split_once(file)?.1[1..].to_owned())).unwrap();
    let ended = inside(root.path(), &["once", "--output", "/var/lib/saasbackup-exporter/once.prom"])
        .env(file, path)
        .output()
        .unwrap();
    let words = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{words}");
    assert!(words.contains("refused") && !words.contains("certificate"), "{words}");
    let written = std::fs::read_to_string(root.path().join("var/lib/saasbackup-exporter/once.prom")).unwrap();
    assert!(written.contains("saasbackup_up{"), "{written}");
}

#[test]
#[ignore = "needs bash"]
fn the_notices_name_every_library_and_have_the_licences() {
    let notices = output(tool("bash").arg("scripts/notices"));
    let (texts, without) = notices.split_once("Published without the text of their licence:").unwrap();
    for words in ["ring 0.", "tokio 1.", "serde 1.", "Apache License", "Permission is hereby granted"] {
        assert!(texts.contains(words), "{words}");
    }
    // What has the text of another licence instead of its own would be here.
    let without = without.lines().filter(|line| !line.is_empty()).count();
    assert!(without < 5, "{notices}");
}
