//! Defines the command line, with the flags that the Prometheus ecosystem is used to.

mod report;
mod sharding;
mod web;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use url::Url;

pub use self::report::{Report, ReportFormat};
pub use self::sharding::Sharding;
pub use self::web::Web;

use crate::commands::{Startup, Usage, demo, doctor, health, once, record, serve};
use crate::config::may_be_secret;
use crate::process::logging::{Format, Level};
use saasbackup_simulator::datto::Shape;

/// The name of the program.
const NAME: &str = "saasbackup-exporter";

/// Prometheus exporter for SaaS backups: Dropsuite (NinjaOne SaaS Backup) and Datto SaaS Protection.
///
/// Without a subcommand, collects from the sources of the configuration file and
/// serves their metrics over HTTP until it is stopped.
#[derive(Debug, Parser)]
#[command(name = NAME, version, args_conflicts_with_subcommands = false)]
pub struct Cli {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Path to the configuration file (YAML).
    #[arg(long = "config.file", value_name = "FILE", global = true, env = "SAASBACKUP_EXPORTER_CONFIG_FILE")]
    pub config_file: Option<PathBuf>,
    /// Validate the configuration files, print all errors and exit, with status 0 if they are valid and 2 if not.
    #[arg(long = "config.check")]
    pub config_check: bool,
    /// How to serve.
    #[command(flatten)]
    pub web: Web,
    /// Which share of the tenants is collected.
    #[command(flatten)]
    pub sharding: Sharding,
    /// Only log messages with the given severity or above. Overridden by log.level in the configuration file.
    #[arg(
        long = "log.level",
        value_name = "LEVEL",
        default_value = "info",
        global = true,
        env = "SAASBACKUP_EXPORTER_LOG_LEVEL"
    )]
    pub log_level: Level,
    /// Output format of log messages.
    #[arg(
        long = "log.format",
        value_name = "FORMAT",
        default_value = "logfmt",
        global = true,
        env = "SAASBACKUP_EXPORTER_LOG_FORMAT"
    )]
    pub log_format: Format,
}

