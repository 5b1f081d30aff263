//! Tables of what each field means, odd and absent values included, and the document's own samples.

use super::super::endpoints as at;
use super::*;
use crate::domain::{Drift, ResourceState};
use crate::provider::ErrorKind;
use crate::provider::endpoint::Endpoint;
use crate::provider::page::records;
use crate::provider::paging::Progress;
use crate::provider::record::Record;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000); // 2023-11-14T22:13:20Z
const HERE: Endpoint = Endpoint::new("/here");

fn notes() -> Notes {
    Notes::new(HERE)
}

fn drift(notes: Notes) -> Vec<(&'static str, DriftKind)> {
    notes.into_drift().into_iter().map(|Drift { field, kind, .. }| (field, kind)).collect()
}

fn parse<T: Record>(json: &str) -> Vec<Result<T, Undecodable>> {
    records(json.as_bytes(), wire::envelope(at::ACCOUNTS)).unwrap()
}

fn read(workload: Workload, json: &str) -> (Option<Resource>, Vec<(&'static str, DriftKind)>) {
    let mut notes = notes();
    let record = parse(&format!("[{json}]")).remove(0);
    let resource = resource(&record, Product::of(workload).unwrap(), Parent::HEALTHY, NOW, &mut notes);
    (resource, drift(notes))
}

fn state(workload: Workload, json: &str) -> Option<ResourceState> {
    Some(read(workload, json).0?.state(Duration::from_secs(86_400), NOW))
}

#[test]
fn a_record_is_in_the_state_that_its_fields_say() {
    let recent = r#""last_backup":"2023-11-14T20:00:00.000Z""#;
    for (rest, expected) in [
        (r#""errors":"""#, ResourceState::Ok),
        (r#""errors":{}"#, ResourceState::Ok),
        (r#""errors":null"#, ResourceState::Ok),
        (r#""errors":[]"#, ResourceState::Ok),
        (r#""deactivated_since":null,"errors":"""#, ResourceState::Ok),
        (r#""errors":"","current_backup_status":"Running""#, ResourceState::Ok),
        (r#""errors":"","current_backup_status":"Contemplating""#, ResourceState::Ok),
        (r#""errors":"","current_backup_status":"Failed""#, ResourceState::Failing),
        (r#""errors":"","current_backup_status":"Host timeout""#, ResourceState::Failing),
        (r#""errors":"","current_backup_status":"Timed out""#, ResourceState::Failing),
        (r#""errors":"","current_backup_status":"Mailbox full""#, ResourceState::Failing),
        (r#""errors":"","current_backup_status":"Quota exceeded""#, ResourceState::Failing),
        (r#""errors":"","current_backup_status":"AccessDenied""#, ResourceState::Failing),
        (r#""errors":"","current_backup_status":"401 Unauthorised""#, ResourceState::Failing),
        (r#""errors":"","current_backup_status":"Successfully backed up""#, ResourceState::Ok),
        // A word that cannot be read may be that of a failure, and hides none.
        (r#""errors":"","current_backup_status":7"#, ResourceState::Unknown),
        (r#""errors":"","current_backup_status":["Failed"]"#, ResourceState::Unknown),
        (r#""errors":"","current_backup_status":{}"#, ResourceState::Unknown),
        (r#""errors":"","current_backup_status":null"#, ResourceState::Ok),
        (r#""errors":"no access","current_backup_status":7"#, ResourceState::Failing),
        (r#""errors":"no route to host""#, ResourceState::Failing),
        (r#""errors":{"host":"no route to host"}"#, ResourceState::Failing),
        (r#""errors":7"#, ResourceState::Unknown),
        (r#""errors":"","deactivated_since":"2023-03-28T03:50:38.957Z""#, ResourceState::Deactivated),
        (r#""errors":"","deactivated_since":"long ago""#, ResourceState::Unknown),
        (r#""errors":"text","deactivated_since":"long ago""#, ResourceState::Failing),
        (r#""errors":"","deactivated_since":7"#, ResourceState::Unknown),
        (r#""errors":"text","deactivated_since":{}"#, ResourceState::Failing),
        (r#""errors":"text","deactivated_since":"0001-01-01T00:00:00Z""#, ResourceState::Failing),
        (r#""errors":"","deactivated_since":"1970-01-01T00:00:00.000Z""#, ResourceState::Ok),
        (r#""errors":"text","deactivated_since":"2031-01-01T00:00:00Z""#, ResourceState::Failing),
        (r#""errors":"","deactivated_since":"null""#, ResourceState::Ok),
        (r#""errors":"","deactivated_since":"""#, ResourceState::Ok),
        (r#""errors":"","active":false"#, ResourceState::Deactivated),
        (r#""errors":"","active":"perhaps""#, ResourceState::Unknown),
    ] {
        let json = format!(r#"{{"id":1,{recent},{rest}}}"#);
        assert_eq!(state(Workload::Mail, &json), Some(expected), "{json}");
    }
}

#[test]
fn when_a_resource_was_backed_up_is_known_never_or_unknown() {
    for (json, expected, surprises) in [
        (
            r#"{"id":1,"last_backup":"2023-11-14T20:00:00Z"}"#,
            LastBackup::At(Timestamp::from_millis(1_699_992_000_000)),
            vec![],
        ),
        (r#"{"id":1,"last_backup":null}"#, LastBackup::Never, vec![]),
        (r#"{"id":1}"#, LastBackup::Unknown, vec![("last_backup", DriftKind::Missing)]),
        (r#"{"id":1,"last_backup":1699992000}"#, LastBackup::Unknown, vec![("last_backup", DriftKind::Retyped)]),
        (r#"{"id":1,"last_backup":""}"#, LastBackup::Unknown, vec![("last_backup", DriftKind::Retyped)]),
        (r#"{"id":1,"last_backup":"null"}"#, LastBackup::Unknown, vec![("last_backup", DriftKind::Retyped)]),
        (
            r#"{"id":1,"last_backup":"0001-01-01T00:00:00Z"}"#,
            LastBackup::Unknown,
            vec![("last_backup", DriftKind::OutOfRange)],
        ),
        (
            r#"{"id":1,"last_backup":"1970-01-01T00:00:00.000Z"}"#,
            LastBackup::Unknown,
            vec![("last_backup", DriftKind::OutOfRange)],
        ),
        (
            r#"{"id":1,"last_backup":"1999-12-31T23:59:59.999Z"}"#,
            LastBackup::Unknown,
            vec![("last_backup", DriftKind::OutOfRange)],
        ),
        (
            r#"{"id":1,"last_backup":"2000-01-01T00:00:00Z"}"#,
            LastBackup::At(Timestamp::from_millis(946_684_800_000)),
            vec![],
        ),
        (r#"{"id":1,"last_backup":"soon"}"#, LastBackup::Unknown, vec![("last_backup", DriftKind::Retyped)]),
        (
            r#"{"id":1,"last_backup":"2023-11-14T22:43:20Z"}"#,
            LastBackup::At(Timestamp::from_millis(1_700_001_800_000)),
            vec![],
        ),
        (
            r#"{"id":1,"last_backup":"2031-01-01T00:00:00Z"}"#,
            LastBackup::Unknown,
            vec![("last_backup", DriftKind::OutOfRange)],
        ),
    ] {
        let (resource, mut drift) = read(Workload::GoogleDrive, json);
        drift.retain(|(field, _)| *field == "last_backup");
        assert_eq!((resource.unwrap().last_backup, drift), (expected, surprises), "{json}");
    }
}

#[test]
fn amounts_are_converted_from_the_unit_of_their_endpoint() {
    let backed_up = r#""id":1,"last_backup":"2023-11-14T20:00:00Z","errors":"""#;
    for (workload, amounts, items, storage_bytes) in [
        (Workload::Mail, r#""msg_count":29437,"storage":3525592"#, Some(29_437), Some(3_525_592 * 1024)),
        (Workload::Onedrive, r#""file_count":710,"storage":1831755670"#, Some(710), Some(1_831_755_670)),
        (Workload::Sharepoint, r#""file_count":53,"storage":"21990880""#, Some(53), Some(21_990_880)),
        (Workload::Calendar, r#""calendar_schedule_count":419,"storage":5"#, Some(419), None),
        (Workload::Contacts, r#""contact_count":501"#, Some(501), None),
        (Workload::Tasks, r#""task_count":28"#, Some(28), None),
        (Workload::Teams, r#""file_count":28"#, None, None),
        (Workload::SharedDrive, r#""file_count":1,"storage":1024,"total_storage_used":5608"#, Some(1), Some(1024)),
        (Workload::GoogleDrive, r#""file_count":550,"storage":7662280157"#, Some(550), Some(7_662_280_157)),
        (Workload::Mail, r#""msg_count":null,"storage":-1"#, None, None),
        (Workload::Mail, r#""msg_count":1.5"#, None, None),
        (Workload::Mail, r#""msg_count":0,"storage":18446744073709551615"#, Some(0), None),
    ] {
        let resource = read(workload, &format!("{{{backed_up},{amounts}}}")).0.unwrap();
        assert_eq!((resource.items, resource.storage_bytes), (items, storage_bytes), "{workload:?} {amounts}");
    }
}

#[test]
fn only_an_empty_shared_drive_is_judged_by_the_week() {
    use ResourceState::{Late, Ok};
    // Four days before, against an objective of one.
    let backed_up = r#""id":1,"last_backup":"2023-11-10T22:13:20Z","errors":"","active":true"#;
    for (workload, amounts, expected) in [
        (Workload::SharedDrive, r#""file_count":0,"storage":0"#, Ok),
        (Workload::SharedDrive, r#""file_count":1,"storage":0"#, Late),
        (Workload::SharedDrive, r#""file_count":0,"storage":1024"#, Late),
        (Workload::SharedDrive, r#""file_count":0"#, Late),
        (Workload::SharedDrive, r#""file_count":null,"storage":0"#, Late),
        (Workload::SharedDrive, r#""file_count":-1,"storage":0"#, Late),
        (Workload::GoogleDrive, r#""file_count":0,"storage":0"#, Late),
        (Workload::Sharepoint, r#""file_count":0,"storage":0"#, Late),
        (Workload::Onedrive, r#""file_count":0,"storage":0"#, Late),
    ] {
        let resource = read(workload, &format!("{{{backed_up},{amounts}}}")).0.unwrap();
        assert_eq!(resource.state(Duration::from_secs(86_400), NOW), expected, "{workload:?} {amounts}");
    }
}

#[test]
fn a_missing_amount_is_noted_only_where_there_is_a_backup() {
    let noted = |json| {
        let mut drift = read(Workload::Mail, json).1;
        drift.retain(|(field, _)| ["msg_count", "storage"].contains(field));
        drift
    };
    let missing = vec![("msg_count", DriftKind::Missing), ("storage", DriftKind::Missing)];
    assert_eq!(noted(r#"{"id":1,"last_backup":"2023-11-14T20:00:00Z","msg_count":null}"#), missing);
    assert_eq!(noted(r#"{"id":1,"last_backup":null,"msg_count":null}"#), []);
}

#[test]
fn a_deleted_resource_does_not_count() {
    assert_eq!(state(Workload::Mail, r#"{"id":1,"flg_deleted":true}"#), None);
    assert!(state(Workload::Mail, r#"{"id":1,"flg_deleted":false}"#).is_some());
}

#[test]
fn a_record_that_is_no_object_counts_as_unknown() {
    let (resource, drift) = read(Workload::Mail, "\"mailbox\"");
    assert_eq!(resource.unwrap().state(Duration::ZERO, NOW), ResourceState::Unknown);
    assert_eq!(drift, [("", DriftKind::UndecodableRecord)]);
}

#[test]
fn what_is_below_a_deactivated_domain_is_deactivated() {
    let record = parse(r#"[{"id":1,"last_backup":"2023-11-14T20:00:00Z","errors":""}]"#).remove(0);
    for (domain, expected) in
        [(Some(true), ResourceState::Ok), (Some(false), ResourceState::Deactivated), (None, ResourceState::Unknown)]
    {
        let parent = Parent { active: domain, ..Parent::HEALTHY };
        let resource =
            resource(&record, Product::of(Workload::Sharepoint).unwrap(), parent, NOW, &mut notes()).unwrap();
        assert_eq!(resource.state(Duration::from_secs(86_400), NOW), expected, "{domain:?}");
    }
}

#[test]
fn the_words_of_the_vendors_help_are_known_in_any_spelling() {
    use ResourceState::{Deactivated, Failing, Ok};
    for (word, expected, state) in [
        ("Preparing Backup", StatusWord::Preparing, Ok),
        ("In Progress", StatusWord::Running, Ok),
        ("running", StatusWord::Running, Ok),
        (" COMPLETED ", StatusWord::Completed, Ok),
        ("Partially  Completed", StatusWord::PartiallyCompleted, Ok),
        ("partially_completed", StatusWord::PartiallyCompleted, Ok),
        ("Retrying", StatusWord::Retrying, Ok),
        ("Connection Error", StatusWord::ConnectionError, Failing),
        ("authentication-error", StatusWord::AuthenticationError, Failing),
        ("SPACE FULL", StatusWord::SpaceFull, Failing),
        ("SpaceFull", StatusWord::SpaceFull, Failing),
        ("InProgress", StatusWord::Running, Ok),
        ("PartiallyCompleted", StatusWord::PartiallyCompleted, Ok),
        ("connection.error", StatusWord::ConnectionError, Failing),
        ("Deactivated", StatusWord::Deactivated, Deactivated),
    ] {
        let json = format!(
            r#"{{"id":1,"last_backup":"2023-11-14T20:00:00Z","msg_count":1,"storage":1,"errors":"","current_backup_status":"{word}"}}"#
        );
        let (resource, drift) = read(Workload::Mail, &json);
        let resource = resource.unwrap();
        assert_eq!(resource.status, Some(expected), "{word}");
        assert_eq!(resource.state(Duration::from_secs(86_400), NOW), state, "{word}");
        assert_eq!(drift, [], "{word}");
    }
}

#[test]
fn an_error_of_a_domain_is_one_of_all_below_it() {
    let domain = |fields: &str| parse::<wire::ProductDomain>(&format!(r#"[{{"id":1{fields}}}]"#)).remove(0).unwrap();
    let healthy = r#"{"id":1,"last_backup":"2023-11-14T20:00:00Z","errors":""}"#;
    let record = parse(&format!("[{healthy}]")).remove(0);
    for (fields, expected) in [
        ("", ResourceState::Ok),
        (r#","errors":"""#, ResourceState::Ok),
        (r#","errors":{}"#, ResourceState::Ok),
        (r#","errors":null,"deactivated_since":"0001-01-01T00:00:00Z""#, ResourceState::Ok),
        (r#","errors":"consent withdrawn""#, ResourceState::Failing),
        (r#","errors":{"host":"timed out"}"#, ResourceState::Failing),
        (r#","errors":["timed out"]"#, ResourceState::Failing),
        (r#","errors":7"#, ResourceState::Unknown),
        (r#","errors":"text","deactivated_since":"2023-01-01T00:00:00Z""#, ResourceState::Deactivated),
        (r#","deactivated_since":"2031-01-01T00:00:00Z""#, ResourceState::Ok),
        (r#","deactivated_since":"once""#, ResourceState::Unknown),
    ] {
        let parent = parent(&domain(fields), NOW, &mut notes());
        for workload in [Workload::Sharepoint, Workload::SharedDrive, Workload::Teams] {
            let resource = resource(&record, Product::of(workload).unwrap(), parent, NOW, &mut notes()).unwrap();
            assert_eq!(resource.state(Duration::from_secs(86_400), NOW), expected, "{fields} {workload:?}");
        }
    }
}

#[test]
fn a_domain_says_how_much_is_below_it_at_least() {
    for (fields, expected) in [
        (r#""id":1"#, 0),
        (r#""site_count":0,"storage":0,"errors":"""#, 0),
        (r#""site_count":23,"storage":0"#, 23),
        (r#""group_count":"7""#, 7),
        (r#""storage":1"#, 1),
        (r#""errors":"consent withdrawn""#, 1),
        (r#""site_count":-1"#, 0),
    ] {
        let domain: wire::ProductDomain = parse(&format!("[{{{fields},\"domain_name\":\"a\"}}]")).remove(0).unwrap();
        let mut notes = notes();
        let parent = parent(&domain, NOW, &mut notes);
        assert_eq!(announced(&domain, parent, &mut notes), expected, "{fields}");
    }
}

#[test]
fn unknown_status_words_are_counted_and_not_passed_on() {
    let (resource, drift) = read(
        Workload::Contacts,
        r#"{"id":1,"last_backup":"2023-11-14T20:00:00Z","contact_count":1,"errors":"","current_backup_status":"Backing up Ada Lovelace"}"#,
    );
    assert_eq!(resource.unwrap().status, Some(StatusWord::Other));
    assert_eq!(drift, [("current_backup_status", DriftKind::UnknownWord)]);
}

fn listed(json: &str) -> (Vec<Organization>, u64, Vec<(&'static str, DriftKind)>) {
    let mut notes = notes();
    let (organizations, unreadable) = organizations(parse(json), &mut notes);
    (organizations, unreadable, drift(notes))
}

#[test]
fn of_several_logins_the_administrators_speaks_for_the_organization() {
    let login = |id: &str, admin: bool, token: &str| {
        format!(
            r#"{{"id":"{id}","organization_id":7,"admin":{admin},"authentication_token":"{token}","customer_deactivated":false,"flg_suspended":false}}"#
        )
    };
    for (logins, expected) in [
        // Its id, and the login that it is asked for by.
        (vec![login("1-1", false, "a"), login("2-1", true, "b")], ("2-1", "2-1")),
        (vec![login("1-1", true, "a"), login("2-1", true, "b")], ("1-1", "1-1")),
        (vec![login("1-1", true, ""), login("2-1", false, "b")], ("1-1", "2-1")),
        (vec![login("1-1", false, ""), login("2-1", false, "b"), login("3-1", false, "c")], ("1-1", "2-1")),
        (vec![login("1-1", false, ""), login("2-1", true, "")], ("2-1", "2-1")),
        (vec![login("10-1", true, "a"), login("9-1", true, "b")], ("9-1", "10-1")),
        (vec![login("9-10", true, "a"), login("9-9", true, "")], ("9-9", "9-10")),
    ] {
        for rows in [logins.clone(), logins.iter().rev().cloned().collect()] {
            let (organizations, unreadable, _) = listed(&format!("[{}]", rows.join(",")));
            let [organization] = &*organizations else { panic!("{rows:?}") };
            assert_eq!((organization.tenant.id.as_str(), unreadable), (expected.0, 0), "{rows:?}");
            if rows == logins {
                assert_eq!(organization.login, expected.1, "{rows:?}");
            }
        }
    }
}

#[test]
fn a_login_that_names_no_organization_beside_others_that_do_is_dropped() {
    let (organizations, unreadable, _) =
        listed(r#"[{"id":1,"organization_id":7},{"id":2},{"id":3,"organization_id":null}]"#);
    let ids: Vec<_> = organizations.iter().map(|organization| organization.tenant.id.as_str()).collect();
    assert_eq!((ids, unreadable), (vec!["1"], 2));
}

#[test]
fn a_login_of_two_organizations_belongs_to_the_first() {
    let (organizations, unreadable, drift) = listed(r#"[{"id":1,"organization_id":7},{"id":1,"organization_id":8}]"#);
    assert_eq!((organizations.len(), unreadable), (1, 1));
    assert!(drift.contains(&("organization_id", DriftKind::ConflictingRecord)), "{drift:?}");
}

#[test]
fn of_rows_of_one_login_that_disagree_the_first_holds_and_each_other_is_noted() {
    let row = |seats: u64, token: &str| {
        format!(r#"{{"id":1,"organization_id":7,"seats_used":{seats},"authentication_token":"{token}"}}"#)
    };
    for (rows, conflicts) in [
        (vec![row(3, "a")], 0),
        (vec![row(3, "a"), row(3, "a")], 0),
        (vec![row(3, "a"), row(4, "a")], 1),
        (vec![row(3, "a"), row(3, "b")], 1),
        (vec![row(3, "a"), row(4, "a"), row(3, "a"), row(4, "b")], 2),
    ] {
        // Through the paging, which drops what it takes for repeated.
        let mut progress = Progress::new();
        let all = parse(&format!("[{}]", rows.join(",")));
        let fresh = all.into_iter().filter(|record| progress.is_new(record)).collect();
        let mut notes = notes();
        let (organizations, unreadable) = organizations(fresh, &mut notes);
        assert_eq!((organizations.len(), unreadable), (1, 0), "{rows:?}");
        assert_eq!(organizations[0].tenant.seats.used, Some(3), "{rows:?}");
        let noted = drift(notes).iter().filter(|(_, kind)| *kind == DriftKind::ConflictingRecord).count();
        assert_eq!(noted, conflicts, "{rows:?}");
    }
}

#[test]
fn a_login_without_an_organization_stands_for_itself() {
    let (organizations, _, drift) = listed(r#"[{"id":1},{"id":2}]"#);
    assert_eq!(organizations.len(), 2);
    assert!(drift.contains(&("organization_id", DriftKind::Missing)));
}

#[test]
fn an_unreadable_login_is_counted_so_that_none_is_taken_for_removed() {
    let (organizations, unreadable, drift) = listed(r#"[{"id":1},{"id":{}},7,{}]"#);
    assert_eq!((organizations.len(), unreadable), (1, 3));
    assert!(drift.contains(&("", DriftKind::UndecodableRecord)) && drift.contains(&("id", DriftKind::Retyped)));
}

#[test]
fn a_name_is_shown_as_people_use_it() {
    for (name, expected) in [
        ("Musica Studio", Some("Musica Studio")),
        ("Musica Studio [e9fd]", Some("Musica Studio")),
        ("Musica Studio [Berlin]", Some("Musica Studio [Berlin]")),
        ("Alpha [2024]", Some("Alpha [2024]")),
        ("Alpha [cafe]", Some("Alpha [cafe]")),
        ("Alpha [E9FD]", Some("Alpha [E9FD]")),
        ("Alpha [e9fd0]", Some("Alpha [e9fd0]")),
        ("[e9fd]", Some("[e9fd]")),
        ("Musica []", Some("Musica []")),
        ("  two\nlines\t ", Some("two lines")),
        ("quo\"ted \\ Söhne", Some("quo\"ted \\ Söhne")),
        ("", None),
        ("\u{0}", None),
    ] {
        assert_eq!(display_name(name).as_deref(), expected, "{name:?}");
    }
    assert_eq!(display_name(&"ä".repeat(500)).map(|name| name.chars().count()), Some(name::MAX_LENGTH));
}

#[test]
fn a_tenants_status_is_known_only_where_both_flags_are() {
    for (flags, expected) in [
        (r#""customer_deactivated":false,"flg_suspended":false"#, Some(TenantStatus::Active)),
        (r#""customer_deactivated":false,"flg_suspended":true"#, Some(TenantStatus::Suspended)),
        (r#""customer_deactivated":true,"flg_suspended":true"#, Some(TenantStatus::Deactivated)),
        (r#""customer_deactivated":"true""#, Some(TenantStatus::Deactivated)),
        (r#""customer_deactivated":false"#, None),
        (r#""flg_suspended":null,"customer_deactivated":null"#, None),
    ] {
        let (organizations, ..) = listed(&format!(r#"[{{"id":1,"organization_id":7,{flags}}}]"#));
        assert_eq!(organizations[0].tenant.status, expected, "{flags}");
    }
}

#[test]
fn a_disabled_login_is_as_the_vendor_reports_it() {
    for (flag, expected, surprises) in [
        (r#","login_disabled":true"#, Some(true), 0),
        (r#","login_disabled":false"#, Some(false), 0),
        (r#","login_disabled":null"#, None, 0),
        ("", None, 0),
        (r#","login_disabled":{}"#, None, 1),
    ] {
        let rest = r#""authentication_token":"a","customer_deactivated":false,"flg_suspended":false"#;
        let (organizations, _, drift) = listed(&format!(r#"[{{"id":1,"organization_id":7,{rest}{flag}}}]"#));
        assert_eq!((organizations[0].tenant.login_disabled, drift.len()), (expected, surprises), "{flag}");
    }
}

#[test]
fn a_domains_status_number_is_translated() {
    for (status, expected, surprises) in [
        ("0", DomainState::Queued, vec![]),
        ("7", DomainState::Connected, vec![]),
        ("1", DomainState::ReconnectRequired, vec![]),
        ("13", DomainState::ReconnectRequired, vec![]),
        ("5", DomainState::Unknown, vec![]),
        ("99", DomainState::Unknown, vec![("status", DriftKind::UnknownWord)]),
        ("null", DomainState::Unknown, vec![("status", DriftKind::Missing)]),
    ] {
        let mut notes = notes();
        let record: wire::ConnectedDomain =
            parse(&format!(r#"[{{"id":1,"domain":"acme.example","type":"m365","status":{status}}}]"#))
                .remove(0)
                .unwrap();
        let (key, domain) = connected_domain(&record, &mut notes).unwrap();
        assert_eq!((key.directory.as_str(), domain.state), ("m365", expected), "{status}");
        assert_eq!(drift(notes), surprises, "{status}");
    }
}

#[test]
fn an_account_is_protected_only_where_the_vendor_says_so() {
    for (fields, expected) in [
        (r#""status":"active","mailbox":true"#, Some(AccountState::Protected)),
        (r#""status":"available""#, Some(AccountState::Unprotected)),
        (r#""status":"excluded""#, Some(AccountState::Excluded)),
        (r#""status":null"#, Some(AccountState::Unknown)),
        (r#""status":"levitating""#, Some(AccountState::Unknown)),
        (r#""status":7"#, Some(AccountState::Unknown)),
        (r#""email":"a""#, Some(AccountState::Unknown)),
        (r#""status":"active","mailbox":false"#, None),
        (r#""status":"active","licensed":null"#, Some(AccountState::Protected)),
        (r#""status":"available","licensed":true"#, Some(AccountState::Unprotected)),
        (r#""status":"available","licensed":null"#, Some(AccountState::Excluded)),
        (r#""status":"available","licensed":false"#, Some(AccountState::Excluded)),
        (r#""status":"available","licensed":7"#, Some(AccountState::Unprotected)),
        (r#""status":"available","licensed":null,"type":"gws""#, Some(AccountState::Unprotected)),
        (r#""status":null,"type":"gws","tenant_status":"active""#, Some(AccountState::Protected)),
        (r#""status":null,"type":"gws","tenant_status":"available""#, Some(AccountState::Unprotected)),
        (r#""status":null,"type":"gws","tenant_status":"excluded""#, Some(AccountState::Excluded)),
        (r#""status":null,"type":"gws","tenant_status":"suspended""#, Some(AccountState::Unknown)),
        (r#""status":null,"type":"gws","tenant_status":"gone""#, Some(AccountState::Unknown)),
        (r#""status":null,"type":"m365","tenant_status":"active""#, Some(AccountState::Unknown)),
        (r#""status":7,"type":"gws","tenant_status":"active""#, Some(AccountState::Unknown)),
        (r#""status":"active","type":"gws","tenant_status":"suspended""#, Some(AccountState::Protected)),
    ] {
        let record = parse(&format!("[{{{fields}}}]")).remove(0);
        assert_eq!(account_state(&record, &mut notes()), expected, "{fields}");
    }
}

#[test]
fn a_retention_period_is_counted_in_days() {
    for (fields, days) in [
        (r#""period_number":150,"period_unit":"days""#, Some(150)),
        (r#""period_number":14,"period_unit":"months""#, Some(420)),
        (r#""period_number":7,"period_unit":"years""#, Some(2555)),
        (r#""period_number":7,"period_unit":"fortnights""#, None),
        (r#""period_number":null,"period_unit":"days""#, None),
        (r#""period_number":18446744073709551615,"period_unit":"years""#, None),
    ] {
        let record = parse(&format!(r#"[{{"id":1,{fields}}}]"#)).remove(0);
        let expected = days.map(|days: u64| Duration::from_secs(days * 86_400));
        assert_eq!(retention_period(&record, &mut notes()), expected, "{fields}");
    }
}

#[test]
fn an_invitation_is_pending_until_it_has_expired() {
    for (fields, expected) in [
        (r#""expire":"Expired""#, false),
        (r#""expire":"in 3 days""#, true),
        (r#""expire":null"#, true),
        (r#""id":1"#, true),
    ] {
        let record = parse(&format!(r#"[{{"id":1,{}}}]"#, fields.replace("\"id\":1", "\"email\":\"a\""))).remove(0);
        assert_eq!(invite_is_pending(&record, &mut notes()), expected, "{fields}");
    }
}

/// One sample of the vendor's document.
macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/testdata/dropsuite/", $name, ".json"))
    };
}

#[test]
fn the_documents_samples_of_every_product_are_read_without_a_surprise() {
    use ResourceState::{Deactivated, Late};
    for (workload, sample, expected, items, storage_bytes) in [
        (Workload::Mail, sample!("accounts"), &[Late][..], Some(0), Some(0)),
        (Workload::Calendar, sample!("calendars"), &[Late], Some(419), None),
        (Workload::Contacts, sample!("contacts"), &[Late], Some(501), None),
        (Workload::Tasks, sample!("tasks"), &[Late], Some(28), None),
        (Workload::Onedrive, sample!("onedrives"), &[Late], Some(710), Some(1_831_755_670)),
        (Workload::Sharepoint, sample!("sharepoints_sites"), &[Deactivated], Some(53), Some(21_990_880)),
        (Workload::Teams, sample!("teams_and_groups_teams"), &[Late, Late], None, None),
        (Workload::SharedDrive, sample!("shareddrives_drives"), &[Late], Some(1), Some(1024)),
        (Workload::GoogleDrive, sample!("googledrives"), &[Late], Some(550), Some(7_662_280_157)),
    ] {
        let mut notes = notes();
        let product = Product::of(workload).unwrap();
        let resources: Vec<_> = parse::<wire::Resource>(sample)
            .iter()
            .map(|record| resource(record, product, Parent::HEALTHY, NOW, &mut notes).unwrap())
            .collect();
        let states: Vec<_> =
            resources.iter().map(|resource| resource.state(Duration::from_secs(86_400), NOW)).collect();
        assert_eq!(states, expected, "{workload:?}");
        assert_eq!((resources[0].items, resources[0].storage_bytes), (items, storage_bytes), "{workload:?}");
        assert_eq!(drift(notes), [], "{workload:?}");
    }
}

#[test]
fn the_documents_samples_of_logins_are_read() {
    let (organizations, unreadable, drift) = listed(sample!("users"));
    let ids: Vec<_> = organizations.iter().map(|organization| organization.tenant.id.as_str()).collect();
    assert_eq!((ids, unreadable), (vec!["29", "862"], 0));
    assert_eq!(organizations[0].tenant.status, Some(TenantStatus::Deactivated));
    assert_eq!(organizations[0].tenant.plan.as_deref(), Some("93"));
    assert_eq!(drift, []);

    let (organizations, _, drift) = listed(sample!("users_id"));
    let organization = &organizations[0];
    assert_eq!(organization.tenant.name.as_deref(), Some("Musica Studio"));
    assert_eq!(organization.tenant.organization_id.as_deref(), Some("19376"));
    assert_eq!(organization.tenant.product.as_deref(), Some("backup"));
    assert_eq!(organization.tenant.seats.required, Some(0));
    assert!(organization.token.is_some() && drift.is_empty());
}

#[test]
fn the_documents_samples_of_domains_and_their_accounts_are_read() {
    for sample in [sample!("tenants_all"), sample!("tenants_first"), sample!("tenants_middle"), sample!("tenants_last")]
    {
        let mut notes = notes();
        let record: wire::ConnectedDomain = parse(sample).remove(0).unwrap();
        let (_, domain) = connected_domain(&record, &mut notes).unwrap();
        assert_eq!(domain.state, DomainState::Connected);
        assert!(domain.users.is_some() && drift(notes).is_empty());
    }
    let states = |sample| {
        let mut notes = notes();
        let records = parse(sample);
        let states: Vec<_> = records.iter().filter_map(|record| account_state(record, &mut notes)).collect();
        assert_eq!(drift(notes), []);
        states
    };
    let (protected, unknown) = (AccountState::Protected, AccountState::Unknown);
    assert_eq!(states(sample!("tenant_accounts_first")), [AccountState::Protected; 5]);
    assert_eq!(states(sample!("tenant_accounts_last")), [unknown, protected, unknown, protected], "null status");
    assert_eq!(states(sample!("tenant_accounts_past_the_end")), []);
}

#[test]
fn the_documents_samples_of_the_life_cycle_are_read() {
    for (sample, records) in [
        (sample!("accounts_deactivated"), 1),
        (sample!("accounts_deleted"), 1),
        (sample!("accounts_connection_failures"), 0),
        (sample!("delegated_all"), 1),
        (sample!("delegated_first"), 3),
        (sample!("delegated_empty"), 0),
        (sample!("journals"), 1),
        (sample!("ndr_journals"), 1),
    ] {
        assert_eq!(parse::<wire::Counted>(sample).len(), records);
    }
    let mut notes = notes();
    assert!(!invite_is_pending(&parse(sample!("accounts_invites")).remove(0), &mut notes));
    let period = |sample: &str, notes: &mut Notes| retention_period(&parse(sample).remove(0), notes);
    assert_eq!(period(sample!("retention_policies_all"), &mut notes), Some(Duration::from_secs(420 * 86_400)));
    assert_eq!(period(sample!("retention_policies_last"), &mut notes), Some(Duration::from_secs(100 * 86_400)));
    assert_eq!(drift(notes), []);
}

#[test]
fn the_documents_error_bodies_are_never_lists() {
    for sample in [
        sample!("delegated_error_400"),
        sample!("delegated_error_401"),
        sample!("delegated_error_500"),
        sample!("status"),
    ] {
        for endpoint in [at::DELEGATED, at::ACCOUNTS] {
            let found = records::<wire::Counted>(sample.as_bytes(), wire::envelope(endpoint));
            assert!(found.is_err(), "{sample}");
        }
    }
}

#[test]
fn a_lone_object_is_a_record_only_where_the_vendor_sends_one() {
    for (body, is_record) in [
        (r#"{"id":1,"email":"ada@one.example"}"#, true),
        (r#"{"id":1,"errors":{},"storage":0}"#, true),
        (r#"{"id":"req-1","error":"Internal Server Error"}"#, false),
        (r#"{"id":"req-1","message":"try again","status":503}"#, false),
        (r#"{"id":"req-1","code":"exception","email":"ada@one.example"}"#, false),
        (r#"{"id":"req-1","errors":{"user":["not authorized"]}}"#, false),
        (r#"{"status":500}"#, false),
    ] {
        for endpoint in [at::ACCOUNTS, at::JOURNALS, at::NDR_JOURNALS, at::USER] {
            let found = records::<wire::Counted>(body.as_bytes(), wire::envelope(endpoint));
            assert_eq!(found.is_ok(), is_record, "{body} of {endpoint:?}");
        }
        for endpoint in [at::USERS, at::DOMAINS, at::CALENDARS, at::SHAREPOINT_DOMAINS, at::INVITES] {
            let found = records::<wire::Counted>(body.as_bytes(), wire::envelope(endpoint));
            assert!(matches!(found, Err(ErrorKind::Shape { .. })), "{body} of {endpoint:?}");
        }
    }
}
