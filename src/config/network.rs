//! Reads how a vendor is reached: trusted certificates, client certificate and proxy.

use std::net::IpAddr;
use std::path::PathBuf;

use rustls::sign::CertifiedKey;
use serde::Serialize;

use super::address::{self, ProxyUrl};
use super::decoder::{Field, Section};
use super::pem::{MAX_FILE_BYTES, Pem};
use crate::process::file;

/// The keys of a source that concern the network.
pub(super) const KEYS: &[&str] = &["ca_file", "client_cert_file", "client_key_file", "proxy_url", "no_proxy"];

/// How the vendor is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Network {
    /// Certificates to trust in addition to the system's, in PEM; `None` means none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The client certificate; `None` means none.
    #[serde(flatten)]
    pub client_certificate: Option<ClientCertificate>,
    /// The proxy; `None` means that the environment decides (`HTTPS_PROXY`, `NO_PROXY`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_url: Option<ProxyUrl>,
    /// Hosts that are reached without any proxy: names with their subdomains, addresses and networks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no_proxy: Vec<String>,
    /// The contents of the files when they were checked, so that a renewed certificate counts as a change on reload.
    #[serde(skip)]
    pub checksums: Vec<u32>,
}

/// A certificate and its key, which match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientCertificate {
    /// The certificate chain in PEM.
    #[serde(rename = "client_cert_file")]
    pub cert_file: PathBuf,
    /// Its private key, in PEM and not encrypted.
    #[serde(rename = "client_key_file")]
    pub key_file: PathBuf,
}

/// A key at which a problem was reported is left out.
pub(super) fn decode(section: &Section<'_>) -> Network {
    let ca_file = section.get("ca_file").and_then(ca_file);
    let client_certificate = client_certificate(section);
    let pair = client_certificate.iter().flat_map(|files| [&files.cert_file, &files.key_file]);
    let content = |path: &PathBuf| file::read(path, MAX_FILE_BYTES).ok().flatten();
    let checksums = ca_file.iter().chain(pair).filter_map(|path| Some(crc32fast::hash(&content(path)?)));
    Network {
        checksums: checksums.collect(),
        ca_file,
        client_certificate,
        proxy_url: section.get("proxy_url").and_then(|field| address::decode_proxy(&field)),
        no_proxy: section.get("no_proxy").and_then(|field| no_proxy(&field)).unwrap_or_default(),
    }
}

/// Reads the file once, so that a wrong path is reported by the check and not at the first request.
fn ca_file(field: Field<'_>) -> Option<PathBuf> {
    let pem = Pem::from_file(field)?;
    pem.certificates()?;
    pem.file
}

fn client_certificate(section: &Section<'_>) -> Option<ClientCertificate> {
    let (certificate, key) = (section.get("client_cert_file"), section.get("client_key_file"));
    match (&certificate, &key) {
        (Some(_), None) => section.problem_at("client_key_file", "is missing (required with client_cert_file)"),
        (None, Some(_)) => section.problem_at("client_cert_file", "is missing (required with client_key_file)"),
        _ => {}
    }
    // Both are read first, so that the problems of both are reported.
    let chain = certificate.and_then(Pem::from_file).and_then(|pem| pem.certificates().zip(pem.file));
    let private = key.and_then(Pem::from_file).and_then(|pem| pem.private_key().zip(pem.file));
    let ((chain, cert_file), (private, key_file)) = (chain?, private?);
    let provider = rustls::crypto::ring::default_provider();
    match CertifiedKey::from_der(chain, private, &provider) {
        Ok(_) => Some(ClientCertificate { cert_file, key_file }),
        Err(rustls::Error::InconsistentKeys(_)) => {
            section.problem_at("client_key_file", "does not match the certificate in client_cert_file");
            None
        }
        Err(rustls::Error::InvalidCertificate(_)) => {
            section.problem_at("client_cert_file", "contains an invalid certificate");
            None
        }
        Err(_) => {
            section.problem_at(
                "client_key_file",
                "contains a key of an unsupported type (supported: RSA, ECDSA, Ed25519)",
            );
            None
        }
    }
}

/// A list, or one text with commas like the environment variable `NO_PROXY`.
fn no_proxy(field: &Field<'_>) -> Option<Vec<String>> {
    let fields = if field.is_list() { field.items("[vendor.example]")? } else { vec![field.clone()] };
    let mut hosts = Vec::new();
    for field in fields {
        let text = field.text()?;
        for host in text.value.split(',').map(str::trim) {
            if !is_host(host) {
                field.problem(format!(
                    "{} is not a list of hosts without scheme and port (vendor.example, .example, 10.0.0.0/8 or *)",
                    text.shown()
                ));
                return None;
            }
            hosts.push(host.to_owned());
        }
    }
    Some(hosts)
}

fn is_host(text: &str) -> bool {
    let (address, bits) = text.split_once('/').unwrap_or((text, "0"));
    if let Ok(address) = address.parse::<IpAddr>() {
        let most = if address.is_ipv4() { 32 } else { 128 };
        return bits.parse::<u8>().is_ok_and(|bits| bits <= most);
    }
    let name = text.strip_prefix('.').unwrap_or(text);
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_')
    };
    text == "*" || name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_distinguished_from_what_would_match_nothing() {
        for host in ["*", "vendor.example", ".example", "localhost", "10.0.0.1", "10.0.0.0/8", "::1", "fd00::/8"] {
            assert!(is_host(host), "{host}");
        }
        for text in ["", ".", "https://vendor.example", "vendor.example:443", "*.example", "10.0.0.0/33", "a b", "a..b"]
        {
            assert!(!is_host(text), "{text}");
        }
    }
}
