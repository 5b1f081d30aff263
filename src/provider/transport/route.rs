//! Determines the network route to a vendor, directly or through a proxy, and whether it responds.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::HeaderMap;
use url::Url;

use super::{Request, Transport};
use crate::provider::endpoint::Endpoint;
use crate::provider::error::{Error, ErrorKind};

/// The base URL itself.
const BASE: Endpoint = Endpoint::new("/");

/// The route to a vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Without a proxy.
    Direct,
    /// Through a proxy.
    Proxy {
        /// Its URL, without credentials.
        address: Url,
        /// Whether it has a user name or password.
        has_credentials: bool,
        /// Whether it comes from the environment, not the configuration.
        from_environment: bool,
    },
}

/// The route of requests to `base_url`; `proxy_url` is the configured proxy, `no_proxy` are the hosts without one.
///
/// The environment is read by the HTTP client's own code, so that `NO_PROXY` has the same meaning.
#[must_use]
pub fn route(base_url: &Url, proxy_url: Option<&Url>, no_proxy: &[String]) -> Route {
    if is_direct(base_url, proxy_url, no_proxy) {
        return Route::Direct;
    }
    if let Some(proxy) = proxy_url {
        return through(proxy.clone(), false, false);
    }
    let intercept = base_url.as_str().parse().ok().and_then(|uri| Matcher::from_system().intercept(&uri));
    let proxy = intercept.and_then(|intercept| {
        let has_credentials = intercept.basic_auth().is_some() || intercept.raw_auth().is_some();
        Some((Url::parse(&intercept.uri().to_string()).ok()?, has_credentials))
    });
    proxy.map_or(Route::Direct, |(proxy, has_credentials)| through(proxy, has_credentials, true))
}

/// Whether the connection must be direct, regardless of the proxy in the environment: for loopback addresses unless
/// `proxy_url` is set, and for hosts in `no_proxy`.
pub(super) fn is_direct(base_url: &Url, proxy_url: Option<&Url>, no_proxy: &[String]) -> bool {
    if proxy_url.is_none() && is_loopback(base_url) {
        return true;
    }
    // A source with its own proxy also has its own exceptions, as in the HTTP client.
    let of_environment = if proxy_url.is_none() { environment() } else { String::new() };
    let no_proxy = no_proxy.iter().map(String::as_str).chain(of_environment.split(','));
    let no_proxy: Vec<_> = no_proxy.filter_map(|host| understood(host.trim(), base_url)).collect();
    // Any proxy will do: only the exceptions matter.
    let proxy = Matcher::builder().all("http://proxy.invalid").no(no_proxy.join(",")).build();
    base_url.as_str().parse().is_ok_and(|uri| proxy.intercept(&uri).is_none())
}

fn environment() -> String {
    ["NO_PROXY", "no_proxy"].into_iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default()
}

/// A host in the syntax of the matcher, which supports neither `*.vendor.example` nor ports; `None` if the port differs
/// from that of `base_url`.
fn understood<'h>(host: &'h str, base_url: &Url) -> Option<&'h str> {
    let host = host.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(host);
    match host.rsplit_once(':') {
        // More colons mean an IPv6 address, which has a port only after brackets.
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => {
            let is_same = port.parse().is_ok_and(|port: u16| Some(port) == base_url.port_or_known_default());
            is_same.then(|| name.trim_start_matches('[').trim_end_matches(']'))
        }
        _ => Some(host),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn through(mut address: Url, has_credentials: bool, from_environment: bool) -> Route {
    let has_credentials = has_credentials || !address.username().is_empty() || address.password().is_some();
    // Neither can fail for a URL with a host, and one without is not a proxy.
    let _ = address.set_username("");
    let _ = address.set_password(None);
    Route::Proxy { address, has_credentials, from_environment }
}

impl Transport {
    /// Checks whether an HTTP server responds at the base URL; sends no credentials.
    pub(in crate::provider) async fn reach(&self) -> Result<(), Error> {
        let headers = HeaderMap::new();
        let credential_hint = "the proxy or gateway, as the request carried no credentials";
        let request =
            Request { endpoint: BASE, ids: &[], query: &[], headers: &headers, credential_hint, may_repeat: false };
        match self.get(&request, |_| Ok(())).await {
            Err(error) if !is_answer(&error.kind) => Err(error),
            _ => Ok(()),
        }
    }
}

/// Whether a failure is a response.
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
    fn a_configured_proxy_is_shown_without_its_credentials() {
        for (proxy, has_credentials) in [("http://canary:canary@proxy.example:3128", true), ("socks5h://proxy", false)]
        {
            let Route::Proxy { address, has_credentials: found, from_environment } =
                route(&url("https://dropsuite.us/api"), Some(&url(proxy)), &[])
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
        assert_eq!(route(&here, None, &[]), Route::Direct);
        assert!(matches!(route(&here, Some(&url("http://proxy.example")), &[]), Route::Proxy { .. }));
    }

    #[test]
    fn hosts_without_a_proxy_are_reached_directly() {
        let proxy = url("http://proxy.example:3128");
        for (address, no_proxy, is_direct) in [
            ("https://api.datto.com", "api.datto.com", true),
            ("https://api.datto.com", "datto.com", true),
            ("https://api.datto.com", ".datto.com", true),
            ("https://api.datto.com:8443/v1", "other.example,DATTO.com", true),
            ("https://api.datto.com", "*", true),
            ("https://10.1.2.3", "10.0.0.0/8", true),
            ("https://[fd00::1]", "fd00::/8", true),
            ("https://api.datto.com", "*.datto.com", true),
            ("https://api.datto.com", "api.datto.com:443", true),
            ("https://api.datto.com", "*.datto.com:443", true),
            ("http://api.datto.com:8080", "api.datto.com:8080", true),
            ("https://[fd00::1]:8443", "[fd00::1]:8443", true),
            ("https://[fd00::1]", "fd00::1", true),
            ("https://api.datto.com", "api.datto.com:8443", false),
            ("https://api.datto.com", "api.datto.com:https", false),
            ("https://evildatto.com", "*.datto.com", false),
            ("https://api.datto.com", "*datto.com", false),
            ("https://api.datto.com", "", false),
            ("https://evildatto.com", "datto.com", false),
            ("https://11.1.2.3", "10.0.0.0/8", false),
            ("https://127.0.0.1", "10.0.0.0/8", false),
        ] {
            let no_proxy: Vec<_> = no_proxy.split(',').map(str::to_owned).collect();
            let found = route(&url(address), Some(&proxy), &no_proxy) == Route::Direct;
            assert_eq!(found, is_direct, "{address} {no_proxy:?}");
        }
    }
}
