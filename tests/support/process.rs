//! Runs the binary and other programs, waits for their output and exit, and ends them with the test.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use super::wait::{DEADLINE, GLANCE};

/// A running program; it is killed when dropped, which a panic does too.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    folder: TempDir,
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The exporter with these arguments, and nothing of this process's environment.
pub(crate) fn exporter(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_saasbackup-exporter"));
    command.args(arguments).env_clear();
    command
}

/// Runs the exporter to its end.
pub(crate) fn run(arguments: &[&str]) -> Ended {
    Process::start(arguments).wait()
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What starting a program gives; one that is not there is named, and so is what installs it.
pub(crate) fn started<T>(command: &mut Command, start: impl FnOnce(&mut Command) -> std::io::Result<T>) -> T {
    start(command).unwrap_or_else(|error| {
        let program = command.get_program().display();
        match error.kind() {
            ErrorKind::NotFound => panic!("{program} is not installed: scripts/install-test-tools installs it"),
            _ => panic!("starting {program}: {error}"),
        }
    })
}

impl Process {
    /// Starts the exporter.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::spawn(&mut exporter(arguments))
    }

    /// Starts a program without input.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        Self::reading(command, Stdio::null())
    }

    /// Starts a program with this input; what it prints goes to files, since a full pipe would stop it.
    pub(crate) fn reading(command: &mut Command, stdin: Stdio) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let output = |name: &str| Stdio::from(File::create(folder.path().join(name)).unwrap());
        command.stdin(stdin).stdout(output("stdout")).stderr(output("stderr"));
        Self { child: started(command, Command::spawn), folder }
    }

    /// What it printed so far.
    pub(crate) fn stdout(&self) -> String {
        self.read("stdout")
    }

    /// What it logged so far.
    pub(crate) fn stderr(&self) -> String {
        self.read("stderr")
    }

    fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.folder.path().join(name)).unwrap()).into_owned()
    }

    /// The address the exporter listens at, once it says so.
    pub(crate) fn address(&mut self) -> String {
        self.until("it says where it listens", |process| {
            let log = process.stderr();
            let line = log.lines().find(|line| line.contains("listening") && line.contains("127.0.0.1:"))?;
            let address = line.split("127.0.0.1:").nth(1)?;
            let port: String = address.chars().take_while(char::is_ascii_digit).collect();
            Some(format!("127.0.0.1:{port}"))
        })
    }

    /// What `look` finds, as soon as it finds something; fails after the deadline or when the process ends.
    pub(crate) fn until<T>(&mut self, expectation: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        self.attempt(expectation, |process| {
            // Asked first, so that its last words are read.
            let has_ended = process.has_ended();
            let found = look(process);
            assert!(found.is_some() || !has_ended, "it ended before {expectation}: {}", process.stderr());
            found
        })
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// The number that the system knows it by.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("/bin/sh").args(["-c", &command]).status().unwrap().success(), "{command}");
    }

    /// Waits until it ends.
    pub(crate) fn wait(mut self) -> Ended {
        Ended { code: self.until_ended(), stdout: self.stdout(), stderr: self.stderr() }
    }

    /// The code with which it ends; `None` when a signal ended it.
    pub(crate) fn until_ended(&mut self) -> Option<i32> {
        self.attempt("it ends", |process| process.child.try_wait().unwrap()).code()
    }

    fn attempt<T>(&mut self, expectation: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(started.elapsed() < DEADLINE, "not within {DEADLINE:?}: {expectation}: {}", self.stderr());
            std::thread::sleep(GLANCE);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails where it has ended, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
