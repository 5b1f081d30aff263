//! Looks at the pages as people do: over HTTP, in a real browser, on a phone and at a desk, by day and by night.

mod browser;
mod demo;
mod http;
mod looks;
