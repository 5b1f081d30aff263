//! Mirrors the shard whose tenants the file holds.

use serde::{Deserialize, Serialize};

use crate::domain::shard::{NoSuchShard, Shard};

/// A shard; the default is the only one.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Numbers", into = "Numbers")]
pub(super) struct Share(pub(super) Shard);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Numbers {
    index: u16,
    total: u16,
}

impl Share {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    pub(super) const fn is_whole(&self) -> bool {
        self.0.is_whole()
    }
}

impl From<Share> for Numbers {
    fn from(Share(shard): Share) -> Self {
        Self { index: shard.index(), total: shard.total() }
    }
}

impl TryFrom<Numbers> for Share {
    type Error = NoSuchShard;

    fn try_from(Numbers { index, total }: Numbers) -> Result<Self, NoSuchShard> {
        Shard::new(index, total).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_read_as_it_was_written_and_one_that_cannot_be_is_refused() {
        let share = Share(Shard::new(2, 3).unwrap());
        let text = serde_json::to_string(&share).unwrap();
        assert_eq!(text, r#"{"index":2,"total":3}"#);
        assert_eq!(serde_json::from_str::<Share>(&text).unwrap().0, share.0);
        for wrong in [r#"{"index":3,"total":3}"#, r#"{"index":0,"total":0}"#, r#"{"index":0}"#] {
            assert!(serde_json::from_str::<Share>(wrong).is_err(), "{wrong}");
        }
    }
}
