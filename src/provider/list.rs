//! Reads a whole list through the transport, page by page, and passes each record on once.

use url::Url;

use super::ErrorKind;
use super::error::Error;
use super::page::{Envelope, Page};
use super::page_size::{Failure, LargerPage, ListRows, may_work_without};
use super::paging::{Progress, Step};
use super::record::{Record, Undecodable};
use super::transport::{Request, Transport};

/// How to request pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paging<'a> {
    /// The parameter for the page number.
    pub(super) page: &'static str,
    /// How to request larger pages; `None` if the request already does, or no way is known.
    pub(super) larger: Option<LargerPage<'a>>,
}

/// Reads the list that begins with `request` to its end; pages are not kept.
///
/// `visit` receives the records while they are read, so it gets some of them even if the list fails in the end.
pub(super) async fn read<T: Record + Send>(
    transport: &Transport,
    request: Request<'_>,
    paging: Paging<'_>,
    envelope: &Envelope,
    visit: &mut (impl FnMut(Result<T, Undecodable>) + Send),
) -> Result<(), Error> {
    let mut reader = ListReader { transport, request, paging, envelope, visit, sizes: Sizes::default() };
    reader.all().await?;
    match paging.larger {
        Some(larger) if reader.sizes.further > 0 => reader.learn(larger).await,
        _ => {}
    }
    Ok(())
}

/// The rows per page in one attempt.
#[derive(Clone, Copy, Debug, Default)]
struct Sizes {
    first: u64,
    further: u64,
    /// Whether a page had fewer rows than the first, which only the last one may have.
    has_shrunk: bool,
}

impl Sizes {
    /// Adds the rows of a page; returns whether rows followed on a page that should have been the last.
    fn add(&mut self, page: u64, rows: u64) -> bool {
        if page == 1 {
            *self = Self { first: rows, ..Self::default() };
            return false;
        }
        let is_uneven = self.has_shrunk && rows > 0;
        self.further += rows;
        self.has_shrunk |= rows < self.first;
        is_uneven
    }
}

struct ListReader<'a, V> {
    transport: &'a Transport,
    request: Request<'a>,
    paging: Paging<'a>,
    envelope: &'a Envelope,
    visit: &'a mut V,
    sizes: Sizes,
}

impl<V> ListReader<'_, V> {
    async fn all<T: Record + Send>(&mut self) -> Result<(), Error>
    where
        V: FnMut(Result<T, Undecodable>) + Send,
    {
        let Self { transport, request, paging, envelope, .. } = *self;
        let failed = |kind: ErrorKind| Error { endpoint: request.endpoint.template(), kind };
        // The number of rows to request per page, if it exceeds the documented one.
        let mut larger = paging.larger.and_then(|larger| Some((larger, larger.sizes.rows(request.endpoint)?)));
        let first = |larger: Option<(LargerPage<'_>, u64)>| with_rows(request.query, larger);
        let mut progress = Progress::new();
        let mut query = first(larger);
        let mut failure = None;
        loop {
            let page = progress.page();
            let hand_over = &mut |record: Result<T, Undecodable>| {
                if progress.is_new(&record) {
                    (self.visit)(record);
                }
            };
            let read = get(transport, &request, &query, |body| Page::read(body, envelope, hand_over)).await;
            let read = match read {
                Err(error) if larger.is_some() && may_work_without(&error) => {
                    // Whether the parameter was the cause turns out when the list is readable without it.
                    failure = larger.take().map(|(larger, _)| (larger.sizes, Failure::of(&error)));
                    query = first(None);
                    if page > 1 {
                        progress.again().map_err(failed)?;
                    }
                    continue;
                }
                Err(error) => {
                    if let Some((larger, _)) = larger
                        && is_strain(&error)
                    {
                        larger.sizes.failed(request.endpoint, Failure::MayPass);
                    }
                    return Err(if page > 1 { of_later_page(error, page) } else { error });
                }
                Ok(read) => read,
            };
            if let Some((sizes, failure)) = failure.take() {
                sizes.failed(request.endpoint, failure);
            }
            let is_uneven = self.sizes.add(page, read.rows);
            let step = if larger.is_some() && is_uneven { progress.again() } else { progress.advance(read) };
            if let Some((larger, _)) = larger
                && step == Ok(Step::Again)
            {
                let is_refused = if is_uneven { Failure::Refused } else { Failure::MayPass };
                larger.sizes.failed(request.endpoint, is_refused);
            }
            query = match step.map_err(failed)? {
                Step::Done => return Ok(()),
                // The first page needs no number, and endpoints without paging document none. Whatever made larger
                // pages inconsistent, use documented ones now.
                Step::Again => {
                    larger = None;
                    first(None)
                }
                Step::Ask(next) => numbered(first(larger), paging.page, next),
                Step::Follow(link) => {
                    let place = transport.url(&Request { query: &[], ..request });
                    match parameters_of(&link, &place, paging.page).map_err(failed)? {
                        NextQuery::Page(next) if next != page + 1 => {
                            return Err(failed(ErrorKind::Pagination {
                                reason: "the link does not point to the next page",
                            }));
                        }
                        NextQuery::Page(next) => numbered(first(larger), paging.page, next),
                        NextQuery::Other(parameters) => parameters,
                    }
                }
            };
        }
    }

    /// Requests the first page once more with the parameter for larger pages, to see whether it is honoured.
    async fn learn<T: Record + Send>(&self, larger: LargerPage<'_>)
    where
        V: FnMut(Result<T, Undecodable>) + Send,
    {
        let Self { transport, request, envelope, .. } = *self;
        if !larger.sizes.begin_learning(request.endpoint) {
            return;
        }
        let request = Request { may_repeat: false, ..request };
        let query = with_rows(request.query, Some((larger, larger.most)));
        let ignored = &mut |_: Result<T, Undecodable>| {};
        let rows = get(transport, &request, &query, |body| Page::read(body, envelope, ignored)).await;
        let Sizes { first, further, .. } = self.sizes;
        let list = ListRows { first, all: first + further };
        larger.sizes.learned(request.endpoint, &rows.map(|page| page.rows), list, larger.most);
    }
}

/// Whether a smaller page might have succeeded.
const fn is_strain(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::Timeout { .. } | ErrorKind::TooLarge { .. } | ErrorKind::Server { .. })
}

