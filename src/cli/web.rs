//! Defines the flags of the exporter's web endpoints.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use url::Url;

use crate::server::listen::Listen;
use crate::server::{DEFAULT_MAX_REQUESTS, ServerOptions};

/// The paths of other endpoints.
const TAKEN: &[&str] = &["/", "/status", "/config", "/sd", "/seats.csv"];

/// How to serve.
#[derive(Clone, Debug, Args)]
pub struct Web {
    /// Address on which to expose metrics and web interface, such as `:10047` for all interfaces or `[::1]:10047`. Repeatable for
    /// multiple addresses. [default: :10047; demo: 127.0.0.1:10047]
    #[arg(
        long = "web.listen-address",
        value_name = "ADDRESS",
        global = true,
        value_parser = listen_address,
        value_delimiter = ',',
        env = "SAASBACKUP_EXPORTER_WEB_LISTEN_ADDRESS"
    )]
    pub listen_addresses: Vec<SocketAddr>,
    /// Use systemd socket activation listeners instead of port listeners.
    #[arg(
        long = "web.systemd-socket",
        global = true,
        conflicts_with = "listen_addresses",
        env = "SAASBACKUP_EXPORTER_WEB_SYSTEMD_SOCKET"
    )]
    pub systemd_socket: bool,
    /// Path to configuration file that can enable TLS or authentication (the format of Prometheus's exporter-toolkit).
    #[arg(
        id = "web_config_file",
        long = "web.config.file",
        value_name = "FILE",
        global = true,
        env = "SAASBACKUP_EXPORTER_WEB_CONFIG_FILE"
    )]
    pub config_file: Option<PathBuf>,
    /// Path under which to expose metrics.
    #[arg(
        long = "web.telemetry-path",
        value_name = "PATH",
        default_value = "/metrics",
        global = true,
        value_parser = telemetry_path,
        env = "SAASBACKUP_EXPORTER_WEB_TELEMETRY_PATH"
    )]
    pub telemetry_path: String,
    /// The URL under which the exporter is externally reachable, for example through a reverse proxy. If the URL has a path
    /// portion, it is used to prefix all HTTP routes.
    #[arg(
        long = "web.external-url",
        value_name = "URL",
        global = true,
        value_parser = external_url,
        env = "SAASBACKUP_EXPORTER_WEB_EXTERNAL_URL"
    )]
    pub external_url: Option<Url>,
    /// Prefix for all HTTP routes. Defaults to the path of --web.external-url.
    #[arg(
        long = "web.route-prefix",
        value_name = "PATH",
        global = true,
        value_parser = route_prefix,
        env = "SAASBACKUP_EXPORTER_WEB_ROUTE_PREFIX"
    )]
    pub route_prefix: Option<String>,
    /// Maximum number of parallel scrape requests; excess requests get 503. Use 0 to disable.
    #[arg(
        long = "web.max-requests",
        value_name = "N",
        default_value_t = DEFAULT_MAX_REQUESTS,
        global = true,
        env = "SAASBACKUP_EXPORTER_WEB_MAX_REQUESTS"
    )]
    pub max_requests: usize,
    /// Enable configuration reload via HTTP request (POST /-/reload).
    #[arg(long = "web.enable-lifecycle", global = true, env = "SAASBACKUP_EXPORTER_WEB_ENABLE_LIFECYCLE")]
    pub enable_lifecycle: bool,
}

impl Web {
    /// Where to listen.
    #[must_use]
    pub fn listen(&self) -> Listen {
        if self.systemd_socket { Listen::Systemd } else { Listen::At(self.listen_addresses.clone()) }
    }

    /// The options of the server.
    #[must_use]
    pub fn options(&self) -> ServerOptions {
        let external_path = || self.external_url.as_ref().map(|url| url.path().trim_end_matches('/').to_owned());
        ServerOptions {
            telemetry_path: self.telemetry_path.clone(),
            route_prefix: self.route_prefix.clone().or_else(external_path).unwrap_or_default(),
            external_url: self.external_url.clone(),
            max_requests: self.max_requests,
            enable_lifecycle: self.enable_lifecycle,
        }
    }
}

/// `host:port`, or `:port` for every interface, as Go programs write it.
fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let full = if text.starts_with(':') { format!("[::]{text}") } else { text.to_owned() };
    full.parse().map_err(|_| "expected an address such as 127.0.0.1:10047, [::1]:10047 or :10047".to_owned())
}

/// Any path other than those of other endpoints.
fn telemetry_path(text: &str) -> Result<String, String> {
    if !is_plain_path(text) || TAKEN.contains(&text) || text.starts_with("/-/") || text.ends_with('/') {
        return Err(format!("expected a path such as /metrics; {} and /-/... are reserved", TAKEN.join(", ")));
    }
    Ok(text.to_owned())
}

/// Any path; a single slash means no prefix, and a trailing slash is ignored.
fn route_prefix(text: &str) -> Result<String, String> {
    let path = format!("/{}", text.trim_matches('/'));
    if path == "/" {
        Ok(String::new())
    } else if is_plain_path(&path) {
        Ok(path)
    } else {
        Err("expected a path such as /backups".to_owned())
    }
}

fn is_plain_path(text: &str) -> bool {
    let is_plain = text.chars().all(|character| character.is_ascii_alphanumeric() || "/-_.~".contains(character));
    let is_upward = |segment: &str| segment == "." || segment == "..";
    text.starts_with('/') && is_plain && !text.contains("//") && !text.split('/').any(is_upward)
}

/// A URL that a browser can open, whose path can be a prefix.
fn external_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|url| {
        let is_bare = url.query().is_none() && url.fragment().is_none();
        let is_anonymous = url.username().is_empty() && url.password().is_none();
        matches!(url.scheme(), "http" | "https") && is_bare && is_anonymous && route_prefix(url.path()).is_ok()
    });
    url.ok_or_else(|| "expected a URL such as https://monitoring.example/backups".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn a_port_alone_means_every_interface() {
        assert_eq!(listen_address(":10047").unwrap().to_string(), "[::]:10047");
        assert_eq!(listen_address("127.0.0.1:0").unwrap().to_string(), "127.0.0.1:0");
        assert!(listen_address("localhost").is_err());
    }

    #[test]
    fn a_path_that_is_taken_is_refused() {
        for path in
            ["metrics", "/", "/-/healthy", "//", "/a{b}", "/a b", "/status", "/sd", "/seats.csv", "/m/", "/../m"]
        {
            assert!(telemetry_path(path).is_err(), "{path}");
        }
        assert_eq!(telemetry_path("/probe/metrics").as_deref(), Ok("/probe/metrics"));
    }

    #[test]
    fn the_prefix_is_that_of_the_external_url_unless_it_is_given() {
        for (arguments, prefix, path) in [
            (&[][..], "", "/metrics"),
            (&["--web.external-url=https://monitoring.example/backups/"][..], "/backups", "/backups/metrics"),
            (&["--web.external-url=https://monitoring.example/backups", "--web.route-prefix=/"][..], "", "/metrics"),
            (&["--web.route-prefix=a/b/"][..], "/a/b", "/a/b/metrics"),
        ] {
            let cli = Cli::parse_from([&["saasbackup-exporter"], arguments].concat());
            let options = cli.web.options();
            assert_eq!((&*options.route_prefix, options.path("/metrics")), (prefix, path.to_owned()), "{arguments:?}");
        }
        for url in ["monitoring.example", "ftp://a/b", "https://user:secret@a/b", "https://a/b?c", "https://a/b//c"] {
            assert!(external_url(url).is_err(), "{url}");
        }
    }
}
