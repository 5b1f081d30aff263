//! Reads the TLS settings, and builds the acceptor of connections.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::{Error, ServerConfig};

use super::client::{self, Clients};
use super::pem::{self, Pem};
use super::words::{self, Version};
use crate::config::decoder::{Field, Section};

const KEYS: &[&str] = &[
    "cert",
    "key",
    "client_ca",
    "cert_file",
    "key_file",
    "client_auth_type",
    "client_ca_file",
    "client_allowed_sans",
    "min_version",
    "max_version",
    "cipher_suites",
    "prefer_server_cipher_suites",
    "curve_preferences",
];

/// The acceptor of connections, and the files it was built from.
#[derive(Default)]
pub(super) struct Tls {
    /// `None` means plain HTTP.
    pub(super) config: Option<Arc<ServerConfig>>,
    pub(super) files: Vec<PathBuf>,
}

/// `None` if and only if a problem was reported.
pub(super) fn decode(field: &Field<'_>, is_http2: bool) -> Option<Tls> {
    let section = field.section(KEYS)?;
    if field.is_empty() {
        // Its keys may be commented out, and passwords would be sent in plain text.
        field.problem("is empty; remove it to serve plain HTTP");
        return None;
    }
    if KEYS.iter().all(|key| section.get(key).is_none_or(|field| field.is_blank())) {
        return Some(Tls::default());
    }
    let provider = provider(&section);
    let versions = versions(&section);
    let prefers_server = section.get("prefer_server_cipher_suites").map_or(Some(true), |field| words::truth(&field));
    let certificate = required(&section, "cert", "cert_file");
    let key = required(&section, "key", "key_file");
    let clients = client::decode(&section, provider.as_ref().unwrap_or(&Arc::new(ring::default_provider())));
    let (certificate, key, clients) = (certificate?, key?, clients?);
    let mut config = server_config(provider?, &versions?, &certificate, &key, &clients)?;
    config.ignore_client_order = prefers_server?;
    config.alpn_protocols = if is_http2 { vec![b"h2".to_vec()] } else { Vec::new() };
    config.alpn_protocols.push(b"http/1.1".to_vec());
    let sources = [Some(certificate), Some(key), clients.authority];
    let files = sources.into_iter().flatten().filter_map(|pem| pem.file).collect();
    Some(Tls { config: Some(Arc::new(config)), files })
}

fn required<'a>(section: &Section<'a>, inline: &str, by_file: &str) -> Option<Pem<'a>> {
    let found = pem::either(section, inline, by_file)?;
    if found.is_none() {
        section.problem_at(by_file, format!("is missing (TLS requires {by_file} or {inline})"));
    }
    found
}

/// The suites and curves to offer.
fn provider(section: &Section<'_>) -> Option<Arc<CryptoProvider>> {
    let mut provider = ring::default_provider();
    let suites = section.get("cipher_suites").map_or_else(|| Some(Vec::new()), |field| words::cipher_suites(&field));
    let curves = section.get("curve_preferences").map_or_else(|| Some(Vec::new()), |field| words::curves(&field));
    let (suites, curves) = (suites?, curves?);
    if !suites.is_empty() {
        provider.cipher_suites = suites;
    }
    if !curves.is_empty() {
        provider.kx_groups = curves;
    }
    Some(Arc::new(provider))
}

fn versions(section: &Section<'_>) -> Option<Vec<Version>> {
    let bound = |key, default| section.get(key).map_or(Some(default), |field| words::version(&field));
    let (least, most) = (bound("min_version", Version::Tls12), bound("max_version", Version::Tls13));
    let range = least?..=most?;
    if range.is_empty() {
        section.problem_at("max_version", "is older than min_version");
        return None;
    }
    Some([Version::Tls12, Version::Tls13].into_iter().filter(|version| range.contains(version)).collect())
}

fn server_config(
    provider: Arc<CryptoProvider>,
    versions: &[Version],
    certificate: &Pem<'_>,
    key: &Pem<'_>,
    clients: &Clients<'_>,
) -> Option<ServerConfig> {
    let (chain, private) = (certificate.certificates(), key.private_key());
    let (chain, private) = (chain?, private?);
    let versions: Vec<_> = versions.iter().map(|version| version.supported()).collect();
    let builder = match ServerConfig::builder_with_provider(provider).with_protocol_versions(&versions) {
        Ok(builder) => builder,
        Err(error) => {
            certificate.field.problem(format!("is incompatible with these versions and cipher suites: {error}"));
            return None;
        }
    };
    let builder = match &clients.verifier {
        Some(verifier) => builder.with_client_cert_verifier(Arc::clone(verifier)),
        None => builder.with_no_client_auth(),
    };
    match builder.with_single_cert(chain, private) {
        Ok(config) => return Some(config),
        Err(Error::InconsistentKeys(_)) => key.field.problem("does not match the certificate"),
        Err(error @ Error::InvalidCertificate(_)) => certificate.field.problem(format!("is invalid: {error}")),
        Err(error) => key.field.problem(format!("is invalid: {error}")),
    }
    None
}
