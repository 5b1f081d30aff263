//! Makes the vendor misbehave in every way it can, and looks at what the exporter then says.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]
#![expect(clippy::cast_precision_loss, reason = "counts of a test stay below 2^53")]
#![expect(clippy::float_cmp, reason = "what is compared was written and read back without rounding")]

#[path = "faults/bench.rs"]
mod bench;
#[path = "faults/cases.rs"]
mod cases;
#[path = "faults/drift.rs"]
mod drift;
#[path = "faults/listing.rs"]
mod listing;
#[path = "faults/pause.rs"]
mod pause;
mod support;
#[path = "faults/unknown.rs"]
mod unknown;
#[path = "faults/workload.rs"]
mod workload;
