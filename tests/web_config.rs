//! Tests the web configuration with clients and attackers on real sockets, with the real binary.

mod authority;
mod bench;
mod clients;
mod files;
mod handshakes;
mod hashing;
mod health;
mod http2;
mod requests;
mod robustness;
mod rotation;
mod scraping;
mod users;
