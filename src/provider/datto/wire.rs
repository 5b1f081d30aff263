//! Mirrors Datto's JSON exactly as it is sent, with the vendor's names.
//!
//! Two descriptions exist: the published OpenAPI text of "Backupify SaaS
//! Protection API v1", and what live clients see, which contradicts it. Both
//! are read. Only fields that are read stand here; every one may be missing.

use std::borrow::Cow;

use serde::Deserialize;

use crate::provider::field::{Count, Field, Id, Moment, Scalar, Text};
use crate::provider::page::{Envelope, WithoutPagination};
use crate::provider::record::{List, Nested, Record};

/// How lists are wrapped: bare, as the description says (`{domains}`, `{seats}`), or in pages of `{items}`.
pub(super) const ENVELOPE: Envelope = Envelope {
    bare: WithoutPagination::Ends,
    lists: &[
        ("items", WithoutPagination::MayContinue),
        ("domains", WithoutPagination::Ends),
        ("seats", WithoutPagination::Ends),
    ],
    record: &[],
};

fn text(field: &Field<Text>) -> &str {
    field.value().map_or("", |text| text.0.as_str())
}

fn id(field: &Field<Id>) -> &str {
    field.value().map_or("", |id| id.0.as_str())
}

/// A protected domain: `GET /v1/saas/domains`. Several may belong to one customer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Domain {
    /// A number in live answers, text in the description.
    pub(super) saas_customer_id: Field<Id>,
    pub(super) saas_customer_name: Field<Text>,
    pub(super) external_subscription_id: Field<Text>,
    pub(super) domain: Field<Text>,
    /// Null for some customers.
    pub(super) organization_id: Field<Id>,
    pub(super) seats_used: Field<Count>,
    /// `Office365`, `GoogleApps`.
    pub(super) product_type: Field<Text>,
    /// `ICR` infinite, `TBR` time-based.
    pub(super) retention_type: Field<Text>,
    pub(super) backup_stats: Nested<BackupStats>,
    /// In the description alone.
    pub(super) status: Field<Text>,
}

impl Record for Domain {
    fn key(&self) -> Option<Cow<'_, str>> {
        let parts = [id(&self.saas_customer_id), text(&self.external_subscription_id), text(&self.domain)];
        Some(Cow::Owned(parts.join("\n")))
    }
}

/// The services of a domain's customer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct BackupStats {
    pub(super) active_services_count: Field<Count>,
    pub(super) active_services_with_recent_backup_count: Field<Count>,
    /// 0 to 100, as a number or as text.
    pub(super) backup_percentage: Field<Percentage>,
}

/// A share of a hundred.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Percentage(pub(super) f64);

impl Percentage {
    fn of(number: f64) -> Field<Self> {
        if (0.0..=100.0).contains(&number) { Field::Value(Self(number)) } else { Field::Unreadable }
    }
}

impl Scalar for Percentage {
    fn text(text: &str) -> Field<Self> {
        text.trim().trim_end_matches('%').trim_end().parse().map_or(Field::Unreadable, Self::of)
    }
    #[expect(clippy::cast_precision_loss, reason = "a percentage has few digits")]
    fn unsigned(number: u64) -> Field<Self> {
        Self::of(number as f64)
    }
    fn float(number: f64) -> Field<Self> {
        Self::of(number)
    }
}

/// A seat: `GET /v1/saas/{saasCustomerId}/seats`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Seat {
    pub(super) remote_id: Field<Id>,
    /// An address or other text; never shown.
    pub(super) main_id: Field<Text>,
    /// `User`, `SharedMailbox`, `Site`, `TeamSite`, `Team`, `SharedDrive`.
    pub(super) seat_type: Field<Text>,
    /// `Active`, `Paused`, `Archived`, `Unprotected`.
    pub(super) seat_state: Field<Text>,
    pub(super) billable: Field<Billable>,
    /// In the description alone, instead of the state: `Licensed`, `Unlicensed`, `Paused`.
    pub(super) license_status: Field<Text>,
    /// In the description alone.
    pub(super) last_backup: Field<Moment>,
}

