//! Mirrors Datto's JSON exactly as sent, with the vendor's names.
//!
//! Two descriptions exist: the published OpenAPI document of "Backupify SaaS Protection API v1", and what live clients
//! see, which contradicts it. Both are supported. Only fields in use are listed, and every one may be missing.

use std::hash::{Hash, Hasher};

use serde::Deserialize;

use crate::provider::digest::digest;
use crate::provider::field::{Count, Field, Id, Moment, Scalar, Text, beginning};
use crate::provider::page::{Envelope, WithoutPagination};
use crate::provider::record::{List, Nested, Record, bytes_of};

/// How lists are wrapped: bare, as documented (`{domains}`, `{seats}`), or in pages of `{items}`.
pub(super) const ENVELOPE: Envelope = Envelope {
    bare: WithoutPagination::Ends,
    lists: &[
        ("items", WithoutPagination::MayContinue),
        ("domains", WithoutPagination::Ends),
        ("seats", WithoutPagination::Ends),
    ],
    record: &[],
};

/// A protected domain: `GET /v1/saas/domains`. Several may belong to one customer.
#[derive(Clone, Debug, Default, PartialEq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Domain {
    /// A number in live responses, text in the description.
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
    /// Only in the description.
    pub(super) status: Field<Text>,
}

impl Record for Domain {
    fn key(&self) -> Option<u64> {
        self.saas_customer_id.value().map(|_| digest(self))
    }

    fn kept_bytes(&self) -> u64 {
        bytes_of(self)
    }
}

/// The services of a domain's customer.
#[derive(Clone, Debug, Default, PartialEq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct BackupStats {
    pub(super) active_services_count: Field<Count>,
    pub(super) active_services_with_recent_backup_count: Field<Count>,
    /// 0 to 100, as a number or as text.
    pub(super) backup_percentage: Field<Percentage>,
}

/// A percentage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Percentage(pub(super) f64);

impl Hash for Percentage {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

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
#[derive(Clone, Debug, Default, PartialEq, Hash, Deserialize)]
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
    /// Only used to compare rows: two seats with one id may differ in nothing else.
    pub(super) date_added: Field<Text>,
    /// Only in the description, instead of the state: `Licensed`, `Unlicensed`, `Paused`.
    pub(super) license_status: Field<Text>,
    /// Only in the description.
    pub(super) last_backup: Field<Moment>,
    /// Never seen so far. Read under its name in the listing, so that seats of other customers are not counted.
    pub(super) saas_customer_id: Field<Id>,
    /// The same, under its name in the applications.
    pub(super) customer_id: Field<Id>,
}

impl Seat {
    /// The identity of a seat. Names are not unique, nor are ids across types: a team and its site share one.
    pub(super) fn id(&self) -> Option<&str> {
        let ids = [self.remote_id.value().map(|id| &id.0), self.main_id.value().map(|id| &id.0)];
        ids.into_iter().flatten().find(|id| !id.is_empty()).map(String::as_str)
    }

    /// The customer that the row belongs to, by either field name.
    pub(super) fn customer(&self) -> Option<&str> {
        self.saas_customer_id.value().or_else(|| self.customer_id.value()).map(|id| id.0.as_str())
    }
}

impl Record for Seat {
    /// Seats without an id cannot be recognized again.
    fn key(&self) -> Option<u64> {
        self.id().map(|_| digest(self))
    }
}

/// Whether a seat is billed: `"1"` or `""` in live responses, `"0"` in the description.
///
/// According to its help page "Seat states", the vendor bills active, paused and archived seats of users. This is not
/// derived here, because the rows contain it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
}

/// The backups of a customer: `GET /v1/saas/{saasCustomerId}/applications`.
#[derive(Clone, Debug, Default, PartialEq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Applications {
    pub(super) customer_id: Field<Id>,
    pub(super) used_bytes: Field<Count>,
    pub(super) suites: Nested<List<Suite>>,
}

impl Record for Applications {
    /// A customer may have several records: for different suites, for single applications, or for two accounts of one
    /// organization.
    fn key(&self) -> Option<u64> {
        Some(digest(self))
    }

    fn kept_bytes(&self) -> u64 {
        bytes_of(self)
    }
}

