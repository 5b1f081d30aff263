//! Waits for conditions: no test sleeps for a fixed time.

use std::time::{Duration, Instant};

/// No condition takes longer to come true, however busy the machine is.
pub(crate) const DEADLINE: Duration = Duration::from_secs(300);
/// The pause between two attempts.
pub(super) const GLANCE: Duration = Duration::from_millis(200);

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

/// Asks until there is an answer; fails after the deadline, and says what was waited for.
pub(crate) async fn until<T>(expectation: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    eventually(async || ask().await.ok_or_else(|| format!("waited until {expectation}"))).await
}
