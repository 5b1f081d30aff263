//! Defines what only Datto SaaS Protection reports.

use std::time::Duration;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

/// The vendor's word for the result of the newest day's backups of an application.
///
/// A closed set, because free text is no label value: any other word is [`BackupStatus::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum BackupStatus {
    /// Everything was backed up without an issue.
    Perfect,
    /// Nearly everything was backed up.
    Good,
    /// Much was not backed up.
    Fair,
    /// Most was not backed up.
    Poor,
    /// Something had issues.
    BackupWithIssues,
    /// It is too new to be rated.
    InsufficientHistory,
    /// The vendor does not know.
    Unknown,
    /// An unknown word.
    Other,
}

/// What Datto reports about one application; `None` if missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DattoFacts {
    /// Services that were never ingested.
    pub uningested_services: Option<u64>,
    /// Services whose backup of the newest day had no issue.
    pub perfect_backups: Option<u64>,
    /// The result of the newest day.
    pub status: Option<BackupStatus>,
    /// Everything was last fully protected at least this long ago; set if there is a bucket instead of a time.
    pub protection_gap: Option<Duration>,
}

/// What Datto's listing reports about the services of a customer; `None` if missing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DattoServices {
    /// Services that should be backed up.
    pub active: Option<u64>,
    /// Services with a recent backup; what counts as recent is undocumented.
    pub recently_backed_up: Option<u64>,
    /// Their ratio, from 0 to 1: from the counts if there are any, else the vendor's percentage.
    pub ratio: Option<f64>,
}

impl Eq for DattoServices {}