impl Cli {
    /// Parses a command line, and the environment for options that it does not have.
    ///
    /// # Errors
    ///
    /// When it is invalid, or requests only the help or the version.
    pub fn read(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Self, clap::Error> {
        let command = Self::command().mut_args(with_environment);
        let matches = command.try_get_matches_from(arguments).map_err(without_secrets)?;
        let cli = Self::from_arg_matches(&matches)?;
        if let Some(Command::Once(options)) = &cli.command {
            let kind = clap::error::ErrorKind::ValueValidation;
            options.check().map_err(|problem| Self::command().error(kind, problem))?;
        }
        Ok(cli)
    }

    /// The options that every command starts with.
    #[must_use]
    pub fn startup(&self) -> Startup {
        Startup {
            config_file: self.config_file.clone(),
            web_config_file: self.web.config_file.clone(),
            shard: self.sharding.shard,
            total_shards: self.sharding.total_shards,
            log_level: self.log_level,
        }
    }
}

/// An empty variable counts as unset, because compose files and units omit one like this. The help shows no values,
/// because anything may have been pasted there.
fn with_environment(argument: clap::Arg) -> clap::Arg {
    let is_blank = |name: &std::ffi::OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    let argument = argument.hide_env_values(true);
    if argument.get_env().is_some_and(is_blank) { argument.env(None) } else { argument }
}

/// The error without the rejected value if that may be a secret: a misplaced token, or a URL with a password.
fn without_secrets(mut error: clap::Error) -> clap::Error {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    // The argument of any other error is one that exists.
    let argument = (error.kind() == ErrorKind::UnknownArgument).then_some(ContextKind::InvalidArg);
    for kind in [ContextKind::InvalidValue, ContextKind::InvalidSubcommand].into_iter().chain(argument) {
        if let Some(ContextValue::String(rejected)) = error.get(kind)
            && may_be_secret(rejected)
        {
            error.insert(kind, ContextValue::String("...".to_owned()));
            // It quotes the value in another form.
            error.remove(ContextKind::Suggested);
        }
    }
    error
}

/// What to do instead of serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve metrics of a generated fleet from built-in mock APIs of both vendors; needs no account.
    Demo(Demo),
    /// Collect all sources once and print the metrics or seats, or write them to a file.
    ///
    /// If a vendor demands a pause of more than a minute, stops collecting that source and logs until when it is paused.
    /// Exits with 1 in this case, or if the tenants of any source could not be listed.
    Once(Once),
    /// Check connectivity, credentials and permissions of each source, and suggest fixes.
    ///
    /// Checks DNS, proxy, TLS, credentials, the tenant listing and one tenant step by step, and estimates the request rate
    /// for all tenants. Sends only GET requests. Exits with 1 if any check failed.
    Doctor(Doctor),
    /// Record what a vendor responds to a collection of a few tenants, without the values.
    ///
    /// The file contains structure, types, public words, counts and distances in time; every other value is replaced by its
    /// class. Sends the same requests at the same rate as a collection. Exits with 1 if the recording is incomplete; an
    /// incomplete one does not replace another file.
    Record(Record),
    /// Serve a recording as the vendor on loopback and print what the exporter concludes.
    ///
    /// Prints state and counts of each tenant and workload, seats, schema drift, and requests that the recording does not
    /// have.
    Replay(Replay),
    /// Write a report per customer from Prometheus: the share of time that backups were within their objective, outside it, and
    /// not known.
    ///
    /// Writes a page (HTML), a table (CSV) and a document (JSON) per customer with an index, or prints a digest. Needs no
    /// configuration file.
    Report(Box<Report>),
    /// Probe a running exporter's /-/healthy endpoint, for container health checks.
    ///
    /// Without --url, probes the first --web.listen-address (in a container, best set in the environment): over HTTPS if
    /// --web.config.file is set, falling back to HTTP. Certificates are not verified, and a TLS server that demands a client
    /// certificate counts as healthy. Exits with 1 unless the response is 200 within 5 seconds.
    Health(Health),
    /// Print the metrics reference (Markdown).
    Metrics,
    /// Hash a password for the web configuration with bcrypt; prompts for it, or reads it from standard input.
    HashPassword(HashPassword),
    /// Generate shell completions.
    Completions(Completions),
    /// Generate a manual page (roff).
    Man(Man),
}

/// Options of the demo.
#[derive(Clone, Debug, Args)]
pub struct Demo {
    /// Number of generated tenants, half of them at Dropsuite and half at Datto.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub tenants: u32,
    /// Seed of the generated fleet; the same seed yields the same fleet.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Response format of the mock Datto API.
    #[arg(long, value_name = "SHAPE", default_value = "live")]
    pub datto_shape: DattoShape,
    /// Write generated history to FILE and exit: OpenMetrics with a sample every 15 minutes, for
    /// `promtool tsdb create-blocks-from openmetrics`.
    #[arg(long, value_name = "FILE")]
    pub backfill: Option<PathBuf>,
    /// Number of days of history to write.
    #[arg(long, value_name = "N", default_value_t = 2, requires = "backfill", value_parser = clap::value_parser!(u32).range(1..=60))]
    pub backfill_days: u32,
    /// Label to add to every series of the history, matching what Prometheus adds on a scrape, for example
    /// `job=saasbackup`. Repeatable.
    #[arg(long, value_name = "NAME=VALUE", requires = "backfill", value_parser = label)]
    pub backfill_label: Vec<(String, String)>,
}

/// Response format of the mock Datto API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum DattoShape {
    /// As observed by clients of the live API.
    Live,
    /// As published in the API documentation.
    Documented,
}

impl From<DattoShape> for Shape {
    fn from(shape: DattoShape) -> Self {
        match shape {
            DattoShape::Live => Self::Live,
            DattoShape::Documented => Self::Documented,
        }
    }
}

