//! Tables of what customers and seats mean, in live answers and in the published description.

use super::*;
use crate::domain::{AccountState, Drift};
use crate::provider::ErrorKind;
use crate::provider::endpoint::Endpoint;
use crate::provider::page::records;
use crate::provider::record::Record;

const NOW: Timestamp = Timestamp::from_millis(1_763_752_800_000);

fn parse<T: Record>(body: &str) -> Vec<Result<T, Undecodable>> {
    records(body.as_bytes(), &wire::ENVELOPE).unwrap()
}

fn drift(notes: Notes) -> Vec<(&'static str, DriftKind)> {
    notes.into_drift().into_iter().map(|Drift { field, kind, .. }| (field, kind)).collect()
}

fn listed(body: &str) -> (Vec<Tenant>, u64, Vec<(&'static str, DriftKind)>) {
    let mut notes = Notes::new(Endpoint::new("/here"));
    let (customers, unreadable) = customers(parse(body), &mut notes);
    (customers, unreadable, drift(notes))
}

fn seats(body: &str) -> (SeatReport, Vec<(&'static str, DriftKind)>) {
    let mut notes = Notes::new(Endpoint::new("/here"));
    let mut tally = SeatTally::default();
    for record in &parse(body) {
        tally.add(record, NOW, &mut notes);
    }
    (tally.finish(), drift(notes))
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
fn a_customer_who_cannot_be_read_is_counted_so_that_nobody_is_taken_for_removed() {
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
        ("null", Some(0)),
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
