//! Lists Datto's fields and their contents; the conversion defines which words are known.

use super::{applications, convert, endpoints, wire};
use crate::domain::{SeatState, SeatType};
use crate::provider::field::{Field, Scalar, Text};
use crate::provider::note::Notes;
use crate::provider::vocabulary::{Recognized, Role};

/// The fields of the published description and of what live clients see.
#[rustfmt::skip]
pub(in crate::provider) const FIELDS: &[(&str, Role)] = &[
    ("saasCustomerId", Role::Id), ("customerId", Role::Id), ("organizationId", Role::Id),
    ("externalSubscriptionId", Role::Id), ("remoteId", Role::Id), ("mainId", Role::Id), ("remoteIds", Role::Id),
    ("seatsUsed", Role::Count), ("activeServicesCount", Role::Count),
    ("activeServicesWithRecentBackupCount", Role::Count), ("uningestedServiceCount", Role::Count),
    ("totalServiceCount", Role::Count), ("activeServiceCount", Role::Count),
    ("activeServiceWithBackupCount", Role::Count), ("activeServiceWithPerfectBackupCount", Role::Count),
    ("page", Role::Count), ("perPage", Role::Count), ("totalPages", Role::Count), ("count", Role::Count),
    ("_page", Role::Count), ("_perPage", Role::Count),
    ("active", Role::Count), ("archived", Role::Count), ("discovered", Role::Count), ("paused", Role::Count),
    ("unprotected", Role::Count),
    ("usedBytes", Role::Amount), ("backupPercentage", Role::Amount),
    ("productType", Role::Word(product)), ("suiteType", Role::Word(product)), ("retentionType", Role::Word(retention)),
    ("seatType", Role::Word(seat_type)), ("seatState", Role::Word(seat_state)),
    ("licenseStatus", Role::Word(seat_state)), ("billable", Role::Word(billable)), ("status", Role::Word(status)),
    ("appType", Role::Word(app_type)), ("timeWindow", Role::Word(window)),
    ("lastFullyProtectedTime", Role::WordOrTime(bucket)),
    ("items", Role::Other), ("domains", Role::Other), ("seats", Role::Other), ("pagination", Role::Other),
    ("suites", Role::Other), ("appTypes", Role::Other), ("backupHistory", Role::Other), ("backupStats", Role::Other),
    ("saasCustomerName", Role::Other), ("customerName", Role::Other), ("organizationName", Role::Other),
    ("domain", Role::Other), ("name", Role::Other), ("displayName", Role::Other), ("email", Role::Other),
    ("dateAdded", Role::Time), ("lastBackup", Role::Time), ("startTime", Role::Time), ("endTime", Role::Time),
    ("error", Role::Other), ("errors", Role::Other), ("message", Role::Other), ("code", Role::Other),
];

/// The conversion takes any product that contains one of these; here only whole words are public.
const PRODUCTS: [&str; 3] = ["Office365", "GoogleApps", "GoogleWorkspace"];
const RETENTION: [&str; 2] = ["ICR", "TBR"];
/// A word with a larger number of days is none of the vendor's: the number may be any.
const MAX_DAYS: u32 = 999;

fn text(word: &str) -> Field<Text> {
    Field::Value(Text(word.to_owned()))
}

fn is_read<T: Scalar>(word: &str) -> Recognized {
    Recognized::when(matches!(T::text(word), Field::Value(_)))
}

fn product(word: &str) -> Recognized {
    Recognized::when(PRODUCTS.contains(&word))
}

fn retention(word: &str) -> Recognized {
    Recognized::when(RETENTION.contains(&word))
}

fn seat_type(word: &str) -> Recognized {
    let seat = wire::Seat { seat_type: text(word), ..wire::Seat::default() };
    Recognized::when(convert::seat_type(&seat, &mut Notes::new(endpoints::SEATS)) != SeatType::Other)
}

fn seat_state(word: &str) -> Recognized {
    let seat = wire::Seat { seat_state: text(word), ..wire::Seat::default() };
    Recognized::when(convert::seat_state(&seat, &mut Notes::new(endpoints::SEATS)) != SeatState::Unknown)
}

fn billable(word: &str) -> Recognized {
    is_read::<wire::Billable>(word)
}

fn window(word: &str) -> Recognized {
    Recognized::when(matches!(wire::Position::text(word), Field::Value(wire::Position(newer)) if newer < MAX_DAYS))
}

/// Of a customer, or of a day.
fn status(word: &str) -> Recognized {
    let domain = wire::Domain { status: text(word), ..wire::Domain::default() };
    let is_of_customer = convert::status(&[domain], &mut Notes::new(endpoints::DOMAINS)).is_some();
    let mut notes = Notes::new(endpoints::APPLICATIONS);
    applications::status(word, &mut notes);
    Recognized::when(is_of_customer || notes.into_drift().is_empty())
}

fn app_type(word: &str) -> Recognized {
    Recognized::when(applications::is_known_app_type(word))
}

fn bucket(word: &str) -> Recognized {
    Recognized::when(applications::bucket_gap(word).is_some_and(|gap| gap <= applications::DAY * MAX_DAYS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::vocabulary::tests::fields_of;

    #[test]
    fn every_field_that_is_read_is_listed() {
        let read = [
            fields_of::<wire::Domain>(),
            fields_of::<wire::BackupStats>(),
            fields_of::<wire::Seat>(),
            fields_of::<wire::Applications>(),
            fields_of::<wire::Suite>(),
            fields_of::<wire::App>(),
            fields_of::<wire::Window>(),
        ];
        for field in read.concat() {
            assert!(FIELDS.iter().any(|(name, _)| *name == field), "{field}");
        }
    }

    #[test]
    fn only_words_that_the_conversion_knows_are_known() {
        for (recognize, known, unknown) in [
            (product as fn(&str) -> Recognized, "Office365", "Office365 of Ada"),
            (retention, "ICR", "ADA"),
            (seat_type, "SharedMailbox", "Robot"),
            (seat_state, "Unlicensed", "Resting"),
            (billable, "1", "maybe"),
            (window, "Between0dAnd1d", "Between0dAnd2d"),
            (window, "Between998dAnd999d", "Between2125550122dAnd2125550123d"),
            (status, "Backup With Issues", "Superb"),
            (status, "active", "throttled"),
            (app_type, "Office365Exchange", "Office365Planner"),
            (bucket, "OVER_10_DAYS_AGO", "OVER_AGES_AGO"),
            (bucket, "OVER_999_DAYS_AGO", "OVER_2125550123_DAYS_AGO"),
        ] {
            assert_eq!(recognize(known), Recognized::Known, "{known}");
            assert_eq!(recognize(unknown), Recognized::Unknown, "{unknown}");
        }
    }
}
