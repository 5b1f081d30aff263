//! Names a source: the service behind it, and the name that the operator gave it.

use std::sync::Arc;

use strum::{EnumCount, EnumIter, EnumString, IntoStaticStr};

/// The service behind a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumCount, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Provider {
    /// Dropsuite, sold as NinjaOne SaaS Backup.
    Dropsuite,
    /// Datto SaaS Protection, formerly Backupify.
    Datto,
}

/// Tells sources apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceIdentity {
    /// The service.
    pub provider: Provider,
    /// The configured name.
    pub name: Arc<str>,
}
