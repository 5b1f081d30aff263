//! Holds what each subcommand does beside serving; every one is composition over the rest.

pub mod demo;
pub mod doctor;
pub mod hash_password;
pub mod health;
pub mod once;
