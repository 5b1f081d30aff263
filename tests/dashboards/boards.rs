//! Holds the four dashboards.

#[path = "boards/exporter.rs"]
mod exporter;
#[path = "boards/overview.rs"]
mod overview;
#[path = "boards/seats.rs"]
mod seats;
#[path = "boards/sold.rs"]
mod sold;
#[path = "boards/tenant.rs"]
mod tenant;

use crate::dashboard::Dashboard;

/// All of them.
pub(crate) fn all() -> Vec<Dashboard> {
    vec![overview::dashboard(), tenant::dashboard(), seats::dashboard(), exporter::dashboard()]
}
