//! Says at which paths the server answers, and how much it takes on.

use url::Url;

/// How many scrapes are answered at once unless the operator decides otherwise, as in Prometheus's own exporters.
pub const DEFAULT_MAX_REQUESTS: usize = 40;

/// What the operator decided about the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerOptions {
    /// Where the exposition is below the prefix, such as `/metrics`.
    pub telemetry_path: String,
    /// What every path begins with, such as `/backups`; empty for none, and never with a slash at the end.
    pub route_prefix: String,
    /// Under which URL others reach the exporter; `None` if they use the address it listens at.
    pub external_url: Option<Url>,
    /// Scrapes that are answered at once, 0 for any number; further ones are refused.
    pub max_requests: usize,
    /// Whether a reload can be asked for over HTTP.
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
    /// Where a route is, prefix and all; `route` begins with a slash.
    #[must_use]
    pub fn path(&self, route: &str) -> String {
        format!("{}{route}", self.route_prefix)
    }
}
