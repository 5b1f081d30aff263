//! Checks names and passwords, so that neither time nor repetition tells or costs anything.

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

/// How many sign-ins may wait for their turn, and how many of one address; who comes later is asked to come again.
const MAX_WAITING: usize = 32;
const MAX_WAITING_OF_ONE: usize = 8;

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

/// What outlives a reading of the web configuration.
#[derive(Clone, Debug)]
pub(super) struct SignIns {
    /// How earlier ones ended.
    cache: Arc<CredentialCache>,
    /// One after the other is computed: it is slow on purpose, and must not take the machine from the scrapes.
    turns: Places,
}

impl Default for SignIns {
    fn default() -> Self {
        let limits = Limits { places: 1, waiting: MAX_WAITING, waiting_of_one: MAX_WAITING_OF_ONE };
        Self { cache: Arc::new(CredentialCache::new()), turns: Places::new(limits) }
    }
}

/// The users of one reading of the web configuration.
#[derive(Debug)]
pub(super) struct Guard {
    users: Users,
    sign_ins: SignIns,
    /// How many passwords were computed.
    computed: AtomicU64,
}

impl Guard {
    pub(super) fn new(users: Users, sign_ins: SignIns) -> Arc<Self> {
        Arc::new(Self { users, sign_ins, computed: AtomicU64::new(0) })
    }

    /// Whether these headers name a user with a password that was found right before.
    pub(super) fn knows(&self, headers: &HeaderMap) -> bool {
        if self.users.is_empty() {
            return false;
        }
        let mark = credentials(headers).and_then(|(user, password)| self.mark(&user, &password));
        self.sign_ins.cache.recall(&mark) == Some(true)
    }

    /// It depends on the user's hash: another password, or a user who is gone, makes it worthless.
    fn mark(&self, user: &str, password: &SecretString) -> Option<Mark> {
        let (hash, _) = self.users.hash_of(user);
        self.sign_ins.cache.mark(user, password, hash)
    }

    /// Whether this client, which sends these headers, may pass.
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
            // A client that hangs up frees its place in the queue, not the turn of what is still being computed.
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
        // First the work and then the question whether it mattered: all cost the same time.
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
