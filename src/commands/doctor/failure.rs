//! Says what to do about a request that failed.

use crate::provider::ErrorKind;

/// What to do about a failure at this host.
pub(super) fn advice(kind: &ErrorKind, host: &str) -> String {
    match kind {
        ErrorKind::Unauthorized { .. } => {
            "the vendor may answer so where this is not part of the plan: compare with the portal, and leave it out of \
             workloads or parts if it is not"
                .into()
        }
        ErrorKind::Forbidden { json: true } => {
            "the credential is known and does not reach this: check its scope in the portal".into()
        }
        ErrorKind::Forbidden { json: false } => {
            format!(
                "a proxy or firewall in front of {host} refuses, or {host} is not the API: check base_url and the way there"
            )
        }
        ErrorKind::NotFound { .. } => format!(
            "the credentials are not to blame: {host} does not serve the API at this path; check host and path of \
             base_url (region, brand, gateway)"
        ),
        ErrorKind::Throttled { .. } => {
            "wait, and look for other programs that use this account; lower requests_per_second if it comes back".into()
        }
        ErrorKind::Rejected { status: 300..=399 } => {
            format!("{host} sends elsewhere, as a portal page does: base_url must be the API's own address")
        }
        ErrorKind::Rejected { .. } | ErrorKind::NoWholeList { .. } => {
            format!("{host} may not be the API: check base_url, and proxies in between")
        }
        ErrorKind::Server { .. } => "the vendor is at fault: try again later".into(),
        ErrorKind::Timeout { .. } => {
            "try again; raise timeout where the vendor is known to be slow (Datto takes 20 to 60 seconds)".into()
        }
        ErrorKind::Dns => "check the host in base_url, and this machine's resolver".into(),
        ErrorKind::Tls { reason } => tls_advice(reason).into(),
        ErrorKind::Connect { .. } => "check host and port of base_url, the proxy, and firewalls in between".into(),
        ErrorKind::Interrupted => {
            format!("whoever answers at {host} broke off: check the port of base_url, and proxies in between")
        }
        ErrorKind::Decode { .. }
        | ErrorKind::Shape { .. }
        | ErrorKind::TooLarge { .. }
        | ErrorKind::TooManyRecords { .. } => {
            format!("{host} answered, and not as the API: a portal, a proxy's page or maintenance; check base_url")
        }
        ErrorKind::Incomplete { .. }
        | ErrorKind::RepeatedPage { .. }
        | ErrorKind::PageRefused { .. }
        | ErrorKind::Moved => {
            "try again; if it stays, ask the vendor: the exporter keeps to the last complete list".into()
        }
        ErrorKind::UnreadableRecords { .. } | ErrorKind::Pagination { .. } => {
            "the vendor's records have changed or are damaged: please report it with the exporter's version".into()
        }
        ErrorKind::SuspiciousEmpty { .. } => {
            "the credential opens nothing here: in the portal, check that this tenant's own token is what the list of \
             tenants gives, and not the reseller's"
                .into()
        }
        ErrorKind::ForeignRecords { .. } => {
            "a cache or proxy in between mixes up answers, or the vendor does: check the proxy, else ask the vendor"
                .into()
        }
        ErrorKind::NoToken => "have the vendor give this organization's login an authentication token".into(),
    }
}

/// What to do about a handshake that failed, by the TLS library's words.
pub(super) fn tls_advice(reason: &str) -> &'static str {
    let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    if says(&["UnknownIssuer", "CaUsedAsEndEntity", "self-signed", "self signed"]) {
        "the certificate is signed by nobody who is trusted here: behind a proxy or gateway of your own, set ca_file \
         to its certificate"
    } else if says(&["not valid for name", "NotValidForName"]) {
        "the certificate is another host's: check the host in base_url"
    } else if says(&["not valid yet", "NotValidYet"]) {
        "the certificate is not valid yet: check this machine's clock"
    } else if says(&["expired", "Expired"]) {
        "the certificate has expired: check this machine's clock, else whoever runs the server must renew it"
    } else if says(&[
        "CertificateRequired",
        "asked for a client certificate",
        "BadCertificate",
        "UnknownCA",
        "CertificateUnknown",
        "DecryptError",
    ]) {
        "the server demands or refuses the certificate of this machine: set client_cert_file and client_key_file to one \
         that it trusts"
    } else if says(&["InvalidContentType", "corrupt message"]) {
        "whoever answers there does not speak TLS: check the port of base_url"
    } else if says(&["ProtocolVersion", "HandshakeFailure", "peer is incompatible"]) {
        "both sides have no TLS version or cipher in common: TLS 1.2 or 1.3 is needed"
    } else {
        "check base_url, and proxies in between"
    }
}
