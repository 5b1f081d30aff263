//! Records the compiler and the source revision for `saasbackup_exporter_build_info`.

use std::process::Command;

/// Names the source revision, to this script and by it.
const REVISION: &str = "SAASBACKUP_EXPORTER_REVISION";

fn main() {
    let compiler = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let rustc = output(&compiler, &["--version"]).and_then(|line| Some(line.split_whitespace().nth(1)?.to_owned()));
    // Where packages are built there is often no repository.
    let given = std::env::var(REVISION).ok().filter(|revision| !revision.is_empty());
    let revision = given.or_else(|| output("git", &["rev-parse", "HEAD"]));
    println!("cargo::rustc-env=SAASBACKUP_EXPORTER_RUSTC={}", rustc.unwrap_or_default());
    println!("cargo::rustc-env={REVISION}={}", revision.unwrap_or_default());
    println!("cargo::rerun-if-env-changed={REVISION}");
    println!("cargo::rerun-if-changed=build.rs");
    if std::path::Path::new(".git/logs/HEAD").exists() {
        println!("cargo::rerun-if-changed=.git/logs/HEAD");
    }
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
