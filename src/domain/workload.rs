//! Names the workloads of a tenant and the states a workload and its resources can be in.

/// One protected service of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Workload {
    /// Mailboxes.
    Mail,
    /// Calendars.
    Calendar,
    /// Address books.
    Contacts,
    /// Task lists.
    Tasks,
    /// Microsoft OneDrive accounts.
    Onedrive,
    /// Microsoft SharePoint sites.
    Sharepoint,
    /// Microsoft Teams and Microsoft 365 groups.
    Teams,
    /// Google shared drives.
    SharedDrive,
    /// Google Drive accounts.
    GoogleDrive,
}

impl Workload {
    /// Every workload, in the order people read them.
    pub const ALL: [Self; 9] = [
        Self::Mail,
        Self::Calendar,
        Self::Contacts,
        Self::Tasks,
        Self::Onedrive,
        Self::Sharepoint,
        Self::Teams,
        Self::SharedDrive,
        Self::GoogleDrive,
    ];

    /// The word used in the config file and as label value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Calendar => "calendar",
            Self::Contacts => "contacts",
            Self::Tasks => "tasks",
            Self::Onedrive => "onedrive",
            Self::Sharepoint => "sharepoint",
            Self::Teams => "teams",
            Self::SharedDrive => "shared_drive",
            Self::GoogleDrive => "google_drive",
        }
    }
}
