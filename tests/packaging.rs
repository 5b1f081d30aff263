//! Checks the Dockerfile and `deploy/` against the program, each other, and the tools that read them.

mod compose;
mod debian;
mod dockerfile;
mod files;
mod helm;
mod image;
mod integrations;
mod kubernetes;
mod systemd;
mod variables;
