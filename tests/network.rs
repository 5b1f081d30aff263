//! Reaches the vendor through proxies and past them, and shows a certificate where one is asked for.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

mod support;

#[path = "network/certificates.rs"]
mod certificates;
#[path = "network/gateway.rs"]
mod gateway;
#[path = "network/ways.rs"]
mod ways;
