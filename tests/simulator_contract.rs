//! Holds the fake Dropsuite to the vendor's document, over real sockets.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

#[path = "simulator_contract/access.rs"]
mod access;
#[path = "simulator_contract/behaviour.rs"]
mod behaviour;
#[path = "simulator_contract/evidence.rs"]
mod evidence;
#[path = "simulator_contract/faults.rs"]
mod faults;
#[path = "simulator_contract/fixture.rs"]
mod fixture;
#[path = "simulator_contract/samples.rs"]
mod samples;
#[path = "simulator_contract/schema.rs"]
mod schema;
#[path = "simulator_contract/switches.rs"]
mod switches;
