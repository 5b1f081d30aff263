//! Unwraps one page of a list from whichever envelope it came in.
//!
//! Seen for one endpoint or another: a bare array, `{result_set, pagination}`,
//! an array of `{result_set}`, `{pagination, data}`, and a single record. All
//! else is an error of shape, never an empty list.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::wire::Record;
use crate::provider::ErrorKind;
use crate::provider::field::{Count, Field};

/// One page of records.
#[derive(Debug)]
pub(super) struct Page<T> {
    /// The records; `Err` is one that is no object.
    pub(super) records: Vec<Result<T, Undecodable>>,
    /// What the page says of the others.
    pub(super) sequel: Sequel,
}

/// A record that is no object, or no readable one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Undecodable;

/// What a page says of the pages after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sequel {
    /// Nothing: a full page may have a successor.
    Unsaid,
    /// There is none: the envelope names the next page, and does not.
    End,
    /// This page is next.
    Next(u64),
    /// So many there are in all.
    Total {
        /// Pages.
        pages: u64,
        /// Records; `None` where only the pages are counted.
        entries: Option<u64>,
    },
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope<'a> {
    #[serde(borrow)]
    result_set: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    pagination: Option<Pagination>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    email: Option<&'a RawValue>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Pagination {
    next_page: Field<Count>,
    total_entries: Field<Count>,
    total_pages: Field<Count>,
}

impl<T: Record> Page<T> {
    /// Reads one body.
    pub(super) fn parse(body: &[u8]) -> Result<Self, ErrorKind> {
        let document: &RawValue = serde_json::from_slice(body).map_err(|error| not_json(body, &error))?;
        match first_byte(document) {
            b'[' => Ok(Self { records: records(document, true)?, sequel: Sequel::Unsaid }),
            b'{' => Self::from_object(document),
            other => Err(ErrorKind::Shape { found: describe(other) }),
        }
    }

    fn from_object(document: &RawValue) -> Result<Self, ErrorKind> {
        let unknown = ErrorKind::Shape { found: "an object" };
        let envelope: Envelope<'_> = serde_json::from_str(document.get()).map_err(|_| unknown.clone())?;
        match (envelope.result_set, envelope.data) {
            (Some(list), _) => {
                Ok(Self { records: records(list, false)?, sequel: envelope.pagination.map_or(Sequel::Unsaid, totals) })
            }
            (None, Some(list)) => {
                Ok(Self { records: records(list, false)?, sequel: envelope.pagination.map_or(Sequel::Unsaid, links) })
            }
            (None, None) if envelope.id.or(envelope.email).is_some() => {
                Ok(Self { records: vec![record(document)], sequel: Sequel::End })
            }
            (None, None) => Err(unknown),
        }
    }
}

/// `{result_set, pagination}` counts pages; a total that is left out says nothing.
fn totals(pagination: Pagination) -> Sequel {
    match (pagination.total_pages.value(), pagination.next_page.value()) {
        (Some(pages), _) => {
            Sequel::Total { pages: pages.0, entries: pagination.total_entries.value().map(|entries| entries.0) }
        }
        (None, Some(next)) => Sequel::Next(next.0),
        (None, None) => Sequel::Unsaid,
    }
}

/// `{pagination, data}` names the next page, and leaves it out on the last.
fn links(pagination: Pagination) -> Sequel {
    match totals(pagination) {
        Sequel::Unsaid => Sequel::End,
        said => said,
    }
}

/// The records of an array; elements that are `{result_set}` are flattened where that envelope occurs.
fn records<T: Record>(list: &RawValue, may_wrap: bool) -> Result<Vec<Result<T, Undecodable>>, ErrorKind> {
    let elements: Vec<&RawValue> =
        serde_json::from_str(list.get()).map_err(|_| ErrorKind::Shape { found: describe(first_byte(list)) })?;
    let mut all = Vec::with_capacity(elements.len());
    for element in elements {
        match may_wrap.then(|| wrapped(element)).flatten() {
            Some(inner) => all.extend(records(inner, false)?),
            None => all.push(record(element)),
        }
    }
    Ok(all)
}

fn wrapped(element: &RawValue) -> Option<&RawValue> {
    // Cheap to rule out for the ordinary record, which does not hold the word.
    let candidate = element.get().starts_with('{') && element.get().contains("\"result_set\"");
    candidate.then(|| serde_json::from_str::<Envelope<'_>>(element.get()).ok()?.result_set)?
}

fn record<T: Record>(element: &RawValue) -> Result<T, Undecodable> {
    // Serde would read an array as the fields in order.
    if first_byte(element) != b'{' {
        return Err(Undecodable);
    }
    serde_json::from_str(element.get()).map_err(|_| Undecodable)
}

fn first_byte(value: &RawValue) -> u8 {
    value.get().as_bytes().first().copied().unwrap_or(0)
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
    use super::super::wire::{Counted, User};
    use super::*;

    fn ids(body: &str) -> Vec<String> {
        let page = Page::<Counted>::parse(body.as_bytes()).unwrap();
        page.records
            .iter()
            .map(|record| record.as_ref().map_or("?", |record| record.key().unwrap_or("-")).to_owned())
            .collect()
    }

    fn sequel(body: &str) -> Sequel {
        Page::<Counted>::parse(body.as_bytes()).unwrap().sequel
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
    fn the_three_paging_styles_say_what_comes_next() {
        for (body, expected) in [
            ("[]", Sequel::Unsaid),
            (r#"{"result_set":[]}"#, Sequel::Unsaid),
            (r#"{"result_set":[],"pagination":null}"#, Sequel::Unsaid),
            (r#"{"result_set":[],"pagination":{"current_page":1,"per_page":20}}"#, Sequel::Unsaid),
            (
                r#"{"result_set":[],"pagination":{"total_entries":41,"total_pages":3}}"#,
                Sequel::Total { pages: 3, entries: Some(41) },
            ),
            (r#"{"result_set":[],"pagination":{"total_pages":"3"}}"#, Sequel::Total { pages: 3, entries: None }),
            (r#"{"data":[],"pagination":{"current_page":1,"next_page":2}}"#, Sequel::Next(2)),
            (r#"{"data":[],"pagination":{"current_page":5,"per_page":0,"prev_page":4}}"#, Sequel::End),
            (r#"{"id":1}"#, Sequel::End),
        ] {
            assert_eq!(sequel(body), expected, "{body}");
        }
    }

    #[test]
    fn what_is_no_list_is_an_error_and_not_an_empty_list() {
        for (body, expected) in [
            ("{}", "an object"),
            (r#"{"errors":{"user":["Unauthorized"]}}"#, "an object"),
            (r#"{"result_set":{"id":1}}"#, "an object"),
            (r#"{"data":null}"#, "an object"),
            ("null", "null"),
            ("\"OK\"", "a text"),
            ("true", "true or false"),
            ("0", "a number"),
        ] {
            let error = Page::<User>::parse(body.as_bytes()).unwrap_err();
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
            let error = Page::<User>::parse(body.as_bytes()).unwrap_err();
            assert!(matches!(&error, ErrorKind::Decode { found, .. } if *found == looks), "{body}: {error}");
            assert!(!error.to_string().contains("CANARY"));
        }
    }

    #[test]
    fn deep_nesting_is_survived() {
        let body = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        let page = Page::<User>::parse(body.as_bytes());
        assert!(page.is_err() || page.is_ok_and(|page| page.records.iter().all(Result::is_err)));
    }
}
