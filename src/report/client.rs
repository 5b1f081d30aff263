//! Queries the HTTP API of Prometheus, or of what speaks it, such as Mimir and Thanos.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use reqwest::StatusCode;
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls_platform_verifier::Verifier;
use serde::Deserialize;
use url::{Host, Url};

use super::http_config::HttpConfig;

/// Samples are requested in pieces far below this.
const MAX_BODY_BYTES: usize = 64 << 20;
/// How often a request is repeated that may succeed later.
const MAX_RETRIES: usize = 3;
/// Before the first repetition; each further pause is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// What Prometheus says if a query reads more than its `--query.max-samples`.
const TOO_MANY_SAMPLES: &str = "too many samples";

/// A Prometheus server.
#[derive(Clone, Debug)]
pub struct Prometheus {
    http: reqwest::Client,
    base: Url,
    headers: reqwest::header::HeaderMap,
    timeout: Duration,
}

/// Why a query has no result; never contains values of labels.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The client cannot be built.
    #[error("cannot build the HTTP client: {0}")]
    Build(String),
    /// There was no connection, or it broke.
    #[error("cannot reach Prometheus: {0}")]
    Unreachable(String),
    /// There was no response in time.
    #[error("Prometheus did not respond within {}s: raise --prometheus.timeout, or choose a shorter period", .0.as_secs())]
    Late(Duration),
    /// The credentials are missing or wrong.
    #[error("Prometheus rejected the credentials ({0}): check --http.config.file")]
    Unauthorized(StatusCode),
    /// It does not run the query.
    #[error("Prometheus rejected a query ({status}, {kind})")]
    Rejected {
        /// The status of the response.
        status: StatusCode,
        /// Its errorType: `execution`, `bad_data`.
        kind: String,
    },
    /// It would have to read too much.
    #[error("a query reads more samples than Prometheus allows (--query.max-samples): choose a longer --step")]
    TooManySamples,
    /// What came back is not a response of Prometheus.
    #[error("the response ({0}) is not one of the Prometheus API: check --prometheus.url")]
    Unreadable(StatusCode),
    /// There is more than is read.
    #[error("a response of Prometheus is larger than 64 MiB: choose a longer --step")]
    TooLarge,
}

impl Error {
    /// A query that took too long takes as long again.
    fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Rejected { status, .. } | Self::Unreadable(status) => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
            Self::Build(_) | Self::Late(_) | Self::Unauthorized(_) | Self::TooManySamples | Self::TooLarge => false,
        }
    }
}

/// A series with its samples: seconds since the Unix epoch, and the value.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The labels.
    pub labels: BTreeMap<String, String>,
    /// In rising order of time.
    pub samples: Vec<(i64, f64)>,
}

impl Series {
    /// The value of a label; empty if it has none.
    #[must_use]
    pub fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    error_type: String,
    #[serde(default)]
    error: String,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    result: Vec<Wire<'a>>,
}

