//! Parses the query of the status page, and builds the URLs of other views.

use url::form_urlencoded;

use super::verdict::Verdict;
use crate::domain::WorkloadState;

/// Which tenants to show, in which order, and which page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Only tenants of this source; empty means all.
    pub source: String,
    /// Only tenants with this id, or with this text in their name, ignoring case; empty means all.
    pub tenant: String,
    /// Only tenants in this state; `None` means all.
    pub state: Option<Wanted>,
    /// The order.
    pub sort: Sort,
    /// The page, starting at 1; 0 means 1.
    pub page: usize,
}

/// A state to filter by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The verdict of the tenant.
    Verdict(Verdict),
    /// The state of any workload.
    Workload(WorkloadState),
    /// Any workload is unknown, whatever the others are.
    UnknownWorkload,
    /// The last attempt at any workload failed, or there was none.
    Unconfirmed,
}

/// The order of the tenants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Worst first.
    #[default]
    State,
    /// By name.
    Name,
    /// By the age of the oldest data, parts without data first.
    Age,
    /// By the next attempt.
    Next,
}

/// Why a query is invalid.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadQuery {
    /// An unknown parameter; ignoring it would show all tenants instead of a few.
    #[error("unknown parameter (accepted: source, tenant, state, sort, page)")]
    Parameter,
    /// An unknown state.
    #[error("unknown state (accepted: {})", Wanted::words().join(", "))]
    State,
    /// An unknown order.
    #[error("unknown sort (accepted: state, name, age, next)")]
    Sort,
    /// Not a page number.
    #[error("page is not a number")]
    Page,
}

impl Wanted {
    /// Every state, in the order of the form.
    pub(super) const ALL: [Self; 14] = [
        Self::Verdict(Verdict::NotFine),
        Self::Verdict(Verdict::Unknown),
        Self::Verdict(Verdict::Inactive),
        Self::Verdict(Verdict::Fine),
        Self::Unconfirmed,
        Self::Workload(WorkloadState::Failing),
        Self::Workload(WorkloadState::Never),
        Self::Workload(WorkloadState::Stopped),
        Self::Workload(WorkloadState::Late),
        Self::UnknownWorkload,
        Self::Workload(WorkloadState::Ok),
        Self::Workload(WorkloadState::Paused),
        Self::Workload(WorkloadState::Empty),
        Self::Workload(WorkloadState::NotLicensed),
    ];

    /// The word in the query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verdict(verdict) => verdict.as_str(),
            Self::UnknownWorkload | Self::Workload(WorkloadState::Unknown) => "unknown_workload",
            Self::Workload(state) => state.as_str(),
            Self::Unconfirmed => "unconfirmed",
        }
    }

    fn words() -> Vec<&'static str> {
        Self::ALL.map(Self::as_str).into()
    }
}

impl Sort {
    pub(super) const ALL: [Self; 4] = [Self::State, Self::Name, Self::Age, Self::Next];

    /// The word in the query.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Name => "name",
            Self::Age => "age",
            Self::Next => "next",
        }
    }
}

impl Query {
    /// Parses a query; empty values are ignored, because forms send them.
    ///
    /// # Errors
    ///
    /// If something is unknown: showing all tenants instead would be misleading.
    pub fn parse(text: &str) -> Result<Self, BadQuery> {
        let mut query = Self::default();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            let chosen = |word: &str| word == value;
            match &*name {
                "source" => query.source = value.into_owned(),
                "tenant" => query.tenant = value.trim().to_owned(),
                "state" | "sort" | "page" if value.is_empty() => {}
                "state" => {
                    let wanted = Wanted::ALL.into_iter().find(|wanted| chosen(wanted.as_str()));
                    query.state = Some(wanted.ok_or(BadQuery::State)?);
                }
                "sort" => {
                    query.sort = Sort::ALL.into_iter().find(|sort| chosen(sort.as_str())).ok_or(BadQuery::Sort)?;
                }
                "page" => query.page = value.parse().map_err(|_| BadQuery::Page)?,
                _ => return Err(BadQuery::Parameter),
            }
        }
        Ok(query)
    }

    /// The relative URL of this view.
    #[must_use]
    pub fn address(&self) -> String {
        let mut address = form_urlencoded::Serializer::new(String::from("?"));
        let page = self.page.to_string();
        for (name, value, is_given) in [
            ("source", self.source.as_str(), !self.source.is_empty()),
            ("tenant", self.tenant.as_str(), !self.tenant.is_empty()),
            ("state", self.state.map_or("", Wanted::as_str), self.state.is_some()),
            ("sort", self.sort.as_str(), self.sort != Sort::State),
            ("page", page.as_str(), self.page > 1),
        ] {
            if is_given {
                address.append_pair(name, value);
            }
        }
        address.finish()
    }

    /// The same tenants in another order, from the first page.
    #[must_use]
    pub fn sorted(&self, sort: Sort) -> Self {
        Self { sort, page: 1, ..self.clone() }
    }

    /// Another page of the same view.
    #[must_use]
    pub fn on_page(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }

    /// All tenants in this state.
    #[must_use]
    pub fn in_state(state: Option<Wanted>) -> Self {
        Self { state, ..Self::default() }
    }

    /// Whether this filters any tenants.
    #[must_use]
    pub const fn is_filtered(&self) -> bool {
        !self.source.is_empty() || !self.tenant.is_empty() || self.state.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_was_written() {
        let query = Query {
            source: "a&b \"c\"".to_owned(),
            tenant: "Söhne <script> = 1".to_owned(),
            state: Some(Wanted::Workload(WorkloadState::Late)),
            sort: Sort::Age,
            page: 7,
        };
        let address = query.address();
        assert!(address.starts_with('?') && !address.contains(['"', '<', ' ']), "{address}");
        assert_eq!(Query::parse(&address[1..]), Ok(query));
        assert_eq!(Query::default().address(), "?");
    }

    #[test]
    fn every_state_can_be_asked_for_by_its_own_word() {
        for wanted in Wanted::ALL {
            let query = Query::parse(&format!("state={}", wanted.as_str())).unwrap();
            assert_eq!(query.state, Some(wanted));
        }
    }

    #[test]
    fn an_empty_form_selects_all_tenants() {
        assert_eq!(Query::parse("source=&tenant=&state=&sort=&page="), Ok(Query::default()));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for (text, expected) in [
            ("tenants=acme", BadQuery::Parameter),
            ("state=broken", BadQuery::State),
            ("sort=size", BadQuery::Sort),
            ("page=-1", BadQuery::Page),
            ("page=99999999999999999999999", BadQuery::Page),
        ] {
            assert_eq!(Query::parse(text), Err(expected), "{text}");
        }
    }
}