impl From<Demo> for demo::Options {
    fn from(options: Demo) -> Self {
        Self {
            tenants: options.tenants as usize,
            seed: options.seed,
            shape: options.datto_shape.into(),
            backfill: options.backfill,
            backfill_days: options.backfill_days,
            backfill_labels: options.backfill_label,
        }
    }
}

/// Options of a single collection.
#[derive(Clone, Debug, Args)]
pub struct Once {
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "prometheus")]
    pub format: OnceFormat,
    /// Write to FILE atomically instead of printing. The name must end in .prom, because `node_exporter`'s textfile collector
    /// ignores other files, or in .csv with --format=csv.
    ///
    /// A .prom file is world-readable, as the textfile collector requires, and is written even if a source could not be
    /// listed (`saasbackup_up` is 0 then). A .csv file can be read by its owner only, and is not written if the tenants of a
    /// source are unknown, because it would look complete. If the collection is interrupted, FILE is left unchanged. If FILE
    /// is a symbolic link, its target is replaced.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

impl Once {
    fn check(&self) -> Result<(), String> {
        let ending = match self.format {
            OnceFormat::Prometheus => ".prom",
            OnceFormat::Csv => ".csv",
        };
        match &self.output {
            Some(path) if !ends_in(path, ending) => Err(format!("--output: expected a name that ends in {ending}")),
            _ => Ok(()),
        }
    }
}

/// Output format of a single collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum OnceFormat {
    /// Metrics in the Prometheus text format.
    Prometheus,
    /// Seats and coverage as CSV, one line per tenant, as at /seats.csv.
    Csv,
}

impl From<OnceFormat> for once::Format {
    fn from(format: OnceFormat) -> Self {
        match format {
            OnceFormat::Prometheus => Self::Prometheus,
            OnceFormat::Csv => Self::Csv,
        }
    }
}

/// Options of recording.
#[derive(Clone, Debug, Args)]
pub struct Record {
    /// Source to record; required with several sources.
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Number of tenants to record.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub tenants: u32,
    /// Write the recording to FILE.
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
    /// Also record the words of this field, although they are not public: check them before you share the file. Repeatable.
    #[arg(long, value_name = "FIELD")]
    pub include_words: Vec<String>,
}

impl From<Record> for record::Options {
    fn from(options: Record) -> Self {
        Self {
            source: options.source,
            tenants: options.tenants as usize,
            output: options.output,
            include_words: options.include_words,
        }
    }
}

/// Options of a replay.
#[derive(Clone, Debug, Args)]
pub struct Replay {
    /// Recording to replay.
    #[arg(value_name = "FILE")]
    pub recording: PathBuf,
    /// Keep collecting from the recording and serve the metrics. [default address: 127.0.0.1:10047]
    #[arg(long)]
    pub serve: bool,
}

/// Options of the shell completions.
#[derive(Clone, Copy, Debug, Args)]
pub struct Completions {
    /// Shell to generate completions for.
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Options of the manual page.
#[derive(Clone, Debug, Args)]
pub struct Man {
    /// Subcommand to generate the page of; by default the page of the program itself.
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

/// Options of the checks.
#[derive(Clone, Copy, Debug, Args)]
pub struct Doctor {
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: DoctorFormat,
}

/// Options of the health probe.
#[derive(Clone, Debug, Args)]
pub struct Health {
    /// URL to probe instead.
    #[arg(long, value_name = "URL", value_parser = health_url)]
    pub url: Option<Url>,
}

impl Health {
    /// The URLs to probe, the likeliest first.
    #[must_use]
    pub fn urls(&self, web: &Web) -> Vec<Url> {
        let address = web.listen_addresses.first().copied().unwrap_or_else(serve::default_address);
        let usual = || health::urls(address, web.config_file.is_some(), &web.options().path("/-/healthy"));
        self.url.clone().map_or_else(usual, |url| vec![url])
    }
}

/// Options of hashing a password.
#[derive(Clone, Debug, Args)]
pub struct HashPassword {
    /// User name; prints an entry of the web configuration, NAME: HASH, instead of the hash alone.
    #[arg(long, value_name = "NAME", value_parser = user)]
    pub user: Option<String>,
    /// bcrypt cost factor (log2 of the rounds).
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(4..=18))]
    pub cost: u32,
}

