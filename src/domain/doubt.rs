//! Decides which empty lists and refusals of a tenant's products prove nothing.
//!
//! With another organization's token Dropsuite answers 200 with an empty list, and with a token that was withdrawn it
//! refuses everything. Neither says that a product is empty or not licensed: that another product of the same tenant
//! answers does. What is known of the tenant from before counts too, but does not let known values go.

use super::{Outcome, PartResult, TenantState, Tracked, Workload, WorkloadReport};

/// What a result says of whether the tenant's credential reaches its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// The product answers, with something that only its owner has.
    Answers,
    /// The list is empty although seats are used.
    Empty,
    /// The vendor refuses the product.
    Refuses(Outcome),
    /// Nothing.
    None,
}

impl TenantState {
    /// The workloads whose results prove nothing, and what such a result counts as instead.
    #[must_use]
    pub fn doubts(&self, results: &[PartResult]) -> Vec<(Workload, Outcome)> {
        doubts(self, results)
    }
}

/// The workloads whose results are not believed, and what such a result counts as instead.
fn doubts(tenant: &TenantState, results: &[PartResult]) -> Vec<(Workload, Outcome)> {
    let uses_seats = uses_seats(tenant);
    let signs: Vec<_> = results.iter().filter_map(|result| sign(result, uses_seats)).collect();
    let now = |workload| signs.iter().find(|(of, _)| *of == workload).map(|(_, sign)| *sign);
    let answers_now = |besides| signs.iter().any(|(workload, sign)| *workload != besides && *sign == Sign::Answers);
    let answered_before = |besides| {
        let is_good = |workload: &Workload, known: &Tracked<WorkloadReport>| {
            let is_doubtful = matches!(now(*workload), Some(Sign::Empty | Sign::Refuses(_))) || was_doubtful(known);
            *workload != besides && !is_doubtful && known.value().is_some_and(|report| answers(report, uses_seats))
        };
        tenant.workloads.iter().any(|(workload, known)| is_good(workload, known))
    };
    let mail = tenant.workloads.get(&Workload::Mail);
    let mailboxes_are_missing = match now(Workload::Mail) {
        Some(sign) => sign == Sign::Empty,
        None => mail.and_then(|known| known.attempt).is_some_and(|last| last.outcome == Outcome::SuspiciousEmpty),
    };
    let known = |workload| tenant.workloads.get(&workload).and_then(Tracked::value);
    let doubt = |(workload, sign): &(Workload, Sign)| {
        let (outcome, is_missing) = match sign {
            Sign::Empty => (Outcome::SuspiciousEmpty, mailboxes_are_missing),
            Sign::Refuses(outcome) => (*outcome, false),
            Sign::Answers | Sign::None => return None,
        };
        let would_lose = known(*workload).is_some_and(|report| answers(report, true));
        let is_believed = answers_now(*workload) || (!would_lose && answered_before(*workload));
        (is_missing || !is_believed).then_some((*workload, outcome))
    };
    signs.iter().filter_map(doubt).collect()
}

/// Whether the listing or the seats part says that seats are used.
fn uses_seats(tenant: &TenantState) -> bool {
    let collected = tenant.seats.value().and_then(|report| report.counts.used);
    tenant.tenant.seats.used.max(collected).is_some_and(|used| used > 0)
}

fn sign(result: &PartResult, uses_seats: bool) -> Option<(Workload, Sign)> {
    match result {
        PartResult::Workload(workload, Ok(report)) | PartResult::PartialWorkload(workload, report, _) => {
            let sign = match report {
                WorkloadReport::NotLicensed => Sign::None,
                report if answers(report, uses_seats) => Sign::Answers,
                WorkloadReport::Licensed(_) => Sign::Empty,
            };
            Some((*workload, sign))
        }
        PartResult::Workload(workload, Err(Outcome::SuspiciousEmpty)) => Some((*workload, Sign::Empty)),
        PartResult::Workload(workload, Err(_)) => Some((*workload, Sign::None)),
        PartResult::Refused(workload, outcome) => Some((*workload, Sign::Refuses(*outcome))),
        PartResult::Seats(_)
        | PartResult::Domains(_)
        | PartResult::PartialDomains(..)
        | PartResult::Coverage(_)
        | PartResult::PartialCoverage(..)
        | PartResult::Lifecycle(_)
        | PartResult::PartialLifecycle(..)
        | PartResult::Workloads(_) => None,
    }
}

/// Whether a report is one that only the right credential gets: where seats are used, an empty list is none.
fn answers(report: &WorkloadReport, uses_seats: bool) -> bool {
    let is_empty = |counts: super::ResourceCounts| counts.iter().all(|(_, count)| count == 0);
    report.summary().is_some_and(|summary| !uses_seats || !summary.resources.is_some_and(is_empty))
}

/// Whether the last attempt ended in what speaks against the credential.
fn was_doubtful(known: &Tracked<WorkloadReport>) -> bool {
    use Outcome::{Forbidden, NotFound, SuspiciousEmpty, Unauthorized};
    known.attempt.is_some_and(|last| matches!(last.outcome, SuspiciousEmpty | Forbidden | NotFound | Unauthorized))
}

#[cfg(test)]
mod tests;
