//! Decodes Dropsuite's lists, and checks the invariants that no response may violate.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use saasbackup_exporter::domain::{AccountState, Drift, PartResult, Provider, ResourceState, Tenant, Workload};
use saasbackup_exporter::fuzzing::{Reading, dropsuite};
use saasbackup_exporter::provider::ErrorKind;
use saasbackup_exporter_fuzz::canary::{CANARY, assert_silent, sown};
use saasbackup_exporter_fuzz::shown::{assert_honest, exposition, source};
use saasbackup_exporter_fuzz::{NOW, pages};
use strum::IntoEnumIterator as _;

const OBJECTIVE: Duration = Duration::from_secs(86_400);
/// Fields whose text is private; other texts of these lists are names that are shown.
const PRIVATE: &[&str] = &["authentication_token", "reseller_token", "email", "notification_email"];

/// What one list became.
type Decoded = Result<(Vec<Tenant>, Vec<PartResult>, Vec<Drift>), ErrorKind>;

fuzz_target!(|input: &[u8]| {
    let Some((choice, pages)) = pages(input) else { return };
    if let Ok((tenants, parts, drift)) = decode(choice, &pages) {
        exposition(source(Provider::Dropsuite, tenants, parts, drift));
    }
    let shows_names = matches!(choice % 8, 0 | 2);
    let sown = sown(&pages, if shows_names { PRIVATE } else { &[] });
    let sown: Vec<&[u8]> = sown.iter().map(Vec::as_slice).collect();
    match decode(choice, &sown) {
        Ok((tenants, parts, drift)) => {
            let text = exposition(source(Provider::Dropsuite, tenants, parts, drift));
            assert!(!text.contains(CANARY), "shown: {text}");
        }
        Err(error) => assert_silent(&error),
    }
});

fn decode(choice: u8, pages: &[&[u8]]) -> Decoded {
    match choice % 8 {
        0 => organizations(pages),
        1 => {
            let reading = checked(dropsuite::seats(pages)?);
            Ok((vec![], reading.value.map(|report| PartResult::Seats(Ok(report))).into_iter().collect(), reading.drift))
        }
        2 => {
            let reading = checked(dropsuite::domains(pages, NOW)?);
            assert!(reading.value.iter().len() as u64 <= reading.records);
            Ok((vec![], vec![PartResult::Domains(Ok(reading.value))], reading.drift))
        }
        3 => accounts(pages),
        4 => {
            let reading = checked(dropsuite::invites(pages)?);
            assert!(reading.value.pending_invites <= Some(reading.records));
            Ok((vec![], vec![PartResult::Lifecycle(Ok(reading.value))], reading.drift))
        }
        5 => {
            let reading = checked(dropsuite::retention(pages)?);
            assert_eq!(reading.value.retention_policies, Some(reading.records));
            assert!(reading.undecodable == 0 || reading.value.shortest_retention.is_none(), "{reading:?}");
            Ok((vec![], vec![PartResult::Lifecycle(Ok(reading.value))], reading.drift))
        }
        6 => workload(Workload::iter().cycle().nth(usize::from(choice / 8)).expect("there are workloads"), pages),
        _ => workload(Workload::Mail, pages),
    }
}

fn organizations(pages: &[&[u8]]) -> Decoded {
    let reading = checked(dropsuite::organizations(pages)?);
    let (tenants, unreadable) = reading.value;
    assert!(tenants.len() as u64 + unreadable <= reading.records);
    // Whoever could not be read must be known of, or would be taken for removed.
    assert!(reading.undecodable <= unreadable);
    assert!(!tenants.is_empty() || unreadable == reading.records);
    Ok((tenants, vec![], reading.drift))
}

fn accounts(pages: &[&[u8]]) -> Decoded {
    let reading = checked(dropsuite::accounts(pages)?);
    let counts = reading.value;
    let all: u64 = counts.iter().filter_map(|(_, count)| count).sum();
    assert!(all <= reading.records, "{reading:?}");
    assert!(counts.get(AccountState::Unknown) >= Some(reading.undecodable), "{reading:?}");
    let coverage = saasbackup_exporter::domain::Coverage { accounts: counts };
    Ok((vec![], vec![PartResult::Coverage(Ok(coverage))], reading.drift))
}

fn workload(workload: Workload, pages: &[&[u8]]) -> Decoded {
    let reading = checked(dropsuite::workload(pages, workload, OBJECTIVE, NOW)?);
    assert_honest(&reading.value, reading.undecodable > 0);
    if let Some(summary) = reading.value.summary() {
        let resources = summary.resources.expect("Dropsuite's lists are counted");
        let all: u64 = resources.iter().map(|(_, count)| count).sum();
        assert!(all <= reading.records, "more resources than records: {summary:?}");
        assert!(summary.statuses.iter().map(|(_, count)| u64::from(count)).sum::<u64>() <= all, "more words than resources: {summary:?}");
        assert!(resources.get(ResourceState::Unknown) >= reading.undecodable, "{summary:?}");
        assert!(summary.protected_until <= summary.newest_backup, "{summary:?}");
    }
    Ok((vec![], vec![PartResult::Workload(workload, Ok(reading.value))], reading.drift))
}

/// What holds for every list.
fn checked<T>(reading: Reading<T>) -> Reading<T> {
    assert!(reading.undecodable <= reading.records && reading.records <= reading.rows);
    assert!(reading.undecodable == 0 || !reading.drift.is_empty() || reading.records > 0);
    reading
}
