//! Reads one page of a list from any known envelope, and passes its records on one by one.
//!
//! The vendors wrap lists differently depending on endpoint and account. Each vendor's known formats are in an
//! [`Envelope`]; everything else is an error, never an empty list.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::ErrorKind;
use super::pagination::next_page;
pub(super) use super::pagination::{NextPage, WithoutPagination};
use super::record::{Object, Record, Undecodable, each, first_byte, record};

/// Maximum number of records per page, including nested ones: in an unpaged list each customer of a large fleet counts
/// twice.
///
/// Limits the memory for decoding: a record of two bytes may take several hundred.
pub(super) const MAX_RECORDS_OF_PAGE: u64 = 50_000;
/// The rows of a full page if there is no paging information (Dropsuite's document, e.g. "GET /calendars": "max 25").
pub(super) const FULL_PAGE: u64 = 25;
/// Fields of error bodies, whatever the status, that no record has.
const FIELDS_OF_ERRORS: [&str; 3] = ["error", "message", "code"];
/// A field of error bodies that a record may have as well, beside others.
const ERRORS: &str = "errors";
/// Replaces invalid UTF-8; no text from a vendor contains it.
const REPLACEMENT: u8 = 0x7f;

/// The envelopes of one vendor.
#[derive(Debug)]
pub(super) struct Envelope {
    /// What a bare array, which has no paging information, means.
    pub(super) bare: WithoutPagination,
    /// The keys that may hold the list in an object, and what missing paging information means.
    pub(super) lists: &'static [(&'static str, WithoutPagination)],
    /// The fields that identify an object as a single record; none if records never stand alone.
    pub(super) record: &'static [&'static str],
}

/// What is known about a page once its records were passed on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// The number of records.
    pub(super) rows: u64,
    /// What it says about further pages.
    pub(super) next: NextPage,
    /// How it was wrapped: the key of the list, or another word.
    pub(super) wrapping: &'static str,
}

impl Envelope {
    /// Whether the key of a list occurs anywhere in this JSON.
    fn may_be_in(&self, text: &str) -> bool {
        self.lists.iter().any(|(key, _)| text.contains(&format!("\"{key}\"")))
    }

    const fn bare_page(&self, rows: u64) -> Page {
        let next = match self.bare {
            WithoutPagination::MayContinue | WithoutPagination::NamesNext => {
                NextPage::Unstated { full_page: FULL_PAGE }
            }
            WithoutPagination::Ends => NextPage::End,
        };
        Page { rows, next, wrapping: "a bare list" }
    }
}

impl Page {
    /// Reads one body. `visit` gets each record, or `Err` if it is not an object, even if the page turns out to be
    /// invalid in the end.
    pub(super) fn read<T: Record>(
        body: &[u8],
        envelope: &Envelope,
        visit: &mut impl FnMut(Result<T, Undecodable>),
    ) -> Result<Self, ErrorKind> {
        // Counting takes time, and each record takes two bytes.
        let may_be_long = body.len() as u64 > 2 * MAX_RECORDS_OF_PAGE;
        if may_be_long && body.iter().filter(|byte| **byte == b'{').count() as u64 > MAX_RECORDS_OF_PAGE {
            return Err(too_many());
        }
        let text = valid(body);
        let mut rows = Rows { visit, count: 0, is_repaired: matches!(text, Cow::Owned(_)) };
        // Most responses are bare lists of readable records, which can be read in one pass.
        let is_bare = text.trim_ascii_start().starts_with('[') && !envelope.may_be_in(&text);
        if is_bare && rows.readable(&text) {
            return Ok(envelope.bare_page(rows.count));
        }
        let document: &RawValue = serde_json::from_str(&text).map_err(|error| not_json(body, &error))?;
        match first_byte(document) {
            b'[' => rows.array(document, envelope),
            b'{' => rows.object(document, envelope),
            other => Err(ErrorKind::Shape { found: describe(other) }),
        }
    }
}

