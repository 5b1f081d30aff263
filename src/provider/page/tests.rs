//! One body for each way in which lists are wrapped, and for what is no list.

use serde::Deserialize;

use super::*;
use crate::provider::digest::digest;
use crate::provider::field::{Field, Id};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row {
    id: Field<Id>,
    email: Field<Id>,
}

impl Record for Row {
    fn key(&self) -> Option<u64> {
        self.id.value().or_else(|| self.email.value()).map(digest)
    }
}

const ENVELOPE: Envelope = Envelope {
    bare: WithoutPagination::MayContinue,
    lists: &[("result_set", WithoutPagination::MayContinue), ("data", WithoutPagination::NamesNext)],
    record: &["id", "email"],
};

fn read(body: &[u8]) -> (Vec<Result<Row, Undecodable>>, Result<Page, ErrorKind>) {
    let mut records = Vec::new();
    let page = Page::read(body, &ENVELOPE, &mut |record| records.push(record));
    (records, page)
}

fn ids(body: impl AsRef<[u8]>) -> Vec<String> {
    let (records, page) = read(body.as_ref());
    assert_eq!(page.unwrap().rows, records.len() as u64);
    records
        .iter()
        .map(|record| {
            record
                .as_ref()
                .map_or("?", |Row { id, email }| id.value().or_else(|| email.value()).map_or("-", |id| &id.0))
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_envelope_is_unwrapped() {
    for body in [
        r#"[{"id":1},{"id":"2"}]"#,
        r#"{"result_set":[{"id":1},{"id":"2"}],"pagination":{"total_pages":1},"api_version":2}"#,
        r#"[{"result_set":[{"id":1}]},{"result_set":[{"id":"2"}]}]"#,
        r#"{"pagination":{"current_page":1,"per_page":100},"data":[{"id":1},{"id":"2"}]}"#,
        r#" [ {"id":1} , {"email":"2"} ] "#,
    ] {
        assert_eq!(ids(body), ["1", "2"], "{body}");
    }
    assert_eq!(ids(r#"{"id":1,"email":"someone"}"#), ["1"]);
    assert_eq!(ids("[]"), [""; 0]);
    assert_eq!(ids(r#"{"result_set":[]}"#), [""; 0]);
}

#[test]
fn a_record_that_is_no_object_does_not_lose_the_others() {
    assert_eq!(ids(r#"[{"id":1},7,null,["2"],{"id":3,"id":4},{"id":5}]"#), ["1", "?", "?", "?", "?", "5"]);
}

#[test]
fn the_wrapping_says_what_comes_next() {
    for (body, expected, wrapping) in [
        ("[]", NextPage::Unstated { full_page: 25 }, "a bare list"),
        (r#"{"result_set":[]}"#, NextPage::Unstated { full_page: 1 }, "result_set"),
        (
            r#"{"result_set":[],"pagination":{"total_pages":3}}"#,
            NextPage::Total { pages: Some(3), entries: None, names_next: false },
            "result_set",
        ),
        (r#"{"pagination":{"next_page":2},"data":[]}"#, NextPage::Number(2), "data"),
        (r#"[{"result_set":[]},{"result_set":[],"pagination":{"next_link":null}}]"#, NextPage::End, "result_set"),
        (r#"{"id":1}"#, NextPage::End, "a lone record"),
    ] {
        let page = read(body.as_bytes()).1.unwrap();
        assert_eq!((page.next, page.wrapping), (expected, wrapping), "{body}");
    }
}

#[test]
fn paging_that_cannot_be_read_is_an_error() {
    for body in [
        r#"{"result_set":[{"id":1}],"pagination":7}"#,
        r#"{"data":[{"id":1}],"pagination":{"next_page":{}}}"#,
        r#"[{"result_set":[{"id":1}],"pagination":{"total_pages":"1 of 3"}}]"#,
    ] {
        assert!(matches!(read(body.as_bytes()).1, Err(ErrorKind::Pagination { .. })), "{body}");
    }
}

#[test]
fn text_that_is_no_utf_8_loses_its_record_and_no_other() {
    let latin = b"[{\"id\":1},{\"id\":\"M\xfcller\"},{\"id\":3,\"name\":\"M\xc3\xbcller\"}]";
    assert_eq!(ids(latin), ["1", "?", "3"]);
    let wrapped = b"{\"result_set\":[{\"id\":\"\xff\xfe\"},{\"id\":2}]}";
    assert_eq!(ids(wrapped), ["?", "2"]);
    assert_eq!(ids(r#"[{"id":1},{"id":"\ud800"},{"id":3}]"#), ["1", "?", "3"]);
    assert!(matches!(read(b"\xff").1, Err(ErrorKind::Decode { .. })));
}

#[test]
fn records_are_handed_over_once_whatever_comes_after_them() {
    let (records, page) = read(br#"[{"id":1},{"id":2},{"id":"#);
    assert_eq!(records.len(), 2);
    assert!(matches!(page, Err(ErrorKind::Decode { .. })));
    assert_eq!(ids(r#"{"result_set":[{"id":1},{"id":2},7,{"id":3}]}"#), ["1", "2", "?", "3"]);
}

#[test]
fn more_records_than_a_page_may_have_are_an_error() {
    let limit = usize::try_from(MAX_RECORDS_OF_PAGE).unwrap();
    let rows = |row: &str, count: usize| format!("[{}]", vec![row; count].join(","));
    let too_many = ErrorKind::TooManyRecords { limit: MAX_RECORDS_OF_PAGE, of: "page" };
    for row in ["{}", "7", "\"\"", "[]"] {
        for (count, expected) in [(limit, Ok(MAX_RECORDS_OF_PAGE)), (limit + 1, Err(too_many.clone()))] {
            let (records, page) = read(rows(row, count).as_bytes());
            assert_eq!(page.map(|page| page.rows), expected, "{count} of {row}");
            assert!(records.len() <= limit);
        }
    }
    // Those of several lists in one answer count together, and so do objects inside of records.
    let two = format!(r#"[{{"result_set":{0}}},{{"result_set":{0}}}]"#, rows("7", limit / 2 + 1));
    assert_eq!(read(two.as_bytes()).1, Err(too_many.clone()));
    let nested = format!(r#"[{{"id":1,"errors":{}}}]"#, rows("{}", limit));
    assert_eq!(read(nested.as_bytes()).1, Err(too_many));
}

#[test]
fn what_is_no_list_is_an_error_and_not_an_empty_list() {
    for (body, expected) in [
        ("{}", "an object"),
        (r#"{"errors":{"user":["Unauthorized"]}}"#, "an object"),
        (r#"{"result_set":{"id":1}}"#, "an object"),
        (r#"{"data":null}"#, "null"),
        ("null", "null"),
        ("\"OK\"", "a text"),
        ("true", "true or false"),
        ("0", "a number"),
    ] {
        let error = read(body.as_bytes()).1.unwrap_err();
        assert_eq!(error, ErrorKind::Shape { found: expected }, "{body}");
    }
}

#[test]
fn what_is_no_json_is_named_by_place_and_looks() {
    for (body, looks) in [
        ("", "it is empty"),
        ("<html><body>CANARY</body></html>", "it looks like HTML"),
        (r#"[{"id":1},{"id"#, "it is cut off"),
        (r#"[{"id":CANARY}]"#, "it is malformed"),
        ("CANARY: service unavailable", "it looks like plain text"),
    ] {
        let error = read(body.as_bytes()).1.unwrap_err();
        assert!(matches!(&error, ErrorKind::Decode { found, .. } if *found == looks), "{body}: {error}");
        assert!(!error.to_string().contains("CANARY"));
    }
}

#[test]
fn deep_nesting_is_survived() {
    let body = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let (records, page) = read(body.as_bytes());
    assert!(page.is_err() || records.iter().all(Result::is_err));
}
