//! Mirrors Dropsuite's JSON exactly as sent, with the vendor's names.
//!
//! Source: "REST API document for sub-reseller 1.0.0", the sample under each endpoint's heading, extended by what live
//! clients see. Only fields in use are listed, and every one may be missing.

use std::fmt;
use std::hash::Hash;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::repeats::Identified;
use crate::domain::Timestamp;
use crate::provider::digest::digest;
use crate::provider::endpoint::Endpoint;
use crate::provider::field::{Count, Errors, Field, Flag, Id, Moment, Scalar, Secret, Text};
use crate::provider::page::{Envelope, WithoutPagination};
use crate::provider::record::{Record, bytes_of};

/// How lists are wrapped, depending on endpoint and account: a bare array, `{result_set, pagination}`, an array of
/// `{result_set}`, and `{pagination, data}`.
const ENVELOPE: Envelope = Envelope {
    bare: WithoutPagination::MayContinue,
    // The second one names the next page, and omits it on the last.
    lists: &[("result_set", WithoutPagination::MayContinue), ("data", WithoutPagination::NamesNext)],
    record: &[],
};
/// The same, or a lone record.
const ENVELOPE_OR_RECORD: Envelope = Envelope { record: &["id", "email"], ..ENVELOPE };

/// How an endpoint's lists are wrapped.
///
/// A lone record is read only where one is known: elsewhere an error with an id of its own would be the whole list.
pub(super) const fn envelope(endpoint: Endpoint) -> &'static Envelope {
    if endpoint.may_be_a_record() { &ENVELOPE_OR_RECORD } else { &ENVELOPE }
}

fn id(field: &Field<Id>) -> Option<&str> {
    field.value().map(|id| id.0.as_str())
}

/// Text that can identify a record, so not empty.
fn text(field: &Field<Text>) -> Option<&str> {
    field.value().map(|text| text.0.trim()).filter(|text| !text.is_empty())
}

/// Identifies a record by all of its fields, if it has an id at all.
fn content(record: &(impl Hash + Identified)) -> Option<u64> {
    record.id().map(|_| digest(record))
}

/// When a state began; `None` inside for the text `null`, which some lists use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Since(pub(super) Option<Timestamp>);

impl Scalar for Since {
    fn text(text: &str) -> Field<Self> {
        match text.trim() {
            "" => Field::Null,
            "null" => Field::Retyped(Self(None)),
            text => match Moment::text(text) {
                Field::Value(moment) => Field::Value(Self(Some(moment.0))),
                _ => Field::Unreadable,
            },
        }
    }
}

/// The organization of the login to which a row belongs, in its `user`; all else in there is passed over, tokens included.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Owner(Field<Id>);

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum OwnerField {
    OrganizationId,
    #[serde(other)]
    Other,
}

impl<'de> Deserialize<'de> for Owner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OwnerVisitor)
    }
}

/// A value that is not an object has no owner, and does not invalidate the row.
struct OwnerVisitor;

