//! Keeps the look of every page: light and dark as the reader's system wants it, narrow and wide.

use maud::{Markup, PreEscaped, html};

/// The style element.
pub(crate) fn style() -> Markup {
    html! { style { (PreEscaped(STYLE)) } }
}

/// Nothing in it comes from outside, so it cannot end the element.
const STYLE: &str = include_str!("style.css");