/// Output format of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum DoctorFormat {
    /// One line per check, printed as it completes.
    Text,
    /// A single JSON document, printed at the end.
    Json,
}

impl From<DoctorFormat> for doctor::Format {
    fn from(format: DoctorFormat) -> Self {
        match format {
            DoctorFormat::Text => Self::Text,
            DoctorFormat::Json => Self::Json,
        }
    }
}

/// The completions for a shell.
#[must_use]
pub fn completions(shell: clap_complete::Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), NAME, &mut script);
    script
}

/// The manual page of a subcommand, or of the program.
///
/// # Errors
///
/// When there is no such subcommand; the error lists the existing ones.
pub fn manual(command: Option<&str>) -> Result<Vec<u8>, Usage> {
    let mut program = Cli::command().disable_help_subcommand(true);
    // The subcommands get the program's name and its global flags only here.
    program.build();
    let page = match command {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            Some(command) => command.clone().version(env!("CARGO_PKG_VERSION")),
            None => {
                let names: Vec<_> = program.get_subcommands().map(clap::Command::get_name).collect();
                return Err(Usage(format!("unknown subcommand {name:?} (accepted: {})", names.join(", "))));
            }
        },
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text).expect("writing to memory cannot fail");
    Ok(text)
}

/// Whether the name of a file has this ending; a name that consists only of the ending does not.
fn ends_in(path: &Path, ending: &str) -> bool {
    path.extension().is_some() && path.as_os_str().as_encoded_bytes().ends_with(ending.as_bytes())
}

/// `name=value`, with a valid label name.
fn label(text: &str) -> Result<(String, String), String> {
    let is_name = |name: &str| {
        let is_plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        is_plain && !name.is_empty() && !name.starts_with(|letter: char| letter.is_ascii_digit())
    };
    match text.split_once('=') {
        Some((name, value)) if is_name(name) => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected a label such as job=saasbackup".to_owned()),
    }
}

/// A user name that basic authentication can send.
fn user(text: &str) -> Result<String, String> {
    if text.is_empty() || text.contains(':') || text.contains(char::is_control) {
        return Err("expected a user name without colons and control characters".to_owned());
    }
    Ok(text.to_owned())
}

/// A URL without credentials.
fn health_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
    });
    url.ok_or_else(|| "expected a URL such as http://127.0.0.1:10047/-/healthy".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_flags_of_the_exporter_say_where_it_is_asked() {
        for (arguments, expected) in [
            (&[][..], &["http://127.0.0.1:10047/-/healthy", "http://[::1]:10047/-/healthy"][..]),
            (&["--web.listen-address=0.0.0.0:9000"], &["http://127.0.0.1:9000/-/healthy"]),
            (
                &["--web.listen-address=[::1]:9000,10.0.0.7:9001", "--web.route-prefix=/backups"],
                &["http://[::1]:9000/backups/-/healthy"],
            ),
            (
                &["--web.listen-address=10.0.0.7:9000", "--web.config.file=no-such-file.yaml"],
                &["https://10.0.0.7:9000/-/healthy", "http://10.0.0.7:9000/-/healthy"],
            ),
            (&["--url=http://127.0.0.1:1/x", "--web.listen-address=10.0.0.7:9000"], &["http://127.0.0.1:1/x"]),
        ] {
            let cli = Cli::parse_from([&[NAME, "health"], arguments].concat());
            let Some(Command::Health(health)) = &cli.command else { panic!("{arguments:?}") };
            let found: Vec<_> = health.urls(&cli.web).into_iter().map(String::from).collect();
            assert_eq!(found, expected, "{arguments:?}");
        }
    }

    #[test]
    fn a_label_has_a_name_and_a_value() {
        assert_eq!(label("instance=a=b"), Ok(("instance".to_owned(), "a=b".to_owned())));
        for text in ["job", "=x", "1st=x", "a-b=x"] {
            assert!(label(text).is_err(), "{text}");
        }
    }
}
