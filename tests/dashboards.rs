//! Checks the dashboards against Grafana's schema, conventions and Prometheus.

mod commitments;
mod floor;
mod generated;
mod lint;
mod live;
mod schema;
mod substitution;
