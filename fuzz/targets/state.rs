//! Reads state files: whatever one contains, its exposition is valid, and writing it again changes nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use saasbackup_exporter::domain::{Provider, SourceState};
use saasbackup_exporter::fuzzing::state;
use saasbackup_exporter::provider;
use saasbackup_exporter_fuzz::{NOW, shown};

fuzz_target!(|input: &[u8]| {
    for vendor in [Provider::Dropsuite, Provider::Datto] {
        let Ok(mut saved) = state(input) else { return };
        let known = shown::source(vendor, Vec::new(), Vec::new(), Vec::new());
        let fresh = SourceState::new(known.identity, known.policy);
        assert!(saved.restraint(&fresh).pause.is_none_or(|pause| pause.left(NOW) <= pause.until.since(pause.seen_at)));
        let restored = saved.restore(fresh, provider::parts, &|_| true, NOW);
        shown::exposition(restored);
    }
});
