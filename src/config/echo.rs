//! Decides which values of a file a message may quote: never one that may be a misplaced secret.

use std::path::{Path, PathBuf};

/// Maximum length of a quoted value; a longer one is probably misplaced.
const MAX_CHARS: usize = 80;

/// This many consecutive letters and digits are a token rather than a word.
const TOKEN_RUN: usize = 20;

/// This many consecutive token characters are a token if one is a digit: a UUID, or base64 with slashes.
const TOKEN_RUN_WITH_DIGITS: usize = 16;

/// The value as quoted in messages; `None` if it may contain a secret.
pub(super) fn quoted(text: &str) -> Option<String> {
    (!may_be_secret(text)).then(|| format!("{text:?}"))
}

/// Whether a text may be or contain a token, a key, or credentials in a URL.
pub(crate) fn may_be_secret(text: &str) -> bool {
    let is_token_character = |letter: char| letter.is_ascii_alphanumeric() || "+/=_.-".contains(letter);
    let has_token = text.split(|letter| !is_token_character(letter)).any(|run| {
        let has_digit = run.contains(|letter: char| letter.is_ascii_digit());
        let is_long = run.len() >= TOKEN_RUN_WITH_DIGITS && has_digit;
        is_long || run.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| word.len() >= TOKEN_RUN)
    });
    has_token
        || text.chars().count() > MAX_CHARS
        || text.contains('@')
        || text.contains(char::is_control)
        || is_pem(text)
}

/// Whether a text is a certificate or key instead of the name of something.
pub(super) fn is_pem(text: &str) -> bool {
    text.contains("-----BEGIN")
}

/// The path of a file in messages: in full if the file exists, and otherwise only the existing folders, because the
/// rest may be a secret.
pub(super) fn path(path: &Path) -> String {
    if path.symlink_metadata().is_ok() {
        return path.display().to_string();
    }
    let here = || PathBuf::from(".");
    let folder = path.ancestors().skip(1).find(|ancestor| ancestor.is_dir()).map_or_else(here, Path::to_owned);
    format!("the file below {}", folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_and_what_may_be_a_secret_is_not() {
        for text in [
            "5 parsecs",
            "dropsuit",
            "dropsuite.us/admin",
            "mailto:api.datto.com",
            "Müller & Söhne GmbH",
            "(acme",
            "saasbackup_seets.*",
            "TLS_RSA_RC4",
            "${HOST}",
            "",
        ] {
            assert_eq!(quoted(text), Some(format!("{text:?}")));
        }
        for text in [
            "dGhpcyBpcyBh/c2VjcmV0+dG9r==",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP",
            "abcdefghijklmnopqrstuvwxyz",
            "7d4e2c1a-90b3-4f0e-8a51-0c9d3f7b6e21",
            "access_token: 7d4e2c1a90b34f0e",
            "http://user:pw@proxy",
            "two\nlines",
            "-----BEGIN PRIVATE KEY-----",
            &"ä".repeat(81),
        ] {
            assert_eq!(quoted(text), None, "{text:?}");
        }
    }

    #[test]
    fn of_a_path_only_what_exists_is_shown() {
        let folder = tempfile::tempdir().unwrap();
        let shown = folder.path().display().to_string();
        std::fs::write(folder.path().join("token"), "").unwrap();
        assert_eq!(path(&folder.path().join("token")), format!("{shown}/token"));
        assert_eq!(path(&folder.path().join("canary/of+base64==")), format!("the file below {shown}"));
        assert_eq!(path(Path::new("canary/canary")), "the file below .");
        assert_eq!(path(Path::new("/9j/canary")), "the file below /");
    }
}
