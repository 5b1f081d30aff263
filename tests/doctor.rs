//! Runs `doctor` against mock vendors and other servers, and compares its output with golden files.

mod bench;
mod datto;
mod dropsuite;
mod network;
mod output;
mod tls;
