//! Learns where a vendor supports larger pages than documented, once per endpoint of an account.
//!
//! After reading a list of several pages, one more request for the first page is sent with the parameter for the
//! largest page size: if it returns more rows, the parameter is honoured. That response is otherwise ignored, so a
//! failure costs no rows. From then on the number of rows received is requested: a server may cap the rows per page,
//! but still calculate pages from the requested size.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::endpoint::Endpoint;
use super::error::{Error, ErrorKind};

/// How to request more rows per page.
#[derive(Clone, Copy, Debug)]
pub(super) struct LargerPage<'a> {
    /// The parameter, such as `per_page`.
    pub(super) parameter: &'static str,
    /// The maximum number of rows to request.
    pub(super) most: u64,
    /// What has been learned so far.
    pub(super) sizes: &'a PageSizes,
}

/// The rows of a list as last read.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListRows {
    /// On its first page.
    pub(super) first: u64,
    /// On all pages.
    pub(super) all: u64,
}

/// Maximum number of transient failures of larger pages.
const MAX_ATTEMPTS: u8 = 3;

/// What is known about one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Nothing, after this many failures.
    Nothing { failures: u8 },
    /// A task is trying to get more than these rows.
    BeingLearned { failures: u8, rows: Option<u64> },
    /// A page had this many rows, and may have more if more exist.
    AtLeast { failures: u8, rows: u64 },
    /// A page has at most this many rows.
    AtMost { failures: u8, rows: u64 },
    /// The parameter has no effect, is rejected, or breaks paging.
    AsDocumented,
}

/// What is known about the endpoints of one account.
#[derive(Debug, Default)]
pub(super) struct PageSizes(Mutex<HashMap<&'static str, Known>>);

impl PageSizes {
    /// The number of rows to request; `None` for the documented one.
    pub(super) fn rows(&self, endpoint: Endpoint) -> Option<u64> {
        match self.of(endpoint) {
            Known::AtLeast { rows, .. } | Known::AtMost { rows, .. } => Some(rows),
            Known::BeingLearned { rows, .. } => rows,
            Known::Nothing { .. } | Known::AsDocumented => None,
        }
    }

    /// Whether the caller should try larger pages; no other caller may until it has finished.
    pub(super) fn begin_learning(&self, endpoint: Endpoint) -> bool {
        let (failures, rows) = match self.of(endpoint) {
            Known::Nothing { failures } => (failures, None),
            Known::AtLeast { failures, rows } => (failures, Some(rows)),
            Known::BeingLearned { .. } | Known::AtMost { .. } | Known::AsDocumented => return false,
        };
        self.set(endpoint, Known::BeingLearned { failures, rows });
        true
    }

    /// Records how many rows the first page has if `most` are requested.
    pub(super) fn learned(&self, endpoint: Endpoint, rows: &Result<u64, Error>, list: ListRows, most: u64) {
        let Known::BeingLearned { failures, rows: before } = self.of(endpoint) else { return };
        let known = match (rows, before) {
            (Ok(rows), _) if *rows > list.first && (*rows >= most || *rows < list.all) => {
                Known::AtMost { failures, rows: most.min(*rows) }
            }
            (Ok(rows), _) if *rows > list.first => Known::AtLeast { failures, rows: *rows },
            (_, Some(rows)) => Known::AtMost { failures, rows },
            (Ok(_), None) => Known::AsDocumented,
            (Err(error), None) => Known::after(failures, Failure::of(error)),
        };
        self.set(endpoint, known);
    }

    /// Records that larger pages failed: they are learned again, or no longer requested.
    pub(super) fn failed(&self, endpoint: Endpoint, failure: Failure) {
        // Several tasks may see the same failure.
        if let Known::AtLeast { failures, .. } | Known::AtMost { failures, .. } = self.of(endpoint) {
            self.set(endpoint, Known::after(failures, failure));
        }
    }

    fn of(&self, endpoint: Endpoint) -> Known {
        self.known().get(endpoint.template()).copied().unwrap_or(Known::Nothing { failures: 0 })
    }

    fn set(&self, endpoint: Endpoint, known: Known) {
        self.known().insert(endpoint.template(), known);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<&'static str, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    const fn after(failures: u8, failure: Failure) -> Self {
        match failure {
            Failure::MayPass if failures + 1 < MAX_ATTEMPTS => Self::Nothing { failures: failures + 1 },
            Failure::MayPass | Failure::Refused => Self::AsDocumented,
        }
    }
}

/// How larger pages failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The vendor rejects the parameter.
    Refused,
    /// The failure may be unrelated.
    MayPass,
}

