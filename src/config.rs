//! Reads and validates the configuration.
//!
//! A [`Config`] exists only if the whole file is valid: addresses are
//! normalised, secrets read, ranges checked and names unique. Otherwise
//! [`Errors`] contains every problem of the file at once, because operators fix
//! files, not lines.

mod address;
mod collection;
mod coverage;
pub(crate) mod decoder;
mod echo;
mod error;
pub(crate) mod expected;
pub(crate) mod file_watch;
mod key;
mod metrics;
mod network;
mod objectives;
mod pem;
mod redacted;
mod refresh;
pub(crate) mod restore;
mod secret;
mod selection;
mod serialize;
mod source;
mod substitution;
pub(crate) mod tenant_list;
pub mod web;
pub(crate) mod yaml;

use std::path::{Path, PathBuf};

pub(crate) use decoder::short;
pub(crate) use echo::may_be_secret;

pub use address::ProxyUrl;
pub use collection::{Collection, SlowPart};
pub use error::{Errors, Problem};
pub use expected::ExpectedFile;
pub use network::{ClientCertificate, Network};
pub use restore::RestoreTestsFile;
pub use secret::{Secret, SecretError, SecretSource};
pub use selection::Selection;
pub use source::{Provider, Source};
pub use tenant_list::ListFile;

use crate::domain::Objectives;
use crate::domain::restore::RestoreObjectives;
use crate::domain::shard::Shard;
use crate::exposition::Exposed;
use crate::process::file;
use crate::process::logging::Level;
use decoder::{Context, Field};
use source::Decoded;

/// Ten thousand tenants with objectives of their own need less than a tenth of this.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// The keys of the file's top level.
const KEYS: &[&str] = &[
    "collection",
    "rpo",
    "coverage_objective",
    "state",
    "log",
    "metrics",
    "expected",
    "restore_tests",
    "restore_test_objective",
    "sources",
];

/// The keys of the `state` section.
const STATE_KEYS: &[&str] = &["path"];

/// The keys of the `log` section.
const LOG_KEYS: &[&str] = &["level"];

/// Parses the file at `path` with the process's environment; relative paths in it are relative to its folder.
fn load<T>(
    path: &Path,
    parse: impl FnOnce(&str, &dyn Fn(&str) -> Option<String>, &Path) -> Result<T, Errors>,
) -> Result<T, Errors> {
    let refuse = |flaw: &str| Errors::of_file(format!("{} {flaw}", path.display()));
    let content = file::read(path, MAX_FILE_BYTES)
        .map_err(|cause| Errors::of_file(format!("cannot read {}: {cause}", path.display())))?
        .ok_or_else(|| refuse("is larger than 16 MiB"))?;
    let text = String::from_utf8(content).map_err(|_| refuse("is not valid UTF-8"))?;
    parse(&text, &|name| std::env::var(name).ok(), path.parent().unwrap_or(Path::new("")))
}

/// The validated configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The accounts to collect from, in the file's order; never empty, names unique.
    pub sources: Vec<Source>,
    /// How old a backup may be, and how many accounts should have one.
    pub objectives: Objectives,
    /// The state file, which survives restarts; `None` means that every start is a cold one.
    pub state_path: Option<PathBuf>,
    /// The log level; `None` means that of the command line.
    pub log_level: Option<Level>,
    /// Which families are exposed; use [`Config::exposed`] to combine them with the sources' limits.
    pub families: Exposed,
    /// The expected tenants; `None` disables billing reconciliation.
    pub expected: Option<ExpectedFile>,
    /// The restore tests; `None` disables their metrics.
    pub restore_tests: Option<RestoreTestsFile>,
    /// How often tenants should have a successful restore test.
    pub restore_objectives: RestoreObjectives,
    /// The shard, which determines which tenants are collected; not part of the file, which all shards share.
    pub shard: Shard,
}

impl Config {
    /// The same for one of several shards.
    #[must_use]
    pub fn for_shard(self, shard: Shard) -> Self {
        Self { shard, ..self }
    }

    /// The same with expected tenants from a table that is not in a file, and these of its columns as labels.
    ///
    /// # Errors
    ///
    /// Every problem of the table.
    pub fn with_expected(self, table: &str, labels: &[&str]) -> Result<Self, Errors> {
        let expected = Some(ExpectedFile::embedded(table, &self.sources, labels)?);
        Ok(Self { expected, ..self })
    }

