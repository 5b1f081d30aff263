//! Tests the pages over HTTP and in a real browser, in narrow and wide windows, with the light and the dark theme.

pub(crate) mod browser;
mod demo;
mod http;
pub(crate) mod looks;
