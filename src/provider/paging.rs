//! Reads a whole list, page by page, and decides where it ends.
//!
//! If there are totals, they decide, however short a page is. If a page names its successor, that decides. A full bare
//! page is followed by the next until one is short; paged envelopes without totals are read until a page has no new
//! records. A server that ignores `page` repeats itself forever, so a page without new records ends every list.
//!
//! If a list changes while it is read, records are skipped: others are repeated, or the totals change. It is then read
//! once more, and new records are added; if it changes again, it is incomplete.

use foldhash::{HashMap, HashSet};

use super::ErrorKind;
use super::page::{NextPage, Page};
use super::record::{Record, Undecodable};

/// Maximum number of pages, for servers that never end a list.
const MAX_PAGES: u64 = 4_000;
/// Maximum number of records of one list; no tenant has that many of anything, and no account that many tenants.
///
/// Limits the memory for detecting duplicates, however many pages the list has.
pub(super) const MAX_RECORDS_OF_LIST: u64 = 200_000;
/// Maximum bytes of the records that are kept until their list is complete: those of some 30,000 logins.
pub(super) const MAX_KEPT_BYTES: u64 = 16 << 20;
/// Page sizes are multiples of this (Dropsuite's document: 25; 100 are requested where that is documented).
const PAGE_UNIT: u64 = 25;

/// What to do after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Request this page.
    Ask(u64),
    /// Follow this link.
    Follow(String),
    /// Start over with the first page.
    Again,
    /// The list is complete.
    Done,
}

/// The state of reading a list.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// What the first attempt saw, during the second one.
    first: Option<Seen>,
    seen: Seen,
    page: u64,
    /// Whether the previous page announced this one.
    is_announced: bool,
    wrapping: Option<&'static str>,
    pages: Option<u64>,
    entries: Option<u64>,
    /// Whether the previous page linked to this one.
    is_linked: bool,
    /// Rows of this page that are new.
    fresh: u64,
    /// Whether a row of this page was on another page before.
    overlaps: bool,
    /// The bytes of the records that were handed over, in both readings.
    kept_bytes: u64,
    /// What distinguished the records of one key, in both readings.
    contents: HashSet<u64>,
}

/// The records of one attempt.
#[derive(Debug, Default)]
struct Seen {
    /// The page on which each record was first, by its key.
    pages: HashMap<u64, u64>,
    keyless: u64,
}

impl Seen {
    fn count(&self) -> u64 {
        self.pages.len() as u64 + self.keyless
    }
}

impl Progress {
    /// Before the first page.
    pub(super) fn new() -> Self {
        Self { page: 1, ..Self::default() }
    }

    /// The number of the current page, starting at 1.
    pub(super) const fn page(&self) -> u64 {
        self.page
    }

    /// Adds a record of the current page; returns whether it is new.
    ///
    /// A record without an id cannot be recognized again, and counts as new. One with other content under a known key is
    /// handed over as well, without counting as another record of the list. None is beyond [`MAX_KEPT_BYTES`].
    pub(super) fn is_new<T: Record>(&mut self, record: &Result<T, Undecodable>) -> bool {
        let content = record.as_ref().ok().and_then(Record::content);
        let says_something_new = content.is_some_and(|content| self.contents.insert(content));
        let is_new = self.is_unseen(record) || says_something_new;
        if is_new {
            self.kept_bytes += record.as_ref().map_or(0, Record::kept_bytes);
        }
        // Beyond the bound the list fails at the end of its page, which may have many more records.
        is_new && self.kept_bytes <= MAX_KEPT_BYTES
    }

    fn is_unseen<T: Record>(&mut self, record: &Result<T, Undecodable>) -> bool {
        let Some(key) = record.as_ref().ok().and_then(Record::key) else {
            self.fresh += 1;
            self.seen.keyless += 1;
            return self.first.as_ref().is_none_or(|first| self.seen.keyless > first.keyless);
        };
        let page = *self.seen.pages.entry(key).or_insert_with(|| {
            self.fresh += 1;
            0
        });
        match page {
            0 => {
                self.seen.pages.insert(key, self.page);
                self.first.as_ref().is_none_or(|first| !first.pages.contains_key(&key))
            }
            page => {
                self.overlaps |= page != self.page;
                false
            }
        }
    }

