//! Determines the address under which Prometheus reaches the exporter.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::http::uri::Authority;

use crate::server::ServerOptions;

/// The address to scrape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// Host and port.
    pub(super) target: String,
    /// `None` leaves it to the scrape configuration.
    scheme: Option<&'static str>,
    metrics_path: String,
}

impl Address {
    /// The external URL if configured, else the requested host, else the address that the exporter listens on.
    ///
    /// `None` if there is none of these.
    pub(super) fn of(options: &ServerOptions, host: Option<&str>, listening: Option<SocketAddr>) -> Option<Self> {
        if let Some(url) = &options.external_url {
            let port = url.port_or_known_default()?;
            return Some(Self {
                target: format!("{}:{port}", url.host_str()?),
                scheme: Some(if url.scheme() == "https" { "https" } else { "http" }),
                metrics_path: format!("{}{}", url.path().trim_end_matches('/'), options.telemetry_path),
            });
        }
        // An unspecified address cannot be scraped.
        let listening = || listening.filter(|address| !address.ip().is_unspecified());
        let target = match host {
            Some(host) => checked(host)?,
            None => listening()?.to_string(),
        };
        Some(Self { target, scheme: None, metrics_path: options.path(&options.telemetry_path) })
    }

    pub(super) fn labels(&self) -> BTreeMap<&'static str, String> {
        let scheme = self.scheme.map(|scheme| ("__scheme__", scheme.to_owned()));
        scheme.into_iter().chain([("__metrics_path__", self.metrics_path.clone())]).collect()
    }
}

/// The Host header, if valid; clients can only affect their own response.
fn checked(host: &str) -> Option<String> {
    let authority: Authority = host.parse().ok()?;
    let is_plain = !host.contains('@') && !authority.host().is_empty() && host.len() <= 300;
    let has_port =
        host.strip_prefix(authority.host()).is_some_and(|rest| rest.is_empty() || authority.port().is_some());
    (is_plain && has_port).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_taken_only_if_it_is_one() {
        for host in ["localhost:10047", "exporter.example", "[::1]:10047", "10.0.0.1:80"] {
            assert_eq!(checked(host).as_deref(), Some(host));
        }
        for host in ["", ":80", "a b", "user@host", "host/path", "host:99999", "host:", "a\"b", "a,b/c"] {
            assert_eq!(checked(host), None, "{host}");
        }
    }

    #[test]
    fn the_external_url_outranks_the_host_and_the_host_what_is_listened_at() {
        let plain = ServerOptions { route_prefix: "/b".to_owned(), ..ServerOptions::default() };
        let external = |url: &str| ServerOptions { external_url: Some(url.parse().unwrap()), ..plain.clone() };
        let listening = |address: &str| Some(address.parse().unwrap());
        for (options, host, listening, expected) in [
            (&plain, Some("a:1"), listening("127.0.0.1:2"), Some(("a:1", None, "/b/metrics"))),
            (&plain, None, listening("127.0.0.1:2"), Some(("127.0.0.1:2", None, "/b/metrics"))),
            (&plain, None, listening("[::]:2"), None),
            (&plain, None, None, None),
            (&plain, Some("a b"), listening("127.0.0.1:2"), None),
            (
                &external("https://m.example/x/"),
                Some("a:1"),
                None,
                Some(("m.example:443", Some("https"), "/x/metrics")),
            ),
            (&external("http://m.example:8080"), Some("a b"), None, Some(("m.example:8080", Some("http"), "/metrics"))),
        ] {
            let address = Address::of(options, host, listening);
            let found = address.as_ref().map(|found| (&*found.target, found.scheme, &*found.metrics_path));
            assert_eq!(found, expected, "{host:?} {listening:?}");
        }
    }
}
