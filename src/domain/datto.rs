//! Holds what Datto SaaS Protection alone reports.

use std::time::Duration;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

/// The vendor's word for how the backups of an application's newest day went.
///
/// A closed set, as free text is no label: any other word counts as [`BackupStatus::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum BackupStatus {
    /// Everything was backed up without an issue.
    Perfect,
    /// Nearly everything was.
    Good,
    /// Much was not.
    Fair,
    /// Most was not.
    Poor,
    /// Something had issues.
    BackupWithIssues,
    /// It is too new to be judged.
    InsufficientHistory,
    /// The vendor says that it does not know.
    Unknown,
    /// A word that is not known.
    Other,
}

/// What Datto says of one application, `None` where it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DattoFacts {
    /// Services that were never taken in.
    pub uningested_services: Option<u64>,
    /// Services whose backup of the newest day had no issue.
    pub perfect_backups: Option<u64>,
    /// How the newest day went.
    pub status: Option<BackupStatus>,
    /// Everything was last fully protected at least this long ago: given where a bucket stands instead of a time.
    pub protection_gap: Option<Duration>,
}

/// What Datto's listing says of the services of a customer, `None` where it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DattoServices {
    /// Services that should be backed up.
    pub active: Option<u64>,
    /// Services with a recent backup, by the vendor's unstated meaning of recent.
    pub recently_backed_up: Option<u64>,
    /// Their share, from 0 to 1: of the counts where there are some, else the vendor's percentage.
    pub ratio: Option<f64>,
}

impl Eq for DattoServices {}
