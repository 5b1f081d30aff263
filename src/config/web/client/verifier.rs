//! Verifies a client's certificate by chain, by names, by both, or by neither.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use x509_parser::prelude::{ASN1Time, FromDer as _, GeneralName, X509Certificate};

/// The trusted CA certificates.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) verifier: Arc<dyn ClientCertVerifier>,
    /// The certificates as configured.
    pub(super) listed: Vec<CertificateDer<'static>>,
}

/// Requests a certificate, and verifies it by chain, by names, or by neither.
#[derive(Debug)]
pub(super) struct Verifier {
    /// `None` means that any certificate is accepted.
    pub(super) chain: Option<Chain>,
    /// Whether a client without a certificate is rejected.
    pub(super) is_mandatory: bool,
    /// The names of which a certificate must have at least one; empty means any.
    pub(super) allowed_names: BTreeSet<String>,
    pub(super) algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for Verifier {
    fn client_auth_mandatory(&self) -> bool {
        self.is_mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.as_ref().map_or(&[], |chain| chain.verifier.root_hint_subjects())
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if let Some(chain) = &self.chain {
            chain.verify(end_entity, intermediates, now)?;
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

impl Chain {
    fn verify(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let verified = self.verifier.verify_client_cert(end_entity, intermediates, now);
        // `openssl req -x509` marks self-signed certificates as CAs, which a chain must not end in. If exactly this
        // certificate is configured, there is no chain to verify.
        match verified {
            Err(_) if self.listed.contains(end_entity) && is_for_clients(end_entity, now)? => Ok(()),
            verified => verified.map(|_| ()),
        }
    }
}

/// Whether a certificate is valid now, and for this purpose.
fn is_for_clients(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<bool, Error> {
    let certificate = parsed(certificate)?;
    let now = i64::try_from(now.as_secs()).ok().and_then(|now| ASN1Time::from_timestamp(now).ok());
    let is_valid = now.is_some_and(|now| certificate.validity().is_valid_at(now));
    let purposes = certificate.extended_key_usage().map_err(|_| unreadable())?;
    Ok(is_valid && purposes.is_none_or(|purposes| purposes.value.any || purposes.value.client_auth))
}

/// All names of a certificate: of hosts, addresses, mailboxes and resources.
fn names_of(certificate: &CertificateDer<'_>) -> Result<BTreeSet<String>, Error> {
    let certificate = parsed(certificate)?;
    let names = certificate.subject_alternative_name().map_err(|_| unreadable())?;
    Ok(names.iter().flat_map(|names| &names.value.general_names).filter_map(name).collect())
}

fn parsed<'a>(certificate: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, Error> {
    X509Certificate::from_der(certificate).map(|(_, certificate)| certificate).map_err(|_| unreadable())
}

const fn unreadable() -> Error {
    Error::InvalidCertificate(CertificateError::BadEncoding)
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

/// The canonical form of an address; any other name is matched as it is.
pub(super) fn canonical(name: &str) -> String {
    name.parse::<IpAddr>().map_or_else(|_| name.to_owned(), |address| address.to_canonical().to_string())
}
