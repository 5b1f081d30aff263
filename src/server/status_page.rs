//! Answers the question of the morning: whose backup is not fine, and is that known or only believed.
//!
//! Pure functions from what is published to a [`Page`], and from the page to
//! HTML for people and JSON for programs. Only the tenants of one page are told
//! in full, so the page stays small however large the fleet is.

mod counts;
mod html;
mod json;
mod next;
mod page;
mod query;
mod source;
mod tenant;
mod verdict;
mod words;

pub use self::html::render as to_html;
pub(crate) use self::html::style;
pub use self::json::render as to_json;
pub use self::page::Page;
pub use self::query::{BadQuery, Query};

#[cfg(test)]
mod tests;
