//! Turns a month, a day or a range of dates in a time zone into the days that a report is about.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// Long enough for a quarter, and short enough for what Prometheus answers per series.
pub const MAX_DAYS: usize = 92;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The month of this date.
    Month(Date),
    /// The month before the current one.
    LastMonth,
    /// One day.
    Day(Date),
    /// The day before today.
    Yesterday,
    /// So many whole days before today.
    Days(u16),
    /// From the first to the last, both included.
    Range(Date, Date),
}

/// A day of the period, in seconds since the Unix epoch; the end is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The date in the time zone of the report.
    pub date: Date,
    /// Its first second.
    pub start: i64,
    /// The second after its last one.
    pub end: i64,
}

/// The days of a report, without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// What it is called, safe as the name of a folder: `2026-10`.
    pub label: String,
    /// The name of the time zone.
    pub zone: String,
    /// Never empty.
    pub days: Vec<Day>,
    /// Whether it was cut because the rest is in the future.
    pub is_cut: bool,
}

/// Why there is no such period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The first day is after the last.
    #[error("the period is empty: --from is after --to")]
    Empty,
    /// Nothing of it has happened.
    #[error("the period has not begun yet")]
    Future,
    /// It would take too many samples.
    #[error("the period is longer than {MAX_DAYS} days")]
    TooLong,
    /// The dates are beyond what can be computed.
    #[error("the period is out of range")]
    OutOfRange,
}

impl Period {
    /// The days of a selection, as far as they are before `now`.
    ///
    /// # Errors
    ///
    /// If nothing of it has happened, or it is too long.
    pub fn new(selection: Selection, zone: &TimeZone, now: Timestamp) -> Result<Self, Error> {
        let (first, last) = dates(selection, zone, now)?;
        if first > last {
            return Err(Error::Empty);
        }
        let now = now.as_second();
        let start_of = |date: Date| date.to_zoned(zone.clone()).map(|start| start.timestamp().as_second());
        let mut days = Vec::new();
        let (mut date, mut is_cut) = (first, false);
        while date <= last {
            let next = date.tomorrow().map_err(|_| Error::OutOfRange)?;
            let (start, end) = (start_of(date).map_err(|_| Error::OutOfRange)?, start_of(next));
            let end = end.map_err(|_| Error::OutOfRange)?;
            is_cut |= end > now;
            if start >= now {
                break;
            }
            if days.len() == MAX_DAYS {
                return Err(Error::TooLong);
            }
            days.push(Day { date, start, end: end.min(now) });
            date = next;
        }
        if days.is_empty() {
            return Err(Error::Future);
        }
        let zone = zone.iana_name().unwrap_or("UTC").to_owned();
        Ok(Self { label: label(selection, first, last), zone, days, is_cut })
    }

    /// The first second.
    #[must_use]
    pub fn start(&self) -> i64 {
        self.days.first().map_or(0, |day| day.start)
    }

    /// The second after the last one.
    #[must_use]
    pub fn end(&self) -> i64 {
        self.days.last().map_or(0, |day| day.end)
    }

    /// The length in seconds.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        u64::try_from(self.end() - self.start()).unwrap_or(0)
    }

    /// The times at which series are evaluated: multiples of `step` that cover the period, each standing for the step
    /// that begins with it.
    #[must_use]
    pub fn grid(&self, step: i64) -> Grid {
        let first = self.start().div_euclid(step) * step;
        let count = (self.end() - first + step - 1).div_euclid(step);
        Grid { first, step, count: usize::try_from(count).unwrap_or(0) }
    }
}

/// Equally spaced times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The first one.
    pub first: i64,
    /// Seconds between two of them.
    pub step: i64,
    /// How many.
    pub count: usize,
}

impl Grid {
    /// The time at this position.
    #[must_use]
    pub fn at(&self, position: usize) -> i64 {
        self.first + self.step * i64::try_from(position).unwrap_or(0)
    }

    /// The position of a time of the grid.
    #[must_use]
    pub fn position(&self, time: i64) -> Option<usize> {
        let position = usize::try_from((time - self.first).div_euclid(self.step)).ok()?;
        (position < self.count).then_some(position)
    }
}

