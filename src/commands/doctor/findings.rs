//! Collects the findings of one source, and reports each as it is made.

use super::Event;
use super::report::{Finding, Step, Verdict};

/// The findings of one source so far.
pub(super) struct Findings<'a> {
    findings: Vec<Finding>,
    observe: &'a mut dyn FnMut(Event<'_>),
}

/// Why the steps after this one are skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stop {
    /// The step that the others depend on.
    pub(super) at: Step,
}

impl<'a> Findings<'a> {
    pub(super) fn new(observe: &'a mut dyn FnMut(Event<'_>)) -> Self {
        Self { findings: Vec::new(), observe }
    }

    pub(super) fn add(&mut self, finding: Finding) {
        (self.observe)(Event::Found(&finding));
        self.findings.push(finding);
    }

    pub(super) fn ok(&mut self, step: Step, tried: impl Into<String>, found: impl Into<String>) {
        self.add(Finding::new(step, Verdict::Ok, tried, found));
    }

    /// Adds a finding after which steps that depend on it cannot be checked.
    pub(super) fn stop(&mut self, finding: Finding) -> Stop {
        let at = finding.step;
        self.add(finding);
        Stop { at }
    }

    /// All findings; steps after a failure are reported as skipped.
    pub(super) fn finish(mut self, stopped: Result<(), Stop>) -> Vec<Finding> {
        if let Err(Stop { at }) = stopped {
            for step in Step::ALL.into_iter().filter(|step| *step > at) {
                let reason = format!("depends on step \"{}\", which failed", at.as_str());
                self.add(Finding::new(step, Verdict::Skip, "skipped", reason));
            }
        }
        self.findings
    }
}
