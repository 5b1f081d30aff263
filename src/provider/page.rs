//! Unwraps one page of a list from whichever envelope it came in.
//!
//! The vendors wrap lists in different ways for different endpoints and
//! accounts. Each vendor names the ways that are known of it in an
//! [`Envelope`]; all else is an error of shape, never an empty list.

use std::collections::BTreeMap;
use std::str::Utf8Chunk;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::ErrorKind;
use super::field::{Count, Field};
use super::record::{Record, Undecodable, first_byte, record, records};

/// The ways in which one vendor wraps lists.
#[derive(Debug)]
pub(super) struct Envelope {
    /// What it means that a bare array says nothing of pages.
    pub(super) bare: WithoutPagination,
    /// The keys under which an object may hold the list, and what it means if it says nothing of pages.
    pub(super) lists: &'static [(&'static str, WithoutPagination)],
    /// The fields by which an object is known as a lone record.
    pub(super) record: &'static [&'static str],
}

/// What it means that a page says nothing of the pages after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WithoutPagination {
    /// A full page may have a successor.
    MayContinue,
    /// There is none.
    Ends,
}

/// One page of records.
#[derive(Debug)]
pub(super) struct Page<T> {
    /// The records; `Err` is one that is no object.
    pub(super) records: Vec<Result<T, Undecodable>>,
    /// What the page says of the others.
    pub(super) next: NextPage,
}

/// What a page says of the pages after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextPage {
    /// Nothing: a full page may have a successor.
    Unstated,
    /// There are pages, and nobody says how many or how long: only one that brings nothing new is the end.
    Unbounded,
    /// There is none.
    End,
    /// This page is next.
    Number(u64),
    /// So many there are in all.
    Total {
        /// Pages.
        pages: u64,
        /// Records; `None` where only the pages are counted.
        entries: Option<u64>,
    },
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Pagination {
    next_page: Field<Count>,
    total_entries: Field<Count>,
    // Datto's `count` beside it may count the page or the list, and decides nothing.
    #[serde(alias = "totalPages")]
    total_pages: Field<Count>,
}

impl Envelope {
    /// Whether a key of a list stands somewhere in this JSON.
    fn may_be_in(&self, text: &str) -> bool {
        self.lists.iter().any(|(key, _)| text.contains(&format!("\"{key}\"")))
    }
}

impl<T: Record> Page<T> {
    /// Reads one body.
    pub(super) fn parse(body: &[u8], envelope: &Envelope) -> Result<Self, ErrorKind> {
        if std::str::from_utf8(body).is_err() {
            return Self::parse(repaired(body).as_bytes(), envelope);
        }
        // Most answers are bare lists of readable records: these need no look at the whole before.
        if let Some(records) = bare(body, envelope) {
            return Ok(Self { records, next: envelope.bare.next_page() });
        }
        let document: &RawValue = serde_json::from_slice(body).map_err(|error| not_json(body, &error))?;
        match first_byte(document) {
            b'[' => Self::from_elements(elements(document)?, envelope),
            b'{' => Self::from_object(document, envelope),
            other => Err(ErrorKind::Shape { found: describe(other) }),
        }
    }

    /// An array of records, or of envelopes, of which the last one's paging holds.
    fn from_elements(found: Vec<&RawValue>, envelope: &Envelope) -> Result<Self, ErrorKind> {
        let mut page = Self { records: Vec::with_capacity(found.len()), next: envelope.bare.next_page() };
        for element in found {
            match unwrap(element, envelope) {
                Some((list, next)) => {
                    page.records.extend(records_of(list)?);
                    page.next = next;
                }
                None => page.records.push(record(element)),
            }
        }
        Ok(page)
    }

    fn from_object(object: &RawValue, envelope: &Envelope) -> Result<Self, ErrorKind> {
        if let Some((list, next)) = unwrap(object, envelope) {
            return Ok(Self { records: records_of(list)?, next });
        }
        let unknown = ErrorKind::Shape { found: "an object" };
        let fields: BTreeMap<String, &RawValue> = serde_json::from_str(object.get()).map_err(|_| unknown.clone())?;
        if envelope.record.iter().any(|field| fields.contains_key(*field)) {
            return Ok(Self { records: vec![record(object)], next: NextPage::End });
        }
        Err(unknown)
    }
}

