//! Mirrors the seat counters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator as _;

use super::tracked::Millis;
use super::word::Word;
use crate::domain::{self, SeatState, SeatType};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeatReport {
    #[serde(with = "SeatCounts")]
    counts: domain::SeatCounts,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_type: Option<BTreeMap<Word<SeatType>, SeatsOfType>>,
}

/// The fields of the domain's counters, for serde: the compiler holds them together.
#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::SeatCounts", deny_unknown_fields)]
pub(super) struct SeatCounts {
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    available: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deactivated: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billable: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shared_mailboxes_paid: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shared_mailboxes_free: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeatsOfType {
    /// States that no seat is in are left out.
    states: BTreeMap<Word<SeatState>, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newest_backup: Option<Millis>,
}

impl From<&domain::SeatReport> for SeatReport {
    fn from(report: &domain::SeatReport) -> Self {
        let domain::SeatReport { counts, by_type } = report;
        let by_type = by_type
            .as_ref()
            .map(|types| types.iter().map(|(seat_type, seats)| (Word(*seat_type), seats.into())).collect());
        Self { counts: *counts, by_type }
    }
}

impl From<SeatReport> for domain::SeatReport {
    fn from(report: SeatReport) -> Self {
        let by_type = report
            .by_type
            .map(|types| types.into_iter().map(|(seat_type, seats)| (seat_type.0, seats.into())).collect());
        Self { counts: report.counts, by_type }
    }
}

impl From<&domain::SeatsOfType> for SeatsOfType {
    fn from(seats: &domain::SeatsOfType) -> Self {
        let states = SeatState::iter().map(|state| (Word(state), seats.states[state]));
        Self {
            states: states.filter(|(_, count)| *count > 0).collect(),
            newest_backup: seats.newest_backup.map(Millis::from),
        }
    }
}

impl From<SeatsOfType> for domain::SeatsOfType {
    fn from(seats: SeatsOfType) -> Self {
        Self {
            states: seats.states.into_iter().map(|(state, count)| (state.0, count)).collect(),
            newest_backup: seats.newest_backup.map(Into::into),
        }
    }
}
