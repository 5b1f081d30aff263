//! Makes HTTP clients for the tests.

use reqwest::{Client, ClientBuilder};

/// A client that uses no proxy. TLS is built without a provider of cryptography, so a client needs the process's.
pub(crate) fn builder() -> ClientBuilder {
    // Fails where another test of this process was first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy()
}

/// A client without further settings.
pub(crate) fn client() -> Client {
    builder().build().unwrap()
}
