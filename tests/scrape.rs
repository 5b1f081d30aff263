//! Scrapes the exporter over real sockets and compares every number with the vendor's own responses.

mod catalogue;
pub(crate) mod expectation;
mod fleet;
mod ledger;
mod listing;
mod shapes;
