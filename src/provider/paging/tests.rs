//! Lists of pages, whole and broken: what is received, and what is asked for.

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::provider::digest::digest;
use crate::provider::field::{Field, Id};
use crate::provider::page::{Envelope, WithoutPagination};
use crate::provider::record::bytes_of;

#[derive(Debug, Default, Hash, Deserialize)]
#[serde(default)]
struct Row {
    id: Field<Id>,
}

impl Record for Row {
    fn key(&self) -> Option<u64> {
        self.id.value().map(digest)
    }

    fn kept_bytes(&self) -> u64 {
        bytes_of(self)
    }
}

const ENVELOPE: Envelope = Envelope {
    bare: WithoutPagination::MayContinue,
    lists: &[("result_set", WithoutPagination::MayContinue), ("data", WithoutPagination::NamesNext)],
    record: &["id"],
};

/// Reads lists until one is complete: the ids handed over, and the pages asked for.
///
/// `answer` gives the page of a number; the second argument counts the requests.
fn read_from(answer: impl Fn(u64, usize) -> String) -> Result<(Vec<String>, Vec<u64>), ErrorKind> {
    let (mut progress, mut received, mut asked) = (Progress::new(), Vec::new(), vec![1]);
    loop {
        let body = answer(asked[asked.len() - 1], asked.len());
        let page = Page::read(body.as_bytes(), &ENVELOPE, &mut |record: Result<Row, Undecodable>| {
            if progress.is_new(&record) {
                received.push(record.ok().and_then(|row| row.id.value().map(|id| id.0.clone())).unwrap_or_default());
            }
        })?;
        match progress.advance(page)? {
            Step::Done => return Ok((received, asked)),
            Step::Again => asked.push(1),
            Step::Ask(page) => asked.push(page),
            Step::Follow(link) => asked.push(link.rsplit_once("page=").unwrap().1.parse().unwrap()),
        }
    }
}

/// Reads `pages`, of which the last is given for every number beyond it: how many records, and the pages asked for.
fn read(pages: &[String]) -> Result<(usize, Vec<u64>), ErrorKind> {
    let page = |number: u64| pages[usize::try_from(number).unwrap().min(pages.len()) - 1].clone();
    read_from(|number, _| page(number)).map(|(received, asked)| (received.len(), asked))
}

