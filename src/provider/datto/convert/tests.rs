//! Tables of what customers and seats mean, in live answers and in the published description.

use super::*;
use crate::domain::{AccountState, Drift};
use crate::provider::endpoint::Endpoint;
use crate::provider::page::records;
use crate::provider::paging::Progress;
use crate::provider::record::Record;

const NOW: Timestamp = Timestamp::from_millis(1_763_752_800_000);

fn parse<T: Record>(body: &str) -> Vec<Result<T, Undecodable>> {
    records(body.as_bytes(), &wire::ENVELOPE).unwrap()
}

type Surprises = Vec<(&'static str, DriftKind)>;

fn drift(notes: Notes) -> Surprises {
    notes.into_drift().into_iter().map(|Drift { field, kind, .. }| (field, kind)).collect()
}

fn listed(body: &str) -> (Vec<Tenant>, u64, Vec<(&'static str, DriftKind)>) {
    let mut notes = Notes::new(Endpoint::new("/here"));
    let (customers, unreadable) = customers(parse(body), &mut notes);
    (customers, unreadable, drift(notes))
}

fn seats(body: &str) -> (SeatReport, Vec<(&'static str, DriftKind)>) {
    let mut notes = Notes::new(Endpoint::new("/here"));
    let mut tally = SeatTally::of("7");
    for record in &parse(body) {
        tally.add(record, NOW, &mut notes);
    }
    let report = tally.finish(&mut notes);
    (report, drift(notes))
}

/// The same through the paging, which drops repeated rows.
fn paged_seats(body: &str, seats_used: Option<u64>) -> Result<(SeatReport, Surprises), ErrorKind> {
    let mut progress = Progress::new();
    let fresh: Vec<_> = parse(body).into_iter().filter(|record| progress.is_new(record)).collect();
    let (mut notes, mut tally) = (Notes::new(Endpoint::new("/here")), SeatTally::of("7"));
    fresh.iter().for_each(|seat| tally.add(seat, NOW, &mut notes));
    tally.check(seats_used)?;
    let report = tally.finish(&mut notes);
    Ok((report, drift(notes)))
}

#[test]
fn a_live_record_of_a_customer_is_read() {
    let (customers, unreadable, drift) = listed(
        r#"[{"saasCustomerId":20406,"saasCustomerName":"Acme","domain":"acme.example","organizationId":null,
             "organizationName":null,"seatsUsed":12,"productType":"Office365","externalSubscriptionId":"Classic:Office365:1",
             "retentionType":"ICR","backupStats":{"activeServicesCount":40,"activeServicesWithRecentBackupCount":30,
             "backupPercentage":"79.78"}}]"#,
    );
    let customer = &customers[0];
    assert_eq!((customer.id.as_str(), customer.name.as_deref()), ("20406", Some("Acme")));
    assert_eq!((customer.product.as_deref(), customer.plan.as_deref()), (Some("Office365"), Some("ICR")));
    assert_eq!((customer.seats.used, customer.status, &customer.organization_id), (Some(12), None, &None));
    assert_eq!(customer.parts, MICROSOFT);
    let expected = DattoServices { active: Some(40), recently_backed_up: Some(30), ratio: Some(0.75) };
    assert_eq!(customer.services, expected, "the counts are preferred to the percentage");
    assert_eq!((unreadable, drift), (0, vec![]));
}

#[test]
fn the_published_example_of_a_customer_is_read() {
    let (customers, _, drift) = listed(include_str!("../../../../tests/testdata/datto/domains.json"));
    let customer = &customers[0];
    assert_eq!((customer.id.as_str(), customer.name.as_deref()), ("cust-001", Some("company.onmicrosoft.com")));
    assert_eq!(customer.status, Some(TenantStatus::Active));
    assert_eq!((customer.seats.used, customer.services), (None, DattoServices::default()), "it does not say");
    assert_eq!(drift, []);
}

#[test]
fn the_published_example_of_a_seat_is_read() {
    let (report, drift) = seats(include_str!("../../../../tests/testdata/datto/seats.json"));
    let users = report.by_type.as_ref().unwrap()[&SeatType::User];
    assert_eq!(users.states[SeatState::Active], 1);
    assert!(users.newest_backup.is_some() || drift.contains(&("lastBackup", DriftKind::OutOfRange)));
    assert_eq!(report.counts.billable, None, "it does not say");
}

#[test]
fn every_envelope_of_the_listing_is_read_and_all_else_is_an_error() {
    let record = r#"{"saasCustomerId":1}"#;
    for body in [
        format!("[{record}]"),
        format!(r#"{{"domains":[{record}]}}"#),
        format!(r#"{{"items":[{record}]}}"#),
        format!(r#"[{{"items":[{record}]}}]"#),
    ] {
        assert_eq!(listed(&body).0.len(), 1, "{body}");
    }
    for body in ["{}", r#"{"code":"unauthorized"}"#, r#"{"domains":{}}"#, "null", "7", record] {
        let page = records::<wire::Domain>(body.as_bytes(), &wire::ENVELOPE);
        assert!(matches!(page, Err(ErrorKind::Shape { .. })), "{body}");
    }
}

#[test]
fn several_domains_of_one_customer_are_one_tenant() {
    let domains = |one: u64, other: u64| {
        format!(
            r#"[{{"saasCustomerId":7,"domain":"a.example","seatsUsed":{one}}},{{"saasCustomerId":"7","domain":"b.example","seatsUsed":{other}}}]"#
        )
    };
    for (one, other, used) in [(5, 5, 5), (5, 3, 8)] {
        let (customers, ..) = listed(&domains(one, other));
        assert_eq!((customers.len(), customers[0].seats.used), (1, Some(used)));
    }
    let (customers, ..) = listed(&domains(5, 3).replace(":3}", ":null}"));
    assert_eq!(customers[0].seats.used, None, "a part of the sum is not known");
}

#[test]
fn an_unreadable_customer_is_counted_so_that_none_is_taken_for_removed() {
    let (customers, unreadable, drift) = listed(r#"[{"saasCustomerId":1},{"saasCustomerId":null},7,{}]"#);
    assert_eq!((customers.len(), unreadable), (1, 3));
    assert!(drift.contains(&("saasCustomerId", DriftKind::Missing)));
}

#[test]
fn a_ratio_comes_from_the_counts_or_else_from_the_percentage() {
    for (stats, expected) in [
        (r#"{"activeServicesCount":4,"activeServicesWithRecentBackupCount":3}"#, Some(0.75)),
        (r#"{"activeServicesCount":0,"activeServicesWithRecentBackupCount":0,"backupPercentage":100}"#, None),
        (r#"{"backupPercentage":80}"#, Some(0.8)),
        (r#"{"backupPercentage":80.5}"#, Some(0.805)),
        (r#"{"backupPercentage":"80"}"#, Some(0.8)),
        (r#"{"backupPercentage":"80 %"}"#, Some(0.8)),
        (r#"{"backupPercentage":180}"#, None),
        (r#"{"backupPercentage":"most"}"#, None),
        ("{}", None),
        ("null", None),
        ("7", None),
    ] {
        let (customers, ..) = listed(&format!(r#"[{{"saasCustomerId":1,"backupStats":{stats}}}]"#));
        assert_eq!(customers[0].services.ratio, expected, "{stats}");
    }
}

#[test]
fn a_seat_is_billed_as_any_spelling_says() {
    for (billable, expected) in [
        ("\"1\"", Some(1)),
        ("\"0\"", Some(0)),
        ("\"\"", Some(0)),
        ("1", Some(1)),
        ("0", Some(0)),
        ("1.0", Some(1)),
        ("true", Some(1)),
        ("false", Some(0)),
        ("null", None),
        ("\"perhaps\"", None),
        ("2", None),
        ("[]", None),
    ] {
        let (report, _) =
            seats(&format!(r#"[{{"remoteId":"a","seatType":"User","seatState":"Active","billable":{billable}}}]"#));
        assert_eq!(report.counts.billable, expected, "{billable}");
    }
}

#[test]
fn seats_are_counted_by_type_and_state_and_unknown_words_stay_visible() {
    let (report, drift) = seats(
        r#"[{"remoteId":"1","seatType":"User","seatState":"Active"},
            {"remoteId":"2","seatType":"User","seatState":"Unprotected"},
            {"remoteId":"2","seatType":"User","seatState":"Unprotected"},
            {"remoteId":"3","seatType":"SharedMailbox","seatState":"Paused"},
            {"remoteId":"4","seatType":"TeamSite","seatState":"Archived"},
            {"remoteId":"5","seatType":"SharedDrive","seatState":"Discovered"},
            {"remoteId":"6","seatType":"Robot","seatState":null},
            {"mainId":"7","licenseStatus":"Unlicensed","seatType":"Team"},
            "seat"]"#,
    );
    let by_type = report.by_type.as_ref().unwrap();
    for (seat_type, state, expected) in [
        (SeatType::User, SeatState::Active, 1),
        (SeatType::User, SeatState::Unprotected, 2),
        (SeatType::SharedMailbox, SeatState::Paused, 1),
        (SeatType::TeamSite, SeatState::Archived, 1),
        (SeatType::SharedDrive, SeatState::Unknown, 1),
        (SeatType::Other, SeatState::Unknown, 2),
        (SeatType::Team, SeatState::Unprotected, 1),
    ] {
        assert_eq!(by_type[&seat_type].states[state], expected, "{seat_type:?} {state:?}");
    }
    assert_eq!(report.accounts(AccountState::Protected), Some(1));
    assert_eq!(report.accounts(AccountState::Unknown), Some(3));
    assert_eq!(report.accounts(AccountState::Excluded), None, "Datto has no word for it");
    for surprise in [
        ("seatState", DriftKind::UnknownWord),
        ("seatType", DriftKind::UnknownWord),
        ("seatState", DriftKind::Missing),
        ("", DriftKind::UndecodableRecord),
    ] {
        assert!(drift.contains(&surprise), "{surprise:?} in {drift:?}");
    }
}

#[test]
fn seats_are_distinguished_by_type_and_id_and_rows_that_differ_are_both_counted() {
    let user = r#"{"remoteId":"a","seatType":"User","seatState":"Active","billable":"1"}"#;
    for (rows, expected, billable, conflicts) in [
        // A team and its site have one id.
        (
            r#"{"remoteId":"a","seatType":"Team","seatState":"Active","billable":"0"},
               {"remoteId":"a","seatType":"TeamSite","seatState":"Active","billable":"0"}"#,
            vec![(SeatType::TeamSite, SeatState::Active, 1), (SeatType::Team, SeatState::Active, 1)],
            Some(0),
            0,
        ),
        // Without the one id the other is what they are known by.
        (
            r#"{"remoteId":null,"mainId":"m","seatType":"User","seatState":"Active","billable":"1"},
               {"remoteId":null,"mainId":"m","seatType":"User","seatState":"Archived","billable":"1"}"#,
            vec![(SeatType::User, SeatState::Active, 1), (SeatType::User, SeatState::Archived, 1)],
            Some(2),
            1,
        ),
        (
            r#"{"mainId":"m","seatType":"User","seatState":"Archived","billable":"1","dateAdded":"2024-01-01T00:00:00+00:00"},
               {"mainId":"m","seatType":"User","seatState":"Archived","billable":"1","dateAdded":"2025-01-01T00:00:00+00:00"}"#,
            vec![(SeatType::User, SeatState::Archived, 2)],
            Some(2),
            1,
        ),
        // A row twice is a row.
        (&format!("{user},{user}"), vec![(SeatType::User, SeatState::Active, 1)], Some(1), 0),
        (
            &format!("{user},{},{user}", user.replace("\"1\"", "\"\"")),
            vec![(SeatType::User, SeatState::Active, 2)],
            Some(1),
            1,
        ),
        // One address, two ids: two seats.
        (
            r#"{"remoteId":"a","mainId":"m","seatType":"User","seatState":"Active","billable":"1"},
               {"remoteId":"b","mainId":"m","seatType":"User","seatState":"Active","billable":"1"}"#,
            vec![(SeatType::User, SeatState::Active, 2)],
            Some(2),
            0,
        ),
        // Seats without any id cannot be distinguished, and none is lost.
        (
            r#"{"seatType":"Site","seatState":"Active","billable":0},{"seatType":"Site","seatState":"Active","billable":0}"#,
            vec![(SeatType::Site, SeatState::Active, 2)],
            Some(0),
            0,
        ),
    ] {
        let (report, drift) = paged_seats(&format!("[{rows}]"), Some(9)).unwrap();
        let by_type = report.by_type.as_ref().unwrap();
        for (seat_type, state, count) in expected {
            assert_eq!(by_type[&seat_type].states[state], count, "{seat_type:?} {state:?} of {rows}");
        }
        assert_eq!(report.counts.billable, billable, "{rows}");
        let noted = drift.iter().filter(|(_, kind)| *kind == DriftKind::ConflictingRecord).count();
        assert_eq!(noted, conflicts, "{rows}");
    }
}

#[test]
fn a_list_without_own_seats_is_suspicious_where_seats_are_used() {
    let row = |customer: &str| format!(r#"{{"remoteId":"a","seatType":"User","seatState":"Active",{customer}"x":0}}"#);
    let own = [row(""), row(r#""saasCustomerId":7,"#), row(r#""customerId":"7","#), row(r#""saasCustomerId":null,"#)];
    for own in own {
        let report = paged_seats(&format!("[{own}]"), Some(1)).unwrap().0;
        assert_eq!(report.accounts(AccountState::Protected), Some(1), "{own}");
    }
    for foreign in [row(r#""saasCustomerId":8,"#), row(r#""customerId":"8","#)] {
        let only = paged_seats(&format!("[{foreign}]"), None);
        assert_eq!(only.unwrap_err(), ErrorKind::ForeignRecords { count: 1 }, "{foreign}");
        let (report, drift) = paged_seats(&format!("[{},{foreign}]", row("")), Some(1)).unwrap();
        assert_eq!(report.accounts(AccountState::Protected), Some(1), "{foreign}");
        assert_eq!(drift.iter().filter(|(_, kind)| *kind == DriftKind::ForeignRecord).count(), 1, "{foreign}");
    }
    assert_eq!(paged_seats("[]", Some(10)).unwrap_err(), ErrorKind::SuspiciousEmpty { seats_used: 10 });
    for seats_used in [Some(0), None] {
        assert!(paged_seats("[]", seats_used).is_ok(), "a customer without seats may be");
    }
}

#[test]
fn a_seats_backup_before_2000_or_in_the_future_is_none() {
    for (time, is_shown) in [
        ("2025-11-21T19:20:00Z", true),
        ("2025-11-21T20:20:00Z", true),
        ("2025-11-21T20:20:01Z", false),
        ("0001-01-01T00:00:00Z", false),
        ("1970-01-01T00:00:00Z", false),
    ] {
        let (report, drift) =
            seats(&format!(r#"[{{"remoteId":"a","seatType":"User","seatState":"Active","lastBackup":"{time}"}}]"#));
        assert_eq!(report.by_type.unwrap()[&SeatType::User].newest_backup.is_some(), is_shown, "{time}");
        assert_eq!(drift.contains(&("lastBackup", DriftKind::OutOfRange)), !is_shown, "{time}");
    }
}

/// The names of these customers, whatever the order of the rows.
fn names(rows: &[&str]) -> Vec<(String, Option<String>)> {
    let of = |rows: &[&str]| -> Vec<_> {
        let (customers, ..) = listed(&format!("[{}]", rows.join(",")));
        customers.into_iter().map(|customer| (customer.id.to_string(), customer.name)).collect()
    };
    let reversed: Vec<&str> = rows.iter().rev().copied().collect();
    assert_eq!(of(rows), of(&reversed), "the order of {rows:?} matters");
    of(rows)
}

#[test]
fn a_customer_without_a_name_goes_by_a_domain_or_its_id_whatever_the_order_of_its_records() {
    for (rows, expected) in [
        (&[r#"{"saasCustomerId":1,"saasCustomerName":"Acme","domain":"a.example"}"#][..], vec![Some("Acme")]),
        (
            &[r#"{"saasCustomerId":1,"domain":"b.example"}"#, r#"{"saasCustomerId":1,"domain":"a.example"}"#],
            vec![Some("a.example")],
        ),
        // A name on one record only, and two different ones.
        (
            &[r#"{"saasCustomerId":1,"domain":"a.example"}"#, r#"{"saasCustomerId":1,"saasCustomerName":"Acme"}"#],
            vec![Some("Acme")],
        ),
        (
            &[r#"{"saasCustomerId":1,"saasCustomerName":"B"}"#, r#"{"saasCustomerId":1,"saasCustomerName":"A"}"#],
            vec![Some("A")],
        ),
        (&[r#"{"saasCustomerId":1,"saasCustomerName":" ","domain":null}"#], vec![None]),
        // Two accounts of one organization.
        (
            &[r#"{"saasCustomerId":1,"domain":"a.example"}"#, r#"{"saasCustomerId":2,"domain":"a.example"}"#],
            vec![None, None],
        ),
        (
            &[r#"{"saasCustomerId":1,"domain":"a.example"}"#, r#"{"saasCustomerId":2,"saasCustomerName":"a.example"}"#],
            vec![None, Some("a.example")],
        ),
        // Whoever has the name is called by it, twins or not.
        (
            &[r#"{"saasCustomerId":1,"saasCustomerName":"Twin"}"#, r#"{"saasCustomerId":2,"saasCustomerName":"Twin"}"#],
            vec![Some("Twin"), Some("Twin")],
        ),
    ] {
        let shown: Vec<_> = names(rows).into_iter().map(|(_, name)| name).collect();
        assert_eq!(shown.iter().map(Option::as_deref).collect::<Vec<_>>(), expected, "{rows:?}");
    }
}

#[test]
fn records_of_one_domain_that_differ_are_noted_and_their_figures_are_unknown() {
    let row = |product: &str, seats: u64| {
        format!(r#"{{"saasCustomerId":7,"domain":"a.example","productType":"{product}","seatsUsed":{seats}}}"#)
    };
    for (rows, used, conflicts) in [
        ([row("Office365", 5), row("Office365", 3)], None, 1),
        // Two suites of one domain are two accounts.
        ([row("Office365", 5), row("GoogleApps", 3)], Some(8), 0),
    ] {
        let (customers, _, drift) = listed(&format!("[{}]", rows.join(",")));
        assert_eq!(customers[0].seats.used, used, "{rows:?}");
        let noted = drift.iter().filter(|(_, kind)| *kind == DriftKind::ConflictingRecord).count();
        assert_eq!(noted, conflicts, "{rows:?}");
    }
    let (customers, ..) = listed(&format!("[{},{}]", row("GoogleApps", 3), row("Office365", 5)));
    assert_eq!(customers[0].parts, BOTH, "what is asked does not depend on the order either");
}

#[test]
fn a_customer_is_served_while_one_of_its_domains_is() {
    let status = |words: &[&str]| {
        let rows: Vec<_> = words.iter().map(|word| format!(r#"{{"saasCustomerId":7,"status":{word}}}"#)).collect();
        listed(&format!("[{}]", rows.join(","))).0[0].status
    };
    for (words, expected) in [
        (&["\"active\""][..], Some(TenantStatus::Active)),
        (&["\"inactive\"", "\"Active\""], Some(TenantStatus::Active)),
        (&["\"deactivated\"", "\"inactive\""], Some(TenantStatus::Deactivated)),
        (&["\"active\"", "\"odd\""], None),
        (&["\"deactivated\"", "null"], None),
        (&["7"], None),
    ] {
        assert_eq!(status(words), expected, "{words:?}");
    }
}
