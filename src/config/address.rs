//! Normalises the addresses of vendors and proxies.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};
use url::Url;

use super::decoder::Field;
use super::echo;

/// The paths that an address may have.
#[derive(Clone, Copy, Debug)]
pub(super) enum PathRule {
    /// Only this path, which may be omitted.
    Fixed(&'static str),
    /// Any path, because a gateway may need one.
    Free,
}

/// The base URL as `scheme://host[:port][/path]`, without a slash at the end.
pub(super) fn decode_base_url(field: &Field<'_>, rule: PathRule, example: &str) -> Option<String> {
    let text = field.text()?;
    match normalise(&text.value, rule) {
        Ok(base_url) => Some(base_url),
        Err(flaw) => {
            // The characters before a possible token.
            let shown = if text.value.contains(['?', '#']) { "the value".to_owned() } else { text.shown() };
            field.problem(format!("{shown} {flaw} (try {example:?})"));
            None
        }
    }
}

fn normalise(written: &str, rule: PathRule) -> Result<String, &'static str> {
    const NOT_A_URL: &str = "is not a URL";
    let written = written.trim();
    if written.is_empty() || written.contains(|character: char| character.is_whitespace() || character == '\\') {
        return Err(NOT_A_URL);
    }
    // A token can be a valid host name, and would be sent to every name server.
    if !written.contains("://") && echo::may_be_secret(written) {
        return Err("is too long for a URL without a scheme; was a token pasted here?");
    }
    // Otherwise a host with a port would be parsed as a scheme with a path.
    let with_scheme = if written.contains("://") { written.to_owned() } else { format!("https://{written}") };
    let url = Url::parse(&with_scheme).map_err(|_| NOT_A_URL)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("has a scheme other than http and https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("contains a user name or password; use the keys for the credentials instead");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("contains a query or fragment, which a base URL cannot have");
    }
    let path = url.path().trim_end_matches('/');
    let path = match rule {
        PathRule::Free => path,
        PathRule::Fixed(fixed) if path.is_empty() || path == fixed => fixed,
        PathRule::Fixed(_) => return Err("has a path other than \"/api\""),
    };
    Ok(format!("{}{path}", url.origin().ascii_serialization()))
}

/// The proxy between the exporter and a vendor; its credentials are never shown.
#[derive(Clone)]
pub struct ProxyUrl {
    url: SecretString,
    shown: String,
}

impl PartialEq for ProxyUrl {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for ProxyUrl {}

impl ProxyUrl {
    /// Parses the URL of a proxy; `None` unless its scheme is http, https, socks5 or socks5h.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let host = url.host_str().filter(|host| !host.is_empty())?;
        if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
            return None;
        }
        let credentials = if url.username().is_empty() && url.password().is_none() { "" } else { "[REDACTED]@" };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let shown = format!("{}://{credentials}{host}{port}", url.scheme());
        Some(Self { url: SecretString::from(url.as_str()), shown })
    }

    /// The URL with its credentials, only for connecting.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.url.expose_secret()
    }
}

impl fmt::Display for ProxyUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shown)
    }
}

/// The URL without its credentials.
impl Serialize for ProxyUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ProxyUrl({})", self.shown)
    }
}

pub(super) fn decode_proxy(field: &Field<'_>) -> Option<ProxyUrl> {
    let proxy = ProxyUrl::parse(&field.hidden_text()?.value);
    if proxy.is_none() {
        field.problem("is not a proxy URL (http, https, socks5 or socks5h; try \"http://proxy.example:3128\")");
    }
    proxy
}

#[cfg(test)]
mod tests {
    use super::*;

    const API: PathRule = PathRule::Fixed("/api");

    #[test]
    fn a_fixed_path_may_be_written_or_left_out() {
        for (written, normalised) in [
            ("https://dropsuite.us/api", "https://dropsuite.us/api"),
            ("https://dropsuite.us/api/", "https://dropsuite.us/api"),
            ("https://dropsuite.us//", "https://dropsuite.us/api"),
            ("https://dropsuite.us", "https://dropsuite.us/api"),
            ("dropsuite.us", "https://dropsuite.us/api"),
            (" DropSuite.US/api/ ", "https://dropsuite.us/api"),
            ("https://dropsuite.us:443/api", "https://dropsuite.us/api"),
            ("localhost:8080", "https://localhost:8080/api"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api"),
            ("[::1]:8080/api", "https://[::1]:8080/api"),
        ] {
            assert_eq!(normalise(written, API).unwrap(), normalised, "{written}");
        }
    }

    #[test]
    fn a_free_path_is_kept_without_its_last_slash() {
        for (written, normalised) in [
            ("api.datto.com", "https://api.datto.com"),
            ("https://api.datto.com/", "https://api.datto.com"),
            ("http://gateway.example:81/datto//", "http://gateway.example:81/datto"),
        ] {
            assert_eq!(normalise(written, PathRule::Free).unwrap(), normalised, "{written}");
        }
    }

    #[test]
    fn what_is_not_a_plain_address_is_refused() {
        for (written, flaw) in [
            ("", "is not a URL"),
            ("https://", "is not a URL"),
            ("https://a b", "is not a URL"),
            ("dropsuite.us:99999", "is not a URL"),
            ("7d4e2c1a-90b3-4f0e-8a51-0c9d3f7b6e21", "is too long"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP", "is too long"),
            ("ftp://dropsuite.us", "has a scheme"),
            ("https://me@dropsuite.us", "contains a user name"),
            ("https://:pw@dropsuite.us", "contains a user name"),
            ("https://dropsuite.us/api?", "contains a query"),
            ("https://dropsuite.us/#/login", "contains a query"),
            ("https://dropsuite.us/admin", "has a path other"),
        ] {
            let found = normalise(written, API).map_err(|found| found.starts_with(flaw));
            assert_eq!(found, Err(true), "{written}");
        }
    }

    #[test]
    fn a_proxy_is_shown_without_its_credentials() {
        let proxy = ProxyUrl::parse("http://canary:canary@proxy.example:3128").unwrap();
        assert_eq!(proxy.expose(), "http://canary:canary@proxy.example:3128/");
        assert_eq!(proxy.to_string(), "http://[REDACTED]@proxy.example:3128");
        assert_eq!(format!("{proxy:?}"), "ProxyUrl(http://[REDACTED]@proxy.example:3128)");
        assert_eq!(ProxyUrl::parse("socks5h://proxy.example").unwrap().to_string(), "socks5h://proxy.example");
    }

    #[test]
    fn what_is_no_proxy_is_refused() {
        for text in ["", "proxy.example:3128", "ftp://proxy.example", "http://", "socks5:proxy"] {
            assert!(ProxyUrl::parse(text).is_none(), "{text}");
        }
    }
}
