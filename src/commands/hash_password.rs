//! Hashes a password from the terminal or a pipe for `basic_auth_users`, without echoing it.

use std::io::{self, BufRead, IsTerminal as _};

use bcrypt::Version;
use secrecy::{ExposeSecret, SecretString};

use super::{Exit, print};

/// The maximum that bcrypt supports: it would ignore the rest, so that half a password would match.
const MAX_BYTES: usize = 71;

/// Why hashing failed; never contains the password.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input cannot be read.
    #[error("reading the password failed: {0}")]
    Unreadable(#[from] io::Error),
    /// The password is empty.
    #[error("the password is empty")]
    Empty,
    /// It is longer than bcrypt supports.
    #[error("the password is longer than {MAX_BYTES} bytes, the maximum that bcrypt supports")]
    TooLong,
    /// It cannot be sent over HTTP.
    #[error("the password contains a control character, which HTTP clients cannot send")]
    Control,
    /// The two inputs differ.
    #[error("passwords do not match")]
    Different,
    /// The system has no random numbers.
    #[error("hashing the password failed: {0}")]
    Unhashed(#[from] bcrypt::BcryptError),
}

/// Reads a password and prints its hash, or the line for `user`.
///
/// # Errors
///
/// If the password is unusable, or cannot be hashed.
pub fn run(user: Option<&str>, cost: u32) -> anyhow::Result<Exit> {
    print(line(user, &read()?, cost)?)
}

/// The password: typed twice without echo on a terminal, otherwise the first line of standard input.
///
/// # Errors
///
/// If there is none, or it is unusable.
pub fn read() -> Result<SecretString, Error> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return checked(first_line(&mut stdin.lock())?);
    }
    let password = checked(rpassword::prompt_password("Password: ")?.into())?;
    let again: SecretString = rpassword::prompt_password("Again: ")?.into();
    if again.expose_secret() == password.expose_secret() { Ok(password) } else { Err(Error::Different) }
}

fn first_line(input: &mut impl BufRead) -> io::Result<SecretString> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    let end = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(end);
    Ok(line.into())
}

fn checked(password: SecretString) -> Result<SecretString, Error> {
    match password.expose_secret() {
        "" => Err(Error::Empty),
        text if text.chars().any(char::is_control) => Err(Error::Control),
        text if text.len() > MAX_BYTES => Err(Error::TooLong),
        _ => Ok(password),
    }
}

/// The hash, or a line for `basic_auth_users`, in the usual format.
///
/// # Errors
///
/// If the system has no random numbers.
pub fn line(user: Option<&str>, password: &SecretString, cost: u32) -> Result<String, Error> {
    let hash = bcrypt::hash_with_result(password.expose_secret(), cost)?.format_for_version(Version::TwoY);
    let Some(user) = user else { return Ok(format!("{hash}\n")) };
    let is_plain = user.starts_with(|first: char| first.is_ascii_alphabetic())
        && user.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.@".contains(letter));
    // Quoted text is the same in JSON and in YAML.
    let user = if is_plain { user.to_owned() } else { serde_json::Value::from(user).to_string() };
    Ok(format!("{user}: {hash}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_password_without_its_end() {
        for (input, password) in [("secret\n", "secret"), ("secret\r\nmore\n", "secret"), ("a b ", "a b "), ("", "")] {
            assert_eq!(first_line(&mut input.as_bytes()).unwrap().expose_secret(), password);
        }
    }

    #[test]
    fn what_cannot_be_a_password_is_refused_without_being_shown() {
        let long = "canary".repeat(12);
        for (text, message) in
            [("", "is empty"), ("can\u{7}ary", "control character"), (long.as_str(), "longer than 71")]
        {
            let error = checked(text.into()).unwrap_err().to_string();
            assert!(error.contains(message) && !error.contains("canary"), "{error}");
        }
        assert!(checked("ä ö".into()).is_ok());
    }

    #[test]
    fn the_line_is_one_of_yaml_and_fits_the_password() {
        for user in ["ada", "440", "a: b", "no \"quotes\""] {
            let line = line(Some(user), &"secret".into(), 4).unwrap();
            let read: std::collections::BTreeMap<String, String> = serde_saphyr::from_str(&line).unwrap();
            assert!(bcrypt::verify("secret", &read[user]).unwrap(), "{line}");
        }
        let hash = line(None, &"secret".into(), 4).unwrap();
        assert!(hash.starts_with("$2y$04$") && hash.ends_with('\n'), "{hash}");
    }
}