    /// Processes the end of a page; returns what to do next.
    pub(super) fn advance(&mut self, page: Page) -> Result<Step, ErrorKind> {
        if self.seen.count() > MAX_RECORDS_OF_LIST {
            return Err(ErrorKind::TooManyRecords { limit: MAX_RECORDS_OF_LIST, of: "list" });
        }
        if self.kept_bytes > MAX_KEPT_BYTES {
            return Err(ErrorKind::ListTooLarge { limit: MAX_KEPT_BYTES });
        }
        if self.wrapping.replace(page.wrapping).is_some_and(|before| before != page.wrapping) {
            return Err(ErrorKind::Pagination { reason: "the envelope changed between pages" });
        }
        let rows = page.rows;
        if self.is_announced && self.fresh == 0 {
            let failure = ErrorKind::RepeatedPage { page: self.page };
            return if rows > 0 { self.again_or(failure) } else { Err(failure) };
        }
        let next = match page.next {
            NextPage::Number(next) if next <= self.page => return Err(ErrorKind::RepeatedPage { page: self.page }),
            NextPage::Number(next) if next > self.page + 1 => {
                return Err(ErrorKind::Pagination { reason: "next_page skips pages" });
            }
            NextPage::Number(next) => Some((Step::Ask(next), true)),
            NextPage::Link(link) => Some((Step::Follow(link), true)),
            NextPage::Total { pages, entries, names_next } => {
                if self.announce(pages, entries) {
                    return self.again_or(ErrorKind::Moved);
                }
                // Either the total or the named page is wrong.
                if names_next && !self.has_more() {
                    return Err(ErrorKind::Pagination {
                        reason: "a page after the last of the announced ones is named",
                    });
                }
                self.has_more().then_some((Step::Ask(self.page + 1), true))
            }
            NextPage::Unstated { full_page } if rows < full_page => None,
            NextPage::Unstated { .. } | NextPage::Unbounded if self.fresh == 0 => {
                // All records are repeated. A server that ignores `page` sends the whole list again, which is unlikely
                // to have exactly as many rows as a page; otherwise this may be the wrong page.
                let is_whole = matches!(page.next, NextPage::Unstated { .. }) && !rows.is_multiple_of(PAGE_UNIT);
                if rows > 0 && !is_whole && self.first.is_none() {
                    return self.again_or(ErrorKind::Moved);
                }
                self.overlaps = false;
                None
            }
            // If pages link to the next one, the last one has no link.
            NextPage::Unbounded if self.is_linked => None,
            NextPage::Unstated { .. } | NextPage::Unbounded => Some((Step::Ask(self.page + 1), false)),
            NextPage::End => None,
        };
        if self.overlaps {
            return self.again_or(ErrorKind::Moved);
        }
        match next {
            Some(_) if self.fresh == 0 || self.page >= MAX_PAGES => Err(ErrorKind::RepeatedPage { page: self.page }),
            Some((step, is_announced)) => {
                self.page += 1;
                self.is_linked = matches!(step, Step::Follow(_));
                (self.is_announced, self.fresh, self.overlaps) = (is_announced, 0, false);
                Ok(step)
            }
            None => self.end(),
        }
    }

    /// Records the totals; returns whether they changed, which means that the list changed.
    fn announce(&mut self, pages: Option<u64>, entries: Option<u64>) -> bool {
        let changed = |known: Option<u64>, now: Option<u64>| known.zip(now).is_some_and(|(known, now)| known != now);
        let has_moved = changed(self.pages, pages) || changed(self.entries, entries);
        // The totals of one page also apply to pages without any.
        (self.pages, self.entries) = (pages.or(self.pages), entries.or(self.entries));
        has_moved
    }

    fn has_more(&self) -> bool {
        match (self.pages, self.entries) {
            (Some(pages), _) => self.page < pages,
            (None, Some(entries)) => self.seen.count() < entries,
            (None, None) => false,
        }
    }

    /// Ends the list, if this is its end.
    fn end(&mut self) -> Result<Step, ErrorKind> {
        if self.pages.is_some_and(|pages| self.page < pages) {
            return Err(ErrorKind::RepeatedPage { page: self.page });
        }
        match self.entries.filter(|announced| self.seen.count() < *announced) {
            Some(announced) => {
                let failure = ErrorKind::Incomplete { received: self.seen.count(), announced };
                // A single page cannot be inconsistent with others.
                if self.page > 1 { self.again_or(failure) } else { Err(failure) }
            }
            None => Ok(Step::Done),
        }
    }

    /// Starts over with the first page, once, because the pages so far are inconsistent.
    pub(super) fn again(&mut self) -> Result<Step, ErrorKind> {
        self.again_or(ErrorKind::Moved)
    }

    /// Starts over with the first page, once.
    fn again_or(&mut self, failure: ErrorKind) -> Result<Step, ErrorKind> {
        if self.first.is_some() {
            return Err(failure);
        }
        let (first, contents) = (Some(std::mem::take(&mut self.seen)), std::mem::take(&mut self.contents));
        *self = Self { first, contents, kept_bytes: self.kept_bytes, ..Self::new() };
        Ok(Step::Again)
    }
}

#[cfg(test)]
mod tests;
