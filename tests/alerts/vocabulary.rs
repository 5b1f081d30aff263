//! Tests the check of expressions itself: what it accepts, and what it finds.

use crate::support::promql::{Labels, Vocabulary};

fn labels(names: &[&str]) -> Labels {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn the_labels_of_a_result_follow_from_the_expression() {
    let vocabulary = Vocabulary::of_the_exporter();
    for (expression, expected) in [
        ("time()", &[][..]),
        ("saasbackup_up", &["provider", "source", "job", "instance"]),
        ("max by (provider) (saasbackup_up) == 0", &["provider"]),
        ("sum without (job, instance) (saasbackup_up)", &["provider", "source"]),
        ("topk(5, saasbackup_up)", &["provider", "source", "job", "instance"]),
        ("topk by (source) (1, saasbackup_up)", &["provider", "source", "job", "instance"]),
        ("quantile(0.9, saasbackup_up)", &[]),
        ("count(saasbackup_up) or vector(0)", &[]),
        ("max by (source) (saasbackup_up) unless on (source) saasbackup_listing_complete", &["source"]),
        (
            "max by (source, provider) (saasbackup_up) * on (source) group_left (part) max by (source, part) (saasbackup_collection_success)",
            &["provider", "source", "part"],
        ),
        (
            r#"max by (workload) (label_replace(saasbackup_collection_success, "workload", "$1", "part", "(.*)"))"#,
            &["workload"],
        ),
        (
            "histogram_quantile(0.9, sum by (source, le) (rate(saasbackup_exporter_collection_duration_seconds_bucket[5m])))",
            &["source"],
        ),
        ("1 - avg by (source) (saasbackup_up)", &["source"]),
        (r#"count_values by (source) ("value", saasbackup_up)"#, &["source", "value"]),
        ("absent(up{job=\"saasbackup\"})", &["job", "instance"]),
    ] {
        assert_eq!(vocabulary.check(expression), Ok(labels(expected)), "{expression}");
    }
}

#[test]
fn what_cannot_be_is_found() {
    let vocabulary = Vocabulary::of_the_exporter();
    for (expression, words) in [
        ("saasbackup_up >", "invalid promql query"),
        ("saasbackup_upp == 0", "no metric saasbackup_upp"),
        ("saasbackup_exporter_collection_duration_seconds", "no metric"),
        ("saasbackup_up{tenant=\"a\"}", "saasbackup_up has no label tenant"),
        ("{job=\"saasbackup\"}", "names no metric"),
        ("sum by (workload) (saasbackup_seats_used)", "no label workload"),
        ("saasbackup_up and on (tenant) saasbackup_seats_used", "no label tenant"),
        ("sum by (source) (saasbackup_up) / sum by (provider) (saasbackup_up)", "never match"),
        ("saasbackup_up * on (source) group_left (plan) saasbackup_listing_complete", "no label plan"),
        (r#"label_replace(saasbackup_up, "workload", "$1", "part", "(.*)")"#, "copies the label part"),
    ] {
        let problems = vocabulary.check(expression).unwrap_err();
        assert!(problems.iter().any(|problem| problem.contains(words)), "{expression}: {problems:?}");
    }
}
