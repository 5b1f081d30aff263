//! Shows this machine's certificate to servers that ask for one, and remembers that they asked.
//!
//! In TLS 1.3 the client's handshake is complete before the server has seen
//! its certificate: a refusal is an alert that comes right after. If it comes
//! before the request, the HTTP client drops it and says "connection was not
//! ready" alone. That the server had asked is then the only trace of the cause.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

/// The certificate of this machine, if it has one.
#[derive(Debug)]
pub(super) struct ClientCertificate {
    own: Option<Arc<CertifiedKey>>,
    /// Whether a server has asked for it since the last answer.
    was_requested: AtomicBool,
}

impl ClientCertificate {
    pub(super) fn new(own: Option<CertifiedKey>) -> Self {
        Self { own: own.map(Arc::new), was_requested: AtomicBool::new(false) }
    }

    /// The server answered: it does not insist, or it accepts what it was shown.
    pub(super) fn answered(&self) {
        self.was_requested.store(false, Ordering::Relaxed);
    }

    /// Why the server closed a connection on which it has not answered; `None` unless it asked for a certificate.
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
