//! Looks at the pages as people do: over HTTP, in a real browser, on a phone and at a desk, by day and by night.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

#[path = "views/browser.rs"]
mod browser;
#[path = "views/demo.rs"]
mod demo;
#[path = "views/http.rs"]
mod http;
#[path = "views/looks.rs"]
mod looks;
mod support;
