//! Generates the resources: mailboxes, drives, sites and teams, and how their backups advance.

use super::Organization;
use super::organization::{SUITE_GOOGLE, SUITE_MICROSOFT};
use crate::clock::Moment;
use crate::names::{FIRST_NAMES, LAST_NAMES, PRIVATE_MARKER, THEMES};
use crate::random::{draw, pick};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;
/// 2023-01-02T00:00:00Z: before it the reseller had no customers.
const BEGINNING: i64 = 1_672_617_600_000;
/// Enough for the ids of one organization; the ids of the next start after them.
const ID_BLOCK: usize = 4_096;

const DENIED: &str = "Access was denied. Please grant the application its permissions again.";
const ERRORS: &[&str] = &[
    "The connection timed out. Please verify your settings and try again.",
    DENIED,
    "The item could not be read after three attempts.",
];

/// A kind of backed up resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Mail,
    Calendar,
    Contacts,
    Tasks,
    OneDrive,
    Site,
    Team,
    SharedDrive,
    GoogleDrive,
}

/// The state of one backed up resource at one moment.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) index: usize,
    pub(crate) id: usize,
    pub(crate) added_on: i64,
    /// `None`: never backed up.
    pub(crate) last_backup: Option<i64>,
    pub(crate) lacks_last_backup: bool,
    pub(crate) deactivated_since: Option<i64>,
    /// `None` where the vendor sends null for both figures.
    pub(crate) figures: Option<Figures>,
    pub(crate) error: Option<&'static str>,
    /// `None` where the vendor sends null.
    pub(crate) status: Option<&'static str>,
}

/// What is held of a resource.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) items: i64,
    pub(crate) bytes: i64,
}

/// What happens to the backups of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Running,
    Stopped {
        days: i64,
    },
    /// As stopped, and the vendor says that it was denied access.
    Refused {
        days: i64,
    },
    Failing,
    Never,
}

impl Kind {
    /// The suite the product belongs to; `None` when both have it.
    pub(crate) fn suite(self) -> Option<&'static str> {
        match self {
            Self::OneDrive | Self::Site | Self::Team => Some(SUITE_MICROSOFT),
            Self::SharedDrive | Self::GoogleDrive => Some(SUITE_GOOGLE),
            Self::Mail | Self::Calendar | Self::Contacts | Self::Tasks => None,
        }
    }

    fn interval(self) -> i64 {
        if self == Self::Mail { 2 * HOUR } else { 12 * HOUR }
    }

    fn purpose(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Calendar => "calendar",
            Self::Contacts => "contacts",
            Self::Tasks => "tasks",
            Self::OneDrive => "onedrive",
            Self::Site => "site",
            Self::Team => "team",
            Self::SharedDrive => "shared drive",
            Self::GoogleDrive => "google drive",
        }
    }

    /// Items at the start, items per hundred days, bytes per item.
    fn scale(self) -> (i64, i64, i64) {
        match self {
            Self::Mail => (6_000, 1_500, 96 * 1024),
            Self::Calendar => (120, 40, 4 * 1024),
            Self::Contacts => (150, 12, 2 * 1024),
            Self::Tasks => (10, 8, 1024),
            Self::OneDrive | Self::GoogleDrive => (1_200, 250, 900 * 1024),
            Self::Site | Self::SharedDrive => (2_500, 400, 1200 * 1024),
            Self::Team => (800, 300, 64 * 1024),
        }
    }
}

