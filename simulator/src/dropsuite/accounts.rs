//! Renders mailboxes in all their lists, and invites.

use serde_json::{Value, json};

use super::call::{Call, Outcome};
use super::rows::{optional_time, passes_email, passes_status, without_missing};
use super::shapes::Envelope;
use crate::dropsuite::fleet::{Kind, Organization, Resource};
use crate::text::{invite_time, milliseconds};

const DAY: i64 = 86_400_000;

/// `GET /accounts`; deactivated mailboxes stay in it, with `deactivated_since` set.
pub(super) fn list(call: &Call<'_>, organization: &Organization) -> Outcome {
    let chosen: Vec<_> = (0..organization.count(Kind::Mail))
        .filter(|&index| passes_email(call, organization, || organization.email(index)))
        .filter(|&index| passes_username(call, organization, index))
        .filter(|&index| passes_status(call, || mailbox(call, organization, index)))
        .collect();
    call.list_of(call.shapes.accounts, &chosen, |index| row(call, organization, index))
}

/// `GET /accounts/deactivated_accounts`.
pub(super) fn deactivated(call: &Call<'_>, organization: &Organization) -> Outcome {
    listed_where(call, organization, Envelope::Whole, |mailbox| mailbox.deactivated_since.is_some())
}

/// `GET /accounts/connection_failures`.
pub(super) fn connection_failures(call: &Call<'_>, organization: &Organization) -> Outcome {
    listed_where(call, organization, Envelope::ResultSet, |mailbox| mailbox.error.is_some())
}

/// `GET /accounts/deleted_accounts`: without name, status and date of addition, as in the document.
pub(super) fn deleted(call: &Call<'_>, organization: &Organization) -> Outcome {
    let chosen: Vec<_> = (0..organization.deleted_accounts())
        .filter(|&index| passes_email(call, organization, || organization.deleted_email(index)))
        .collect();
    call.list_of(Envelope::Whole, &chosen, |index| {
        let email = organization.deleted_email(index);
        let own_index = organization.deleted_index(index);
        json!({
            "id": organization.row_id(own_index),
            "last_backup": (index % 2 == 1).then(|| milliseconds(call.moment.origin - 90 * DAY)),
            "deactivated_since": null,
            "email": email,
            "username": email,
            "storage": 0,
            "msg_count": null,
            "flg_deleted": true,
            "errors": {},
            "user": user(call, organization, own_index, &email),
        })
    })
}

/// `GET /accounts/invites`.
pub(super) fn invites(call: &Call<'_>, organization: &Organization) -> Outcome {
    let chosen: Vec<_> = (0..organization.invites())
        .filter(|&index| passes_email(call, organization, || organization.invited_email(index)))
        .collect();
    call.list_of(call.shapes.invites, &chosen, |index| {
        json!({
            "id": organization.row_id(index),
            "email": organization.invited_email(index),
            "requester_email": organization.preferred_login().email,
            "last_sent_at": invite_time(call.moment.origin - (1 + 3 * index as i64) * DAY),
            "expire": if index < 3 { "Pending" } else { "Expired" },
        })
    })
}

fn passes_username(call: &Call<'_>, organization: &Organization, index: usize) -> bool {
    call.query.get("username").is_none()
        || call.query.allows("username", &[username(organization, &organization.email(index))])
}

fn listed_where(
    call: &Call<'_>,
    organization: &Organization,
    envelope: Envelope,
    belongs: impl Fn(&Resource) -> bool,
) -> Outcome {
    let chosen: Vec<_> = (0..organization.count(Kind::Mail))
        .filter(|&index| belongs(&mailbox(call, organization, index)))
        .filter(|&index| passes_email(call, organization, || organization.email(index)))
        .collect();
    call.list_of(envelope, &chosen, |index| row(call, organization, index))
}

fn mailbox(call: &Call<'_>, organization: &Organization, index: usize) -> Resource {
    organization.resource(Kind::Mail, index, call.moment)
}

/// Archived mailboxes sign in by address; others have no user name.
fn username<'a>(organization: &Organization, email: &'a str) -> Option<&'a str> {
    organization.is_archiver().then_some(email)
}

fn row(call: &Call<'_>, organization: &Organization, index: usize) -> Value {
    let mailbox = mailbox(call, organization, index);
    let email = organization.email(index);
    let row = json!({
        "id": mailbox.id,
        "last_backup": optional_time(mailbox.last_backup),
        "deactivated_since": optional_time(mailbox.deactivated_since),
        "email": email,
        "display_name": (!index.is_multiple_of(4)).then(|| organization.display_name(index)),
        "username": username(organization, &email),
        // Kilobytes, in this list alone.
        "storage": mailbox.figures.map(|figures| figures.bytes / 1024),
        "msg_count": mailbox.figures.map(|figures| figures.items),
        "flg_deleted": false,
        "errors": mailbox.error.map_or(json!({}), |text| json!({"host": text})),
        "current_backup_status": mailbox.status,
        "added_on": milliseconds(mailbox.added_on),
        "user": user(call, organization, index, &email),
    });
    without_missing(row, &mailbox)
}

fn user(call: &Call<'_>, organization: &Organization, index: usize, email: &str) -> Value {
    json!({
        "id": organization.row_id(index),
        "email": email,
        "authentication_token": organization.mailbox_token(index),
        "reseller_token": call.reseller_token,
        "external_id": null,
        "is_business": true,
        "admin": false,
        "customer_deactivated": false,
        "seats_used": 1,
        "seats_available": 1,
        "storage_used": 0,
        "storage_available": 0,
        "archive": organization.is_archiver(),
        "organization_id": organization.organization_id(),
        "backup_summary": [],
        "login_disabled": true,
        "flg_suspended": false,
    })
}
