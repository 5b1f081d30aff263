//! Tests the meaning of both formats, and the message for each mistake.

use std::collections::BTreeMap;

use super::*;
use crate::config::Config;
use crate::domain::restore::RestoreResult;
use crate::domain::restore::RestoreResult::{Failed, Ok as Passed};
use crate::domain::roster::{Key, Place};
use crate::domain::{Provider, Timestamp, Workload};

/// 2026-11-29T12:00:00Z.
const NOON: Timestamp = Timestamp::from_millis(1_795_953_600_000);
const DAY: i64 = 86_400_000;

fn identities() -> Vec<SourceIdentity> {
    let identity = |provider, name: &str| SourceIdentity { provider, name: name.into() };
    vec![identity(Provider::Dropsuite, "us"), identity(Provider::Dropsuite, "uk"), identity(Provider::Datto, "datto")]
}

fn csv(text: &str) -> Result<RestoreTests, Vec<String>> {
    tenant_list::read_csv(text, "tests.csv", Drafts::new(&identities(), NOON))
}

fn yaml(text: &str) -> Result<RestoreTests, Vec<String>> {
    tenant_list::read_yaml(text, "tests.yaml", Drafts::new(&identities(), NOON))
}

/// Midnight, so many days ago.
fn midnight(days: i64) -> Timestamp {
    Timestamp::from_millis(NOON.as_millis() - DAY / 2 - days * DAY)
}

type Last = BTreeMap<(Workload, RestoreResult), Timestamp>;

fn last<const N: usize>(of: [(Workload, RestoreResult, Timestamp); N]) -> Last {
    of.into_iter().map(|(workload, result, at)| ((workload, result), at)).collect()
}

fn all(list: &RestoreTests, source: &str) -> Vec<(Place, Key, u64, Last)> {
    let all = list.of(source).unwrap().all().iter();
    all.map(|entry| (entry.place, entry.key.clone(), entry.tests, entry.last.clone())).collect()
}

const TABLE: &str = "\
source;tenant_id;tenant;workload;date;result;tester
us;440032-6;Acme;mail;2026-11-20;ok;J
us;440032-6;;mail;2026-11-25;FAILED;J
us;440032-6;;mail;2026-11-27;ok;J
us;440032-6;;mail;2026-11-26;ok;J
us;440032-6;;OneDrive;2026-11-29T11:59:00+01:00;failed;

;;Harbor Dental;teams;2026-11-29;ok;
";

#[test]
fn of_each_workload_the_last_test_of_each_result_is_kept() {
    let list = csv(&TABLE.replace("\n;;", "\ndatto;;")).unwrap();
    let (mail, onedrive) = (Workload::Mail, Workload::Onedrive);
    let eleven = Timestamp::from_millis(NOON.as_millis() - 61 * 60_000);
    let of_acme = last([(mail, Passed, midnight(2)), (mail, Failed, midnight(4)), (onedrive, Failed, eleven)]);
    assert_eq!(all(&list, "us"), [(Place::Line(2), Key::Id("440032-6".into()), 5, of_acme)]);
    let of_harbor = last([(Workload::Teams, Passed, midnight(0))]);
    assert_eq!(all(&list, "datto"), [(Place::Line(8), Key::Name("Harbor Dental".to_owned()), 1, of_harbor)]);
    assert_eq!(list.len(), 2);
}

#[test]
fn the_same_in_yaml_is_the_same() {
    let list = yaml(
        "- { source: us, tenant_id: 440032-6, workload: mail, date: 2026-11-27, result: ok }\n\
         - { provider: datto, tenant: Harbor Dental, workload: teams, date: 2026-11-29, result: failed }\n",
    )
    .unwrap();
    let of_acme = last([(Workload::Mail, Passed, midnight(2))]);
    assert_eq!(all(&list, "us"), [(Place::Item(0), Key::Id("440032-6".into()), 1, of_acme)]);
    let of_harbor = last([(Workload::Teams, Failed, midnight(0))]);
    assert_eq!(all(&list, "datto"), [(Place::Item(1), Key::Name("Harbor Dental".to_owned()), 1, of_harbor)]);
}

#[test]
fn a_day_that_has_begun_somewhere_is_not_in_the_future() {
    // It is midnight at UTC+14 at 10:00 UTC; one hour more is the difference that clocks may have.
    for (date, is_good) in [
        ("2026-11-30", true),
        ("2026-12-01", false),
        ("2026-11-29T12:59:59Z", true),
        ("2026-11-29T13:01:00Z", false),
        ("2026-11-30T00:00:00+14:00", true),
        ("2000-01-01", true),
        ("1999-12-31", false),
    ] {
        let read = csv(&format!("tenant_id,workload,date,result,provider\n1,mail,{date},ok,datto\n"));
        assert_eq!(read.is_ok(), is_good, "{date}: {read:?}");
    }
}

