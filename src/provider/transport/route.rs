//! Tells the way to a vendor: directly or through which proxy, and whether anybody answers there.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::HeaderMap;
use url::Url;

use super::{Request, Transport, is_loopback};
use crate::provider::endpoint::Endpoint;
use crate::provider::error::{Error, ErrorKind};

/// The base URL itself.
const BASE: Endpoint = Endpoint::new("/");

/// The way to a vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Nothing stands in between.
    Direct,
    /// Through a proxy.
    Proxy {
        /// Where it is, without its credentials.
        address: Url,
        /// Whether a user name or password goes with it.
        has_credentials: bool,
        /// Whether the environment names it, and not the configuration.
        from_environment: bool,
    },
}

/// The way that requests to `base_url` take; `proxy_url` is the configured proxy.
///
/// The environment is read by the same code as the HTTP client's, so `NO_PROXY` means here what it means there.
#[must_use]
pub fn route(base_url: &Url, proxy_url: Option<&Url>) -> Route {
    if let Some(proxy) = proxy_url {
        return through(proxy.clone(), false, false);
    }
    if is_loopback(base_url) {
        return Route::Direct;
    }
    let intercept = base_url.as_str().parse().ok().and_then(|uri| Matcher::from_system().intercept(&uri));
    let proxy = intercept.and_then(|intercept| {
        let has_credentials = intercept.basic_auth().is_some() || intercept.raw_auth().is_some();
        Some((Url::parse(&intercept.uri().to_string()).ok()?, has_credentials))
    });
    proxy.map_or(Route::Direct, |(proxy, has_credentials)| through(proxy, has_credentials, true))
}

fn through(mut address: Url, has_credentials: bool, from_environment: bool) -> Route {
    let has_credentials = has_credentials || !address.username().is_empty() || address.password().is_some();
    // Neither can fail for an address with a host, and one without is no proxy.
    let _ = address.set_username("");
    let _ = address.set_password(None);
    Route::Proxy { address, has_credentials, from_environment }
}

impl Transport {
    /// Whether anything that speaks HTTP answers at the base URL; no credential is sent.
    pub(in crate::provider) async fn reach(&self) -> Result<(), Error> {
        let headers = HeaderMap::new();
        let credential_hint = "nothing: no credential was sent";
        let request =
            Request { endpoint: BASE, ids: &[], query: &[], headers: &headers, credential_hint, may_repeat: false };
        match self.get(&request, |_| Ok(())).await {
            Err(error) if !is_answer(&error.kind) => Err(error),
            _ => Ok(()),
        }
    }
}

/// Whether a failure is one that somebody answered with.
const fn is_answer(kind: &ErrorKind) -> bool {
    !matches!(
        kind,
        ErrorKind::Dns
            | ErrorKind::Tls { .. }
            | ErrorKind::Connect { .. }
            | ErrorKind::Timeout { .. }
            | ErrorKind::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_configured_proxy_is_told_without_its_credentials() {
        for (proxy, has_credentials) in [("http://canary:canary@proxy.example:3128", true), ("socks5h://proxy", false)]
        {
            let Route::Proxy { address, has_credentials: found, from_environment } =
                route(&url("https://dropsuite.us/api"), Some(&url(proxy)))
            else {
                panic!("{proxy} is used");
            };
            assert_eq!((found, from_environment), (has_credentials, false), "{proxy}");
            assert!(!address.as_str().contains("canary"), "{address}");
        }
    }

    #[test]
    fn this_machine_itself_is_reached_directly_unless_a_proxy_is_configured() {
        let here = url("http://127.0.0.1:8080/api");
        assert_eq!(route(&here, None), Route::Direct);
        assert!(matches!(route(&here, Some(&url("http://proxy.example"))), Route::Proxy { .. }));
    }
}