    /// The same with restore tests from a table that is not in a file.
    ///
    /// # Errors
    ///
    /// Every problem of the table.
    pub fn with_restore_tests(self, table: &str) -> Result<Self, Errors> {
        let restore_tests = Some(RestoreTestsFile::embedded(table, &self.sources, &[])?);
        Ok(Self { restore_tests, ..self })
    }

    /// What is exposed.
    #[must_use]
    pub fn exposed(&self) -> Exposed {
        let limits = self.sources.iter().filter_map(|source| Some((&source.name, source.collection.series_limit?)));
        let families = self.families.clone();
        let exposed = limits.fold(families, |exposed, (source, limit)| exposed.with_series_limit(source, limit));
        let restore_tests = self.restore_tests.as_ref().map(|file| file.list().clone().for_shard(self.shard));
        exposed
            .with_expected(self.expected.as_ref().map(|file| file.list().clone().for_shard(self.shard)))
            .with_restore_objectives(self.restore_objectives.clone())
            .with_restore_tests(restore_tests)
    }

    /// Reads the file at `path`, the secret files it names and the process's environment.
    ///
    /// # Errors
    ///
    /// Every problem found, in the file's order.
    pub fn load(path: &Path) -> Result<Self, Errors> {
        load(path, Self::parse)
    }

    /// Reads a configuration from its text.
    ///
    /// `environment` returns the value of `${NAME}`, and `None` if it is unset;
    /// relative paths in the text are relative to `base_dir`.
    ///
    /// # Errors
    ///
    /// Every problem found, in the text's order.
    pub fn parse(text: &str, environment: &dyn Fn(&str) -> Option<String>, base_dir: &Path) -> Result<Self, Errors> {
        let document = yaml::read(text).map_err(|error| Errors::of_file(error.to_string()))?;
        if document.is_null() {
            return Err(Errors::of_file("the file is empty; at least one source is required".to_owned()));
        }
        let context = Context::new(environment, base_dir);
        let config = Self::decode(&Field::root(&document, &context));
        context.finish(config)
    }

    /// `None` if and only if a problem was reported.
    fn decode(root: &Field<'_>) -> Option<Self> {
        let file = root.section(KEYS)?;
        let common = file.get("collection").and_then(|section| collection::Layer::of_section(&section));
        let common = common.unwrap_or_default();
        let objectives = file.get("rpo").map_or_else(|| Some(Objectives::default()), |rpo| objectives::decode(&rpo));
        let coverage =
            file.get("coverage_objective").map_or_else(|| Some(Default::default()), |field| coverage::decode(&field));
        let state_path = file
            .get("state")
            .and_then(|state| state.section(STATE_KEYS))
            .and_then(|state| state.get("path"))
            .and_then(|path| path.file_path())
            .map(|file| file.path);
        let log_level = file
            .get("log")
            .and_then(|log| log.section(LOG_KEYS))
            .and_then(|log| log.get("level"))
            .and_then(|level| level.word("level", &Level::WORDS));
        let families = file.get("metrics").map_or_else(|| Some(Exposed::default()), |field| metrics::decode(&field));
        let Decoded { identities, sources } =
            source::decode_all(&file, &common, objectives.as_ref().unwrap_or(&Objectives::default()));
        let expected = file.get("expected").map(|field| tenant_list::decode(&field, identities.as_ref()));
        let restore_tests = file.get("restore_tests").map(|field| tenant_list::decode(&field, identities.as_ref()));
        let restore_objectives = match file.get("restore_test_objective") {
            Some(field) => restore::decode_objectives(&field, identities.as_deref()),
            None => Some(RestoreObjectives::default()),
        };
        if restore_tests.is_none() && file.get("restore_test_objective").is_some() {
            file.problem_at("restore_test_objective", "has no effect without restore_tests");
        }
        let config = Self {
            sources: sources?,
            objectives: Objectives { coverage: coverage?, ..objectives? },
            state_path,
            log_level,
            families: families?,
            expected: expected.map_or(Some(None), |file| file.map(Some))?,
            restore_tests: restore_tests.map_or(Some(None), |file| file.map(Some))?,
            restore_objectives: restore_objectives?,
            shard: Shard::WHOLE,
        };
        metrics::check_series_limit(&file, &config);
        Some(config)
    }
}