impl WithoutPagination {
    const fn next_page(self) -> NextPage {
        match self {
            Self::MayContinue => NextPage::Unstated,
            Self::Ends => NextPage::End,
        }
    }
}

/// The list in an object, if it is one of the known envelopes, and what the object says of pages.
fn unwrap<'a>(object: &'a RawValue, envelope: &Envelope) -> Option<(&'a RawValue, NextPage)> {
    if first_byte(object) != b'{' {
        return None;
    }
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(object.get()).ok()?;
    let (list, without) = envelope.lists.iter().find_map(|(key, without)| Some((*fields.get(*key)?, *without)))?;
    let pagination =
        fields.get("pagination").and_then(|raw| serde_json::from_str::<Option<Pagination>>(raw.get()).ok());
    Some((list, pagination.flatten().map_or(without.next_page(), |pagination| pagination.next_page(without))))
}

impl Pagination {
    fn next_page(self, without: WithoutPagination) -> NextPage {
        match (self.total_pages.value(), self.next_page.value()) {
            (Some(pages), _) => {
                NextPage::Total { pages: pages.0, entries: self.total_entries.value().map(|entries| entries.0) }
            }
            (None, Some(next)) => NextPage::Number(next.0),
            (None, None) if without == WithoutPagination::Ends => NextPage::End,
            // A page's own `per_page` may be the one asked for rather than the one given, so it proves nothing.
            (None, None) => NextPage::Unbounded,
        }
    }
}

/// The records of a body that is a list of nothing else, if all are readable; no envelope may be among them.
fn bare<T: Record>(body: &[u8], envelope: &Envelope) -> Option<Vec<Result<T, Undecodable>>> {
    let text = std::str::from_utf8(body).ok().filter(|text| text.trim_ascii_start().starts_with('['))?;
    if envelope.may_be_in(text) { None } else { records(text) }
}

/// The records of an envelope's list.
fn records_of<T: Record>(list: &RawValue) -> Result<Vec<Result<T, Undecodable>>, ErrorKind> {
    if let Some(records) = records(list.get()) {
        return Ok(records);
    }
    Ok(elements(list)?.into_iter().map(record).collect())
}

fn elements(list: &RawValue) -> Result<Vec<&RawValue>, ErrorKind> {
    serde_json::from_str(list.get()).map_err(|_| ErrorKind::Shape { found: describe(first_byte(list)) })
}

fn describe(first: u8) -> &'static str {
    match first {
        b'{' => "an object",
        b'[' => "an array",
        b'"' => "a text",
        b'n' => "null",
        b't' | b'f' => "true or false",
        _ => "a number",
    }
}

/// A body in which bytes that are no UTF-8 are escapes that stand for no character: so only the records are unreadable
/// in which such a text is read, and none is shown with a name or an id that it does not have.
fn repaired(body: &[u8]) -> String {
    let repair = |text: String, chunk: Utf8Chunk<'_>| {
        let damage = if chunk.invalid().is_empty() { "" } else { "\\udc00" };
        text + chunk.valid() + damage
    };
    body.utf8_chunks().fold(String::with_capacity(body.len()), repair)
}

