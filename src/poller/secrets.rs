//! Re-reads the secrets of a source outside the async workers, so that a hanging file delays nothing else.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::Rotation;
use crate::config::SecretError;

/// The current secrets of a source.
#[derive(Debug)]
pub(super) struct Secrets {
    source: Arc<str>,
    rotation: Rotation,
    /// The read in progress, one at a time.
    reading: JoinSet<Result<(Rotation, bool), SecretError>>,
    /// Whether another read was requested while one was in progress.
    is_wanted: bool,
    /// The last problem, to log it only once.
    problem: Option<String>,
}

impl Secrets {
    pub(super) fn new(source: &Arc<str>, rotation: Rotation) -> Self {
        let source = Arc::clone(source);
        Self { source, rotation, reading: JoinSet::new(), is_wanted: false, problem: None }
    }

    /// Starts re-reading the secrets.
    pub(super) fn read(&mut self) {
        if self.reading.is_empty() {
            let rotation = self.rotation.clone();
            self.reading.spawn_blocking(|| rotation.reread());
        } else {
            self.is_wanted = true;
        }
    }

    /// Waits for a read to end; returns the secrets if they changed. Waits forever if no read is in progress.
    pub(super) async fn renewed(&mut self) -> Option<Rotation> {
        let Some(read) = self.reading.join_next().await else { return std::future::pending().await };
        if std::mem::take(&mut self.is_wanted) {
            self.read();
        }
        let problem = match read {
            Ok(Ok((rotation, is_changed))) => {
                self.problem = None;
                self.rotation = rotation;
                return is_changed.then(|| self.rotation.clone());
            }
            Ok(Err(error)) => error.to_string(),
            Err(panicked) => panicked.to_string(),
        };
        if self.problem.as_ref() != Some(&problem) {
            tracing::warn!(
                source = &*self.source,
                "reloading secrets of source {} failed, keeping the previous ones: {problem}",
                self.source,
            );
        }
        self.problem = Some(problem);
        None
    }
}
