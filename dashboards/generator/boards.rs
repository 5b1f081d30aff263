//! Holds the four dashboards.

mod exporter;
mod overview;
mod seats;
mod sold;
mod tenant;

use crate::dashboard::Dashboard;

/// All of them.
pub(crate) fn all() -> Vec<Dashboard> {
    vec![overview::dashboard(), tenant::dashboard(), seats::dashboard(), exporter::dashboard()]
}
