//! Builds the HTTP client of one vendor account.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls_platform_verifier::Verifier;
use url::Url;

use crate::process::file;

use super::client_certificate::ClientCertificate;
use super::failure;
use super::route::is_direct;

/// No certificate chain comes near this size.
const MAX_PEM_BYTES: u64 = 1 << 20;

/// How to reach one vendor account.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The base URL of the API.
    pub base_url: Url,
    /// The timeout of one request.
    pub timeout: Duration,
    /// Requests in flight at once.
    pub concurrency: usize,
    /// The maximum number of requests per second.
    pub requests_per_second: f64,
    /// A file of CA certificates (PEM) to trust in addition to the system's.
    pub ca_file: Option<PathBuf>,
    /// The files (PEM) of the client certificate and its key.
    pub client_certificate: Option<(PathBuf, PathBuf)>,
    /// A proxy; `None` uses the environment.
    pub proxy_url: Option<Url>,
    /// Hosts that are reached without a proxy, as in `NO_PROXY`.
    pub no_proxy: Vec<String>,
}

/// Why a transport cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A certificate or key file cannot be read.
    #[error("{key} {}: {source}", path.display())]
    File {
        /// The configuration key of the file.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file contains no certificate.
    #[error("ca_file {}: contains no PEM certificates", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
    },
    /// The files contain no certificate with its key.
    #[error("client_cert_file {}: contains no PEM certificate, or client_key_file not its key", path.display())]
    ClientCertificate {
        /// The file of the certificate.
        path: PathBuf,
    },
    /// The HTTP client rejects the settings.
    #[error("cannot build the HTTP client: {0}")]
    Client(String),
}

/// Builds the HTTP client and the resolver of its client certificate.
pub(super) fn client(settings: &Settings) -> Result<(reqwest::Client, Arc<ClientCertificate>), BuildError> {
    let provider = Arc::new(ring::default_provider());
    let client_certificate = Arc::new(ClientCertificate::new(certified_key(settings, &provider)?));
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("saasbackup-exporter/", env!("CARGO_PKG_VERSION")))
        // Some gateways respond with HTML unless JSON is requested.
        .default_headers(HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]))
        // Proxies on the way may fold headers and put spaces before colons; neither is a risk here.
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .timeout(settings.timeout)
        .connect_timeout(settings.timeout.min(Duration::from_secs(10)))
        // With HTTP/2 all requests share one connection, and the server limits how many run concurrently.
        .http1_only()
        .pool_max_idle_per_host(settings.concurrency)
        // Every attempt is counted and takes its turn within the rate.
        .retry(reqwest::retry::never().max_retries_per_request(0))
        // A redirect would forward the vendor's token headers.
        .redirect(reqwest::redirect::Policy::none())
        .tls_backend_preconfigured(tls(settings, &provider, &client_certificate)?);
    if is_direct(&settings.base_url, settings.proxy_url.as_ref(), &settings.no_proxy) {
        builder = builder.no_proxy();
    } else if let Some(proxy) = &settings.proxy_url {
        let proxy = reqwest::Proxy::all(proxy.clone()).map_err(|error| BuildError::Client(describe(error)))?;
        builder = builder.proxy(proxy);
    }
    let client = builder.build().map_err(|error| BuildError::Client(describe(error)))?;
    Ok((client, client_certificate))
}

fn tls(
    settings: &Settings,
    provider: &Arc<CryptoProvider>,
    client_certificate: &Arc<ClientCertificate>,
) -> Result<ClientConfig, BuildError> {
    let refused = |error: rustls::Error| BuildError::Client(error.to_string());
    let trusted = match &settings.ca_file {
        Some(path) => {
            let pem = read("ca_file", path)?;
            let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
            let certificates = certificates.ok().filter(|certificates| !certificates.is_empty());
            certificates.ok_or_else(|| BuildError::Certificates { path: path.clone() })?
        }
        None => Vec::new(),
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(refused)?;
    let builder = if trusted.is_empty() && settings.base_url.scheme() == "http" {
        // Without TLS no system certificates are needed, and a minimal system may have none.
        builder.with_root_certificates(rustls::RootCertStore::empty())
    } else {
        let verifier = Verifier::new_with_extra_roots(trusted, Arc::clone(provider)).map_err(refused)?;
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
    };
    let mut config = builder.with_client_cert_resolver(Arc::clone(client_certificate) as _);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn certified_key(settings: &Settings, provider: &CryptoProvider) -> Result<Option<CertifiedKey>, BuildError> {
    let Some((certificate, key)) = &settings.client_certificate else { return Ok(None) };
    let (chain, private) = (read("client_cert_file", certificate)?, read("client_key_file", key)?);
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&chain).collect();
    let pair = chain.ok().zip(PrivateKeyDer::from_pem_slice(&private).ok());
    // The error messages of the libraries may quote the key.
    pair.and_then(|(chain, private)| CertifiedKey::from_der(chain, private, provider).ok())
        .map(Some)
        .ok_or_else(|| BuildError::ClientCertificate { path: certificate.clone() })
}

fn read(key: &'static str, path: &Path) -> Result<Vec<u8>, BuildError> {
    let failed = |source| BuildError::File { key, path: path.to_owned(), source };
    let content = file::read(path, MAX_PEM_BYTES).map_err(failed)?;
    content.ok_or_else(|| failed(ErrorKind::FileTooLarge.into()))
}

fn describe(error: reqwest::Error) -> String {
    failure::innermost(&error.without_url())
}
