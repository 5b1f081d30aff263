//! Writes the log to standard error, as logfmt or JSON.
//!
//! Only this crate logs below the level of warnings: the details of the HTTP and TLS libraries contain requests, and
//! those contain tokens.

use std::sync::OnceLock;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, Registry, reload};

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Level {
    /// Detailed diagnostics, for developers.
    Trace,
    /// Routine operation in detail.
    Debug,
    /// Starts, stops and changes.
    Info,
    /// Recoverable errors.
    Warn,
    /// Errors that need operator action.
    Error,
}

/// The format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// `key=value` pairs.
    Logfmt,
    /// One JSON object per line.
    Json,
}

impl Level {
    /// All levels and their names.
    pub const WORDS: [(&str, Self); 5] = [
        ("trace", Self::Trace),
        ("debug", Self::Debug),
        ("info", Self::Info),
        ("warn", Self::Warn),
        ("error", Self::Error),
    ];
}

/// Changes the level at run time.
static FILTER: OnceLock<reload::Handle<Targets, Registry>> = OnceLock::new();

/// Initializes logging; further calls have no effect.
pub fn init(level: Level, format: Format) {
    let (filter, handle) = reload::Layer::new(targets(level));
    let layer = match format {
        Format::Logfmt => {
            let layer = tracing_logfmt::builder().with_target(false).layer();
            layer.with_writer(std::io::stderr).with_filter(filter).boxed()
        }
        Format::Json => tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_target(false)
            .with_writer(std::io::stderr)
            .with_filter(filter)
            .boxed(),
    };
    // Only tests initialize it twice, and share the first logger.
    if tracing_subscriber::registry().with(layer).try_init().is_ok() {
        let _ = FILTER.set(handle);
    }
}

/// Logs messages of this level and above from now on.
pub fn set_level(level: Level) {
    if let Some(filter) = FILTER.get() {
        // Fails only if there is no logger.
        let _ = filter.reload(targets(level));
    }
}

fn targets(level: Level) -> Targets {
    let level = match level {
        Level::Trace => LevelFilter::TRACE,
        Level::Debug => LevelFilter::DEBUG,
        Level::Info => LevelFilter::INFO,
        Level::Warn => LevelFilter::WARN,
        Level::Error => LevelFilter::ERROR,
    };
    Targets::new().with_default(level.min(LevelFilter::WARN)).with_target("saasbackup_exporter", level)
}
