//! Reads the parameters of a request and rejects those that the vendor does not accept.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::fleet::SeatType;
use super::refusal::Refusal;
use crate::query::Query;

/// How many days of history may be asked for.
const DAYS: RangeInclusive<usize> = 1..=30;

/// How many days of history are asked for.
pub(super) fn days_until(query: &Query) -> Result<usize, Refusal> {
    number(query, "daysUntil", 10, DAYS)
}

/// Whether the seats are to be counted too; the vendor takes 0 and 1, no words.
pub(super) fn include_remote_id(query: &Query) -> Result<bool, Refusal> {
    number(query, "includeRemoteID", 0, 0..=1).map(|number| number == 1)
}

pub(super) fn page(query: &Query) -> Result<usize, Refusal> {
    number(query, "_page", 1, 1..=usize::MAX)
}

pub(super) fn per_page(query: &Query, default: usize) -> Result<usize, Refusal> {
    number(query, "_perPage", default, 1..=1_000)
}

/// The kinds of seats asked for, as one text with commas; all of them when the parameter is missing.
pub(super) fn seat_types(query: &Query) -> Result<BTreeSet<&'static str>, Refusal> {
    let Some(text) = query.get("seatType") else { return Ok(SeatType::ALL.map(SeatType::word).into()) };
    let kinds = text.split(',').map(|word| SeatType::from_word(word).map(SeatType::word));
    kinds.collect::<Option<_>>().ok_or_else(|| Refusal::BadRequest("seatType holds an unknown type".to_owned()))
}

fn number(query: &Query, name: &str, default: usize, bounds: RangeInclusive<usize>) -> Result<usize, Refusal> {
    let (least, most) = (*bounds.start(), *bounds.end());
    let refusal = || Refusal::BadRequest(format!("{name} must be a number from {least} to {most}"));
    query.number(name, default, bounds).ok_or_else(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_ten_unless_asked_otherwise_and_never_above_thirty() {
        let days = |text| days_until(&Query::parse(text)).ok();
        assert_eq!(days(""), Some(10));
        assert_eq!(days("daysUntil=30"), Some(30));
        for text in ["daysUntil=31", "daysUntil=0", "daysUntil=-1", "daysUntil=ten", "daysUntil="] {
            assert_eq!(days(text), None, "{text}");
        }
    }

    #[test]
    fn seat_types_are_one_text_with_commas() {
        let types = |text| seat_types(&Query::parse(text)).ok().map(|types| types.into_iter().collect::<Vec<_>>());
        assert_eq!(types("seatType=User%2CSharedMailbox"), Some(vec!["SharedMailbox", "User"]));
        assert_eq!(types("").map(|types| types.len()), Some(6));
        assert_eq!(types("seatType=user"), None);
    }
}
