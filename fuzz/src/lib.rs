//! Holds what the fuzz targets share: the tenant that is decoded for, its exposition, and the canary.

#[expect(dead_code, reason = "the tests ask more of it")]
#[path = "../../tests/support/exposition.rs"]
mod exposition;

pub mod canary;
pub mod shown;

use saasbackup_exporter::domain::Timestamp;

/// The moment at which everything is decoded.
pub const NOW: Timestamp = Timestamp::from_millis(1_763_752_800_500);

/// The choice that the first byte of an input makes, and the pages in the rest: a zero byte, which JSON never has,
/// stands between them.
#[must_use]
pub fn pages(input: &[u8]) -> Option<(u8, Vec<&[u8]>)> {
    let (choice, rest) = input.split_first()?;
    Some((*choice, rest.split(|byte| *byte == 0).collect()))
}
