//! Checks a configuration step by step, from the secrets' files to one tenant's workloads, and suggests fixes.
//!
//! All requests go through the product's own client, so what works here works
//! when serving. A step whose prerequisite failed is reported as skipped, never
//! assumed to work.

mod credentials;
mod estimate;
mod failure;
mod findings;
mod listing;
mod network;
mod report;
mod secrets;
mod tenant;
mod text;

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use report::{Examined, Finding, Report, SourceSummary, Step, Verdict};
pub use text::Style;

use self::findings::{Findings, Stop};
use super::{Exit, Startup, Usage, print};
use crate::app::{self, SourceError};
use crate::config::{Config, Source};
use crate::domain::SourceIdentity;
use crate::instrumentation::Instrumentation;
use crate::process::clock;
use crate::provider::{self, Accounts, Client};

/// A progress event, reported at once: the checks can take minutes.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The checks of a source begin.
    Begun(&'a SourceSummary),
    /// A check completed.
    Found(&'a Finding),
}

/// Output format of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One line per check, printed as it completes.
    Text,
    /// One JSON document at the end.
    Json,
}

/// Checks every source and prints the findings.
///
/// # Errors
///
/// If the configuration is invalid, or the output cannot be written.
pub async fn run(startup: Startup, format: Format) -> anyhow::Result<Exit> {
    let config = startup.config().map_err(Usage::from)?;
    startup.set_log_level(&config);
    let is_plain =
        std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) || !std::io::stdout().is_terminal();
    let style = if is_plain { Style::Plain } else { Style::Coloured };
    let mut printed = Ok(Exit::Success);
    let mut observe = |event: Event<'_>| {
        if format == Format::Text && printed.is_ok() {
            printed = print(match event {
                Event::Begun(source) => style.heading(source),
                Event::Found(finding) => style.finding(finding),
            });
        }
    };
    let config_file = startup.config_file.as_deref().unwrap_or(Path::new(""));
    let report = examine(&config, config_file, &mut observe).await;
    printed?;
    print(match format {
        Format::Text => style.summary(&report),
        Format::Json => report.to_json(),
    })?;
    Ok(if report.count(Verdict::Fail) == 0 { Exit::Success } else { Exit::Failure })
}

/// Checks every source, one after the other; `config_file` is where the configuration was read from.
pub async fn examine(config: &Config, config_file: &Path, observe: &mut dyn FnMut(Event<'_>)) -> Report {
    let mut report = Report::default();
    for source in &config.sources {
        let subject = SourceSummary {
            source: source.name.clone(),
            provider: source.provider.vendor().as_str(),
            base_url: source.provider.base_url().to_owned(),
        };
        observe(Event::Begun(&subject));
        let mut findings = Findings::new(observe);
        let stopped = examine_source(&mut findings, source, config, config_file).await;
        report.sources.push(Examined { subject, findings: findings.finish(stopped) });
    }
    report
}

async fn examine_source(
    findings: &mut Findings<'_>,
    source: &Source,
    config: &Config,
    config_file: &Path,
) -> Result<(), Stop> {
    secrets::check(findings, source, config_file);
    let subject = Subject::new(source, config_file).map_err(|error| {
        let finding = Finding::new(Step::Config, Verdict::Fail, "client setup", error.to_string());
        findings.stop(finding.advise("fix the source in the configuration file"))
    })?;
    network::check(findings, &subject).await?;
    let attempt = credentials::check(findings, &subject).await?;
    let listing = listing::check(findings, &subject, attempt).await?;
    let measured = tenant::check(findings, &subject, config, &listing).await?;
    estimate::check(findings, source, &listing, &measured);
    Ok(())
}

/// A source with the client that the exporter would use for it.
struct Subject<'a> {
    source: &'a Source,
    config_file: &'a Path,
    identity: SourceIdentity,
    instrumentation: Arc<Instrumentation>,
    client: Client,
}

/// The number and total time of some requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Effort {
    /// Requests, including retries.
    requests: u64,
    /// The sum of their times, without waiting for the rate limit.
    took: Duration,
}

impl<'a> Subject<'a> {
    fn new(source: &'a Source, config_file: &'a Path) -> Result<Self, SourceError> {
        let identity = app::identity(source);
        let instrumentation = Arc::new(Instrumentation::new(clock::now()));
        let counting = instrumentation.source(&identity, provider::endpoints(identity.provider));
        let client = app::client(source, &Accounts::default(), counting)?;
        Ok(Self { source, config_file, identity, instrumentation, client })
    }

    /// The requests sent so far.
    fn effort(&self) -> Effort {
        Effort {
            requests: self.instrumentation.requests_sent(&self.identity),
            took: self.instrumentation.request_time(&self.identity),
        }
    }

    /// The host of the base URL, for messages.
    fn host(&self) -> &str {
        let base_url = self.source.provider.base_url();
        base_url.split_once("://").map_or(base_url, |(_, rest)| rest.split('/').next().unwrap_or(rest))
    }
}

impl Effort {
    fn since(self, earlier: Self) -> Self {
        Self { requests: self.requests - earlier.requests, took: self.took.saturating_sub(earlier.took) }
    }

    /// In words, such as `3 requests in 1s 20ms`.
    fn words(self) -> String {
        format!("{} in {}", count(self.requests, "request"), rounded(self.took))
    }
}

/// A number with its noun, singular or plural.
fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A duration, rounded for display.
fn rounded(duration: Duration) -> String {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let unit = if millis < 10_000 { 1 } else { 1_000 };
    match millis {
        0 => "less than 1ms".to_owned(),
        _ => humantime::format_duration(Duration::from_millis(millis / unit * unit)).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_as_precise_as_it_matters() {
        for (millis, shown) in [(0, "less than 1ms"), (7, "7ms"), (1_020, "1s 20ms"), (61_999, "1m 1s")] {
            assert_eq!(rounded(Duration::from_millis(millis)), shown);
        }
    }
}
