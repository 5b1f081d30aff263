//! Checks every page against the program: each block is run or parsed, each link has a target, each name exists.

mod blocks;
mod bounds;
mod cardinality;
mod commands;
mod configuration;
mod dependencies;
mod endpoints;
mod keys;
mod links;
pub(crate) mod markdown;
mod numbers;
mod packaged;
mod shell;
mod stage;
mod troubleshooting;
mod words;
mod workshop;
