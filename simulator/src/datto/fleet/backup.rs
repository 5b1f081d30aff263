//! Generates the backup history of an app: day by day, and when everything was last protected.

use super::seat::BEGINNING;
use super::{App, Customer, SeatState, Tally};
use crate::clock::Moment;
use crate::random::draw;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// How long before the clock's start the new customer came.
const NEW_SINCE: i64 = 5 * HOUR;

/// One day of an app's history; times in milliseconds since the Unix epoch.
#[derive(Debug)]
pub(crate) struct Window {
    /// How many days ago the day began, 0 for the newest.
    pub(crate) age: usize,
    pub(crate) newest: i64,
    pub(crate) oldest: i64,
    pub(crate) total: usize,
    pub(crate) active: usize,
    pub(crate) backed_up: usize,
    pub(crate) perfect: usize,
    pub(crate) status: &'static str,
}

/// When every active service of an app had a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    Never,
    At(i64),
    OverTenDaysAgo,
}

/// Services whose backups stopped at a time, in milliseconds since the Unix epoch.
struct Stopped {
    services: usize,
    since: i64,
}

/// A customer's services of one app at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Protected<'a> {
    customer: &'a Customer,
    app: App,
    moment: Moment,
    total: usize,
    active: usize,
}

impl<'a> Protected<'a> {
    pub(crate) fn new(customer: &'a Customer, app: App, tally: &Tally, moment: Moment) -> Self {
        let count = |state| app.covers().iter().map(|&kind| tally.of(kind, state)).sum::<usize>();
        let active = count(SeatState::Active);
        let total = active + count(SeatState::Paused) + count(SeatState::Archived);
        Self { customer, app, moment, total, active }
    }

    /// The services of one of several items of the report; the parts add up to the whole.
    pub(crate) fn part(self, item: usize, items: usize) -> Self {
        let share = |whole: usize| whole * (item + 1) / items - whole * item / items;
        Self { total: share(self.total), active: share(self.active), ..self }
    }

    pub(crate) fn active(&self) -> usize {
        self.active
    }

    /// How many of the active services were backed up during the newest day.
    pub(crate) fn backed_up_today(&self) -> usize {
        self.window(0).backed_up
    }

    /// The days before the present, the newest first; a customer has none from before it came.
    pub(crate) fn history(&self, days: usize) -> Vec<Window> {
        let lived = self.moment.now - (self.moment.origin - NEW_SINCE);
        let known = if self.is_new() { usize::try_from(lived / DAY).unwrap_or_default() + 1 } else { days };
        (0..days.min(known)).map(|age| self.window(age)).collect()
    }

    fn window(&self, age: usize) -> Window {
        let newest = self.moment.now - age as i64 * DAY;
        let oldest = newest - DAY;
        let missing = self.gap().filter(|gap| gap.since < oldest).map_or(0, |gap| gap.services);
        let backed_up = if self.is_new() { 0 } else { self.active.saturating_sub(missing) };
        // By the day and not by the age: yesterday must stay what it was when tomorrow comes.
        let day = usize::try_from(newest.div_euclid(DAY)).unwrap_or_default();
        let mut random = draw(self.customer.seed, self.app.word(), day);
        let flawed = if random.u8(..100) < 6 { random.usize(1..=2) } else { 0 };
        let perfect = backed_up.saturating_sub(flawed);
        let status = if self.customer.quirks().unknown_status && age == 0 && self.is_place(0) {
            "Throttled By Provider"
        } else if self.is_new() || self.active == 0 {
            "Insufficient History"
        } else if perfect == self.active {
            "Perfect"
        } else {
            "Backup With Issues"
        };
        Window { age, newest, oldest, total: self.total, active: self.active, backed_up, perfect, status }
    }

    pub(crate) fn last_full_protection(&self) -> Protection {
        let Moment { now, .. } = self.moment;
        if self.is_new() || self.active == 0 {
            return Protection::Never;
        }
        let at = match self.gap() {
            Some(gap) => gap.since,
            None => {
                let interval = self.customer.quirks().hours_between_backups * HOUR;
                now - (now - draw(self.customer.seed, self.app.word(), 0).i64(0..interval)).rem_euclid(interval)
            }
        };
        if now - at > 10 * DAY { Protection::OverTenDaysAgo } else { Protection::At(at) }
    }

    /// Services that were found and not taken in yet.
    pub(crate) fn uningested(&self) -> usize {
        let places = self.customer.quirks().uningested.iter().enumerate();
        places.filter(|&(place, _)| self.is_place(place)).map(|(_, services)| services).sum()
    }

    /// What the app's newest versions hold, in bytes.
    pub(crate) fn used_bytes(&self) -> u64 {
        if self.is_new() {
            return 0;
        }
        let mebibytes =
            draw(self.customer.seed, self.app.word(), usize::MAX).u64(80..=100) * self.app.mebibytes() / 100;
        let days = u64::try_from((self.moment.now - BEGINNING) / DAY).unwrap_or_default();
        self.total as u64 * mebibytes * 1_048_576 / 2_000 * (1_000 + days)
    }

    fn gap(&self) -> Option<Stopped> {
        let gap = self.customer.quirks().gap.filter(|gap| self.is_place(gap.app))?;
        Some(Stopped { services: (self.active / gap.one_in).max(1), since: self.moment.origin - gap.hours * HOUR })
    }

    fn is_new(&self) -> bool {
        self.customer.quirks().is_new
    }

    /// Whether this is the customer's app at this place.
    pub(crate) fn is_place(&self, place: usize) -> bool {
        self.customer.apps().nth(place) == Some(self.app)
    }
}

impl Customer {
    /// What the customer's data fills with all kept versions, in bytes: up to a tenth above the sum of its apps.
    pub(crate) fn used_bytes(&self, of_apps: u64) -> u64 {
        of_apps + of_apps / 1_000 * draw(self.seed, "versions", 0).u64(..=100)
    }
}
