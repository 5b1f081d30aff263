//! Merges the records of the file: one expectation per tenant, without duplicates.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::cells::Cells;
use crate::config::tenant_list;
use crate::domain::expected::{Expectation, Key, List, Place};
use crate::domain::{SourceIdentity, Workload};

/// No tenant has more seats; a telephone number or an amount of money in the wrong column may be larger.
const MAX_SEATS: u64 = 10_000_000;

/// The records read so far.
#[derive(Debug)]
pub(crate) struct Drafts<'a> {
    sources: &'a [SourceIdentity],
    drafts: Vec<Draft>,
    by_key: HashMap<(Arc<str>, Key), usize>,
}

/// The records of one tenant.
#[derive(Debug)]
struct Draft {
    source: Arc<str>,
    place: Place,
    key: Key,
    name: Option<String>,
    workloads: BTreeMap<Workload, Place>,
    seats: Option<(u64, Place)>,
}

/// A record whose cells are all valid.
#[derive(Debug)]
struct Record {
    place: Place,
    source: Arc<str>,
    key: Key,
    name: Option<String>,
    workloads: Vec<Workload>,
    seats: Option<u64>,
}

impl<'a> Drafts<'a> {
    pub(super) fn new(sources: &'a [SourceIdentity]) -> Self {
        Self { sources, drafts: Vec::new(), by_key: HashMap::new() }
    }
}

impl tenant_list::Drafts for Drafts<'_> {
    type Cells = Cells;
    type List = List;

    fn add(&mut self, place: Place, cells: &Cells) -> Result<(), Vec<String>> {
        let record = self.record(place, cells)?;
        let key = (Arc::clone(&record.source), record.key.clone());
        if let Some(position) = self.by_key.get(&key) {
            return self.drafts[*position].add(record);
        }
        let Record { place, source, key: tenant, name, .. } = &record;
        let mut draft = Draft {
            source: Arc::clone(source),
            place: *place,
            key: tenant.clone(),
            name: name.clone(),
            workloads: BTreeMap::new(),
            seats: None,
        };
        draft.merge(&record)?;
        self.by_key.insert(key, self.drafts.len());
        self.drafts.push(draft);
        Ok(())
    }

    fn finish(self) -> List {
        List::new(self.drafts.into_iter().map(|draft| {
            let Draft { source, place, key, name, workloads, seats } = draft;
            let seats = seats.map(|(seats, _)| seats);
            let workloads = workloads.into_keys().collect();
            (source, Expectation { place, key, name, workloads, seats, is_own: true })
        }))
    }
}

impl Drafts<'_> {
    fn record(&self, place: Place, cells: &Cells) -> Result<Record, Vec<String>> {
        let source = tenant_list::source(self.sources, cells.source.as_deref(), cells.provider.as_deref());
        let key = if cells.is_empty() {
            Err("is empty".to_owned())
        } else {
            tenant_list::key(cells.tenant_id.as_deref(), cells.tenant.as_deref())
        };
        let workloads: Vec<_> = cells.workloads.iter().map(|word| tenant_list::workload(word)).collect();
        let seats = cells.seats.as_deref().map(seats).transpose();
        let mut problems = Vec::new();
        problems.extend(source.as_ref().err().cloned());
        problems.extend(key.as_ref().err().cloned());
        problems.extend(workloads.iter().filter_map(|workload| workload.as_ref().err().cloned()));
        problems.extend(seats.as_ref().err().cloned());
        match (source, key, workloads.into_iter().collect(), seats) {
            (Ok(source), Ok(key), Ok(workloads), Ok(seats)) => {
                Ok(Record { place, source, key, name: cells.tenant.clone(), workloads, seats })
            }
            _ => Err(problems),
        }
    }
}

impl Draft {
    /// Merges another record of the same tenant.
    fn add(&mut self, record: Record) -> Result<(), Vec<String>> {
        if record.workloads.is_empty() && (record.seats.is_none() || record.seats == self.seats.map(|(seats, _)| seats))
        {
            return Err(vec![format!("duplicate of {}", self.place)]);
        }
        self.merge(&record)?;
        self.name = self.name.take().or(record.name);
        Ok(())
    }

    fn merge(&mut self, record: &Record) -> Result<(), Vec<String>> {
        let mut problems = Vec::new();
        for workload in &record.workloads {
            match self.workloads.insert(*workload, record.place) {
                None => {}
                Some(place) if place == record.place => {
                    problems.push(format!("duplicate workload {:?}", workload.as_str()));
                }
                Some(place) => {
                    problems.push(format!("duplicate workload {:?}, already in {place}", workload.as_str()));
                    self.workloads.insert(*workload, place);
                }
            }
        }
        match (self.seats, record.seats) {
            (Some((before, place)), Some(seats)) if before != seats => {
                problems.push(format!("conflicting seats: {seats} here, {before} in {place}"));
            }
            (None, Some(seats)) => self.seats = Some((seats, record.place)),
            _ => {}
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

fn seats(text: &str) -> Result<u64, String> {
    let seats = text.parse().ok().filter(|seats| *seats <= MAX_SEATS);
    seats.ok_or_else(|| format!("seats {text:?} is not a whole number from 0 to {MAX_SEATS}"))
}
