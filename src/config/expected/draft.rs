//! Merges the records of the file: one expectation per tenant, without duplicates.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::accepted::accepted;
use super::cells::Cells;
use super::labels;
use super::number::number;
use crate::config::tenant_list;
use crate::domain::expected::{Accepted, Expectation, Key, List, Place};
use crate::domain::{SourceIdentity, Workload};

/// The records read so far.
#[derive(Debug)]
pub(crate) struct Drafts<'a> {
    sources: &'a [SourceIdentity],
    labels: &'a [Arc<str>],
    drafts: Vec<Draft>,
    by_key: HashMap<(Arc<str>, Key), usize>,
    commitments: BTreeMap<Arc<str>, u64>,
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
    accepted: Option<(Accepted, Place)>,
    labels: BTreeMap<Arc<str>, (Arc<str>, Place)>,
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
    accepted: Option<Accepted>,
    labels: BTreeMap<Arc<str>, Arc<str>>,
}

impl<'a> Drafts<'a> {
    /// Before the first record; `labels` are the columns that become labels.
    pub(super) fn new(sources: &'a [SourceIdentity], labels: &'a [Arc<str>]) -> Self {
        Self { sources, labels, drafts: Vec::new(), by_key: HashMap::new(), commitments: BTreeMap::new() }
    }
}

impl tenant_list::Drafts for Drafts<'_> {
    type Cells = Cells;
    type List = List;

    fn columns(&self) -> &[Arc<str>] {
        self.labels
    }

    fn add(&mut self, place: Place, cells: &Cells) -> Result<(), Vec<String>> {
        if let Some(seats) = &cells.committed_seats {
            let (source, seats) = self.commitment(seats, cells)?;
            let committed = self.commitments.entry(source).or_default();
            *committed = committed.saturating_add(seats);
            return Ok(());
        }
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
            accepted: None,
            labels: BTreeMap::new(),
        };
        draft.merge(&record)?;
        self.by_key.insert(key, self.drafts.len());
        self.drafts.push(draft);
        Ok(())
    }

    fn finish(self) -> List {
        let tenants = self.drafts.into_iter().map(|draft| {
            let Draft { source, place, key, name, workloads, seats, accepted, labels } = draft;
            let seats = seats.map(|(seats, _)| seats);
            let accepted = accepted.map(|(accepted, _)| accepted);
            let workloads = workloads.into_keys().collect();
            let labels = labels.into_iter().map(|(name, (value, _))| (name, value)).collect();
            (source, Expectation { place, key, name, workloads, seats, accepted, labels, is_own: true })
        });
        List::new(tenants).with_commitments(self.commitments)
    }
}

impl Drafts<'_> {
    /// The source and the number of a line that says how many seats are paid for there, whoever uses them.
    fn commitment(&self, seats: &str, cells: &Cells) -> Result<(Arc<str>, u64), Vec<String>> {
        let source = tenant_list::source(self.sources, cells.source.as_deref(), cells.provider.as_deref());
        let seats = number("committed_seats", seats);
        let mut problems = Vec::new();
        problems.extend(source.as_ref().err().cloned());
        problems.extend(seats.as_ref().err().cloned());
        let Cells { source: named, provider, committed_seats, .. } = cells.clone();
        if *cells != (Cells { source: named, provider, committed_seats, ..Cells::default() }) {
            problems.push("committed_seats is of the whole source; give it a line without a tenant".to_owned());
        }
        match (source, seats) {
            (Ok(source), Ok(seats)) if problems.is_empty() => Ok((source, seats)),
            _ => Err(problems),
        }
    }

    fn record(&self, place: Place, cells: &Cells) -> Result<Record, Vec<String>> {
        let source = tenant_list::source(self.sources, cells.source.as_deref(), cells.provider.as_deref());
        let key = if cells.is_empty() {
            Err("is empty".to_owned())
        } else {
            tenant_list::key(cells.tenant_id.as_deref(), cells.tenant.as_deref())
        };
        let workloads: Vec<_> = cells.workloads.iter().map(|word| tenant_list::workload(word)).collect();
        let seats = cells.seats.as_deref().map(|text| number("seats", text)).transpose();
        let accepted = accepted(cells);
        let mut problems = Vec::new();
        problems.extend(source.as_ref().err().cloned());
        problems.extend(key.as_ref().err().cloned());
        problems.extend(workloads.iter().filter_map(|workload| workload.as_ref().err().cloned()));
        problems.extend(seats.as_ref().err().cloned());
        problems.extend(accepted.as_ref().err().into_iter().flatten().cloned());
        problems.extend(cells.labels.iter().filter_map(|(name, value)| labels::problem(name, value)));
        match (source, key, workloads.into_iter().collect(), seats, accepted) {
            (Ok(source), Ok(key), Ok(workloads), Ok(seats), Ok(accepted)) if problems.is_empty() => {
                let given = |name: &Arc<str>| Some((Arc::clone(name), cells.labels.get(&**name)?.as_str().into()));
                let labels = self.labels.iter().filter_map(given).collect();
                Ok(Record { place, source, key, name: cells.tenant.clone(), workloads, seats, accepted, labels })
            }
            _ => Err(problems),
        }
    }
}

impl Draft {
    /// Merges another record of the same tenant.
    fn add(&mut self, record: Record) -> Result<(), Vec<String>> {
        let is_new = |is_set: bool, is_same: bool| is_set && !is_same;
        let seats = is_new(record.seats.is_some(), record.seats == self.seats.map(|(seats, _)| seats));
        let accepted =
            is_new(record.accepted.is_some(), record.accepted == self.accepted.map(|(accepted, _)| accepted));
        let labels = record.labels.iter().any(|(name, value)| self.label(name) != Some(value));
        if record.workloads.is_empty() && !seats && !accepted && !labels {
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
        match (self.accepted, record.accepted) {
            (Some((before, place)), Some(accepted)) if before != accepted => {
                problems.push(format!("conflicting unprotected_accepted or its date, see {place}"));
            }
            (None, Some(accepted)) => self.accepted = Some((accepted, record.place)),
            _ => {}
        }
        for (name, value) in &record.labels {
            match self.labels.get(name) {
                Some((before, place)) if before != value => problems.push(format!("conflicting {name}, see {place}")),
                Some(_) => {}
                None => drop(self.labels.insert(Arc::clone(name), (Arc::clone(value), record.place))),
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn label(&self, name: &str) -> Option<&Arc<str>> {
        self.labels.get(name).map(|(value, _)| value)
    }
}
