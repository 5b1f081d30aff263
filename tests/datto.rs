//! Runs the exporter against the fake Datto over real sockets, and against both fakes at once.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]
#![expect(clippy::cast_precision_loss, reason = "counts of a test stay below 2^53")]
#![expect(clippy::float_cmp, reason = "what is compared was written and read back without rounding")]

#[path = "datto/bench.rs"]
mod bench;
#[path = "datto/documented.rs"]
mod documented;
/// What Dropsuite's raw answers amount to.
#[allow(dead_code, reason = "made for the tests of a whole scrape, of which this one compares a part")]
#[path = "scrape/expectation.rs"]
mod expectation;
#[path = "datto/fleet.rs"]
mod fleet;
#[path = "scrape/ledger.rs"]
mod ledger;
#[path = "datto/limits.rs"]
mod limits;
#[path = "datto/listing.rs"]
mod listing;
#[path = "datto/logged.rs"]
mod logged;
#[path = "datto/privacy.rs"]
mod privacy;
#[path = "datto/reckoning.rs"]
mod reckoning;
#[path = "datto/scripted.rs"]
mod scripted;
#[path = "datto/seat_changes.rs"]
mod seat_changes;
#[path = "datto/seats.rs"]
mod seats;
mod support;
#[path = "datto/together.rs"]
mod together;
#[path = "datto/vendor.rs"]
mod vendor;
