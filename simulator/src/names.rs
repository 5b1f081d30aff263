//! Lists the generated names of people, sites, teams and drives, and marks them as private.

/// Marks every name that belongs to a person, a mailbox, a site, a team, a drive or a policy.
///
/// Such names must never leave the exporter, and with the mark one search finds a leak. Names of organizations and
/// their domains are meant to be seen and do not carry it.
pub const PRIVATE_MARKER: &str = "zqpriv";

/// First names of people.
#[rustfmt::skip]
pub(crate) const FIRST_NAMES: &[&str] = &[
    "Ada", "Ben", "Carla", "David", "Elena", "Farid", "Grace", "Hugo", "Ines", "Jamal", "Keiko", "Liam", "Maya",
    "Nils", "Olga", "Pedro", "Quinn", "Rosa", "Samir", "Tara", "Uwe", "Vera", "Wayne", "Ximena", "Yusuf", "Zoe",
];

/// Last names of people.
#[rustfmt::skip]
pub(crate) const LAST_NAMES: &[&str] = &[
    "Abbott", "Becker", "Chen", "Diaz", "Evans", "Fischer", "Garcia", "Hansen", "Ito", "Jones", "Khan", "Larsen",
    "Meyer", "Novak", "Okafor", "Patel", "Quist", "Rossi", "Silva", "Tran", "Ueda", "Varga", "Wong", "Young",
];

/// Themes of shared mailboxes, sites, teams and shared drives.
#[rustfmt::skip]
pub(crate) const THEMES: &[&str] = &[
    "Finance", "Projects", "Human Resources", "Marketing", "Operations", "Board", "Sales", "Purchasing", "Quality",
    "Training", "Archive", "Reception",
];

/// The name of a generated customer: every place with every trade, then the same with a number.
pub(crate) fn company(places: &[&str], trades: &[&str], number: usize) -> String {
    let place = places[number % places.len()];
    let trade = trades[(number / places.len() + number) % trades.len()];
    match number / (places.len() * trades.len()) {
        0 => format!("{place} {trade}"),
        repetition => format!("{place} {trade} {}", repetition + 1),
    }
}
