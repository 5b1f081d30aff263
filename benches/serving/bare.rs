//! A server that only sends bytes from memory, in writes of 1 MiB.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

const WRITE: usize = 1 << 20;

/// Serves until the process is killed.
pub(crate) fn run(text: &Path, packed: &Path) {
    let bodies = Arc::new((std::fs::read(text).unwrap(), std::fs::read(packed).unwrap()));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    println!("{}", listener.local_addr().unwrap());
    for stream in listener.incoming() {
        let bodies = Arc::clone(&bodies);
        std::thread::spawn(move || answer(stream.unwrap(), &bodies));
    }
}

/// Answers until the client hangs up.
fn answer(stream: TcpStream, (text, packed): &(Vec<u8>, Vec<u8>)) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    loop {
        let (mut takes_gzip, mut line) = (false, String::new());
        while line != "\r\n" {
            line.clear();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            takes_gzip |= line.to_ascii_lowercase().starts_with("accept-encoding: gzip");
        }
        let (body, encoding) = if takes_gzip { (packed, "Content-Encoding: gzip\r\n") } else { (text, "") };
        let length = body.len();
        let content = "Content-Type: text/plain; version=0.0.4; charset=utf-8";
        let head = format!("HTTP/1.1 200 OK\r\n{content}\r\n{encoding}Content-Length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).ok()?;
        for piece in body.chunks(WRITE) {
            stream.write_all(piece).ok()?;
        }
    }
}
