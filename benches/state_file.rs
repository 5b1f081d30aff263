//! Measures the size of the state file of a large fleet, and how long writing and reading take.
//!
//! `cargo bench --bench state_file` measures 10,000 tenants with nine workloads; run as a test, it tries a few.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark has no caller to return an error to")]

mod fleet;

use std::sync::Arc;
use std::time::{Duration, Instant};

use saasbackup_exporter::domain::shard::Shard;
use saasbackup_exporter::domain::{SourceState, Workload};
use saasbackup_exporter::process::clock;
use saasbackup_exporter::provider;
use saasbackup_exporter::state_file::{Known, load, save};

use fleet::fleet;
use strum::EnumCount as _;

fn main() {
    let tenants = if std::env::args().any(|argument| argument == "--bench") { 10_000 } else { 10 };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let now = clock::now();
    let states = [Arc::new(fleet(tenants, now))];

    let started = Instant::now();
    save(&path, Shard::WHOLE, &states.clone().map(Known::from)).unwrap();
    let saving = started.elapsed();

    let fresh = SourceState::new(states[0].identity.clone(), Arc::clone(&states[0].policy));
    let started = Instant::now();
    let mut saved = load(&path).unwrap().unwrap();
    let loading = started.elapsed();
    let started = Instant::now();
    // After the last tenant was collected: what lies in the future is rejected.
    let restored = saved.restore(fresh, provider::parts, &|_| true, now.after(Duration::from_secs(1000)));
    let restoring = started.elapsed();

    // The file leaves out which tenants are not collected, since only a current listing can prove that one is missing,
    // and the time of the latest event.
    let kept = |state: &SourceState| SourceState { uncollected: None, latest: None, ..state.clone() };
    assert!(kept(&restored) == kept(&states[0]), "it is another state");
    let bytes = std::fs::metadata(&path).unwrap().len();
    println!(
        "{tenants} tenants, {} workloads each: {bytes} bytes, saved in {saving:?}, loaded in {loading:?}, restored in {restoring:?}",
        Workload::COUNT
    );
}
