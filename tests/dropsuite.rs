//! Serves Dropsuite answers that are written down here, over sockets: what no fleet of the fake vendor gives.

mod clock;
mod coverage;
mod domains;
mod identity;
mod lifecycle;
mod refusals;
mod restart;
mod script;
mod worst_body;
