//! A TLS gateway and a tunnelling proxy between the exporter and the mock vendor.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::certificates::{Authority, Pair};

/// What was said to whom stands in between, in order.
pub(crate) type Heard = Arc<Mutex<Vec<String>>>;

/// Something that listens.
pub(crate) struct Between {
    pub(crate) address: SocketAddr,
    pub(crate) heard: Heard,
}

/// Answers over TLS for the server at `behind`; whoever connects must show a certificate of `authority` if it is given.
pub(crate) async fn gateway(own: &Pair, authority: Option<&Authority>, behind: SocketAddr) -> Between {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
    let config = match authority {
        None => config.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(authority.file()).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            config.with_client_cert_verifier(verifier)
        }
    };
    let chain = vec![CertificateDer::from_pem_file(&own.certificate).unwrap()];
    let config = config.with_single_cert(chain, PrivateKeyDer::from_pem_file(&own.key).unwrap()).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    listen(move |connection, heard| {
        let acceptor = acceptor.clone();
        async move {
            let mut inside = acceptor.accept(connection).await?;
            let mut outside = TcpStream::connect(behind).await?;
            let mut buffer = vec![0; 4096];
            let length = inside.read(&mut buffer).await?;
            // A client may open a connection beside the one it uses, and close it unused.
            if length == 0 {
                return Ok(());
            }
            heard.lock().unwrap().push(String::from_utf8_lossy(&buffer[..length]).into_owned());
            outside.write_all(&buffer[..length]).await?;
            copy_bidirectional(&mut inside, &mut outside).await?;
            Ok(())
        }
    })
    .await
}

/// Tunnels everything to `target`, whatever name it is asked for.
pub(crate) async fn proxy(target: SocketAddr) -> Between {
    listen(move |mut connection, heard| async move {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(connection.read_u8().await?);
        }
        heard.lock().unwrap().push(String::from_utf8_lossy(&head).into_owned());
        connection.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
        let mut outside = TcpStream::connect(target).await?;
        copy_bidirectional(&mut connection, &mut outside).await?;
        Ok(())
    })
    .await
}

async fn listen<Serving>(serve: impl Fn(TcpStream, Heard) -> Serving + Send + 'static) -> Between
where
    Serving: Future<Output = io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Heard::default();
    let hearing = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            // Whoever is refused breaks off, and says so on its own side.
            drop(tokio::spawn(serve(connection, Arc::clone(&hearing))));
        }
    });
    Between { address, heard }
}
