//! Reads and checks the web configuration: certificates, users, headers and rates, in the format of exporter-toolkit.
//!
//! As with the main file, a [`WebConfig`] exists only if the whole file and
//! the files it refers to are valid; otherwise every problem is reported at once.

mod client;
mod http;
mod pem;
mod rate_limit;
mod tls;
mod users;
mod words;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use rustls::ServerConfig;

pub use rate_limit::RateLimit;
pub use users::Users;

use crate::config::decoder::{Context, Field};
use crate::config::yaml;
use crate::config::{self, Errors};

/// The keys of the file's top level.
const KEYS: &[&str] = &["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"];

/// How the exporter's own endpoints are served.
#[derive(Clone, Debug, Default)]
pub struct WebConfig {
    /// TLS settings; `None` means plain HTTP.
    pub tls: Option<Arc<ServerConfig>>,
    /// Headers of every response.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The users of basic authentication; empty means no authentication.
    pub users: Users,
    /// The rate limit; `None` means unlimited.
    pub rate_limit: Option<RateLimit>,
    /// The certificate and key files, which may change on their own.
    pub files: Vec<PathBuf>,
    /// Whether the file is empty, without even `{}`: it may have been truncated.
    pub is_blank: bool,
}

impl WebConfig {
    /// Whether the file restricts anything: users, TLS or a rate limit.
    #[must_use]
    pub fn protects(&self) -> bool {
        self.tls.is_some() || !self.users.is_empty() || self.rate_limit.is_some()
    }

    /// Reads the file at `path`, the certificates and keys it names and the process's environment.
    ///
    /// # Errors
    ///
    /// Every problem found, in the file's order.
    pub fn load(path: &Path) -> Result<Self, Errors> {
        config::load(path, Self::parse)
    }

    /// Reads a web configuration from its text; an empty one is valid, and means plain HTTP without authentication.
    ///
    /// `environment` returns the value of `${NAME}`, and `None` if it is unset;
    /// relative paths in the text are relative to `base_dir`.
    ///
    /// # Errors
    ///
    /// Every problem found, in the text's order.
    pub fn parse(text: &str, environment: &dyn Fn(&str) -> Option<String>, base_dir: &Path) -> Result<Self, Errors> {
        let document = yaml::read(text).map_err(|error| Errors::of_file(error.to_string()))?;
        let context = Context::new(environment, base_dir);
        let config = Self::decode(&Field::root(&document, &context));
        context.finish(config)
    }

    /// `None` if and only if a problem was reported.
    fn decode(root: &Field<'_>) -> Option<Self> {
        let file = root.section(KEYS)?;
        let http =
            file.get("http_server_config").map_or_else(|| Some(http::Http::default()), |field| http::decode(&field));
        let is_http2 = http.as_ref().is_none_or(|http| http.is_http2);
        let tls = file
            .get("tls_server_config")
            .map_or_else(|| Some(tls::Tls::default()), |field| tls::decode(&field, is_http2));
        let users = file.get("basic_auth_users").map_or_else(|| Some(Users::default()), |field| users::decode(&field));
        let rate_limit = file.get("rate_limit").map_or(Some(None), |field| rate_limit::decode(&field));
        let (tls, http) = (tls?, http?);
        Some(Self {
            tls: tls.config,
            headers: http.headers,
            users: users?,
            rate_limit: rate_limit?,
            files: tls.files,
            is_blank: root.is_null(),
        })
    }
}
