//! Holds the fake Datto to the published description and to what clients met, over real sockets.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

#[path = "datto_simulator_contract/access.rs"]
mod access;
#[path = "datto_simulator_contract/backups.rs"]
mod backups;
#[path = "datto_simulator_contract/documented.rs"]
mod documented;
#[path = "datto_simulator_contract/evidence.rs"]
mod evidence;
#[path = "datto_simulator_contract/faults.rs"]
mod faults;
#[path = "datto_simulator_contract/fixture.rs"]
mod fixture;
#[path = "datto_simulator_contract/fleet.rs"]
mod fleet;
#[path = "datto_simulator_contract/limits.rs"]
mod limits;
#[path = "datto_simulator_contract/live.rs"]
mod live;
#[path = "datto_simulator_contract/seat_changes.rs"]
mod seat_changes;
#[path = "datto_simulator_contract/shapes.rs"]
mod shapes;
