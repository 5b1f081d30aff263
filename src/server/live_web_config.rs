//! Reloads the web configuration when its files change: certificates, users, headers and rate limits need no restart.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio_util::sync::CancellationToken;

use super::auth::{Guard, SignIns};
use crate::config::Errors;
use crate::config::file_watch::{self, FileVersion};
use crate::config::web::{RateLimit, WebConfig};
use crate::process::reading::{HANGS_AFTER, Progress, Reading};

/// The path and the current version of the web configuration.
#[derive(Debug)]
pub struct LiveWebConfig {
    path: Option<PathBuf>,
    sign_ins: SignIns,
    current: RwLock<Arc<Rules>>,
    seen: Mutex<Seen>,
}

/// One version of the web configuration.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) config: WebConfig,
    pub(super) guard: Arc<Guard>,
    pub(super) limiter: Option<DefaultDirectRateLimiter>,
    /// Cancelled when another version replaces it.
    pub(super) retired: CancellationToken,
}

impl Rules {
    fn new(config: WebConfig, sign_ins: &SignIns) -> Arc<Self> {
        let guard = Guard::new(config.users.clone(), sign_ins.clone());
        let limiter = config.rate_limit.and_then(limiter);
        Arc::new(Self { config, guard, limiter, retired: CancellationToken::new() })
    }
}

fn limiter(limit: RateLimit) -> Option<DefaultDirectRateLimiter> {
    Some(RateLimiter::direct(Quota::with_period(limit.interval)?.allow_burst(limit.burst)))
}

/// The file versions of the last attempt, and its result.
#[derive(Debug, Default)]
struct Seen {
    versions: BTreeMap<PathBuf, FileVersion>,
    /// The problem of the last attempt.
    problem: Option<String>,
}

impl LiveWebConfig {
    /// Plain HTTP without authentication.
    #[must_use]
    pub fn plain() -> Self {
        Self::new(None, WebConfig::default(), Seen::default())
    }

    /// Loads a file, which is watched from now on.
    ///
    /// # Errors
    ///
    /// Every problem of the file.
    pub fn load(path: &Path) -> Result<Self, Errors> {
        let version = FileVersion::of(path);
        let config = WebConfig::load(path)?;
        let mut versions = versions(&config.files);
        versions.insert(path.to_owned(), version);
        Ok(Self::new(Some(path.to_owned()), config, Seen { versions, problem: None }))
    }

    fn new(path: Option<PathBuf>, config: WebConfig, seen: Seen) -> Self {
        let sign_ins = SignIns::default();
        let current = RwLock::new(Rules::new(config, &sign_ins));
        Self { path, sign_ins, current, seen: Mutex::new(seen) }
    }

    /// Whether TLS is enabled, which cannot change at run time.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.current().config.tls.is_some()
    }

    pub(super) fn current(&self) -> Arc<Rules> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Watches the files forever; does nothing if there are none.
    pub(super) async fn follow(self: Arc<Self>) {
        let Some(path) = self.path.clone() else { return std::future::pending().await };
        self.follow_with(&mut Reading::new(), path).await;
    }

    async fn follow_with(self: Arc<Self>, reading: &mut Reading<()>, path: PathBuf) {
        let mut polls = file_watch::polls();
        loop {
            tokio::select! {
                _ = polls.tick() => {
                    let (web, path) = (Arc::clone(&self), path.clone());
                    reading.start(move || web.look_again(&path));
                }
                progress = reading.progress() => match progress {
                    Progress::Ended(Ok(())) => {}
                    Progress::Ended(Err(panicked)) => {
                        tracing::error!("reloading the web configuration failed: {panicked}");
                    }
                    Progress::Hangs => {
                        tracing::warn!(path = %path.display(), "web configuration reload failed, keeping the previous one: a file has not been read within {HANGS_AFTER:?}");
                    }
                },
            }
        }
    }

    /// Reloads everything if a file changed. After a failure it tries again each time, but logs the same problem once.
    fn look_again(&self, path: &Path) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // Take the versions before reading, so that a concurrent change is noticed next time.
        let versions_now = versions(seen.versions.keys());
        if versions_now == seen.versions && seen.problem.is_none() {
            return;
        }
        seen.versions = versions_now;
        match self.reading(path) {
            Ok(config) => {
                seen.problem = None;
                let files = versions(&config.files);
                seen.versions.retain(|file, _| file == path || files.contains_key(file));
                for (file, version) in files {
                    seen.versions.entry(file).or_insert(version);
                }
                self.replace(config);
                tracing::info!(path = %path.display(), "web configuration reloaded");
            }
            Err(problem) => {
                if seen.problem.as_ref() != Some(&problem) {
                    tracing::warn!(path = %path.display(), "web configuration reload failed, keeping the previous one: {problem}");
                }
                seen.problem = Some(problem);
            }
        }
    }

    fn reading(&self, path: &Path) -> Result<WebConfig, String> {
        let config = WebConfig::load(path).map_err(|errors| {
            let problems: Vec<_> = errors.problems().iter().map(ToString::to_string).collect();
            problems.join("; ")
        })?;
        if config.is_blank && self.current().config.protects() {
            // A full disk or an editor that was killed leaves such a file, and the port would be open to all.
            return Err("the file is empty; write {} to serve without users, TLS and a rate limit".to_owned());
        }
        if config.tls.is_some() == self.is_tls() {
            return Ok(config);
        }
        Err(format!("turning TLS {} requires a restart", if config.tls.is_some() { "on" } else { "off" }))
    }

    fn replace(&self, config: WebConfig) {
        let rules = Rules::new(config, &self.sign_ins);
        let old = std::mem::replace(&mut *self.current.write().unwrap_or_else(PoisonError::into_inner), rules);
        old.retired.cancel();
    }
}

