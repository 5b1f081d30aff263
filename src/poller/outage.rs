//! Detects a complete outage of a vendor, and then allows one probe at a time, with back-off, until it responds.
//!
//! Otherwise every tenant would run its own retries, and an outage would multiply the number of requests.

use std::time::Duration;

use tokio::time::Instant;

use super::backoff;
use crate::domain::{Outcome, Part, TenantId};

/// The longest interval between probes: a recovered vendor is noticed within this time.
const MAX_PROBE_DELAY: Duration = Duration::from_secs(60);

/// What a probe requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// The listing.
    Listing,
    /// Parts of one tenant.
    Tenant(TenantId),
}

/// Tracks whether the vendor of a source responds.
#[derive(Debug, Default)]
pub(super) struct Outage {
    /// Consecutive jobs without a response.
    unanswered: u32,
    /// When a tenant last got a response.
    last_answer: Option<Instant>,
    current: Option<Probing>,
}

/// An ongoing outage.
#[derive(Debug)]
struct Probing {
    next: Instant,
    in_progress: Option<Subject>,
    /// The last probe; listing and tenants are probed in turn, because either may fail alone.
    last: Option<Subject>,
    failed: u32,
    /// The listing responds and is no longer probed: only tenants fail.
    has_listing: bool,
}

/// The end of an outage: failures after `last_answer` are due to it. `None`: there was no response before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recovery {
    pub(super) last_answer: Option<Instant>,
}

impl Outage {
    /// Whether only probes may start.
    pub(super) const fn is_current(&self) -> bool {
        self.current.is_some()
    }

    /// Whether the listing may only start as a probe.
    pub(super) fn holds_listing(&self) -> bool {
        self.current.as_ref().is_some_and(|probing| !probing.has_listing)
    }

    /// When the next probe may start; `None` outside an outage and while a probe is in progress.
    pub(super) fn next_probe(&self) -> Option<Instant> {
        self.current.as_ref().filter(|probing| probing.in_progress.is_none()).map(|probing| probing.next)
    }

    /// Whether the next probe should be a tenant, if there is one.
    pub(super) fn is_tenants_turn(&self) -> bool {
        self.current.as_ref().is_some_and(|probing| probing.has_listing || probing.last == Some(Subject::Listing))
    }

    /// Records that a probe has started.
    pub(super) fn start(&mut self, subject: Subject) {
        if let Some(probing) = &mut self.current {
            probing.last = Some(subject.clone());
            probing.in_progress = Some(subject);
        }
    }

    /// Records that all jobs in progress, including a probe, were stopped.
    pub(super) fn abandon(&mut self) {
        if let Some(probing) = &mut self.current {
            probing.in_progress = None;
        }
    }

    /// Records the end of a listing at `now`.
    ///
    /// `answered` is the result of [`verdict`]; `limit` consecutive jobs without a response are an outage. If there are
    /// tenants, a listing that responds says nothing about them.
    pub(super) fn listing_ended(&mut self, answered: Option<bool>, has_tenants: bool, limit: u32, now: Instant) {
        match (answered, &mut self.current) {
            (Some(true), current) if !has_tenants => {
                *current = None;
                self.unanswered = 0;
            }
            (Some(true), Some(probing)) if !probing.has_listing => {
                probing.has_listing = true;
                probing.next = now;
                probing.in_progress.take_if(|subject| *subject == Subject::Listing);
            }
            (Some(true), _) => {}
            (answered, _) => self.unanswered(&Subject::Listing, answered, limit, now),
        }
    }

    /// Records the end of a tenant's job at `now`; returns what to recover if it ended an outage.
    pub(super) fn tenant_ended(
        &mut self,
        subject: &Subject,
        answered: Option<bool>,
        limit: u32,
        now: Instant,
    ) -> Option<Recovery> {
        if answered != Some(true) {
            self.unanswered(subject, answered, limit, now);
            return None;
        }
        let recovery = Recovery { last_answer: self.last_answer.replace(now) };
        self.unanswered = 0;
        self.current.take().filter(|probing| probing.failed > 0).map(|_| recovery)
    }

    fn unanswered(&mut self, subject: &Subject, answered: Option<bool>, limit: u32, now: Instant) {
        let has_failed = answered == Some(false);
        self.unanswered = self.unanswered.saturating_add(u32::from(has_failed));
        match &mut self.current {
            Some(probing) if probing.in_progress.as_ref() == Some(subject) => {
                probing.failed = probing.failed.saturating_add(u32::from(has_failed));
                probing.in_progress = None;
                probing.next = now + backoff::after_silence(probing.failed, MAX_PROBE_DELAY);
            }
            Some(_) => {}
            None if self.unanswered >= limit => {
                let next = now + backoff::after_silence(1, MAX_PROBE_DELAY);
                self.current = Some(Probing { next, in_progress: None, last: None, failed: 0, has_listing: false });
            }
            None => {}
        }
    }
}

