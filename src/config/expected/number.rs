//! Reads a number of seats or accounts.

/// No tenant has so many seats; a telephone number or an amount of money in the wrong column may.
const MAX: u64 = 10_000_000;

/// The number in a column.
pub(super) fn number(column: &str, text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| *number <= MAX);
    number.ok_or_else(|| format!("{column} {text:?} is not a whole number from 0 to {MAX}"))
}