async fn get<P>(
    transport: &Transport,
    request: &Request<'_>,
    query: &Query,
    read: impl FnOnce(&[u8]) -> Result<P, ErrorKind>,
) -> Result<P, Error> {
    let parameters: Vec<_> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    transport.get(&Request { query: &parameters, ..*request }, read).await
}

type Query = Vec<(String, String)>;

/// The query of the first page, with the number of rows if it differs from the documented one.
fn with_rows(query: &[(&str, &str)], larger: Option<(LargerPage<'_>, u64)>) -> Query {
    let rows = larger.map(|(larger, rows)| (larger.parameter.to_owned(), rows.to_string()));
    query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).chain(rows).collect()
}

fn numbered(mut query: Query, page_parameter: &str, page: u64) -> Query {
    query.push((page_parameter.to_owned(), page.to_string()));
    query
}

/// A rejected later page does not mean that the list does not exist.
fn of_later_page(error: Error, page: u64) -> Error {
    let status = match error.kind {
        ErrorKind::Forbidden { .. } => 403,
        ErrorKind::NotFound { .. } => 404,
        _ => return error,
    };
    Error { kind: ErrorKind::PageRefused { page, status }, ..error }
}

/// What a link requests.
#[derive(Debug, PartialEq, Eq)]
enum NextQuery {
    /// A page by number.
    Page(u64),
    /// Something else, by these parameters.
    Other(Query),
}

/// Interprets a link to the same list. Only its parameters are used, so that no credentials are sent to another host.
fn parameters_of(link: &str, place: &Url, page_parameter: &str) -> Result<NextQuery, ErrorKind> {
    let unfollowable = |reason| Err(ErrorKind::Pagination { reason });
    let Ok(url) = place.join(link) else { return unfollowable("the link is not a valid URL") };
    // Behind a gateway that terminates TLS, links may have another scheme.
    if url.host() != place.host() || !matches!(url.scheme(), "http" | "https") {
        return unfollowable("the link points to another host");
    }
    if url.path() != place.path() {
        return unfollowable("the link points to another list");
    }
    let parameters: Query = url.query_pairs().into_owned().collect();
    let mut pages = parameters.iter().filter(|(name, _)| name == page_parameter).map(|(_, value)| value.parse());
    match (pages.next(), pages.next()) {
        (Some(Ok(page)), None) => Ok(NextQuery::Page(page)),
        (None, _) if !parameters.is_empty() => Ok(NextQuery::Other(parameters)),
        _ => unfollowable("the link has no page number"),
    }
}

#[cfg(test)]
mod tests;
