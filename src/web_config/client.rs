//! Decides which clients come in by their certificate, in Go's five ways.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use super::pem::{self, Pem};
use crate::config::decoder::Section;

/// What is asked of a client.
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

/// What a client has to show, and the certificates that say so.
pub(super) struct Clients<'a> {
    /// `None` means nothing.
    pub(super) verifier: Option<Arc<dyn ClientCertVerifier>>,
    /// Whose signature a client's certificate needs.
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
            "has no effect without a client_auth_type that asks for certificates (RequireAndVerifyClientCert)",
        );
        return None;
    }
    if !allowed_names.is_empty() && !policy.is_mandatory() {
        section.problem_at(
            "client_allowed_sans",
            "needs client_auth_type RequireAndVerifyClientCert or RequireAnyClientCert, as others let clients in without a certificate",
        );
        return None;
    }
    if policy == Policy::None {
        return Some(Clients { verifier: None, authority });
    }
    if policy.verifies() && authority.is_none() {
        section.problem_at(
            "client_ca_file",
            "is missing (client_auth_type verifies, and needs client_ca_file or client_ca)",
        );
        return None;
    }
    let roots = match &authority {
        Some(authority) => Some(roots(authority)?),
        None => None,
    };
    let chain = match roots.filter(|_| policy.verifies()) {
        Some(roots) => Some(chain_verifier(roots, provider, authority.as_ref())?),
        None => None,
    };
    let algorithms = provider.signature_verification_algorithms;
    let verifier = Verifier { chain, is_mandatory: policy.is_mandatory(), allowed_names, algorithms };
    Some(Clients { verifier: Some(Arc::new(verifier)), authority })
}

fn policy(section: &Section<'_>) -> Option<Policy> {
    let Some(field) = section.get("client_auth_type").filter(|field| !pem::is_blank(field)) else {
        return Some(Policy::None);
    };
    // An older word of the format.
    if field.text()?.value == "RequireClientCert" {
        return Some(Policy::RequireAny);
    }
    field.word("client_auth_type", &POLICIES)
}

/// The names of which a certificate must have one; none means that any will do.
fn allowed_names(section: &Section<'_>) -> Option<BTreeSet<String>> {
    let Some(field) = section.get("client_allowed_sans").filter(|field| !field.is_null()) else {
        return Some(BTreeSet::new());
    };
    let items = field.items("[prometheus.example, ...]")?;
    if items.is_empty() {
        field.problem("is an empty list, which would let nobody in");
        return None;
    }
    let names: Vec<_> = items.iter().map(|item| item.text().map(|text| canonical(&text.value))).collect();
    names.into_iter().collect()
}

fn roots(authority: &Pem<'_>) -> Option<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in authority.certificates()? {
        if let Err(error) = roots.add(certificate) {
            authority.field.problem(format!("holds a certificate that cannot be used: {error}"));
            return None;
        }
    }
    Some(roots)
}

fn chain_verifier(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
    authority: Option<&Pem<'_>>,
) -> Option<Arc<dyn ClientCertVerifier>> {
    match WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build() {
        Ok(verifier) => Some(verifier),
        Err(error) => {
            if let Some(authority) = authority {
                authority.field.problem(format!("cannot be used: {error}"));
            }
            None
        }
    }
}

/// Asks for a certificate, and holds it to a chain, to names, or to neither.
#[derive(Debug)]
struct Verifier {
    chain: Option<Arc<dyn ClientCertVerifier>>,
    is_mandatory: bool,
    allowed_names: BTreeSet<String>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for Verifier {
    fn client_auth_mandatory(&self) -> bool {
        self.is_mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.as_ref().map_or(&[], |chain| chain.root_hint_subjects())
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if let Some(chain) = &self.chain {
            chain.verify_client_cert(end_entity, intermediates, now)?;
        }
        if !self.allowed_names.is_empty() && names_of(end_entity)?.is_disjoint(&self.allowed_names) {
            return Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure));
        }
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// All names of a certificate: of hosts, addresses, mailboxes and resources.
fn names_of(certificate: &CertificateDer<'_>) -> Result<BTreeSet<String>, Error> {
    let unreadable = || Error::InvalidCertificate(CertificateError::BadEncoding);
    let (_, certificate) = X509Certificate::from_der(certificate).map_err(|_| unreadable())?;
    let names = certificate.subject_alternative_name().map_err(|_| unreadable())?;
    Ok(names.iter().flat_map(|names| &names.value.general_names).filter_map(name).collect())
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(text) | GeneralName::RFC822Name(text) | GeneralName::URI(text) => Some((*text).to_owned()),
        GeneralName::IPAddress(octets) => {
            let short = <[u8; 4]>::try_from(*octets).map(IpAddr::from);
            let address = short.or_else(|_| <[u8; 16]>::try_from(*octets).map(IpAddr::from)).ok()?;
            Some(address.to_canonical().to_string())
        }
        _ => None,
    }
}

/// One way to write an address; any other name is matched as it is.
fn canonical(name: &str) -> String {
    name.parse::<IpAddr>().map_or_else(|_| name.to_owned(), |address| address.to_canonical().to_string())
}
