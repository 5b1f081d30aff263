//! Defines the quirks of customers: in one table, how their data differs from that of a healthy customer.

use super::Product;
use super::app::{GOOGLE, MICROSOFT, Suite, WITH_ENTRA, WITH_PLANNER};

/// What is peculiar about a customer; most have nothing peculiar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quirk {
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
    /// Google Workspace: shared drives, and apps whose names are not published.
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
    /// The vendor lost access and archived every seat; it reports no failure, and what it holds stays.
    AccessLost,
    /// Every service is backed up once a day, elsewhere three times.
    OnceADay,
    /// Provisioned twice: the report has two items with the same apps, each with half of the services.
    DualProvisioned,
    /// Seats lack their `remoteId`; two neighbours of them share a `mainId`, the second archived.
    NullSeatIds,
}

/// How the data of a customer differs from that of a healthy one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quirks {
    /// Whether a reader of the demo should find something to do.
    pub(crate) needs_attention: bool,
    pub(crate) product: Product,
    pub(crate) suites: &'static [Suite],
    pub(crate) domains: usize,
    /// The domain holds the customer's number, because another customer has the same name.
    pub(crate) numbered_domain: bool,
    pub(crate) short_subscription: bool,
    pub(crate) no_organization: bool,
    pub(crate) retention: &'static str,
    pub(crate) no_backup_stats: bool,
    pub(crate) percentage_text: bool,
    pub(crate) out_of_scope: bool,
    /// Out of a hundred seats, how many are unprotected, paused and archived.
    pub(crate) seat_shares: [u32; 3],
    /// Came five hours before the clock started.
    pub(crate) is_new: bool,
    pub(crate) hours_between_backups: i64,
    /// In how many items the report comes.
    pub(crate) report_items: usize,
    pub(crate) null_seat_ids: bool,
    pub(crate) gap: Option<Gap>,
    /// Services of the first and of the second app that were found and not taken in yet.
    pub(crate) uningested: [usize; 2],
    pub(crate) empty_suites: bool,
    pub(crate) empty_app_types: bool,
    pub(crate) empty_history: bool,
    pub(crate) missing_history: bool,
    pub(crate) numeric_text: bool,
    pub(crate) unknown_status: bool,
}

/// Services of one app whose backups stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    /// The place of the app among the customer's apps.
    pub(crate) app: usize,
    /// Every so many active services are missing, one at least.
    pub(crate) one_in: usize,
    /// How many hours before the clock's start they were last backed up.
    pub(crate) hours: i64,
}

const HEALTHY: Quirks = Quirks {
    needs_attention: false,
    product: Product::Microsoft,
    suites: MICROSOFT,
    domains: 1,
    numbered_domain: false,
    short_subscription: false,
    no_organization: false,
    retention: "ICR",
    no_backup_stats: false,
    percentage_text: false,
    out_of_scope: false,
    seat_shares: [2, 1, 5],
    is_new: false,
    hours_between_backups: 8,
    report_items: 1,
    null_seat_ids: false,
    gap: None,
    uningested: [0, 0],
    empty_suites: false,
    empty_app_types: false,
    empty_history: false,
    missing_history: false,
    numeric_text: false,
    unknown_status: false,
};
const NEEDS_ATTENTION: Quirks = Quirks { needs_attention: true, ..HEALTHY };

impl Quirk {
    /// Whether a reader of the demo should find nothing to do at this customer.
    #[must_use]
    pub fn is_healthy(self) -> bool {
        !self.quirks().needs_attention
    }

    /// What is different at a customer with this quirk.
    pub(crate) const fn quirks(self) -> Quirks {
        match self {
            Self::Healthy | Self::QuotedName | Self::MarkupName => HEALTHY,
            Self::BehindToday => Quirks { gap: Some(Gap { app: 0, one_in: 6, hours: 25 }), ..NEEDS_ATTENTION },
            Self::NotProtectedForDays => {
                Quirks { gap: Some(Gap { app: 1, one_in: usize::MAX, hours: 16 * 24 }), ..NEEDS_ATTENTION }
            }
            Self::NumericText => Quirks { numeric_text: true, ..HEALTHY },
            Self::Uningested => Quirks { uningested: [4, 1], ..NEEDS_ATTENTION },
            Self::NewCustomer => Quirks { is_new: true, ..NEEDS_ATTENTION },
            Self::EmptyHistory => Quirks { empty_history: true, ..NEEDS_ATTENTION },
            Self::MissingHistory => Quirks { missing_history: true, ..NEEDS_ATTENTION },
            Self::EmptySuites => Quirks { empty_suites: true, ..NEEDS_ATTENTION },
            Self::EmptyAppTypes => Quirks { empty_app_types: true, ..NEEDS_ATTENTION },
            Self::UnknownApp => Quirks { suites: WITH_PLANNER, ..HEALTHY },
            Self::UnknownSuite => Quirks { suites: WITH_ENTRA, ..HEALTHY },
            Self::UnknownStatus => Quirks { unknown_status: true, ..NEEDS_ATTENTION },
            Self::GoogleWorkspace => Quirks { product: Product::Google, suites: GOOGLE, ..HEALTHY },
            Self::SeveralDomains => Quirks { domains: 3, ..HEALTHY },
            Self::NoOrganization => Quirks { no_organization: true, ..HEALTHY },
            Self::ShortSubscription => Quirks { short_subscription: true, ..HEALTHY },
            Self::NoBackupStats => Quirks { no_backup_stats: true, ..HEALTHY },
            Self::PercentageText => Quirks { percentage_text: true, ..HEALTHY },
            Self::TimeBasedRetention => Quirks { retention: "TBR", ..HEALTHY },
            Self::ManyUnprotected => Quirks { seat_shares: [60, 0, 4], ..NEEDS_ATTENTION },
            Self::ManyPaused => Quirks { seat_shares: [2, 45, 4], ..NEEDS_ATTENTION },
            Self::ManyArchived => Quirks { seat_shares: [2, 0, 45], ..HEALTHY },
            Self::ManySeats => Quirks { seat_shares: [8, 3, 12], ..HEALTHY },
            Self::OutOfScope => Quirks { out_of_scope: true, ..NEEDS_ATTENTION },
            Self::TwinName => Quirks { numbered_domain: true, ..HEALTHY },
            Self::AccessLost => Quirks { seat_shares: [0, 0, 100], ..NEEDS_ATTENTION },
            Self::OnceADay => Quirks { hours_between_backups: 24, ..HEALTHY },
            Self::DualProvisioned => Quirks { report_items: 2, ..HEALTHY },
            Self::NullSeatIds => Quirks { null_seat_ids: true, ..HEALTHY },
        }
    }
}
