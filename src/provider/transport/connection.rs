//! Builds the HTTP client of one vendor account.

use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

use super::failure;
use super::route::is_direct;

/// How to reach one vendor account.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the API is.
    pub base_url: Url,
    /// The time limit of one request.
    pub timeout: Duration,
    /// Requests in flight at once.
    pub concurrency: usize,
    /// The ceiling of requests a second.
    pub requests_per_second: f64,
    /// A file of certificates (PEM) to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// The files (PEM) of the certificate that is shown to a server that asks for one, and of its key.
    pub client_certificate: Option<(PathBuf, PathBuf)>,
    /// A proxy; `None` takes it from the environment.
    pub proxy_url: Option<Url>,
    /// Hosts that are reached without a proxy, as in the environment's `NO_PROXY`.
    pub no_proxy: Vec<String>,
}

/// Why a transport cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A file of certificates or of a key cannot be read.
    #[error("{key} {}: {source}", path.display())]
    File {
        /// Which one, by its key in the configuration.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds no certificate.
    #[error("ca_file {}: not a PEM file of certificates", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
    },
    /// The files hold no certificate with its key.
    #[error("client_cert_file {}: not a PEM file of a certificate, or client_key_file not one of its key", path.display())]
    ClientCertificate {
        /// The file of the certificate.
        path: PathBuf,
    },
    /// The HTTP client refuses the settings.
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
}

pub(super) fn client(settings: &Settings) -> Result<reqwest::Client, BuildError> {
    // The first source to be built installs the provider; it is the same for all.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("saasbackup-exporter/", env!("CARGO_PKG_VERSION")))
        .timeout(settings.timeout)
        .connect_timeout(settings.timeout.min(Duration::from_secs(10)))
        // Over HTTP/2 all requests share one connection, on which the server decides how many there are at once.
        .http1_only()
        .pool_max_idle_per_host(settings.concurrency)
        // A redirect would carry the vendor's token headers to wherever it points.
        .redirect(reqwest::redirect::Policy::none());
    if let Some(path) = &settings.ca_file {
        let pem = read("ca_file", path)?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem)
            .ok()
            .filter(|certificates| !certificates.is_empty())
            .ok_or_else(|| BuildError::Certificates { path: path.clone() })?;
        builder = builder.tls_certs_merge(certificates);
    } else if settings.base_url.scheme() == "http" {
        // Without TLS no system certificates are needed, and a bare machine may have none.
        builder = builder.tls_certs_only([]);
    }
    if let Some((certificate, key)) = &settings.client_certificate {
        let mut pem = read("client_cert_file", certificate)?;
        pem.push(b'\n');
        pem.extend(read("client_key_file", key)?);
        // The library's words may quote the key.
        let identity = reqwest::Identity::from_pem(&pem)
            .map_err(|_| BuildError::ClientCertificate { path: certificate.clone() })?;
        builder = builder.identity(identity);
    }
    if is_direct(&settings.base_url, settings.proxy_url.as_ref(), &settings.no_proxy) {
        builder = builder.no_proxy();
    } else if let Some(proxy) = &settings.proxy_url {
        let proxy = reqwest::Proxy::all(proxy.clone()).map_err(|error| BuildError::Client(describe(error)))?;
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|error| BuildError::Client(describe(error)))
}

fn read(key: &'static str, path: &Path) -> Result<Vec<u8>, BuildError> {
    std::fs::read(path).map_err(|source| BuildError::File { key, path: path.to_owned(), source })
}

fn describe(error: reqwest::Error) -> String {
    failure::innermost(&error.without_url())
}
