//! Lists what is known to be wrong: an entry that does not fail any more must go, so that the list only shrinks.

use super::judge::Wrong;

/// Vendor, endpoint, field, and the changes.
pub(crate) type Known = (&'static str, &'static str, &'static str, &'static str);

pub(crate) const KNOWN: &[Known] = &[];

/// What is wrong after a step of the clock: what, vendor, and the step in hours.
pub(crate) const KNOWN_STEPS: &[(Wrong, &str, i64)] = &[
    (Wrong::ImpossibleTime, "datto", 7),
    (Wrong::ImpossibleTime, "datto", 30),
    (Wrong::ImpossibleTime, "datto", 87_600),
    (Wrong::ImpossibleTime, "dropsuite", 7),
    (Wrong::ImpossibleTime, "dropsuite", 30),
    (Wrong::ImpossibleTime, "dropsuite", 87_600),
    (Wrong::NeverExpires, "datto", 7),
    (Wrong::NeverExpires, "datto", 30),
    (Wrong::NeverExpires, "datto", 87_600),
    (Wrong::NeverExpires, "dropsuite", 7),
    (Wrong::NeverExpires, "dropsuite", 30),
    (Wrong::NeverExpires, "dropsuite", 87_600),
];

/// What is wrong without any change: vendor, the state that is shown, and the true one.
pub(crate) const KNOWN_UNCHANGED: &[(&str, &str, &str)] = &[];
