//! Reads the file of expected tenants, which lists what billing charges for each tenant.
//!
//! It comes from a billing system: as CSV, or as YAML where its name ends in
//! `.yaml` or `.yml`. Like the configuration it is good as a whole or not used.

mod cells;
mod document;
mod draft;
mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::decoder::Field;
use super::error::{Errors, Problem};
use super::source::Source;
use crate::config::file_watch::FileVersion;
use crate::domain::SourceIdentity;
use crate::domain::expected::List;
use crate::process::file;
use draft::Drafts;

/// The keys of the `expected` section.
const KEYS: &[&str] = &["file"];

/// More than a hundred thousand tenants need.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// Further problems are only counted: a file that was exported in another format has one in every line.
const MAX_PROBLEMS: usize = 20;

/// The expected tenants, and the file that lists them.
#[derive(Clone, Debug)]
pub struct ExpectedFile {
    /// `None` for a list that is part of the program.
    path: Option<PathBuf>,
    /// How messages speak of it: never with what the environment holds.
    shown: String,
    sources: Arc<[SourceIdentity]>,
    version: FileVersion,
    list: List,
}

/// A change of the file that is not good.
#[derive(Debug)]
pub(crate) struct BadFile {
    /// The rejected file.
    pub(crate) version: FileVersion,
    /// What is wrong with it.
    pub(crate) errors: Errors,
}

impl ExpectedFile {
    /// A list that stands in no file, as a table.
    pub(super) fn embedded(table: &str, sources: &[Source]) -> Result<Self, Errors> {
        let sources = identities(sources);
        let shown = "the embedded list".to_owned();
        let list = read_csv(table, &shown, &sources).map_err(|problems| errors("expected", problems))?;
        Ok(Self { path: None, shown, sources, version: FileVersion::of(Path::new("")), list })
    }

    /// The path of the file; `None` for a list that stands in none.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The expected tenants.
    #[must_use]
    pub const fn list(&self) -> &List {
        &self.list
    }

    /// The name of the file in messages.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// The file as it is now; `None` if it is unchanged, or unchanged since it was `refused`.
    pub(crate) fn look_again(&self, refused: Option<FileVersion>) -> Option<Result<Self, BadFile>> {
        let path = self.path.as_ref()?;
        let version = FileVersion::of(path);
        // After a refusal the old file is read again too: it may only have been out of reach.
        if version == refused.unwrap_or(self.version) {
            return None;
        }
        let read = Self::read(path.clone(), self.shown.clone(), Arc::clone(&self.sources), version);
        Some(read.map_err(|problems| BadFile { version, errors: errors("expected.file", problems) }))
    }

    fn read(
        path: PathBuf,
        shown: String,
        sources: Arc<[SourceIdentity]>,
        version: FileVersion,
    ) -> Result<Self, Vec<String>> {
        let text = text_of(&path, &shown).map_err(|problem| vec![problem])?;
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let list = if ["yaml", "yml"].contains(&ending.to_ascii_lowercase().as_str()) {
            read_yaml(&text, &shown, &sources)
        } else {
            read_csv(&text, &shown, &sources)
        };
        Ok(Self { list: list?, path: Some(path), shown, sources, version })
    }
}

/// Reads a table: each problem names its line, as compilers do.
pub(crate) fn read_csv(text: &str, shown: &str, sources: &[SourceIdentity]) -> Result<List, Vec<String>> {
    let mut drafts = Drafts::new(sources);
    let mut problems = Vec::new();
    match table::records(text) {
        Ok(records) => {
            for (line, cells) in records {
                let added = cells.and_then(|cells| drafts.add(crate::domain::expected::Place::Line(line), &cells));
                let at_line = |problem| format!("{shown}:{line}: {problem}");
                problems.extend(added.err().into_iter().flatten().map(at_line));
            }
        }
        Err(problem) => problems.push(format!("{shown}: {problem}")),
    }
    finish(drafts, problems, shown)
}

/// Reads a list of mappings: each problem names its path.
pub(crate) fn read_yaml(text: &str, shown: &str, sources: &[SourceIdentity]) -> Result<List, Vec<String>> {
    let mut drafts = Drafts::new(sources);
    let problems = document::add_all(text, &mut drafts);
    finish(drafts, problems.into_iter().map(|problem| format!("{shown}: {problem}")).collect(), shown)
}

/// The list, if it is valid and not empty: a failed export must not turn every tenant into an unbilled one.
fn finish(drafts: Drafts<'_>, mut problems: Vec<String>, shown: &str) -> Result<List, Vec<String>> {
    let list = drafts.finish();
    if problems.is_empty() && list.is_empty() {
        problems.push(format!("{shown}: contains no tenants; remove the key to disable the comparison"));
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

/// Reads the file that the section names; `sources` are those of the configuration, if they are good.
pub(super) fn decode(field: &Field<'_>, sources: Option<&[Source]>) -> Option<ExpectedFile> {
    let section = field.section(KEYS)?;
    let file = section.required("file", "the path of a CSV or YAML file")?.file_path()?;
    // Lines that name a source that may be good cannot be judged: their turn comes once the sources are.
    let sources = identities(sources?);
    let version = FileVersion::of(&file.path);
    match ExpectedFile::read(file.path, file.shown, sources, version) {
        Ok(file) => Some(file),
        Err(problems) => {
            problems.into_iter().for_each(|problem| section.problem_at("file", problem));
            None
        }
    }
}

#[cfg(test)]
mod tests;
