//! A proxy that removes the request for gzip, which Prometheus always sends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

/// Serves until the process is killed.
pub(crate) fn run(server: SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    println!("{}", listener.local_addr().unwrap());
    for stream in listener.incoming() {
        std::thread::spawn(move || forward(&stream.unwrap(), server));
    }
}

/// Until either side hangs up.
fn forward(client: &TcpStream, server: SocketAddr) -> Option<()> {
    let mut server = TcpStream::connect(server).ok()?;
    client.set_nodelay(true).ok()?;
    server.set_nodelay(true).ok()?;
    let (answers, to) = (server.try_clone().ok()?, client.try_clone().ok()?);
    std::thread::spawn(move || copy(answers, to));
    let mut requests = BufReader::new(client);
    let mut line = String::new();
    while requests.read_line(&mut line).ok()? > 0 {
        if !line.to_ascii_lowercase().starts_with("accept-encoding:") {
            server.write_all(line.as_bytes()).ok()?;
        }
        line.clear();
    }
    None
}

fn copy(mut from: TcpStream, mut to: TcpStream) -> Option<()> {
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = from.read(&mut buffer).ok().filter(|read| *read > 0)?;
        to.write_all(&buffer[..read]).ok()?;
    }
}
