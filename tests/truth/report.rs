//! Sums up what came of all changes, and compares it with what is known to be wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::judge::{Finding, Wrong};
use super::known::KNOWN;
use super::run::Outcome;

/// So many failures are printed in full.
const SHOWN: usize = 50;

/// What is the same about failures, wherever in a fleet they occur.
type Kind = (&'static str, String, String, &'static str);

/// What came of all changes.
pub(crate) struct Report {
    outcomes: Vec<Outcome>,
    is_whole: bool,
    /// What fails, with the worst finding of each kind.
    failing: BTreeMap<Kind, (Wrong, Vec<(String, Finding)>)>,
}

impl Report {
    /// `is_whole`: every fleet was tried, so that what did not fail does not fail any more.
    pub(crate) fn new(mut outcomes: Vec<Outcome>, is_whole: bool) -> Self {
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
        Self { outcomes, failing, is_whole }
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

    /// Whether what fails is what is known to fail.
    pub(crate) fn is_as_known(&self) -> bool {
        self.news().is_empty() && self.mended().is_empty()
    }

    fn news(&self) -> Vec<&Kind> {
        let known: BTreeSet<Kind> = known().collect();
        self.failing.keys().filter(|kind| !known.contains(*kind)).collect()
    }

    /// What is known to fail, was tried, and did not.
    fn mended(&self) -> Vec<Kind> {
        if !self.is_whole {
            return Vec::new();
        }
        let of = |outcome: &Outcome| (outcome.vendor, outcome.endpoint.clone(), outcome.field.clone(), outcome.word);
        let tried: BTreeSet<Kind> = self.outcomes.iter().map(of).collect();
        known().filter(|kind| tried.contains(kind) && !self.failing.contains_key(kind)).collect()
    }

    /// What fails and is not known to, and what is known to and does not.
    pub(crate) fn complaint(&self) -> String {
        let mut text = String::new();
        let news = self.news();
        if !news.is_empty() {
            let _ = writeln!(text, "{} kinds of wrong answers make a verdict better:", news.len());
        }
        let mut worst: Vec<_> = news.iter().map(|kind| (&self.failing[*kind], kind)).collect();
        worst.sort_by_key(|((wrong, _), _)| *wrong);
        for ((_, found), _) in worst.iter().take(SHOWN) {
            let (line, finding) = &found[0];
            let _ = writeln!(text, "{finding}\n  TRUTH_CHANGE='{line}' cargo test --test truth one_change");
        }
        if let Some(more) = worst.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            let _ = writeln!(text, "... and {more} more.");
        }
        if std::env::var_os("TRUTH_LIST").is_some() {
            text.push_str(&self.list());
        }
        for known in self.mended() {
            let _ = writeln!(text, "{known:?} does not fail any more: remove it from tests/truth/known.rs");
        }
        text
    }

    /// All that fails, as `known.rs` has it.
    fn list(&self) -> String {
        let mut lines: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for ((vendor, endpoint, field, word), (wrong, _)) in &self.failing {
            lines.entry((*wrong, *vendor, endpoint, field)).or_default().push(*word);
        }
        let line = |((wrong, vendor, endpoint, field), words): (&(Wrong, &str, &String, &String), &Vec<&str>)| {
            format!("    // {wrong:?}\n    ({vendor:?}, {endpoint:?}, {field:?}, {:?}),\n", words.join(" "))
        };
        lines.iter().map(line).collect()
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

/// What is known to fail, one change at a time.
fn known() -> impl Iterator<Item = Kind> {
    KNOWN.iter().flat_map(|(vendor, endpoint, field, words)| {
        words.split(' ').map(|word| (*vendor, (*endpoint).to_owned(), (*field).to_owned(), word))
    })
}
