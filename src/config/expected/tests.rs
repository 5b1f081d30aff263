//! Tests the meaning of both formats, and the message for each mistake.

use proptest::prelude::*;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::*;
use crate::config::Config;
use crate::config::file_watch::FileVersion;
use crate::config::tenant_list::{MAX_PROBLEMS, Meaning};
use crate::domain::expected::{Accepted, Expectation, Key, Place};
use crate::domain::{Provider, Timestamp, Workload};

fn identities() -> Vec<SourceIdentity> {
    let identity = |provider, name: &str| SourceIdentity { provider, name: name.into() };
    vec![identity(Provider::Dropsuite, "us"), identity(Provider::Dropsuite, "uk"), identity(Provider::Datto, "datto")]
}

fn csv(text: &str) -> Result<List, Vec<String>> {
    read_csv(text, "sold.csv", &identities())
}

fn yaml(text: &str) -> Result<List, Vec<String>> {
    read_yaml(text, "sold.yaml", &identities())
}

fn expectation(place: Place, key: Key, name: Option<&str>, workloads: &[Workload], seats: Option<u64>) -> Expectation {
    let workloads = workloads.iter().copied().collect();
    let (name, labels) = (name.map(str::to_owned), BTreeMap::new());
    Expectation { place, key, name, workloads, seats, accepted: None, labels, is_own: true }
}

fn id(id: &str) -> Key {
    Key::Id(id.into())
}

fn name(name: &str) -> Key {
    Key::Name(name.to_owned())
}

