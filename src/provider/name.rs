//! Cleans names for display.

/// Longer names are truncated: a label should not hold a page of text.
pub(super) const MAX_LENGTH: usize = 200;

/// The name without characters that labels should not contain; `None` if nothing is left.
pub(super) fn display(name: &str) -> Option<String> {
    let clean: String =
        name.trim().chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(MAX_LENGTH).collect();
    let clean = clean.trim();
    (!clean.is_empty()).then(|| clean.to_owned())
}