/// Whether the vendor responded at all; `None` if undecidable.
pub(super) fn verdict(outcomes: impl IntoIterator<Item = Outcome>) -> Option<bool> {
    outcomes.into_iter().filter_map(is_answer).reduce(|one, other| one || other)
}

/// The verdict on the collection of a tenant's parts, some of which failed.
pub(super) fn verdict_on(parts: &[Part], failed: &[(Part, Outcome)]) -> Option<bool> {
    let outcome = |part: &Part| failed.iter().find(|(own, _)| own == part).map(|(_, outcome)| *outcome);
    // Seats of large tenants fail even while all is well.
    let counts = |part: &&Part| **part != Part::Seats || outcome(part).is_none();
    verdict(parts.iter().filter(counts).map(|part| outcome(part).unwrap_or(Outcome::Success)))
}

/// Whether an outcome proves that the vendor works; `None` if nothing was sent or a limit prevented it.
const fn is_answer(outcome: Outcome) -> Option<bool> {
    match outcome {
        Outcome::Success | Outcome::Unauthorized | Outcome::SuspiciousEmpty => Some(true),
        Outcome::Throttled | Outcome::NoToken => None,
        // A gateway's maintenance page can have any status.
        Outcome::Forbidden
        | Outcome::NotFound
        | Outcome::Rejected
        | Outcome::ServerError
        | Outcome::Timeout
        | Outcome::Dns
        | Outcome::Tls
        | Outcome::Connect
        | Outcome::Interrupted
        | Outcome::TooLarge
        | Outcome::Decode
        | Outcome::Shape
        | Outcome::Incomplete => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Workload;

    const MAIL: Part = Part::Workload(Workload::Mail);

    #[test]
    fn one_answered_part_is_an_answer_and_seats_say_nothing() {
        use Outcome::{Connect, Decode, NoToken, ServerError, Throttled, Unauthorized};
        for (parts, failed, expected) in [
            (&[MAIL, Part::Coverage][..], &[][..], Some(true)),
            (&[MAIL, Part::Coverage], &[(MAIL, Connect)], Some(true)),
            (&[MAIL, Part::Coverage], &[(MAIL, Connect), (Part::Coverage, Decode)], Some(false)),
            (&[MAIL, Part::Seats], &[(MAIL, Connect)], Some(true)),
            (&[MAIL, Part::Seats], &[(MAIL, Connect), (Part::Seats, Connect)], Some(false)),
            (&[Part::Seats], &[(Part::Seats, ServerError)], None),
            (&[Part::Seats], &[], Some(true)),
            (&[MAIL], &[(MAIL, Throttled)], None),
            (&[MAIL], &[(MAIL, NoToken)], None),
            (&[MAIL], &[(MAIL, Unauthorized)], Some(true)),
        ] {
            assert_eq!(verdict_on(parts, failed), expected, "{parts:?} {failed:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_hour_of_silence_costs_a_probe_a_minute_and_its_end_is_noticed_within_one() {
        let (mut outage, start) = (Outage::default(), Instant::now());
        let tenant = Subject::Tenant("a".into());
        assert_eq!(outage.tenant_ended(&tenant, Some(true), 2, start), None);
        assert_eq!(outage.tenant_ended(&tenant, Some(false), 2, start), None);
        assert!(!outage.is_current(), "one failure is no outage");
        outage.listing_ended(Some(false), true, 2, start);
        let (mut probes, mut longest, mut now) = (0, Duration::ZERO, start);
        while now < start + Duration::from_secs(3_600) {
            let next = outage.next_probe().expect("it is an outage");
            longest = longest.max(next - now);
            now = next;
            let is_tenant = outage.is_tenants_turn();
            outage.start(if is_tenant { tenant.clone() } else { Subject::Listing });
            assert_eq!(outage.next_probe(), None, "one at a time");
            if is_tenant {
                outage.tenant_ended(&tenant, Some(false), 2, now);
            } else {
                outage.listing_ended(Some(false), true, 2, now);
            }
            probes += 1;
        }
        assert!(probes <= 70 && longest <= MAX_PROBE_DELAY, "{probes} {longest:?}");
        assert!(outage.holds_listing());
        outage.listing_ended(Some(true), true, 2, now);
        assert!(!outage.holds_listing() && outage.is_tenants_turn());
        assert_eq!(outage.next_probe(), Some(now), "a tenant is probed at once");
        outage.start(tenant.clone());
        let recovery = outage.tenant_ended(&tenant, Some(true), 2, now);
        assert_eq!(recovery, Some(Recovery { last_answer: Some(start) }));
        assert!(!outage.is_current());
    }

    #[tokio::test(start_paused = true)]
    async fn without_tenants_the_listing_ends_an_outage() {
        let (mut outage, now) = (Outage::default(), Instant::now());
        (0..2).for_each(|_| outage.listing_ended(Some(false), false, 2, now));
        assert!(outage.is_current() && !outage.is_tenants_turn());
        outage.listing_ended(None, false, 2, now);
        assert!(outage.is_current(), "a limit is no answer");
        outage.listing_ended(Some(true), false, 2, now);
        assert!(!outage.is_current());
    }
}
