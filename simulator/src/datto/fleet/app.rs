//! Lists the apps of a suite and which seats have a service in each.

use super::{Customer, Oddity, Product, SeatType};

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

impl Customer {
    /// The suites with their apps.
    pub(crate) fn suites(&self) -> Vec<Suite> {
        const MICROSOFT: &[App] = &[App::Exchange, App::OneDrive, App::SharePoint, App::Teams];
        const WITH_PLANNER: &[App] = &[App::Exchange, App::OneDrive, App::SharePoint, App::Teams, App::Planner];
        const GOOGLE: &[App] =
            &[App::GoogleMail, App::GoogleDrive, App::GoogleCalendar, App::GoogleContacts, App::GoogleTeamDrives];
        let product = self.product();
        let apps = match (self.oddity(), product) {
            (Oddity::UnknownApp, _) => WITH_PLANNER,
            (_, Product::Google) => GOOGLE,
            (_, Product::Microsoft) => MICROSOFT,
        };
        let mut suites = vec![Suite { word: product.word(), apps }];
        if self.oddity() == Oddity::UnknownSuite {
            suites.push(Suite { word: "EntraId", apps: &[App::EntraUsers] });
        }
        suites
    }
}
