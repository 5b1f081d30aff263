//! Writes findings as text: aligned, and coloured on a terminal.

use super::count;
use super::report::{Finding, Report, SourceSummary, Verdict};

/// The column of the finding: after the verdict and the longest step.
const INDENT: usize = 2 + 6 + 13;

/// The style of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without colours.
    Plain,
    /// With the colours of a terminal.
    Coloured,
}

impl Style {
    /// The heading of a source.
    #[must_use]
    pub fn heading(self, subject: &SourceSummary) -> String {
        printable(&format!("{}: {} at {}", subject.source, subject.provider, subject.base_url)) + "\n"
    }

    /// One finding, followed by the suggested fix.
    #[must_use]
    pub fn finding(self, finding: &Finding) -> String {
        let verdict = finding.verdict.as_str();
        let padding = " ".repeat(6 - verdict.len());
        let step = finding.step.as_str();
        let line = printable(&format!("{}: {}", finding.tried, finding.found));
        let mut text = format!("  {}{padding}{step:<13}{line}\n", self.paint(finding.verdict));
        if let Some(advice) = &finding.advice {
            text.push_str(&format!("{:INDENT$}-> {}\n", "", printable(advice)));
        }
        text
    }

    /// The summary at the end.
    #[must_use]
    pub fn summary(self, report: &Report) -> String {
        let (failed, warned) = (report.count(Verdict::Fail), report.count(Verdict::Warn));
        let skipped = report.count(Verdict::Skip);
        format!("{failed} failed, {}, {skipped} skipped\n", count(warned as u64, "warning"))
    }

    fn paint(self, verdict: Verdict) -> String {
        let colour = match (self, verdict) {
            (Self::Plain, _) => return verdict.as_str().to_owned(),
            (Self::Coloured, Verdict::Ok) => 32,
            (Self::Coloured, Verdict::Note) => 36,
            (Self::Coloured, Verdict::Warn) => 33,
            (Self::Coloured, Verdict::Fail) => 31,
            (Self::Coloured, Verdict::Skip) => 2,
        };
        format!("\u{1b}[{colour}m{}\u{1b}[0m", verdict.as_str())
    }
}

/// External text, such as from a certificate, must not control the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::report::Step;

    fn finding() -> Finding {
        Finding::new(Step::Credentials, Verdict::Fail, "GET /users", "401\u{1b}[2J").advise("check it")
    }

    #[test]
    fn a_finding_is_a_line_and_its_advice_another() {
        let shown = Style::Plain.finding(&finding());
        assert_eq!(shown, "  fail  credentials  GET /users: 401\u{fffd}[2J\n                     -> check it\n");
    }

    #[test]
    fn colour_changes_nothing_but_the_colour_of_the_verdict() {
        let coloured = Style::Coloured.finding(&finding());
        assert!(coloured.starts_with("  \u{1b}[31mfail\u{1b}[0m  credentials"), "{coloured}");
        let plain = coloured.replace("\u{1b}[31m", "").replace("\u{1b}[0m", "");
        assert_eq!(plain, Style::Plain.finding(&finding()));
    }
}
