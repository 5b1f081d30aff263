//! Re-reads the secrets of a source outside the async workers, so that a hanging file delays nothing else.

use std::sync::Arc;

use super::Rotation;
use crate::config::SecretError;
use crate::process::reading::{HANGS_AFTER, Progress, Reading};

/// The current secrets of a source.
#[derive(Debug)]
pub(super) struct Secrets {
    source: Arc<str>,
    rotation: Rotation,
    reading: Reading<Result<(Rotation, bool), SecretError>>,
    /// Whether another read was requested while one was in progress.
    is_wanted: bool,
    /// The last problem, to log it only once.
    problem: Option<String>,
}

impl Secrets {
    pub(super) fn new(source: &Arc<str>, rotation: Rotation) -> Self {
        let source = Arc::clone(source);
        Self { source, rotation, reading: Reading::new(), is_wanted: false, problem: None }
    }

    /// Starts re-reading the secrets.
    pub(super) fn read(&mut self) {
        self.is_wanted = self.reading.is_running();
        let rotation = self.rotation.clone();
        self.reading.start(|| rotation.reread());
    }

    /// Waits for a read to end; returns the secrets if they changed. Waits forever if no read is in progress.
    pub(super) async fn renewed(&mut self) -> Option<Rotation> {
        let problem = match self.reading.progress().await {
            Progress::Ended(read) => {
                if std::mem::take(&mut self.is_wanted) {
                    self.read();
                }
                match read {
                    Ok(Ok((rotation, is_changed))) => {
                        self.problem = None;
                        self.rotation = rotation;
                        return is_changed.then(|| self.rotation.clone());
                    }
                    Ok(Err(error)) => error.to_string(),
                    Err(panicked) => panicked.to_string(),
                }
            }
            Progress::Hangs => format!("a file has not been read within {HANGS_AFTER:?}"),
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

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::time::{Instant, advance, timeout_at};

    use super::*;
    use crate::config::{Provider, Secret};

    /// An account whose secret key is in this file.
    fn rotation(file: &Path, key: &str) -> Rotation {
        std::fs::write(file, key).unwrap();
        Rotation::new(Provider::Datto {
            base_url: "https://api.example".to_owned(),
            public_key: Secret::new("public").unwrap(),
            secret_key: Secret::from_file(file).unwrap(),
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_hangs_is_reported_and_no_other_read_begins_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let mut secrets = Secrets::new(&"us".into(), rotation(&file, "first"));
        let (release, hung) = mpsc::channel();
        secrets.reading.start(move || {
            hung.recv().unwrap();
            Err(SecretError::Empty { place: "the file".to_owned() })
        });
        // The poller goes on asking every 15 seconds.
        for _ in 0..3 {
            secrets.read();
            advance(Duration::from_secs(15)).await;
            let _ = timeout_at(Instant::now(), secrets.renewed()).await;
        }
        assert_eq!(secrets.problem.as_deref(), Some("a file has not been read within 10s"));
        std::fs::write(&file, "second").unwrap();
        release.send(()).unwrap();
        assert!(secrets.renewed().await.is_none());
        assert_eq!(secrets.problem.as_deref(), Some("the file is empty"));
        // What was asked for meanwhile is read now.
        assert!(secrets.renewed().await.is_some(), "the new secret");
        assert_eq!(secrets.problem, None);
    }
}
