//! Waits for conditions that several programs have to bring about on one busy machine.

use std::time::Instant;

use crate::support::{DEADLINE, GLANCE};

/// Tries until there is a result; fails after the deadline with the last reason why there was none.
pub(crate) async fn eventually<T>(mut attempt: impl AsyncFnMut() -> Result<T, String>) -> T {
    let started = Instant::now();
    loop {
        match attempt().await {
            Ok(result) => return result,
            Err(reason) => assert!(started.elapsed() < DEADLINE, "not within {DEADLINE:?}: {reason}"),
        }
        tokio::time::sleep(GLANCE).await;
    }
}
