//! Serves fixed Dropsuite responses over sockets that no fleet of the mock vendor returns.

mod clock;
mod coverage;
mod domains;
mod identity;
mod lifecycle;
mod refusals;
mod restart;
mod script;
mod worst_body;
