//! Compresses an exposition as one gzip member whose beginning can be cached while its ending changes.
//!
//! The beginning ends at a byte boundary, and the ending is compressed without references to it, so that the two can be
//! concatenated; the checksum is continued. It is a single member because some clients only read the first.

use std::io::{self, Write as _};
use std::ops::ControlFlow;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::{Format, Selected};

/// The header of a member (RFC 1952): deflate, no name, no time, fastest, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff];

/// The beginning of a gzip member: an exposition without its ending.
#[derive(Clone, Debug)]
pub struct Compressed {
    bytes: Vec<u8>,
    checksum: crc32fast::Hasher,
    length: u64,
}

impl Selected {
    /// Compresses the output of [`Selected::observed`].
    ///
    /// # Panics
    ///
    /// If there is a bug in the compression.
    #[must_use]
    pub fn compressed(&self, format: Format) -> Compressed {
        let mut encoder = DeflateEncoder::new(HEADER.to_vec(), Compression::fast());
        let (mut checksum, mut length) = (crc32fast::Hasher::new(), 0);
        let _ = self.observed(format, &mut |piece| {
            checksum.update(piece);
            length += piece.len() as u64;
            written(encoder.write_all(piece));
            piece.clear();
            ControlFlow::Continue(())
        });
        // Flush all pending output, but no final block, which would end the member.
        written(encoder.flush());
        let mut bytes = std::mem::take(encoder.get_mut());
        bytes.shrink_to_fit();
        Compressed { bytes, checksum, length }
    }
}

impl Compressed {
    /// The rest of the member, with this ending.
    ///
    /// # Panics
    ///
    /// If there is a bug in the compression.
    #[must_use]
    pub fn ended(&self, ending: &str) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        written(encoder.write_all(ending.as_bytes()));
        let mut bytes = encoder.finish().expect(MEMORY);
        let mut checksum = self.checksum.clone();
        checksum.update(ending.as_bytes());
        bytes.extend_from_slice(&checksum.finalize().to_le_bytes());
        #[expect(clippy::cast_possible_truncation, reason = "a member tells its length modulo 2^32")]
        let length = (self.length + ending.len() as u64) as u32;
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes
    }
}

impl AsRef<[u8]> for Compressed {
    /// The beginning of the member.
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

const MEMORY: &str = "writing to memory cannot fail";

fn written(result: io::Result<()>) {
    result.expect(MEMORY);
}
