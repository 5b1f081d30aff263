//! Reads a whole list through the transport, page by page, and hands over each record once.

use super::ErrorKind;
use super::error::Error;
use super::page::{Envelope, Page};
use super::paging::{Progress, Step};
use super::record::{Record, Undecodable};
use super::transport::{Request, Transport};

/// Reads the list that `request` begins to its end, asking for further pages by `page_parameter`; pages are not kept.
pub(super) async fn read<T: Record + Send>(
    transport: &Transport,
    request: Request<'_>,
    page_parameter: &str,
    envelope: &Envelope,
    visit: &mut (impl FnMut(Result<T, Undecodable>) + Send),
) -> Result<(), Error> {
    let failed = |kind: ErrorKind| Error { endpoint: request.endpoint.template(), kind };
    let mut progress = Progress::new();
    let mut page = 1_u64;
    loop {
        let number = page.to_string();
        // The first page needs no number, and endpoints without paging document none.
        let paging = (page > 1).then_some((page_parameter, number.as_str()));
        let query: Vec<_> = request.query.iter().copied().chain(paging).collect();
        let request = Request { query: &query, ..request };
        let parsed = transport.get(&request, |body| Page::parse(body, envelope)).await?;
        let (fresh, step) = progress.advance(parsed).map_err(failed)?;
        fresh.into_iter().for_each(&mut *visit);
        match step {
            Step::Done => return Ok(()),
            Step::Ask(next) => page = next,
        }
    }
}