impl Failure {
    pub(super) const fn of(error: &Error) -> Self {
        if matches!(error.kind, ErrorKind::Rejected { status: 400..=499 }) { Self::Refused } else { Self::MayPass }
    }
}

/// Whether the same list may be readable with smaller pages: 400 and 422 mean that the parameter is rejected, and some
/// servers respond with 500 to unexpected parameters.
pub(super) const fn may_work_without(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::Rejected { status: 400..=499 } | ErrorKind::Server { status: 500 })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASKS: Endpoint = Endpoint::new("/tasks");
    const SITES: Endpoint = Endpoint::new("/sites");
    const LIST: ListRows = ListRows { first: 25, all: 130 };

    fn failed(kind: ErrorKind) -> Result<u64, Error> {
        Err(Error { endpoint: TASKS.template(), kind })
    }

    #[test]
    fn only_more_rows_than_without_the_parameter_show_that_it_is_honoured() {
        for (rows, all, expected, is_all) in [
            (Ok(100), 130, Some(100), true),
            (Ok(130), 130, Some(100), true),
            (Ok(50), 130, Some(50), true),
            (Ok(60), 60, Some(60), false),
            (Ok(26), 130, Some(26), true),
            (Ok(25), 130, None, true),
            (Ok(10), 130, None, true),
            (Ok(0), 130, None, true),
            (failed(ErrorKind::Rejected { status: 400 }), 130, None, true),
            (failed(ErrorKind::Rejected { status: 422 }), 130, None, true),
        ] {
            let sizes = PageSizes::default();
            assert!(sizes.begin_learning(TASKS));
            sizes.learned(TASKS, &rows, ListRows { all, ..LIST }, 100);
            assert_eq!((sizes.rows(TASKS), sizes.begin_learning(TASKS)), (expected, !is_all), "{rows:?} of {all}");
            assert!(sizes.rows(SITES).is_none() && sizes.begin_learning(SITES), "each endpoint is learned by itself");
        }
    }

    #[test]
    fn a_longer_list_may_show_that_more_rows_come_and_takes_nothing_back() {
        for (rows, expected) in [
            (Ok(100), 100),
            (Ok(75), 75),
            (Ok(60), 60),
            (Ok(20), 60),
            (failed(ErrorKind::Rejected { status: 400 }), 60),
            (failed(ErrorKind::Interrupted), 60),
        ] {
            let sizes = PageSizes::default();
            assert!(sizes.begin_learning(TASKS));
            sizes.learned(TASKS, &Ok(60), ListRows { first: 25, all: 60 }, 100);
            assert!(sizes.begin_learning(TASKS));
            assert_eq!(sizes.rows(TASKS), Some(60), "it is used meanwhile");
            sizes.learned(TASKS, &rows, ListRows { first: 60, all: 130 }, 100);
            assert_eq!((sizes.rows(TASKS), sizes.begin_learning(TASKS)), (Some(expected), false), "{rows:?}");
        }
    }

    #[test]
    fn one_task_learns_and_what_teaches_nothing_is_tried_three_times() {
        let sizes = PageSizes::default();
        for attempt in 1..=3 {
            assert!(sizes.begin_learning(TASKS), "{attempt}");
            assert!(!sizes.begin_learning(TASKS), "another task is at it");
            sizes.learned(TASKS, &failed(ErrorKind::Interrupted), LIST, 100);
            assert_eq!(sizes.rows(TASKS), None);
        }
        assert!(!sizes.begin_learning(TASKS));
    }

    #[test]
    fn what_was_honoured_and_is_not_any_more_is_not_tried_again() {
        let sizes = PageSizes::default();
        assert!(sizes.begin_learning(TASKS));
        sizes.learned(TASKS, &Ok(100), LIST, 100);
        sizes.failed(TASKS, Failure::Refused);
        assert!(sizes.rows(TASKS).is_none() && !sizes.begin_learning(TASKS));
    }

    #[test]
    fn a_failure_that_may_pass_is_followed_by_learning_anew_and_the_third_by_none() {
        let sizes = PageSizes::default();
        for failure in 1..=3 {
            assert!(sizes.begin_learning(TASKS), "{failure}");
            sizes.learned(TASKS, &Ok(100), LIST, 100);
            // All tasks that read such a list meet an outage.
            (0..8).for_each(|_| sizes.failed(TASKS, Failure::MayPass));
            assert_eq!(sizes.rows(TASKS), None);
        }
        assert!(!sizes.begin_learning(TASKS));
    }
}
