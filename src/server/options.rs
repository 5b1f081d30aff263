//! Defines the paths and limits of the server.

use url::Url;

/// Default maximum number of concurrent scrapes, as in Prometheus's own exporters.
pub const DEFAULT_MAX_REQUESTS: usize = 40;

/// The operator's settings for the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerOptions {
    /// Path of the metrics below the prefix, such as `/metrics`.
    pub telemetry_path: String,
    /// Prefix of every path, such as `/backups`; empty for none, and never with a trailing slash.
    pub route_prefix: String,
    /// External URL of the exporter; `None` if it is reached under the address that it listens on.
    pub external_url: Option<Url>,
    /// Maximum number of concurrent scrapes, 0 for no limit; further ones are rejected.
    pub max_requests: usize,
    /// Whether the configuration can be reloaded over HTTP.
    pub enable_lifecycle: bool,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            telemetry_path: "/metrics".to_owned(),
            route_prefix: String::new(),
            external_url: None,
            max_requests: DEFAULT_MAX_REQUESTS,
            enable_lifecycle: false,
        }
    }
}

impl ServerOptions {
    /// The path of a route, with the prefix; `route` begins with a slash.
    #[must_use]
    pub fn path(&self, route: &str) -> String {
        format!("{}{route}", self.route_prefix)
    }
}
