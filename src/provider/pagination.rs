//! Reads the paging information of a page; information that is present but unreadable never means the end.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::ErrorKind;
use super::field::{Count, Field, Scalar};
use super::record::Object;

/// What missing paging information means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WithoutPagination {
    /// There may be more pages.
    MayContinue,
    /// Paging information contains the next page, so its absence means the end; without any paging there may be more.
    NamesNext,
    /// There are no more pages.
    Ends,
}

/// What a page says about further pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NextPage {
    /// Nothing: a page with at least this many rows may have a successor.
    Unstated {
        /// The rows of a full page.
        full_page: u64,
    },
    /// There are more pages, but neither their number nor their size is known: only a page without new records is the
    /// end.
    Unbounded,
    /// There are no more pages.
    End,
    /// The number of the next page.
    Number(u64),
    /// The URL of the next page.
    Link(String),
    /// The totals; at least one of them is known.
    Total {
        /// Pages.
        pages: Option<u64>,
        /// Records.
        entries: Option<u64>,
    },
}

/// The `pagination` of an envelope, in the four known styles.
///
/// Dropsuite counts pages and entries next to `result_set`, names the next page and its URL next to `data` (the
/// document, "GET /users/#{id}/delegated"), or has a `next_link` that is null at the end (public clients). Datto counts
/// pages; its `count` may refer to the page or the list, and is ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pagination {
    next_page: Field<Next>,
    next_url: Field<Link>,
    next_link: Field<Link>,
    total_entries: Field<Count>,
    #[serde(alias = "totalPages")]
    total_pages: Field<Count>,
    #[serde(alias = "perPage")]
    per_page: Field<Count>,
}

/// The next page, by number or URL.
#[derive(Debug)]
enum Next {
    Number(u64),
    Link(String),
}

impl Scalar for Next {
    fn text(text: &str) -> Field<Self> {
        match (text.trim().parse(), Link::text(text)) {
            (Ok(number), _) => Field::Retyped(Self::Number(number)),
            (_, Field::Value(Link(link))) => Field::Retyped(Self::Link(link)),
            _ => Field::Unreadable,
        }
    }
    fn unsigned(number: u64) -> Field<Self> {
        Field::Value(Self::Number(number))
    }
}

/// The URL of a page.
#[derive(Debug)]
struct Link(String);

impl Scalar for Link {
    fn text(text: &str) -> Field<Self> {
        // A plain word is not a URL, although it could be read as a relative one.
        let is_address = text.contains(['/', '?']) && text.len() <= MAX_LINK_LENGTH;
        if is_address { Field::Value(Self(text.trim().to_owned())) } else { Field::Unreadable }
    }
}

/// Maximum length of a link.
const MAX_LINK_LENGTH: usize = 4096;

/// What `pagination` says next to a list of this many rows; `None` if there is none.
pub(super) fn next_page(
    pagination: Option<&RawValue>,
    rows: u64,
    without: WithoutPagination,
) -> Result<NextPage, ErrorKind> {
    let unreadable = |reason| Err(ErrorKind::Pagination { reason });
    let pagination = match pagination.map(|raw| serde_json::from_str::<Option<Object<Pagination>>>(raw.get())) {
        None | Some(Ok(None)) if without == WithoutPagination::Ends => return Ok(NextPage::End),
        None | Some(Ok(None)) => return Ok(NextPage::Unstated { full_page: 1 }),
        Some(Ok(Some(Object(pagination)))) => pagination,
        Some(Err(_)) => return unreadable("pagination is not a readable object"),
    };
    let Pagination { next_page, next_url, next_link, total_entries, total_pages, per_page } = pagination;
    if matches!(total_pages, Field::Unreadable) {
        return unreadable("the total number of pages is unreadable");
    }
    if matches!(total_entries, Field::Unreadable) {
        return unreadable("the total number of records is unreadable");
    }
    let (pages, entries) = (number(&total_pages), number(&total_entries));
    if pages.is_some() || entries.is_some() {
        return Ok(NextPage::Total { pages, entries });
    }
    match next_page {
        Field::Value(Next::Number(number)) | Field::Retyped(Next::Number(number)) => {
            return Ok(NextPage::Number(number));
        }
        Field::Value(Next::Link(link)) | Field::Retyped(Next::Link(link)) => return Ok(NextPage::Link(link)),
        Field::Unreadable => return unreadable("next_page is unreadable"),
        Field::Absent | Field::Null => {}
    }
    match next_url {
        Field::Value(Link(link)) | Field::Retyped(Link(link)) => return Ok(NextPage::Link(link)),
        Field::Unreadable => return unreadable("next_url is unreadable"),
        Field::Absent | Field::Null => {}
    }
    match next_link {
        Field::Value(Link(link)) | Field::Retyped(Link(link)) => return Ok(NextPage::Link(link)),
        Field::Unreadable => return unreadable("next_link is unreadable"),
        Field::Null => return Ok(NextPage::End),
        Field::Absent => {}
    }
    let has_totals = matches!(total_pages, Field::Null) || matches!(total_entries, Field::Null);
    // `per_page` may be the requested size instead of the actual one, so a shorter page only proves the end if all
    // pages but the last name the next one; and a full page may have lost that name.
    let is_full = rows > 0 && number(&per_page).is_none_or(|per_page| rows >= per_page);
    let may_continue = without == WithoutPagination::MayContinue || has_totals || is_full;
    Ok(if may_continue { NextPage::Unbounded } else { NextPage::End })
}

