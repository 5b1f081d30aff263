//! Sums up the raw rows of one workload.

use std::collections::BTreeMap;

use saasbackup_exporter::process::clock;
use serde_json::Value;

/// What the rows of one workload amount to.
pub(crate) struct Ledger {
    pub(crate) states: BTreeMap<&'static str, f64>,
    /// Empty where no row has a status word.
    pub(crate) statuses: BTreeMap<&'static str, f64>,
    pub(crate) newest: Option<f64>,
    pub(crate) protected_until: Option<f64>,
    pub(crate) items: Option<f64>,
    pub(crate) storage: Option<f64>,
}

impl Ledger {
    /// `unit`: how many bytes one of `storage` is; `objective` in seconds.
    pub(crate) fn of(
        rows: &[Value],
        items: Option<&str>,
        unit: Option<f64>,
        objective: f64,
        lists_errors: bool,
    ) -> Self {
        let now = clock::now().as_seconds();
        let mut states: BTreeMap<_, _> =
            ["deactivated", "failing", "never", "unknown", "late", "ok"].map(|state| (state, 0.0)).into();
        let mut statuses = BTreeMap::new();
        let mut active = Vec::new();
        for row in rows {
            let backup = row["last_backup"].as_str().map(seconds);
            let state = match (&row["deactivated_since"], row.get("errors"), row.get("last_backup"), backup) {
                (since, ..) if !since.is_null() => "deactivated",
                _ if row["active"] == false => "deactivated",
                _ if row["current_backup_status"] == "Deactivated" => "deactivated",
                (_, errors, ..)
                    if is_failing(errors) || FAILING_WORDS.iter().any(|word| row["current_backup_status"] == *word) =>
                {
                    "failing"
                }
                (_, None, ..) if lists_errors => "unknown",
                (_, _, None, _) => "unknown",
                (_, _, _, None) => "never",
                (_, _, _, Some(at)) if now - at > objective => "late",
                _ => "ok",
            };
            *states.get_mut(state).unwrap() += 1.0;
            if state != "deactivated" {
                active.push(backup);
            }
            if let Some(word) = row["current_backup_status"].as_str() {
                *statuses.entry(status(word)).or_insert(0.0) += 1.0;
            }
        }
        if !statuses.is_empty() {
            for word in ["completed", "running", "preparing", "failed", "other"] {
                statuses.entry(word).or_insert(0.0);
            }
        }
        let known: Vec<f64> = active.iter().copied().flatten().collect();
        let protected_until = known.iter().copied().reduce(f64::min).filter(|_| known.len() == active.len());
        // One row that does not say makes the sum unknown.
        let sum = |field: &str| rows.iter().map(|row| row[field].as_f64()).sum::<Option<f64>>();
        Self {
            states,
            statuses,
            newest: known.iter().copied().reduce(f64::max),
            protected_until,
            items: items.and_then(sum),
            storage: unit.and_then(|unit| Some(sum("storage")? * unit)),
        }
    }

    /// The worst that holds.
    pub(crate) fn state(&self) -> &'static str {
        if self.states.iter().all(|(state, count)| *state == "deactivated" || *count == 0.0) {
            return if self.states["deactivated"] > 0.0 { "stopped" } else { "empty" };
        }
        let worst = ["failing", "never", "late", "unknown"].into_iter().find(|state| self.states[state] > 0.0);
        worst.unwrap_or("ok")
    }
}

fn seconds(time: &str) -> f64 {
    time.parse::<jiff::Timestamp>().unwrap().as_millisecond() as f64 / 1_000.0
}

/// The status words of failures.
const FAILING_WORDS: [&str; 4] = ["Failed", "Connection Error", "Authentication Error", "Space Full"];

pub(crate) fn is_failing(errors: Option<&Value>) -> bool {
    match errors {
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        _ => false,
    }
}

fn status(word: &str) -> &'static str {
    match word {
        "Completed" => "completed",
        "Running" | "In Progress" => "running",
        "Preparing Backup" => "preparing",
        "Failed" => "failed",
        "Partially Completed" => "partially_completed",
        "Retrying" => "retrying",
        "Connection Error" => "connection_error",
        "Authentication Error" => "authentication_error",
        "Deactivated" => "deactivated",
        "Space Full" => "space_full",
        _ => "other",
    }
}
