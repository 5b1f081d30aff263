//! Runs the commands of the pages as far as possible, and checks the others against the files that they name.

use std::process::Command;

use clap::Parser as _;
use clap::error::ErrorKind;
use saasbackup_exporter::cli::Cli;

use super::markdown::{Page, page as page_named};
use super::packaged;
use super::shell::Invocation;
use super::stage::Stage;
use crate::alerts::files::repository;
use crate::support::tools::tool;

/// The program itself.
pub(crate) const PROGRAM: &str = "saasbackup-exporter";

/// Programs whose commands are judged where they stand in a sentence.
const KNOWN: [&str; 14] = [
    PROGRAM,
    "amtool",
    "apt",
    "cargo",
    "curl",
    "docker",
    "git",
    "kubectl",
    "promtool",
    "sudo",
    "sudoedit",
    "systemctl",
    "systemd-analyze",
    "systemd-run",
];
/// Our subcommands, which sentences name without the program.
const OURS: [&str; 9] =
    ["demo", "once", "doctor", "report", "health", "metrics", "hash-password", "completions", "man"];

/// Whether this is a command with arguments rather than a name.
pub(crate) fn is_command(code: &str) -> bool {
    let mut words = code.split(' ').skip_while(|word| word.contains('=') && !word.starts_with('-'));
    let first = words.next().unwrap_or_default();
    let known = KNOWN.contains(&first) || OURS.contains(&first) || first.starts_with("scripts/");
    known && words.next().is_some()
}

/// Runs it, or where that is not possible here, finds out whether it could be run.
pub(crate) fn run(invocation: &Invocation, page: &Page, stage: &Stage) -> Result<(), String> {
    let words: Vec<_> = invocation.iter().map(String::as_str).collect();
    match words[..] {
        [PROGRAM, ref arguments @ ..] | ["cargo", "run", "--release", "--", ref arguments @ ..] => {
            stage.workshop.run(arguments).map(drop)
        }
        ["curl", ref arguments @ ..] => {
            let arguments: Vec<_> = arguments.iter().map(|word| format!("'{word}'")).collect();
            stage.shell(&format!("curl --fail --show-error {}", arguments.join(" "))).map(drop)
        }
        // Takes minutes, and tests/alerts/ runs each of these files.
        ["promtool", "test", "rules", ref files @ ..] => files.iter().try_for_each(|file| exists(page, file)),
        ["promtool", "check", "rules", ..] | ["amtool", "check-config", ..] => {
            let folder = repository().join(&page.path);
            let mut command = tool("bash");
            // Patterns for names of files are the shell's.
            command.args(["-c", &words.join(" ")]).current_dir(folder.parent().unwrap());
            succeeds(&mut command)
        }
        ["sudo", ..] => run(&invocation[1..].to_vec(), page, stage),
        ["kubectl", "create", ref arguments @ ..] => {
            let mut command = tool("kubectl");
            command.arg("create").args(arguments).arg("--dry-run=client").current_dir(stage.workshop.folder.path());
            // The names of the secrets are files of the reader's, beside the README's.
            let files = arguments.iter().filter_map(|argument| argument.strip_prefix("--from-file="));
            super::workshop::with_files(stage.workshop.folder.path(), &files.collect::<Vec<_>>());
            succeeds(&mut command)
        }
        _ => is_good(invocation),
    }
}

/// Whether the command could be run: its arguments are known, and what it names exists.
pub(crate) fn is_good(invocation: &Invocation) -> Result<(), String> {
    let words: Vec<_> = invocation.iter().map(String::as_str).collect();
    named_paths_exist(&words)?;
    match words[..] {
        [PROGRAM, ref arguments @ ..] => is_ours(arguments),
        [first, ..] if OURS.contains(&first) => is_ours(&words),
        ["sudo", ..] => is_good(&invocation[1..].to_vec()),
        ["cargo", ref arguments @ ..] => cargo(arguments),
        ["git", "rev-parse", "HEAD"] => Ok(()),
        ["promtool" | "amtool", command, subcommand, ..] => {
            let program = words[0];
            succeeds(tool(program).args(["help", command]).args((program == "promtool").then_some(subcommand)))
        }
        [script, ..] if script.starts_with("scripts/") => Ok(()),
        // The README's table of endpoints is tried by itself.
        ["curl", .., url] => {
            let path = url.trim_start_matches("http://").split_once('/').map_or("", |(_, path)| path);
            let is_known = page_named("README.md").text.contains(&format!("| `/{path}` |"));
            if is_known { Ok(()) } else { Err(format!("the README knows no /{path}")) }
        }
        _ => packaged::is_good(&words),
    }
}

