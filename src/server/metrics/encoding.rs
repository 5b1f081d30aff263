//! Chooses by the `Accept-Encoding` header whether the exposition is compressed.

use crate::qvalue::weight;

/// The encoding of an exposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Uncompressed.
    Identity,
    /// One gzip member.
    Gzip,
}

impl Encoding {
    /// The supported encoding that the scraper prefers.
    pub(super) fn negotiate(accept_encoding: &str) -> Self {
        if accepts_gzip(accept_encoding) { Self::Gzip } else { Self::Identity }
    }
}

/// Whether gzip is named with at least the weight of identity.
fn accepts_gzip(accept_encoding: &str) -> bool {
    let gzip = weight(accept_encoding, |entry| entry.is("gzip") || entry.is("x-gzip"));
    let identity = weight(accept_encoding, |entry| entry.is("identity"));
    gzip > 0.0 && gzip >= identity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_names_gzip_gets_it() {
        for (header, expected) in [
            ("", false),
            ("gzip", true),
            ("GZIP", true),
            ("x-gzip", true),
            ("deflate, gzip;q=1.0, *;q=0.5", true),
            ("gzip, deflate, br, zstd", true),
            ("identity, gzip", true),
            ("identity, gzip;q=0.5", false),
            ("identity;q=0.5, gzip", true),
            ("gzip;q=0", false),
            ("gzip; Q = 0.001", true),
            ("gzip;q=much", false),
            ("gzip;q=nan", false),
            ("*", false),
            ("identity", false),
            ("deflate, br", false),
        ] {
            assert_eq!(accepts_gzip(header), expected, "{header}");
        }
    }
}
