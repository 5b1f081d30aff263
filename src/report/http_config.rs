//! Reads how to authenticate to Prometheus, in the format of its own `http_config`; secrets are read from files only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Deserialize;

use crate::config::Secret;
use crate::process::file;

/// No such file comes near this.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// What the requests carry, and whom they trust.
#[derive(Clone, Debug, Default)]
pub struct HttpConfig {
    /// Headers of each request; the values of secrets are marked as sensitive.
    pub headers: HeaderMap,
    /// Certificates to trust beside the system's.
    pub authorities: Vec<CertificateDer<'static>>,
}

/// Why the file cannot be used; never quotes it.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub struct Error {
    path: PathBuf,
    problem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    basic_auth: Option<BasicAuth>,
    authorization: Option<Authorization>,
    bearer_token_file: Option<PathBuf>,
    tls_config: Option<Tls>,
    #[serde(default)]
    http_headers: BTreeMap<String, Header>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BasicAuth {
    username: String,
    password_file: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Authorization {
    #[serde(rename = "type")]
    scheme: Option<String>,
    credentials_file: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tls {
    ca_file: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    #[serde(default)]
    values: Vec<String>,
    #[serde(default)]
    files: Vec<PathBuf>,
}

impl HttpConfig {
    /// Reads the file, and those that it names relative to itself.
    ///
    /// # Errors
    ///
    /// If any of them cannot be read or used.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let failed = |problem: String| Error { path: path.to_owned(), problem };
        let content = file::read(path, MAX_FILE_BYTES).map_err(|error| failed(error.to_string()))?;
        let content = content.ok_or_else(|| failed("is larger than 1 MiB".to_owned()))?;
        // The error would quote the line, and with it a password that was written there.
        let file: File = serde_saphyr::from_slice(&content).map_err(|_| {
            failed(
                "is not a valid HTTP client configuration (accepted: basic_auth with username and password_file, \
                 authorization with type and credentials_file, bearer_token_file, tls_config with ca_file, \
                 http_headers with values or files)"
                    .to_owned(),
            )
        })?;
        let beside = |named: &Path| file::folder(path).join(named);
        let secret = |named: &Path| Secret::from_file(&beside(named)).map_err(|error| failed(error.to_string()));
        let mut config = Self::default();
        let mut authorizations = Vec::new();
        if let Some(basic) = &file.basic_auth {
            let pair = format!("{}:{}", basic.username, secret(&basic.password_file)?.expose());
            authorizations.push(format!("Basic {}", STANDARD.encode(pair)));
        }
        if let Some(authorization) = &file.authorization {
            let scheme = authorization.scheme.as_deref().unwrap_or("Bearer");
            authorizations.push(format!("{scheme} {}", secret(&authorization.credentials_file)?.expose()));
        }
        if let Some(token) = &file.bearer_token_file {
            authorizations.push(format!("Bearer {}", secret(token)?.expose()));
        }
        if authorizations.len() > 1 {
            return Err(failed("basic_auth, authorization and bearer_token_file are mutually exclusive".to_owned()));
        }
        for authorization in authorizations {
            config.headers.insert(AUTHORIZATION, sensitive(&authorization).map_err(failed)?);
        }
        for (name, header) in &file.http_headers {
            let name = HeaderName::try_from(name).map_err(|_| failed("http_headers: invalid name".to_owned()))?;
            for value in &header.values {
                config.headers.append(name.clone(), sensitive(value).map_err(failed)?);
            }
            for named in &header.files {
                config.headers.append(name.clone(), sensitive(secret(named)?.expose()).map_err(failed)?);
            }
        }
        if let Some(tls) = &file.tls_config {
            let pem = file::read(&beside(&tls.ca_file), MAX_FILE_BYTES);
            let pem = pem.ok().flatten().unwrap_or_default();
            let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
            config.authorities = certificates.unwrap_or_default();
            if config.authorities.is_empty() {
                return Err(failed("ca_file: contains no PEM certificates, or cannot be read".to_owned()));
            }
        }
        Ok(config)
    }
}

fn sensitive(value: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_str(value).map_err(|_| "a header has an invalid value".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_come_from_files_and_are_never_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("http.yml");
        std::fs::write(folder.path().join("secret"), "canary\n").unwrap();
        for (text, header) in [
            ("basic_auth: {username: u, password_file: secret}", Some("Basic dTpjYW5hcnk=")),
            ("bearer_token_file: secret", Some("Bearer canary")),
            ("authorization: {credentials_file: secret}", Some("Bearer canary")),
            ("basic_auth: {username: u, password: canary}", None),
            ("basic_auth: {username: u, password_file: secret}\nbearer_token_file: secret", None),
            ("tls_config: {ca_file: secret}", None),
            ("bearer_token_file: missing", None),
        ] {
            std::fs::write(&path, text).unwrap();
            match (HttpConfig::from_file(&path), header) {
                (Ok(config), Some(header)) => {
                    assert_eq!(config.headers[AUTHORIZATION], header, "{text}");
                    assert!(!format!("{config:?}").contains("canary"), "{text}");
                }
                (Err(error), None) => assert!(!error.to_string().contains("canary"), "{error}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
        std::fs::write(&path, "http_headers: {X-Scope-OrgID: {values: [a]}}").unwrap();
        assert_eq!(HttpConfig::from_file(&path).unwrap().headers["x-scope-orgid"], "a");
    }
}