impl Record for Seat {
    /// Names repeat, ids do not.
    fn key(&self) -> Option<Cow<'_, str>> {
        let id = [id(&self.remote_id), text(&self.main_id)].into_iter().find(|id| !id.is_empty());
        id.map(Cow::Borrowed)
    }
}

/// Whether a seat is billed: `"1"` or `""` in live answers, `"0"` in the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Billable(pub(super) bool);

impl Scalar for Billable {
    fn text(text: &str) -> Field<Self> {
        match text.trim() {
            "1" | "true" => Field::Value(Self(true)),
            "" | "0" | "false" => Field::Value(Self(false)),
            _ => Field::Unreadable,
        }
    }
    fn unsigned(number: u64) -> Field<Self> {
        match number {
            0 | 1 => Field::Value(Self(number == 1)),
            _ => Field::Unreadable,
        }
    }
    fn boolean(flag: bool) -> Field<Self> {
        Field::Value(Self(flag))
    }
    fn null() -> Field<Self> {
        Field::Value(Self(false))
    }
}

/// The backups of a customer: `GET /v1/saas/{saasCustomerId}/applications`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Applications {
    pub(super) customer_id: Field<Id>,
    pub(super) used_bytes: Field<Count>,
    pub(super) suites: Nested<List<Suite>>,
}

impl Record for Applications {
    /// One customer may have several records, for different suites or for single applications of one.
    fn key(&self) -> Option<Cow<'_, str>> {
        let suites = self.suites.value().into_iter().flat_map(|suites| suites.0.iter().flatten());
        let names = suites.flat_map(|suite| {
            let apps = suite.app_types.value().into_iter().flat_map(|apps| apps.0.iter().flatten());
            std::iter::once(text(&suite.suite_type)).chain(apps.map(|app| text(&app.app_type)))
        });
        Some(Cow::Owned(std::iter::once(id(&self.customer_id)).chain(names).collect::<Vec<_>>().join("\n")))
    }
}

/// A suite of applications.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Suite {
    pub(super) suite_type: Field<Text>,
    pub(super) app_types: Nested<List<App>>,
}

/// An application of a suite.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct App {
    pub(super) app_type: Field<Text>,
    pub(super) used_bytes: Field<Count>,
    pub(super) uningested_service_count: Field<Count>,
    pub(super) last_fully_protected_time: Field<Protected>,
    pub(super) backup_history: Nested<List<Window>>,
}

/// When everything was last protected: milliseconds since the epoch, as a number or as text, or a bucket's name.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Protected {
    At(Epoch),
    Bucket(String),
}

impl Scalar for Protected {
    fn text(text: &str) -> Field<Self> {
        match Epoch::text(text) {
            Field::Value(epoch) | Field::Retyped(epoch) => Field::Value(Self::At(epoch)),
            _ if text.trim().is_empty() => Field::Null,
            _ => Field::Value(Self::Bucket(text.trim().to_owned())),
        }
    }
    fn unsigned(number: u64) -> Field<Self> {
        match Epoch::unsigned(number) {
            Field::Value(epoch) => Field::Value(Self::At(epoch)),
            _ => Field::Unreadable,
        }
    }
}

/// Milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Epoch(pub(super) i64);

impl Scalar for Epoch {
    fn text(text: &str) -> Field<Self> {
        text.trim().parse().map_or(Field::Unreadable, |number| match Self::unsigned(number) {
            Field::Value(epoch) => Field::Retyped(epoch),
            other => other,
        })
    }
    /// A moment before 1973 is none.
    fn unsigned(number: u64) -> Field<Self> {
        match i64::try_from(number) {
            Ok(millis) if millis >= 100_000_000_000 => Field::Value(Self(millis)),
            _ => Field::Unreadable,
        }
    }
}

/// One day of an application's history; the newest comes first.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Window {
    /// Live windows start later than they end.
    pub(super) start_time: Field<Epoch>,
    pub(super) end_time: Field<Epoch>,
    pub(super) total_service_count: Field<Count>,
    pub(super) active_service_count: Field<Count>,
    pub(super) active_service_with_backup_count: Field<Count>,
    pub(super) active_service_with_perfect_backup_count: Field<Count>,
    pub(super) status: Field<Text>,
}
