//! Formats the paths of keys, and suggests the known key that was probably meant.

use super::echo;

/// The path of `key` within the mapping at `parent`; a key that may be a secret in the wrong place is not shown.
pub(super) fn child(parent: &str, key: &str) -> String {
    // Without the space after its colon, a key contains its value.
    let is_pair = key.contains(':') || key.contains('=');
    if echo::may_be_secret(key) || is_pair {
        return format!("{parent}[...]");
    }
    let is_word = !key.is_empty() && key.chars().all(|character| character.is_alphanumeric() || character == '_');
    match (is_word, parent.is_empty()) {
        (true, true) => key.to_owned(),
        (true, false) => format!("{parent}.{key}"),
        (false, _) => format!("{parent}[{key:?}]"),
    }
}

/// The path of the item at `index` within the list at `parent`.
pub(super) fn item(parent: &str, index: usize) -> String {
    format!("{parent}[{index}]")
}

/// The known word so close to `word` that it was probably meant.
pub(super) fn closest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    // At most a third of the word may differ; otherwise the suggestion would mislead.
    known
        .iter()
        .map(|candidate| (strsim::levenshtein(word, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().max(3) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_not_words_are_quoted_in_a_path() {
        for (parent, key, path) in [
            ("", "sources", "sources"),
            ("rpo", "default", "rpo.default"),
            ("rpo.tenants", "440032-6", "rpo.tenants[\"440032-6\"]"),
            ("rpo.tenants", "Müller", "rpo.tenants.Müller"),
            ("rpo.tenants", "a\nb", "rpo.tenants[...]"),
            ("sources[0]", "access_token:abc", "sources[0][...]"),
            ("", "7d4e2c1a-90b3-4f0e-8a51-0c9d3f7b6e21", "[...]"),
            ("rpo", "", "rpo[\"\"]"),
        ] {
            assert_eq!(child(parent, key), path);
        }
    }

    #[test]
    fn a_slip_is_recognised_and_a_different_word_is_not() {
        let known = ["interval", "timeout", "stale_after", "rpo"];
        for (word, meant) in [
            ("intervall", Some("interval")),
            ("intreval", Some("interval")),
            ("time_out", Some("timeout")),
            ("stale-after", Some("stale_after")),
            ("rpos", Some("rpo")),
            ("labels", None),
            ("x", None),
        ] {
            assert_eq!(closest(word, &known), meant, "{word}");
        }
    }
}
