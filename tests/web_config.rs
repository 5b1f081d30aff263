//! Holds the web configuration to what operators, clients and attackers do: on real sockets, with the real binary.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

#[path = "web_config/authority.rs"]
mod authority;
#[path = "web_config/bench.rs"]
mod bench;
#[path = "web_config/clients.rs"]
mod clients;
#[path = "web_config/files.rs"]
mod files;
#[path = "web_config/handshakes.rs"]
mod handshakes;
#[path = "web_config/hashing.rs"]
mod hashing;
#[path = "web_config/health.rs"]
mod health;
#[path = "web_config/http2.rs"]
mod http2;
#[path = "oracles/process.rs"]
#[allow(dead_code, reason = "these tests use a part of it")]
mod process;
#[path = "web_config/requests.rs"]
mod requests;
#[path = "web_config/robustness.rs"]
mod robustness;
#[path = "web_config/rotation.rs"]
mod rotation;
#[path = "web_config/scraping.rs"]
mod scraping;
mod support;
#[path = "web_config/users.rs"]
mod users;
