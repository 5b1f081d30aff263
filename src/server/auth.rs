//! Checks names and passwords, so that neither time nor repetition tells or costs anything.

mod credential_cache;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::config::web::Users;
use credential_cache::CredentialCache;

/// How many sign-ins may wait for their turn; who comes later is asked to come again.
const MAX_WAITING: usize = 32;

/// Whether a request may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may.
    Allowed,
    /// It names nobody, or somebody with a wrong password.
    Denied,
    /// Too many are waiting for an answer to that question.
    Busy,
}

/// Lets one sign-in after the other be computed: it is slow on purpose, and must not take the machine from the scrapes.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    computing: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { computing: Arc::new(Semaphore::new(1)), waiting: Arc::new(Semaphore::new(MAX_WAITING)) }
    }
}

/// The users of one reading of the web configuration.
#[derive(Debug)]
pub(super) struct Guard {
    users: Users,
    cache: CredentialCache,
    turns: Turns,
    /// How many passwords were computed.
    computed: AtomicU64,
}

impl Guard {
    pub(super) fn new(users: Users, turns: Turns) -> Arc<Self> {
        Arc::new(Self { users, cache: CredentialCache::new(), turns, computed: AtomicU64::new(0) })
    }

    /// Whether whoever sends these headers may pass.
    pub(super) async fn judge(self: &Arc<Self>, headers: &HeaderMap) -> Verdict {
        if self.users.is_empty() {
            return Verdict::Allowed;
        }
        let Some((user, password)) = credentials(headers) else { return Verdict::Denied };
        let mark = self.cache.mark(&user, &password);
        if let Some(is_right) = self.cache.recall(&mark) {
            return verdict(is_right);
        }
        let Ok(_waiting) = self.turns.waiting.try_acquire() else { return Verdict::Busy };
        // The semaphore is never closed.
        let Ok(turn) = Arc::clone(&self.turns.computing).acquire_owned().await else { return Verdict::Busy };
        let guard = Arc::clone(self);
        let computing = tokio::task::spawn_blocking(move || {
            // A client that hangs up frees its place in the queue, not the turn of what is still being computed.
            let _turn = turn;
            guard.cache.recall(&mark).unwrap_or_else(|| {
                let is_right = guard.compute(&user, &password);
                guard.cache.remember(mark, is_right);
                is_right
            })
        });
        computing.await.map_or(Verdict::Busy, verdict)
    }

    fn compute(&self, user: &str, password: &SecretString) -> bool {
        self.computed.fetch_add(1, Ordering::Relaxed);
        let (hash, is_user) = self.users.hash_of(user);
        // First the work and then the question whether it mattered: both cost the same time.
        let is_match = bcrypt::verify(password.expose_secret(), hash.expose_secret()).unwrap_or(false);
        is_match && is_user
    }
}

const fn verdict(is_right: bool) -> Verdict {
    if is_right { Verdict::Allowed } else { Verdict::Denied }
}

/// The name and the password of basic authentication.
fn credentials(headers: &HeaderMap) -> Option<(String, SecretString)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.into()))
}

#[cfg(test)]
mod tests;