/// The place where a body stops being JSON; never what stands there.
fn not_json(body: &[u8], error: &serde_json::Error) -> ErrorKind {
    let found = match body.trim_ascii_start().first() {
        None => "it is empty",
        Some(b'<') => "it looks like HTML",
        Some(_) if error.is_eof() => "it is cut off",
        Some(_) => "it is malformed",
    };
    ErrorKind::Decode { found, line: error.line(), column: error.column() }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::provider::field::{Field, Id};

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Row {
        id: Field<Id>,
        email: Field<Id>,
    }

    impl Record for Row {
        fn key(&self) -> Option<Cow<'_, str>> {
            self.id.value().or_else(|| self.email.value()).map(|id| Cow::Borrowed(id.0.as_str()))
        }
    }

    const ENVELOPE: Envelope = Envelope {
        bare: WithoutPagination::MayContinue,
        lists: &[("result_set", WithoutPagination::MayContinue), ("data", WithoutPagination::Ends)],
        record: &["id", "email"],
    };

    fn ids(body: &str) -> Vec<String> {
        let page = Page::<Row>::parse(body.as_bytes(), &ENVELOPE).unwrap();
        page.records
            .iter()
            .map(|record| {
                record.as_ref().map_or("?".to_owned(), |record| record.key().unwrap_or(Cow::Borrowed("-")).into_owned())
            })
            .collect()
    }

    fn next_page(body: &str) -> NextPage {
        Page::<Row>::parse(body.as_bytes(), &ENVELOPE).unwrap().next
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
    fn bytes_that_are_no_text_lose_the_records_that_hold_them_and_no_others() {
        let body = |row: &[u8]| {
            [br#"[{"id":1},"#.as_slice(), row, ",{\"id\":\"Zo\\u00eb\"},{\"id\":\"Zo\u{eb}\"}]".as_bytes()].concat()
        };
        for (row, expected) in [
            // Latin-1 in a text that is read, in one that is not, cut off in the middle of a character, and twice.
            (&b"{\"id\":\"Zo\xeb\"}"[..], "?"),
            (b"{\"id\":2,\"name\":\"Zo\xeb\"}", "2"),
            (b"{\"id\":\"Zo\xc3\"}", "?"),
            (b"{\"id\":\"\xff\xfe\"}", "?"),
            (br#"{"id":"\ud800"}"#, "?"),
        ] {
            let page = Page::<Row>::parse(&body(row), &ENVELOPE).unwrap();
            let ids: Vec<_> =
                page.records.iter().map(|row| row.as_ref().map_or("?", |row| &row.id.value().unwrap().0)).collect();
            assert_eq!(ids, ["1", expected, "Zo\u{eb}", "Zo\u{eb}"], "{row:?}");
        }
        for body in [&b"\xff"[..], b"[\xeb]", b"{\"result_set\xeb\":[]}"] {
            assert!(Page::<Row>::parse(body, &ENVELOPE).is_err(), "{body:?}");
        }
    }

    #[test]
    fn the_three_paging_styles_say_what_comes_next() {
        for (body, expected) in [
            ("[]", NextPage::Unstated),
            (r#"{"result_set":[]}"#, NextPage::Unstated),
            (r#"{"result_set":[],"pagination":null}"#, NextPage::Unstated),
            (r#"{"result_set":[],"pagination":{"current_page":1,"per_page":20}}"#, NextPage::Unbounded),
            (
                r#"{"result_set":[],"pagination":{"total_entries":41,"total_pages":3}}"#,
                NextPage::Total { pages: 3, entries: Some(41) },
            ),
            (r#"{"result_set":[],"pagination":{"total_pages":"3"}}"#, NextPage::Total { pages: 3, entries: None }),
            (r#"{"data":[],"pagination":{"current_page":1,"next_page":2}}"#, NextPage::Number(2)),
            (r#"{"data":[],"pagination":{"current_page":5,"per_page":0,"prev_page":4}}"#, NextPage::End),
            (r#"{"id":1}"#, NextPage::End),
        ] {
            assert_eq!(next_page(body), expected, "{body}");
        }
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
            let error = Page::<Row>::parse(body.as_bytes(), &ENVELOPE).unwrap_err();
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
        ] {
            let error = Page::<Row>::parse(body.as_bytes(), &ENVELOPE).unwrap_err();
            assert!(matches!(&error, ErrorKind::Decode { found, .. } if *found == looks), "{body}: {error}");
            assert!(!error.to_string().contains("CANARY"));
        }
    }

    #[test]
    fn deep_nesting_is_survived() {
        let body = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        let page = Page::<Row>::parse(body.as_bytes(), &ENVELOPE);
        assert!(page.is_err() || page.is_ok_and(|page| page.records.iter().all(Result::is_err)));
    }
}
