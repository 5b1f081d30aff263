//! Chooses colours: healthy is green, unhealthy red or orange, and unknown is purple, never green.

use saasbackup_exporter::domain::WorkloadState;
use serde_json::{Value, json};
use strum::IntoEnumIterator as _;

pub(crate) const FINE: &str = "green";
pub(crate) const LATE: &str = "orange";
pub(crate) const BAD: &str = "red";
pub(crate) const NEVER: &str = "dark-red";
pub(crate) const STOPPED: &str = "#e8532b";
pub(crate) const UNKNOWN: &str = "purple";
pub(crate) const STALE: &str = "blue";
pub(crate) const QUIET: &str = "#808890";
pub(crate) const PLAIN: &str = "text";
pub(crate) const NONE: &str = "transparent";

/// Colours by value: the first holds below every step, which is where Grafana puts a value that is not there.
#[derive(Clone, Debug)]
pub(crate) struct Steps {
    absent: &'static str,
    steps: Vec<(f64, &'static str)>,
}

impl Steps {
    /// One colour for whatever is known.
    pub(crate) fn known(colour: &'static str) -> Self {
        Self::from(vec![(0.0, colour)])
    }

    /// Fine at zero, and of this colour from one on.
    pub(crate) fn none_is_fine(colour: &'static str) -> Self {
        Self::from(vec![(0.0, FINE), (1.0, colour)])
    }

    /// Silent at zero, and of this colour from one on: for the cells of a table.
    pub(crate) fn none_is_silent(colour: &'static str) -> Self {
        Self::from(vec![(0.0, NONE), (1.0, colour)])
    }

    /// The steps in rising order.
    pub(crate) fn from(steps: Vec<(f64, &'static str)>) -> Self {
        Self { absent: UNKNOWN, steps }
    }

    pub(crate) fn to_json(&self) -> Value {
        let absent = json!({ "color": self.absent, "value": null });
        let steps = self.steps.iter().map(|(from, colour)| json!({ "color": colour, "value": from }));
        json!({ "mode": "absolute", "steps": std::iter::once(absent).chain(steps).collect::<Vec<_>>() })
    }
}

/// Words instead of values, each with its colour; a value that is not there is `unknown`.
pub(crate) fn words(words: &[(&str, &str, &str)]) -> Value {
    let options: serde_json::Map<String, Value> = words
        .iter()
        .zip(0..)
        .map(|((value, text, colour), index)| {
            ((*value).to_owned(), json!({ "text": text, "color": colour, "index": index }))
        })
        .collect();
    let absent = json!({ "text": "unknown", "color": UNKNOWN, "index": words.len() });
    json!([
        { "type": "value", "options": options },
        { "type": "special", "options": { "match": "null+nan", "result": absent } },
    ])
}

/// The states of a workload as the numbers by which they are sorted, worst last.
pub(crate) fn severities() -> Value {
    let mut states: Vec<_> = WorkloadState::iter().collect();
    states.sort_by_key(|state| rank(*state));
    let text = |state: &WorkloadState| (rank(*state).to_string(), state.as_str().replace('_', " "));
    let texts: Vec<_> = states.iter().map(text).collect();
    let rows = states.iter().zip(&texts).map(|(state, (value, text))| {
        let colour = match state {
            WorkloadState::Ok => FINE,
            WorkloadState::Failing => BAD,
            WorkloadState::Never => NEVER,
            WorkloadState::Stopped => STOPPED,
            WorkloadState::Late => LATE,
            WorkloadState::Unknown => UNKNOWN,
            WorkloadState::Paused | WorkloadState::Empty | WorkloadState::NotLicensed => QUIET,
        };
        (value.as_str(), text.as_str(), colour)
    });
    words(&rows.collect::<Vec<_>>())
}

/// The number of a state in a dashboard, the greater the worse: Grafana sorts and aggregates by it.
pub(crate) fn rank(state: WorkloadState) -> u8 {
    WorkloadState::iter().map(WorkloadState::severity).max().unwrap_or_default() - state.severity()
}

/// How an attempt ended.
pub(crate) fn attempts() -> Value {
    words(&[("0", "failed", BAD), ("1", "succeeded", PLAIN)])
}

/// Red below zero; Grafana gives negative numbers the colour of what is not there if thresholds decide.
pub(crate) fn negative_is_bad() -> Value {
    json!([{ "type": "range", "options": { "from": null, "to": -1e-9, "result": { "color": BAD, "index": 0 } } }])
}

/// The colour of a state's line or bar.
pub(crate) fn colour_of(state: &str) -> &'static str {
    match state {
        "ok" | "protected" | "connected" | "active" => FINE,
        "late" | "reconnect_required" | "unprotected" => LATE,
        "failing" => BAD,
        "never" => NEVER,
        "stopped" => STOPPED,
        "unknown" => UNKNOWN,
        "paused" => STALE,
        "excluded" => "#b8c0c8",
        _ => QUIET,
    }
}
