//! Presents the client certificate to servers that request one, and remembers that they did.
//!
//! In TLS 1.3 the client completes its handshake before the server has seen the certificate: a rejection is an alert
//! right after that. If it arrives before the request is sent, the HTTP client drops it and only reports "connection
//! was not ready". That the server requested a certificate is then the only trace of the cause.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

/// The client certificate, if there is one.
#[derive(Debug)]
pub(super) struct ClientCertificate {
    own: Option<Arc<CertifiedKey>>,
    /// Whether a server has requested it since the last response.
    was_requested: AtomicBool,
}

impl ClientCertificate {
    pub(super) fn new(own: Option<CertifiedKey>) -> Self {
        Self { own: own.map(Arc::new), was_requested: AtomicBool::new(false) }
    }

    /// Records a response: the server does not insist on a certificate, or accepts this one.
    pub(super) fn answered(&self) {
        self.was_requested.store(false, Ordering::Relaxed);
    }

    /// Why the server closed a connection without a response; `None` unless it requested a certificate.
    pub(super) fn refusal(&self) -> Option<&'static str> {
        let was_requested = self.was_requested.load(Ordering::Relaxed);
        was_requested.then_some(match self.own {
            None => "the server asked for a client certificate, got none and closed the connection",
            Some(_) => "the server asked for a client certificate, got one and closed the connection",
        })
    }
}

impl ResolvesClientCert for ClientCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.was_requested.store(true, Ordering::Relaxed);
        self.own.clone()
    }

    fn has_certs(&self) -> bool {
        self.own.is_some()
    }
}
