//! Divides a period into what was within the objective, outside it and not known, to the second.

use super::period::{Day, Grid, Period};

/// What holds of a workload at one time. The order is that of preference, if series contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// The newest backup was older than the objective.
    Outside,
    /// There is data, but it does not tell.
    Undetermined,
    /// The newest backup was within the objective.
    Within,
    /// Not licensed, paused or without anything to back up.
    NothingDue,
    /// Prometheus has no data.
    NoData,
    /// No data, before the customer was first seen or after it was last seen.
    NotCustomer,
}

/// Seconds by what holds; together they are the period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seconds {
    /// Within the objective.
    pub within: u64,
    /// Outside of it.
    pub outside: u64,
    /// Not known although there is data.
    pub undetermined: u64,
    /// Not known: nothing was to be backed up.
    pub nothing_due: u64,
    /// Not known: no data.
    pub no_data: u64,
    /// Not known: not yet, or no longer, a customer.
    pub not_customer: u64,
}

impl Seconds {
    /// Everything that is not known, for whatever reason.
    #[must_use]
    pub const fn unknown(&self) -> u64 {
        self.undetermined + self.nothing_due + self.no_data + self.not_customer
    }

    /// What is not known of a customer whose backups were due.
    #[must_use]
    pub const fn in_doubt(&self) -> u64 {
        self.undetermined + self.no_data
    }

    /// All of it.
    #[must_use]
    pub const fn all(&self) -> u64 {
        self.within + self.outside + self.unknown()
    }

    const fn add(&mut self, mark: Mark, seconds: u64) {
        let counter = match mark {
            Mark::Within => &mut self.within,
            Mark::Outside => &mut self.outside,
            Mark::Undetermined => &mut self.undetermined,
            Mark::NothingDue => &mut self.nothing_due,
            Mark::NoData => &mut self.no_data,
            Mark::NotCustomer => &mut self.not_customer,
        };
        *counter += seconds;
    }
}

/// A workload over a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The whole period.
    pub total: Seconds,
    /// Each day of it.
    pub days: Vec<Seconds>,
    /// The longest time without a break outside the objective.
    pub longest_outside: u64,
    /// The longest time without a break that is not known.
    pub longest_unknown: u64,
    /// The position of the day with the most time outside, or else in doubt; `None` if no day has any.
    pub worst_day: Option<usize>,
}

/// What the marks of a grid say about the days of a period; times without a mark have no data.
#[must_use]
pub fn summarize(marks: &[Mark], grid: Grid, period: &Period) -> Summary {
    let days: Vec<_> = period.days.iter().map(|day| seconds_of(marks, grid, *day)).collect();
    let mut total = Seconds::default();
    let (mut outside, mut unknown) = (Run::default(), Run::default());
    for position in 0..grid.count {
        let mark = marks.get(position).copied().unwrap_or(Mark::NoData);
        let seconds = overlap(grid, position, period.start(), period.end());
        total.add(mark, seconds);
        outside.extend(mark == Mark::Outside, seconds);
        unknown.extend(!matches!(mark, Mark::Outside | Mark::Within), seconds);
    }
    let badness = |day: &Seconds| (day.outside, day.in_doubt());
    let worst = days.iter().enumerate().rev().max_by_key(|(_, day)| badness(day));
    let worst_day = worst.filter(|(_, day)| badness(day) > (0, 0)).map(|(position, _)| position);
    Summary { total, days, longest_outside: outside.longest, longest_unknown: unknown.longest, worst_day }
}

#[derive(Default)]
struct Run {
    current: u64,
    longest: u64,
}

impl Run {
    fn extend(&mut self, goes_on: bool, seconds: u64) {
        self.current = if goes_on { self.current + seconds } else { 0 };
        self.longest = self.longest.max(self.current);
    }
}

fn seconds_of(marks: &[Mark], grid: Grid, day: Day) -> Seconds {
    let mut seconds = Seconds::default();
    let first = grid.position(day.start).unwrap_or(0);
    for position in first..grid.count {
        if grid.at(position) >= day.end {
            break;
        }
        let mark = marks.get(position).copied().unwrap_or(Mark::NoData);
        seconds.add(mark, overlap(grid, position, day.start, day.end));
    }
    seconds
}

/// The seconds of a step between two times.
fn overlap(grid: Grid, position: usize, start: i64, end: i64) -> u64 {
    let (from, to) = (grid.at(position).max(start), (grid.at(position) + grid.step).min(end));
    u64::try_from(to - from).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::super::period::Selection;
    use super::*;

    const MARKS: [Mark; 6] =
        [Mark::Outside, Mark::Undetermined, Mark::Within, Mark::NothingDue, Mark::NoData, Mark::NotCustomer];

    fn period(zone: &str, days: u16, cut: i64) -> Period {
        let zone = TimeZone::get(zone).unwrap();
        let first = date(2026, 10, 24);
        let last = first.checked_add(jiff::Span::new().days(i64::from(days))).unwrap();
        let end = last.to_zoned(zone.clone()).unwrap().timestamp().as_second();
        let now = jiff::Timestamp::from_second(end - cut).unwrap();
        Period::new(Selection::Range(first, last), &zone, now).unwrap()
    }

    proptest! {
        #[test]
        fn every_second_is_in_one_place(
            choices in proptest::collection::vec(0_usize..6, 0..700),
            zone in prop_oneof![Just("UTC"), Just("Europe/Vienna"), Just("Asia/Kathmandu"), Just("America/St_Johns")],
            days in 1_u16..6,
            cut in 0_i64..80_000,
            step in prop_oneof![Just(60_i64), Just(300), Just(900), Just(3600)],
        ) {
            let period = period(zone, days, cut);
            let marks: Vec<_> = choices.into_iter().map(|choice| MARKS[choice]).collect();
            let found = summarize(&marks, period.grid(step), &period);
            let total = found.total;
            prop_assert_eq!(total.within + total.outside + total.unknown(), period.seconds());
            for (seconds, day) in found.days.iter().zip(&period.days) {
                prop_assert_eq!(seconds.all(), u64::try_from(day.end - day.start).unwrap());
            }
            prop_assert_eq!(found.days.iter().map(|day| day.outside).sum::<u64>(), total.outside);
            prop_assert_eq!(found.days.iter().map(|day| day.within).sum::<u64>(), total.within);
            prop_assert!(found.longest_outside <= total.outside && found.longest_unknown <= total.unknown());
        }
    }

    #[test]
    fn gaps_and_the_worst_day_are_found() {
        let period = period("UTC", 2, 0);
        let grid = period.grid(3600);
        let mut marks = vec![Mark::Within; 48];
        marks[20..27].fill(Mark::Outside);
        marks[40] = Mark::Undetermined;
        let found = summarize(&marks, grid, &period);
        assert_eq!((found.longest_outside, found.longest_unknown), (7 * 3600, 3600));
        assert_eq!((found.worst_day, found.days[1].outside), (Some(0), 3 * 3600));
        assert_eq!(summarize(&[Mark::Within; 48], grid, &period).worst_day, None);
        let nothing = summarize(&[], grid, &period);
        assert_eq!((nothing.total.no_data, nothing.total.within, nothing.worst_day), (2 * 86_400, 0, Some(0)));
    }
}