#[test]
fn each_mistake_is_told_with_its_line_and_column() {
    let long = "2026-11-29".repeat(5);
    for (line, problems) in [
        ("us,1,mail,2027-01-31,ok", vec!["date \"2027-01-31\" is in the future"]),
        ("us,1,mail,1970-01-01,ok", vec!["date \"1970-01-01\" is before the year 2000"]),
        (
            "us,1,mail,31.10.2026,ok",
            vec!["date \"31.10.2026\" is not a date (YYYY-MM-DD, or a time such as 2026-10-31T14:00:00Z)"],
        ),
        (
            &format!("us,1,mail,{long},ok"),
            vec!["date is not a date (YYYY-MM-DD, or a time such as 2026-10-31T14:00:00Z)"],
        ),
        (
            "us,1,mail,2026-10-31T14:00:00,ok",
            vec!["date \"2026-10-31T14:00:00\" is not a date (YYYY-MM-DD, or a time such as 2026-10-31T14:00:00Z)"],
        ),
        (
            "us,1,mail,2026-02-30,yes",
            vec![
                "date \"2026-02-30\" is not a date (YYYY-MM-DD, or a time such as 2026-10-31T14:00:00Z)",
                "unknown result \"yes\" (accepted: ok, failed)",
            ],
        ),
        (
            "us,,,,",
            vec!["neither tenant_id nor tenant is set", "workload is not set", "date is not set", "result is not set"],
        ),
        (",1,mail,2026-11-01,ok", vec!["ambiguous source (us, uk, datto); set the column source"]),
        ("fr,1,mail,2026-11-01,ok", vec!["source \"fr\" is not configured (configured: us, uk, datto)"]),
    ] {
        let read = csv(&format!("source,tenant_id,workload,date,result\n{line}\n")).unwrap_err();
        let expected: Vec<_> = problems.iter().map(|problem| format!("tests.csv:2: {problem}")).collect();
        assert_eq!(read, expected, "{line}");
    }
    let read = yaml("- { source: us, tenant_id: 1, workload: mail, date: 2027-01-31, result: ok }").unwrap_err();
    assert_eq!(read, ["tests.yaml: [0]: date \"2027-01-31\" is in the future"]);
}

#[test]
fn which_of_two_opposite_tests_came_last_must_be_told() {
    let head = "source,tenant_id,workload,date,result\nus,1,mail,2026-11-01,ok\n";
    let read = csv(&format!("{head}us,1,mail,2026-11-01,failed\n")).unwrap_err();
    assert_eq!(read, ["tests.csv:3: date is that of the opposite result in line 2; add the time of day to both"]);
    for other in ["us,1,tasks,2026-11-01,failed", "us,2,mail,2026-11-01,failed", "us,1,mail,2026-11-01,ok"] {
        assert!(csv(&format!("{head}{other}\n")).is_ok(), "{other}");
    }
}

#[test]
fn a_list_of_nothing_is_an_error() {
    for (read, problem) in [
        (csv(""), "tests.csv: is empty; expected a header and one line per restore test"),
        (
            csv("tenant_id,workload,date,result\n"),
            "tests.csv: contains no restore tests; remove the key to disable their objective",
        ),
        (yaml(""), "tests.yaml: is empty; expected one item per restore test"),
    ] {
        assert_eq!(read.unwrap_err(), [problem]);
    }
}

#[test]
fn the_objective_is_configured_by_default_source_and_tenant() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tests.csv"), "tenant_id,workload,date,result\n1,mail,2025-11-01,ok\n").unwrap();
    let parse = |text: &str| {
        let sources = "sources: [{ name: datto, provider: datto, public_key: a1, secret_key: b2 }]\n";
        Config::parse(&format!("{text}\n{sources}"), &|_| None, folder.path())
    };
    let config = parse(
        "restore_tests: { file: tests.csv }\n\
         restore_test_objective: { default: none, sources: { datto: 30d }, tenants: { '1': 7d, Acme: none } }",
    )
    .unwrap();
    let days = |source, id, name| config.restore_objectives.of(source, id, name).map(|each| each.as_secs() / 86_400);
    assert_eq!(days("us", "2", "Harbor"), None);
    assert_eq!(days("datto", "2", "Harbor"), Some(30));
    assert_eq!(days("datto", "1", "Harbor"), Some(7));
    assert_eq!(days("datto", "2", "Acme"), None);
    let shown = config.redacted();
    for words in ["restore_tests:\n", "tests.csv", "default: none", "datto: 30d", "Acme: none"] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    for (text, problem) in [
        ("restore_test_objective: { default: 90d }", "restore_test_objective: has no effect without restore_tests"),
        (
            "restore_tests: { file: tests.csv }\nrestore_test_objective: { sources: { us: 30d } }",
            "restore_test_objective.sources.us: no source has this name",
        ),
        (
            "restore_tests: { file: tests.csv }\nrestore_test_objective: { default: 5m }",
            "restore_test_objective.default: \"5m\" is out of range (1h to 3650d)",
        ),
    ] {
        assert_eq!(parse(text).unwrap_err().to_string().trim_end(), problem);
    }
}
