//! Generates the dashboards from the catalogue, and holds them to Grafana's schema, to conventions and to Prometheus.

#![expect(clippy::unwrap_used, reason = "a helper of a test has nobody to hand an error to")]

#[path = "dashboards/boards.rs"]
mod boards;
#[path = "dashboards/dashboard.rs"]
mod dashboard;
#[path = "oracles/exporter.rs"]
#[allow(dead_code, reason = "the oracles ask for more")]
mod exporter;
#[path = "dashboards/expression.rs"]
mod expression;
#[path = "dashboards/floor.rs"]
mod floor;
#[path = "dashboards/generated.rs"]
mod generated;
#[path = "dashboards/lint.rs"]
mod lint;
#[path = "dashboards/live.rs"]
mod live;
#[path = "dashboards/look.rs"]
mod look;
#[path = "dashboards/metric.rs"]
mod metric;
#[path = "dashboards/panel.rs"]
mod panel;
#[path = "oracles/process.rs"]
#[allow(dead_code, reason = "the oracles ask for more")]
mod process;
#[path = "oracles/prometheus.rs"]
#[allow(dead_code, reason = "the oracles ask for more")]
mod prometheus;
#[path = "support/promql.rs"]
#[allow(dead_code, reason = "the alert rules record metrics of their own")]
mod promql;
#[path = "dashboards/schema.rs"]
mod schema;
#[path = "dashboards/substitution.rs"]
mod substitution;
#[path = "dashboards/table.rs"]
mod table;
#[path = "oracles/text_only.rs"]
mod text_only;
