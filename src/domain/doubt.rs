//! Decides which empty lists and rejections of a tenant's products are inconclusive.
//!
//! With the token of another organization Dropsuite responds 200 with an empty list, and it rejects every request with
//! a revoked token. Neither means that a product is empty or not licensed, unless another product of the same tenant is
//! readable. Earlier results count too, but do not discard known values.

use super::{Outcome, PartResult, TenantState, Tracked, Workload, WorkloadReport};

/// What a result says about whether the tenant's credentials have access to its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// The product is readable, with data that only its owner has.
    Answers,
    /// The list is empty although seats are in use.
    Empty,
    /// The vendor rejects the product.
    Refuses(Outcome),
    /// Nothing.
    None,
}

impl TenantState {
    /// The workloads with inconclusive results, and the outcome that each counts as instead.
    #[must_use]
    pub fn doubts(&self, results: &[PartResult]) -> Vec<(Workload, Outcome)> {
        doubts(self, results)
    }
}

/// The workloads with inconclusive results, and the outcome that each counts as instead.
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
        let is_conclusive = answers_now(*workload) || (!would_lose && answered_before(*workload));
        (is_missing || !is_conclusive).then_some((*workload, outcome))
    };
    signs.iter().filter_map(doubt).collect()
}

/// Whether seats are in use, according to the listing or the seats part.
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

/// Whether a report requires the right credentials: an empty list does not, if seats are in use.
fn answers(report: &WorkloadReport, uses_seats: bool) -> bool {
    let is_empty = |counts: super::ResourceCounts| counts.iter().all(|(_, count)| count == 0);
    report.summary().is_some_and(|summary| !uses_seats || !summary.resources.is_some_and(is_empty))
}

/// Whether the outcome of the last attempt casts doubt on the credentials.
fn was_doubtful(known: &Tracked<WorkloadReport>) -> bool {
    use Outcome::{Forbidden, NotFound, SuspiciousEmpty, Unauthorized};
    known.attempt.is_some_and(|last| matches!(last.outcome, SuspiciousEmpty | Forbidden | NotFound | Unauthorized))
}

#[cfg(test)]
mod tests;
