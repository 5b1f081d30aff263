//! Splits the tenants between several exporters, which need not know of each other.
//!
//! Each shard hashes every tenant together with each shard number, and the highest hash owns the tenant (rendezvous
//! hashing). So all shards agree, and an additional shard takes its share from all others, while nothing moves between
//! those. The hash is SHA-256, and its input must never change: otherwise a new release would move nearly every tenant.

use std::fmt;

use ring::digest::{Digest, SHA256, digest};

/// Maximum number of shards: each one costs the vendor a listing, and every listing a hash per tenant and shard.
pub const MAX_SHARDS: u16 = 256;

/// One of several exporters that split the tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u16,
    total: u16,
}

/// The shard does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchShard {
    /// The ordinal is not below the total.
    #[error("shard {index} of {total} does not exist: shards are zero-based, so the last one is {}", total - 1)]
    Index {
        /// The zero-based ordinal.
        index: u16,
        /// The total number of shards.
        total: u16,
    },
    /// The total is out of range.
    #[error("{total} shards are out of range (1 to {MAX_SHARDS})")]
    Total {
        /// The requested total.
        total: u16,
    },
}

impl Shard {
    /// The only shard, which collects every tenant.
    pub const WHOLE: Self = Self { index: 0, total: 1 };

    /// Creates the shard with this zero-based ordinal.
    ///
    /// # Errors
    ///
    /// If there cannot be such a shard.
    pub const fn new(index: u16, total: u16) -> Result<Self, NoSuchShard> {
        if total == 0 || total > MAX_SHARDS {
            Err(NoSuchShard::Total { total })
        } else if index >= total {
            Err(NoSuchShard::Index { index, total })
        } else {
            Ok(Self { index, total })
        }
    }

    /// Its zero-based ordinal.
    #[must_use]
    pub const fn index(self) -> u16 {
        self.index
    }

    /// The total number of shards.
    #[must_use]
    pub const fn total(self) -> u16 {
        self.total
    }

    /// Whether it is the only shard.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.total == 1
    }

    /// Whether it owns the tenant with this id.
    #[must_use]
    pub fn owns(self, source: &str, tenant_id: &str) -> bool {
        let own = weight(source, tenant_id, self.index);
        (0..self.total).all(|other| other == self.index || weight(source, tenant_id, other).as_ref() < own.as_ref())
    }

    /// Its share of a rate.
    #[must_use]
    pub fn share_of_rate(self, rate: f64) -> f64 {
        rate / f64::from(self.total)
    }

    /// Its share of a number of slots; at least one, because a shard without any could do nothing.
    #[must_use]
    pub fn share_of_places(self, places: usize) -> usize {
        (places / usize::from(self.total)).max(1)
    }
}

impl Default for Shard {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.index, self.total)
    }
}

/// The rank of a shard for a tenant: the SHA-256 of the source's name, the tenant's id and the shard's ordinal in
/// decimal, separated by zero bytes.
fn weight(source: &str, tenant_id: &str, shard: u16) -> Digest {
    digest(&SHA256, format!("{source}\0{tenant_id}\0{shard}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLEET: u32 = 5_000;

    fn owner(source: &str, tenant_id: &str, total: u16) -> u16 {
        let owns = |index: &u16| Shard::new(*index, total).unwrap().owns(source, tenant_id);
        let owners: Vec<_> = (0..total).filter(owns).collect();
        assert_eq!(owners.len(), 1, "{source} {tenant_id} of {total}: {owners:?}");
        owners[0]
    }

    /// The owner of each tenant of a fleet.
    fn owners(total: u16) -> Vec<u16> {
        (0..FLEET).map(|tenant| owner("dropsuite-us", &format!("{}-6", 440_000 + tenant), total)).collect()
    }

    /// Reckoned with another program: `docs/SHARDS.md` shows how. No release may change a line of it.
    #[test]
    fn every_tenant_stays_where_it_is() {
        for (source, tenant_id, expected) in [
            ("dropsuite-us", "440032-6", [0, 1, 1, 1, 13, 99]),
            ("dropsuite-us", "440033-6", [0, 0, 0, 0, 6, 81]),
            ("dropsuite-uk", "440032-6", [0, 0, 0, 0, 6, 88]),
            ("datto", "100001", [0, 0, 0, 0, 12, 171]),
            ("datto", "100002", [0, 0, 2, 2, 14, 168]),
            ("datto", "4711", [0, 1, 1, 1, 5, 221]),
            ("Büro", "ä/1", [0, 1, 1, 1, 10, 223]),
            ("a", "", [0, 1, 2, 2, 11, 11]),
            ("a", "b", [0, 1, 1, 3, 4, 4]),
        ] {
            let found = [1, 2, 3, 4, 16, MAX_SHARDS].map(|total| owner(source, tenant_id, total));
            assert_eq!(found, expected, "{source} {tenant_id}");
        }
    }

    #[test]
    fn every_shard_has_its_share_of_a_fleet() {
        for total in [2, 3, 8] {
            let owners = owners(total);
            for shard in 0..total {
                let share = owners.iter().filter(|owner| **owner == shard).count() as f64 * f64::from(total);
                let share = share / f64::from(FLEET);
                assert!((0.9..=1.1).contains(&share), "shard {shard} of {total}: {share} of an even share");
            }
        }
    }

    #[test]
    fn a_further_shard_takes_its_share_and_nothing_moves_between_the_others() {
        let (three, four) = (owners(3), owners(4));
        let moved: Vec<_> = three.iter().zip(&four).filter(|(before, after)| before != after).collect();
        assert!(moved.iter().all(|(_, after)| **after == 3));
        let share = moved.len() as f64 / f64::from(FLEET);
        assert!((0.22..=0.28).contains(&share), "{share}");
    }

    #[test]
    fn the_only_shard_owns_everything() {
        assert!(Shard::WHOLE.owns("datto", "4711") && Shard::default().is_whole());
    }

    #[test]
    fn shards_together_use_no_more_than_one_would() {
        for (total, places, expected) in [(1, 8, 8), (3, 8, 2), (8, 8, 1), (16, 8, 1)] {
            let shard = Shard::new(total - 1, total).unwrap();
            assert_eq!(shard.share_of_places(places), expected, "{total}");
            assert!((shard.share_of_rate(5.0) * f64::from(total) - 5.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_shard_that_cannot_be_is_refused_with_both_numbers() {
        for (index, total, words) in [
            (3, 3, "shard 3 of 3 does not exist: shards are zero-based, so the last one is 2"),
            (1, 1, "shard 1 of 1 does not exist"),
            (0, 0, "0 shards are out of range (1 to 256)"),
            (0, 257, "257 shards are out of range"),
        ] {
            let problem = Shard::new(index, total).unwrap_err().to_string();
            assert!(problem.contains(words), "{problem}");
        }
        assert_eq!(Shard::new(2, 3).unwrap().to_string(), "2 of 3");
    }
}
