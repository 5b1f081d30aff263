//! Summarizes the results of all changes: none may be wrong.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::judge::{Finding, Wrong};
use super::run::Outcome;

/// So many failures are printed in full.
const SHOWN: usize = 50;

/// What is the same about failures, wherever in a fleet they occur.
type Kind = (&'static str, String, String, &'static str);

/// What came of all changes.
pub(crate) struct Report {
    outcomes: Vec<Outcome>,
    /// What fails, with the worst finding of each kind.
    failing: BTreeMap<Kind, (Wrong, Vec<(String, Finding)>)>,
}

impl Report {
    pub(crate) fn new(mut outcomes: Vec<Outcome>) -> Self {
        outcomes.sort_by(|one, other| {
            (one.vendor, &one.endpoint, &one.field, one.word).cmp(&(
                other.vendor,
                &other.endpoint,
                &other.field,
                other.word,
            ))
        });
        let mut failing: BTreeMap<Kind, (Wrong, Vec<(String, Finding)>)> = BTreeMap::new();
        for outcome in &outcomes {
            let Some(worst) = outcome.found.iter().map(|(_, finding)| finding.wrong).min() else { continue };
            let kind = (outcome.vendor, outcome.endpoint.clone(), outcome.field.clone(), outcome.word);
            let entry = failing.entry(kind).or_insert_with(|| (worst, Vec::new()));
            entry.0 = entry.0.min(worst);
            entry.1.extend(outcome.found.iter().cloned());
        }
        for (_, found) in failing.values_mut() {
            found.sort_by(|(line, finding), (other_line, other)| (finding, line).cmp(&(other, other_line)));
        }
        Self { outcomes, failing }
    }

    pub(crate) fn changes(&self) -> usize {
        self.outcomes.len()
    }

    /// Counts by what is wrong, the worst first.
    pub(crate) fn summary(&self) -> String {
        let mut text = format!("{} changes, each cold, warm and once:\n", self.changes());
        let plausible = self.outcomes.iter().filter_map(|outcome| outcome.plausible);
        for (reason, count) in count(plausible) {
            let _ = writeln!(text, "{count:6} may be true: {reason}");
        }
        let failing =
            self.outcomes.iter().filter_map(|outcome| outcome.found.iter().map(|(_, finding)| finding.wrong).min());
        for (wrong, count) in count(failing) {
            let kinds = self.failing.values().filter(|(worst, _)| *worst == wrong).count();
            let _ = writeln!(text, "{count:6} wrong ({kinds} kinds): {}", wrong.sentence());
        }
        text
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_clean(&self) -> bool {
        self.failing.is_empty()
    }

    /// What is wrong, the worst first: one of each kind, with the line that reruns it.
    pub(crate) fn complaint(&self) -> String {
        let mut worst: Vec<_> = self.failing.values().collect();
        worst.sort_by_key(|(wrong, _)| *wrong);
        let mut text = format!("{} kinds of wrong answers make a verdict better:\n", worst.len());
        for (_, found) in worst.iter().take(SHOWN) {
            let (line, finding) = &found[0];
            let _ = writeln!(text, "{finding}\n  TRUTH_CHANGE='{line}' cargo test --test truth one_change");
        }
        if let Some(more) = worst.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            let _ = writeln!(text, "... and {more} more.");
        }
        text
    }

    /// What is wrong with the changes that this names.
    pub(crate) fn of(&self, wanted: &str) -> Vec<String> {
        let all = self.failing.values().flat_map(|(_, found)| found);
        all.filter(|(line, _)| line.contains(wanted)).map(|(line, finding)| format!("{line}\n  {finding}")).collect()
    }
}

fn count<T: Ord>(all: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    counts
}
