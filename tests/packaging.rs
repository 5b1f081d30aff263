//! Holds the Dockerfile and all of `deploy/` to the program, to each other, and to the tools that will read them.

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
