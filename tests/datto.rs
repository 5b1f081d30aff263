//! Runs the exporter against the mock Datto over real sockets, and against both mocks at once.

pub(crate) mod bench;
mod documented;
mod fleet;
mod limits;
mod listing;
mod logged;
mod reckoning;
mod scripted;
mod seat_changes;
mod seats;
mod together;
pub(crate) mod vendor;
