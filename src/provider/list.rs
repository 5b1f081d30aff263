//! Reads a whole list through the transport, page by page, and hands over each record once.

use url::Url;

use super::ErrorKind;
use super::error::Error;
use super::page::{Envelope, Page};
use super::paging::{Progress, Step};
use super::record::{Record, Undecodable};
use super::transport::{Request, Transport};

/// Reads the list that `request` begins to its end, asking for further pages by `page_parameter`; pages are not kept.
///
/// `visit` gets the records while they are read, so it has some of them also where the list fails in the end.
pub(super) async fn read<T: Record + Send>(
    transport: &Transport,
    request: Request<'_>,
    page_parameter: &str,
    envelope: &Envelope,
    visit: &mut (impl FnMut(Result<T, Undecodable>) + Send),
) -> Result<(), Error> {
    let mut progress = Progress::new();
    let mut query = own(request.query);
    loop {
        let parameters: Vec<_> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let asked = Request { query: &parameters, ..request };
        let page = progress.page();
        let hand_over = &mut |record: Result<T, Undecodable>| {
            if progress.is_new(&record) {
                visit(record);
            }
        };
        let read = transport.get(&asked, |body| Page::read(body, envelope, hand_over)).await;
        let read = read.map_err(|error| if page > 1 { of_later_page(error, page) } else { error })?;
        let failed = |kind: ErrorKind| Error { endpoint: request.endpoint.template(), kind };
        query = match progress.advance(read).map_err(failed)? {
            Step::Done => return Ok(()),
            // The first page needs no number, and endpoints without paging document none.
            Step::Again => own(request.query),
            Step::Ask(next) => numbered(request.query, page_parameter, next),
            Step::Follow(link) => {
                let place = transport.url(&Request { query: &[], ..request });
                match parameters_of(&link, &place, page_parameter).map_err(failed)? {
                    NextQuery::Page(next) if next != page + 1 => {
                        return Err(failed(ErrorKind::Pagination {
                            reason: "the link leads to another page than the next",
                        }));
                    }
                    NextQuery::Page(next) => numbered(request.query, page_parameter, next),
                    NextQuery::Other(parameters) => parameters,
                }
            }
        };
    }
}

type Query = Vec<(String, String)>;

fn own(query: &[(&str, &str)]) -> Query {
    query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn numbered(query: &[(&str, &str)], page_parameter: &str, page: u64) -> Query {
    let mut query = own(query);
    query.push((page_parameter.to_owned(), page.to_string()));
    query
}

/// A refusal of a later page says nothing of whether there is such a list.
fn of_later_page(error: Error, page: u64) -> Error {
    let status = match error.kind {
        ErrorKind::Forbidden { .. } => 403,
        ErrorKind::NotFound { .. } => 404,
        _ => return error,
    };
    Error { kind: ErrorKind::PageRefused { page, status }, ..error }
}

/// What a link asks for.
#[derive(Debug, PartialEq, Eq)]
enum NextQuery {
    /// A page by its number.
    Page(u64),
    /// Something by these parameters.
    Other(Query),
}

/// What a link asks for, if it leads to the same place: only its parameters are used, so no credential leaves for
/// another host.
fn parameters_of(link: &str, place: &Url, page_parameter: &str) -> Result<NextQuery, ErrorKind> {
    let unfollowable = |reason| Err(ErrorKind::Pagination { reason });
    let Ok(url) = place.join(link) else { return unfollowable("the link is no address") };
    // Behind a gateway that ends TLS, links may name another scheme.
    if url.host() != place.host() || !matches!(url.scheme(), "http" | "https") {
        return unfollowable("the link leads to another host");
    }
    if url.path() != place.path() {
        return unfollowable("the link leads to another list");
    }
    let parameters: Query = url.query_pairs().into_owned().collect();
    let mut pages = parameters.iter().filter(|(name, _)| name == page_parameter).map(|(_, value)| value.parse());
    match (pages.next(), pages.next()) {
        (Some(Ok(page)), None) => Ok(NextQuery::Page(page)),
        (None, _) if !parameters.is_empty() => Ok(NextQuery::Other(parameters)),
        _ => unfollowable("the link names no page"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_followed_within_its_list_only() {
        let place = Url::parse("https://dropsuite.us/api/users/1/tenants").unwrap();
        let page = |page| Some(NextQuery::Page(page));
        let cursor = Some(NextQuery::Other(vec![("after".to_owned(), "a b".to_owned())]));
        for (link, expected) in [
            ("/api/users/1/tenants?type=m365&page=2&per_page=1", page(2)),
            ("?page=3", page(3)),
            ("https://dropsuite.us/api/users/1/tenants?page=2", page(2)),
            ("http://dropsuite.us:8080/api/users/1/tenants?page=2", page(2)),
            ("https://DROPSUITE.US/api/users/1/tenants?page=2", page(2)),
            ("/api/users/1/tenants?after=a%20b", cursor),
            ("/api/users/1/tenants", None),
            ("/api/users/1/tenants?page=x", None),
            ("/api/users/1/tenants?page=2&page=3", None),
            ("/api/users/2/tenants?page=2", None),
            ("/api/users/1/tenants/../../2/tenants?page=2", None),
            ("https://evil.example/api/users/1/tenants?page=2", None),
            ("https://dropsuite.us.evil.example/api/users/1/tenants?page=2", None),
            ("https://dropsuite.us@evil.example/api/users/1/tenants?page=2", None),
            ("//evil.example/api/users/1/tenants?page=2", None),
            (r"\\evil.example/api/users/1/tenants?page=2", None),
            ("javascript:/api/users/1/tenants?page=2", None),
            ("https://[", None),
        ] {
            assert_eq!(parameters_of(link, &place, "page").ok(), expected, "{link}");
        }
    }
}
