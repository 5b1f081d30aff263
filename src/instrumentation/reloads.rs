//! Tracks the result of the last reload of a file.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Metric, MetricFamily};
use crate::domain::Timestamp;
use crate::metric::Descriptor;

pub(super) const CONFIG_SUCCESSFUL: Descriptor = Descriptor::gauge(
    "saasbackup_exporter_config_last_reload_successful",
    "Whether the last configuration reload attempt was successful (1) or not (0)",
);
pub(super) const CONFIG_TIME: Descriptor = Descriptor::seconds(
    "saasbackup_exporter_config_last_reload_success_timestamp_seconds",
    "Timestamp of the last successful configuration reload",
);
pub(super) const EXPECTED_SUCCESSFUL: Descriptor = Descriptor::gauge(
    "saasbackup_exporter_expected_last_reload_successful",
    "Whether the last reload attempt of the file of expected tenants was successful (1) or not (0, the previous list stays in effect); absent without expected.file",
);
pub(super) const EXPECTED_TIME: Descriptor = Descriptor::seconds(
    "saasbackup_exporter_expected_last_reload_success_timestamp_seconds",
    "Timestamp of the last successful reload of the file of expected tenants; absent without expected.file",
);

pub(super) const RESTORE_TESTS_SUCCESSFUL: Descriptor = Descriptor::gauge(
    "saasbackup_exporter_restore_tests_last_reload_successful",
    "Whether the last reload attempt of the file of restore tests was successful (1) or not (0, the previous list stays in effect); absent without restore_tests.file",
);
pub(super) const RESTORE_TESTS_TIME: Descriptor = Descriptor::seconds(
    "saasbackup_exporter_restore_tests_last_reload_success_timestamp_seconds",
    "Timestamp of the last successful reload of the file of restore tests; absent without restore_tests.file",
);

/// The result of the last reload of one file; empty if no such file is configured.
#[derive(Debug, Default)]
pub(crate) struct Reloads(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Whether the last reload was successful; `None` before the first.
    is_successful: Option<bool>,
    /// The time of the last successful reload.
    at: Option<Timestamp>,
}

impl Reloads {
    /// Records that the file was loaded; `None` means that no such file is configured any more.
    pub(crate) fn loaded(&self, at: Option<Timestamp>) {
        *self.lock() = State { is_successful: at.map(|_| true), at };
    }

    /// Records that the reload failed.
    pub(crate) fn refused(&self) {
        self.lock().is_successful = Some(false);
    }

    pub(super) fn gather(&self, successful: &'static Descriptor, time: &'static Descriptor) -> [MetricFamily; 2] {
        let State { is_successful, at } = *self.lock();
        [
            MetricFamily::of_process(successful, is_successful.map(|holds| Metric::Whole(holds.into()))),
            MetricFamily::of_process(time, at.map(|at| Metric::Number(at.as_seconds()))),
        ]
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