impl Organization {
    /// How many rows the product's list has, deactivated ones included.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        let people = self.mailboxes();
        match kind {
            _ if kind.suite().is_some_and(|suite| suite != self.suite()) => 0,
            Kind::Mail | Kind::Calendar | Kind::Contacts | Kind::Tasks if self.quirks().lacks_mail => 0,
            Kind::Mail | Kind::Calendar | Kind::Contacts | Kind::Tasks | Kind::GoogleDrive => people,
            _ if self.quirks().page_sized => people,
            Kind::OneDrive => people * 9 / 10,
            Kind::Site => people / 4 + 3,
            Kind::Team => people / 5 + 2,
            Kind::SharedDrive => people / 6 + 2,
        }
    }

    /// How many domains the sites, teams or shared drives are spread over.
    pub(crate) fn domain_count(&self, kind: Kind) -> usize {
        match self.count(kind) {
            0 => 0,
            _ if self.mailboxes() < 100 => 1,
            _ => 2,
        }
    }

    /// The rows of the `domain`th domain, by index.
    pub(crate) fn members(&self, kind: Kind, domain: usize) -> impl Iterator<Item = usize> {
        (domain..self.count(kind)).step_by(self.domain_count(kind).max(1))
    }

    /// A number that no other organization has for a row of the same list.
    pub(crate) fn row_id(&self, index: usize) -> usize {
        1_000_000 + self.index() * ID_BLOCK + index
    }

    pub(crate) fn resource(&self, kind: Kind, index: usize, moment: Moment) -> Resource {
        let random = &mut draw(self.seed(), kind.purpose(), index);
        let interval = kind.interval();
        let phase = random.i64(0..interval / MINUTE) * MINUTE + random.i64(0..MINUTE);
        let quirks = self.quirks();
        let added_on = if quirks.is_new {
            moment.origin - 3 * HOUR - phase % HOUR
        } else {
            BEGINNING + random.i64(0..900) * DAY + phase
        };
        let latest = (moment.now - phase).div_euclid(interval) * interval + phase;
        let deactivated_since = self.departed_since(kind, index, moment);
        let condition = if deactivated_since.is_some() { Condition::Running } else { (quirks.condition)(kind, index) };
        let failing_since = moment.origin - DAY - phase;
        let last_backup = match condition {
            Condition::Running => Some(deactivated_since.map_or(latest, |since| since - phase)),
            Condition::Stopped { days } | Condition::Refused { days } => {
                Some(latest.min(moment.origin - days * DAY - phase))
            }
            Condition::Failing => Some(latest.min(failing_since)),
            Condition::Never => None,
        };
        let status = match quirks.status_words {
            [] if last_backup.is_none() => Some("Preparing Backup"),
            [] if moment.now - latest < interval / 20 => Some("Running"),
            [] => Some("Completed"),
            words => words[index % words.len()],
        };
        let (start, growth, size) = kind.scale();
        let (start, growth, size) =
            (random.i64(start / 4..=2 * start), random.i64(growth / 4..=2 * growth), random.i64(size / 2..=2 * size));
        let figures = last_backup.map_or(Figures::default(), |last| {
            let items = start + (last - added_on).max(0) / HOUR * growth / 2_400;
            Figures { items, bytes: items * size }
        });
        let error = match condition {
            Condition::Failing if moment.now >= failing_since => Some(pick(random, ERRORS)),
            Condition::Refused { .. } => Some(DENIED),
            _ => None,
        };
        Resource {
            index,
            id: self.row_id(index),
            added_on,
            last_backup,
            lacks_last_backup: quirks.first_row_lacks_last_backup && index == 0,
            deactivated_since,
            figures: (!quirks.null_figures || !index.is_multiple_of(3)).then_some(figures),
            error,
            status,
        }
    }

    fn departed_since(&self, kind: Kind, index: usize, moment: Moment) -> Option<i64> {
        let days = match kind {
            _ if self.quirks().deactivated => 60,
            Kind::OneDrive if self.quirks().drives_stopped => 60,
            Kind::Site | Kind::Team | Kind::SharedDrive => return None,
            _ if index + self.departed() >= self.mailboxes() => draw(self.seed(), "departed since", index).i64(20..400),
            _ => return None,
        };
        Some(moment.origin - days * DAY)
    }

    /// The name of the person behind a mailbox.
    pub(crate) fn person(&self, index: usize) -> String {
        let random = &mut draw(self.seed(), "person", index);
        format!("{} {}", pick(random, FIRST_NAMES), pick(random, LAST_NAMES))
    }

    pub(crate) fn display_name(&self, index: usize) -> String {
        format!("{} ({PRIVATE_MARKER}-{index})", self.person(index))
    }

    pub(crate) fn email(&self, index: usize) -> String {
        let name = self.person(index).to_ascii_lowercase().replace(' ', ".");
        format!("{name}.{PRIVATE_MARKER}{index}@{}", self.domain())
    }

    /// The name of a site, team or shared drive; two neighbours share it, as real ones do.
    pub(crate) fn space(&self, kind: Kind, index: usize) -> String {
        format!("{} {PRIVATE_MARKER}-{}", THEMES[index / 2 % THEMES.len()], kind.purpose())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Fleet, Quirk};
    use super::*;

    const NOW: i64 = 1_790_000_000_000;

    fn at(now: i64) -> Moment {
        Moment { origin: NOW, now }
    }

    #[test]
    fn a_running_backup_keeps_its_schedule_and_grows() {
        let fleet = Fleet::demo(10, 3);
        let healthy = fleet.find(Quirk::Healthy).unwrap();
        let (now, later) =
            (healthy.resource(Kind::Mail, 0, at(NOW)), healthy.resource(Kind::Mail, 0, at(NOW + 30 * DAY)));
        assert!(now.last_backup.unwrap() > NOW - 2 * HOUR && now.last_backup.unwrap() <= NOW);
        assert!(later.last_backup.unwrap() > NOW + 30 * DAY - 2 * HOUR);
        assert!(later.figures.unwrap().items > now.figures.unwrap().items);
        assert!(later.figures.unwrap().bytes > now.figures.unwrap().bytes);
    }

    #[test]
    fn a_stuck_backup_stays_where_it_was() {
        let fleet = Fleet::demo(10, 3);
        let late = fleet.find(Quirk::LateMailboxes).unwrap();
        let (now, later) = (late.resource(Kind::Mail, 3, at(NOW)), late.resource(Kind::Mail, 3, at(NOW + 30 * DAY)));
        assert_eq!(now.last_backup, later.last_backup);
        let age = NOW - now.last_backup.unwrap();
        assert!((5 * DAY..6 * DAY).contains(&age), "{age}");
    }

    #[test]
    fn a_new_customer_holds_nothing() {
        let fleet = Fleet::demo(10, 3);
        let new = fleet.find(Quirk::NeverBackedUp).unwrap().resource(Kind::OneDrive, 2, at(NOW));
        assert_eq!(new.last_backup, None);
        assert_eq!(new.figures.unwrap().items, 0);
    }
}
