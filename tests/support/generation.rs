//! Provides the two generations of Prometheus and Alertmanager under test: the oldest supported and the current.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::pin::pin;
use std::process::Command;

use super::tools::tool;

/// Where `scripts/install-test-tools` puts the programs of a newer Debian.
const CURRENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/test-tools/current");

/// Which versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generation {
    /// Those of Debian 12, Prometheus 2.42 and Alertmanager 0.25, where the machine runs it: what is on the `PATH`.
    Oldest,
    /// Those of a newer Debian.
    Current,
}

impl Generation {
    pub(crate) const ALL: [Self; 2] = [Self::Oldest, Self::Current];

    /// A program of this generation.
    pub(crate) fn tool(self, name: &str) -> Command {
        match self {
            Self::Oldest => tool(name),
            Self::Current => newer(name),
        }
    }
}

/// A program that only the newer Debian has, or has newer.
pub(crate) fn newer(name: &str) -> Command {
    let path = Path::new(CURRENT).join(name);
    assert!(path.is_file(), "{} does not exist; scripts/install-test-tools installs it", path.display());
    Command::new(path)
}

/// Checks with both side by side, so that they wait together; a failure names the generation.
pub(crate) async fn with_both(check: impl AsyncFn(Generation)) {
    tokio::join!(naming(Generation::Oldest, &check), naming(Generation::Current, &check));
}

async fn naming(generation: Generation, check: &impl AsyncFn(Generation)) {
    let mut checking = pin!(check(generation));
    std::future::poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| checking.as_mut().poll(context)))
            .unwrap_or_else(|_| panic!("with the {generation:?} generation, for the reason above"))
    })
    .await;
}
