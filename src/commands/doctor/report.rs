//! Holds the findings of all checks, for the text and JSON output.

use serde::Serialize;

/// The checks of a source, in order; most depend on the previous ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// The origin of the secrets.
    Config,
    /// Whether the host is a known API host of the vendor.
    Address,
    /// The proxy in use.
    Proxy,
    /// Name resolution of the host.
    Name,
    /// A TCP connection.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Whether the vendor accepts the credentials.
    Credentials,
    /// Listing the tenants.
    Listing,
    /// Collecting one tenant.
    Tenant,
    /// The estimated cost of the whole fleet.
    Estimate,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 10] = [
        Self::Config,
        Self::Address,
        Self::Proxy,
        Self::Name,
        Self::Connect,
        Self::Tls,
        Self::Credentials,
        Self::Listing,
        Self::Tenant,
        Self::Estimate,
    ];

    /// The name in the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Address => "address",
            Self::Proxy => "proxy",
            Self::Name => "name",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Credentials => "credentials",
            Self::Listing => "listing",
            Self::Tenant => "tenant",
            Self::Estimate => "estimate",
        }
    }
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Success.
    Ok,
    /// Nothing is wrong, but it may explain a failure.
    Note,
    /// It works, but should be changed.
    Warn,
    /// Failure.
    Fail,
    /// It was skipped, so the result is unknown.
    Skip,
}

impl Verdict {
    /// The name in the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check it belongs to.
    pub step: Step,
    /// The verdict.
    pub verdict: Verdict,
    /// What was tried.
    pub tried: String,
    /// What was found.
    pub found: String,
    /// The suggested fix; `None` if there is nothing to do.
    pub advice: Option<String>,
}

impl Finding {
    pub(super) fn new(step: Step, verdict: Verdict, tried: impl Into<String>, found: impl Into<String>) -> Self {
        Self { step, verdict, tried: tried.into(), found: found.into(), advice: None }
    }

    pub(super) fn advise(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }
}

/// The source being checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceSummary {
    /// The configured name of the source.
    pub source: String,
    /// The provider as in the configuration.
    pub provider: &'static str,
    /// The base URL.
    pub base_url: String,
}

/// The findings of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Examined {
    /// The source.
    #[serde(flatten)]
    pub subject: SourceSummary,
    /// The findings in order; every step occurs.
    pub findings: Vec<Finding>,
}

/// The findings of all sources, in the order of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The sources.
    pub sources: Vec<Examined>,
}

impl Report {
    /// The number of findings with this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        let findings = self.sources.iter().flat_map(|source| &source.findings);
        findings.filter(|finding| finding.verdict == verdict).count()
    }

    /// The report as JSON, with a final newline.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("texts and words are always JSON");
        text.push('\n');
        text
    }
}
