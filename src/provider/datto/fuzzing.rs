//! Reads Datto's lists as the client does, without a connection: for the fuzz targets.

use super::applications::{ApplicationsReader, all_readable};
use super::wire::{self, ENVELOPE};
use super::{at, convert};
use crate::domain::{Rpo, SeatReport, Tenant, Timestamp, Workloads};
use crate::provider::ErrorKind;
use crate::provider::fuzzing::{Reading, Records};
use crate::provider::note::Notes;

/// `/v1/saas/domains`: the tenants, and the number of unreadable records.
///
/// # Errors
///
/// As the client's.
pub fn customers(bodies: &[&[u8]]) -> Result<Reading<(Vec<Tenant>, u64)>, ErrorKind> {
    let list = Records::read(bodies, &ENVELOPE)?;
    Ok(list.convert(|domains| {
        let mut notes = Notes::new(at::DOMAINS);
        (convert::customers(domains, &mut notes), notes.into_drift())
    }))
}

/// `/v1/saas/{saasCustomerId}/seats`.
///
/// # Errors
///
/// As the client's.
pub fn seats(bodies: &[&[u8]], now: Timestamp) -> Result<Reading<SeatReport>, ErrorKind> {
    let list = Records::read(bodies, &ENVELOPE)?;
    Ok(list.convert(|seats| {
        let mut notes = Notes::new(at::SEATS);
        let mut tally = convert::SeatTally::default();
        seats.iter().for_each(|seat| tally.add(seat, now, &mut notes));
        (tally.finish(&mut notes), notes.into_drift())
    }))
}

/// `/v1/saas/{saasCustomerId}/applications`.
///
/// # Errors
///
/// As the client's.
pub fn applications(bodies: &[&[u8]], rpo: &Rpo, now: Timestamp) -> Result<Reading<Workloads>, ErrorKind> {
    let list = Records::<wire::Applications>::read(bodies, &ENVELOPE)?;
    all_readable(&list.records)?;
    Ok(list.convert(|records| {
        let mut notes = Notes::new(at::APPLICATIONS);
        let workloads = ApplicationsReader { rpo, now, expected: &[], notes: &mut notes }.workloads(&records);
        (workloads, notes.into_drift())
    }))
}
