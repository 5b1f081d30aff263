//! Reads a whole list, page by page, and decides where it ends.
//!
//! Where totals are given they decide, however short a page is. Where a page
//! names its successor, that decides. A bare full page is followed by the next
//! until one is short; paged envelopes without totals are followed until one
//! brings nothing new. A server that ignores `page` repeats itself for ever, so
//! that ends every list.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::ErrorKind;
use super::page::{NextPage, Page};
use super::record::{Record, Undecodable};

/// The rows of a full page where nothing is said of pages (Dropsuite's document, e.g. "GET /calendars": "max 25").
const FULL_PAGE: usize = 25;
/// No fleet has so many pages; a server that never ends its list does.
const MAX_PAGES: u64 = 4_000;

/// What to do after a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask for this page.
    Ask(u64),
    /// The list is complete.
    Done,
}

/// How far the reading of a list has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    page: u64,
    seen: HashSet<u64>,
    keyless: u64,
    announced: Option<u64>,
}

impl Progress {
    /// Before the first page.
    pub(super) fn new() -> Self {
        Self { page: 1, ..Self::default() }
    }

    /// Takes in a page: the records not seen before, and what to do next.
    pub(super) fn advance<T: Record>(
        &mut self,
        page: Page<T>,
    ) -> Result<(Vec<Result<T, Undecodable>>, Step), ErrorKind> {
        let rows = page.records.len();
        let fresh: Vec<_> = page.records.into_iter().filter(|record| self.is_new(record.as_ref().ok())).collect();
        let step = match page.next {
            NextPage::End => Step::Done,
            // Past the end the vendor answers with an empty page; a page that names itself would loop.
            NextPage::Number(next) if next <= self.page => return Err(ErrorKind::RepeatedPage { page: self.page }),
            NextPage::Number(next) => self.follow(next, &fresh)?,
            NextPage::Total { pages, entries } => {
                self.announced = entries;
                if self.page < pages { self.follow(self.page + 1, &fresh)? } else { Step::Done }
            }
            NextPage::Unstated if rows < FULL_PAGE || fresh.is_empty() => Step::Done,
            NextPage::Unbounded if fresh.is_empty() => Step::Done,
            NextPage::Unstated | NextPage::Unbounded => self.follow(self.page + 1, &fresh)?,
        };
        match step {
            Step::Ask(next) => self.page = next,
            Step::Done => self.check_complete()?,
        }
        Ok((fresh, step))
    }

    fn follow<T>(&self, next: u64, fresh: &[T]) -> Result<Step, ErrorKind> {
        if fresh.is_empty() || next > MAX_PAGES {
            return Err(ErrorKind::RepeatedPage { page: self.page });
        }
        Ok(Step::Ask(next))
    }

    fn check_complete(&self) -> Result<(), ErrorKind> {
        let received = self.seen.len() as u64 + self.keyless;
        match self.announced {
            Some(announced) if received < announced => Err(ErrorKind::Incomplete { received, announced }),
            _ => Ok(()),
        }
    }

    /// A record without an id cannot be known again, and counts as new.
    fn is_new<T: Record>(&mut self, record: Option<&T>) -> bool {
        let Some(key) = record.and_then(Record::key) else {
            self.keyless += 1;
            return true;
        };
        self.seen.insert(BuildHasherDefault::<DefaultHasher>::default().hash_one(&*key))
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use serde::Deserialize;

    use super::*;
    use crate::provider::field::{Field, Id};
    use crate::provider::page::{Envelope, WithoutPagination};

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Row {
        id: Field<Id>,
    }

    impl Record for Row {
        fn key(&self) -> Option<Cow<'_, str>> {
            self.id.value().map(|id| Cow::Borrowed(id.0.as_str()))
        }
    }

    const ENVELOPE: Envelope = Envelope {
        bare: WithoutPagination::MayContinue,
        lists: &[("result_set", WithoutPagination::MayContinue), ("data", WithoutPagination::Ends)],
        record: &["id"],
    };

    /// Reads `pages` to the end: the records received and the pages asked for.
    fn read(pages: &[String]) -> Result<(usize, Vec<u64>), ErrorKind> {
        let (mut progress, mut received, mut asked) = (Progress::new(), 0, vec![1]);
        loop {
            let index = usize::try_from(asked[asked.len() - 1]).unwrap().min(pages.len()) - 1;
            let (fresh, step) = progress.advance(Page::<Row>::parse(pages[index].as_bytes(), &ENVELOPE).unwrap())?;
            received += fresh.len();
            match step {
                Step::Done => return Ok((received, asked)),
                Step::Ask(page) => asked.push(page),
            }
        }
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
    fn a_server_that_ignores_the_page_does_not_loop() {
        assert_eq!(read(&[rows(0..25)]), Ok((25, vec![1, 2])));
        assert_eq!(read(&[rows(0..300)]), Ok((300, vec![1, 2])));
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
    }

    #[test]
    fn pages_of_unknown_number_and_length_are_read_until_one_brings_nothing() {
        let page = |ids| format!(r#"{{"result_set":{},"pagination":{{"per_page":100}}}}"#, rows(ids));
        assert_eq!(read(&[page(0..20), page(20..40), page(40..47), page(47..47)]), Ok((47, vec![1, 2, 3, 4])));
        assert_eq!(read(&[page(0..20)]), Ok((20, vec![1, 2])), "a server that ignores the page");
        assert_eq!(read(&[page(0..0)]), Ok((0, vec![1])));
    }

    #[test]
    fn fewer_records_than_announced_are_incomplete() {
        let incomplete = Err(ErrorKind::Incomplete { received: 30, announced: 41 });
        assert_eq!(read(&[counted(0..20, 41, 2), counted(20..30, 41, 2)]), incomplete);
        assert_eq!(read(&[counted(0..20, 41, 2), counted(10..30, 41, 2)]), incomplete, "repeated records count once");
        assert_eq!(read(&[counted(0..20, 41, 3), counted(20..20, 41, 3)]), Err(ErrorKind::RepeatedPage { page: 2 }));
    }

    #[test]
    fn links_are_followed_to_the_page_without_one() {
        let page = |ids, next: &str| format!(r#"{{"data":{},"pagination":{{"per_page":3{next}}}}}"#, rows(ids));
        let pages = [page(0..3, r#","next_page":2"#), page(3..6, r#","next_page":3"#), page(6..7, "")];
        assert_eq!(read(&pages), Ok((7, vec![1, 2, 3])));
    }

    #[test]
    fn records_without_an_id_are_all_new() {
        assert_eq!(read(&["[{},{},7]".to_owned()]), Ok((3, vec![1])));
    }
}
