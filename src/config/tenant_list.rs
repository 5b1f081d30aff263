//! Reads and watches the operator's lists of tenants, exported from a billing system or a spreadsheet.
//!
//! A list is CSV, or YAML if its name ends in `.yaml` or `.yml`. Like the configuration, it is valid as a whole or not
//! used.

mod document;
mod subject;
mod table;

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::decoder::{Field, Section};
use super::error::{Errors, Problem};
use super::source::Source;
use crate::config::file_watch::FileVersion;
use crate::domain::SourceIdentity;
use crate::domain::roster::Place;
use crate::process::file;

pub(super) use subject::{key, source, workload};
pub(super) use table::is_same_column;

/// The columns of a list that the configuration names, beside those that have a meaning here.
pub(crate) type Columns = Arc<[Arc<str>]>;

/// Maximum size; more than a hundred thousand tenants need.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// Maximum number of reported problems: a file in another format has one in every line.
pub(super) const MAX_PROBLEMS: usize = 20;

/// The text of one record of a list, before it is validated.
pub(crate) trait Cells: Default {
    /// The columns of a table and the keys of a mapping.
    const KEYS: &'static [&'static str];

    /// The column with several values, which a mapping may have as a list.
    const SEVERAL: Option<&'static str>;

    /// Another name of a column, and the column.
    const ALIAS: Option<(&'static str, &'static str)>;

    /// Sets a cell, trimmed and not empty; `key` is one of the keys, or a column that the configuration names.
    fn set(&mut self, key: &str, cell: &str);

    /// Sets a cell; empty cells count as absent.
    fn take(&mut self, key: &str, cell: &str) -> Result<(), String> {
        let cell = cell.trim();
        if cell.contains(['\n', '\r']) {
            return Err(format!("{key} spans several lines; is a quote missing?"));
        }
        if !cell.is_empty() {
            self.set(key, cell);
        }
        Ok(())
    }
}

/// A list while it is read.
pub(crate) trait Drafts {
    /// The text of one record.
    type Cells: Cells;
    /// The list.
    type List;

    /// The columns that the configuration names.
    fn columns(&self) -> &[Arc<str>] {
        &[]
    }

    /// Adds one record, or returns every problem of it.
    fn add(&mut self, place: Place, cells: &Self::Cells) -> Result<(), Vec<String>>;

    /// The list of all records.
    fn finish(self) -> Self::List;
}

/// A list that a file can contain.
pub(crate) trait List: Clone + Debug + Send + Sync + 'static {
    /// The section of the configuration that names the file.
    const SECTION: &'static str;
    /// The keys of the section.
    const KEYS: &'static [&'static str] = &["file"];
    /// The noun for a line or an item in messages.
    const RECORD: &'static str;
    /// A record as YAML.
    const EXAMPLE: &'static str;
    /// What a list without records lacks, and the effect of the key.
    const EMPTY: &'static str;

    /// The records, while they are read.
    type Drafts<'a>: Drafts<List = Self>;

    /// The columns that the section names; `None` if and only if a problem was reported.
    fn columns(_section: &Section<'_>) -> Option<Columns> {
        Some(Columns::default())
    }

    /// An empty list.
    fn drafts<'a>(sources: &'a [SourceIdentity], columns: &'a [Arc<str>]) -> Self::Drafts<'a>;

    /// Whether it has no record.
    fn is_empty(&self) -> bool;
}

/// A list, and the file that it was read from.
#[derive(Clone, Debug)]
pub struct ListFile<L> {
    /// `None` for a list that is not from a file.
    path: Option<PathBuf>,
    /// The name in messages, without substituted variables.
    shown: String,
    meaning: Meaning,
    version: FileVersion,
    list: L,
}

/// What the configuration says of the records of a list.
#[derive(Clone, Debug)]
pub(super) struct Meaning {
    /// The sources that they can name.
    pub(super) sources: Arc<[SourceIdentity]>,
    /// The columns that it names.
    pub(super) columns: Columns,
}

/// A change of the file that is invalid.
#[derive(Debug)]
pub(crate) struct BadFile {
    /// The rejected file.
    pub(crate) version: FileVersion,
    /// What is wrong with it.
    pub(crate) errors: Errors,
}

impl<L> ListFile<L> {
    /// The path of the file; `None` for a list that is not from a file.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The list.
    #[must_use]
    pub const fn list(&self) -> &L {
        &self.list
    }

    /// The columns that the configuration names.
    pub(crate) fn columns(&self) -> &[Arc<str>] {
        &self.meaning.columns
    }

    /// The name of the file in messages.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }
}

#[expect(private_bounds, reason = "which lists there are is decided here")]
impl<L: List> ListFile<L> {
    /// A list from a table that is not in a file.
    pub(super) fn embedded(table: &str, sources: &[Source], columns: &[&str]) -> Result<Self, Errors> {
        let columns = columns.iter().map(|&column| column.into()).collect();
        let meaning = Meaning { sources: identities(sources), columns };
        let shown = "the embedded list".to_owned();
        let drafts = L::drafts(&meaning.sources, &meaning.columns);
        let list = read_csv(table, &shown, drafts).map_err(|problems| errors(L::SECTION, problems))?;
        Ok(Self { path: None, shown, meaning, version: FileVersion::of(Path::new("")), list })
    }

