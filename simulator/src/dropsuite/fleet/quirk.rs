//! Defines the quirks of organizations: in one table, how their data differs from that of a healthy one.

use super::organization::{Licence, SUITE_GOOGLE, SUITE_MICROSOFT};
use super::resource::{Condition, Kind};

/// What is peculiar about an organization; most have nothing peculiar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quirk {
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
    /// `flg_suspended` is set, which disables logins only: backups go on.
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
    /// Every known word of `current_backup_status`, null, and an unknown word.
    StatusWords,
    /// The first row of every list lacks `last_backup`.
    NoLastBackup,
    /// The words of the vendor's help that the document does not have: Retrying, Space Full and others.
    PublishedWords,
    /// The rows of the domains of sites and teams carry an error; those of their members do not.
    FailingDomains,
    /// The same for the domains of shared drives.
    FailingDriveDomains,
    /// The customer revoked its consent: every row says so, and backups stopped three days before the clock started.
    ConsentLost,
    /// Mail backups stopped six days before the clock started, without an error or another status word.
    MailStopped,
    /// Accounts of the domains lack an address, as `""` or null; their `upn` differ.
    NoAddresses,
    /// Everybody's drive is deactivated since sixty days before the clock started, and keeps its data.
    StoppedDrives,
    /// `required_seats` exceeds `seats_available`, which `seats_used` does not.
    ShortOfSeats,
    /// About two thirds of the seats that were bought are in use.
    UnusedSeats,
}

/// How the data of an organization differs from that of a healthy one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quirks {
    /// Whether a reader of the demo should find something to do.
    pub(crate) needs_attention: bool,
    pub(crate) suite: &'static str,
    /// The licence of the products that only Microsoft 365 has.
    pub(crate) licence: Licence,
    pub(crate) archiver: bool,
    pub(crate) suspended: bool,
    pub(crate) deactivated: bool,
    pub(crate) seats: Seats,
    pub(crate) drives_stopped: bool,
    pub(crate) logins: u8,
    /// The administrator's place among the logins.
    pub(crate) admin_login: u8,
    pub(crate) first_login_lacks_token: bool,
    /// The domain holds the organization's number, because another one has the same name.
    pub(crate) numbered_domain: bool,
    pub(crate) departed: Departed,
    pub(crate) domain_status: u8,
    /// What the rows of domains of sites, teams and shared drives have as their `errors`.
    pub(crate) domain_error: &'static str,
    pub(crate) accounts_lack_address: bool,
    /// How many domains were bought up.
    pub(crate) bought_domains: usize,
    /// As many sites, teams and accounts as mailboxes.
    pub(crate) page_sized: bool,
    pub(crate) lacks_mail: bool,
    /// Added three hours before the clock started.
    pub(crate) is_new: bool,
    /// What happens to the backups of one resource, by its kind and its place in the list.
    pub(crate) condition: fn(Kind, usize) -> Condition,
    /// The status words in turn, instead of the right ones.
    pub(crate) status_words: &'static [Option<&'static str>],
    pub(crate) null_figures: bool,
    pub(crate) first_row_lacks_last_backup: bool,
    pub(crate) deleted_accounts: usize,
    pub(crate) invites: usize,
    /// `None`: a few.
    pub(crate) delegated_users: Option<usize>,
    /// `None`: a few.
    pub(crate) retention_policies: Option<usize>,
}

/// How many seats were bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seats {
    /// As many as are in use, in steps of five.
    Fitting,
    /// Fewer than are in use.
    Exceeded,
    /// As many as are in use; licensing by itself requires more.
    Short,
    /// Half as many again as are in use.
    Unused,
}

/// Mailboxes of people who left.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Departed {
    Nobody,
    /// Up to two, where more than thirty work.
    Few,
    /// Every eighth, two at least.
    Many,
    Everybody,
}

const QUIET: Quirks = Quirks {
    needs_attention: false,
    suite: SUITE_MICROSOFT,
    licence: Licence::Granted,
    archiver: false,
    suspended: false,
    deactivated: false,
    seats: Seats::Fitting,
    drives_stopped: false,
    logins: 1,
    admin_login: 0,
    first_login_lacks_token: false,
    numbered_domain: false,
    departed: Departed::Nobody,
    domain_status: 7,
    domain_error: "",
    accounts_lack_address: false,
    bought_domains: 0,
    page_sized: false,
    lacks_mail: false,
    is_new: false,
    condition: |_, _| Condition::Running,
    status_words: &[],
    null_figures: false,
    first_row_lacks_last_backup: false,
    deleted_accounts: 0,
    invites: 0,
    delegated_users: None,
    retention_policies: None,
};
const LOUD: Quirks = Quirks { needs_attention: true, ..QUIET };

const STATUS_WORDS: &[Option<&str>] =
    &[Some("Completed"), Some("Running"), Some("Preparing Backup"), Some("Failed"), None, Some("Defragmenting Vault")];

/// From the vendor's help; that the API spells them so is an inference.
const PUBLISHED_WORDS: &[Option<&str>] = &[
    Some("Retrying"),
    Some("Partially Completed"),
    Some("Space Full"),
    Some("Connection Error"),
    Some("Authentication Error"),
    Some("In Progress"),
    Some("Deactivated"),
];
const DOMAIN_ERROR: &str = "The domain could not be reached. Please connect it again.";

impl Quirk {
    /// Whether a reader of the demo should find nothing to do at this organization.
    #[must_use]
    pub fn is_healthy(self) -> bool {
        !self.quirks().needs_attention
    }

