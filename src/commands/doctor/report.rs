//! Holds the findings of all checks, for the text and JSON output.

use serde::Serialize;

/// What is tried of a source, in this order; most steps need those before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Where the secrets come from.
    Config,
    /// Whether the host is one that the vendor is known by.
    Address,
    /// Which proxy stands in between.
    Proxy,
    /// The resolution of the host's name.
    Name,
    /// A TCP connection.
    Connect,
    /// The TLS handshake.
    Tls,
    /// What the vendor says to the credentials.
    Credentials,
    /// Who the tenants are.
    Listing,
    /// How one tenant is.
    Tenant,
    /// What the whole fleet will take.
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

    /// The word that people read.
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

/// How something that was tried ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It works.
    Ok,
    /// Nothing is wrong with it, and it may explain what is.
    Note,
    /// It works, and should be changed.
    Warn,
    /// It does not work.
    Fail,
    /// It was not tried, so nothing is known of it.
    Skip,
}

impl Verdict {
    /// The word that people read.
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

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The step it belongs to.
    pub step: Step,
    /// How it ended.
    pub verdict: Verdict,
    /// What was tried, and with what.
    pub tried: String,
    /// What was found.
    pub found: String,
    /// What to do; `None` where nothing is to be done.
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

/// What is examined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceSummary {
    /// The configured name of the source.
    pub source: String,
    /// The vendor's word in the configuration.
    pub provider: &'static str,
    /// The address that all requests begin with.
    pub base_url: String,
}

/// What was found of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Examined {
    /// The source.
    #[serde(flatten)]
    pub subject: SourceSummary,
    /// What was tried, in order; every step occurs.
    pub findings: Vec<Finding>,
}

/// What was found of all sources, in the configuration's order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The sources.
    pub sources: Vec<Examined>,
}

impl Report {
    /// How many findings ended like this.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        let findings = self.sources.iter().flat_map(|source| &source.findings);
        findings.filter(|finding| finding.verdict == verdict).count()
    }

    /// The report as JSON, with a line break at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("texts and words are always JSON");
        text.push('\n');
        text
    }
}
