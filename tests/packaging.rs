//! Holds the Dockerfile and all of `deploy/` to the program, to each other, and to the tools that will read them.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

#[path = "packaging/compose.rs"]
mod compose;
#[path = "packaging/debian.rs"]
mod debian;
#[path = "packaging/dockerfile.rs"]
mod dockerfile;
#[path = "packaging/files.rs"]
mod files;
#[path = "packaging/image.rs"]
mod image;
#[path = "packaging/kubernetes.rs"]
mod kubernetes;
mod support;
#[path = "packaging/systemd.rs"]
mod systemd;
#[path = "packaging/variables.rs"]
mod variables;
