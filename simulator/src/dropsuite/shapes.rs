//! Chooses between the observed envelopes of an endpoint.

/// The envelope of every group of endpoints; the default is the most likely live server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shapes {
    /// `/users`.
    pub users: Envelope,
    /// `/accounts`.
    pub accounts: Envelope,
    /// All other product lists: calendars, drives, sites, teams and their domains.
    pub drives: Envelope,
    /// `/journals`, documented as one object.
    pub journals: Envelope,
    /// `/accounts/invites`, documented as one object and yet about a list.
    pub invites: Envelope,
    /// `/users/{id}/delegated`.
    pub delegated: Envelope,
    /// Whether the rows of `/users` carry the licence counters, which are documented for `/users/{id}` alone.
    pub counters_in_users: bool,
    /// The server does not know `page` and sends the whole list every time.
    pub ignores_page: bool,
    /// Result sets do not contain their totals.
    pub omits_totals: bool,
    /// What is made of `per_page` where the document does not know it: in bare arrays.
    pub undocumented_per_page: PerPage,
    /// The most rows of a result set, whatever `per_page` asks for.
    pub result_set_limit: usize,
}

/// What a server makes of `per_page` where the document does not know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PerPage {
    /// It is ignored, as the document lets expect.
    Ignored,
    /// It is honoured, up to so many rows.
    Honoured(usize),
    /// It is an error.
    Refused,
}

/// How one list is wrapped and paged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// `[row, ...]`, 25 rows a page.
    Pages,
    /// `[row, ...]`, the whole list at once.
    Whole,
    /// The row itself when there is exactly one, else as `Whole`.
    WholeOrObject,
    /// `{"result_set": [row, ...], "pagination": {...}}` with the number of pages.
    ResultSet,
    /// `[{"result_set": [row, ...], "pagination": {...}}]`.
    ArrayOfResultSets,
    /// `{"result_set": [row, ...], "pagination": {"next_link": ...}}`; null is the end.
    NextLink,
    /// `{"pagination": {...}, "data": [row, ...]}` with the neighbouring pages and no totals.
    Data,
}

impl Default for Shapes {
    fn default() -> Self {
        Self {
            users: Envelope::ResultSet,
            accounts: Envelope::ResultSet,
            drives: Envelope::Pages,
            journals: Envelope::WholeOrObject,
            invites: Envelope::WholeOrObject,
            delegated: Envelope::Data,
            counters_in_users: true,
            ignores_page: false,
            omits_totals: false,
            undocumented_per_page: PerPage::Ignored,
            result_set_limit: 100,
        }
    }
}