/// Whether our command line takes these arguments; words in capitals stand for values.
pub(crate) fn is_ours(arguments: &[&str]) -> Result<(), String> {
    let stands_for = |argument: &str| argument.replace("FILE", "file.prom").replace("SHELL", "bash");
    let mut arguments: Vec<_> = arguments.iter().map(|argument| stands_for(argument)).collect();
    let mut parsed = parsed(&arguments);
    if parsed.is_err() && arguments.last().is_some_and(|last| last.starts_with("--")) {
        // A sentence that names a flag can leave its value out.
        arguments.push("file.prom".to_owned());
        parsed = self::parsed(&arguments);
    }
    parsed
}

fn parsed(arguments: &[String]) -> Result<(), String> {
    match Cli::try_parse_from([PROGRAM.to_owned()].iter().chain(arguments)) {
        // Nothing is wrong with what is there, and help and version are answers.
        Err(problem) if problem.kind() != ErrorKind::MissingRequiredArgument && problem.use_stderr() => {
            Err(problem.to_string())
        }
        _ => Ok(()),
    }
}

fn cargo(arguments: &[&str]) -> Result<(), String> {
    match arguments {
        ["run", "--release", "--", ours @ ..] => is_ours(ours),
        ["test"] | ["deny", "check", ..] | ["doc", ..] => Ok(()),
        ["test", subject] => is_there(&format!("tests/{subject}.rs")),
        ["run", "--example", name] | ["run", "--release", "--example", name] => {
            let manifest = std::fs::read_to_string(repository().join("Cargo.toml")).unwrap();
            let is_named = manifest.contains(&format!("[[example]]\nname = \"{name}\""));
            if is_named { Ok(()) } else { is_there(&format!("examples/{name}.rs")) }
        }
        ["bench", "--bench", name] => is_there(&format!("benches/{name}.rs")),
        ["build", "--release", "--locked"] | ["install", "--locked", "--path", "."] => Ok(()),
        ["check", "--locked", "--target", "x86_64-pc-windows-gnu"] => Ok(()),
        ["generate-lockfile", "--offline"] | ["update", ..] => Ok(()),
        _ => Err(format!("no test knows cargo {}", arguments.join(" "))),
    }
}

/// Every path below one of the repository's own folders has to exist.
pub(crate) fn named_paths_exist(words: &[&str]) -> Result<(), String> {
    for word in words {
        let path = word.rsplit_once('=').map_or(*word, |(_, value)| value).trim_start_matches("./");
        let folder = path.split('/').next().unwrap();
        let ours = ["alerts", "dashboards", "deploy", "docs", "fuzz", "scripts", "src", "tests", "tools"];
        // A placeholder, or what a run creates, is checked by its folder.
        let fixed = path.split(['*', '<', '{']).next().unwrap();
        let is_ours = ours.contains(&folder) && path.contains('/') && !path.starts_with("fuzz/artifacts");
        if is_ours && fixed == path {
            is_there(path)?;
        } else if is_ours {
            is_there(fixed.rsplit_once('/').unwrap().0)?;
        }
    }
    Ok(())
}

pub(crate) fn is_there(path: &str) -> Result<(), String> {
    if repository().join(path).exists() { Ok(()) } else { Err(format!("{path} does not exist")) }
}

/// A file beside the page, or a pattern that fits some.
fn exists(page: &Page, file: &str) -> Result<(), String> {
    let path = repository().join(&page.path).parent().unwrap().join(file);
    let name = path.file_name().unwrap().to_str().unwrap();
    let (start, end) = name.split_once('*').unwrap_or((name, ""));
    let mut entries = std::fs::read_dir(path.parent().unwrap()).map_err(|error| format!("{file}: {error}"))?;
    let fits = |name: String| name.starts_with(start) && name.ends_with(end);
    let found = entries.any(|entry| fits(entry.unwrap().file_name().into_string().unwrap()));
    if found { Ok(()) } else { Err(format!("{file} does not exist")) }
}

pub(crate) fn succeeds(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?} (see scripts/install-test-tools): {error}"))?;
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    if output.status.success() { Ok(()) } else { Err(format!("{command:?}: {said}")) }
}
