//! Identifies a source by vendor service and configured name.

use std::sync::Arc;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

/// The vendor service of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Provider {
    /// Dropsuite, sold as NinjaOne SaaS Backup.
    Dropsuite,
    /// Datto SaaS Protection, formerly Backupify.
    Datto,
}

/// The identity of a source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceIdentity {
    /// The service.
    pub provider: Provider,
    /// The configured name.
    pub name: Arc<str>,
}
