//! Names what is peculiar about a customer, so that tests and readers of the demo can find it.

/// What is peculiar about a customer; most have nothing peculiar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Oddity {
    /// Every app is backed up on time, and nearly every seat is protected.
    Healthy,
    /// Some services of the first app had their last backup 25 hours before the clock started.
    BehindToday,
    /// One service of the second app had its last backup 16 days before the clock started: `OVER_10_DAYS_AGO`.
    NotProtectedForDays,
    /// `lastFullyProtectedTime` is a number written as text.
    NumericText,
    /// The first two apps hold services that were found and not taken in yet.
    Uningested,
    /// A new customer: it came five hours before the clock started, and nothing was backed up yet.
    NewCustomer,
    /// The first app's `backupHistory` is empty.
    EmptyHistory,
    /// The first app lacks `backupHistory` and `lastFullyProtectedTime`.
    MissingHistory,
    /// `suites` is empty, although `backupStats` counts services.
    EmptySuites,
    /// `appTypes` of its suite is empty, although `backupStats` counts services.
    EmptyAppTypes,
    /// Has the app `Office365Planner`, which no client has seen.
    UnknownApp,
    /// Has a second suite, `EntraId`, which no client has seen.
    UnknownSuite,
    /// The first app's newest status is a word that no client has seen.
    UnknownStatus,
    /// Google Workspace: shared drives, and apps whose names nobody has published.
    GoogleWorkspace,
    /// Three domain records share the customer's id.
    SeveralDomains,
    /// `organizationId` and `organizationName` are null.
    NoOrganization,
    /// `externalSubscriptionId` lacks the product.
    ShortSubscription,
    /// `backupStats` is missing.
    NoBackupStats,
    /// `backupPercentage` is text.
    PercentageText,
    /// The retention is time-based (`TBR`), elsewhere it is infinite (`ICR`).
    TimeBasedRetention,
    /// More than half of the seats are unprotected.
    ManyUnprotected,
    /// Almost half of the seats are paused.
    ManyPaused,
    /// Almost half of the seats are archived.
    ManyArchived,
    /// The largest customer: its seats cannot be listed before the edge gives up.
    ManySeats,
    /// Listed, but outside the key's scope: 403 on its seats and applications.
    OutOfScope,
    /// The name holds a quote, a backslash and an accent.
    QuotedName,
    /// The name holds a tab, a line break and markup.
    MarkupName,
    /// Shares its name with another customer.
    TwinName,
}

impl Oddity {
    /// Whether a reader of the demo should find nothing to do at this customer.
    #[must_use]
    pub fn is_healthy(self) -> bool {
        match self {
            Self::BehindToday
            | Self::NotProtectedForDays
            | Self::Uningested
            | Self::NewCustomer
            | Self::EmptyHistory
            | Self::MissingHistory
            | Self::EmptySuites
            | Self::EmptyAppTypes
            | Self::UnknownStatus
            | Self::ManyUnprotected
            | Self::ManyPaused
            | Self::OutOfScope => false,
            Self::Healthy
            | Self::NumericText
            | Self::UnknownApp
            | Self::UnknownSuite
            | Self::GoogleWorkspace
            | Self::SeveralDomains
            | Self::NoOrganization
            | Self::ShortSubscription
            | Self::NoBackupStats
            | Self::PercentageText
            | Self::TimeBasedRetention
            | Self::ManyArchived
            | Self::ManySeats
            | Self::QuotedName
            | Self::MarkupName
            | Self::TwinName => true,
        }
    }
}
