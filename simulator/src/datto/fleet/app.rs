//! Lists the apps of a suite and which seats have a service in each.

use super::SeatType;

/// One backed up app.
///
/// Only the four of Microsoft 365 were seen live. The names of Google's apps are guesses after the same pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum App {
    Exchange,
    OneDrive,
    SharePoint,
    Teams,
    Planner,
    EntraUsers,
    GoogleMail,
    GoogleDrive,
    GoogleCalendar,
    GoogleContacts,
    GoogleTeamDrives,
}

/// The apps that are sold together.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) word: &'static str,
    pub(crate) apps: &'static [App],
}

const MICROSOFT_APPS: &[App] = &[App::Exchange, App::OneDrive, App::SharePoint, App::Teams];
const GOOGLE_APPS: &[App] =
    &[App::GoogleMail, App::GoogleDrive, App::GoogleCalendar, App::GoogleContacts, App::GoogleTeamDrives];

pub(super) const MICROSOFT: &[Suite] = &[Suite { word: "Office365", apps: MICROSOFT_APPS }];
pub(super) const WITH_PLANNER: &[Suite] =
    &[Suite { word: "Office365", apps: &[App::Exchange, App::OneDrive, App::SharePoint, App::Teams, App::Planner] }];
pub(super) const WITH_ENTRA: &[Suite] =
    &[Suite { word: "Office365", apps: MICROSOFT_APPS }, Suite { word: "EntraId", apps: &[App::EntraUsers] }];
/// The word of the suite is a guess.
pub(super) const GOOGLE: &[Suite] = &[Suite { word: "GoogleApps", apps: GOOGLE_APPS }];

impl App {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Exchange => "Office365Exchange",
            Self::OneDrive => "Office365OneDrive",
            Self::SharePoint => "Office365SharePoint",
            Self::Teams => "Office365Teams",
            Self::Planner => "Office365Planner",
            Self::EntraUsers => "EntraIdUsers",
            Self::GoogleMail => "GoogleMail",
            Self::GoogleDrive => "GoogleDrive",
            Self::GoogleCalendar => "GoogleCalendar",
            Self::GoogleContacts => "GoogleContacts",
            Self::GoogleTeamDrives => "GoogleTeamDrives",
        }
    }

    /// The seats with a service in this app.
    pub(super) fn covers(self) -> &'static [SeatType] {
        match self {
            Self::Exchange => &[SeatType::User, SeatType::SharedMailbox],
            Self::SharePoint => &[SeatType::Site, SeatType::TeamSite],
            Self::Teams | Self::Planner => &[SeatType::Team],
            Self::GoogleTeamDrives => &[SeatType::SharedDrive],
            Self::OneDrive
            | Self::EntraUsers
            | Self::GoogleMail
            | Self::GoogleDrive
            | Self::GoogleCalendar
            | Self::GoogleContacts => &[SeatType::User],
        }
    }

    /// What one service holds, in MiB, before it grows.
    pub(super) fn mebibytes(self) -> u64 {
        match self {
            Self::Exchange | Self::GoogleMail => 6_000,
            Self::OneDrive | Self::GoogleDrive => 11_000,
            Self::SharePoint | Self::GoogleTeamDrives => 24_000,
            Self::Teams => 900,
            Self::Planner | Self::EntraUsers | Self::GoogleCalendar | Self::GoogleContacts => 12,
        }
    }
}