/// A suite of applications.
#[derive(Clone, Debug, Default, PartialEq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Suite {
    pub(super) suite_type: Field<Text>,
    pub(super) app_types: Nested<List<App>>,
}

/// An application of a suite.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct App {
    pub(super) app_type: Field<Text>,
    pub(super) used_bytes: Field<Count>,
    pub(super) uningested_service_count: Field<Count>,
    pub(super) last_fully_protected_time: Field<Protected>,
    pub(super) backup_history: Nested<List<Window>>,
}

/// When everything was last protected: milliseconds since the epoch, as a number or text, or the name of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Protected {
    At(Epoch),
    Bucket(String),
}

impl Scalar for Protected {
    fn text(text: &str) -> Field<Self> {
        match (text.trim().parse(), Epoch::text(text)) {
            (Ok(number), _) => Self::unsigned(number),
            (_, Field::Value(epoch) | Field::Retyped(epoch)) => Field::Retyped(Self::At(epoch)),
            _ if text.trim().is_empty() => Field::Null,
            // Unreadable numbers and dates are not bucket names.
            _ if !text.trim().starts_with(|letter: char| letter.is_ascii_alphabetic()) => Field::Unreadable,
            _ => Field::Value(Self::Bucket(beginning(text.trim()).to_owned())),
        }
    }
    fn unsigned(number: u64) -> Field<Self> {
        match Epoch::unsigned(number) {
            Field::Value(epoch) => Field::Value(Self::At(epoch)),
            Field::Retyped(epoch) => Field::Retyped(Self::At(epoch)),
            _ => Field::Unreadable,
        }
    }
}

/// Milliseconds since the Unix epoch. Seconds and ISO 8601 with an offset are unambiguous, and are accepted as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Epoch(pub(super) i64);

impl Epoch {
    /// The year 2000. There were no backups before, so an earlier time is a zero date or another error.
    pub(super) const EARLIEST: i64 = 946_684_800_000;
    /// As seconds this is in the year 5138, as milliseconds in 1973.
    const MOST_SECONDS: u64 = 100_000_000_000;
}

impl Scalar for Epoch {
    fn text(text: &str) -> Field<Self> {
        let text = text.trim();
        let read = match text.parse::<u64>() {
            Ok(number) => Self::unsigned(number),
            Err(_) => text.parse::<jiff::Timestamp>().map_or(Field::Unreadable, |at| Self::millis(at.as_millisecond())),
        };
        match read {
            Field::Value(epoch) => Field::Retyped(epoch),
            other => other,
        }
    }
    fn unsigned(number: u64) -> Field<Self> {
        let Ok(amount) = i64::try_from(number) else { return Field::Unreadable };
        if number >= Self::MOST_SECONDS {
            return Self::millis(amount);
        }
        match Self::millis(amount * 1_000) {
            Field::Value(epoch) => Field::Retyped(epoch),
            other => other,
        }
    }
}

impl Epoch {
    const fn millis(millis: i64) -> Field<Self> {
        if millis >= Self::EARLIEST { Field::Value(Self(millis)) } else { Field::Unreadable }
    }
}

/// Days before the newest window: `Between0dAnd1d` is the newest, `Between1dAnd2d` the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Position(pub(super) u32);

impl Scalar for Position {
    fn text(text: &str) -> Field<Self> {
        let ends = text.trim().strip_prefix("Between").and_then(|ends| ends.strip_suffix('d')?.split_once("dAnd"));
        match ends.map(|(newer, older)| (newer.parse::<u32>(), older.parse::<u32>())) {
            Some((Ok(newer), Ok(older))) if newer.checked_add(1) == Some(older) => Field::Value(Self(newer)),
            _ => Field::Unreadable,
        }
    }
}

/// One day of an application's history, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Window {
    /// `Between0dAnd1d`, and so on.
    pub(super) time_window: Field<Position>,
    /// Live windows start later than they end.
    pub(super) start_time: Field<Epoch>,
    pub(super) end_time: Field<Epoch>,
    pub(super) total_service_count: Field<Count>,
    pub(super) active_service_count: Field<Count>,
    pub(super) active_service_with_backup_count: Field<Count>,
    pub(super) active_service_with_perfect_backup_count: Field<Count>,
    pub(super) status: Field<Text>,
}
