//! Holds the dashboards to Grafana's schema, to conventions and to Prometheus.

mod floor;
mod generated;
mod lint;
mod live;
mod schema;
mod substitution;
