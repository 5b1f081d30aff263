//! Checks user names and passwords without leaking them through timing or repetition, and at bounded cost.

mod credential_cache;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use super::client::Client;
use super::places::{Limits, Places};
use crate::config::web::Users;
use credential_cache::{CredentialCache, Mark};

/// Maximum number of logins that wait for their turn, in total and per address; others are asked to retry.
const MAX_WAITING: usize = 32;
const MAX_WAITING_OF_ONE: usize = 8;

/// Whether a request is authorized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is.
    Allowed,
    /// The credentials are missing or wrong.
    Denied,
    /// Too many logins are waiting.
    Busy,
}

/// State that outlives a reload of the web configuration.
#[derive(Clone, Debug)]
pub(super) struct SignIns {
    /// The results of earlier logins.
    cache: Arc<CredentialCache>,
    /// One password is checked at a time: bcrypt is slow on purpose, and must not take CPU time from scrapes.
    turns: Places,
}

impl Default for SignIns {
    fn default() -> Self {
        let limits = Limits { places: 1, waiting: MAX_WAITING, waiting_of_one: MAX_WAITING_OF_ONE };
        Self { cache: Arc::new(CredentialCache::new()), turns: Places::new(limits) }
    }
}

/// The users of one version of the web configuration.
#[derive(Debug)]
pub(super) struct Guard {
    users: Users,
    sign_ins: SignIns,
    /// Number of bcrypt computations.
    computed: AtomicU64,
}

impl Guard {
    pub(super) fn new(users: Users, sign_ins: SignIns) -> Arc<Self> {
        Arc::new(Self { users, sign_ins, computed: AtomicU64::new(0) })
    }

    /// Whether these headers contain credentials that were recently found to be right.
    pub(super) fn knows(&self, headers: &HeaderMap) -> bool {
        if self.users.is_empty() {
            return false;
        }
        let mark = credentials(headers).and_then(|(user, password)| self.mark(&user, &password));
        self.sign_ins.cache.recall(&mark) == Some(true)
    }

    /// Depends on the user's hash: changing a password or removing a user invalidates it.
    fn mark(&self, user: &str, password: &SecretString) -> Option<Mark> {
        let (hash, _) = self.users.hash_of(user);
        self.sign_ins.cache.mark(user, password, hash)
    }

    /// Whether a client with these headers is authorized.
    pub(super) async fn judge(self: &Arc<Self>, headers: &HeaderMap, client: &Arc<Client>) -> Verdict {
        if self.users.is_empty() {
            return Verdict::Allowed;
        }
        let Some((user, password)) = credentials(headers) else { return Verdict::Denied };
        let mark = self.mark(&user, &password);
        if let Some(is_right) = self.sign_ins.cache.recall(&mark) {
            return verdict(is_right);
        }
        let Some(turn) = self.sign_ins.turns.take(client).await else { return Verdict::Busy };
        let guard = Arc::clone(self);
        let computing = tokio::task::spawn_blocking(move || {
            // If the client disconnects, its place in the queue is free, but the turn is kept while the computation
            // continues.
            let _turn = turn;
            guard.sign_ins.cache.recall(&mark).unwrap_or_else(|| {
                let is_right = guard.compute(&user, &password);
                guard.sign_ins.cache.remember(mark, is_right);
                is_right
            })
        });
        computing.await.map_or(Verdict::Busy, verdict)
    }

    fn compute(&self, user: &str, password: &SecretString) -> bool {
        self.computed.fetch_add(1, Ordering::Relaxed);
        let (hash, is_user) = self.users.hash_of(user);
        // Always compute first and compare afterwards: all cases take the same time.
        let matches = |hash: &SecretString| bcrypt::verify(password.expose_secret(), hash.expose_secret());
        let is_match = matches(hash).unwrap_or(false);
        for padding in self.users.padding(user) {
            let _ = matches(&padding);
        }
        is_match && is_user
    }
}

const fn verdict(is_right: bool) -> Verdict {
    if is_right { Verdict::Allowed } else { Verdict::Denied }
}

/// The user name and password of basic authentication.
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
