//! Mirrors Dropsuite's JSON exactly as it is sent, with the vendor's names.
//!
//! Source: "REST API document for sub-reseller 1.0.0", the sample under each
//! endpoint's heading, widened by what live clients see. Only fields that are
//! read stand here; every one of them may be missing.

use std::borrow::Cow;

use serde::Deserialize;

use crate::provider::field::{Count, Errors, Field, Flag, Id, Moment, Secret, Text};
use crate::provider::page::{Envelope, WithoutPagination};
use crate::provider::record::Record;

/// How lists are wrapped, by endpoint and account: a bare array, `{result_set, pagination}`, an array of
/// `{result_set}`, `{pagination, data}`, and a lone record.
pub(super) const ENVELOPE: Envelope = Envelope {
    bare: WithoutPagination::MayContinue,
    // The second names the next page, and leaves it out on the last.
    lists: &[("result_set", WithoutPagination::MayContinue), ("data", WithoutPagination::NamesNext)],
    record: &["id", "email"],
};

fn id(field: &Field<Id>) -> Option<Cow<'_, str>> {
    field.value().map(|id| Cow::Borrowed(id.0.as_str()))
}

fn text(field: &Field<Text>) -> Option<Cow<'_, str>> {
    field.value().map(|text| Cow::Borrowed(text.0.as_str()))
}

/// A login of an organization: `GET /users`, `GET /users/{id}`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    /// `29` in the old sample, `"26561-14"` in live answers.
    pub(super) id: Field<Id>,
    /// One organization may have several logins.
    pub(super) organization_id: Field<Id>,
    /// Missing in the document's list sample, there in live lists.
    pub(super) organization_name: Field<Text>,
    pub(super) plan_id: Field<Id>,
    /// The organization's own token, needed for all but the listing; may be empty.
    pub(super) authentication_token: Field<Secret>,
    pub(super) admin: Field<Flag>,
    /// True for a plan of the archiver product, false for backup only.
    pub(super) archive: Field<Flag>,
    pub(super) customer_deactivated: Field<Flag>,
    pub(super) flg_suspended: Field<Flag>,
    pub(super) seats_used: Field<Count>,
    pub(super) seats_available: Field<Count>,
    /// This and the following are documented for `/users/{id}` alone; live lists hold them too.
    pub(super) active_seats: Field<Count>,
    pub(super) deactivated_seats: Field<Count>,
    pub(super) required_seats: Field<Count>,
    pub(super) paid_shared_mailboxes: Field<Count>,
    pub(super) free_shared_mailboxes: Field<Count>,
}

impl Record for User {
    fn key(&self) -> Option<Cow<'_, str>> {
        id(&self.id)
    }
}

/// One mailbox, calendar, drive, site or team: the lists of every product.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Resource {
    pub(super) id: Field<Id>,
    /// The id of `/googledrives`, whose records have no `id`.
    pub(super) drive_account_id: Field<Id>,
    /// Null: never.
    pub(super) last_backup: Field<Moment>,
    /// Null: active.
    pub(super) deactivated_since: Field<Text>,
    /// Of `/shareddrives` alone.
    pub(super) active: Field<Flag>,
    pub(super) flg_deleted: Field<Flag>,
    /// `""` or text in most lists, `{}` or an object in `/accounts`; missing in `/googledrives`.
    pub(super) errors: Errors,
    pub(super) current_backup_status: Field<Text>,
    pub(super) storage: Field<Count>,
    pub(super) msg_count: Field<Count>,
    pub(super) calendar_schedule_count: Field<Count>,
    pub(super) contact_count: Field<Count>,
    pub(super) task_count: Field<Count>,
    pub(super) file_count: Field<Count>,
}

impl Record for Resource {
    fn key(&self) -> Option<Cow<'_, str>> {
        id(&self.id).or_else(|| id(&self.drive_account_id))
    }
}

/// A domain under which sites, teams or drives are listed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProductDomain {
    pub(super) id: Field<Id>,
    pub(super) deactivated_since: Field<Text>,
}

impl Record for ProductDomain {
    fn key(&self) -> Option<Cow<'_, str>> {
        id(&self.id)
    }
}

/// A connected domain: `GET /users/{id}/tenants`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ConnectedDomain {
    pub(super) id: Field<Id>,
    pub(super) domain: Field<Text>,
    /// 0 queued, 1 and 13 recreate application, 5 undocumented, 7 completed.
    pub(super) status: Field<Count>,
    pub(super) total_users: Field<Count>,
    /// `m365` or `gws`.
    pub(super) r#type: Field<Text>,
}

impl Record for ConnectedDomain {
    fn key(&self) -> Option<Cow<'_, str>> {
        id(&self.id)
    }
}

/// An account that could be protected: `GET /users/{id}/tenants/{tenant_id}/accounts`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DomainAccount {
    pub(super) email: Field<Text>,
    /// False: a public folder.
    pub(super) mailbox: Field<Flag>,
    /// `active`, `available`, `excluded`; null in the document's own Google sample.
    pub(super) status: Field<Text>,
}

impl Record for DomainAccount {
    fn key(&self) -> Option<Cow<'_, str>> {
        text(&self.email)
    }
}

/// An account that is only counted: the lists below `/accounts`, and delegated users.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Counted {
    pub(super) id: Field<Id>,
    pub(super) email: Field<Text>,
}

impl Record for Counted {
    fn key(&self) -> Option<Cow<'_, str>> {
        id(&self.id).or_else(|| text(&self.email))
    }
}

/// An invitation: `GET /accounts/invites`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Invite {
    pub(super) id: Field<Id>,
    /// `Expired`, or other text.
    pub(super) expire: Field<Text>,
}

impl Record for Invite {
    fn key(&self) -> Option<Cow<'_, str>> {
        id(&self.id)
    }
}

/// A retention policy: `GET /users/{id}/retention_policies`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RetentionPolicy {
    pub(super) id: Field<Id>,
    pub(super) period_number: Field<Count>,
    /// `days`, `months` or `years`.
    pub(super) period_unit: Field<Text>,
}

impl Record for RetentionPolicy {
    fn key(&self) -> Option<Cow<'_, str>> {
        id(&self.id)
    }
}
