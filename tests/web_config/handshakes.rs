//! Tests versions, cipher suites and curves.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ALL_VERSIONS, CipherSuite, ClientConfig, NamedGroup, ProtocolVersion, RootCertStore, SupportedProtocolVersion,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::bench::{Bench, TLS};

/// A connection of a client with these abilities, which offers both versions of HTTP.
pub(crate) async fn connect(
    bench: &Bench,
    provider: CryptoProvider,
    versions: &[&'static SupportedProtocolVersion],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(bench.authority.pem.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(provider)).with_protocol_versions(versions).unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(&bench.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// What such a client and the server agree on; `None` where they do not.
async fn agreed(
    bench: &Bench,
    provider: CryptoProvider,
    versions: &[&'static SupportedProtocolVersion],
) -> Option<(ProtocolVersion, CipherSuite, NamedGroup)> {
    let stream = connect(bench, provider, versions).await.ok()?;
    let tls = stream.get_ref().1;
    let group = tls.negotiated_key_exchange_group().unwrap().name();
    Some((tls.protocol_version().unwrap(), tls.negotiated_cipher_suite().unwrap().suite(), group))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_versions_of_the_file_are_spoken() {
    for (more, speaks_older, speaks_newer) in
        [("", true, true), ("  min_version: TLS13\n", false, true), ("  max_version: TLS12\n", true, false)]
    {
        let bench = Bench::start(&format!("{TLS}{more}"));
        let older = agreed(&bench, ring::default_provider(), &[&TLS12]).await.map(|(version, ..)| version);
        let newer = agreed(&bench, ring::default_provider(), &[&TLS13]).await.map(|(version, ..)| version);
        assert_eq!(older, speaks_older.then_some(ProtocolVersion::TLSv1_2), "{more:?}");
        assert_eq!(newer, speaks_newer.then_some(ProtocolVersion::TLSv1_3), "{more:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn suites_and_curves_are_taken_in_the_order_of_the_file() {
    let bench = Bench::start(&format!(
        "{TLS}  cipher_suites:\n    - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256\n    - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n  \
         curve_preferences: [CurveP384]\n"
    ));
    let found = agreed(&bench, ring::default_provider(), &[&TLS12]).await;
    let expected = CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;
    assert_eq!(found, Some((ProtocolVersion::TLSv1_2, expected, NamedGroup::secp384r1)), "the client would rather AES");
    let found = agreed(&bench, ring::default_provider(), ALL_VERSIONS).await;
    assert!(matches!(found, Some((ProtocolVersion::TLSv1_3, ..))), "TLS 1.3 has suites of its own: {found:?}");

    let mut other = ring::default_provider();
    other.cipher_suites.retain(|suite| suite.suite() == CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384);
    assert_eq!(agreed(&bench, other, &[&TLS12]).await, None, "a suite that is not in the file");
    let mut other = ring::default_provider();
    other.kx_groups.retain(|group| group.name() == NamedGroup::X25519);
    assert_eq!(agreed(&bench, other, ALL_VERSIONS).await, None, "a curve that is not in the file");
}
