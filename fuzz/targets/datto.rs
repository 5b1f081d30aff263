//! Decodes Datto's lists, and checks the invariants that no response may violate.

#![no_main]

use libfuzzer_sys::fuzz_target;
use saasbackup_exporter::domain::{Drift, Objectives, PartResult, Provider, SeatState, Tenant};
use saasbackup_exporter::fuzzing::{Reading, datto};
use saasbackup_exporter::provider::ErrorKind;
use saasbackup_exporter_fuzz::canary::{CANARY, assert_silent, sown};
use saasbackup_exporter_fuzz::shown::{assert_honest, exposition, source};
use saasbackup_exporter_fuzz::{NOW, pages};
use strum::IntoEnumIterator as _;

/// Fields whose text is private; other texts of these lists are names that are shown.
const PRIVATE: &[&str] = &["externalSubscriptionId", "mainId", "remoteId", "name", "suiteType", "timeWindow"];

/// What one list became.
type Decoded = Result<(Vec<Tenant>, Vec<PartResult>, Vec<Drift>), ErrorKind>;

fuzz_target!(|input: &[u8]| {
    let Some((choice, pages)) = pages(input) else { return };
    if let Ok((tenants, parts, drift)) = decode(choice, &pages) {
        exposition(source(Provider::Datto, tenants, parts, drift));
    }
    let shows_names = choice % 3 != 1;
    let sown = sown(&pages, if shows_names { PRIVATE } else { &[] });
    let sown: Vec<&[u8]> = sown.iter().map(Vec::as_slice).collect();
    match decode(choice, &sown) {
        Ok((tenants, parts, drift)) => {
            let text = exposition(source(Provider::Datto, tenants, parts, drift));
            assert!(!text.contains(CANARY), "shown: {text}");
        }
        Err(error) => assert_silent(&error),
    }
});

fn decode(choice: u8, pages: &[&[u8]]) -> Decoded {
    match choice % 3 {
        0 => customers(pages),
        1 => seats(pages),
        _ => applications(pages),
    }
}

fn customers(pages: &[&[u8]]) -> Decoded {
    let reading = checked(datto::customers(pages)?);
    let (tenants, unreadable) = reading.value;
    assert!(tenants.len() as u64 + unreadable <= reading.records);
    // Whoever could not be read must be known of, or would be taken for removed.
    assert!(reading.undecodable <= unreadable);
    assert!(!tenants.is_empty() || unreadable == reading.records);
    Ok((tenants, vec![], reading.drift))
}

fn seats(pages: &[&[u8]]) -> Decoded {
    let reading = checked(datto::seats(pages, NOW)?);
    let by_type = reading.value.by_type.as_ref().expect("Datto's seats are listed");
    let count = |state| by_type.values().map(|seats| seats.states[state]).sum::<u64>();
    assert_eq!(SeatState::iter().map(count).sum::<u64>(), reading.records, "{reading:?}");
    assert!(count(SeatState::Unknown) >= reading.undecodable, "{reading:?}");
    assert!(reading.value.counts.billable.is_none_or(|billable| billable <= reading.records), "{reading:?}");
    assert!(reading.undecodable == 0 || reading.value.counts.billable.is_none(), "{reading:?}");
    Ok((vec![], vec![PartResult::Seats(Ok(reading.value))], reading.drift))
}

fn applications(pages: &[&[u8]]) -> Decoded {
    let rpo = Objectives::default().of_tenant("1", "1");
    let reading = checked(datto::applications(pages, &rpo, NOW)?);
    for report in reading.value.reports.values() {
        assert_honest(report, reading.undecodable > 0);
    }
    Ok((vec![], vec![PartResult::Workloads(Ok(reading.value))], reading.drift))
}

/// What holds for every list.
fn checked<T>(reading: Reading<T>) -> Reading<T> {
    assert!(reading.undecodable <= reading.records && reading.records <= reading.rows);
    assert!(reading.undecodable == 0 || !reading.drift.is_empty(), "an unreadable record leaves a trace");
    reading
}
