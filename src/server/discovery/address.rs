//! Finds the address under which Prometheus reaches the exporter.

use std::collections::BTreeMap;

use axum::http::uri::Authority;

use super::Views;

/// Where Prometheus scrapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// Host and port.
    pub(super) target: String,
    /// `None` leaves it to the scrape's own configuration.
    scheme: Option<&'static str>,
    metrics_path: String,
}

impl Address {
    /// The external URL where one is given, else the host that was asked, else where the exporter listens.
    ///
    /// `None` where none of them says it.
    pub(super) fn of(views: &Views, host: Option<&str>) -> Option<Self> {
        let settings = &views.settings;
        if let Some(url) = &settings.external_url {
            let port = url.port_or_known_default()?;
            return Some(Self {
                target: format!("{}:{port}", url.host_str()?),
                scheme: Some(if url.scheme() == "https" { "https" } else { "http" }),
                metrics_path: format!("{}{}", url.path().trim_end_matches('/'), settings.telemetry_path),
            });
        }
        let listening = || views.listening.filter(|address| !address.ip().is_unspecified());
        let target = match host {
            Some(host) => checked(host)?,
            None => listening()?.to_string(),
        };
        Some(Self { target, scheme: None, metrics_path: settings.path(&settings.telemetry_path) })
    }

    pub(super) fn labels(&self) -> BTreeMap<&'static str, String> {
        let scheme = self.scheme.map(|scheme| ("__scheme__", scheme.to_owned()));
        scheme.into_iter().chain([("__metrics_path__", self.metrics_path.clone())]).collect()
    }
}

/// The host as it was sent, if it is one; whoever sends it decides only what they themselves get back.
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
}