fn versions<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> BTreeMap<PathBuf, FileVersion> {
    files.into_iter().map(|file| (file.clone(), FileVersion::of(file))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web(text: &str) -> (tempfile::TempDir, PathBuf, LiveWebConfig) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.yaml");
        std::fs::write(&path, text).unwrap();
        let web = LiveWebConfig::load(&path).unwrap();
        (folder, path, web)
    }

    fn header_count(web: &LiveWebConfig) -> usize {
        web.current().config.headers.len()
    }

    #[test]
    fn a_file_that_did_not_change_is_not_read_again() {
        let (_folder, path, web) = web("http_server_config: { headers: { X-Frame-Options: deny } }\n");
        let before = web.current();
        web.look_again(&path);
        assert!(Arc::ptr_eq(&before, &web.current()));
        assert!(!before.retired.is_cancelled());
    }

    #[test]
    fn a_good_change_applies_and_a_bad_one_does_not_until_it_is_mended() {
        let (_folder, path, web) = web("");
        let first = web.current();
        std::fs::write(&path, "http_server_config: { headers: { X-Frame-Options: deny } }\n").unwrap();
        web.look_again(&path);
        assert_eq!(header_count(&web), 1);
        assert!(first.retired.is_cancelled(), "TLS connections under the old rules end");
        std::fs::write(&path, "http_server_config: { haeders: {} }\n").unwrap();
        web.look_again(&path);
        assert_eq!(header_count(&web), 1);
        let problem = web.seen.lock().unwrap().problem.clone().unwrap();
        assert_eq!(problem, "http_server_config.haeders: unknown key (did you mean \"headers\"?)");
        std::fs::write(&path, "\n").unwrap();
        web.look_again(&path);
        assert_eq!(header_count(&web), 0);
    }

    #[test]
    fn a_file_that_was_emptied_opens_nothing() {
        const USERS: &str = "basic_auth_users: { ada: $2y$04$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ0123. }\n";
        const RATE_LIMIT: &str = "rate_limit: { interval: 1s, burst: 5 }\n";
        for protected in [USERS, RATE_LIMIT] {
            for emptied in ["", "\n", "# ada: ...\n", "---\n", "~\n"] {
                let (_folder, path, web) = web(protected);
                std::fs::write(&path, emptied).unwrap();
                web.look_again(&path);
                assert!(web.current().config.protects(), "{protected} {emptied:?}");
                let problem = web.seen.lock().unwrap().problem.clone().unwrap();
                assert_eq!(problem, "the file is empty; write {} to serve without users, TLS and a rate limit");
                std::fs::write(&path, "{}\n").unwrap();
                web.look_again(&path);
                assert!(!web.current().config.protects(), "{protected} is removed on purpose");
            }
        }
        let (_folder, _path, web) = web("");
        assert!(!web.current().config.protects(), "a start with an empty file is a start without protection");
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_that_hangs_is_waited_for_and_followed_by_others() {
        let (_folder, path, web) = web("");
        let (web, mut reading) = (Arc::new(web), Reading::new());
        let (release, hung) = std::sync::mpsc::channel();
        reading.start(move || hung.recv().unwrap());
        std::fs::write(&path, "http_server_config: { headers: { X-Frame-Options: deny } }\n").unwrap();
        let following = tokio::spawn({
            let web = Arc::clone(&web);
            async move { web.follow_with(&mut reading, path).await }
        });
        for _ in 0..100 {
            tokio::time::advance(std::time::Duration::from_secs(1)).await;
            tokio::task::yield_now().await;
        }
        assert_eq!(header_count(&web), 0, "no second read begins");
        release.send(()).unwrap();
        while header_count(&web) == 0 {
            tokio::time::advance(std::time::Duration::from_secs(1)).await;
            tokio::task::yield_now().await;
        }
        following.abort();
    }

    #[test]
    fn a_file_that_is_gone_changes_nothing() {
        let (_folder, path, web) = web("http_server_config: { headers: { X-Frame-Options: deny } }\n");
        std::fs::remove_file(&path).unwrap();
        web.look_again(&path);
        assert_eq!(header_count(&web), 1);
    }
}
