//! Judges the days of an application's history: which is the newest, and what it proves.

use std::cmp::Reverse;
use std::time::Duration;

use super::DAY;
use crate::domain::{BackupStatus, DriftKind, ResourceCounts, ResourceState, Timestamp};
use crate::provider::datto::wire;
use crate::provider::field::{Count, Field};
use crate::provider::note::Notes;

/// Windows are a day long; the vendor cuts them some time after they end.
pub(super) const WINDOW_TOLERANCE: Duration = Duration::from_secs(60 * 60);
/// A window of which the ends are farther or less far apart is no day: one of its times is not true.
const PLAUSIBLE_LENGTH: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(12 * 60 * 60)..=Duration::from_secs(36 * 60 * 60);

/// One day of history, `None` for what the vendor does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Day {
    /// How many days before the newest one, by the window's name.
    position: Option<u32>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    total: Option<u64>,
    active: Option<u64>,
    backed_up: Option<u64>,
    pub(super) perfect: Option<u64>,
    pub(super) status: Option<BackupStatus>,
}

/// How recent a day is, by its times and by its name; where these differ, the older holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Recency {
    /// It ended within the limit.
    Current,
    /// It ended before the limit.
    Past,
    /// By its name it is the newest, and its times cannot be read.
    Undated,
    /// It ends in the future, or a newer day is missing, or nothing says when it was.
    Untold,
}

impl Day {
    pub(super) fn of(window: &wire::Window, notes: &mut Notes) -> Self {
        let (since, until) = times(window, notes);
        let mut count = |name, field: &Field<_>| notes.required(name, field).map(|count: &Count| count.0);
        let (total, active, backed_up, perfect) = (
            count("totalServiceCount", &window.total_service_count),
            count("activeServiceCount", &window.active_service_count),
            count("activeServiceWithBackupCount", &window.active_service_with_backup_count),
            count("activeServiceWithPerfectBackupCount", &window.active_service_with_perfect_backup_count),
        );
        let position = notes.optional("timeWindow", &window.time_window).map(|name| name.0);
        let status = notes.optional("status", &window.status).map(|word| word.0.clone());
        let status = status.map(|word| super::status(&word, notes));
        Self { position, since, until, total, active, backed_up, perfect, status }
    }

    /// Whether no newer day is missing, by the window's name.
    pub(super) const fn may_be_latest(&self) -> bool {
        matches!(self.position, None | Some(0))
    }

    fn recency(&self, limit: Duration, now: Timestamp) -> Recency {
        let by_name = self.position.map(|days| DAY.saturating_mul(days));
        match (self.until, by_name) {
            (Some(until), _) if until.is_future(now) => Recency::Untold,
            (until, by_name) if until.map(|until| now.since(until)).max(by_name) > Some(limit) => Recency::Past,
            (_, Some(age)) if !age.is_zero() => Recency::Untold,
            (None, None) => Recency::Untold,
            (None, Some(_)) => Recency::Undated,
            (Some(_), _) => Recency::Current,
        }
    }

    /// Whether a backup on this day is within the objective for certain.
    fn is_within(&self, objective: Duration, now: Timestamp) -> bool {
        let (Some(since), Some(until)) = (self.since, self.until) else { return false };
        let by_name = self.position.map(|days| DAY.saturating_mul(days.saturating_add(1)));
        let age = Some(now.since(since)).max(by_name);
        !until.is_future(now) && age <= Some(objective + WINDOW_TOLERANCE)
    }
}

/// When a window began and ended. Live ones start later than they end.
fn times(window: &wire::Window, notes: &mut Notes) -> (Option<Timestamp>, Option<Timestamp>) {
    let start = notes.required("startTime", &window.start_time).map(|epoch| Timestamp::from_millis(epoch.0));
    let end = notes.required("endTime", &window.end_time).map(|epoch| Timestamp::from_millis(epoch.0));
    let (Some(start), Some(end)) = (start, end) else { return (None, None) };
    let (since, until) = (start.min(end), start.max(end));
    if PLAUSIBLE_LENGTH.contains(&until.since(since)) {
        return (Some(since), Some(until));
    }
    notes.note("startTime", DriftKind::OutOfRange);
    (None, None)
}

/// The newest day, where the days say which one that is: by their times, by the names of their windows, or by both,
/// which must agree then.
pub(super) fn newest(days: &[Day]) -> Option<&Day> {
    if let [only] = days {
        return Some(only);
    }
    let by_time = last(days, |day| day.until);
    let by_name = last(days, |day| day.position.map(Reverse));
    match (by_time, by_name) {
        (Some(one), Some(other)) if one != other => None,
        (one, other) => one.or(other),
    }
}

/// The day that comes last by a key which all of them have, if a single one does.
fn last<K: Ord>(days: &[Day], key: impl Fn(&Day) -> Option<K>) -> Option<&Day> {
    let keyed: Vec<(K, &Day)> = days.iter().map(|day| Some((key(day)?, day))).collect::<Option<_>>()?;
    let (last, newest) = keyed.iter().max_by(|(one, _), (other, _)| one.cmp(other))?;
    (keyed.iter().filter(|(key, _)| key == last).count() == 1).then_some(*newest)
}

/// Services by state: of the active ones those with a backup in the newest day are ok.
///
/// A longer objective reaches further back: then at least as many are ok as in the best day within it, since days
/// cannot be added up. A newest day that is itself older than the objective leaves all of them late; one of which the
/// counts or the times cannot be read, or that lies in the future, proves nothing that is fine.
pub(super) fn resources(
    newest: &Day,
    days: &[Day],
    objective: Duration,
    now: Timestamp,
    notes: &mut Notes,
) -> Option<ResourceCounts> {
    let (total, active) = (newest.total?, newest.active?);
    let Some(deactivated) = total.checked_sub(active) else {
        notes.note("activeServiceCount", DriftKind::OutOfRange);
        return None;
    };
    let backed_up = newest.backed_up.filter(|backed_up| *backed_up <= active);
    if backed_up.is_none() && newest.backed_up.is_some() {
        notes.note("activeServiceWithBackupCount", DriftKind::OutOfRange);
        if active == 0 {
            return None;
        }
    }
    let counts = ResourceCounts::default().with(ResourceState::Deactivated, deactivated);
    let split = |ok, state| counts.with(ResourceState::Ok, ok).with(state, active - ok);
    Some(match (newest.recency(objective.max(DAY) + WINDOW_TOLERANCE, now), backed_up) {
        (Recency::Past, _) => counts.with(ResourceState::Late, active),
        (Recency::Current, Some(backed_up)) => {
            let within = days.iter().filter(|day| day.is_within(objective, now)).filter_map(|day| day.backed_up);
            split(within.fold(backed_up, u64::max).min(active), ResourceState::Late)
        }
        // Whenever that day was, what has no backup in it has none within a day.
        (Recency::Undated, Some(backed_up)) if objective <= DAY => {
            counts.with(ResourceState::Unknown, backed_up).with(ResourceState::Late, active - backed_up)
        }
        (Recency::Current | Recency::Undated | Recency::Untold, _) => counts.with(ResourceState::Unknown, active),
    })
}
