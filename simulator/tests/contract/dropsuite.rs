//! Holds the fake Dropsuite to the vendor's document, over real sockets.

mod access;
mod behaviour;
mod evidence;
mod faults;
mod fixture;
mod samples;
mod schema;
mod switches;
