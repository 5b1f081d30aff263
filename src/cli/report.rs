//! Flags of the report.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use url::Url;

use crate::commands::report::{Format, Options};
use crate::report::period::Selection;

/// Options of the report.
#[derive(Clone, Debug, Args)]
#[command(group = clap::ArgGroup::new("customers").required(true).args(["tenant", "all"]))]
#[command(group = clap::ArgGroup::new("period").required(true).args(["month", "day", "days", "from"]))]
pub struct Report {
    /// URL of the Prometheus server, or of another one with its HTTP API.
    #[arg(long = "prometheus.url", value_name = "URL", value_parser = url, env = "SAASBACKUP_EXPORTER_PROMETHEUS_URL", hide_env_values = true)]
    pub prometheus_url: Url,
    /// Timeout of one query in seconds.
    #[arg(long = "prometheus.timeout", value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub prometheus_timeout: u16,
    /// HTTP client configuration file with authentication, CA and headers, in Prometheus's format. Secrets are read from the
    /// files that it names.
    #[arg(long = "http.config.file", value_name = "FILE")]
    pub http_config_file: Option<PathBuf>,
    /// Report about this customer, by name or id.
    #[arg(long, value_name = "NAME|ID")]
    pub tenant: Option<String>,
    /// Report about all customers, with an index.
    #[arg(long)]
    pub all: bool,
    /// Report about a month: 2026-10, or "last" for the one before the current month.
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    pub month: Option<Selection>,
    /// Report about a day: 2026-10-31, or "yesterday". The digest compares it with the day before.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub day: Option<Selection>,
    /// Report about the last N whole days.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=92))]
    pub days: Option<u16>,
    /// Report about the days from this one to --to.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date, requires = "to")]
    pub from: Option<Date>,
    /// Last day of the period.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date, requires = "from")]
    pub to: Option<Date>,
    /// Time zone of the days.
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = zone)]
    pub timezone: TimeZone,
    /// Time between two evaluations in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u16).range(60..=3600))]
    pub step: u16,
    /// Folder for the report, in a folder named after its period. An earlier report there is replaced as a whole.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub output: PathBuf,
    /// Formats to write. text prints a digest and writes no file.
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', default_value = "html,csv,json")]
    pub format: Vec<ReportFormat>,
    /// Title of each page.
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Last line of each page.
    #[arg(long, value_name = "TEXT")]
    pub footer: Option<String>,
    /// Image to show on each page: PNG, JPEG, GIF, WebP or SVG of at most 256 KiB.
    #[arg(long, value_name = "FILE")]
    pub logo: Option<PathBuf>,
}

/// Format of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ReportFormat {
    /// A page per customer.
    Html,
    /// A table per customer.
    Csv,
    /// A document per customer.
    Json,
    /// A digest, printed.
    Text,
}

impl From<Report> for Options {
    fn from(report: Report) -> Self {
        let selection = match (report.month, report.day, report.days, report.from.zip(report.to)) {
            (Some(month), ..) => month,
            (_, Some(day), ..) => day,
            (_, _, _, Some((from, to))) => Selection::Range(from, to),
            (_, _, days, None) => Selection::Days(days.unwrap_or(1)),
        };
        let format = |format: ReportFormat| match format {
            ReportFormat::Html => Format::Html,
            ReportFormat::Csv => Format::Csv,
            ReportFormat::Json => Format::Json,
            ReportFormat::Text => Format::Text,
        };
        Self {
            url: report.prometheus_url,
            timeout: std::time::Duration::from_secs(u64::from(report.prometheus_timeout)),
            http_config_file: report.http_config_file,
            tenant: report.tenant,
            selection,
            zone: report.timezone,
            step: i64::from(report.step),
            output: report.output,
            formats: report.format.into_iter().map(format).collect(),
            title: report.title,
            footer: report.footer,
            logo: report.logo,
        }
    }
}

/// An address without a password, which would be seen in the list of processes.
fn url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
    });
    url.ok_or_else(|| {
        "expected a URL such as http://127.0.0.1:9090, credentials are set in --http.config.file".to_owned()
    })
}

fn month(text: &str) -> Result<Selection, String> {
    match text {
        "last" => Ok(Selection::LastMonth),
        _ => {
            date(&format!("{text}-01")).map(Selection::Month).map_err(|_| "expected a month such as 2026-10".to_owned())
        }
    }
}

fn day(text: &str) -> Result<Selection, String> {
    match text {
        "yesterday" => Ok(Selection::Yesterday),
        _ => date(text).map(Selection::Day),
    }
}

fn date(text: &str) -> Result<Date, String> {
    Date::strptime("%Y-%m-%d", text).map_err(|_| "expected a date such as 2026-10-31".to_owned())
}

fn zone(text: &str) -> Result<TimeZone, String> {
    TimeZone::get(text).map_err(|_| "expected a time zone such as Europe/Vienna".to_owned())
}
