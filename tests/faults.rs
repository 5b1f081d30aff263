//! Makes the vendor misbehave in every way, and checks what the exporter then exports.

mod bench;
mod cases;
mod drift;
mod listing;
mod outage;
mod pause;
mod tenant;
mod unknown;
mod unreachable;
mod workload;
