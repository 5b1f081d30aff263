//! Reads secrets from the file itself, the environment or separate files, and never shows them.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::decoder::{Field, FilePath, Section};
use crate::process::file;

/// Maximum size, far more than any token.
const MAX_FILE_BYTES: u64 = 64 << 10;

/// Words that are often pasted along with a token, as portals and examples show them.
const PASTED_PREFIXES: [&str; 2] = ["token", "bearer"];

/// A token or key, cleaned of what was pasted with it: one line of visible ASCII, never empty.
#[derive(Clone, Debug)]
pub struct Secret {
    value: SecretString,
    origin: SecretSource,
}

/// The origin of a secret, which determines whether it can change at runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// Written in the configuration file.
    Inline,
    /// Written in the configuration file as `${NAME}`.
    Environment,
    /// Read from this file, which is read again when the vendor rejects the secret.
    File(PathBuf),
}

/// Why a secret cannot be read; never contains what was found instead.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be opened or read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// There is only whitespace.
    #[error("{place} is empty")]
    Empty {
        /// What was read.
        place: String,
    },
    /// It is not valid in a request.
    #[error("{place} {flaw}")]
    Malformed {
        /// What was read.
        place: String,
        /// What is wrong with it.
        flaw: &'static str,
    },
}

impl Secret {
    /// A secret that is not from a configuration file.
    ///
    /// # Errors
    ///
    /// The value is empty or cannot be a token.
    pub fn new(value: &str) -> Result<Self, SecretError> {
        Ok(Self { value: clean(value, "the value")?, origin: SecretSource::Inline })
    }

    /// Reads the secret from a file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or does not hold a token.
    pub fn from_file(path: &Path) -> Result<Self, SecretError> {
        Self::from_file_shown_as(path, &path.display().to_string())
    }

    /// `shown` is the path of the file in errors.
    fn from_file_shown_as(path: &Path, shown: &str) -> Result<Self, SecretError> {
        let place = shown.to_owned();
        let content = file::read(path, MAX_FILE_BYTES)
            .map_err(|cause| SecretError::Unreadable { path: path.to_owned(), cause })?;
        let Some(content) = content else {
            return Err(SecretError::Malformed { place, flaw: "is larger than 64 KiB; expected a single token" });
        };
        let text = std::str::from_utf8(&content)
            .map_err(|_| SecretError::Malformed { place: place.clone(), flaw: "is not valid UTF-8" })?;
        Ok(Self { value: clean(text, &place)?, origin: SecretSource::File(path.to_owned()) })
    }

    /// Reads the secret again from its origin; only a file can have changed.
    ///
    /// # Errors
    ///
    /// The file cannot be read any more, or no longer holds a token.
    pub fn reread(&self) -> Result<Self, SecretError> {
        match &self.origin {
            SecretSource::File(path) => Self::from_file(path),
            SecretSource::Inline | SecretSource::Environment => Ok(self.clone()),
        }
    }

    /// The secret itself, only for sending it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.value.expose_secret()
    }

    /// Its origin.
    #[must_use]
    pub const fn origin(&self) -> &SecretSource {
        &self.origin
    }
}

/// Equal if both value and origin are equal.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose() && self.origin == other.origin
    }
}

impl Eq for Secret {}

/// The token within `text`, without surrounding text.
fn clean(text: &str, place: &str) -> Result<SecretString, SecretError> {
    // Windows editors write a byte order mark.
    let mut token = text.trim_start_matches('\u{feff}').trim();
    for prefix in PASTED_PREFIXES {
        if let Some((start, rest)) = token.split_at_checked(prefix.len())
            && start.eq_ignore_ascii_case(prefix)
            && (rest.is_empty() || rest.starts_with(char::is_whitespace))
        {
            token = rest.trim_start();
        }
    }
    if token.is_empty() {
        return Err(SecretError::Empty { place: place.to_owned() });
    }
    if !token.chars().all(|character| character.is_ascii_graphic()) {
        let flaw = "contains spaces, several lines or non-ASCII characters; expected a single token";
        return Err(SecretError::Malformed { place: place.to_owned(), flaw });
    }
    Ok(SecretString::from(token))
}

/// The secret given as `key` or as `file_key`, exactly one of which is required.
pub(super) fn decode(section: &Section<'_>, key: &str, file_key: &str) -> Option<Secret> {
    match (section.get(key), section.get(file_key)) {
        (Some(_), Some(_)) => {
            section.problem_at(file_key, format!("is mutually exclusive with {key}"));
            None
        }
        (None, None) => {
            section.problem_at(file_key, format!("is missing (or set {key} to the value itself)"));
            None
        }
        (Some(value), None) => inline(&value),
        (None, Some(path)) => from_file_at(&path, key),
    }
}

fn inline(field: &Field<'_>) -> Option<Secret> {
    let text = field.hidden_text()?;
    let origin = if text.from_environment { SecretSource::Environment } else { SecretSource::Inline };
    match clean(&text.value, "the value") {
        Ok(value) => Some(Secret { value, origin }),
        Err(error) => {
            field.problem(error.to_string());
            None
        }
    }
}

fn from_file_at(field: &Field<'_>, key: &str) -> Option<Secret> {
    let FilePath { path, shown } = field.file_path()?;
    match Secret::from_file_shown_as(&path, &shown) {
        Ok(secret) => return Some(secret),
        Err(SecretError::Unreadable { cause, .. }) => {
            field.problem(format!("cannot read {shown}: {cause} (to give the value itself, use {key})"));
        }
        Err(error) => field.problem(error.to_string()),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_pasted_with_a_token_is_removed() {
        for text in [
            "abc-1",
            "  abc-1\r\n",
            "Token abc-1",
            "bearer  abc-1",
            "\u{feff}abc-1\n",
            " TOKEN abc-1 ",
            "Token Bearer abc-1",
        ] {
            assert_eq!(clean(text, "it").unwrap().expose_secret(), "abc-1", "{text:?}");
        }
        assert_eq!(clean("tokenabc", "it").unwrap().expose_secret(), "tokenabc");
    }

    #[test]
    fn what_cannot_be_a_token_is_refused_without_being_shown() {
        for (text, message) in [
            ("", "it is empty"),
            (" \n", "it is empty"),
            ("Bearer ", "it is empty"),
            ("canary canary", "it contains spaces"),
            ("canary\ncanary", "it contains spaces"),
            ("canäry", "it contains spaces"),
        ] {
            let error = clean(text, "it").unwrap_err().to_string();
            assert!(error.starts_with(message), "{text:?}: {error}");
            assert!(!error.contains("can"), "{error}");
        }
    }

    #[test]
    fn a_secret_file_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "first\n").unwrap();
        let secret = Secret::from_file(&path).unwrap();
        std::fs::write(&path, "second\n").unwrap();
        assert_eq!((secret.expose(), secret.reread().unwrap().expose()), ("first", "second"));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(secret.reread(), Err(SecretError::Unreadable { .. })));
    }

    #[test]
    fn debug_output_hides_the_secret() {
        let shown = format!("{:?}", Secret::new("canary-1").unwrap());
        assert!(!shown.contains("canary") && shown.contains("REDACTED"), "{shown}");
    }
}
