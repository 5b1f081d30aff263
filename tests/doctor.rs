//! Runs `doctor` against fakes of the vendors and against what is no vendor, and holds it to golden text.

mod bench;
mod datto;
mod dropsuite;
mod network;
mod output;
mod tls;