fn rows(ids: std::ops::Range<usize>) -> String {
    format!("[{}]", ids.map(|id| format!(r#"{{"id":{id}}}"#)).collect::<Vec<_>>().join(","))
}

fn counted(ids: std::ops::Range<usize>, entries: usize, pages: usize) -> String {
    let rows = rows(ids);
    format!(r#"{{"result_set":{rows},"pagination":{{"total_entries":{entries},"total_pages":{pages}}}}}"#)
}

#[test]
fn a_bare_array_ends_with_a_page_that_is_not_full() {
    assert_eq!(read(&[rows(0..0)]), Ok((0, vec![1])));
    assert_eq!(read(&[rows(0..24)]), Ok((24, vec![1])));
    assert_eq!(read(&[rows(0..25), rows(25..25)]), Ok((25, vec![1, 2])));
    assert_eq!(read(&[rows(0..25), rows(25..26)]), Ok((26, vec![1, 2])));
    assert_eq!(read(&[rows(0..25), rows(25..50), rows(50..57)]), Ok((57, vec![1, 2, 3])));
}

#[test]
fn a_page_that_is_named_beyond_the_announced_total_is_a_contradiction() {
    let page = |ids, pagination: &str| format!(r#"{{"result_set":{},"pagination":{{{pagination}}}}}"#, rows(ids));
    let contradiction = Err(ErrorKind::Pagination { reason: "a page after the last of the announced ones is named" });
    for pagination in [
        r#""total_pages":1,"next_page":2"#,
        r#""total_entries":20,"next_page":"2""#,
        r#""total_pages":1,"total_entries":20,"next_url":"/list?page=2""#,
        r#""total_pages":1,"next_link":"/list?page=2""#,
    ] {
        assert_eq!(read(&[page(0..20, pagination)]), contradiction, "{pagination}");
    }
    let first = page(0..20, r#""total_pages":2,"next_page":2"#);
    let last = |pagination| page(20..25, pagination);
    assert_eq!(read(&[first.clone(), last(r#""total_pages":2,"next_page":null"#)]), Ok((25, vec![1, 2])));
    assert_eq!(read(&[first, last(r#""total_pages":2,"next_page":3"#)]), contradiction);
}

#[test]
fn a_server_that_ignores_the_page_does_not_loop() {
    assert_eq!(read(&[rows(0..301)]), Ok((301, vec![1, 2])));
    assert_eq!(read(&[rows(0..25)]), Ok((25, vec![1, 2, 1, 2])), "page 2 may have been the wrong one");
    let repeated = counted(0..20, 41, 3);
    assert_eq!(read(&[repeated]), Err(ErrorKind::RepeatedPage { page: 2 }));
    let itself = r#"{"data":[{"id":1}],"pagination":{"next_page":1}}"#.to_owned();
    assert_eq!(read(&[itself]), Err(ErrorKind::RepeatedPage { page: 1 }));
}

#[test]
fn a_short_page_is_not_the_end_where_totals_are_given() {
    let pages = [counted(0..20, 41, 3), counted(20..40, 41, 3), counted(40..41, 41, 3)];
    assert_eq!(read(&pages), Ok((41, vec![1, 2, 3])));
    assert_eq!(read(&[counted(0..0, 0, 1)]), Ok((0, vec![1])), "an empty list still has one page");
    let entries = |ids| format!(r#"{{"result_set":{},"pagination":{{"total_entries":41}}}}"#, rows(ids));
    assert_eq!(read(&[entries(0..20), entries(20..40), entries(40..41)]), Ok((41, vec![1, 2, 3])));
}

#[test]
fn pages_of_unknown_number_and_length_are_read_until_one_brings_nothing() {
    let page = |ids| format!(r#"{{"result_set":{},"pagination":{{"per_page":100}}}}"#, rows(ids));
    assert_eq!(read(&[page(0..20), page(20..40), page(40..47), page(47..47)]), Ok((47, vec![1, 2, 3, 4])));
    assert_eq!(read(&[page(0..20)]), Ok((20, vec![1, 2, 1, 2])), "a server that ignores the page, twice the same");
    assert_eq!(read(&[page(0..0)]), Ok((0, vec![1])));
    let silent = |ids| format!(r#"{{"result_set":{}}}"#, rows(ids));
    assert_eq!(read(&[silent(0..10), silent(10..13), silent(13..13)]), Ok((13, vec![1, 2, 3])));
    assert_eq!(read(&[silent(0..10)]), Ok((10, vec![1, 2])));
}

#[test]
fn fewer_records_than_announced_are_incomplete() {
    let incomplete = Err(ErrorKind::Incomplete { received: 30, announced: 41 });
    assert_eq!(read(&[counted(0..20, 41, 2), counted(20..30, 41, 2)]), incomplete);
    assert_eq!(read(&[counted(0..20, 41, 2), counted(10..30, 41, 2)]), Err(ErrorKind::Moved));
    let nothing = Err(ErrorKind::RepeatedPage { page: 2 });
    assert_eq!(read(&[counted(0..20, 41, 3), counted(20..20, 41, 3)]), nothing);
    assert_eq!(read(&[counted(0..20, 20, 2), counted(20..20, 20, 2)]), nothing, "the last announced page is empty");
    let pages = |ids, pages: u64| format!(r#"{{"result_set":{},"pagination":{{"total_pages":{pages}}}}}"#, rows(ids));
    assert_eq!(read(&[pages(0..20, 3), pages(20..40, 2)]), Err(ErrorKind::Moved), "a total that became smaller");
    assert_eq!(
        read(&[pages(0..20, 3), rows(20..20)]),
        Err(ErrorKind::Pagination { reason: "the envelope changed between pages" })
    );
}

#[test]
fn the_next_page_is_followed_to_the_page_without_one() {
    let page = |ids, next: &str| format!(r#"{{"data":{},"pagination":{{"per_page":3{next}}}}}"#, rows(ids));
    let pages = [page(0..3, r#","next_page":2"#), page(3..6, r#","next_page":3"#), page(6..7, "")];
    assert_eq!(read(&pages), Ok((7, vec![1, 2, 3])));
    let lost = [page(0..3, ""), page(3..6, ""), page(6..7, "")];
    assert_eq!(read(&lost), Ok((7, vec![1, 2, 3])), "a full page that names no next one may have lost it");
    let links = [page(0..3, r#","next_page":"/a?page=2""#), page(3..6, r#","next_url":"/a?page=3""#), page(6..7, "")];
    assert_eq!(read(&links), Ok((7, vec![1, 2, 3])));
    let skipping = page(0..3, r#","next_page":3"#);
    assert_eq!(read(&[skipping]), Err(ErrorKind::Pagination { reason: "next_page skips pages" }));
    let empty = [page(0..3, r#","next_page":2"#), page(3..3, "")];
    assert_eq!(read(&empty), Err(ErrorKind::RepeatedPage { page: 2 }));
}

#[test]
fn links_are_followed_until_one_is_null_or_absent() {
    let page = |ids, link: &str| format!(r#"{{"result_set":{},"pagination":{{{link}}}}}"#, rows(ids));
    for end in [r#""next_link":null"#, ""] {
        let pages =
            [page(0..3, r#""next_link":"/a?page=2""#), page(3..6, r#""next_link":"/a?page=3""#), page(6..7, end)];
        assert_eq!(read(&pages), Ok((7, vec![1, 2, 3])), "{end}");
    }
    assert_eq!(read(&[page(0..100, r#""next_link":null"#)]), Ok((100, vec![1])), "nothing is asked past the end");
}

/// The bare pages of a list that grows at its front after so many requests.
fn growing_after(requests: usize) -> impl Fn(u64, usize) -> String {
    move |page, request| {
        let length = if request > requests { 61 } else { 60 };
        let first = usize::try_from(page - 1).unwrap() * 25;
        // The newest row comes first.
        let ids: Vec<_> = (0..length).rev().skip(first).take(25).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
        format!("[{}]", ids.join(","))
    }
}

#[test]
fn a_list_that_moves_is_read_again_once_and_what_is_new_is_added() {
    let (received, asked) = read_from(growing_after(1)).unwrap();
    assert_eq!(asked, [1, 2, 1, 2, 3]);
    let distinct: std::collections::BTreeSet<_> = received.iter().collect();
    assert_eq!((received.len(), distinct.len()), (61, 61), "none is missing, and none is counted twice");
    assert_eq!(read_from(growing_after(0)).unwrap().1, [1, 2, 3]);
    assert_eq!(read_from(growing_after(3)).unwrap().1, [1, 2, 3], "it moved when the list had been read");
}

#[test]
fn a_list_that_goes_on_moving_is_incomplete() {
    let ever = |page: u64, request: usize| {
        let first = usize::try_from(page - 1).unwrap() * 25;
        let ids: Vec<_> = (0..60 + request).rev().skip(first).take(25).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
        format!("[{}]", ids.join(","))
    };
    assert_eq!(read_from(ever), Err(ErrorKind::Moved));
    let overlapping = [counted(0..15, 30, 2), counted(14..29, 30, 2)];
    assert_eq!(read(&overlapping), Err(ErrorKind::Moved), "30 announced and 29 distinct");
    let overlapping = [rows(0..25), rows(24..30)];
    assert_eq!(read(&overlapping), Err(ErrorKind::Moved));
}

#[test]
fn a_total_that_changes_has_moved_the_list() {
    let deleted_behind = |page: u64, request: usize| match (page, request) {
        (1, 1) => counted(0..20, 41, 3),
        // Row 3 went, so row 20 moved to the first page, which was read before.
        (1, _) => format!(
            r#"{{"result_set":[{{"id":20}},{}],"pagination":{{"total_entries":40,"total_pages":2}}}}"#,
            rows(0..19).trim_matches(['[', ']'])
        ),
        _ => counted(21..41, 40, 2),
    };
    let (received, asked) = read_from(deleted_behind).unwrap();
    assert_eq!(asked, [1, 2, 1, 2]);
    assert!(received.contains(&"20".to_owned()), "{received:?}");
}

#[test]
fn a_repeated_row_of_one_page_is_handed_over_once() {
    assert_eq!(read(&["[{\"id\":1},{\"id\":1},{\"id\":2}]".to_owned()]), Ok((2, vec![1])));
}

#[test]
fn more_records_than_a_list_may_have_are_an_error() {
    let answer = |page: u64, _| {
        let page = usize::try_from(page - 1).unwrap();
        format!(r#"{{"result_set":{},"pagination":{{}}}}"#, rows(page * 40_000..(page + 1) * 40_000))
    };
    let limit = MAX_RECORDS_OF_LIST;
    assert_eq!(read_from(answer), Err(ErrorKind::TooManyRecords { limit, of: "list" }));
}

#[test]
fn records_that_are_too_large_together_are_an_error_and_are_not_kept() {
    let ids = |page: u64| (0..10_000).map(move |row| format!(r#"{{"id":"{page} {row:0250}"}}"#)).collect::<Vec<_>>();
    let (mut progress, mut kept) = (Progress::new(), 0);
    let failure = loop {
        let body = format!(r#"{{"result_set":[{}],"pagination":{{}}}}"#, ids(progress.page()).join(","));
        let page = Page::read(body.as_bytes(), &ENVELOPE, &mut |record: Result<Row, Undecodable>| {
            kept += if progress.is_new(&record) { record.map_or(0, |row| row.id.value().unwrap().0.len()) } else { 0 };
        });
        match progress.advance(page.unwrap()) {
            Ok(step) => assert!(matches!(step, Step::Ask(_)), "{step:?}"),
            Err(failure) => break failure,
        }
    };
    assert_eq!(failure, ErrorKind::ListTooLarge { limit: MAX_KEPT_BYTES });
    assert!(kept as u64 <= MAX_KEPT_BYTES && kept > 10_000_000, "{kept}");
}

#[test]
fn a_list_has_only_so_many_pages() {
    let page_of = |pages: u64| {
        move |page: u64, _| format!(r#"{{"result_set":[{{"id":{page}}}],"pagination":{{"total_pages":{pages}}}}}"#)
    };
    for (pages, expected) in
        [(1, Ok(1)), (MAX_PAGES, Ok(MAX_PAGES)), (MAX_PAGES + 1, Err(ErrorKind::RepeatedPage { page: MAX_PAGES }))]
    {
        let read = read_from(page_of(pages)).map(|(received, _)| received.len() as u64);
        assert_eq!(read, expected, "{pages} pages");
    }
}

#[test]
fn records_without_an_id_are_all_new() {
    assert_eq!(read(&["[{},{},7]".to_owned()]), Ok((3, vec![1])));
    let keyless = |page: u64, request: usize| match (page, request) {
        (1, _) => format!("[{}]", vec!["{}"; 25].join(",")),
        _ => "[{},7]".to_owned(),
    };
    assert_eq!(read_from(keyless).unwrap().0.len(), 27);
}

proptest! {
    /// A list that moves at any moment, in any of the styles, is read whole or fails.
    #[test]
    fn no_list_that_calls_itself_complete_lacks_a_record(
        length in 0_usize..130,
        at in 1_usize..12,
        is_insertion in any::<bool>(),
        place in 0_usize..130,
        style in 0..3,
    ) {
        let before: Vec<usize> = (0..length).collect();
        let mut after = before.clone();
        if is_insertion {
            after.insert(place.min(length), 1_000);
        }
        let answer = |page: u64, request: usize| {
            let list = if request >= at { &after } else { &before };
            let page = usize::try_from(page).unwrap();
            let ids: Vec<_> = list.iter().skip((page - 1) * 25).take(25).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
            let (pages, entries) = (list.len().div_ceil(25).max(1), list.len());
            let next = if page < pages { format!(r#","next_page":{}"#, page + 1) } else { String::new() };
            match style {
                0 => format!("[{}]", ids.join(",")),
                1 => format!(
                    r#"{{"result_set":[{}],"pagination":{{"total_entries":{entries},"total_pages":{pages}}}}}"#,
                    ids.join(",")
                ),
                _ => format!(r#"{{"data":[{}],"pagination":{{"per_page":25{next}}}}}"#, ids.join(",")),
            }
        };
        if let Ok((received, _)) = read_from(answer) {
            let distinct: std::collections::BTreeSet<_> = received.iter().collect();
            prop_assert_eq!(distinct.len(), received.len());
            for id in before {
                prop_assert!(distinct.contains(&id.to_string()), "{} is missing", id);
            }
        }
    }
}
