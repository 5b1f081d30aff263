//! Runs the real binary, and waits for what it says and how it ends.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use super::{DEADLINE, GLANCE};

/// A running exporter; it is killed when dropped.
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

/// Runs the binary to its end, with nothing of this process's environment.
pub(crate) fn run(arguments: &[&str]) -> Ended {
    Process::start(arguments).wait()
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

impl Process {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let output = |name: &str| Stdio::from(File::create(folder.path().join(name)).unwrap());
        let mut command = Command::new(env!("CARGO_BIN_EXE_saasbackup-exporter"));
        command.args(arguments).env_clear().stdin(Stdio::null()).stdout(output("stdout")).stderr(output("stderr"));
        Self { child: command.spawn().unwrap(), folder }
    }

    pub(crate) fn stdout(&self) -> String {
        fs::read_to_string(self.folder.path().join("stdout")).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        fs::read_to_string(self.folder.path().join("stderr")).unwrap()
    }

    /// The address it listens at, once it says so.
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
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            let ended = self.child.try_wait().unwrap();
            assert_eq!(ended, None, "it ended while waiting until {expectation}: {}", self.stderr());
            assert!(Instant::now() < deadline, "waited too long until {expectation}: {}", self.stderr());
            std::thread::sleep(GLANCE);
        }
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
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < deadline, "it does not end: {}", self.stderr());
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
