//! Defines the flags that divide the tenants among several exporters.

use clap::Args;

use crate::domain::shard::Shard;

/// Which share of the tenants is collected.
#[derive(Clone, Copy, Debug, Args)]
pub struct Sharding {
    /// The number of this shard, counted from 0: of all tenants it collects those that --total-shards leaves to it.
    #[arg(
        long = "shard",
        value_name = "N",
        default_value_t = Shard::WHOLE.index(),
        global = true,
        env = "SAASBACKUP_EXPORTER_SHARD"
    )]
    pub shard: u16,
    /// How many exporters divide the tenants, and the configured budget of requests, among themselves.
    #[arg(
        long = "total-shards",
        value_name = "N",
        default_value_t = Shard::WHOLE.total(),
        global = true,
        env = "SAASBACKUP_EXPORTER_TOTAL_SHARDS"
    )]
    pub total_shards: u16,
}
