//! Parses weighted lists in HTTP headers such as `Accept` and `Accept-Encoding` (RFC 9110, section 12.4.2).

/// One entry of such a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    name: &'a str,
    parameters: &'a str,
}

/// The highest weight, from 0 (not acceptable) to 1, of the entries for which `is_meant` returns true; 0 if there is
/// none.
pub(crate) fn weight(header: &str, is_meant: impl Fn(Entry<'_>) -> bool) -> f32 {
    let entries = header.split(',').map(|entry| {
        let (name, parameters) = entry.split_once(';').unwrap_or((entry, ""));
        Entry { name: name.trim(), parameters }
    });
    entries.filter(|entry| is_meant(*entry)).map(Entry::weight).fold(0.0, f32::max)
}

impl<'a> Entry<'a> {
    /// Whether this is its name, ignoring case.
    pub(crate) const fn is(self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value of a parameter, unquoted; `None` if it is missing.
    pub(crate) fn parameter(self, name: &str) -> Option<&'a str> {
        let mut parameters = self.parameters.split(';').filter_map(|parameter| parameter.split_once('='));
        let (_, value) = parameters.find(|(found, _)| found.trim().eq_ignore_ascii_case(name))?;
        Some(value.trim().trim_matches('"'))
    }

    /// An unreadable weight means not acceptable.
    fn weight(self) -> f32 {
        let Some(text) = self.parameter("q") else { return 1.0 };
        text.parse().ok().filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_weight_of_a_name_counts() {
        for (header, expected) in [
            ("", 0.0),
            ("gzip", 1.0),
            ("GZIP", 1.0),
            ("gzippy", 0.0),
            ("deflate, gzip", 1.0),
            ("gzip;q=0.5", 0.5),
            ("gzip ; Q = 0.001", 0.001),
            ("gzip;level=1;q=0.5", 0.5),
            ("gzip;q=0.2, br, gzip;q=0.7", 0.7),
            ("gzip;q=0", 0.0),
            ("gzip;q=", 0.0),
            ("gzip;q=much", 0.0),
            ("gzip;q=nan", 0.0),
            ("gzip;q=-1", 0.0),
            ("gzip;q=7", 0.0),
            (",;,gzip;", 1.0),
        ] {
            let weight = weight(header, |entry| entry.is("gzip"));
            assert!((weight - expected).abs() < f32::EPSILON, "{header:?}: {weight}");
        }
    }

    #[test]
    fn parameters_are_read_without_their_quotes() {
        let is_meant = |entry: Entry<'_>| entry.parameter("version") == Some("1.0.0");
        assert!(weight("a/b; charset=utf-8; Version=\"1.0.0\"", is_meant) > 0.0);
        assert!(weight("a/b; version=1.0.1, a/b", is_meant) <= 0.0);
    }
}
