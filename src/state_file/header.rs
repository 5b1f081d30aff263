//! Reads and writes the header of the file: its type, format, length and checksum.

use std::io::{self, Write};

use super::LoadError;

/// The first word of the file.
const MAGIC: &str = "saasbackup-exporter-state";
/// Increased with every change that makes older files unreadable.
pub(super) const FORMAT: u32 = 3;
/// Maximum length of a header.
pub(super) const MAX_BYTES: u64 = 128;

/// What the header says about the content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// Length of the content in bytes.
    pub(super) length: u64,
    /// CRC-32 of the content.
    pub(super) checksum: u32,
}

impl Header {
    /// The header line; its length is constant, so that it can be written last.
    pub(super) fn line(self) -> String {
        format!("{MAGIC} format={FORMAT:04} bytes={:020} crc32={:08x}\n", self.length, self.checksum)
    }

    /// Reads the line.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, LoadError> {
        let line =
            std::str::from_utf8(bytes).ok().and_then(|line| line.strip_suffix('\n')).ok_or(LoadError::Foreign)?;
        let rest = line.strip_prefix(MAGIC).and_then(|rest| rest.strip_prefix(" format=")).ok_or(LoadError::Foreign)?;
        let (format, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        match format.parse::<u32>().map_err(|_| LoadError::Foreign)? {
            FORMAT => {}
            format => return Err(LoadError::Format { format }),
        }
        let numbers = rest.strip_prefix("bytes=").and_then(|rest| rest.split_once(" crc32="));
        let (length, checksum) = numbers.ok_or(LoadError::Foreign)?;
        let header = Self {
            length: length.parse().map_err(|_| LoadError::Foreign)?,
            checksum: u32::from_str_radix(checksum, 16).map_err(|_| LoadError::Foreign)?,
        };
        // Numbers have only one valid representation.
        if header.line().as_bytes() == bytes { Ok(header) } else { Err(LoadError::Foreign) }
    }
}

/// Passes writes through, and computes the header.
pub(super) struct Measured<W> {
    inner: W,
    length: u64,
    checksum: crc32fast::Hasher,
}

impl<W: Write> Measured<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, length: 0, checksum: crc32fast::Hasher::new() }
    }

    pub(super) fn finish(self) -> Header {
        Header { length: self.length, checksum: self.checksum.finalize() }
    }
}

impl<W: Write> Write for Measured<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.length += written as u64;
        self.checksum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_as_it_was_written_and_is_always_as_long() {
        for header in [Header::default(), Header { length: u64::MAX, checksum: u32::MAX }] {
            assert_eq!(Header::parse(header.line().as_bytes()).unwrap(), header);
            assert_eq!(header.line().len(), Header::default().line().len());
            assert!((header.line().len() as u64) < MAX_BYTES);
        }
    }

    #[test]
    fn another_first_line_says_what_the_file_is_instead() {
        let line = |format: &str| format!("{MAGIC} format={format} bytes=1 crc32=0\n");
        let later_line = format!("{MAGIC} format=4\n");
        for (text, expected) in [(line("0001"), 1), (line("0004"), 4), (later_line, 4)] {
            let result = Header::parse(text.as_bytes());
            assert!(matches!(result, Err(LoadError::Format { format }) if format == expected), "{text}: {result:?}");
        }
        for foreign in [
            "",
            "\n",
            "sources:\n",
            MAGIC,
            &format!("{MAGIC} format=3\n"),
            &line("x"),
            &line("0003").replace("=1 ", "=-1 "),
        ] {
            let result = Header::parse(foreign.as_bytes());
            assert!(matches!(result, Err(LoadError::Foreign)), "{foreign:?}: {result:?}");
        }
        assert!(matches!(Header::parse(b"\xff\xfe\n"), Err(LoadError::Foreign)));
    }
}