#[test]
fn a_table_says_who_bought_what() {
    let list = csv("\
source,provider,tenant_id,tenant,workloads,seats
us,,440032-6,\"Acme, Inc.\",mail onedrive,25
,datto,20118,,\"mail, sharepoint\",
uk,dropsuite,,\"quo\"\"ted \\ Söhne\",,7

datto,Datto,,Harbor Dental,Mail+TEAMS|google-drive,0
")
    .unwrap();
    assert_eq!(list.tenants().len(), 4);
    let mail = Workload::Mail;
    for (source, expected) in [
        (
            "us",
            vec![expectation(
                Place::Line(2),
                id("440032-6"),
                Some("Acme, Inc."),
                &[mail, Workload::Onedrive],
                Some(25),
            )],
        ),
        ("uk", vec![expectation(Place::Line(4), name("quo\"ted \\ Söhne"), Some("quo\"ted \\ Söhne"), &[], Some(7))]),
        (
            "datto",
            vec![
                expectation(Place::Line(3), id("20118"), None, &[mail, Workload::Sharepoint], None),
                expectation(
                    Place::Line(6),
                    name("Harbor Dental"),
                    Some("Harbor Dental"),
                    &[mail, Workload::Teams, Workload::GoogleDrive],
                    Some(0),
                ),
            ],
        ),
    ] {
        assert_eq!(list.of(source).unwrap().all(), expected, "{source}");
    }
    assert!(list.of("elsewhere").is_none());
}

#[test]
fn a_cell_that_was_kept_from_being_a_formula_is_restored() {
    let list = csv("source,tenant_id,tenant\nus,'-5,'=Sons\nuk,,'@home\nuk,,'quoted'\n").unwrap();
    let found = list.of("us").unwrap().all().iter().chain(list.of("uk").unwrap().all());
    let found: Vec<_> = found.map(|expectation| (expectation.key.clone(), expectation.tenant().to_owned())).collect();
    let expected = [(id("-5"), "=Sons"), (name("@home"), "@home"), (name("'quoted'"), "'quoted'")];
    assert_eq!(found, expected.map(|(key, name)| (key, name.to_owned())));
}

#[test]
fn the_same_in_yaml_is_the_same() {
    let document = "\
- { source: us, tenant_id: 440032-6, tenant: \"Acme, Inc.\", workloads: [mail, onedrive], seats: 25 }
- provider: datto
  tenant_id: 20118
  workloads: mail sharepoint
- { source: uk, tenant: no, seats: ~ }
";
    let table = "\
source;provider;tenant_id;tenant;workloads;seats
us;;440032-6;Acme, Inc.;mail onedrive;25
;datto;20118;;mail sharepoint;
uk;;;no;;
";
    let (document, table) = (yaml(document).unwrap(), csv(table).unwrap());
    for source in ["us", "uk", "datto"] {
        let placeless = |list: &List| {
            let all = list.of(source).unwrap().all().iter().cloned();
            all.map(|expectation| Expectation { place: Place::Item(0), ..expectation }).collect::<Vec<_>>()
        };
        assert_eq!(placeless(&document), placeless(&table), "{source}");
    }
}

#[test]
fn lines_without_a_tenant_say_how_many_seats_are_paid_for_at_a_source() {
    let table = "\
source,provider,tenant_id,seats,committed_seats
us,,1,5,
us,,,,200
us,,,,50
,datto,,,0
";
    let document = "\
- { source: us, tenant_id: 1, seats: 5 }
- { source: us, committed_seats: 200 }
- { source: us, committed_seats: 50 }
- { provider: datto, committed_seats: 0 }
";
    for list in [csv(table).unwrap(), yaml(document).unwrap()] {
        assert_eq!(list.tenants().len(), 1, "none of them is a tenant");
        assert_eq!(["us", "uk", "datto"].map(|source| list.commitment(source)), [Some(250), None, Some(0)]);
        assert!(list.of("datto").is_none(), "the tenants of a source that only has a commitment are not compared");
    }
    for (line, problem) in [
        ("us,,1,,200", "committed_seats is of the whole source; give it a line without a tenant"),
        ("us,,,5,200", "committed_seats is of the whole source; give it a line without a tenant"),
        ("us,,,,many", "committed_seats \"many\" is not a whole number from 0 to 10000000"),
        (",dropsuite,,,200", "ambiguous source (us, uk); set the column source"),
        (",,,,", ""),
    ] {
        let table = format!("source,provider,tenant_id,seats,committed_seats\nus,,1,5,\n{line}\n");
        match csv(&table) {
            Ok(list) => assert!(problem.is_empty() && list.tenants().len() == 1, "{line}"),
            Err(problems) => assert_eq!(problems, [format!("sold.csv:3: {problem}")], "{line}"),
        }
    }
    assert_eq!(
        csv("source,tenant_id,committed_seats\nus,,200\n").unwrap_err(),
        ["sold.csv: contains no tenants; remove the key to disable the comparison"],
        "a list of tenants that could not be exported is not one without tenants"
    );
}

#[test]
fn what_spreadsheets_make_of_a_table_is_read() {
    let expected = csv("source,tenant_id,workloads,seats\nus,1,mail,5\n").unwrap();
    for text in [
        "\u{feff}source,tenant_id,workloads,seats\r\nus,1,mail,5\r\n",
        "Source;Tenant ID;Workload;SEATS\nus;1;mail;5",
        "source\ttenant-id\tworkloads\tseats\nus\t1\tmail\t5\n\t\t\t\n",
        "\"source\",\"tenant_id\",\"workloads\",\"seats\"\n\"us\", 1 ,\"mail\", 5\n,,,\n",
    ] {
        assert_eq!(csv(text).unwrap(), expected, "{text:?}");
    }
}

#[test]
fn other_columns_are_left_alone() {
    let list =
        csv("Invoice,tenant_id,source,Price per month,notes\n17,1,us,\"1,50\",\"two\nlines\"\n18,2,us,2,\n").unwrap();
    let places: Vec<_> = list.of("us").unwrap().all().iter().map(|expectation| expectation.place).collect();
    assert_eq!(places, [Place::Line(2), Place::Line(4)]);
}

#[test]
fn lines_of_one_tenant_add_up() {
    let list = csv("\
source,tenant_id,tenant,workloads,seats
us,1,,mail,20
us,1,Acme,onedrive,20
us,1,,sharepoint teams,
uk,1,,mail,3
")
    .unwrap();
    let workloads = [Workload::Mail, Workload::Onedrive, Workload::Sharepoint, Workload::Teams];
    let acme = expectation(Place::Line(2), id("1"), Some("Acme"), &workloads, Some(20));
    assert_eq!(list.of("us").unwrap().all(), [acme]);
    assert_eq!(list.tenants().len(), 2, "another source is another tenant");
}

#[test]
fn every_mistake_of_a_line_is_reported_with_its_line() {
    for (line, problems) in [
        (
            "us,,1,,maill,",
            &[
                "unknown workload \"maill\" (accepted: mail, calendar, contacts, tasks, onedrive, sharepoint, teams, shared_drive, google_drive)",
            ][..],
        ),
        ("us,,1,,mail mail,", &["duplicate workload \"mail\""]),
        ("us,,1,,,many", &["seats \"many\" is not a whole number from 0 to 10000000"]),
        ("us,,1,,,-1", &["seats \"-1\" is not a whole number from 0 to 10000000"]),
        ("us,,1,,,2.5", &["seats \"2.5\" is not a whole number from 0 to 10000000"]),
        ("us,,1,,,4915112345678", &["seats \"4915112345678\" is not a whole number from 0 to 10000000"]),
        ("us,,,,mail,1", &["neither tenant_id nor tenant is set"]),
        ("elsewhere,,1,,,1", &["source \"elsewhere\" is not configured (configured: us, uk, datto)"]),
        ("us,datto,1,,,1", &["source \"us\" has the provider \"dropsuite\""]),
        (",ninja,1,,,1", &["unknown provider \"ninja\" (accepted: dropsuite, datto)"]),
        (",dropsuite,1,,,1", &["ambiguous source (us, uk); set the column source"]),
        (",,1,,,1", &["ambiguous source (us, uk, datto); set the column source"]),
        ("us,,1,,mail", &["has 5 cells, but the header has 6"]),
        ("us,,,\"Acme\nInc\",mail,1", &["tenant spans several lines; is a quote missing?"]),
        (
            "x,,,,maill,y",
            &[
                "source \"x\" is not configured (configured: us, uk, datto)",
                "neither tenant_id nor tenant is set",
                "unknown workload \"maill\" (accepted: mail, calendar, contacts, tasks, onedrive, sharepoint, teams, shared_drive, google_drive)",
                "seats \"y\" is not a whole number from 0 to 10000000",
            ],
        ),
    ] {
        let text =
            format!("source,provider,tenant_id,tenant,workloads,seats\n\nus,,first,,,\n\r\n{line}\nus,,last,,,\n");
        let expected: Vec<_> = problems.iter().map(|problem| format!("sold.csv:5: {problem}")).collect();
        assert_eq!(csv(&text).unwrap_err(), expected, "{line}");
    }
}

#[test]
fn duplicates_are_reported_with_both_lines() {
    for (lines, problem) in [
        ("us,1,,mail,\nus,1,,mail,", "sold.csv:3: duplicate workload \"mail\", already in line 2"),
        ("us,1,,mail,5\nus,1,,onedrive,6", "sold.csv:3: conflicting seats: 6 here, 5 in line 2"),
        ("us,1,,,5\nus,1,,,5", "sold.csv:3: duplicate of line 2"),
        ("us,,Acme,,\nus,,Acme,,", "sold.csv:3: duplicate of line 2"),
    ] {
        let text = format!("source,tenant_id,tenant,workloads,seats\n{lines}\n");
        assert_eq!(csv(&text).unwrap_err(), [problem], "{lines}");
    }
}

#[test]
fn an_exception_is_read_from_both_columns_and_reported_with_its_line() {
    let header = "source;tenant_id;workloads;unprotected_accepted;Unprotected accepted until;reason";
    let list = csv(&format!("{header}\nus;1;mail;3;2026-12-31;interns\nus;1;onedrive;;;\n")).unwrap();
    let until = Timestamp::from_millis(1_798_761_600_000);
    assert_eq!(list.of("us").unwrap().all()[0].accepted, Some(Accepted { unprotected: 3, until }));
    let problems = csv(&format!("{header}\nus;1;;3;2026-12-31;\nus;2;;3;31.12.2026;\nus;1;;4;2026-12-31;\n"));
    assert_eq!(
        problems.unwrap_err(),
        [
            "sold.csv:3: unprotected_accepted_until \"31.12.2026\" is not a date (YYYY-MM-DD)",
            "sold.csv:4: conflicting unprotected_accepted or its date, see line 2",
        ]
    );
}

fn labelled(text: &str, read: fn(&str, &str, Drafts<'_>) -> Result<List, Vec<String>>) -> Result<List, Vec<String>> {
    read(text, "sold", Drafts::new(&identities(), &["psa_id".into(), "Owner".into()]))
}

#[test]
fn columns_that_the_configuration_names_become_labels() {
    let table = "\
source;tenant_id;workloads;PSA ID;owner;other
us;1;mail;4711;North & Co;x
us;1;onedrive;4711;;y
us;2;;;South;
us;3;;;;
";
    let document = "\
- { source: us, tenant_id: 1, workloads: [mail, onedrive], psa_id: 4711, Owner: North & Co }
- { source: us, tenant_id: 2, Owner: South }
- { source: us, tenant_id: 3, psa_id: ~ }
";
    let lists = [
        labelled(table, tenant_list::read_csv::<List>).unwrap(),
        labelled(document, tenant_list::read_yaml::<List>).unwrap(),
    ];
    for list in lists {
        let all = list.of("us").unwrap().all().iter();
        let labels: Vec<Vec<(&str, &str)>> =
            all.map(|one| one.labels.iter().map(|(name, value)| (&**name, &**value)).collect()).collect();
        assert_eq!(labels, [vec![("Owner", "North & Co"), ("psa_id", "4711")], vec![("Owner", "South")], vec![]]);
    }
}

#[test]
fn labels_that_are_too_long_missing_or_contradict_are_reported_without_their_values() {
    let long = "x".repeat(201);
    for (lines, problem) in [
        ("us,1,,a,b\nus,1,,a,c", "sold:3: conflicting Owner, see line 2"),
        ("us,1,,a,b\nus,1,,a,b", "sold:3: duplicate of line 2"),
        (&format!("us,1,,{long},b"), "sold:2: psa_id is longer than 200 characters"),
    ] {
        let text = format!("source,tenant_id,seats,psa_id,owner\n{lines}\n");
        assert_eq!(labelled(&text, tenant_list::read_csv::<List>).unwrap_err(), [problem]);
    }
    for (header, problem) in [
        ("source,tenant_id,owner", "the header has no column \"psa_id\", which the configuration names"),
        ("source,tenant_id,psaid,owner", "unknown column \"psaid\" (did you mean \"psa_id\"?)"),
        ("source,tenant_id,psa_id,owner,OWNER", "duplicate column \"Owner\""),
    ] {
        let told = labelled(&format!("{header}\n"), tenant_list::read_csv::<List>);
        assert_eq!(told.unwrap_err(), [format!("sold: {problem}")]);
    }
    let document = "- { source: us, tenant_id: 1, owner: a }\n";
    let told = labelled(document, tenant_list::read_yaml::<List>).unwrap_err();
    assert_eq!(told, ["sold: [0].owner: unknown key (did you mean \"Owner\"?)"]);
}

#[test]
fn what_is_no_table_is_reported() {
    for (text, problem) in [
        ("", "is empty; expected a header and one line per tenant"),
        ("\n\n", "is empty; expected a header and one line per tenant"),
        ("source,tenant_id\n", "contains no tenants; remove the key to disable the comparison"),
        ("source,tenant_id\n,\n", "contains no tenants; remove the key to disable the comparison"),
        (
            "us,1,mail\n",
            "the header has neither a column \"tenant_id\" nor \"tenant\" (accepted: source, provider, tenant_id, tenant, workloads, seats, committed_seats, unprotected_accepted, unprotected_accepted_until)",
        ),
        ("tenant_id,seat\n1,5\n", "unknown column \"seat\" (did you mean \"seats\"?)"),
        ("tenant_id,workload,workloads\n1,mail,mail\n", "duplicate column \"workloads\""),
        ("source,tenant\nus,\"Acme\nus,Harbor\n", "unclosed quote (\")"),
    ] {
        assert_eq!(csv(text).unwrap_err(), [format!("sold.csv: {problem}")], "{text:?}");
    }
}

#[test]
fn a_quote_within_a_cell_of_another_column_is_a_letter() {
    for model in ["24\" monitor", "24\" and 27\" monitors", "\"24\"\" monitor\"", "\"two\nlines\""] {
        let list = csv(&format!("source,tenant_id,model\nus,1,{model}\nus,2,none\n")).unwrap();
        assert_eq!(list.tenants().len(), 2, "{model}");
    }
}

#[test]
fn what_is_no_document_is_reported() {
    for (text, problems) in [
        ("", &["is empty; expected one item per tenant"][..]),
        ("[]", &["contains no tenants; remove the key to disable the comparison"]),
        ("a: 1", &["expected a list (- { tenant_id: ..., workloads: [mail], seats: 25 }), found a mapping"]),
        ("- us\n", &["[0]: expected a mapping (\"key: value\"), found text"]),
        ("- [", &["line 1, column 3: not valid YAML: unclosed bracket '['"]),
        ("- { source: us, tenant_id: 1, seat: 5 }", &["[0].seat: unknown key (did you mean \"seats\"?)"]),
        ("- { source: us, tenant_id: [1] }", &["[0].tenant_id: expected a single value, found a list"]),
        ("- { source: us, tenant: \"a\\nb\" }", &["[0].tenant: tenant spans several lines; is a quote missing?"]),
        (
            "- { source: us, tenant_id: 1 }\n- { source: us, workloads: [maill], seats: x }\n- { source: us, tenant_id: 1 }\n",
            &[
                "[1]: neither tenant_id nor tenant is set",
                "[1]: unknown workload \"maill\" (accepted: mail, calendar, contacts, tasks, onedrive, sharepoint, teams, shared_drive, google_drive)",
                "[1]: seats \"x\" is not a whole number from 0 to 10000000",
                "[2]: duplicate of [0]",
            ],
        ),
    ] {
        let expected: Vec<_> = problems.iter().map(|problem| format!("sold.yaml: {problem}")).collect();
        assert_eq!(yaml(text).unwrap_err(), expected, "{text:?}");
    }
}

#[test]
fn a_source_need_not_be_named_where_there_is_one() {
    let alone = [SourceIdentity { provider: Provider::Datto, name: "datto".into() }];
    let list = read_csv("tenant_id\n1\n", "sold.csv", &alone).unwrap();
    assert_eq!(list.of("datto").map(|expectations| expectations.all().len()), Some(1));
    let problems = read_csv("provider,tenant_id\ndropsuite,1\n", "sold.csv", &alone).unwrap_err();
    assert_eq!(problems, ["sold.csv:2: no source of this provider is configured"]);
}

#[test]
fn ten_thousand_lines_are_read_and_ten_thousand_problems_are_truncated() {
    let lines: String = (0..10_000).map(|number| format!("us,{number},mail onedrive,{number}\n")).collect();
    let list = csv(&format!("source,tenant_id,workloads,seats\n{lines}")).unwrap();
    assert_eq!(list.tenants().len(), 10_000);
    assert_eq!(list.of("us").unwrap().all()[9_999].place, Place::Line(10_001));
    let problems = csv(&format!("source,tenant_id,workloads,seats\n{}", lines.replace("mail", "maill"))).unwrap_err();
    assert_eq!(problems.len(), MAX_PROBLEMS + 1);
    assert_eq!(problems[MAX_PROBLEMS], "sold.csv: and 9980 more problems");
}

fn written(text: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sold.csv");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn read(path: &Path) -> Result<ExpectedFile, Vec<String>> {
    let meaning = Meaning { sources: identities().into(), columns: Columns::default() };
    ExpectedFile::read(path.to_owned(), "sold.csv".to_owned(), meaning, FileVersion::of(path))
}

#[test]
fn lines_are_compared_with_the_sources_only_if_all_of_those_are_known() {
    let (folder, _) = written(b"source,tenant_id\nus,1\ntypo,2\n");
    let us = "name: us, provider: dropsuite, base_url: \"https://dropsuite.us/api\"";
    let tokens = "reseller_token: 98abfc8c, access_token: 733cc833";
    let problems = |sources: &str| {
        let text = format!("expected: {{ file: sold.csv }}\nsources: [{sources}]\n");
        let errors = Config::parse(&text, &|_| None, folder.path()).unwrap_err();
        errors.problems().iter().map(|problem| problem.path.clone()).collect::<Vec<_>>()
    };
    assert_eq!(problems(&format!("{{ {us}, {tokens} }}")), ["expected.file"], "it names a source that does not exist");
    let with_problem = ["expected.file", "sources[0].reseller_token_file", "sources[0].access_token_file"];
    assert_eq!(problems(&format!("{{ {us} }}")), with_problem, "of all problems at once");
    for (sources, wrong) in [
        (format!("{{ {us}, {tokens} }}, {{ provider: datto }}"), vec!["sources[1].name"]),
        (String::new(), vec!["sources"]),
    ] {
        let found = problems(&sources);
        assert!(wrong.iter().all(|path| found.iter().any(|found| found == path)), "{found:?}");
        assert!(found.iter().all(|path| path != "expected.file"), "{found:?}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_reported() {
    let (folder, path) = written(b"tenant_id\n\xff\n");
    assert_eq!(read(&path).unwrap_err(), ["sold.csv: is not valid UTF-8"]);
    std::fs::write(&path, vec![b'a'; (16 << 20) + 1]).unwrap();
    assert_eq!(read(&path).unwrap_err(), ["sold.csv: is larger than 16 MiB"]);
    let problems = read(&folder.path().join("gone.csv")).unwrap_err();
    assert_eq!(problems, ["cannot read sold.csv: No such file or directory (os error 2)"]);
}

#[test]
fn a_file_is_read_again_once_it_changed_and_a_bad_one_once_it_changed_again() {
    let (_folder, path) = written(b"source,tenant_id\nus,1\n");
    let file = read(&path).unwrap();
    assert!(file.look_again(None).is_none(), "nothing changed");

    std::fs::write(&path, "source,tenant_id\nus,1\nus,2\n").unwrap();
    let file = file.look_again(None).unwrap().unwrap();
    assert_eq!(file.list().tenants().len(), 2);

    std::fs::write(&path, "source,tenant_id\nuss,1\n").unwrap();
    let refused = file.look_again(None).unwrap().unwrap_err();
    let message = "expected.file: sold.csv:2: source \"uss\" is not configured (configured: us, uk, datto)";
    assert_eq!(refused.errors.to_string(), message);
    assert!(file.look_again(Some(refused.version)).is_none(), "it is refused once");

    std::fs::remove_file(&path).unwrap();
    let gone = file.look_again(Some(refused.version)).unwrap().unwrap_err();
    assert!(gone.errors.to_string().contains("cannot read sold.csv"), "{}", gone.errors);
    std::fs::write(&path, "source,tenant_id\nus,3\n").unwrap();
    assert_eq!(file.look_again(Some(gone.version)).unwrap().unwrap().list().tenants().len(), 1);
}

proptest! {
    #[test]
    fn whatever_stands_in_a_file_is_read_or_refused_with_a_reason(
        header in prop_oneof!["", "(source|tenant_id|tenant|workloads|seats)([,;\t](source|tenant_id|tenant|workloads|seats)){0,4}"],
        text in r#"[us1a ",;+\t\r\n\\ \u{e4}\u{feff}#:\[\]{}&*-]{0,60}"#,
    ) {
        for read in [read_csv, read_yaml] {
            match read(&format!("{header}\n{text}"), "sold", &identities()) {
                Ok(list) => prop_assert!(!list.tenants().is_empty()),
                Err(problems) => prop_assert!(!problems.is_empty() && problems.iter().all(|problem| problem.starts_with("sold"))),
            }
        }
    }
}
