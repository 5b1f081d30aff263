//! Reads lists of expected tenants, and compares them with a fleet: the first byte chooses YAML or CSV.

#![no_main]

use libfuzzer_sys::fuzz_target;
use saasbackup_exporter::domain::{Provider, SourceIdentity};
use saasbackup_exporter::domain::expected::{Comparison, Presence};
use saasbackup_exporter::fuzzing::expected;
use saasbackup_exporter_fuzz::shown;
use strum::IntoEnumIterator as _;

fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let source = SourceIdentity { provider: Provider::Dropsuite, name: "source".into() };
    let list = match expected(text, choice % 2 == 1, std::slice::from_ref(&source)) {
        Ok(list) => list,
        Err(problems) => {
            assert!(!problems.is_empty(), "refused for nothing");
            return;
        }
    };
    assert!(!list.tenants().is_empty(), "an empty list");
    let state = shown::source(Provider::Dropsuite, Vec::new(), Vec::new(), Vec::new());
    let expectations = list.of("source").expect("there is no other source");
    for expectation in expectations.all() {
        assert!(!expectation.tenant().trim().is_empty(), "no tenant is named: {expectation:?}");
    }
    let comparison = Comparison::new(&state, expectations);
    let counted: u64 = Presence::iter().map(|presence| comparison.count(presence)).sum();
    assert_eq!(counted, list.tenants().len() as u64, "each is in exactly one state");
    shown::beside(state, list);
});
