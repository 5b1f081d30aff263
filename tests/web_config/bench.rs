//! Runs the demo with a web configuration, and sends requests over HTTP and HTTPS.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{Certificate, Client, Identity, Method, Response};
use tempfile::TempDir;

use super::authority::{Authority, Issued};
use crate::support::http;
use crate::support::process::{Process, text};

/// The password of every user in these tests.
pub(crate) const PASSWORD: &str = "canary-password";

/// The demo behind a web configuration, with a folder for its certificates.
pub(crate) struct Bench {
    pub(crate) process: Process,
    /// `127.0.0.1:port`.
    pub(crate) address: String,
    pub(crate) authority: Authority,
    folder: TempDir,
}

/// Certificate and key as the folder of a bench has them.
pub(crate) const TLS: &str = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

/// A hash as cheap as there is.
pub(crate) fn hash(password: &str) -> String {
    bcrypt::hash(password, 4).unwrap()
}

/// A user with [`PASSWORD`].
pub(crate) fn users(name: &str) -> String {
    format!("basic_auth_users:\n  {name}: {}\n", hash(PASSWORD))
}

impl Bench {
    /// Starts it; the text may name `server.crt`, `server.key` and `ca.crt`.
    pub(crate) fn start(web: &str) -> Self {
        Self::start_with(web, &[])
    }

    /// The same, with more flags.
    pub(crate) fn start_with(web: &str, flags: &[&str]) -> Self {
        let authority = Authority::new("the authority");
        let folder = tempfile::tempdir().unwrap();
        let bench = |file: &str, content: &str| std::fs::write(folder.path().join(file), content).unwrap();
        let server = authority.issue(&["127.0.0.1", "localhost"]);
        bench("server.crt", &server.certificate);
        bench("server.key", &server.key);
        bench("ca.crt", &authority.pem);
        bench("web.yaml", web);
        let path = folder.path().join("web.yaml");
        let few = if flags.iter().any(|flag| flag.starts_with("--tenants")) { None } else { Some("--tenants=2") };
        let fixed = ["demo", "--web.listen-address=127.0.0.1:0", "--web.config.file", text(&path)];
        let arguments: Vec<_> = fixed.into_iter().chain(few).chain(flags.iter().copied()).collect();
        let mut process = Process::start(&arguments);
        let address = process.address();
        Self { process, address, authority, folder }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Replaces a file in one step, as tools that renew certificates do.
    pub(crate) fn replace(&self, file: &str, content: &str) {
        let new = self.path("new");
        std::fs::write(&new, content).unwrap();
        std::fs::rename(new, self.path(file)).unwrap();
    }

    /// A client that trusts the authority and shows this certificate, if any.
    pub(crate) fn client(&self, shows: Option<&Issued>) -> Client {
        client(&self.authority.pem, shows)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        let scheme = if self.is_tls() { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.address)
    }

    /// The answer to a request without name and password.
    pub(crate) async fn ask(&self, method: Method, path: &str) -> Response {
        self.client(None).request(method, self.url(path)).send().await.unwrap()
    }

    /// The status that a user gets.
    pub(crate) async fn status_for(&self, user: &str, password: &str) -> u16 {
        let request = self.client(None).get(self.url("/metrics")).basic_auth(user, Some(password));
        request.send().await.unwrap().status().as_u16()
    }

    fn is_tls(&self) -> bool {
        std::fs::read_to_string(self.path("web.yaml")).unwrap().contains("server.crt")
    }
}

/// Nothing that was secret may ever be in the log.
impl Drop for Bench {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let log = self.process.stderr();
            for secret in ["canary", "$2b$", "$2y$", "PRIVATE KEY"] {
                assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
            }
        }
    }
}

/// A client that trusts one authority and shows one certificate, if any.
pub(crate) fn client(authority: &str, shows: Option<&Issued>) -> Client {
    let builder = http::builder().timeout(Duration::from_secs(60));
    let builder = builder.tls_certs_only([Certificate::from_pem(authority.as_bytes()).unwrap()]);
    let builder = match shows {
        Some(issued) => builder.identity(Identity::from_pem(issued.both().as_bytes()).unwrap()),
        None => builder,
    };
    builder.build().unwrap()
}

/// The repository's file.
pub(crate) fn repository(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}