/// Passes records on and counts them.
struct Rows<'v, F> {
    visit: &'v mut F,
    count: u64,
    is_repaired: bool,
}

impl<F> Rows<'_, F> {
    /// Passes one record on; returns false if there are too many.
    fn push<T>(&mut self, record: Result<T, Undecodable>) -> bool
    where
        F: FnMut(Result<T, Undecodable>),
    {
        self.count += 1;
        let is_within = self.count <= MAX_RECORDS_OF_PAGE;
        if is_within {
            (self.visit)(record);
        }
        is_within
    }

    /// Reads a list in one pass; returns false at the first unreadable record, which is not passed on.
    fn readable<T: Record>(&mut self, list: &str) -> bool
    where
        F: FnMut(Result<T, Undecodable>),
    {
        !self.is_repaired && each(list, |Object(record)| self.push(Ok(record))).is_ok()
    }

    fn decoded<T: Record>(&self, raw: &RawValue) -> Result<T, Undecodable> {
        if self.is_repaired && raw.get().as_bytes().contains(&REPLACEMENT) { Err(Undecodable) } else { record(raw) }
    }

    /// Reads a list in two passes, so that an unreadable record loses no other; the first `read` were already passed
    /// on.
    fn elements<'de>(
        &mut self,
        list: &'de RawValue,
        read: u64,
        mut hand_over: impl FnMut(&mut Self, &'de RawValue) -> Result<bool, ErrorKind>,
    ) -> Result<(), ErrorKind> {
        let (mut position, mut failure) = (0, None);
        let result = each(list.get(), |element: &'de RawValue| {
            position += 1;
            position <= read || hand_over(self, element).unwrap_or_else(|kind| failure.replace(kind).is_some())
        });
        match (failure, result) {
            (Some(kind), _) => Err(kind),
            (None, Ok(())) => Ok(()),
            (None, Err(_)) if self.count > MAX_RECORDS_OF_PAGE => Err(too_many()),
            (None, Err(_)) => Err(ErrorKind::Shape { found: describe(first_byte(list)) }),
        }
    }

    /// An array of records, or of envelopes, of which the paging information of the last one applies.
    fn array<T: Record>(mut self, array: &RawValue, envelope: &Envelope) -> Result<Page, ErrorKind>
    where
        F: FnMut(Result<T, Undecodable>),
    {
        let mut page = envelope.bare_page(0);
        let read = self.count;
        self.elements(array, read, |rows, element| match Unwrapped::of(element, envelope) {
            Some(Unwrapped { list: Some((kind, list)), pagination, .. }) => {
                let (key, without) = envelope.lists[kind];
                rows.list(list)?;
                page = Page { rows: 0, next: next_page(pagination, rows.count, without)?, wrapping: key };
                Ok(true)
            }
            _ => {
                let record = rows.decoded(element);
                Ok(rows.push(record))
            }
        })?;
        Ok(Page { rows: self.count, ..page })
    }

    fn object<T: Record>(mut self, object: &RawValue, envelope: &Envelope) -> Result<Page, ErrorKind>
    where
        F: FnMut(Result<T, Undecodable>),
    {
        match Unwrapped::of(object, envelope) {
            Some(Unwrapped { list: Some((kind, list)), pagination, .. }) => {
                let (key, without) = envelope.lists[kind];
                self.list(list)?;
                let next = next_page(pagination, self.count, without)?;
                Ok(Page { rows: self.count, next, wrapping: key })
            }
            Some(Unwrapped { is_record: true, .. }) => {
                let record = self.decoded(object);
                self.push(record);
                Ok(Page { rows: 1, next: NextPage::End, wrapping: "a lone record" })
            }
            _ => Err(ErrorKind::Shape { found: "an object" }),
        }
    }

    /// Reads the records in an envelope's list.
    fn list<T: Record>(&mut self, list: &RawValue) -> Result<(), ErrorKind>
    where
        F: FnMut(Result<T, Undecodable>),
    {
        let before = self.count;
        if self.readable(list.get()) {
            return Ok(());
        }
        self.elements(list, self.count - before, |rows, element| {
            let record = rows.decoded(element);
            Ok(rows.push(record))
        })
    }
}

