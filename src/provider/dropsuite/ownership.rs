//! Distinguishes the rows of the requested organization from those of others.
//!
//! All organizations are asked for at the same addresses, and a token in a header says whose rows are meant. So a cache
//! that goes by addresses, or a token under another organization's name, brings rows of another one.

use super::repeats::Identified;
use super::{Access, failed};
use crate::domain::DriftKind;
use crate::provider::endpoint::Endpoint;
use crate::provider::note::Notes;
use crate::provider::record::Undecodable;
use crate::provider::{Error, ErrorKind};

/// The rows of one list, by whose they are.
#[derive(Debug)]
pub(super) struct Ownership<'a> {
    organization_id: Option<&'a str>,
    own: u64,
    foreign: u64,
}

impl<'a> Ownership<'a> {
    /// Before the first row of a list that is asked for like this.
    pub(super) fn of(access: &'a Access) -> Self {
        Self { organization_id: access.organization_id.as_deref(), own: 0, foreign: 0 }
    }

    /// Counts a row; returns whether it is the organization's own. A row without an owner is.
    pub(super) fn admits(&mut self, record: &Result<impl Identified, Undecodable>, notes: &mut Notes) -> bool {
        let owner = record.as_ref().ok().and_then(Identified::organization_id);
        let is_foreign = owner.zip(self.organization_id).is_some_and(|(owner, own)| owner != own);
        if is_foreign {
            self.foreign += 1;
            notes.note("", DriftKind::ForeignRecord);
        } else {
            self.own += 1;
        }
        !is_foreign
    }

    /// Fails where every row was another's: then nothing is known of the organization's own.
    pub(super) fn check(&self, endpoint: Endpoint) -> Result<(), Error> {
        match (self.own, self.foreign) {
            (0, count @ 1..) => Err(failed(endpoint, ErrorKind::ForeignRecords { count })),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::super::{at, wire};
    use super::*;
    use crate::provider::page::records;

    #[test]
    fn a_row_is_anothers_only_where_it_says_so() {
        for (row, own, is_own) in [
            (r#"{"id":1}"#, Some("100"), true),
            (r#"{"id":1,"user":{"organization_id":100,"authentication_token":"t"}}"#, Some("100"), true),
            (r#"{"id":1,"user":{"authentication_token":"t","organization_id":"100"}}"#, Some("100"), true),
            (r#"{"id":1,"user":{"organization_id":200}}"#, Some("100"), false),
            (r#"{"id":1,"user":{"organization_id":200}}"#, None, true),
            (r#"{"id":1,"user":{"id":200}}"#, Some("100"), true),
            (r#"{"id":1,"user":{"organization_id":{"id":200}}}"#, Some("100"), true),
            (r#"{"id":1,"user":{"organization_id":null}}"#, Some("100"), true),
            (r#"{"id":1,"user":null}"#, Some("100"), true),
            (r#"{"id":1,"user":"200"}"#, Some("100"), true),
            (r#"{"id":1,"user":200}"#, Some("100"), true),
            (r#"{"id":1,"user":-2.5}"#, Some("100"), true),
            (r#"{"id":1,"user":true}"#, Some("100"), true),
            (r#"{"id":1,"user":[200]}"#, Some("100"), true),
            ("7", Some("100"), true),
        ] {
            let access = Access { headers: HeaderMap::new(), organization_id: own.map(ToOwned::to_owned), hint: "" };
            let mut ownership = Ownership::of(&access);
            let mut notes = Notes::new(at::ACCOUNTS);
            let body = format!("[{row}]");
            let rows = records::<wire::Resource>(body.as_bytes(), wire::envelope(at::ACCOUNTS)).unwrap();
            assert_eq!(rows[0].is_ok(), row != "7", "{row}");
            assert_eq!(ownership.admits(&rows[0], &mut notes), is_own, "{row} of {own:?}");
            assert_eq!(ownership.check(at::ACCOUNTS).is_ok(), is_own, "{row} of {own:?}");
            assert_eq!(notes.into_drift().len(), usize::from(!is_own), "{row} of {own:?}");
            // One row of its own is enough.
            ownership.admits(&Err::<wire::Resource, _>(Undecodable), &mut Notes::new(at::ACCOUNTS));
            assert_eq!(ownership.check(at::ACCOUNTS), Ok(()));
        }
    }
}
