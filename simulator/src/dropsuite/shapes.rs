//! Chooses between the envelopes in which one endpoint was seen to answer.

/// The envelope of every group of endpoints; the default is the most likely live server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shapes {
    /// `/users`.
    pub users: UsersShape,
    /// `/accounts`.
    pub accounts: AccountsShape,
    /// All other product lists: calendars, drives, sites, teams and their domains.
    pub drives: DrivesShape,
    /// `/journals`.
    pub journals: SingleShape,
    /// `/accounts/invites`, documented as one object and yet about a list.
    pub invites: SingleShape,
    /// `/users/{id}/delegated`.
    pub delegated: DelegatedShape,
    /// Whether the rows of `/users` carry the licence counters, which are documented for `/users/{id}` alone.
    pub counters_in_users: bool,
    /// The server does not know `page` and sends the whole list every time.
    pub ignores_page: bool,
    /// Result sets do not tell their totals.
    pub omits_totals: bool,
    /// The most rows of a result set, whatever `per_page` asks for.
    pub result_set_limit: usize,
}

/// Envelopes of `/users`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsersShape {
    /// `[row, ...]`, the whole list at once.
    Bare,
    /// `{"result_set": [row, ...], "pagination": {...}}`.
    ResultSet,
    /// `[{"result_set": [row, ...], "pagination": {...}}]`.
    ArrayOfResultSets,
}

/// Envelopes of `/accounts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountsShape {
    /// `[row, ...]`, the whole list at once.
    Bare,
    /// `{"result_set": [row, ...], "pagination": {...}}`.
    ResultSet,
    /// The row itself when there is exactly one, else as `Bare`.
    SingleObject,
}

/// Envelopes of the other product lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrivesShape {
    /// `[row, ...]`, 25 rows a page.
    Bare,
    /// `{"result_set": [row, ...], "pagination": {...}}`.
    ResultSet,
    /// `{"pagination": {...}, "data": [row, ...]}`.
    Data,
}

/// Envelopes of lists that are documented as a single object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SingleShape {
    /// The row itself when there is exactly one, else an array.
    Object,
    /// Always an array.
    Array,
}

/// Envelopes of the delegated users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DelegatedShape {
    /// `{"pagination": {...}, "data": [row, ...]}`.
    Paged,
    /// `[row, ...]`, the whole list at once.
    Bare,
}

impl Default for Shapes {
    fn default() -> Self {
        Self {
            users: UsersShape::ResultSet,
            accounts: AccountsShape::ResultSet,
            drives: DrivesShape::Bare,
            journals: SingleShape::Object,
            invites: SingleShape::Object,
            delegated: DelegatedShape::Paged,
            counters_in_users: true,
            ignores_page: false,
            omits_totals: false,
            result_set_limit: 100,
        }
    }
}

/// How one list is wrapped and paged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Envelope {
    /// A bare array of 25 rows a page.
    Pages,
    /// A bare array of all rows.
    Whole,
    /// The row itself when there is exactly one, else a bare array of all rows.
    WholeOrObject,
    ResultSet,
    ArrayOfResultSets,
    Data,
}

impl Shapes {
    pub(super) fn users(&self) -> Envelope {
        match self.users {
            UsersShape::Bare => Envelope::Whole,
            UsersShape::ResultSet => Envelope::ResultSet,
            UsersShape::ArrayOfResultSets => Envelope::ArrayOfResultSets,
        }
    }

    pub(super) fn accounts(&self) -> Envelope {
        match self.accounts {
            AccountsShape::Bare => Envelope::Whole,
            AccountsShape::ResultSet => Envelope::ResultSet,
            AccountsShape::SingleObject => Envelope::WholeOrObject,
        }
    }

    pub(super) fn drives(&self) -> Envelope {
        match self.drives {
            DrivesShape::Bare => Envelope::Pages,
            DrivesShape::ResultSet => Envelope::ResultSet,
            DrivesShape::Data => Envelope::Data,
        }
    }

    pub(super) fn delegated(&self) -> Envelope {
        match self.delegated {
            DelegatedShape::Paged => Envelope::Data,
            DelegatedShape::Bare => Envelope::Whole,
        }
    }
}

impl SingleShape {
    pub(super) fn envelope(self) -> Envelope {
        match self {
            Self::Object => Envelope::WholeOrObject,
            Self::Array => Envelope::Whole,
        }
    }
}
