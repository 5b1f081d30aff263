//! Shows which tenants are unhealthy, what to do about it, how old their data is, and when it is refreshed next.
//!
//! Pure functions from the published states to a [`Page`], and from the page to HTML and JSON. Only the tenants of one
//! page are shown in detail, so its size does not depend on the fleet.

mod counts;
mod html;
mod json;
mod next;
mod page;
mod problems;
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
