//! What a vendor asked of an account. It holds for whoever sends the next request, also after a restart.

use std::time::Duration;

use super::Timestamp;

/// An end that is later by less than this is the same one, computed again.
const ROUNDING: Duration = Duration::from_secs(2);

/// What holds back the requests to an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restraint {
    /// The pause that the vendor asked for; `None` if there is none.
    pub pause: Option<Pause>,
    /// The credentials that the vendor rejected for the listing; `None` if it has accepted the last ones.
    pub refused: Option<CredentialMark>,
}

/// A pause that a vendor asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// A time at which it was in progress.
    pub seen_at: Timestamp,
    /// Its end.
    pub until: Timestamp,
}

/// Tells credentials apart without revealing them: with so few bits, every mark fits countless tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialMark(pub u32);

impl Restraint {
    /// Whether it holds back more than `known`, or other credentials. A pause that only came closer to its end does not.
    #[must_use]
    pub fn is_news_after(&self, known: &Self) -> bool {
        let is_longer = match (self.pause, known.pause) {
            (Some(pause), Some(known)) => pause.until > known.until.after(ROUNDING),
            (pause, _) => pause.is_some(),
        };
        is_longer || self.refused != known.refused
    }
}

impl Pause {
    /// What is left of it at `now`: never more than when it was seen, even if the clock was set back since.
    #[must_use]
    pub fn left(self, now: Timestamp) -> Duration {
        self.until.since(now.max(self.seen_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + second * 1000)
    }

    const fn pause(seen: i64, until: i64) -> Option<Pause> {
        Some(Pause { seen_at: at(seen), until: at(until) })
    }

    #[test]
    fn a_pause_ends_when_it_was_to_end_and_a_clock_that_was_set_back_does_not_extend_it() {
        let Some(pause) = pause(0, 60) else { panic!("it is one") };
        for (now, left) in [(0, 60), (10, 50), (59, 1), (60, 0), (10_000, 0), (-5, 60), (-10_000, 60)] {
            assert_eq!(pause.left(at(now)), Duration::from_secs(left), "{now}");
        }
    }

    #[test]
    fn what_holds_back_more_or_others_is_news() {
        let mark = |mark: Option<u32>| mark.map(CredentialMark);
        for (known, now, is_news) in [
            ((None, None), (None, None), false),
            ((None, None), (pause(0, 60), None), true),
            ((pause(0, 60), None), (pause(10, 60), None), false),
            ((pause(0, 60), None), (pause(10, 61), None), false),
            ((pause(0, 60), None), (pause(10, 63), None), true),
            ((pause(0, 60), None), (pause(10, 30), None), false),
            ((pause(0, 60), None), (None, None), false),
            ((None, None), (None, Some(1)), true),
            ((None, Some(1)), (None, Some(1)), false),
            ((None, Some(1)), (None, Some(2)), true),
            ((None, Some(1)), (None, None), true),
        ] {
            let restraint = |(pause, refused)| Restraint { pause, refused: mark(refused) };
            assert_eq!(restraint(now).is_news_after(&restraint(known)), is_news, "{known:?} {now:?}");
        }
    }
}
