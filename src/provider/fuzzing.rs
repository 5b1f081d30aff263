//! Reads lists from bodies alone, as the clients read them from the vendors: for the fuzz targets.

pub use super::transport::fuzzing::{Limits, retry_after};

use super::ErrorKind;
use super::page::{Envelope, Page};
use super::paging::{Progress, Step};
use super::record::{Record, Undecodable};
use crate::domain::Drift;

/// The lists of Datto.
pub mod datto {
    pub use crate::provider::datto::fuzzing::{applications, customers, seats};
}

/// The lists of Dropsuite.
pub mod dropsuite {
    pub use crate::provider::dropsuite::fuzzing::{
        accounts, domains, invites, organizations, retention, seats, workload,
    };
}

/// The result of reading a list.
#[derive(Clone, Debug)]
pub struct Reading<T> {
    /// The converted records.
    pub value: T,
    /// The number of records on all pages, including duplicates.
    pub rows: u64,
    /// The number of distinct records.
    pub records: u64,
    /// How many of these are not objects.
    pub undecodable: u64,
    /// Deviations from the documented schema.
    pub drift: Vec<Drift>,
}

/// The records of a list.
pub(super) struct Records<T> {
    pub(super) records: Vec<Result<T, Undecodable>>,
    rows: u64,
}

impl<T: Record> Records<T> {
    /// Reads a list with these pages; the pages after them are empty.
    pub(super) fn read(bodies: &[&[u8]], envelope: &Envelope) -> Result<Self, ErrorKind> {
        const EMPTY: &[u8] = b"[]";
        let mut progress = Progress::new();
        let mut list = Self { records: Vec::new(), rows: 0 };
        loop {
            let index = usize::try_from(progress.page() - 1).unwrap_or(usize::MAX);
            let body = bodies.get(index).copied().unwrap_or(EMPTY);
            let page = Page::read(body, envelope, &mut |record| {
                if progress.is_new(&record) {
                    list.records.push(record);
                }
            })?;
            list.rows += page.rows;
            match progress.advance(page)? {
                Step::Done => return Ok(list),
                Step::Ask(_) | Step::Follow(_) | Step::Again => {}
            }
        }
    }

    /// Converts the records.
    pub(super) fn convert<V>(self, convert: impl FnOnce(Vec<Result<T, Undecodable>>) -> (V, Vec<Drift>)) -> Reading<V> {
        let (rows, records) = (self.rows, self.records.len() as u64);
        let undecodable = self.records.iter().filter(|record| record.is_err()).count() as u64;
        let (value, drift) = convert(self.records);
        Reading { value, rows, records, undecodable, drift }
    }
}
