//! Reads web configurations: no user is authenticated without a password, and no error contains a secret.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use saasbackup_exporter::config::web::WebConfig;
use saasbackup_exporter_fuzz::canary::{CANARY, assert_silent};

/// No file of the machine is to be found below it.
const NOWHERE: &str = "/nonexistent/fuzz";

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    for text in [text, &format!("{text}\nbasic_auth_users: {{ ada: {CANARY} }}\n")] {
        match WebConfig::parse(text, &environment, Path::new(NOWHERE)) {
            Err(errors) => {
                assert!(!errors.problems().is_empty(), "refused for nothing");
                assert_silent(&errors);
            }
            Ok(config) => {
                assert!(!format!("{:?}", config.users).contains("$2"), "a hash is shown");
                assert!(!config.users.is_empty() || !names_users(text), "open in spite of its users: {text}");
            }
        }
    }
});

/// All that the environment holds is secret, or nothing.
fn environment(name: &str) -> Option<String> {
    match name.len() {
        0..=2 => None,
        3 => Some(String::new()),
        _ => Some(CANARY.to_owned()),
    }
}

/// Whether a line of the top level begins the section of users.
fn names_users(text: &str) -> bool {
    text.lines().any(|line| line == "basic_auth_users:")
        // Within a text of several lines it is none.
        && !text.contains(['|', '>', '"', '\'', '[', '{', '#', '&', '?', '-', '%'])
}
