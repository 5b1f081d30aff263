//! Provides the style of every page, for light and dark themes and any width.

use maud::{Markup, PreEscaped, html};

/// The style element.
pub(crate) fn style() -> Markup {
    html! { style { (PreEscaped(STYLE)) } }
}

/// Contains no external input, so it cannot end the element.
const STYLE: &str = include_str!("style.css");
