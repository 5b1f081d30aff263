//! Recognizes values that occurred before by 64 bits of each, so that the values need not be kept.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::LazyLock;

/// The key is random, so that no vendor can make two records alike that are not.
static KEYED: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// The digest of a value within this process.
pub(super) fn digest(value: &(impl Hash + ?Sized)) -> u64 {
    KEYED.hash_one(value)
}
