//! Translates Go's names of versions, cipher suites and curves to those of rustls.

use rustls::crypto::SupportedKxGroup;
use rustls::crypto::ring::{cipher_suite, kx_group};
use rustls::{SupportedCipherSuite, version};

use crate::config::decoder::{Field, Text, listed};

/// A protocol version, the older one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    Tls12,
    Tls13,
}

impl Version {
    /// The version in rustls.
    pub(super) const fn supported(self) -> &'static rustls::SupportedProtocolVersion {
        match self {
            Self::Tls12 => &version::TLS12,
            Self::Tls13 => &version::TLS13,
        }
    }
}

const VERSIONS: [(&str, Version); 2] = [("TLS12", Version::Tls12), ("TLS13", Version::Tls13)];

const SUITES: [(&str, SupportedCipherSuite); 9] = [
    ("TLS_AES_128_GCM_SHA256", cipher_suite::TLS13_AES_128_GCM_SHA256),
    ("TLS_AES_256_GCM_SHA384", cipher_suite::TLS13_AES_256_GCM_SHA384),
    ("TLS_CHACHA20_POLY1305_SHA256", cipher_suite::TLS13_CHACHA20_POLY1305_SHA256),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
    ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", cipher_suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256),
];

const CURVES: [(&str, &dyn SupportedKxGroup); 3] =
    [("CurveP256", kx_group::SECP256R1), ("CurveP384", kx_group::SECP384R1), ("X25519", kx_group::X25519)];

/// One of Go's names of a version; insecure versions are not supported.
pub(super) fn version(field: &Field<'_>) -> Option<Version> {
    let text = field.text()?;
    if matches!(text.value.as_str(), "TLS10" | "TLS11") {
        field.problem(format!(
            "{} is not supported, as it is insecure (accepted: {})",
            text.shown(),
            listed(&VERSIONS)
        ));
        return None;
    }
    field.word("TLS version", &VERSIONS)
}

/// The suites of a list, in its order, which is the server's preference.
///
/// As in Go, this concerns TLS 1.2 only: those of TLS 1.3 may be listed, and all of them are always offered.
pub(super) fn cipher_suites(field: &Field<'_>) -> Option<Vec<SupportedCipherSuite>> {
    let named = words(field, "supported cipher suite", &SUITES)?;
    let is_tls13 = |suite: &SupportedCipherSuite| suite.tls13().is_some();
    let always = SUITES.iter().map(|(_, suite)| *suite).filter(is_tls13);
    let all: Vec<_> = always.chain(named.iter().copied().filter(|suite| !is_tls13(suite))).collect();
    Some(if named.is_empty() { Vec::new() } else { all })
}

/// The curves of a list, in its order.
pub(super) fn curves(field: &Field<'_>) -> Option<Vec<&'static dyn SupportedKxGroup>> {
    words(field, "supported curve", &CURVES)
}

fn words<T: Copy>(field: &Field<'_>, kind: &str, words: &[(&str, T)]) -> Option<Vec<T>> {
    let example = words.first().map(|(word, _)| format!("[{word}, ...]")).unwrap_or_default();
    let decoded: Vec<_> = field.items(&example)?.iter().map(|item| item.word(kind, words)).collect();
    decoded.into_iter().collect()
}

/// `true` or `false`.
pub(super) fn truth(field: &Field<'_>) -> Option<bool> {
    field.word("boolean", &[("true", true), ("false", false)])
}

/// The text of a field; `Some(None)` if it is blank, which means the same as its absence. An empty environment
/// variable does not: it must not disable a restriction of the file.
pub(super) fn text_or_blank(field: &Field<'_>) -> Option<Option<Text>> {
    if field.is_blank() { Some(None) } else { field.text().map(Some) }
}
