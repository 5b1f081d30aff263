//! Holds the fake Datto to the published description and to what clients met, over real sockets.

mod access;
mod backups;
mod documented;
mod evidence;
mod faults;
mod fixture;
mod fleet;
mod limits;
mod live;
mod seat_changes;
mod shapes;
