//! Reports to customers how long their backups were within the objective, from what Prometheus stores.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::tz::TimeZone;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Exit, Usage, print};
use crate::domain::Timestamp;
use crate::process::{file, shutdown};
use crate::report::client::Prometheus;
use crate::report::folder::{self, Folder};
use crate::report::http_config::HttpConfig;
use crate::report::period::{Period, Selection};
use crate::report::{self, Branding, Customer, Report};

/// It is part of each page.
const MAX_LOGO_BYTES: u64 = 256 << 10;

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A page per customer.
    Html,
    /// A table per customer.
    Csv,
    /// A document per customer.
    Json,
    /// A digest, printed.
    Text,
}

/// What to report, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The Prometheus server.
    pub url: Url,
    /// The timeout of a query.
    pub timeout: Duration,
    /// How to authenticate.
    pub http_config_file: Option<PathBuf>,
    /// The customer by name or id; `None` means all.
    pub tenant: Option<String>,
    /// The period.
    pub selection: Selection,
    /// The time zone of its days.
    pub zone: TimeZone,
    /// Seconds between two evaluations.
    pub step: i64,
    /// The folder for the report.
    pub output: PathBuf,
    /// What to write.
    pub formats: Vec<Format>,
    /// The title of each page.
    pub title: Option<String>,
    /// The last line of each page.
    pub footer: Option<String>,
    /// An image for each page.
    pub logo: Option<PathBuf>,
}

/// Queries Prometheus, and writes or prints the report.
///
/// # Errors
///
/// If a file or the period is invalid, Prometheus does not respond, the report cannot be written, or a signal arrives.
pub async fn run(options: &Options, now: Timestamp) -> anyhow::Result<Exit> {
    let stopping = shutdown::on_signal().context("installing signal handlers failed")?;
    let reporting = stopping.run_until_cancelled(report(options, now, &stopping));
    reporting.await.unwrap_or_else(|| Err(interrupted()))
}

fn interrupted() -> anyhow::Error {
    anyhow!("interrupted before the report was complete; nothing was written")
}

async fn report(options: &Options, now: Timestamp, stopping: &CancellationToken) -> anyhow::Result<Exit> {
    let usage = |error: &dyn std::fmt::Display| Usage(error.to_string());
    let now = jiff::Timestamp::from_millisecond(now.as_millis()).context("reading the clock")?;
    let period = Period::new(options.selection, &options.zone, now).map_err(|error| usage(&error))?;
    let config = options.http_config_file.as_deref().map(HttpConfig::from_file).transpose();
    let config = config.map_err(|error| usage(&error))?.unwrap_or_default();
    let branding = Branding {
        title: options.title.clone(),
        footer: options.footer.clone(),
        logo: options.logo.as_deref().map(logo).transpose().map_err(|error| usage(&error))?,
    };
    let prometheus = Prometheus::new(options.url.clone(), &config, options.timeout)?;
    let report = selected(load(&prometheus, &period, options.step).await?, options.tenant.as_deref())?;
    if options.formats.contains(&Format::Text) {
        let before = before(&prometheus, options, &period, now).await?;
        return print(report::digest(&report, before.as_ref()));
    }
    let written = write(&report, options, &branding, stopping);
    let written = written.with_context(|| format!("writing the report in {} failed", options.output.display()))?;
    print(format!("{}\n", written.display()))
}

async fn load(prometheus: &Prometheus, period: &Period, step: i64) -> anyhow::Result<Report> {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} queries, ETA {eta}") {
        bar.set_style(style);
    }
    let report = report::load(prometheus, period, step, |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    });
    let report = report.await;
    bar.finish_and_clear();
    Ok(report?)
}

/// The day before a day; `None` for other periods, and if nothing is known of it.
async fn before(
    prometheus: &Prometheus,
    options: &Options,
    period: &Period,
    now: jiff::Timestamp,
) -> anyhow::Result<Option<Report>> {
    let [day] = &period.days[..] else { return Ok(None) };
    let Ok(day) = day.date.yesterday() else { return Ok(None) };
    let period = Period::new(Selection::Day(day), &options.zone, now)?;
    match report::load(prometheus, &period, options.step, |_, _| {}).await {
        Ok(report) => Ok(Some(report)),
        Err(report::Error::Empty) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The report about one customer, by its id, its name or a former one; or about all.
fn selected(mut report: Report, tenant: Option<&str>) -> anyhow::Result<Report> {
    let Some(tenant) = tenant else { return Ok(report) };
    report.customers.retain(|customer| {
        customer.key.tenant_id == tenant || customer.name == tenant || customer.former_names.contains(tenant)
    });
    if report.customers.is_empty() {
        bail!("no customer of this period has the name or id given with --tenant");
    }
    Ok(report)
}

/// Writes all files, one at a time: together they would not fit into memory.
fn write(
    report: &Report,
    options: &Options,
    branding: &Branding,
    stopping: &CancellationToken,
) -> anyhow::Result<PathBuf> {
    let folder = Folder::new(&options.output, &report.period.label)?;
    let names = folder::names(report.customers.iter().map(|customer| &customer.key));
    folder.add("index.json", &pretty(&report::json_index(report, &names))?)?;
    if options.formats.contains(&Format::Html) {
        folder.add("index.html", report::index(report, &names, branding).as_bytes())?;
    }
    for (customer, name) in report.customers.iter().zip(&names) {
        if stopping.is_cancelled() {
            return Err(interrupted());
        }
        for format in &options.formats {
            if let Some((ending, content)) = document(report, customer, *format, branding)? {
                folder.add(&format!("{name}.{ending}"), &content)?;
            }
        }
    }
    Ok(folder.publish()?)
}

/// A file about a customer, and how its name ends.
fn document(
    report: &Report,
    customer: &Customer,
    format: Format,
    branding: &Branding,
) -> anyhow::Result<Option<(&'static str, Vec<u8>)>> {
    Ok(match format {
        Format::Html => Some(("html", report::page(report, customer, branding).into_bytes())),
        Format::Csv => Some(("csv", report::csv(report, customer)?)),
        Format::Json => Some(("json", pretty(&report::json(report, customer))?)),
        Format::Text => None,
    })
}

fn pretty(document: &serde_json::Value) -> anyhow::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(document)?;
    text.push(b'\n');
    Ok(text)
}

/// The image as a `data:` URI, so that the page needs no other file.
fn logo(path: &Path) -> Result<String, String> {
    let failed = |problem: &dyn std::fmt::Display| format!("--logo {}: {problem}", path.display());
    let content = file::read(path, MAX_LOGO_BYTES).map_err(|error| failed(&error))?;
    let content = content.ok_or_else(|| failed(&std::io::Error::from(ErrorKind::FileTooLarge)))?;
    let kind = match &content[..] {
        [0x89, b'P', b'N', b'G', ..] => "png",
        [0xff, 0xd8, 0xff, ..] => "jpeg",
        [b'G', b'I', b'F', b'8', ..] => "gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        text if String::from_utf8_lossy(text).contains("<svg") => "svg+xml",
        _ => return Err(failed(&"is not an image in PNG, JPEG, GIF, WebP or SVG")),
    };
    Ok(format!("data:image/{kind};base64,{}", STANDARD.encode(content)))
}
