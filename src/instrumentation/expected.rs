//! Says how the file of what was sold is followed; nothing where there is no such file.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::{Measure, own, register};
use crate::domain::Timestamp;
use crate::exposition::{Descriptor, Kind, Unit};

pub(super) const SUCCESSFUL: Descriptor = own(
    "saasbackup_exporter_expected_last_reload_successful",
    "Whether the file of what was sold was last read without a problem (1) or not (0), in which case the one before holds; absent where no file is configured",
    None,
    Kind::Gauge,
);
pub(super) const TIME: Descriptor = own(
    "saasbackup_exporter_expected_last_reload_success_timestamp_seconds",
    "When the file of what was sold was last read without a problem; absent where no file is configured",
    Some(Unit::Seconds),
    Kind::Gauge,
);

/// Of something that there may not be, and of which there is never more than one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct NoLabels {}

/// How the last reading of the file ended.
#[derive(Debug, Default)]
pub(crate) struct ExpectedReloads {
    successful: Family<NoLabels, Gauge>,
    at: Family<NoLabels, Measure>,
}

impl ExpectedReloads {
    pub(super) fn register(&self, registry: &mut Registry) {
        register(registry, &SUCCESSFUL, self.successful.clone());
        register(registry, &TIME, self.at.clone());
    }

    /// The file was read without a problem; `None` means that there is no such file any more.
    pub(crate) fn loaded(&self, at: Option<Timestamp>) {
        let Some(at) = at else {
            self.successful.clear();
            return self.at.clear();
        };
        self.successful.get_or_create(&NoLabels {}).set(1);
        self.at.get_or_create(&NoLabels {}).set(at.as_seconds());
    }

    /// The file changed, and is not good.
    pub(crate) fn refused(&self) {
        self.successful.get_or_create(&NoLabels {}).set(0);
    }
}
