//! Maps an application's type to a workload.

use strum::IntoEnumIterator as _;

use crate::domain::{Part, Workload, intern};

/// Longer names are no label values.
const MAX_NAME_LENGTH: usize = 40;
/// Prefixes of a suite's application names, without case and separators.
const MICROSOFT: &[&str] = &["office365", "microsoft365"];
const GOOGLE: &[&str] = &["googleworkspace", "googleapps", "gsuite", "google"];
/// Parts of a tenant that are no workload: a workload with such a name would be mistaken for one.
const TAKEN: [Part; 4] = [Part::Listing, Part::Seats, Part::Coverage, Part::Lifecycle];

/// An interpreted application type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AppType {
    /// A known workload.
    Known(Workload),
    /// Another workload, named in snake case.
    Other(Workload),
    /// Not a usable name.
    Unusable,
}

impl AppType {
    /// Reads a type in any case and with any separators.
    ///
    /// Those of `Office365` were seen live; Google's come from client code: `GoogleMail`, `GoogleCalendar`,
    /// `GoogleContacts`, `GoogleDrive`, `GoogleTeamDrives`.
    pub(super) fn of(name: &str) -> Self {
        let Some(snake) = snake_case(name.trim()) else { return Self::Unusable };
        if let Some(known) = Self::of_snake_case(&snake) {
            return Self::Known(known);
        }
        if let Some(namesake) = Workload::iter().find(|known| known.as_str() == snake) {
            return Self::Other(namesake);
        }
        let is_taken = TAKEN.iter().any(|part| part.as_str() == snake);
        let name = if is_taken { format!("app_{snake}") } else { snake };
        intern::APPLICATIONS.intern(&name).map_or(Self::Unusable, |name| Self::Other(Workload::Other(name)))
    }

    /// The known workload of a type; no name is kept.
    pub(super) fn known(name: &str) -> Option<Workload> {
        Self::of_snake_case(&snake_case(name.trim())?)
    }

    fn of_snake_case(snake: &str) -> Option<Workload> {
        let folded = snake.replace('_', "");
        let after = |suites: &[&str]| suites.iter().find_map(|suite| folded.strip_prefix(suite));
        let is_google = after(GOOGLE).is_some();
        match after(MICROSOFT).or_else(|| after(GOOGLE)).unwrap_or(&folded) {
            "exchange" | "mail" | "gmail" => Some(Workload::Mail),
            "onedrive" => Some(Workload::Onedrive),
            "sharepoint" => Some(Workload::Sharepoint),
            "teams" => Some(Workload::Teams),
            "calendar" | "calendars" => Some(Workload::Calendar),
            "contacts" => Some(Workload::Contacts),
            "tasks" => Some(Workload::Tasks),
            "drive" if is_google => Some(Workload::GoogleDrive),
            "shareddrive" | "shareddrives" | "teamdrive" | "teamdrives" => Some(Workload::SharedDrive),
            _ => None,
        }
    }
}

/// The name as a label value; `None` if it is unusable.
fn snake_case(name: &str) -> Option<String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || " _-".contains(letter);
    if name.len() > MAX_NAME_LENGTH
        || !name.contains(|letter: char| letter.is_ascii_alphanumeric())
        || !name.chars().all(is_name)
    {
        return None;
    }
    let mut snake = String::new();
    let mut previous_is_lower = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && previous_is_lower {
            snake.push('_');
        }
        previous_is_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        snake.push(if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' });
    }
    Some(snake)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_known_type_is_one_workload() {
        for (names, expected) in [
            (
                &["Office365Exchange", "GoogleMail", "mail", "Mail", "MAIL", "Gmail", "office365_exchange"][..],
                Workload::Mail,
            ),
            (&["Office365OneDrive", "onedrive", "One Drive", "Microsoft365OneDrive"], Workload::Onedrive),
            (&["Office365SharePoint", "sharepoint"], Workload::Sharepoint),
            (&["Office365Teams", "teams"], Workload::Teams),
            (&["GoogleCalendar", "calendar", "Calendars"], Workload::Calendar),
            (&["GoogleContacts", "contacts"], Workload::Contacts),
            (&["Office365Tasks", "tasks"], Workload::Tasks),
            (&["GoogleDrive", "google_drive", "GSuiteDrive", "Google Drive"], Workload::GoogleDrive),
            (&["GoogleTeamDrives", "shared_drive", "Shared Drive", "SharedDrives"], Workload::SharedDrive),
        ] {
            for name in names {
                assert_eq!(AppType::of(name), AppType::Known(expected), "{name}");
            }
        }
    }

    #[test]
    fn a_type_that_passes_through_collides_with_no_known_name() {
        for (name, expected) in [
            ("Office365Planner", "office365_planner"),
            ("Entra ID", "entra_id"),
            ("Drive", "drive"),
            // Parts of a tenant that are no workloads.
            ("Seats", "app_seats"),
            ("coverage", "app_coverage"),
        ] {
            let AppType::Other(workload) = AppType::of(name) else { panic!("{name}") };
            assert_eq!(workload.as_str(), expected);
            assert!(Workload::iter().all(|known| known.as_str() != expected));
        }
    }

    #[test]
    fn what_is_no_name_is_not_used() {
        for name in ["", "  ", "---", "Ada's \"mailbox\"", "a@b.example", "Größe", &"x".repeat(41)] {
            assert_eq!(AppType::of(name), AppType::Unusable, "{name}");
        }
    }
}
