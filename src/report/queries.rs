//! Composes the queries: each is one for all customers.

/// Whether a workload is within its objective: 1 or 0, absent if not known.
const WITHIN: &str = "workload:saasbackup_within_objective:bool";
/// The expression of [`WITHIN`]; a test compares it with `alerts/saasbackup-history.rules.yml`, which is no part of the program.
const WITHIN_EXPRESSION: &str = include_str!("within.promql");
/// Whether that is known, 1 or 0, absent if nothing is to be backed up.
const KNOWN: &str = "workload:saasbackup_known:bool";
const LABELS: &str = "provider, source, tenant_id, tenant, workload";

/// Whether the exporter was seen.
pub(super) const SEEN: &str = "count(saasbackup_exporter_build_info)";

/// How many shards of each number were seen; without shards, the exporter is one of one.
pub(super) const SHARDS: &str =
    "count by (job, total_shards) (count by (job, total_shards, shard) (saasbackup_exporter_shard_info))";

/// The facts of a customer at a time, by name and with what divides them.
pub(super) const FACTS: &str = concat!(
    "max by (__name__, provider, source, tenant_id, workload, state, domain, type, result, billing) (last_over_time({",
    r#"__name__=~"saasbackup_(seats_used|seats_available|seats_billable|seats_active|seats_deactivated|seats|accounts"#,
    r#"|domain_state|retention_period_seconds|retention_policies|expected_seats|expected_workload_protected"#,
    r#"|restore_test_timestamp_seconds|restore_test_objective_seconds)""#,
    "}[1d]))"
);

/// The families of [`FACTS`] that a page needs, and what is missing without them.
pub(super) const FAMILIES: [(&str, &str); 2] =
    [("saasbackup_seats_used", "seats"), ("saasbackup_accounts", "accounts that can be protected")];

/// The alerts that fired in the time before, by customer.
pub(super) fn alerts(seconds: i64) -> String {
    format!(
        "max by (alertname, severity, provider, source, tenant_id) (max_over_time(\
         ALERTS{{alertname=~\"SaasBackup.+\",alertstate=\"firing\",tenant_id!=\"\"}}[{seconds}s]))"
    )
}

/// The number of workloads, or twice as many with two replicas, to bound what one response holds.
pub(super) const SIZE: &str = r#"count(saasbackup_workload_state{state="ok"})"#;

/// Has samples at the times at which the recorded series are missing.
pub(super) fn without_records() -> String {
    format!("count(saasbackup_rpo_seconds) unless count({KNOWN})")
}

/// The value of [`marks`] that no rule records.
pub(super) const NOTHING_DUE: f64 = 3.0;

/// What holds of each workload: 1 within the objective, 0 outside, 2 not known, 3 nothing to back up.
///
/// Without recorded series, those of [`KNOWN`] follow from those of [`WITHIN`]: not known is every workload with an
/// objective that has no value there, unless nothing is to be backed up. Its definition would repeat the other, and the
/// query would not fit into a URL.
pub(super) fn marks(is_recorded: bool) -> String {
    // Filtered before it is aggregated, because most series have the other value.
    let unused = "saasbackup_workload_state{state=~\"paused|not_licensed|empty\"} == 1";
    let nothing_due = format!("3 + 0 * max by ({LABELS}) ({unused})");
    if is_recorded {
        // A series that ended has a value for some minutes if its end was not recorded, as after a backfill: that it is
        // not known any more decides.
        return format!(
            "max by ({LABELS}) ({WITHIN}) unless on ({LABELS}) ({KNOWN} == 0) or 2 + max by ({LABELS}) ({KNOWN} == 0) \
             or {nothing_due}"
        );
    }
    format!(
        "max by ({LABELS}) ({}) or 2 + 0 * (max by ({LABELS}) (saasbackup_rpo_seconds) \
         unless on (provider, source, tenant_id, workload) {unused}) or {nothing_due}",
        one_line(WITHIN_EXPRESSION)
    )
}

fn one_line(expression: &str) -> String {
    expression.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every() -> [String; 8] {
        [
            marks(true),
            marks(false),
            without_records(),
            alerts(90_000),
            SIZE.to_owned(),
            SEEN.to_owned(),
            SHARDS.to_owned(),
            FACTS.to_owned(),
        ]
    }

    #[test]
    fn without_recorded_series_the_expression_is_that_of_the_rule() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/alerts/saasbackup-history.rules.yml");
        let rules: serde_json::Value = serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let groups = rules["groups"].as_array().unwrap().iter();
        let mut rules = groups.flat_map(|group| group["rules"].as_array().unwrap());
        let rule = rules.find(|rule| rule["record"] == WITHIN).unwrap();
        assert_eq!(one_line(rule["expr"].as_str().unwrap()), one_line(WITHIN_EXPRESSION));
    }

    #[test]
    fn a_recorded_value_does_not_outlive_what_is_known() {
        let decides = format!("({WITHIN}) unless on ({LABELS}) ({KNOWN} == 0) or ");
        assert!(marks(true).contains(&decides), "{}", marks(true));
    }

    #[test]
    fn every_query_can_be_parsed() {
        for query in every() {
            promql_parser::parser::parse(&query).unwrap_or_else(|error| panic!("{query}: {error}"));
        }
    }

    #[test]
    fn every_query_fits_into_a_url() {
        for query in every() {
            let encoded: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
            // Common servers and proxies accept 8 KiB for the request line.
            assert!(encoded.len() < 4000, "{} bytes: {query}", encoded.len());
        }
    }
}
