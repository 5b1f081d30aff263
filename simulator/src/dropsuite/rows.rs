//! Provides what the rows of several lists have in common: filters, figures and fields.

use serde_json::Value;

use super::call::Call;
use crate::dropsuite::fleet::{Organization, Resource};
use crate::text::milliseconds;

/// Whether a row passes the `email` filter: by its own address or by that of any login of its organization.
///
/// Rows are drawn for a filter alone, so that a page of a long list costs no more than its rows.
pub(super) fn passes_email(call: &Call<'_>, organization: &Organization, email: impl Fn() -> String) -> bool {
    call.query.get("email").is_none()
        || call.query.allows("email", &[Some(&email())])
        || (0..organization.login_count())
            .any(|position| call.query.allows("email", &[Some(&organization.login(position).email)]))
}

/// Whether a row passes the `backup_status` filter.
pub(super) fn passes_status(call: &Call<'_>, resource: impl Fn() -> Resource) -> bool {
    call.query.get("backup_status").is_none() || call.query.allows("backup_status", &[resource().status])
}

pub(super) fn items(resource: &Resource) -> Value {
    resource.figures.map(|figures| figures.items).into()
}

pub(super) fn bytes(resource: &Resource) -> Value {
    resource.figures.map(|figures| figures.bytes).into()
}

/// An empty text is the sound state in all lists but the mailboxes'.
pub(super) fn errors(resource: &Resource) -> Value {
    resource.error.unwrap_or_default().into()
}

/// Leaves `last_backup` out of the rows that lack it.
pub(super) fn without_missing(mut row: Value, resource: &Resource) -> Value {
    if resource.lacks_last_backup
        && let Some(fields) = row.as_object_mut()
    {
        fields.remove("last_backup");
    }
    row
}

/// A time in the spelling of the product lists, or null.
pub(super) fn optional_time(millis: Option<i64>) -> Value {
    millis.map_or(Value::Null, |millis| milliseconds(millis).into())
}
