//! Caches the results of logins, without storing passwords.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use ring::hmac;
use ring::rand::SystemRandom;
use secrecy::{ExposeSecret, SecretString};

/// Maximum number of right and of wrong ones. They are kept apart, so that guesses cannot evict the right ones.
const MAX_MARKS: usize = 1024;

/// A keyed digest of a name and password, which reveals neither, and is meaningless to another process.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Mark([u8; 32]);

/// The results of earlier logins.
pub(super) struct CredentialCache {
    /// `None` if the system has no random numbers; then nothing is cached.
    key: Option<hmac::Key>,
    right: Mutex<Recent>,
    wrong: Mutex<Recent>,
}

impl CredentialCache {
    pub(super) fn new() -> Self {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok();
        Self { key, right: Mutex::default(), wrong: Mutex::default() }
    }

    /// The digest of this user, password, and the hash to check against.
    pub(super) fn mark(&self, user: &str, password: &SecretString, hash: &SecretString) -> Option<Mark> {
        let mut context = hmac::Context::with_key(self.key.as_ref()?);
        for part in [user, hash.expose_secret(), password.expose_secret()] {
            // Includes the length, so that a different split of the same text differs.
            context.update(&(part.len() as u64).to_le_bytes());
            context.update(part.as_bytes());
        }
        context.sign().as_ref().try_into().ok().map(Mark)
    }

    /// Whether these credentials are right, if cached.
    pub(super) fn recall(&self, mark: &Option<Mark>) -> Option<bool> {
        let mark = mark.as_ref()?;
        if locked(&self.right).marks.contains(mark) {
            return Some(true);
        }
        locked(&self.wrong).marks.contains(mark).then_some(false)
    }

    pub(super) fn remember(&self, mark: Option<Mark>, is_right: bool) {
        if let Some(mark) = mark {
            locked(if is_right { &self.right } else { &self.wrong }).add(mark);
        }
    }
}

impl fmt::Debug for CredentialCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CredentialCache").finish_non_exhaustive()
    }
}

fn locked(recent: &Mutex<Recent>) -> std::sync::MutexGuard<'_, Recent> {
    recent.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The most recent marks.
#[derive(Default)]
struct Recent {
    marks: HashSet<Mark>,
    order: VecDeque<Mark>,
}

impl Recent {
    fn add(&mut self, mark: Mark) {
        if !self.marks.insert(mark) {
            return;
        }
        self.order.push_back(mark);
        if self.order.len() > MAX_MARKS
            && let Some(oldest) = self.order.pop_front()
        {
            self.marks.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(cache: &CredentialCache, user: &str, password: &str) -> Option<Mark> {
        cache.mark(user, &password.into(), &"hash".into())
    }

    #[test]
    fn guesses_do_not_drive_out_what_was_right_and_are_bounded_themselves() {
        let cache = CredentialCache::new();
        let right = mark(&cache, "ada", "secret");
        cache.remember(right, true);
        let first = mark(&cache, "ada", "guess");
        cache.remember(first, false);
        assert_eq!((cache.recall(&right), cache.recall(&first)), (Some(true), Some(false)));
        for guess in 0..MAX_MARKS {
            cache.remember(mark(&cache, "ada", &guess.to_string()), false);
        }
        assert_eq!((cache.recall(&right), cache.recall(&first)), (Some(true), None));
        assert_eq!(locked(&cache.wrong).marks.len(), MAX_MARKS);
    }

    #[test]
    fn another_division_of_the_same_letters_is_another_mark() {
        let cache = CredentialCache::new();
        assert!(mark(&cache, "ab", "c") != mark(&cache, "a", "bc"));
        assert!(mark(&cache, "ab", "c") != mark(&CredentialCache::new(), "ab", "c"), "nor in another process");
        assert!(mark(&cache, "ab", "c") != cache.mark("ab", &"c".into(), &"another hash".into()));
    }
}