    /// The current contents of the file; `None` if it is unchanged, or unchanged since it was rejected as `refused`.
    pub(crate) fn look_again(&self, refused: Option<FileVersion>) -> Option<Result<Self, BadFile>> {
        let path = self.path.as_ref()?;
        let version = FileVersion::of(path);
        // After a rejection the previous contents are read again as well: the file may only have been unreachable.
        if version == refused.unwrap_or(self.version) {
            return None;
        }
        let read = Self::read(path.clone(), self.shown.clone(), self.meaning.clone(), version);
        let errors = |problems| errors(&format!("{}.file", L::SECTION), problems);
        Some(read.map_err(|problems| BadFile { version, errors: errors(problems) }))
    }

    pub(super) fn read(
        path: PathBuf,
        shown: String,
        meaning: Meaning,
        version: FileVersion,
    ) -> Result<Self, Vec<String>> {
        let text = text_of(&path, &shown).map_err(|problem| vec![problem])?;
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let drafts = L::drafts(&meaning.sources, &meaning.columns);
        let list = if ["yaml", "yml"].contains(&ending.to_ascii_lowercase().as_str()) {
            read_yaml(&text, &shown, drafts)
        } else {
            read_csv(&text, &shown, drafts)
        };
        Ok(Self { list: list?, path: Some(path), shown, meaning, version })
    }
}

/// Reads a table: each problem names its line, as compilers do.
pub(super) fn read_csv<L: List>(text: &str, shown: &str, mut drafts: L::Drafts<'_>) -> Result<L, Vec<String>> {
    let mut problems = Vec::new();
    match table::records(text, L::RECORD, drafts.columns()) {
        Ok(records) => {
            for (line, cells) in records {
                let added = cells.and_then(|cells| drafts.add(Place::Line(line), &cells));
                let at_line = |problem| format!("{shown}:{line}: {problem}");
                problems.extend(added.err().into_iter().flatten().map(at_line));
            }
        }
        Err(problem) => problems.push(format!("{shown}: {problem}")),
    }
    finish(drafts, problems, shown)
}

/// Reads a list of mappings: each problem names its path.
pub(super) fn read_yaml<L: List>(text: &str, shown: &str, mut drafts: L::Drafts<'_>) -> Result<L, Vec<String>> {
    let problems = document::add_all::<L>(text, &mut drafts);
    finish(drafts, problems.into_iter().map(|problem| format!("{shown}: {problem}")).collect(), shown)
}

/// The list, if it is valid and not empty: a failed export must not look like an empty customer base.
fn finish<L: List>(drafts: L::Drafts<'_>, mut problems: Vec<String>, shown: &str) -> Result<L, Vec<String>> {
    let list = drafts.finish();
    if problems.is_empty() && list.is_empty() {
        problems.push(format!("{shown}: {}", L::EMPTY));
    }
    if problems.is_empty() {
        return Ok(list);
    }
    let more = problems.len().saturating_sub(MAX_PROBLEMS);
    problems.truncate(MAX_PROBLEMS);
    if more > 0 {
        problems.push(format!("{shown}: and {more} more problems"));
    }
    Err(problems)
}

fn errors(path: &str, problems: Vec<String>) -> Errors {
    let problem = |message| Problem { path: path.to_owned(), message };
    Errors::new(problems.into_iter().map(problem).collect())
}

fn text_of(path: &Path, shown: &str) -> Result<String, String> {
    let content = file::read(path, MAX_FILE_BYTES).map_err(|cause| format!("cannot read {shown}: {cause}"))?;
    let content = content.ok_or_else(|| format!("{shown}: is larger than 16 MiB"))?;
    String::from_utf8(content).map_err(|_| format!("{shown}: is not valid UTF-8"))
}

fn identities(sources: &[Source]) -> Arc<[SourceIdentity]> {
    let identity = |source: &Source| SourceIdentity { provider: source.provider.vendor(), name: (*source.name).into() };
    sources.iter().map(identity).collect()
}

/// Reads the file of the section; `sources` are those of the configuration, if all of them can be referred to.
pub(super) fn decode<L: List>(field: &Field<'_>, sources: Option<&Arc<[SourceIdentity]>>) -> Option<ListFile<L>> {
    let section = field.section(L::KEYS)?;
    let columns = L::columns(&section);
    let file = section.required("file", "the path of a CSV or YAML file")?.file_path()?;
    // Lines cannot be checked before it is known which sources there are.
    let meaning = Meaning { sources: Arc::clone(sources?), columns: columns? };
    let version = FileVersion::of(&file.path);
    match ListFile::read(file.path, file.shown, meaning, version) {
        Ok(file) => Some(file),
        Err(problems) => {
            problems.into_iter().for_each(|problem| section.problem_at("file", problem));
            None
        }
    }
}
