//! A minimal HTTP client: the response goes through one buffer and is dropped.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How much is read at once.
const BUFFER: usize = 256 << 10;

/// How the answer is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Identity,
    Gzip,
}

/// A connection that is kept.
#[derive(Debug)]
pub(crate) struct Connection(BufReader<TcpStream>);

impl Coding {
    pub(crate) const ALL: [Self; 2] = [Self::Identity, Self::Gzip];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
        }
    }
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::with_capacity(BUFFER, stream))
    }

    /// The time from the request to the last byte of the answer.
    pub(crate) fn scrape(&mut self, coding: Coding) -> Duration {
        let started = Instant::now();
        let mut length = 0;
        self.ask("/metrics", coding, &mut |piece| length += piece.len());
        assert!(length > 0, "there is something in it");
        started.elapsed()
    }

    /// The whole answer.
    pub(crate) fn get(&mut self, path: &str, coding: Coding) -> Vec<u8> {
        let mut whole = Vec::new();
        self.ask(path, coding, &mut |piece| whole.extend_from_slice(piece));
        whole
    }

    fn ask(&mut self, path: &str, coding: Coding, take: &mut dyn FnMut(&[u8])) {
        let coding = coding.name();
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {coding}\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let mut length = None;
        let status = self.line();
        assert!(status.contains(" 200 "), "{path}: {status}");
        loop {
            let line = self.line().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(number) = line.strip_prefix("content-length:") {
                length = Some(number.trim().parse().unwrap());
            }
        }
        if let Some(length) = length {
            return self.take(length, take);
        }
        loop {
            let chunk = usize::from_str_radix(&self.line(), 16).unwrap();
            self.take(chunk, take);
            let end = self.line();
            assert_eq!(end, "", "a chunk ends with its line");
            if chunk == 0 {
                return;
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        (&mut self.0).take(64 << 10).read_line(&mut line).unwrap();
        assert!(line.ends_with("\r\n"), "the answer breaks off: {line:?}");
        line.truncate(line.len() - 2);
        line
    }

    fn take(&mut self, mut length: usize, take: &mut dyn FnMut(&[u8])) {
        while length > 0 {
            let buffer = self.0.fill_buf().unwrap();
            assert!(!buffer.is_empty(), "the answer breaks off");
            let piece = &buffer[..length.min(buffer.len())];
            take(piece);
            let taken = piece.len();
            self.0.consume(taken);
            length -= taken;
        }
    }
}
