//! Substitutes environment variables for `${NAME}`.

use std::fmt;

/// A text with its variables substituted; not `Debug`, because it may be a secret.
pub(crate) struct Substituted {
    pub(crate) value: String,
    /// Whether any variable was substituted: such a value is never shown, because it may contain a secret.
    pub(crate) from_environment: bool,
}

/// Why a text's variables cannot be substituted; never quotes the text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Error {
    Unset(String),
    Empty(String),
    Malformed,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unset(name) => write!(formatter, "the environment variable {name} is not set"),
            Self::Empty(name) => write!(formatter, "the environment variable {name} is empty"),
            Self::Malformed => formatter
                .write_str("invalid reference to an environment variable (expected \"${NAME}\"; write \"$${\" for a literal \"${\")"),
        }
    }
}

/// Whether a variable may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Empty {
    Allowed,
    Forbidden,
}

/// Substitutes each `${NAME}` of `text` once, not recursively. `$${` is a literal `${`.
pub(crate) fn substitute(
    text: &str,
    environment: &dyn Fn(&str) -> Option<String>,
    empty: Empty,
) -> Result<Substituted, Error> {
    let mut value = String::with_capacity(text.len());
    let mut from_environment = false;
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, reference) = rest.split_at(start);
        if let Some(before) = before.strip_suffix('$') {
            value.push_str(before);
            value.push_str("${");
            rest = &reference[2..];
            continue;
        }
        value.push_str(before);
        let (name, after) = reference[2..].split_once('}').ok_or(Error::Malformed)?;
        if !is_name(name) {
            return Err(Error::Malformed);
        }
        let content = environment(name).ok_or_else(|| Error::Unset(name.to_owned()))?;
        if content.is_empty() && empty == Empty::Forbidden {
            return Err(Error::Empty(name.to_owned()));
        }
        value.push_str(&content);
        from_environment = true;
        rest = after;
    }
    value.push_str(rest);
    Ok(Substituted { value, from_environment })
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(name: &str) -> Option<String> {
        match name {
            "HOST" => Some("dropsuite.us".to_owned()),
            "NESTED" => Some("${HOST}".to_owned()),
            "NOTHING" => Some(String::new()),
            _ => None,
        }
    }

    #[test]
    fn variables_are_filled_in_once_and_everything_else_is_kept() {
        for (text, value) in [
            ("plain", "plain"),
            ("${HOST}", "dropsuite.us"),
            ("https://${HOST}/${HOST}", "https://dropsuite.us/dropsuite.us"),
            ("${NESTED}", "${HOST}"),
            ("a${NOTHING}b", "ab"),
            ("$${HOST}", "${HOST}"),
            ("$${a}${HOST}", "${a}dropsuite.us"),
            ("$HOST", "$HOST"),
            ("^acme$", "^acme$"),
            ("$$", "$$"),
        ] {
            assert_eq!(substitute(text, &environment, Empty::Allowed).unwrap().value, value, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_filled_in_is_an_error() {
        for (text, error) in [
            ("${GONE}", Error::Unset("GONE".to_owned())),
            ("${NOTHING}", Error::Empty("NOTHING".to_owned())),
            ("${HOST", Error::Malformed),
            ("${}", Error::Malformed),
            ("${1A}", Error::Malformed),
            ("${A-B}", Error::Malformed),
        ] {
            assert_eq!(substitute(text, &environment, Empty::Forbidden).err(), Some(error), "{text}");
        }
    }

    #[test]
    fn only_a_text_with_a_variable_comes_from_the_environment() {
        assert!(substitute("${HOST}", &environment, Empty::Forbidden).unwrap().from_environment);
        assert!(!substitute("$${HOST}", &environment, Empty::Forbidden).unwrap().from_environment);
    }
}
