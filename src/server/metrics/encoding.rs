//! Chooses by the scraper's `Accept-Encoding` header whether the exposition is packed.

/// How an exposition is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As text.
    Identity,
    /// As one gzip member.
    Gzip,
}

impl Encoding {
    /// The encoding that the scraper likes most, of those that there are.
    pub(super) fn negotiate(accept_encoding: &str) -> Self {
        if accepts_gzip(accept_encoding) { Self::Gzip } else { Self::Identity }
    }
}

/// Whether gzip is named, and not less liked than plain text.
fn accepts_gzip(accept_encoding: &str) -> bool {
    let (mut gzip, mut identity) = (0.0_f32, 0.0_f32);
    for coding in accept_encoding.split(',') {
        let mut pieces = coding.split(';').map(str::trim);
        let name = pieces.next().unwrap_or_default();
        let quality = pieces
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
            .map_or(1.0, |(_, quality)| quality.trim().parse().unwrap_or(0.0));
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            gzip = gzip.max(quality);
        } else if name.eq_ignore_ascii_case("identity") {
            identity = identity.max(quality);
        }
    }
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