fn dates(selection: Selection, zone: &TimeZone, now: Timestamp) -> Result<(Date, Date), Error> {
    let today = now.to_zoned(zone.clone()).date();
    match selection {
        Selection::Month(date) => Ok((date.first_of_month(), date.last_of_month())),
        Selection::LastMonth => {
            let last = today.first_of_month().yesterday().map_err(|_| Error::OutOfRange)?;
            Ok((last.first_of_month(), last))
        }
        Selection::Day(date) => Ok((date, date)),
        Selection::Yesterday => today.yesterday().map(|day| (day, day)).map_err(|_| Error::OutOfRange),
        Selection::Range(first, last) => Ok((first, last)),
        Selection::Days(count) => {
            let first = today.checked_sub(i64::from(count).days()).map_err(|_| Error::OutOfRange)?;
            Ok((first, today.yesterday().map_err(|_| Error::OutOfRange)?))
        }
    }
}

fn label(selection: Selection, first: Date, last: Date) -> String {
    match selection {
        Selection::Month(_) | Selection::LastMonth => first.strftime("%Y-%m").to_string(),
        Selection::Day(_) | Selection::Yesterday => first.to_string(),
        Selection::Days(_) | Selection::Range(..) => format!("{first}_{last}"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn vienna() -> TimeZone {
        TimeZone::get("Europe/Vienna").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_has_its_days_in_the_time_zone() {
        let period = Period::new(Selection::Month(date(2026, 10, 1)), &vienna(), at("2026-12-01T00:00:00Z")).unwrap();
        assert_eq!((period.days.len(), period.label.as_str(), period.is_cut), (31, "2026-10", false));
        assert_eq!(period.start(), at("2026-09-30T22:00:00Z").as_second());
        assert_eq!(period.end(), at("2026-10-31T23:00:00Z").as_second());
        // The clocks go back on the 25th.
        assert_eq!(period.days[24].end - period.days[24].start, 25 * 3600);
        assert!(period.days.windows(2).all(|pair| pair[0].end == pair[1].start));
    }

    #[test]
    fn what_has_not_happened_is_no_part_of_it() {
        let now = at("2026-10-03T12:00:00Z");
        let period = Period::new(Selection::Month(date(2026, 10, 1)), &TimeZone::UTC, now).unwrap();
        assert_eq!((period.days.len(), period.end(), period.is_cut), (3, now.as_second(), true));
        for (selection, error) in [
            (Selection::Day(date(2026, 10, 4)), Error::Future),
            (Selection::Range(date(2026, 10, 2), date(2026, 10, 1)), Error::Empty),
            (Selection::Range(date(2026, 1, 1), date(2026, 10, 1)), Error::TooLong),
        ] {
            assert_eq!(Period::new(selection, &TimeZone::UTC, now), Err(error), "{selection:?}");
        }
        let period = Period::new(Selection::Days(2), &TimeZone::UTC, now).unwrap();
        assert_eq!((period.label.as_str(), period.seconds()), ("2026-10-01_2026-10-02", 2 * 86_400));
    }

    #[test]
    fn the_last_month_and_yesterday_are_those_of_the_time_zone() {
        // In Vienna it is already the first of the month.
        let now = at("2026-10-31T23:30:00Z");
        for (selection, zone, label) in [
            (Selection::LastMonth, TimeZone::UTC, "2026-09"),
            (Selection::LastMonth, vienna(), "2026-10"),
            (Selection::Yesterday, TimeZone::UTC, "2026-10-30"),
            (Selection::Yesterday, vienna(), "2026-10-31"),
        ] {
            let period = Period::new(selection, &zone, now).unwrap();
            assert_eq!((period.label.as_str(), period.is_cut), (label, false), "{selection:?}");
        }
    }

    #[test]
    fn the_grid_covers_the_period() {
        let kathmandu = TimeZone::get("Asia/Kathmandu").unwrap();
        let period = Period::new(Selection::Day(date(2026, 10, 1)), &kathmandu, at("2026-12-01T00:00:00Z")).unwrap();
        let grid = period.grid(3600);
        assert_eq!(grid.count, 25);
        assert!(grid.at(0) <= period.start() && grid.at(grid.count) >= period.end());
        assert_eq!((grid.position(grid.at(24)), grid.position(grid.at(25))), (Some(24), None));
        assert_eq!(grid.position(grid.first - 1), None);
    }
}
