//! Splits blocks of commands with bash itself, without running any of them.

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::alerts::files::{files, repository};
use crate::support::tools::tool;

/// What the shell would have run: the program, and its arguments after quotes and variables are gone.
pub(crate) type Invocation = Vec<String>;

/// Where commands are looked up: nowhere, so that bash hands each of them to its handler.
const RECORDING: &str = r#"
record() { local all; printf -v all '%s\037' "$@"; printf '%s\036' "$all" >>"$RECORD"; }
command_not_found_handle() { record "$@"; }
cd() { record cd "$@"; }
"#;

/// The commands of this text, in order.
///
/// Fails where bash finds a mistake, and where a script is named that the repository does not have.
pub(crate) fn invocations(text: &str) -> Result<Vec<Invocation>, String> {
    let folder = folder();
    let record = folder.path().join("record");
    let output = tool("bash")
        .args(["--noprofile", "--norc", "-u", "-c", &format!("{RECORDING}\n{text}")])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", "/nowhere")
        .env("HOME", "/home/operator")
        .env("CREDENTIALS_DIRECTORY", "/run/credentials")
        .env("RECORD", &record)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    if !output.status.success() || !said.is_empty() {
        return Err(format!("bash: {}: {said}", output.status));
    }
    let recorded = std::fs::read_to_string(record).unwrap_or_default();
    let commands = recorded.split_terminator('\u{1e}');
    Ok(commands.map(|command| command.split_terminator('\u{1f}').map(str::to_owned).collect()).collect())
}

/// A folder in which the scripts of the repository only record that they were called.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let scripts = folder.path().join("scripts");
    std::fs::create_dir(&scripts).unwrap();
    for script in files("scripts", "") {
        let name = script.file_name().unwrap().to_str().unwrap();
        stub(&scripts.join(name), &format!("scripts/{name}"));
    }
    folder
}

fn stub(path: &Path, name: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let original = repository().join(name).metadata().unwrap();
    std::fs::write(path, format!("#!/bin/bash\n{RECORDING}\nrecord {name} \"$@\"\n")).unwrap();
    // A script that cannot be executed there cannot be executed here.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(original.permissions().mode())).unwrap();
}

/// A script that no page names is never run; what the others call, they name.
#[test]
fn every_script_can_be_read_and_is_documented() {
    let pages: String = super::markdown::pages().iter().map(|page| page.text.as_str()).collect();
    let pages = pages + &crate::alerts::files::read(&repository().join("Dockerfile"));
    let scripts = files("scripts", "");
    for script in &scripts {
        let text = std::fs::read_to_string(script).unwrap();
        let name = script.file_name().unwrap().to_str().unwrap();
        let shell = text.lines().next().unwrap_or_default();
        if shell == "#!/bin/sh" {
            let output = Command::new("/bin/sh").arg("-n").arg(script).output().unwrap();
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        } else {
            assert!(shell.contains("python3"), "no test knows {shell} of {name}");
        }
        let others = scripts.iter().filter(|other| *other != script);
        let is_called = others.map(|other| std::fs::read_to_string(other).unwrap()).any(|text| text.contains(name));
        assert!(is_called || pages.contains(&format!("scripts/{name}")), "no page names scripts/{name}");
    }
    assert!(scripts.len() > 10, "{scripts:?}");
}

#[test]
#[ignore = "needs bash"]
fn bash_says_what_it_would_run() {
    let found =
        invocations("VARIABLE=1 first --a \"b c\" # comment\nsecond $(third) | fourth \\\n  d; scripts/test x\n");
    let mut found = found.unwrap();
    found.sort();
    let expected = [&["first", "--a", "b c"][..], &["fourth", "d"], &["scripts/test", "x"], &["second"], &["third"]];
    assert_eq!(found, expected);
}

#[test]
#[ignore = "needs bash"]
fn a_mistake_in_a_block_is_found() {
    for (text, words) in [
        ("echo 'open", "unexpected EOF"),
        ("scripts/no-such-script", "No such file"),
        ("first $NO_SUCH_VARIABLE", "unbound variable"),
    ] {
        let problem = invocations(text).unwrap_err();
        assert!(problem.contains(words), "{text}: {problem}");
    }
}
