//! Starts other programs, and ends them with the test that started them.

use std::fs::File;
use std::io::{ErrorKind, Seek as _, Write as _};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;
use tokio::time::MissedTickBehavior;

/// How long any condition may take to come true, on a busy machine too.
const DEADLINE: Duration = Duration::from_secs(60);

/// A program that runs beside the test; it is killed when dropped, which a panic does too.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    output: NamedTempFile,
}

impl Process {
    /// Starts the program; what it prints goes to a file, since a full pipe would stop it.
    pub(crate) fn start(command: &mut Command) -> Self {
        let output = NamedTempFile::new().unwrap();
        command.stdin(Stdio::null()).stdout(output.reopen_to_append()).stderr(output.reopen_to_append());
        let child = command.spawn().unwrap_or_else(|error| refuse(command, &error));
        Self { child, output }
    }

    /// All that it printed so far, standard output and standard error together.
    pub(crate) fn output(&self) -> String {
        std::fs::read_to_string(self.output.path()).unwrap()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

trait ReopenToAppend {
    fn reopen_to_append(&self) -> File;
}

impl ReopenToAppend for NamedTempFile {
    /// Two writers of one file overwrite each other unless both append.
    fn reopen_to_append(&self) -> File {
        File::options().append(true).open(self.path()).unwrap()
    }
}

/// Runs a program to its end with `input` on its standard input.
pub(crate) fn run(command: &mut Command, input: &[u8]) -> Output {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(input).unwrap();
    file.rewind().unwrap();
    command.stdin(file).output().unwrap_or_else(|error| refuse(command, &error))
}

fn refuse(command: &Command, error: &std::io::Error) -> ! {
    let program = command.get_program().display();
    if error.kind() == ErrorKind::NotFound {
        panic!("{program} is not installed: run scripts/test, which installs what the tests need");
    }
    panic!("starting {program}: {error}")
}

/// Tries until there is a result; fails with the last reason why there was none.
pub(crate) async fn eventually<T>(mut attempt: impl AsyncFnMut() -> Result<T, String>) -> T {
    let started = Instant::now();
    let mut pace = tokio::time::interval(Duration::from_millis(50));
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        match attempt().await {
            Ok(result) => return result,
            Err(reason) => assert!(started.elapsed() < DEADLINE, "not within {DEADLINE:?}: {reason}"),
        }
    }
}
