//! Reads which client certificates are required, by Go's five policies.

mod verifier;

use std::collections::BTreeSet;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;

use super::pem::{self, Pem};
use crate::config::decoder::Section;
use verifier::{Chain, Verifier, canonical};

/// The policy for client certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    None,
    Request,
    RequireAny,
    VerifyIfGiven,
    RequireAndVerify,
}

const POLICIES: [(&str, Policy); 5] = [
    ("NoClientCert", Policy::None),
    ("RequestClientCert", Policy::Request),
    ("RequireAnyClientCert", Policy::RequireAny),
    ("VerifyClientCertIfGiven", Policy::VerifyIfGiven),
    ("RequireAndVerifyClientCert", Policy::RequireAndVerify),
];

impl Policy {
    const fn is_mandatory(self) -> bool {
        matches!(self, Self::RequireAny | Self::RequireAndVerify)
    }

    const fn verifies(self) -> bool {
        matches!(self, Self::VerifyIfGiven | Self::RequireAndVerify)
    }
}

/// The verifier of client certificates, and the certificates it was built from.
pub(super) struct Clients<'a> {
    /// `None` means nothing.
    pub(super) verifier: Option<Arc<dyn ClientCertVerifier>>,
    /// The CA certificates.
    pub(super) authority: Option<Pem<'a>>,
}

/// `None` if and only if a problem was reported.
pub(super) fn decode<'a>(section: &Section<'a>, provider: &Arc<CryptoProvider>) -> Option<Clients<'a>> {
    let policy = policy(section);
    let authority = pem::either(section, "client_ca", "client_ca_file");
    let allowed_names = allowed_names(section);
    let (policy, authority, allowed_names) = (policy?, authority?, allowed_names?);
    if let Some(authority) = &authority
        && policy == Policy::None
    {
        authority.field.problem(
            "has no effect without a client_auth_type that requests certificates (RequireAndVerifyClientCert)",
        );
        return None;
    }
    if !allowed_names.is_empty() && policy != Policy::RequireAndVerify {
        section.problem_at(
            "client_allowed_sans",
            "requires client_auth_type RequireAndVerifyClientCert, the only type that enforces verified certificates",
        );
        return None;
    }
    if policy == Policy::None {
        return Some(Clients { verifier: None, authority });
    }
    if policy.verifies() && authority.is_none() {
        section.problem_at("client_ca_file", "is missing (this client_auth_type requires client_ca_file or client_ca)");
        return None;
    }
    let chain = match authority.as_ref() {
        Some(authority) => {
            // They are read in any case, so that their problems are reported under every policy.
            let chain = chain(authority, provider)?;
            policy.verifies().then_some(chain)
        }
        None => None,
    };
    let algorithms = provider.signature_verification_algorithms;
    let verifier = Verifier { chain, is_mandatory: policy.is_mandatory(), allowed_names, algorithms };
    Some(Clients { verifier: Some(Arc::new(verifier)), authority })
}

fn policy(section: &Section<'_>) -> Option<Policy> {
    let Some(field) = section.get("client_auth_type").filter(|field| !field.is_blank()) else {
        return Some(Policy::None);
    };
    // A former name in the format.
    if field.text()?.value == "RequireClientCert" {
        return Some(Policy::RequireAny);
    }
    field.word("client_auth_type", &POLICIES)
}

/// The names of which a certificate must have at least one; empty means any.
fn allowed_names(section: &Section<'_>) -> Option<BTreeSet<String>> {
    let Some(field) = section.get("client_allowed_sans") else { return Some(BTreeSet::new()) };
    let items = field.items("[prometheus.example, ...]")?;
    if items.is_empty() {
        field.problem("is an empty list, which would reject every client");
        return None;
    }
    let names: Vec<_> = items.iter().map(|item| item.text().map(|text| canonical(&text.value))).collect();
    names.into_iter().collect()
}

fn chain(authority: &Pem<'_>, provider: &Arc<CryptoProvider>) -> Option<Chain> {
    let listed = authority.certificates()?;
    match anchored(&listed, provider) {
        Ok(verifier) => Some(Chain { verifier, listed }),
        Err(problem) => {
            authority.field.problem(format!("contains an invalid certificate: {problem}"));
            None
        }
    }
}

fn anchored(
    listed: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in listed {
        roots.add(certificate.clone()).map_err(|error| error.to_string())?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    builder.build().map_err(|error| error.to_string())
}
