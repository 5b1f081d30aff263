//! Reads what a visitor wants to see from the address, and writes the addresses of other views.

use url::form_urlencoded;

use super::verdict::Verdict;
use crate::domain::WorkloadState;

/// Which tenants are wanted, in which order, from where on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Only those of this source; empty means of every one.
    pub source: String,
    /// Only those with this id, or with this text in their name, upper and lower case alike; empty means all.
    pub tenant: String,
    /// Only those in this state; `None` means all.
    pub state: Option<Wanted>,
    /// In which order.
    pub sort: Sort,
    /// Which page, from 1 on; 0 is taken for 1.
    pub page: usize,
}

/// A state that tenants can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The tenant as a whole.
    Verdict(Verdict),
    /// Some workload.
    Workload(WorkloadState),
    /// Some workload is unknown, whatever the others are.
    UnknownWorkload,
    /// The last attempt at some workload did not work, or none was made.
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
    /// What was observed longest ago, or never, first.
    Age,
    /// By the next attempt.
    Next,
}

/// Why an address says nothing that could be shown.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadQuery {
    /// A parameter that is not known; ignoring it would show all tenants where a few are wanted.
    #[error("unknown parameter (accepted: source, tenant, state, sort, page)")]
    Parameter,
    /// A state that is not known.
    #[error("unknown state (accepted: {})", Wanted::words().join(", "))]
    State,
    /// An order that is not known.
    #[error("unknown sort (accepted: state, name, age, next)")]
    Sort,
    /// Not the number of a page.
    #[error("page is not a number")]
    Page,
}

impl Wanted {
    /// Every state that can be asked for, in the order of the choice.
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

    /// The word in the address.
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

    /// The word in the address.
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
    /// Reads the part of an address after the question mark; an empty value is as good as none, since forms send it.
    ///
    /// # Errors
    ///
    /// When something in it is not known: to show all instead would be taken for an answer.
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

    /// The relative address of this view.
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

    /// The same tenants in another order, from the beginning.
    #[must_use]
    pub fn sorted(&self, sort: Sort) -> Self {
        Self { sort, page: 1, ..self.clone() }
    }

    /// Another page of the same.
    #[must_use]
    pub fn on_page(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }

    /// Every tenant in this state.
    #[must_use]
    pub fn everybody(state: Option<Wanted>) -> Self {
        Self { state, ..Self::default() }
    }

    /// Whether this leaves anybody out.
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
    fn an_empty_form_asks_for_everybody() {
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
