//! Connects to the vendor through proxies and past them, and with client certificates.

mod certificates;
mod gateway;
mod ways;
