//! Runs the exporter against the fake Datto over real sockets, and against both fakes at once.

mod bench;
mod documented;
mod fleet;
mod limits;
mod listing;
mod logged;
mod privacy;
mod reckoning;
mod seat_changes;
mod seats;
mod together;
mod vendor;