#[derive(Deserialize)]
struct Wire<'a> {
    metric: BTreeMap<String, String>,
    #[serde(borrow, default)]
    values: Vec<(f64, &'a str)>,
    #[serde(borrow, default)]
    value: Option<(f64, &'a str)>,
}

impl Prometheus {
    /// A client; sends nothing yet.
    ///
    /// # Errors
    ///
    /// If TLS cannot be set up.
    pub fn new(base: Url, config: &HttpConfig, timeout: Duration) -> Result<Self, Error> {
        let built = |error: String| Error::Build(error);
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| built(error.to_string()))?;
        let tls = if base.scheme() == "http" {
            // Without TLS no system certificates are needed, and a minimal system may have none.
            builder.with_root_certificates(rustls::RootCertStore::empty())
        } else {
            let verifier = Verifier::new_with_extra_roots(config.authorities.clone(), provider);
            let verifier = verifier.map_err(|error| built(error.to_string()))?;
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        };
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("saasbackup-exporter/", env!("CARGO_PKG_VERSION")))
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(10)))
            .http1_only()
            // A redirect would forward the credentials.
            .redirect(reqwest::redirect::Policy::none())
            .tls_backend_preconfigured(tls.with_no_client_auth());
        // The proxies of the environment do not lead back to this machine.
        if is_loopback(&base) {
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| built(error.without_url().to_string()))?;
        let headers = config.headers.clone();
        Ok(Self { http, base, headers, timeout })
    }

    /// The samples of a query at times from `start` to `end`, both included.
    ///
    /// # Errors
    ///
    /// If there is no usable response after some attempts.
    pub async fn range(&self, query: &str, start: i64, end: i64, step: i64) -> Result<Vec<Series>, Error> {
        let times = [("start", start), ("end", end), ("step", step)];
        self.ask("query_range", query, &times).await
    }

    /// The samples of a query at one time.
    ///
    /// # Errors
    ///
    /// If there is no usable response after some attempts.
    pub async fn instant(&self, query: &str, time: i64) -> Result<Vec<Series>, Error> {
        self.ask("query", query, &[("time", time)]).await
    }

    async fn ask(&self, endpoint: &str, query: &str, times: &[(&str, i64)]) -> Result<Vec<Series>, Error> {
        let url = self.url(endpoint, query, times);
        let pauses = ExponentialBuilder::default().with_min_delay(FIRST_PAUSE).with_max_times(MAX_RETRIES);
        (async || self.send(url.clone()).await).retry(pauses).when(Error::is_transient).await
    }

    fn url(&self, endpoint: &str, query: &str, times: &[(&str, i64)]) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/api/v1/{endpoint}", self.base.path().trim_end_matches('/')));
        url.query_pairs_mut()
            .append_pair("query", query)
            // Otherwise Prometheus continues to compute what nobody waits for.
            .append_pair("timeout", &format!("{}s", self.timeout.as_secs().max(1)))
            .extend_pairs(times.iter().map(|(name, value)| (name, value.to_string())));
        url
    }

    async fn send(&self, url: Url) -> Result<Vec<Series>, Error> {
        let request = self.http.get(url).headers(self.headers.clone());
        let mut response = request.send().await.map_err(|error| self.failed(error))?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(error))? {
            if body.len() + chunk.len() > MAX_BODY_BYTES {
                return Err(Error::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        match status {
            StatusCode::OK => parsed(&body).ok_or(Error::Unreadable(status)),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Error::Unauthorized(status)),
            _ => Err(self.rejected(status, &body)),
        }
    }

    /// The reason of an error response, of which nothing is quoted but one word: the message may contain labels.
    fn rejected(&self, status: StatusCode, body: &[u8]) -> Error {
        let Ok(failure) = serde_json::from_slice::<Failure>(body) else { return Error::Unreadable(status) };
        let is_word =
            |kind: &str| kind.len() < 40 && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        match failure.error_type {
            kind if kind == "timeout" => Error::Late(self.timeout),
            _ if failure.error.contains(TOO_MANY_SAMPLES) => Error::TooManySamples,
            kind if is_word(&kind) => Error::Rejected { status, kind },
            _ => Error::Unreadable(status),
        }
    }

    fn failed(&self, error: reqwest::Error) -> Error {
        if error.is_timeout() {
            return Error::Late(self.timeout);
        }
        let error = error.without_url();
        let mut cause: &dyn std::error::Error = &error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        Error::Unreachable(cause.to_string())
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The series of a response; `None` if it is not one of the API.
#[expect(clippy::cast_possible_truncation, reason = "times of the grid are whole seconds")]
fn parsed(body: &[u8]) -> Option<Vec<Series>> {
    let answer: Answer<'_> = serde_json::from_slice(body).ok()?;
    let series = answer.data.result.into_iter().map(|wire| {
        let samples = wire.values.into_iter().chain(wire.value);
        let samples: Option<_> = samples.map(|(at, value)| Some((at as i64, value.parse().ok()?))).collect();
        Some(Series { labels: wire.metric, samples: samples? })
    });
    series.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prometheus(url: &str) -> Prometheus {
        Prometheus::new(Url::parse(url).unwrap(), &HttpConfig::default(), Duration::from_secs(60)).unwrap()
    }

    #[test]
    fn a_request_names_the_query_and_its_times() {
        for (base, expected) in [
            ("http://p:9090", "http://p:9090/api/v1/query?query=up+%3E+0&timeout=60s&time=5"),
            ("http://p/prometheus/", "http://p/prometheus/api/v1/query?query=up+%3E+0&timeout=60s&time=5"),
            ("http://p/?dedup=true", "http://p/api/v1/query?dedup=true&query=up+%3E+0&timeout=60s&time=5"),
        ] {
            assert_eq!(prometheus(base).url("query", "up > 0", &[("time", 5)]).as_str(), expected);
        }
    }

    #[test]
    fn the_proxy_is_for_other_machines() {
        for (url, is_local) in [
            ("http://localhost:9090", true),
            ("http://127.0.0.2", true),
            ("http://[::1]:9090", true),
            ("http://prometheus:9090", false),
            ("https://10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), is_local, "{url}");
        }
    }

    #[test]
    fn samples_are_read_whatever_their_value_is() {
        let series = |body: &str| parsed(body.as_bytes());
        let labels = BTreeMap::from([("a".to_owned(), "\"b\"".to_owned())]);
        for (body, samples) in [
            (r#"{"metric":{"a":"\"b\""},"values":[[1,"1"],[2.000,"+Inf"]]}"#, vec![(1, 1.0), (2, f64::INFINITY)]),
            (r#"{"metric":{"a":"\"b\""},"value":[1,"-1e3"]}"#, vec![(1, -1e3)]),
        ] {
            let found = series(&format!(r#"{{"status":"success","data":{{"resultType":"x","result":[{body}]}}}}"#));
            assert_eq!(found, Some(vec![Series { labels: labels.clone(), samples }]));
        }
        for body in ["", "<html>", "{}", r#"{"data":{"result":[{"metric":{},"value":[1,"x"]}]}}"#] {
            assert_eq!(series(body), None, "{body}");
        }
    }

    #[test]
    fn an_error_quotes_nothing_but_a_word() {
        let prometheus = prometheus("http://p");
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let kind = |kind: &str| Error::Rejected { status, kind: kind.to_owned() };
        for (body, expected) in [
            (r#"{"errorType":"execution","error":"duplicate series {tenant=\"Acme\"}"}"#, kind("execution")),
            (r#"{"errorType":"execution","error":"query would load too many samples"}"#, Error::TooManySamples),
            (r#"{"errorType":"timeout","error":"query timed out"}"#, Error::Late(Duration::from_secs(60))),
            (r#"{"errorType":"Acme Inc."}"#, Error::Unreadable(status)),
            ("Acme", Error::Unreadable(status)),
        ] {
            let error = prometheus.rejected(status, body.as_bytes());
            assert_eq!(error, expected, "{body}");
            assert!(!error.to_string().contains("Acme"), "{error}");
        }
    }
}
