//! Cuts lists into pages in the vendor's three styles.

use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::shapes::{Envelope, PerPage, Shapes};
use crate::faults::Fault;
use crate::query::Query;

/// Rows of a bare array's page, as the document says.
const BARE_PAGE: usize = 25;
const RESULT_SET_PAGE: usize = 20;
const DATA_PAGE: usize = 100;

/// How a fault changes the paging of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PagingFault {
    Truncated,
    Empty,
    Repeated,
}

impl PagingFault {
    pub(super) fn of(fault: &Fault) -> Option<Self> {
        match fault {
            Fault::TruncatedListing => Some(Self::Truncated),
            Fault::EmptyList => Some(Self::Empty),
            Fault::RepeatedPage => Some(Self::Repeated),
            _ => None,
        }
    }
}

/// What the paging of one request depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pager<'a> {
    /// Scheme, host and port.
    pub(super) origin: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a Query,
    pub(super) shapes: &'a Shapes,
    pub(super) fault: Option<PagingFault>,
}

impl Pager<'_> {
    /// The page asked for; only its rows are drawn.
    pub(super) fn render(
        &self,
        envelope: Envelope,
        total: usize,
        row: impl Fn(usize) -> Value,
    ) -> Result<Value, Refusal> {
        let total = if self.fault == Some(PagingFault::Empty) { 0 } else { total };
        // A bad page makes the vendor fail with 500.
        let page = self.query.number("page", 1, 1..=usize::MAX).ok_or(Refusal::InternalError)?;
        let per_page = match envelope {
            Envelope::Pages => match self.shapes.undocumented_per_page {
                PerPage::Refused if self.query.get("per_page").is_some() => return Err(Refusal::InvalidPerPage),
                PerPage::Ignored | PerPage::Refused => BARE_PAGE,
                PerPage::Honoured(limit) => self.per_page(BARE_PAGE)?.min(limit.max(1)),
            },
            Envelope::Whole | Envelope::WholeOrObject => total.max(1),
            Envelope::ResultSet | Envelope::ArrayOfResultSets | Envelope::NextLink => {
                self.per_page(RESULT_SET_PAGE)?.min(self.shapes.result_set_limit.max(1))
            }
            Envelope::Data => self.per_page(DATA_PAGE)?,
        };
        let whole = matches!(envelope, Envelope::Whole | Envelope::WholeOrObject) || self.shapes.ignores_page;
        let (page, per_page) = if whole { (1, total.max(1)) } else { (page, per_page) };
        let last = total.div_ceil(per_page).max(1);
        let sent = match self.fault {
            Some(PagingFault::Truncated) if last > 1 => per_page,
            Some(PagingFault::Truncated) => total / 2,
            _ => total,
        };
        let first = match self.fault {
            Some(PagingFault::Repeated) => 0,
            // A page far beyond the end must not overflow.
            _ => (page - 1).saturating_mul(per_page).min(sent),
        };
        let mut rows: Vec<Value> = (first..sent.min(first + per_page)).map(row).collect();
        // What is announced may be more than what is sent.
        let announced = match self.fault {
            Some(PagingFault::Repeated) => last.max(page + 1),
            Some(PagingFault::Truncated) if envelope == Envelope::Data => last.max(2),
            _ => last,
        };
        Ok(match envelope {
            Envelope::WholeOrObject if rows.len() == 1 && total == 1 => rows.swap_remove(0),
            Envelope::Pages | Envelope::Whole | Envelope::WholeOrObject => Value::Array(rows),
            Envelope::ResultSet => self.result_set(&rows, page, per_page, total, announced),
            Envelope::ArrayOfResultSets => json!([self.result_set(&rows, page, per_page, total, announced)]),
            Envelope::NextLink => {
                let link = (page < announced).then(|| format!("{}{}", self.origin, self.link(page + 1)));
                json!({"result_set": rows, "pagination": {"next_link": link}})
            }
            Envelope::Data => json!({"pagination": self.neighbours(rows.len(), page, announced), "data": rows}),
        })
    }

    /// The rows per page asked for.
    fn per_page(&self, default: usize) -> Result<usize, Refusal> {
        self.query.number("per_page", default, 1..=100).ok_or(Refusal::InvalidPerPage)
    }

    /// The path and the query of another page.
    fn link(&self, page: usize) -> String {
        format!("{}?{}", self.path, self.query.for_page(page))
    }

    fn result_set(&self, rows: &[Value], page: usize, per_page: usize, total: usize, last: usize) -> Value {
        let mut pagination = Map::from_iter([
            ("current_page".to_owned(), Value::from(page)),
            ("per_page".to_owned(), Value::from(per_page)),
        ]);
        if !self.shapes.omits_totals {
            pagination.insert("total_entries".to_owned(), Value::from(total));
            pagination.insert("total_pages".to_owned(), Value::from(last));
        }
        json!({"result_set": rows, "pagination": pagination, "api_version": 2})
    }

    /// The pagination of `{pagination, data}`: it names the neighbours and no totals.
    fn neighbours(&self, rows: usize, page: usize, last: usize) -> Value {
        let asked = self.per_page(DATA_PAGE).unwrap_or(DATA_PAGE);
        let past_the_end = rows == 0 && page > 1;
        let mut pagination = Map::from_iter([
            ("current_page".to_owned(), Value::from(page)),
            ("per_page".to_owned(), Value::from(if past_the_end { 0 } else { asked })),
        ]);
        let mut point = |direction: &str, target: usize| {
            pagination.insert(format!("{direction}_page"), Value::from(target));
            pagination.insert(format!("{direction}_url"), Value::from(self.link(target)));
        };
        if page < last && !past_the_end {
            point("next", page + 1);
        }
        if page > 1 {
            point("prev", last.min(page - 1));
        }
        Value::Object(pagination)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str, envelope: Envelope, total: usize, fault: Option<PagingFault>) -> Result<Value, Refusal> {
        let (query, shapes) = (Query::parse(query), Shapes::default());
        let pager = Pager { origin: "http://vendor.example", path: "/api/list", query: &query, shapes: &shapes, fault };
        pager.render(envelope, total, Value::from)
    }

    fn ok(query: &str, envelope: Envelope, total: usize) -> Value {
        page(query, envelope, total, None).unwrap()
    }

    #[test]
    fn a_bare_array_ends_with_a_short_or_an_empty_page() {
        assert_eq!(ok("", Envelope::Pages, 25).as_array().unwrap().len(), 25);
        assert_eq!(ok("page=2", Envelope::Pages, 25), json!([]));
        assert_eq!(ok("page=2", Envelope::Pages, 26), json!([25]));
    }

    #[test]
    fn undocumented_rows_per_page_are_ignored_honoured_or_refused() {
        let rows = |undocumented_per_page, query| {
            let (query, shapes) = (Query::parse(query), Shapes { undocumented_per_page, ..Shapes::default() });
            let pager = Pager {
                origin: "http://vendor.example",
                path: "/api/list",
                query: &query,
                shapes: &shapes,
                fault: None,
            };
            pager.render(Envelope::Pages, 130, Value::from).map(|rows| rows.as_array().unwrap().len())
        };
        for (per_page, query, expected) in [
            (PerPage::Ignored, "per_page=100", Ok(25)),
            (PerPage::Honoured(100), "per_page=100", Ok(100)),
            (PerPage::Honoured(100), "per_page=100&page=2", Ok(30)),
            (PerPage::Honoured(50), "per_page=100", Ok(50)),
            (PerPage::Honoured(100), "", Ok(25)),
            (PerPage::Refused, "per_page=100", Err(Refusal::InvalidPerPage)),
            (PerPage::Refused, "", Ok(25)),
        ] {
            assert_eq!(rows(per_page, query), expected, "{per_page:?} {query}");
        }
    }

    #[test]
    fn a_result_set_tells_its_totals_and_an_empty_one_still_has_one_page() {
        let pagination = |query, total| ok(query, Envelope::ResultSet, total)["pagination"].clone();
        let expected = json!({"current_page": 1, "per_page": 20, "total_entries": 0, "total_pages": 1});
        assert_eq!(pagination("", 0), expected);
        let expected = json!({"current_page": 3, "per_page": 20, "total_entries": 41, "total_pages": 3});
        assert_eq!(pagination("page=3", 41), expected);
    }

    #[test]
    fn links_lead_from_page_to_page_and_the_last_is_null() {
        let link = |query| ok(query, Envelope::NextLink, 41)["pagination"].clone();
        let second = "http://vendor.example/api/list?page=2&per_page=30";
        assert_eq!(link("per_page=30"), json!({"next_link": second}));
        assert_eq!(link("per_page=30&page=2"), json!({"next_link": null}));
    }

    #[test]
    fn neighbours_are_named_as_in_the_documents_samples() {
        let pagination = |query| ok(query, Envelope::Data, 10)["pagination"].clone();
        assert_eq!(pagination(""), json!({"current_page": 1, "per_page": 100}));
        let middle = json!({
            "current_page": 2, "per_page": 3, "next_page": 3, "next_url": "/api/list?type=m365&page=3&per_page=3",
            "prev_page": 1, "prev_url": "/api/list?type=m365&page=1&per_page=3",
        });
        assert_eq!(pagination("per_page=3&page=2&type=m365"), middle);
        let last = json!({
            "current_page": 4, "per_page": 3, "prev_page": 3, "prev_url": "/api/list?page=3&per_page=3",
        });
        assert_eq!(pagination("page=4&per_page=3"), last);
        let past = json!({
            "current_page": 9, "per_page": 0, "prev_page": 4, "prev_url": "/api/list?page=4&per_page=3",
        });
        assert_eq!(pagination("page=9&per_page=3"), past);
    }

    #[test]
    fn bad_bounds_are_refused_as_documented() {
        for query in ["page=0", "page=-1", "page=x"] {
            assert_eq!(page(query, Envelope::Data, 1, None), Err(Refusal::InternalError), "{query}");
        }
        for query in ["per_page=0", "per_page=101", "per_page=x"] {
            assert_eq!(page(query, Envelope::Data, 1, None), Err(Refusal::InvalidPerPage), "{query}");
        }
        assert_eq!(ok(&format!("page={}", usize::MAX), Envelope::Pages, 30), json!([]));
    }

    #[test]
    fn a_truncated_list_announces_more_than_it_sends() {
        let truncated = |query, envelope, total| page(query, envelope, total, Some(PagingFault::Truncated)).unwrap();
        let second = truncated("page=2", Envelope::ResultSet, 41);
        assert_eq!((&second["result_set"], &second["pagination"]["total_pages"]), (&json!([]), &json!(3)));
        let only = truncated("", Envelope::ResultSet, 4);
        assert_eq!((&only["result_set"], &only["pagination"]["total_entries"]), (&json!([0, 1]), &json!(4)));
        assert_eq!(truncated("", Envelope::Data, 4)["pagination"]["next_page"], json!(2));
        assert_eq!(truncated("page=2", Envelope::Data, 4)["data"], json!([]));
    }

    #[test]
    fn a_repeated_page_always_promises_another() {
        let answer = page("page=7", Envelope::ResultSet, 41, Some(PagingFault::Repeated)).unwrap();
        assert_eq!((&answer["result_set"][0], &answer["pagination"]["total_pages"]), (&json!(0), &json!(8)));
    }
}
