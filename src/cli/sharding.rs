//! Defines the flags that split the tenants between several exporters.

use clap::Args;

use crate::domain::shard::Shard;

/// Which share of the tenants is collected.
#[derive(Clone, Copy, Debug, Args)]
pub struct Sharding {
    /// Ordinal of this shard (zero-based) within the total number of shards.
    #[arg(
        long = "shard",
        value_name = "N",
        default_value_t = Shard::WHOLE.index(),
        global = true,
        env = "SAASBACKUP_EXPORTER_SHARD"
    )]
    pub shard: u16,
    /// Total number of shards. Tenants and the configured request rate are split between them; 1 disables sharding.
    #[arg(
        long = "total-shards",
        value_name = "N",
        default_value_t = Shard::WHOLE.total(),
        global = true,
        env = "SAASBACKUP_EXPORTER_TOTAL_SHARDS"
    )]
    pub total_shards: u16,
}
