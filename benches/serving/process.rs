//! Runs a server as a separate process, which is killed on drop.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::client::Connection;

/// A server that said where it listens.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// The exporter's server with so many tenants.
    pub(crate) fn exporter(tenants: usize) -> Self {
        Self::this(&["serve".as_ref(), tenants.to_string().as_ref()])
    }

    /// A socket that sends these files.
    pub(crate) fn bare(text: &Path, packed: &Path) -> Self {
        Self::this(&["bare".as_ref(), text, packed])
    }

    /// A proxy between that removes the request for gzip.
    pub(crate) fn plain(server: SocketAddr) -> Self {
        Self::this(&["plain".as_ref(), server.to_string().as_ref()])
    }

    fn this(arguments: &[&Path]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(arguments);
        Self::start(command)
    }

    /// Waits until it says where it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut output = BufReader::new(output);
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        Self { child, input, output, address: line.trim().parse().unwrap() }
    }

    /// Makes the exporter publish something new.
    pub(crate) fn refresh(&mut self) {
        writeln!(self.input, "refresh").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(line, "published\n");
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.address)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
