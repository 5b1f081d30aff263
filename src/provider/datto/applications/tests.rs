//! Tables of what an application's report means, odd and absent values included.

use super::*;
use crate::domain::{Objectives, WorkloadState};
use crate::provider::endpoint::Endpoint;
use crate::provider::page;
use crate::provider::paging::Progress;

const NOW: Timestamp = Timestamp::from_millis(1_763_752_800_000); // 2025-11-21T19:20:00Z
const HOUR: i64 = 3_600_000;

/// The workloads of these applications, and the surprises on the way.
fn read(apps: &str, objective_hours: u64) -> (Workloads, Vec<(&'static str, DriftKind)>) {
    read_body(
        &format!(
            r#"{{"pagination":{{"page":1,"perPage":25,"totalPages":1,"count":1}},"items":[{{"customerId":7,"usedBytes":900,"suites":[{{"suiteType":"Office365","appTypes":[{apps}]}}]}}]}}"#
        ),
        objective_hours,
    )
}

fn read_body(body: &str, objective_hours: u64) -> (Workloads, Vec<(&'static str, DriftKind)>) {
    let mut notes = Notes::new(Endpoint::new("/here"));
    let records = page::records(body.as_bytes(), &wire::ENVELOPE).unwrap();
    let objectives = Objectives { default: Some(Duration::from_secs(objective_hours * 3600)), ..Objectives::default() };
    let rpo = objectives.of_tenant("7", "seven");
    let workloads = ApplicationsReader { rpo: &rpo, now: NOW, notes: &mut notes }.workloads(&records);
    let drift = notes.into_drift().into_iter().map(|drift| (drift.field, drift.kind)).collect();
    (workloads, drift)
}

/// One day of history that began so many hours ago; live windows start later than they end.
fn window(hours_ago: i64, total: u64, active: u64, backed_up: u64) -> String {
    let (since, until) = (NOW.as_millis() - hours_ago * HOUR, NOW.as_millis() - (hours_ago - 24) * HOUR);
    format!(
        r#"{{"timeWindow":"Between0dAnd1d","startTime":{until},"endTime":{since},"totalServiceCount":{total},"activeServiceCount":{active},"activeServiceWithBackupCount":{backed_up},"activeServiceWithPerfectBackupCount":{backed_up},"status":"Perfect"}}"#
    )
}

fn exchange(fields: &str) -> String {
    format!(r#"{{"appType":"Office365Exchange",{fields}}}"#)
}

fn mail(apps: &str, objective_hours: u64) -> WorkloadSummary {
    let (mut workloads, _) = read(apps, objective_hours);
    match workloads.reports.remove(&Workload::Mail) {
        Some(WorkloadReport::Licensed(summary)) => summary,
        other => panic!("{other:?}"),
    }
}

fn states(summary: &WorkloadSummary) -> Option<[u64; 5]> {
    use ResourceState::{Deactivated, Late, Never, Ok, Unknown};
    let resources = summary.resources?;
    Some([Deactivated, Never, Unknown, Late, Ok].map(|state| resources.get(state)))
}

#[test]
fn the_newest_day_says_how_many_services_are_late() {
    let history = |windows: &[String]| exchange(&format!(r#""backupHistory":[{}]"#, windows.join(",")));
    for (windows, objective_hours, expected) in [
        (vec![window(24, 12, 10, 10)], 24, [2, 0, 0, 0, 10]),
        (vec![window(24, 12, 10, 7)], 24, [2, 0, 0, 3, 7]),
        (vec![window(24, 10, 10, 0)], 12, [0, 0, 0, 10, 0]),
        (vec![window(24, 10, 10, 11)], 24, [0, 0, 0, 0, 10]),
        // Days cannot be added up, so a longer objective takes the best of them.
        (vec![window(24, 10, 10, 7), window(48, 10, 10, 9), window(72, 10, 10, 10)], 48, [0, 0, 0, 1, 9]),
        (vec![window(24, 10, 10, 7), window(48, 10, 10, 9)], 24, [0, 0, 0, 3, 7]),
        // The order of the list does not matter.
        (vec![window(48, 10, 10, 9), window(24, 10, 10, 7)], 24, [0, 0, 0, 3, 7]),
        // A report whose newest day lies days back proves nothing for today.
        (vec![window(96, 10, 10, 10)], 24, [0, 0, 0, 10, 0]),
    ] {
        assert_eq!(states(&mail(&history(&windows), objective_hours)), Some(expected), "{windows:?}");
    }
}

#[test]
fn without_history_nothing_is_counted_and_the_state_is_unknown() {
    for fields in [
        r#""usedBytes":5"#,
        r#""backupHistory":[]"#,
        r#""backupHistory":null"#,
        r#""backupHistory":"none""#,
        r#""backupHistory":[7]"#,
        r#""backupHistory":[{}]"#,
    ] {
        let summary = mail(&exchange(fields), 24);
        assert_eq!((states(&summary), summary.state()), (None, WorkloadState::Unknown), "{fields}");
    }
}

#[test]
fn beside_a_day_that_cannot_be_read_the_one_before_proves_nothing() {
    let history = format!(r#""backupHistory":[7,{}]"#, window(48, 4, 4, 4));
    let summary = mail(&exchange(&history), 24);
    assert_eq!((states(&summary), summary.state()), (None, WorkloadState::Unknown));
}

#[test]
fn a_day_without_the_count_of_backups_leaves_its_services_unknown() {
    let (since, until) = (NOW.as_millis() - 24 * HOUR, NOW.as_millis());
    let day = format!(r#""backupHistory":[{{"startTime":{until},"endTime":{since},"activeServiceCount":4}}]"#);
    let summary = mail(&exchange(&day), 24);
    assert_eq!((states(&summary), summary.state()), (Some([0, 0, 4, 0, 0]), WorkloadState::Unknown));
}

#[test]
fn an_application_too_new_to_be_judged_was_never_backed_up() {
    let day = window(24, 4, 4, 0).replace("Perfect\"}", "Insufficient History\"}");
    let summary = mail(&exchange(&format!(r#""backupHistory":[{day}]"#)), 24);
    assert_eq!((states(&summary), summary.state()), (Some([0, 4, 0, 0, 0]), WorkloadState::Never));
}

#[test]
fn when_everything_was_last_protected_is_a_time_or_at_least_so_long_ago() {
    for (value, until, gap_days, surprise) in [
        ("1763700000000", Some(1_763_700_000_000), None, None),
        ("1763700000000.0", Some(1_763_700_000_000), None, None),
        ("\"1763700000000\"", Some(1_763_700_000_000), None, None),
        ("\"OVER_10_DAYS_AGO\"", None, Some(10), None),
        ("\"OVER_1_DAY_AGO\"", None, Some(1), None),
        ("\"NOT_YET\"", None, None, Some(DriftKind::UnknownWord)),
        ("\"\"", None, None, None),
        ("null", None, None, None),
        ("12", None, None, Some(DriftKind::Retyped)),
        ("[]", None, None, Some(DriftKind::Retyped)),
        ("1963700000000", None, None, Some(DriftKind::OutOfRange)),
    ] {
        let (workloads, mut drift) = read(&exchange(&format!(r#""lastFullyProtectedTime":{value}"#)), 24);
        let summary = workloads.reports[&Workload::Mail].summary().unwrap().clone();
        drift.retain(|(field, _)| *field == "lastFullyProtectedTime");
        assert_eq!(summary.protected_until.map(Timestamp::as_millis), until, "{value}");
        assert_eq!(summary.datto.unwrap().protection_gap, gap_days.map(|days: u32| DAY * days), "{value}");
        assert_eq!(drift.first().map(|(_, kind)| *kind), surprise, "{value}");
    }
}

#[test]
fn application_types_become_workloads_and_unknown_ones_keep_their_name() {
    for (app_type, expected, is_known) in [
        ("Office365Exchange", Some("mail"), true),
        ("Office365OneDrive", Some("onedrive"), true),
        ("Office365SharePoint", Some("sharepoint"), true),
        ("Office365Teams", Some("teams"), true),
        ("GoogleMail", Some("mail"), true),
        ("GoogleDrive", Some("google_drive"), true),
        ("GoogleTeamDrives", Some("shared_drive"), true),
        ("Office365Planner", Some("office365_planner"), false),
        ("Entra ID", Some("entra_id"), false),
        ("Ada's \"mailbox\"", None, false),
        ("", None, false),
    ] {
        let json = format!(r#"{{"appType":{}}}"#, serde_json::to_string(app_type).unwrap());
        let (workloads, drift) = read(&json, 24);
        assert_eq!(workloads.reports.keys().next().map(|workload| workload.as_str()), expected, "{app_type}");
        assert_eq!(drift.contains(&("appType", DriftKind::UnknownWord)), !is_known, "{app_type}");
    }
}

#[test]
fn the_customers_bytes_are_not_those_of_its_applications() {
    let (workloads, _) = read(&exchange(r#""usedBytes":850"#), 24);
    assert_eq!(workloads.customer_storage_bytes, Some(900));
    assert_eq!(workloads.reports[&Workload::Mail].summary().unwrap().storage_bytes, Some(850));
}

#[test]
fn applications_of_one_workload_are_summed_up_and_the_weakest_link_holds() {
    let app = |bytes: u64, until: i64, backed_up| {
        exchange(&format!(
            r#""usedBytes":{bytes},"lastFullyProtectedTime":{until},"backupHistory":[{}]"#,
            window(24, 5, 5, backed_up)
        ))
    };
    let both = format!("{},{}", app(10, 1_763_700_000_000, 5), app(20, 1_763_600_000_000, 4));
    let summary = mail(&both, 24);
    assert_eq!(summary.storage_bytes, Some(30));
    assert_eq!(summary.protected_until, Some(Timestamp::from_millis(1_763_600_000_000)));
    assert_eq!(states(&summary), Some([0, 0, 0, 1, 9]));
}

#[test]
fn counts_too_large_to_be_added_up_are_not_counts() {
    let app = |total: u64| exchange(&format!(r#""backupHistory":[{}]"#, window(24, total, 5, 5)));
    let summary = mail(&format!("{},{}", app(u64::MAX), app(5)), 24);
    assert_eq!((summary.resources, summary.state()), (None, WorkloadState::Unknown));
}

#[test]
fn a_report_with_an_unreadable_record_is_refused() {
    let records = |body: &[u8]| page::records(body, &wire::ENVELOPE).unwrap();
    assert_eq!(all_readable(&records(br#"[{"customerId":7}]"#)), Ok(()));
    let refused = all_readable(&records(br#"[{"customerId":7},5]"#));
    assert_eq!(refused, Err(ErrorKind::UnreadableRecords { count: 1 }));
}

#[test]
fn both_envelopes_of_live_clients_and_empty_suites_are_read() {
    let item = r#"{"customerId":7,"suites":[{"suiteType":"Office365","appTypes":[{"appType":"Office365Teams"}]}]}"#;
    for body in [
        format!(r#"{{"items":[{item}]}}"#),
        format!(r#"{{"pagination":{{"totalPages":1}},"items":[{item}]}}"#),
        format!(r#"[{{"pagination":{{"totalPages":1}},"items":[{item}]}}]"#),
        format!("[{item}]"),
    ] {
        assert_eq!(read_body(&body, 24).0.reports.len(), 1, "{body}");
    }
    for body in [
        r#"{"items":[]}"#,
        "[]",
        r#"{"items":[{"customerId":7}]}"#,
        r#"{"items":[{"customerId":7,"suites":[]}]}"#,
        r#"{"items":[{"customerId":7,"suites":[{"appTypes":null}]}]}"#,
        r#"{"items":[{"customerId":7,"suites":{"no":"list"}}]}"#,
    ] {
        assert!(read_body(body, 24).0.reports.is_empty(), "{body}");
    }
}

#[test]
fn items_with_one_application_each_are_told_apart_and_a_repeated_one_is_known() {
    let item = |app: &str| {
        format!(r#"{{"customerId":7,"suites":[{{"suiteType":"Office365","appTypes":[{{"appType":"{app}"}}]}}]}}"#)
    };
    let [mail, teams] = ["Office365Exchange", "Office365Teams"].map(item);
    let body = format!(r#"{{"pagination":{{"totalPages":1}},"items":[{mail},{teams},{mail}]}}"#);
    let records = page::records::<wire::Applications>(body.as_bytes(), &wire::ENVELOPE).unwrap();
    let mut progress = Progress::new();
    assert_eq!(records.iter().filter(|record| progress.is_new(record)).count(), 2);
}

#[test]
fn a_report_of_which_a_part_cannot_be_read_is_not_complete() {
    let body = |suites: &str| format!(r#"{{"items":[{{"customerId":7,"suites":{suites}}}]}}"#);
    for (suites, expected) in [
        (r#"[{"appTypes":[{"appType":"Office365Teams"}]}]"#, true),
        (r#"[{"appTypes":[{"appType":"Office365Teams"},7]}]"#, false),
        (r#"[{"appTypes":[{"appType":"Office365Teams"},{"usedBytes":1}]}]"#, false),
        (r#"[{"appTypes":{"no":"list"}}]"#, false),
        (r#"[7]"#, false),
        ("[]", true),
        ("null", true),
    ] {
        assert_eq!(read_body(&body(suites), 24).0.is_complete, expected, "{suites}");
    }
}