    /// What is different at an organization with this quirk.
    pub(crate) const fn quirks(self) -> Quirks {
        match self {
            Self::Healthy => Quirks { departed: Departed::Few, ..QUIET },
            Self::QuotedName | Self::MarkupName | Self::TaggedName | Self::NoName => QUIET,
            Self::LateMailboxes => Quirks { condition: late_mailboxes, ..LOUD },
            Self::FailingText => Quirks { condition: failing_drives, ..LOUD },
            Self::FailingObject => Quirks { condition: failing_mailboxes, ..LOUD },
            Self::NeverBackedUp => Quirks { is_new: true, condition: |_, _| Condition::Never, ..LOUD },
            Self::Suspended => Quirks { suspended: true, ..LOUD },
            Self::Deactivated => Quirks { deactivated: true, departed: Departed::Everybody, ..LOUD },
            Self::OverSeats => Quirks { seats: Seats::Exceeded, ..LOUD },
            Self::ForbiddenProducts => Quirks { licence: Licence::Forbidden, ..QUIET },
            Self::MissingProducts => Quirks { licence: Licence::Missing, ..QUIET },
            Self::TwinName => Quirks { numbered_domain: true, ..QUIET },
            Self::SeveralLogins => Quirks { logins: 3, admin_login: 2, ..QUIET },
            Self::EmptyTokenLogin => Quirks { logins: 2, first_login_lacks_token: true, ..QUIET },
            Self::NoToken => Quirks { first_login_lacks_token: true, ..LOUD },
            Self::GoogleWorkspace => Quirks { suite: SUITE_GOOGLE, ..QUIET },
            Self::Archiver => Quirks { archiver: true, ..QUIET },
            Self::ReconnectDomain => {
                Quirks { domain_status: 13, condition: |_, _| Condition::Stopped { days: 3 }, ..LOUD }
            }
            Self::RecreateDomain => {
                Quirks { domain_status: 1, condition: |_, _| Condition::Stopped { days: 9 }, ..LOUD }
            }
            Self::QueuedDomain => Quirks { domain_status: 0, is_new: true, condition: |_, _| Condition::Never, ..LOUD },
            Self::UndocumentedDomain => Quirks { domain_status: 5, ..QUIET },
            Self::EmptyMail => Quirks { lacks_mail: true, ..LOUD },
            Self::DeactivatedMailboxes => Quirks { departed: Departed::Many, ..QUIET },
            Self::DeletedAccounts => Quirks { deleted_accounts: 6, ..QUIET },
            Self::ConnectionFailures => Quirks { condition: unreachable_mailboxes, ..LOUD },
            Self::Invites => Quirks { invites: 7, ..QUIET },
            Self::DelegatedUsers => Quirks { delegated_users: Some(230), ..QUIET },
            Self::RetentionPolicies => Quirks { retention_policies: Some(215), ..QUIET },
            Self::ManyMailboxes => Quirks { bought_domains: 6, ..QUIET },
            Self::ExactlyOnePage | Self::OnePageAndOneRow => Quirks { page_sized: true, ..QUIET },
            Self::NullFields => Quirks { null_figures: true, ..QUIET },
            Self::StatusWords => Quirks { status_words: STATUS_WORDS, ..LOUD },
            Self::NoLastBackup => Quirks { first_row_lacks_last_backup: true, ..LOUD },
            Self::PublishedWords => Quirks { status_words: PUBLISHED_WORDS, ..LOUD },
            Self::FailingDomains => Quirks { domain_error: DOMAIN_ERROR, ..LOUD },
            Self::FailingDriveDomains => Quirks { suite: SUITE_GOOGLE, domain_error: DOMAIN_ERROR, ..LOUD },
            Self::ConsentLost => Quirks {
                domain_status: 13,
                condition: |_, _| Condition::Refused { days: 3 },
                status_words: &[Some("Authentication Error")],
                ..LOUD
            },
            Self::MailStopped => Quirks { condition: stopped_mail, ..LOUD },
            Self::NoAddresses => Quirks { accounts_lack_address: true, ..QUIET },
            Self::StoppedDrives => Quirks { drives_stopped: true, ..LOUD },
            Self::ShortOfSeats => Quirks { seats: Seats::Short, ..LOUD },
            Self::UnusedSeats => Quirks { seats: Seats::Unused, ..LOUD },
        }
    }
}

fn stopped_mail(kind: Kind, _: usize) -> Condition {
    if kind == Kind::Mail { Condition::Stopped { days: 6 } } else { Condition::Running }
}

fn late_mailboxes(kind: Kind, index: usize) -> Condition {
    let is_late = kind == Kind::Mail && index.is_multiple_of(3);
    if is_late { Condition::Stopped { days: 5 } } else { Condition::Running }
}

fn failing_drives(kind: Kind, index: usize) -> Condition {
    let fails = !matches!(kind, Kind::Mail | Kind::Contacts | Kind::Tasks | Kind::GoogleDrive) && index % 4 == 1;
    if fails { Condition::Failing } else { Condition::Running }
}

fn failing_mailboxes(kind: Kind, index: usize) -> Condition {
    if kind == Kind::Mail && index % 4 == 1 { Condition::Failing } else { Condition::Running }
}

fn unreachable_mailboxes(kind: Kind, index: usize) -> Condition {
    if kind == Kind::Mail && index < 3 { Condition::Failing } else { Condition::Running }
}
