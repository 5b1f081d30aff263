//! Scrapes the exporter over real sockets and compares every number with the vendor's own answers.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]
#![expect(clippy::cast_precision_loss, reason = "counts of a test stay below 2^53")]
#![expect(clippy::float_cmp, reason = "what is compared was written and read back without rounding")]

#[path = "scrape/catalogue.rs"]
mod catalogue;
#[path = "scrape/expectation.rs"]
mod expectation;
#[path = "scrape/fleet.rs"]
mod fleet;
#[path = "scrape/ledger.rs"]
mod ledger;
#[path = "scrape/listing.rs"]
mod listing;
#[path = "scrape/shapes.rs"]
mod shapes;
mod support;
