//! Puts a word into an input that must not come out again.

use std::fmt::{Debug, Display};

/// The word: no input holds it by chance.
pub const CANARY: &str = "cAnArY-7f3e9";

/// The pages with the word at the beginning of the texts that these fields hold; of all fields where none is named.
#[must_use]
pub fn sown(pages: &[&[u8]], fields: &[&str]) -> Vec<Vec<u8>> {
    let mut begins: Vec<String> = fields.iter().map(|field| format!("\"{field}\"")).collect();
    if begins.is_empty() {
        begins.push("\"".to_owned());
    }
    let patterns: Vec<String> =
        begins.iter().flat_map(|begin| [format!("{begin}:\""), format!("{begin}: \"")]).collect();
    let sow = |page: &&[u8]| {
        let mut sown = Vec::with_capacity(page.len() * 2);
        for (index, byte) in page.iter().enumerate() {
            sown.push(*byte);
            if *byte == b'"' && patterns.iter().any(|pattern| page[..=index].ends_with(pattern.as_bytes())) {
                sown.extend_from_slice(CANARY.as_bytes());
            }
        }
        sown
    };
    pages.iter().map(sow).collect()
}

/// Neither the message nor the debugging output holds the word.
pub fn assert_silent(error: &(impl Display + Debug)) {
    assert!(!error.to_string().contains(CANARY), "the message discloses it: {error}");
    assert!(!format!("{error:?}").contains(CANARY), "the debug output discloses it: {error:?}");
}
