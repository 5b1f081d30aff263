//! What all HTML pages share: their metadata, and the safe display of names chosen by the vendors' customers.

use maud::{Markup, html};

/// The metadata of a page that fits any screen, light and dark.
pub(crate) fn metadata() -> Markup {
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
    }
}

/// Longer names are truncated.
const MAX_LENGTH: usize = 120;

/// A name with characters escaped that would affect the text around it.
///
/// The name is isolated (`bdi`), so that right-to-left text does not move its neighbours; bidirectional controls and
/// invisible characters are shown by their code.
pub(crate) fn name(text: &str) -> Markup {
    let mut pieces: Vec<(bool, String)> = Vec::new();
    for character in text.chars().take(MAX_LENGTH) {
        let is_odd = is_invisible(character);
        let shown = if is_odd { format!("U+{:04X}", u32::from(character)) } else { character.to_string() };
        match pieces.last_mut() {
            Some((false, piece)) if !is_odd => piece.push_str(&shown),
            _ => pieces.push((is_odd, shown)),
        }
    }
    let is_cut = text.chars().nth(MAX_LENGTH).is_some();
    html! {
        bdi {
            @for (is_odd, piece) in pieces {
                @if is_odd { span.odd { (piece) } } @else { (piece) }
            }
            @if is_cut { "…" }
            @if text.trim().is_empty() { span.odd { "no name" } }
        }
    }
}

/// Control characters, bidirectional marks and overrides, and zero-width characters, except joiners, which many scripts
/// need.
pub(crate) const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_neither_write_markup_nor_turn_the_text_around() {
        for (text, shown) in [
            ("Acme & Söhne", "<bdi>Acme &amp; Söhne</bdi>"),
            ("<script>alert(1)</script>", "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>"),
            ("a\"b'c", "<bdi>a&quot;b'c</bdi>"),
            ("a\u{202e}b", "<bdi>a<span class=\"odd\">U+202E</span>b</bdi>"),
            ("a\n\tb", "<bdi>a<span class=\"odd\">U+000A</span><span class=\"odd\">U+0009</span>b</bdi>"),
            ("שלום", "<bdi>שלום</bdi>"),
            ("", "<bdi><span class=\"odd\">no name</span></bdi>"),
        ] {
            assert_eq!(name(text).into_string(), shown, "{text:?}");
        }
    }

    #[test]
    fn a_name_without_end_is_cut() {
        let shown = name(&"ä".repeat(10_000)).into_string();
        assert_eq!(shown, format!("<bdi>{}…</bdi>", "ä".repeat(MAX_LENGTH)));
        assert!(!name(&"a".repeat(MAX_LENGTH)).into_string().contains('…'));
    }
}
