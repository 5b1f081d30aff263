//! Prevents spreadsheets from running text in a CSV file as a formula.
//!
//! A spreadsheet evaluates a cell that begins with one of a few signs, and tenants choose their names. An apostrophe in
//! front makes such a cell text in every spreadsheet; a program that reads the file removes it again.

use std::borrow::Cow;

/// The characters with which a formula begins, also in full width, and invisible ones that may precede it.
const SIGNS: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Makes a cell text.
const MARK: char = '\'';

/// The cell as text: with an apostrophe in front if it could be a formula.
///
/// Cells that already begin with apostrophes get one more, so that [`restored`] always finds the original.
pub(crate) fn as_text(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { format!("{MARK}{cell}").into() } else { cell.into() }
}

/// The cell that [`as_text`] was given.
pub(crate) fn restored(cell: &str) -> &str {
    cell.strip_prefix(MARK).filter(|rest| is_formula(rest)).unwrap_or(cell)
}

fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches([' ', MARK]).starts_with(SIGNS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_becomes_text_and_all_else_stays() {
        for (cell, expected) in [
            ("=HYPERLINK(\"http://a.example\")", "'=HYPERLINK(\"http://a.example\")"),
            ("+1-555-0100", "'+1-555-0100"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            (" =1", "' =1"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("'quoted'", "'quoted'"),
            ("Acme = Sons", "Acme = Sons"),
            ("440032-6", "440032-6"),
            ("", ""),
        ] {
            assert_eq!(as_text(cell), expected, "{cell:?}");
            assert_eq!(restored(expected), cell, "{expected:?}");
        }
    }

    proptest! {
        #[test]
        fn any_cell_is_text_and_is_restored(cell in "['=+@\\t\\r\\n -]{0,4}[a-z＝]{0,3}") {
            let text = as_text(&cell);
            prop_assert!(!text.starts_with(SIGNS), "{text:?}");
            prop_assert_eq!(restored(&text), &cell);
        }
    }
}
