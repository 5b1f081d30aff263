//! Merges the records of the file: for each tenant and workload, the last test with each result.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::cells::Cells;
use crate::config::decoder::{listed, words};
use crate::config::tenant_list;
use crate::domain::restore::{RestoreResult, RestoreTests, TestsOfTenant};
use crate::domain::roster::{Key, Place};
use crate::domain::{SourceIdentity, Timestamp, Workload};

/// How much earlier than in UTC a day begins in the easternmost time zone.
const EARLIEST_ZONE: Duration = Duration::from_secs(14 * 60 * 60);

/// A longer text is a time, which requires an offset.
const DATE_LENGTH: usize = "YYYY-MM-DD".len();

/// A longer text is not quoted as a date.
const MAX_DATE_LENGTH: usize = 40;

/// The records read so far.
#[derive(Debug)]
pub(crate) struct Drafts<'a> {
    sources: &'a [SourceIdentity],
    now: Timestamp,
    drafts: BTreeMap<Arc<str>, Vec<Draft>>,
    by_key: HashMap<(Arc<str>, Key), usize>,
}

/// The records of one tenant: for each workload the last test with each result, and its line.
#[derive(Debug)]
struct Draft {
    place: Place,
    key: Key,
    tests: u64,
    last: BTreeMap<(Workload, RestoreResult), (Timestamp, Place)>,
}

/// A record whose cells are all valid.
#[derive(Debug)]
struct Record {
    source: Arc<str>,
    key: Key,
    workload: Workload,
    at: Timestamp,
    result: RestoreResult,
}

impl<'a> Drafts<'a> {
    /// A draft without records, at this time.
    pub(super) fn new(sources: &'a [SourceIdentity], now: Timestamp) -> Self {
        Self { sources, now, drafts: BTreeMap::new(), by_key: HashMap::new() }
    }

    fn record(&self, cells: &Cells) -> Result<Record, Vec<String>> {
        if *cells == Cells::default() {
            return Err(vec!["is empty".to_owned()]);
        }
        let source = tenant_list::source(self.sources, cells.source.as_deref(), cells.provider.as_deref());
        let key = tenant_list::key(cells.tenant_id.as_deref(), cells.tenant.as_deref());
        let workload = required("workload", cells.workload.as_deref()).and_then(tenant_list::workload);
        let at = required("date", cells.date.as_deref()).and_then(|text| date(text, self.now));
        let result = required("result", cells.result.as_deref()).and_then(result);
        let problems: Vec<_> = [
            source.as_ref().err(),
            key.as_ref().err(),
            workload.as_ref().err(),
            at.as_ref().err(),
            result.as_ref().err(),
        ]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
        match (source, key, workload, at, result) {
            (Ok(source), Ok(key), Ok(workload), Ok(at), Ok(result)) => Ok(Record { source, key, workload, at, result }),
            _ => Err(problems),
        }
    }
}

impl tenant_list::Drafts for Drafts<'_> {
    type Cells = Cells;
    type List = RestoreTests;

    fn add(&mut self, place: Place, cells: &Cells) -> Result<(), Vec<String>> {
        let record = self.record(cells)?;
        let of_source = self.drafts.entry(Arc::clone(&record.source)).or_default();
        let position = *self.by_key.entry((Arc::clone(&record.source), record.key.clone())).or_insert_with(|| {
            of_source.push(Draft { place, key: record.key.clone(), tests: 0, last: BTreeMap::new() });
            of_source.len() - 1
        });
        of_source[position].add(place, &record).map_err(|problem| vec![problem])
    }

    fn finish(self) -> RestoreTests {
        let of_source = |(source, drafts): (Arc<str>, Vec<Draft>)| {
            drafts.into_iter().map(move |draft| (Arc::clone(&source), draft.finish()))
        };
        RestoreTests::new(self.drafts.into_iter().flat_map(of_source))
    }
}

impl Draft {
    fn add(&mut self, place: Place, record: &Record) -> Result<(), String> {
        self.tests += 1;
        let other = match record.result {
            RestoreResult::Ok => RestoreResult::Failed,
            RestoreResult::Failed => RestoreResult::Ok,
        };
        // The later of the two decides whether the last test failed.
        if let Some((at, other)) = self.last.get(&(record.workload, other))
            && *at == record.at
        {
            return Err(format!("date is that of the opposite result in {other}; add the time of day to both"));
        }
        let last = self.last.entry((record.workload, record.result)).or_insert((record.at, place));
        if record.at > last.0 {
            *last = (record.at, place);
        }
        Ok(())
    }

    fn finish(self) -> TestsOfTenant {
        let Self { place, key, tests, last } = self;
        let last = last.into_iter().map(|(of, (at, _))| (of, at)).collect();
        TestsOfTenant { place, key, tests, last, is_own: true }
    }
}

fn required<'c>(column: &str, cell: Option<&'c str>) -> Result<&'c str, String> {
    cell.ok_or_else(|| format!("{column} is not set"))
}

/// A day, or a time with an offset, neither before there were such backups nor in the future.
fn date(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let shown = if text.len() > MAX_DATE_LENGTH { "date".to_owned() } else { format!("date {text:?}") };
    let (at, latest) = if let Ok(at) = text.parse::<jiff::Timestamp>() {
        (at, now)
    } else if text.len() == DATE_LENGTH
        && let Ok(day) = text.parse::<jiff::civil::Date>()
        && let Ok(begin) = day.to_zoned(jiff::tz::TimeZone::UTC)
    {
        (begin.timestamp(), now.after(EARLIEST_ZONE))
    } else {
        return Err(format!("{shown} is not a date (YYYY-MM-DD, or a time such as 2026-10-31T14:00:00Z)"));
    };
    let at = Timestamp::from_millis(at.as_millisecond());
    if at.is_future(latest) {
        return Err(format!("{shown} is in the future"));
    }
    if !at.is_possible(latest) {
        return Err(format!("{shown} is before the year 2000"));
    }
    Ok(at)
}

fn result(word: &str) -> Result<RestoreResult, String> {
    let accepted = || format!("unknown result {word:?} (accepted: {})", listed(&words(RestoreResult::as_str)));
    word.to_lowercase().parse().map_err(|_| accepted())
}
