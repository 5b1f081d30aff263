//! Reads CSV as billing systems and spreadsheets export it: with a header, and commas, semicolons or tabs.
//!
//! Other columns are ignored, because an export has many; but a name that is
//! nearly that of a known column is an error, because its values would be ignored.

use std::sync::Arc;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::Cells;
use crate::config::key;
use crate::spreadsheet;

/// One line or its problems, and its number.
type Line<C> = (u64, Result<C, Vec<String>>);

/// A line that no export contains.
const END: &str = "\u{1}end";

/// The lines below the header that say something; each stands for one `record`. The header must have all of `further`.
pub(super) fn records<C: Cells>(text: &str, record: &str, further: &[Arc<str>]) -> Result<Vec<Line<C>>, String> {
    let empty = || format!("is empty; expected a header and one line per {record}");
    // Spreadsheets write a byte order mark.
    let text = text.trim_start_matches('\u{feff}');
    // After an unclosed quote all further lines are a single cell, and their tenants would be lost. Then the appended
    // line is not read as a line.
    let ended = format!("{text}\n{END}\n");
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .delimiter(delimiter(text))
        .from_reader(ended.as_bytes());
    let mut records = reader.records().map(|record| record.map_err(|error| error.to_string()));
    let header = records.next().ok_or_else(empty)??;
    if header.iter().eq([END]) {
        return Err(empty());
    }
    let columns = columns::<C>(&header, further)?;
    let mut lines = Vec::new();
    for record in records {
        let record = record?;
        if record.iter().eq([END]) {
            return Ok(lines);
        }
        if record.iter().all(str::is_empty) {
            continue;
        }
        lines.push((line_of(&record, text), cells(&record, &columns)));
    }
    Err("unclosed quote (\")".to_owned())
}

/// The most frequent delimiter of the first line.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default().as_bytes();
    let count = |delimiter: &u8| header.iter().filter(|byte| *byte == delimiter).count();
    // Of equally frequent ones the last is taken: the comma.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// The name of a column, however it is written.
fn normal(title: &str) -> String {
    title.to_lowercase().replace([' ', '-'], "_")
}

/// Whether these are names of one column.
pub(in crate::config) fn is_same_column(one: &str, other: &str) -> bool {
    normal(one) == normal(other)
}

/// Which of ours, or of `further`, each column is.
fn columns<'k, C: Cells>(header: &StringRecord, further: &'k [Arc<str>]) -> Result<Vec<Option<&'k str>>, String> {
    let keys: Vec<&'k str> = C::KEYS.iter().copied().chain(further.iter().map(|name| &**name)).collect();
    let mut columns = Vec::new();
    for title in header {
        let name = normal(title);
        let name = C::ALIAS.filter(|(alias, _)| *alias == name).map_or(&*name, |(_, key)| key);
        let known = keys.iter().copied().find(|key| is_same_column(key, name));
        if let Some(key) = known
            && columns.contains(&Some(key))
        {
            return Err(format!("duplicate column {key:?}"));
        }
        if known.is_none()
            && let Some(meant) = key::closest(name, &keys)
        {
            return Err(format!("unknown column {title:?} (did you mean {meant:?}?)"));
        }
        columns.push(known);
    }
    if let Some(missing) = further.iter().find(|name| !columns.contains(&Some(&***name))) {
        return Err(format!("the header has no column {missing:?}, which the configuration names"));
    }
    if [Some("tenant_id"), Some("tenant")].iter().any(|key| columns.contains(key)) {
        return Ok(columns);
    }
    Err(format!("the header has neither a column \"tenant_id\" nor \"tenant\" (accepted: {})", C::KEYS.join(", ")))
}

fn cells<C: Cells>(record: &StringRecord, columns: &[Option<&str>]) -> Result<C, Vec<String>> {
    if record.len() != columns.len() {
        return Err(vec![format!("has {} cells, but the header has {}", record.len(), columns.len())]);
    }
    let mut cells = C::default();
    let mut problems = Vec::new();
    for (cell, column) in record.iter().zip(columns) {
        problems.extend(column.and_then(|key| cells.take(key, spreadsheet::restored(cell)).err()));
    }
    if problems.is_empty() { Ok(cells) } else { Err(problems) }
}

/// The line in which a record begins, one-based; the reader counts from the end of the previous record.
fn line_of(record: &StringRecord, text: &str) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let byte = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let before = text.get(byte..).unwrap_or_default();
    let blank = before.len() - before.trim_start_matches(['\r', '\n']).len();
    position.line() + before[..blank].matches('\n').count() as u64
}