const fn too_many() -> ErrorKind {
    ErrorKind::TooManyRecords { limit: MAX_RECORDS_OF_PAGE, of: "page" }
}

/// The body as text; invalid UTF-8, which is rare, is replaced byte by byte with U+007F.
#[must_use]
pub fn valid(body: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(body) {
        return Cow::Borrowed(text);
    }
    let chunks = body.utf8_chunks();
    Cow::Owned(chunks.fold(String::with_capacity(body.len()), |mut text, chunk| {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::from(REPLACEMENT)));
        text
    }))
}

/// The parts of an object that matter for finding a list in it.
struct Unwrapped<'a> {
    /// The index and the value of the envelope's list; the first one if there are several.
    list: Option<(usize, &'a RawValue)>,
    pagination: Option<&'a RawValue>,
    /// Whether it has a field that identifies a single record, and is not an error with an id.
    is_record: bool,
}

impl<'a> Unwrapped<'a> {
    /// `None` if it is not an object.
    fn of(object: &'a RawValue, envelope: &Envelope) -> Option<Self> {
        let mut json = serde_json::Deserializer::from_str(object.get());
        (first_byte(object) == b'{').then(|| json.deserialize_map(UnwrappedVisitor(envelope)).ok()).flatten()
    }
}

struct UnwrappedVisitor<'e>(&'e Envelope);

impl<'de> Visitor<'de> for UnwrappedVisitor<'_> {
    type Value = Unwrapped<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut found = Unwrapped { list: None, pagination: None, is_record: false };
        let (mut is_error, mut has_errors, mut has_others) = (false, false, false);
        while let Some(key) = fields.next_key_seed(KeySeed(self.0))? {
            match key {
                Key::List(kind) => {
                    let list = fields.next_value()?;
                    if found.list.is_none_or(|(known, _)| kind <= known) {
                        found.list = Some((kind, list));
                    }
                }
                Key::Pagination => found.pagination = Some(fields.next_value()?),
                Key::OfRecord | Key::OfError | Key::Errors | Key::Other => {
                    found.is_record |= matches!(key, Key::OfRecord);
                    is_error |= matches!(key, Key::OfError);
                    has_errors |= matches!(key, Key::Errors);
                    has_others |= matches!(key, Key::Other);
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        found.is_record &= !is_error && (has_others || !has_errors);
        Ok(found)
    }
}

enum Key {
    List(usize),
    Pagination,
    OfRecord,
    OfError,
    Errors,
    Other,
}

struct KeySeed<'e>(&'e Envelope);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Key;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Key, E> {
        Ok(match self.0.lists.iter().position(|(list, _)| *list == key) {
            Some(kind) => Key::List(kind),
            None if key == "pagination" => Key::Pagination,
            None if self.0.record.contains(&key) => Key::OfRecord,
            None if FIELDS_OF_ERRORS.contains(&key) => Key::OfError,
            None if key == ERRORS => Key::Errors,
            None => Key::Other,
        })
    }
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

/// The position at which a body stops being JSON, but never its content.
fn not_json(body: &[u8], error: &serde_json::Error) -> ErrorKind {
    let found = match body.trim_ascii_start().first() {
        None => "it is empty",
        Some(b'<') => "it looks like HTML",
        Some(_) if error.is_eof() => "it is cut off",
        Some(b'{' | b'[') => "it is malformed",
        Some(_) => "it looks like plain text",
    };
    ErrorKind::Decode { found, line: error.line(), column: error.column() }
}

/// The records of one body, for the tests of what is made of them.
#[cfg(test)]
pub(super) fn records<T: Record>(body: &[u8], envelope: &Envelope) -> Result<Vec<Result<T, Undecodable>>, ErrorKind> {
    let mut records = Vec::new();
    Page::read(body, envelope, &mut |record| records.push(record)).map(|_| records)
}

#[cfg(test)]
mod tests;
