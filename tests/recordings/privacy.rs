//! Searches recordings for what the vendors sent: whole, in part, or in another spelling.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use saasbackup_exporter::recording::Ended;
use saasbackup_simulator::datto::Shape;
use saasbackup_simulator::dropsuite::fleet::PRIVATE_MARKER;

use super::marked::{MARK, before};
use super::{config, recorded};
use crate::datto::vendor::{Vendor as Datto, options};
use crate::support::vendor::Vendor;

/// No four letters of a text in a row, nor its base64 or hexadecimal digits.
fn has_nothing_of(recording: &str, text: &str) {
    let letters: Vec<char> = text.chars().collect();
    for part in letters.windows(4).map(|part| part.iter().collect::<String>()) {
        assert!(!recording.contains(&part), "{part} is in the recording");
    }
    // The ends of base64 depend on what is beside the text.
    let base64 = BASE64_STANDARD_NO_PAD.encode(text);
    let hexadecimal = text.bytes().fold(String::new(), |mut all, byte| {
        write!(all, "{byte:02x}").unwrap();
        all
    });
    for spelling in [&base64[2..base64.len() - 2], &hexadecimal] {
        assert!(!recording.contains(spelling), "{spelling} is in the recording");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_text_of_dropsuite_is_in_a_recording() {
    let vendor = Vendor::start(12).await;
    let secrets = [vendor.server.reseller_token(), vendor.server.admin_token()];
    for is_marked in [false, true] {
        let url = vendor.server.base_url();
        let url = if is_marked { before(&url, "/api").await } else { url };
        let config = config("dropsuite", &url, [&secrets[0], &secrets[1]]);
        let recording = recorded(&config, 12).await;
        assert_eq!(recording.ended, Ended::Complete);
        let written = recording.to_json();
        assert!(recording.requests.len() > 100, "{}", recording.requests.len());
        assert!(written.contains("<email ") && written.contains("<time ") != is_marked, "there was something to hide");
        assert!(is_marked || written.contains("Completed"), "public words stay");
        has_nothing_of(&written, MARK);
        has_nothing_of(&written, PRIVATE_MARKER);
        has_nothing_of(&written, "canary");
        for secret in vendor.server.secrets() {
            assert!(!written.contains(&secret) && !written.contains(&BASE64_STANDARD_NO_PAD.encode(&secret)));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_text_of_datto_is_in_a_recording() {
    for shape in [Shape::Live, Shape::Documented] {
        let vendor = Datto::serving(saasbackup_simulator::datto::Options { shape, ..options() }).await;
        let secrets = [vendor.server.public_key(), vendor.server.secret_key()];
        for is_marked in [false, true] {
            let url = vendor.server.base_url();
            let url = if is_marked { before(&url, "").await } else { url };
            let config = config("datto", &url, [&secrets[0], &secrets[1]]);
            let recording = recorded(&config, 40).await;
            let written = recording.to_json();
            assert!(recording.requests.len() > 40, "{}", recording.requests.len());
            has_nothing_of(&written, MARK);
            has_nothing_of(&written, PRIVATE_MARKER);
            has_nothing_of(&written, "canary");
            for secret in vendor.server.secrets() {
                assert!(!written.contains(&secret) && !written.contains(&BASE64_STANDARD_NO_PAD.encode(&secret)));
            }
        }
    }
}
