//! Suggests a fix for a request that failed.

use crate::provider::ErrorKind;

/// The suggested fix for a failure at this host.
pub(super) fn advice(kind: &ErrorKind, host: &str) -> String {
    match kind {
        ErrorKind::Unauthorized { .. } => {
            "this may not be part of the tenant's plan: compare with the portal, and if so remove it from workloads or \
             parts"
                .into()
        }
        ErrorKind::Forbidden { json: true } => {
            "the credentials are valid but lack permission: check their scope in the portal".into()
        }
        ErrorKind::Forbidden { json: false } => {
            format!(
                "a proxy or firewall in front of {host} rejects the request, or {host} is not the API: check base_url and proxies in between"
            )
        }
        ErrorKind::NotFound { .. } => format!(
            "{host} does not serve the API at this path (the credentials are not the cause): check host and path of \
             base_url (region, brand, gateway)"
        ),
        ErrorKind::Throttled { .. } | ErrorKind::Paused { .. } => {
            "wait, and check for other programs that use this account; lower requests_per_second if it persists".into()
        }
        ErrorKind::Rejected { status: 300..=399 } => {
            format!("{host} redirects, as a portal page does: base_url must be the address of the API itself")
        }
        ErrorKind::Rejected { .. } | ErrorKind::NoWholeList { .. } => {
            format!("{host} may not be the API: check base_url, and proxies in between")
        }
        ErrorKind::Server { .. } => "failure at the vendor: try again later".into(),
        ErrorKind::Timeout { .. } => {
            "try again; raise timeout if the vendor is known to be slow (Datto takes 20 to 60 seconds)".into()
        }
        ErrorKind::Dns => "check the host in base_url, and this machine's resolver".into(),
        ErrorKind::Tls { reason } => tls_advice(reason).into(),
        ErrorKind::Connect { .. } => "check host and port of base_url, the proxy, and firewalls in between".into(),
        ErrorKind::Interrupted | ErrorKind::Malformed { .. } => {
            format!("the connection to {host} was closed before the response was complete: check the port of base_url, and proxies in between")
        }
        ErrorKind::Decode { .. }
        | ErrorKind::Shape { .. }
        | ErrorKind::TooLarge { .. }
        | ErrorKind::TooManyRecords { .. }
        | ErrorKind::ListTooLarge { .. } => {
            format!("the response of {host} is not from the API, but from a portal, a proxy or a maintenance page: check base_url")
        }
        ErrorKind::Incomplete { .. }
        | ErrorKind::RepeatedPage { .. }
        | ErrorKind::PageRefused { .. }
        | ErrorKind::Moved => {
            "try again; if it persists, contact the vendor: the exporter keeps the last complete listing".into()
        }
        ErrorKind::UnreadableRecords { .. } | ErrorKind::Pagination { .. } => {
            "the vendor's records have changed or are damaged: please report this with the version of the exporter".into()
        }
        ErrorKind::SuspiciousEmpty { .. } => {
            "the token has no access to this tenant: check in the portal that the listing returns the tenant's own token, \
             not the reseller's"
                .into()
        }
        ErrorKind::ForeignRecords { .. } => {
            "a cache or proxy in between mixes up responses, or the vendor does: check the proxy, else contact the vendor"
                .into()
        }
        ErrorKind::NoToken => "ask the vendor for an authentication token for the login of this organization".into(),
    }
}

/// The suggested fix for a failed handshake, by the error text of the TLS library.
pub(super) fn tls_advice(reason: &str) -> &'static str {
    let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    if says(&["UnknownIssuer", "CaUsedAsEndEntity", "self-signed", "self signed"]) {
        "the certificate is signed by an unknown CA: behind a proxy or gateway of your own, set ca_file to its CA \
         certificate"
    } else if says(&["not valid for name", "NotValidForName"]) {
        "the certificate is for another host: check the host in base_url"
    } else if says(&["not valid yet", "NotValidYet"]) {
        "the certificate is not valid yet: check this machine's clock"
    } else if says(&["expired", "Expired"]) {
        "the certificate has expired: check this machine's clock, else the operator of the server must renew it"
    } else if says(&[
        "CertificateRequired",
        "asked for a client certificate",
        "BadCertificate",
        "UnknownCA",
        "CertificateUnknown",
        "DecryptError",
    ]) {
        "the server requires a client certificate, or rejects the configured one: set client_cert_file and \
         client_key_file to one that it trusts"
    } else if says(&["InvalidContentType", "corrupt message"]) {
        "the server does not speak TLS: check the port of base_url"
    } else if says(&["ProtocolVersion", "HandshakeFailure", "peer is incompatible"]) {
        "no TLS version or cipher suite in common: the server must support TLS 1.2 or 1.3"
    } else {
        "check base_url, and proxies in between"
    }
}
