//! Serves the fake Datto on a free port until its standard input closes, for checks by other programs.
//!
//! Prints one line with the base URL, the public key and the secret key. The only argument is the shape: `live` (the
//! default) or `documented`.

use std::io::{self, Write as _};
use std::net::Ipv4Addr;

use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::datto::fleet::Fleet;
use saasbackup_simulator::datto::{Options, Server, Shape};

#[tokio::main]
async fn main() -> io::Result<()> {
    const CUSTOMERS: usize = 60;
    const SEED: u64 = 7;
    let shape = match std::env::args().nth(1).as_deref() {
        None | Some("live") => Shape::Live,
        Some("documented") => Shape::Documented,
        Some(other) => return Err(io::Error::other(format!("{other:?} is neither \"live\" nor \"documented\""))),
    };
    let options = Options { shape, ..Options::new(Fleet::demo(CUSTOMERS, SEED), Clock::system()) };
    let server = Server::bind((Ipv4Addr::LOCALHOST, 0).into(), options).await?;
    let mut output = io::stdout();
    writeln!(output, "{} {} {}", server.base_url(), server.public_key(), server.secret_key())?;
    output.flush()?;
    tokio::task::spawn_blocking(|| io::copy(&mut io::stdin().lock(), &mut io::sink())).await??;
    server.shutdown().await;
    Ok(())
}
