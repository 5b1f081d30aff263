//! Names what is peculiar about an organization, so that tests and readers of the demo can find it.

/// What is peculiar about an organization; most have nothing peculiar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Oddity {
    /// Every licensed product is backed up on time.
    Healthy,
    /// Every third mailbox was last backed up five days before the clock started.
    LateMailboxes,
    /// A quarter of the drives, sites, teams, shared drives and calendars carry an error text.
    FailingText,
    /// A quarter of the mailboxes carry an error object.
    FailingObject,
    /// A new customer: everything is prepared, nothing was backed up yet.
    NeverBackedUp,
    /// `flg_suspended` is set, which disables logins; backups go on.
    Suspended,
    /// `customer_deactivated` is set; everything is deactivated since sixty days before the clock started.
    Deactivated,
    /// `required_seats` and `seats_used` exceed `seats_available`.
    OverSeats,
    /// Drives, sites and teams are not licensed: 403.
    ForbiddenProducts,
    /// Drives, sites and teams are not licensed: 404.
    MissingProducts,
    /// The name holds a quote, a backslash and an umlaut.
    QuotedName,
    /// The name holds a line break and markup.
    MarkupName,
    /// The name ends in a bracketed hexadecimal tag.
    TaggedName,
    /// Shares its name with another organization.
    TwinName,
    /// Several logins: the first is not an administrator, the administrator comes much later in the list.
    SeveralLogins,
    /// The administrator's login has an empty token; a later login has one.
    EmptyTokenLogin,
    /// The only login has an empty token: nothing below it can be read.
    NoToken,
    /// `organization_name` is missing.
    NoName,
    /// Google Workspace: shared drives, Google drives, accounts without status and suspended accounts.
    GoogleWorkspace,
    /// An archiver customer: `archive` is set, journals exist.
    Archiver,
    /// The domain's status is 13 (recreate application); backups stopped three days before the clock started.
    ReconnectDomain,
    /// The domain's status is 1 (recreate application); backups stopped nine days before the clock started.
    RecreateDomain,
    /// The domain's status is 0 (queued), and nothing was backed up yet.
    QueuedDomain,
    /// The domain's status is 5, which the document does not explain; backups are fine.
    UndocumentedDomain,
    /// Seats are used, yet the account list is empty, as a token of the wrong organization gives.
    EmptyMail,
    /// Several mailboxes are deactivated and keep their data.
    DeactivatedMailboxes,
    /// Several accounts were deleted.
    DeletedAccounts,
    /// Some mailboxes cannot be reached.
    ConnectionFailures,
    /// Invites are pending and expired.
    Invites,
    /// More delegated users than fit on a page.
    DelegatedUsers,
    /// More retention policies than fit on a page, in days, months and years.
    RetentionPolicies,
    /// Several hundred mailboxes and eight domains.
    ManyMailboxes,
    /// Exactly as many mailboxes, sites and teams as a page of a bare array holds.
    ExactlyOnePage,
    /// One more mailbox, site and team than a page of a bare array holds.
    OnePageAndOneRow,
    /// Every third row has null for its size and its number of items.
    NullFields,
    /// Every known word of `current_backup_status`, null, and a word that nobody has seen.
    StatusWords,
    /// The first row of every list lacks `last_backup`.
    NoLastBackup,
}

impl Oddity {
    /// Whether a reader of the demo should find nothing to do at this organization.
    #[must_use]
    pub fn is_healthy(self) -> bool {
        match self {
            Self::LateMailboxes
            | Self::FailingText
            | Self::FailingObject
            | Self::NeverBackedUp
            | Self::Suspended
            | Self::Deactivated
            | Self::OverSeats
            | Self::NoToken
            | Self::ReconnectDomain
            | Self::RecreateDomain
            | Self::QueuedDomain
            | Self::EmptyMail
            | Self::ConnectionFailures
            | Self::StatusWords
            | Self::NoLastBackup => false,
            Self::Healthy
            | Self::ForbiddenProducts
            | Self::MissingProducts
            | Self::QuotedName
            | Self::MarkupName
            | Self::TaggedName
            | Self::TwinName
            | Self::SeveralLogins
            | Self::EmptyTokenLogin
            | Self::NoName
            | Self::GoogleWorkspace
            | Self::Archiver
            | Self::UndocumentedDomain
            | Self::DeactivatedMailboxes
            | Self::DeletedAccounts
            | Self::Invites
            | Self::DelegatedUsers
            | Self::RetentionPolicies
            | Self::ManyMailboxes
            | Self::ExactlyOnePage
            | Self::OnePageAndOneRow
            | Self::NullFields => true,
        }
    }
}
