//! Searches recordings for what the vendors sent: whole, in part, or in another spelling.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use regex::Regex;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use saasbackup_exporter::commands::record::{Options, record};
use saasbackup_exporter::config::Config;
use saasbackup_exporter::recording::{Ended, Recording};
use saasbackup_simulator::datto::Shape;
use saasbackup_simulator::dropsuite::fleet::PRIVATE_MARKER;
use tokio_util::sync::CancellationToken;

use super::marked::{MARK, Marks, NUMBERS, WORD, before};
use super::{config, recorded};
use crate::datto::vendor::{Vendor as Datto, options};
use crate::support::vendor::Vendor;

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut all, byte| {
        write!(all, "{byte:02x}").unwrap();
        all
    })
}

/// No four letters of a text in a row, nor its base64, hexadecimal digits or hash.
fn has_nothing_of(recording: &str, text: &str) {
    let letters: Vec<char> = text.chars().collect();
    for part in letters.windows(4).map(|part| part.iter().collect::<String>()) {
        assert!(!recording.contains(&part), "{part} is in the recording");
    }
    // The ends of base64 depend on what is beside the text, and all of it on how many bytes are before it.
    let base64 = ["", "x", "xx"].map(|before| BASE64_STANDARD_NO_PAD.encode(format!("{before}{text}")));
    for spelling in base64.iter().map(|base64| &base64[4..base64.len() - 2]).filter(|spelling| spelling.len() > 4) {
        assert!(!recording.contains(spelling), "{spelling} is in the recording");
    }
    let lower = recording.to_ascii_lowercase();
    for bytes in [
        text.as_bytes(),
        digest(&SHA256, text.as_bytes()).as_ref(),
        digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref(),
    ] {
        let digits = hexadecimal(bytes);
        for part in [&digits[..8], &digits[digits.len() - 8..]] {
            assert!(!lower.contains(part), "{part} is in the recording");
        }
    }
}

/// No digits of the numbers, nor a time that is one of them.
fn has_no_number(recording: &str) {
    let measured = Regex::new(r#"<time -[0-9.]+s|"(size|duration_ms)": \d+"#).unwrap();
    let rest = measured.replace_all(recording, "");
    assert!(!Regex::new(r"<time \+\d{7}").unwrap().is_match(&rest), "a number is a time");
    for number in NUMBERS {
        let digits = number.to_string();
        for part in digits.as_bytes().windows(5).map(|part| std::str::from_utf8(part).unwrap()) {
            assert!(!rest.contains(part), "{part} is in the recording");
        }
    }
}

fn has_nothing(recording: &Recording, secrets: &[String]) {
    let written = recording.to_json();
    for text in [MARK, PRIVATE_MARKER, "canary"] {
        has_nothing_of(&written, text);
    }
    has_no_number(&written);
    for secret in secrets {
        assert!(!written.contains(secret) && !written.contains(&BASE64_STANDARD_NO_PAD.encode(secret)));
    }
    let read = Recording::parse(written.as_bytes()).unwrap();
    assert_eq!(read.to_json(), written);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_text_of_dropsuite_is_in_a_recording() {
    let vendor = Vendor::start(12).await;
    let secrets = [vendor.server.reseller_token(), vendor.server.admin_token()];
    for is_marked in [false, true] {
        let url = vendor.server.base_url();
        let url = if is_marked { before(&url, "/api", Marks::Texts).await } else { url };
        let config = config("dropsuite", &url, [&secrets[0], &secrets[1]]);
        // Half of them have every endpoint.
        let recording = recorded(&config, if is_marked { 6 } else { 12 }).await;
        assert_eq!(recording.ended, Ended::Complete);
        assert!(recording.requests.len() > 100, "{}", recording.requests.len());
        let written = recording.to_json();
        assert!(written.contains("<email ") && written.contains("<time ") != is_marked, "there was something to hide");
        assert!(is_marked || written.contains("Completed"), "public words stay");
        has_nothing(&recording, &vendor.server.secrets());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_text_of_datto_is_in_a_recording() {
    for shape in [Shape::Live, Shape::Documented] {
        let vendor = Datto::serving(saasbackup_simulator::datto::Options { shape, ..options() }).await;
        let secrets = [vendor.server.public_key(), vendor.server.secret_key()];
        for is_marked in [false, true] {
            let url = vendor.server.base_url();
            let url = if is_marked { before(&url, "", Marks::Texts).await } else { url };
            let config = config("datto", &url, [&secrets[0], &secrets[1]]);
            let recording = recorded(&config, 40).await;
            assert!(recording.requests.len() > 40, "{}", recording.requests.len());
            has_nothing(&recording, &vendor.server.secrets());
        }
    }
}

/// A recording with the words of one field.
async fn including(config: &Config, field: &str, tenants: usize) -> Recording {
    let options = Options { source: None, tenants, output: "unused".into(), include_words: vec![field.to_owned()] };
    record(config, &options, &CancellationToken::new()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_words_of_the_included_field_are_in_a_recording() {
    let (dropsuite, datto) = (Vendor::start(2).await, Datto::serving(options()).await);
    for (provider, path, url, field, secrets) in [
        (
            "dropsuite",
            "/api",
            dropsuite.server.base_url(),
            "current_backup_status",
            [dropsuite.server.reseller_token(), dropsuite.server.admin_token()],
        ),
        ("datto", "", datto.server.base_url(), "seatState", [datto.server.public_key(), datto.server.secret_key()]),
    ] {
        let url = before(&url, path, Marks::Beside(field)).await;
        let config = config(provider, &url, [&secrets[0], &secrets[1]]);
        assert!(!recorded(&config, 2).await.to_json().contains(WORD), "an unknown word");
        let recording = including(&config, field, 2).await;
        assert!(recording.to_json().contains(&format!("\"{field}\": \"{WORD}\"")), "{provider}");
        has_nothing(&recording, &secrets);
    }
}
