//! Generates the seats: people, shared mailboxes, sites, teams and drives, and whether they are protected.

use super::{Customer, Product};
use crate::names::{FIRST_NAMES, LAST_NAMES, PRIVATE_MARKER, THEMES};
use crate::random::{draw, pick, uuid};
use crate::text::host_label;

/// 2023-01-02T00:00:00Z: before it the partner had no customers.
pub(super) const BEGINNING: i64 = 1_672_617_600_000;

/// A kind of seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeatType {
    User,
    SharedMailbox,
    Site,
    TeamSite,
    Team,
    SharedDrive,
}

/// Whether a seat is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatState {
    /// Backed up.
    Active,
    /// Backups stopped for a while; what is there is kept.
    Paused,
    /// Gone at the source; what is there is kept.
    Archived,
    /// Not backed up.
    Unprotected,
}

/// One seat.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) kind: SeatType,
    pub(crate) state: SeatState,
    /// Repeats within a customer.
    pub(crate) name: String,
    /// An address, a link or other text.
    pub(crate) main_id: String,
    /// `None` where the vendor sends null.
    pub(crate) remote_id: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub(crate) added: i64,
}

impl SeatType {
    pub(crate) const ALL: [Self; 6] =
        [Self::User, Self::SharedMailbox, Self::Site, Self::TeamSite, Self::Team, Self::SharedDrive];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::SharedMailbox => "SharedMailbox",
            Self::Site => "Site",
            Self::TeamSite => "TeamSite",
            Self::Team => "Team",
            Self::SharedDrive => "SharedDrive",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl SeatState {
    pub(crate) const ALL: [Self; 4] = [Self::Active, Self::Paused, Self::Archived, Self::Unprotected];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Paused => "Paused",
            Self::Archived => "Archived",
            Self::Unprotected => "Unprotected",
        }
    }
}

impl Seat {
    /// Whether the partner pays for it: people who are protected or were for a while.
    pub(crate) fn is_billable(&self) -> bool {
        is_billable(self.kind, self.state)
    }

    /// The address, for seats that have one.
    pub(crate) fn email(&self) -> Option<&str> {
        matches!(self.kind, SeatType::User | SeatType::SharedMailbox).then_some(self.main_id.as_str())
    }
}

/// The vendor bills users who are active, paused or archived (its help on billing); what is held of an archived one costs as
/// before.
fn is_billable(kind: SeatType, state: SeatState) -> bool {
    kind == SeatType::User && matches!(state, SeatState::Active | SeatState::Paused | SeatState::Archived)
}

/// How many seats there are of each kind and state.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    counts: [[usize; SeatState::ALL.len()]; SeatType::ALL.len()],
}

impl Tally {
    pub(crate) fn of(&self, kind: SeatType, state: SeatState) -> usize {
        self.counts[kind as usize][state as usize]
    }

    /// How many seats are billed.
    pub(crate) fn billable(&self) -> usize {
        let pairs = SeatType::ALL.into_iter().flat_map(|kind| SeatState::ALL.map(|state| (kind, state)));
        pairs.filter(|&(kind, state)| is_billable(kind, state)).map(|(kind, state)| self.of(kind, state)).sum()
    }
}

impl Customer {
    pub(crate) fn seats(&self) -> impl Iterator<Item = Seat> {
        (0..self.seat_count()).map(|position| self.seat(position))
    }

    pub(crate) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for position in 0..self.seat_count() {
            tally.counts[self.seat_type(position) as usize][self.seat_state(position) as usize] += 1;
        }
        tally
    }

    /// The position of the seat with this remote id.
    pub(crate) fn seat_position(&self, remote_id: &str) -> Option<usize> {
        (0..self.seat_count()).find(|&position| self.remote_id(position) == remote_id)
    }

    pub(crate) fn seat_type(&self, position: usize) -> SeatType {
        let (people, others) = self.seat_types();
        match position.checked_sub(people) {
            None => SeatType::User,
            Some(place) => others[place % others.len()],
        }
    }

    /// How many seats are people, who come first, and the types of the others, which take turns.
    fn seat_types(&self) -> (usize, &'static [SeatType]) {
        let (share, others): (usize, &[SeatType]) = match self.product() {
            Product::Microsoft => (60, &[SeatType::SharedMailbox, SeatType::Site, SeatType::TeamSite, SeatType::Team]),
            Product::Google => (80, &[SeatType::SharedDrive]),
        };
        ((self.seat_count() * share / 100).max(1), others)
    }

    fn is_first_of_its_type(&self, position: usize) -> bool {
        let (people, others) = self.seat_types();
        position == 0 || (people..people + others.len()).contains(&position)
    }

    fn seat_state(&self, position: usize) -> SeatState {
        if let Some(&state) = self.changes.get(&position) {
            return state;
        }
        if self.quirks().null_seat_ids && position % 4 == 3 {
            return SeatState::Archived;
        }
        let [unprotected, paused, archived] = self.quirks().seat_shares;
        match draw(self.seed, "seat state", position).u32(..100) {
            // Even the most neglected customer has one seat of a type that is backed up, unless all are archived.
            _ if archived < 100 && self.is_first_of_its_type(position) => SeatState::Active,
            share if share < unprotected => SeatState::Unprotected,
            share if share < unprotected + paused => SeatState::Paused,
            share if share < unprotected + paused + archived => SeatState::Archived,
            _ => SeatState::Active,
        }
    }

    fn remote_id(&self, position: usize) -> String {
        uuid(&mut draw(self.seed, "remote id", position))
    }

    pub(crate) fn seat(&self, position: usize) -> Seat {
        const DAY: i64 = 86_400_000;
        let mut random = draw(self.seed, "seat", position);
        let kind = self.seat_type(position);
        let theme = pick(&mut random, THEMES);
        let slug = format!("{}-{PRIVATE_MARKER}-{position}", theme.to_ascii_lowercase().replace(' ', "-"));
        let (host, tenant) = (self.domain(0), host_label(self.name()));
        let (name, main_id) = match kind {
            SeatType::User => {
                let (first, last) = (pick(&mut random, FIRST_NAMES), pick(&mut random, LAST_NAMES));
                let local = format!("{first}.{last}.{PRIVATE_MARKER}.{position}").to_ascii_lowercase();
                (format!("{first} {last} {PRIVATE_MARKER}"), format!("{local}@{host}"))
            }
            SeatType::SharedMailbox => (format!("{theme} {PRIVATE_MARKER}"), format!("{slug}@{host}")),
            SeatType::Site => {
                (format!("{theme} {PRIVATE_MARKER}"), format!("https://{tenant}.sharepoint.example/sites/{slug}"))
            }
            SeatType::TeamSite => {
                (format!("{theme} {PRIVATE_MARKER}"), format!("https://{tenant}.sharepoint.example/teams/{slug}"))
            }
            SeatType::Team => (format!("{theme} {PRIVATE_MARKER}"), format!("{theme} {PRIVATE_MARKER} {position}")),
            SeatType::SharedDrive => (format!("{theme} {PRIVATE_MARKER}"), format!("0A{PRIVATE_MARKER}{position:04}")),
        };
        let added = BEGINNING + random.i64(0..900 * DAY);
        let state = self.seat_state(position);
        let lacks_id = self.quirks().null_seat_ids && position % 4 >= 2;
        let main_id = if lacks_id && position % 4 == 3 { self.seat(position - 1).main_id } else { main_id };
        let remote_id = (!lacks_id).then(|| self.remote_id(position));
        Seat { kind, state, name, main_id, remote_id, added }
    }
}