fn number(field: &Field<Count>) -> Option<u64> {
    field.value().map(|count| count.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pagination: &str, rows: u64, without: WithoutPagination) -> Result<NextPage, ErrorKind> {
        let raw: &RawValue = serde_json::from_str(pagination).unwrap();
        next_page(Some(raw), rows, without)
    }

    #[test]
    fn the_four_styles_say_what_comes_next() {
        use WithoutPagination::{Ends, MayContinue, NamesNext};
        let link = |link: &str| NextPage::Link(link.to_owned());
        for (pagination, rows, without, expected) in [
            ("null", 20, MayContinue, NextPage::Unstated { full_page: 1 }),
            ("null", 20, NamesNext, NextPage::Unstated { full_page: 1 }),
            ("null", 20, Ends, NextPage::End),
            (r#"{"current_page":1,"per_page":20}"#, 20, MayContinue, NextPage::Unbounded),
            (
                r#"{"total_entries":41,"total_pages":3}"#,
                20,
                MayContinue,
                NextPage::Total { pages: Some(3), entries: Some(41) },
            ),
            (r#"{"total_pages":"3"}"#, 20, MayContinue, NextPage::Total { pages: Some(3), entries: None }),
            (r#"{"totalPages":3,"perPage":1}"#, 1, Ends, NextPage::Total { pages: Some(3), entries: None }),
            (r#"{"total_entries":41}"#, 20, MayContinue, NextPage::Total { pages: None, entries: Some(41) }),
            (
                r#"{"total_pages":null,"total_entries":41}"#,
                20,
                Ends,
                NextPage::Total { pages: None, entries: Some(41) },
            ),
            (r#"{"totalPages":null,"perPage":100}"#, 1, Ends, NextPage::Unbounded),
            (r#"{"current_page":1,"next_page":2}"#, 3, NamesNext, NextPage::Number(2)),
            (r#"{"next_page":"2"}"#, 3, NamesNext, NextPage::Number(2)),
            (r#"{"next_page":"/api/list?page=2"}"#, 3, NamesNext, link("/api/list?page=2")),
            (r#"{"next_page":null,"next_url":"/api/list?page=2"}"#, 3, NamesNext, link("/api/list?page=2")),
            (r#"{"next_url":"/api/list?page=2"}"#, 3, NamesNext, link("/api/list?page=2")),
            (
                r#"{"next_link":"https://vendor/api/list?page=2"}"#,
                3,
                MayContinue,
                link("https://vendor/api/list?page=2"),
            ),
            (r#"{"next_link":null}"#, 100, MayContinue, NextPage::End),
            (r#"{"current_page":5,"per_page":0,"prev_page":4}"#, 0, NamesNext, NextPage::End),
            (r#"{"current_page":2,"per_page":100,"prev_page":1}"#, 99, NamesNext, NextPage::End),
            (r#"{"current_page":2,"per_page":100,"prev_page":1}"#, 100, NamesNext, NextPage::Unbounded),
            (r#"{"prev_page":1}"#, 3, NamesNext, NextPage::Unbounded),
        ] {
            assert_eq!(read(pagination, rows, without), Ok(expected), "{pagination}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_never_the_end() {
        for pagination in [
            "7",
            "[]",
            "\"x\"",
            "true",
            r#"{"total_pages":"1 of 3"}"#,
            r#"{"total_pages":-1}"#,
            r#"{"total_pages":[3]}"#,
            r#"{"totalPages":""}"#,
            r#"{"total_entries":1e300,"total_pages":3}"#,
            r#"{"total_entries":{}}"#,
            r#"{"total_pages":1,"totalPages":3}"#,
            r#"{"next_page":""}"#,
            r#"{"next_page":"next"}"#,
            r#"{"next_page":false}"#,
            r#"{"next_page":-1}"#,
            r#"{"next_url":"x"}"#,
            r#"{"next_url":7}"#,
            r#"{"next_link":""}"#,
            r#"{"next_link":[]}"#,
        ] {
            for without in [WithoutPagination::MayContinue, WithoutPagination::NamesNext, WithoutPagination::Ends] {
                let found = read(pagination, 3, without);
                assert!(matches!(found, Err(ErrorKind::Pagination { .. })), "{pagination}: {found:?}");
            }
        }
    }

    /// Whatever is done to one field of a page that has successors, the list does not end with it.
    #[test]
    fn no_change_of_one_field_ends_a_list_that_goes_on() {
        use serde_json::{Value, json};
        for (pagination, without) in [
            (
                json!({"current_page":1,"per_page":20,"total_entries":41,"total_pages":3}),
                WithoutPagination::MayContinue,
            ),
            (json!({"page":1,"perPage":20,"totalPages":3,"count":41}), WithoutPagination::Ends),
            (
                json!({"current_page":1,"per_page":20,"next_page":2,"next_url":"/api/list?page=2"}),
                WithoutPagination::NamesNext,
            ),
            (json!({"current_page":1,"per_page":20}), WithoutPagination::MayContinue),
        ] {
            for name in pagination.as_object().unwrap().keys() {
                for value in [
                    None,
                    Some(Value::Null),
                    Some(json!("")),
                    Some(json!([])),
                    Some(json!({})),
                    Some(json!("x")),
                    Some(json!(-1)),
                    Some(json!(false)),
                ] {
                    let mut changed = pagination.clone();
                    match &value {
                        Some(value) => changed[name] = value.clone(),
                        None => drop(changed.as_object_mut().unwrap().remove(name)),
                    }
                    assert_ne!(read(&changed.to_string(), 20, without), Ok(NextPage::End), "{changed}");
                }
            }
        }
    }
}
