//! Reads recordings, and makes some of what vendors respond: the first byte chooses which.
//!
//! Whatever a file says, it is bounded, written as it was read, and served; whatever a vendor sends, the shape of it is
//! served, and has nothing of its texts.

#![no_main]

use libfuzzer_sys::fuzz_target;
use saasbackup_exporter::domain::Provider;
use saasbackup_exporter::recording::{Place, Recording, Shapes, served};
use saasbackup_exporter_fuzz::NOW;
use saasbackup_exporter_fuzz::canary::{CANARY, sown};
use serde_json::Value;

const PLACE: Place<'_> = Place { url: "http://127.0.0.1:10047/api/users?page=2", now: NOW };

fuzz_target!(|input: &[u8]| {
    match input.split_first() {
        Some((0, file)) => read(file),
        Some((choice, body)) => {
            let vendor = if choice % 2 == 0 { Provider::Dropsuite } else { Provider::Datto };
            for body in [vec![body.to_vec()], sown(&[body], &[])].concat() {
                write(vendor, &body);
            }
        }
        None => {}
    }
});

fn read(file: &[u8]) {
    let Ok(recording) = Recording::parse(file) else { return };
    let written = recording.to_json();
    let again = Recording::parse(written.as_bytes()).expect("what is written can be read");
    assert_eq!(again.to_json(), written);
    for body in recording.requests.iter().filter_map(|request| request.body.as_ref()) {
        // A link may be longer than the one it was checked with.
        let _ = served(body, &PLACE);
    }
}

fn write(vendor: Provider, body: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return };
    let shape = Shapes::new(vendor, []).body(&body, NOW);
    served(&shape, &PLACE).expect("every shape can be served");
    assert!(!shape.to_string().contains(CANARY), "it discloses a text: {shape}");
}