impl<'de> Visitor<'de> for OwnerVisitor {
    type Value = Owner;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Owner, E> {
        Ok(Owner::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Owner, E> {
        Ok(Owner::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Owner, E> {
        Ok(Owner::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Owner, E> {
        Ok(Owner::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Owner, E> {
        Ok(Owner::default())
    }

    fn visit_unit<E>(self) -> Result<Owner, E> {
        Ok(Owner::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Owner, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Owner::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Owner, A::Error> {
        let mut owner = Owner::default();
        while let Some(field) = fields.next_key()? {
            match field {
                OwnerField::OrganizationId => owner = Owner(fields.next_value()?),
                OwnerField::Other => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        Ok(owner)
    }
}

/// A login of an organization: `GET /users`, `GET /users/{id}`.
#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default)]
pub(super) struct User {
    /// `29` in the old sample, `"26561-14"` in live responses.
    pub(super) id: Field<Id>,
    /// One organization may have several logins.
    pub(super) organization_id: Field<Id>,
    /// Missing in the document's list sample, present in live lists.
    pub(super) organization_name: Field<Text>,
    pub(super) plan_id: Field<Id>,
    /// The organization's own token, needed for everything except the listing; may be empty.
    pub(super) authentication_token: Field<Secret>,
    pub(super) admin: Field<Flag>,
    /// True for a plan of the archiver product, false for backup only.
    pub(super) archive: Field<Flag>,
    pub(super) customer_deactivated: Field<Flag>,
    pub(super) flg_suspended: Field<Flag>,
    /// In every sample of the document, but never defined; suspension is said to disable logins and nothing else.
    pub(super) login_disabled: Field<Flag>,
    pub(super) seats_used: Field<Count>,
    pub(super) seats_available: Field<Count>,
    /// This and the following are documented only for `/users/{id}`, but live lists contain them too.
    pub(super) active_seats: Field<Count>,
    pub(super) deactivated_seats: Field<Count>,
    pub(super) required_seats: Field<Count>,
    pub(super) paid_shared_mailboxes: Field<Count>,
    pub(super) free_shared_mailboxes: Field<Count>,
}

impl Record for User {
    /// A login listed under two organizations is two records; which one applies is decided later.
    fn key(&self) -> Option<u64> {
        let organization = id(&self.organization_id).unwrap_or_default();
        id(&self.id).map(|id| digest(&(id, organization)))
    }

    /// Two rows of one login that disagree are a surprise, which must not pass for a repeated row.
    fn content(&self) -> Option<u64> {
        id(&self.id).map(|_| digest(self))
    }

    fn kept_bytes(&self) -> u64 {
        bytes_of(self)
    }
}

/// One mailbox, calendar, drive, site or team: the lists of every product.
#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default)]
pub(super) struct Resource {
    pub(super) id: Field<Id>,
    /// The id of `/googledrives`, whose records have no `id`.
    pub(super) drive_account_id: Field<Id>,
    /// Null: never.
    pub(super) last_backup: Field<Moment>,
    /// Null: active.
    pub(super) deactivated_since: Field<Since>,
    /// Only in `/shareddrives`.
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
    /// Of `/accounts` alone.
    pub(super) user: Owner,
}

impl Identified for Resource {
    fn id(&self) -> Option<&str> {
        id(&self.id).or_else(|| id(&self.drive_account_id))
    }

    fn organization_id(&self) -> Option<&str> {
        id(&self.user.0)
    }
}

impl Record for Resource {
    fn key(&self) -> Option<u64> {
        content(self)
    }
}

/// A domain under which sites, teams or drives are listed.
#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default)]
pub(super) struct ProductDomain {
    pub(super) id: Field<Id>,
    pub(super) deactivated_since: Field<Since>,
    /// `""` in the document's samples; text or an object is an error of everything below the domain.
    pub(super) errors: Errors,
    /// In `/sharepoints/domains`.
    pub(super) site_count: Field<Count>,
    /// In `/teams_and_groups/domains`.
    pub(super) group_count: Field<Count>,
    pub(super) storage: Field<Count>,
}

impl Identified for ProductDomain {
    fn id(&self) -> Option<&str> {
        id(&self.id)
    }
}

impl Record for ProductDomain {
    fn key(&self) -> Option<u64> {
        content(self)
    }

    fn kept_bytes(&self) -> u64 {
        bytes_of(self)
    }
}

/// A connected domain: `GET /users/{id}/tenants`.
#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default)]
pub(super) struct ConnectedDomain {
    pub(super) id: Field<Id>,
    pub(super) domain: Field<Text>,
    /// 0 queued, 1 and 13 recreate application, 5 undocumented, 7 completed.
    pub(super) status: Field<Count>,
    pub(super) total_users: Field<Count>,
    /// `m365` or `gws`. The document's samples of one login name different organizations, so `organization_id` is not read.
    pub(super) r#type: Field<Text>,
}

impl Identified for ConnectedDomain {
    fn id(&self) -> Option<&str> {
        id(&self.id)
    }
}

impl Record for ConnectedDomain {
    fn key(&self) -> Option<u64> {
        content(self)
    }

    fn kept_bytes(&self) -> u64 {
        bytes_of(self)
    }
}

/// A protectable account: `GET /users/{id}/tenants/{tenant_id}/accounts`.
#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default)]
pub(super) struct DomainAccount {
    /// Empty or null for some accounts.
    pub(super) email: Field<Text>,
    /// The login's name at Microsoft, usually formatted like an email address.
    pub(super) upn: Field<Text>,
    /// False: a public folder.
    pub(super) mailbox: Field<Flag>,
    /// `active`, `available`, `excluded`; null in the document's own Google sample.
    pub(super) status: Field<Text>,
    /// True: licensed; null: not. Null in all of the document's Google samples.
    pub(super) licensed: Field<Flag>,
    /// The same words for Google's accounts, and `suspended`; null for Microsoft's.
    pub(super) tenant_status: Field<Text>,
    /// `m365` or `gws`.
    pub(super) r#type: Field<Text>,
}

impl Identified for DomainAccount {
    fn id(&self) -> Option<&str> {
        text(&self.upn).or_else(|| text(&self.email))
    }
}

impl Record for DomainAccount {
    fn key(&self) -> Option<u64> {
        content(self)
    }
}

/// An account that is only counted: the lists below `/accounts`, and delegated users.
#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default)]
pub(super) struct Counted {
    pub(super) id: Field<Id>,
    pub(super) email: Field<Text>,
    /// Of the lists below `/accounts`.
    pub(super) user: Owner,
}

impl Identified for Counted {
    fn id(&self) -> Option<&str> {
        id(&self.id).or_else(|| text(&self.email))
    }

    fn organization_id(&self) -> Option<&str> {
        id(&self.user.0)
    }
}

impl Record for Counted {
    fn key(&self) -> Option<u64> {
        content(self)
    }
}

/// An invitation: `GET /accounts/invites`.
#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default)]
pub(super) struct Invite {
    pub(super) id: Field<Id>,
    /// `Expired`, or other text.
    pub(super) expire: Field<Text>,
}

impl Identified for Invite {
    fn id(&self) -> Option<&str> {
        id(&self.id)
    }
}

impl Record for Invite {
    fn key(&self) -> Option<u64> {
        content(self)
    }
}

/// A retention policy: `GET /users/{id}/retention_policies`.
#[derive(Clone, Debug, Default, Hash, Deserialize)]
#[serde(default)]
pub(super) struct RetentionPolicy {
    pub(super) id: Field<Id>,
    pub(super) period_number: Field<Count>,
    /// `days`, `months` or `years`.
    pub(super) period_unit: Field<Text>,
    pub(super) organization_id: Field<Id>,
}

impl Identified for RetentionPolicy {
    fn id(&self) -> Option<&str> {
        id(&self.id)
    }

    fn organization_id(&self) -> Option<&str> {
        id(&self.organization_id)
    }
}

impl Record for RetentionPolicy {
    fn key(&self) -> Option<u64> {
        content(self)
    }
}
