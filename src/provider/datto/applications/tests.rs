//! Tables of what an application's report means, odd and absent values included.

use super::*;
use crate::domain::{Objectives, WorkloadState};
use crate::provider::endpoint::Endpoint;
use crate::provider::page::{self, Page};
use crate::provider::paging::{MAX_KEPT_BYTES, Progress, Step};

const NOW: Timestamp = Timestamp::from_millis(1_763_752_800_000); // 2025-11-21T19:20:00Z
const HOUR: i64 = 3_600_000;
const MICROSOFT: &[Part] = &[
    Part::Workload(Workload::Mail),
    Part::Workload(Workload::Onedrive),
    Part::Workload(Workload::Sharepoint),
    Part::Workload(Workload::Teams),
    Part::Seats,
];

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
    let workloads =
        ApplicationsReader { rpo: &rpo, now: NOW, expected: MICROSOFT, notes: &mut notes }.workloads(&records);
    let drift = notes.into_drift().into_iter().map(|drift| (drift.field, drift.kind)).collect();
    (workloads, drift)
}

/// One day of history that began so many hours ago; live windows start later than they end.
fn window(hours_ago: i64, total: u64, active: u64, backed_up: u64) -> String {
    let (since, until) = (NOW.as_millis() - hours_ago * HOUR, NOW.as_millis() - (hours_ago - 24) * HOUR);
    let name = format!("Between{}dAnd{}d", hours_ago / 24 - 1, hours_ago / 24);
    format!(
        r#"{{"timeWindow":"{name}","startTime":{until},"endTime":{since},"totalServiceCount":{total},"activeServiceCount":{active},"activeServiceWithBackupCount":{backed_up},"activeServiceWithPerfectBackupCount":{backed_up},"status":"Perfect"}}"#
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
        // More backups than services: which of the two is true is unknown.
        (vec![window(24, 10, 10, 11)], 24, [0, 0, 10, 0, 0]),
        // Days cannot be added up, so a longer objective takes the best of them.
        (vec![window(24, 10, 10, 7), window(48, 10, 10, 9), window(72, 10, 10, 10)], 48, [0, 0, 0, 1, 9]),
        (vec![window(24, 10, 10, 7), window(48, 10, 10, 9)], 24, [0, 0, 0, 3, 7]),
        // The order of the list does not matter.
        (vec![window(48, 10, 10, 9), window(24, 10, 10, 7)], 24, [0, 0, 0, 3, 7]),
        // A report whose newest day lies days back proves nothing for today: late by what is known.
        (vec![window(96, 10, 10, 10)], 24, [0, 0, 0, 10, 0]),
        (vec![window(13 * 24, 12, 10, 10)], 24, [2, 0, 0, 10, 0]),
        (vec![window(13 * 24, 12, 10, 10)], 24 * 7, [2, 0, 0, 10, 0]),
        // Within a longer objective it is not late, and still not fine.
        (vec![window(72, 10, 10, 10)], 24 * 7, [0, 0, 10, 0, 0]),
        // The newest day is missing from the list.
        (vec![window(48, 10, 10, 10), window(72, 10, 10, 10)], 24, [0, 0, 10, 0, 0]),
        // A repeated row is one day.
        (vec![window(24, 10, 10, 7), window(24, 10, 10, 7)], 24, [0, 0, 0, 3, 7]),
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
    let counts = r#""totalServiceCount":4,"activeServiceCount":4"#;
    let day = format!(r#""backupHistory":[{{"startTime":{until},"endTime":{since},{counts}}}]"#);
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
        ("1763700000", Some(1_763_700_000_000), None, Some(DriftKind::Retyped)),
        ("\"2025-11-21T04:40:00Z\"", Some(1_763_700_000_000), None, Some(DriftKind::Retyped)),
        ("\"0001-01-01T00:00:00Z\"", None, None, Some(DriftKind::Retyped)),
        ("\"1970-01-01T00:00:00Z\"", None, None, Some(DriftKind::Retyped)),
        ("0", None, None, Some(DriftKind::Retyped)),
        ("-1", None, None, Some(DriftKind::Retyped)),
        ("\"-1\"", None, None, Some(DriftKind::Retyped)),
        ("1e300", None, None, Some(DriftKind::Retyped)),
        ("200000000000", None, None, Some(DriftKind::Retyped)),
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
fn items_with_one_application_each_are_distinguished_and_a_repeated_one_is_recognised() {
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

/// The first window's JSON with some text of it replaced.
fn edited(window: &str, from: &str, to: &str) -> String {
    let from = regex::Regex::new(from).unwrap();
    assert!(from.is_match(window), "{from} is nowhere in {window}");
    from.replace(window, to).into_owned()
}

#[test]
fn days_are_ordered_by_their_windows_names_where_their_times_cannot_be_read() {
    const START: &str = r#""startTime":\d+,"#;
    const NAME: &str = r#""timeWindow":"[^"]*","#;
    let (newest, older) = (window(24, 12, 10, 7), window(48, 12, 10, 10));
    let unreadable = [
        "",
        "null,",
        "\"noon\",",
        "0,",
        "-1,",
        "1e300,",
        "\"0001-01-01T00:00:00Z\",",
        "\"1970-01-01T00:00:00Z\",",
        "[],",
    ];
    for value in unreadable {
        let field = if value.is_empty() { String::new() } else { format!(r#""startTime":{value}"#) };
        // Of the newest: three have no backup in it, and what the others have is not known to be today's.
        let days = [edited(&newest, START, &field), older.clone()];
        for days in [days.clone(), [days[1].clone(), days[0].clone()]] {
            let summary = mail(&exchange(&format!(r#""backupHistory":[{}]"#, days.join(","))), 24);
            assert_eq!((states(&summary), summary.state()), (Some([2, 0, 7, 3, 0]), WorkloadState::Late), "{value}");
        }
        // With a longer objective they may have one of the day before.
        let days = [edited(&newest, START, &field), older.clone()].join(",");
        assert_eq!(
            states(&mail(&exchange(&format!(r#""backupHistory":[{days}]"#)), 72)),
            Some([2, 0, 10, 0, 0]),
            "{value}"
        );
        // Of the older one: that does not matter.
        let days = [newest.clone(), edited(&older, START, &field)].join(",");
        assert_eq!(
            states(&mail(&exchange(&format!(r#""backupHistory":[{days}]"#)), 24)),
            Some([2, 0, 0, 3, 7]),
            "{value}"
        );
        // Of all of them, and a day that went well: not fine for certain.
        let fine = [edited(&window(24, 10, 10, 10), START, &field), edited(&older, START, &field)].join(",");
        let summary = mail(&exchange(&format!(r#""backupHistory":[{fine}]"#)), 24);
        assert_eq!((states(&summary), summary.state()), (Some([0, 0, 10, 0, 0]), WorkloadState::Unknown), "{value}");
        // Neither times nor names order them.
        let days = [&newest, &older].map(|day| edited(&edited(day, START, &field), NAME, "")).join(",");
        let summary = mail(&exchange(&format!(r#""backupHistory":[{days}]"#)), 24);
        assert_eq!((states(&summary), summary.state()), (None, WorkloadState::Unknown), "{value}");
    }
    // The times alone order them.
    for name in ["", r#""timeWindow":null,"#, r#""timeWindow":"today","#, r#""timeWindow":"Between0dAnd9d","#] {
        let days = [&older, &newest].map(|day| edited(day, NAME, name)).join(",");
        assert_eq!(
            states(&mail(&exchange(&format!(r#""backupHistory":[{days}]"#)), 24)),
            Some([2, 0, 0, 3, 7]),
            "{name}"
        );
    }
    // Times and names name different days.
    let swapped = [edited(&newest, NAME, r#""timeWindow":"Between5dAnd6d","#), older.clone()].join(",");
    assert_eq!(mail(&exchange(&format!(r#""backupHistory":[{swapped}]"#)), 24).state(), WorkloadState::Unknown);
    // One day twice, and different.
    let twice = [newest, window(24, 12, 10, 10)].join(",");
    let (workloads, drift) = read(&exchange(&format!(r#""backupHistory":[{twice}]"#)), 24);
    assert_eq!(workloads.reports[&Workload::Mail].state(), WorkloadState::Unknown);
    assert!(drift.contains(&("backupHistory", DriftKind::ConflictingRecord)));
}

#[test]
fn seconds_and_iso_text_are_times() {
    let (since, until) = (NOW.as_millis() / 1000 - 24 * 3600, NOW.as_millis() / 1000);
    for times in [
        format!(r#""startTime":{until},"endTime":{since}"#),
        format!(r#""startTime":"{until}","endTime":"{since}000""#),
        r#""startTime":"2025-11-21T19:20:00Z","endTime":"2025-11-20T20:20:00+01:00""#.to_owned(),
    ] {
        let day = edited(&window(24, 5, 5, 5), r#""startTime":\d+,"endTime":\d+"#, &times);
        let summary = mail(&exchange(&format!(r#""backupHistory":[{day}]"#)), 24);
        assert_eq!((states(&summary), summary.state()), (Some([0, 0, 0, 0, 5]), WorkloadState::Ok), "{times}");
    }
}

#[test]
fn a_day_in_the_future_or_of_another_length_proves_nothing() {
    for (start_hours, end_hours, expected) in [
        (0, -24, WorkloadState::Ok),
        (1, -23, WorkloadState::Ok),
        (2, -22, WorkloadState::Unknown),
        (24 * 365, 24 * 364, WorkloadState::Unknown),
        // One of the two times is not true.
        (0, -12 * 24, WorkloadState::Unknown),
        (-12 * 24, 0, WorkloadState::Unknown),
        (0, 0, WorkloadState::Unknown),
        (24 * 9000, -24, WorkloadState::Unknown),
        (-12 * 24, -13 * 24, WorkloadState::Late),
    ] {
        let at = |hours: i64| NOW.as_millis() + hours * HOUR;
        let times = format!(r#""startTime":{},"endTime":{}"#, at(start_hours), at(end_hours));
        let day = edited(&window(24, 5, 5, 5), r#""startTime":\d+,"endTime":\d+"#, &times);
        assert_eq!(mail(&exchange(&format!(r#""backupHistory":[{day}]"#)), 24).state(), expected, "{times}");
    }
}

#[test]
fn counts_of_the_newest_day_that_cannot_be_read_prove_nothing() {
    for (field, value) in [
        ("totalServiceCount", "null"),
        ("totalServiceCount", "-1"),
        ("totalServiceCount", "3"),
        ("activeServiceCount", "null"),
        ("activeServiceCount", "1e300"),
        ("activeServiceCount", "0"),
        ("activeServiceCount", "9"),
        ("activeServiceWithBackupCount", "null"),
        ("activeServiceWithBackupCount", "[]"),
        ("activeServiceWithBackupCount", "99"),
    ] {
        let day = edited(&window(24, 5, 5, 5), &format!(r#""{field}":\d+"#), &format!(r#""{field}":{value}"#));
        for objective_hours in [24, 72] {
            let history = format!(r#""backupHistory":[{day},{}]"#, window(48, 5, 5, 5));
            let state = mail(&exchange(&history), objective_hours).state();
            assert_eq!(state, WorkloadState::Unknown, "{field} {value}");
        }
    }
}

#[test]
fn not_everything_protected_within_the_objective_is_late_however_well_the_newest_day_went() {
    let all = format!(r#""backupHistory":[{}]"#, window(24, 5, 5, 5));
    let some = format!(r#""backupHistory":[{}]"#, window(24, 5, 5, 3));
    let hours_ago = |hours: i64| (NOW.as_millis() - hours * HOUR).to_string();
    let bucket = || "\"OVER_10_DAYS_AGO\"".to_owned();
    for (history, protected, objective_hours, expected) in [
        (&all, bucket(), 24, [0, 0, 0, 1, 4]),
        (&all, bucket(), 240, [0, 0, 0, 1, 4]),
        // It may well lie within this one.
        (&all, bucket(), 14 * 24, [0, 0, 0, 0, 5]),
        (&all, hours_ago(20), 24, [0, 0, 0, 0, 5]),
        (&all, hours_ago(25), 12, [0, 0, 0, 0, 5]),
        (&all, hours_ago(12 * 24), 24, [0, 0, 0, 1, 4]),
        // The day shows which are late.
        (&some, bucket(), 24, [0, 0, 0, 2, 3]),
        (&all, "null".to_owned(), 24, [0, 0, 0, 0, 5]),
        // There is a value, and it is unreadable.
        (&all, "\"NOT_YET\"".to_owned(), 24, [0, 0, 5, 0, 0]),
        (&all, "\"0001-01-01T00:00:00Z\"".to_owned(), 24, [0, 0, 5, 0, 0]),
        (&all, "-1".to_owned(), 24, [0, 0, 5, 0, 0]),
        (&all, hours_ago(-48), 24, [0, 0, 5, 0, 0]),
        (&some, "{}".to_owned(), 24, [0, 0, 3, 2, 0]),
    ] {
        let summary = mail(&exchange(&format!(r#""lastFullyProtectedTime":{protected},{history}"#)), objective_hours);
        assert_eq!(states(&summary), Some(expected), "{protected} {objective_hours}");
    }
}

#[test]
fn an_application_of_which_nothing_is_active_any_more_has_stopped() {
    for (total, bytes, expected) in [
        (12, "1000000000", WorkloadState::Stopped),
        (12, "0", WorkloadState::Stopped),
        (12, "null", WorkloadState::Stopped),
        (0, "1", WorkloadState::Stopped),
        (0, "0", WorkloadState::Empty),
        (0, "null", WorkloadState::Unknown),
    ] {
        let app = format!(r#""usedBytes":{bytes},"backupHistory":[{}]"#, window(24, total, 0, 0));
        assert_eq!(mail(&exchange(&app), 24).state(), expected, "{total} {bytes}");
    }
}

#[test]
fn two_items_with_the_same_applications_are_both_counted_and_a_repeated_one_once() {
    let item = |bytes: u64, backed_up| {
        let app = format!(
            r#"{{"appType":"Office365Exchange","usedBytes":{bytes},"backupHistory":[{}]}}"#,
            window(24, 5, 5, backed_up)
        );
        format!(r#"{{"customerId":7,"suites":[{{"suiteType":"Office365","appTypes":[{app}]}}]}}"#)
    };
    let (fine, late) = (item(10, 5), item(20, 2));
    for (items, bytes, expected, conflicts) in [
        (vec![&fine, &late], 30, [0, 0, 0, 3, 7], 1),
        (vec![&late, &fine], 30, [0, 0, 0, 3, 7], 1),
        (vec![&fine, &fine], 10, [0, 0, 0, 0, 5], 0),
        (vec![&late, &fine, &late], 30, [0, 0, 0, 3, 7], 1),
    ] {
        let items: Vec<&str> = items.into_iter().map(String::as_str).collect();
        let body = format!(r#"{{"pagination":{{"totalPages":1}},"items":[{}]}}"#, items.join(","));
        // Through the paging, which drops what it takes for repeated.
        let mut progress = Progress::new();
        let rows = page::records::<wire::Applications>(body.as_bytes(), &wire::ENVELOPE).unwrap();
        let fresh: Vec<_> = rows.into_iter().filter(|record| progress.is_new(record)).collect();
        let (mut notes, objectives) = (Notes::new(Endpoint::new("/here")), Objectives::default());
        let rpo = objectives.of_tenant("7", "seven");
        let workloads = ApplicationsReader { rpo: &rpo, now: NOW, expected: &[], notes: &mut notes }.workloads(&fresh);
        let summary = workloads.reports[&Workload::Mail].summary().unwrap();
        assert_eq!((summary.storage_bytes, states(summary)), (Some(bytes), Some(expected)), "{items:?}");
        let noted = notes.into_drift().iter().filter(|drift| drift.kind == DriftKind::ConflictingRecord).count();
        assert_eq!(noted, conflicts, "{items:?}");
    }
    // The same inside of one item.
    let suite = |apps: &str| format!(r#"{{"items":[{{"suites":[{{"appTypes":[{apps}]}}]}}]}}"#);
    let app = exchange(r#""usedBytes":10"#);
    let (workloads, _) = read_body(&suite(&format!("{app},{app}")), 24);
    assert_eq!(workloads.reports[&Workload::Mail].summary().unwrap().storage_bytes, Some(10));
}

#[test]
fn one_workload_under_two_names_is_one_series_in_the_worse_state() {
    let app = |name: &str, fields: &str| format!(r#"{{"appType":"{name}",{fields}}}"#);
    let day = |backed_up| format!(r#""backupHistory":[{}]"#, window(24, 5, 5, backed_up));
    let unreadable = r#""backupHistory":[7]"#.to_owned();
    for (one, other, expected) in [
        (day(5), day(5), WorkloadState::Ok),
        (day(5), day(4), WorkloadState::Late),
        (day(5), unreadable.clone(), WorkloadState::Unknown),
        (day(4), unreadable.clone(), WorkloadState::Late),
        (unreadable.clone(), unreadable, WorkloadState::Unknown),
    ] {
        for names in [["Office365Exchange", "mail"], ["mail", "Office365Exchange"], ["MAIL", "GoogleMail"]] {
            let (workloads, _) = read(&format!("{},{}", app(names[0], &one), app(names[1], &other)), 24);
            let names: Vec<_> = workloads.reports.keys().map(|workload| workload.as_str()).collect();
            assert_eq!(names, ["mail"]);
            assert_eq!(workloads.reports[&Workload::Mail].state(), expected, "{one} {other}");
        }
    }
}

#[test]
fn an_expected_workload_that_may_be_behind_an_unknown_name_is_not_taken_for_gone() {
    let report = |names: &[&str]| {
        let apps: Vec<_> = names.iter().map(|name| format!(r#"{{"appType":{name}}}"#)).collect();
        read(&apps.join(","), 24).0.is_complete
    };
    let three = ["\"Office365OneDrive\"", "\"Office365SharePoint\"", "\"Office365Teams\""];
    assert!(report(&three), "a complete report decides");
    assert!(report(&[&three[..], &["\"Office365Exchange\"", "\"Office365Planner\""]].concat()), "nothing is missing");
    for name in ["\"Exchange2\"", "\"\"", "\"Ada's mailbox\"", "7", "null", "{}"] {
        assert!(!report(&[&three[..], &[name]].concat()), "{name}");
    }
}

#[test]
fn records_of_other_customers_are_dropped() {
    let mail = exchange(r#""usedBytes":5"#);
    let item = |id: &str| format!(r#"{{"customerId":{id},"suites":[{{"appTypes":[{mail}]}}]}}"#);
    for (ids, kept, foreign) in [
        (&["7"][..], Ok(1), 0),
        (&["\"7\""], Ok(1), 0),
        (&["7", "8"], Ok(1), 1),
        (&["8", "7", "\"9\""], Ok(1), 2),
        (&["null", "8"], Ok(1), 1),
        (&["8"], Err(ErrorKind::ForeignRecords { count: 1 }), 1),
        (&["8", "9"], Err(ErrorKind::ForeignRecords { count: 2 }), 2),
        (&[], Ok(0), 0),
    ] {
        let items: Vec<_> = ids.iter().map(|id| item(id)).collect();
        let body = format!("[{}]", items.join(","));
        let mut records = page::records(body.as_bytes(), &wire::ENVELOPE).unwrap();
        let mut notes = Notes::new(Endpoint::new("/here"));
        let result = only_of("7", &mut records, &mut notes).map(|()| records.len());
        assert_eq!(result, kept, "{ids:?}");
        let noted = notes.into_drift();
        assert!(
            noted.iter().all(|drift| drift.kind == DriftKind::ForeignRecord) && noted.len() == foreign,
            "{noted:?}"
        );
    }
}

#[test]
fn the_days_of_all_pages_count_together_also_when_they_are_read_again() {
    let app = format!(r#"{{"backupHistory":[{}]}}"#, vec!["{}"; 1_000].join(","));
    let apps = vec![app; 49].join(",");
    for is_read_again in [false, true] {
        let mut progress = Progress::new();
        let mut steps = (1..=5).map(|page| {
            let body = format!(r#"{{"items":[{{"usedBytes":{page},"suites":[{{"appTypes":[{apps}]}}]}}]}}"#);
            let take_in = &mut |record: Result<wire::Applications, _>| {
                let _: bool = progress.is_new(&record);
            };
            let read = Page::read(body.as_bytes(), &wire::ENVELOPE, take_in).unwrap();
            if is_read_again && page == 3 { progress.again() } else { progress.advance(read) }
        });
        assert!(steps.by_ref().take(3).all(|step| matches!(step, Ok(Step::Ask(_) | Step::Again))));
        let failure = steps.find_map(Result::err);
        assert_eq!(failure, Some(ErrorKind::ListTooLarge { limit: MAX_KEPT_BYTES }), "{is_read_again}");
    }
}
