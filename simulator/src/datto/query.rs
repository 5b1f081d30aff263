//! Reads the parameters of a request and refuses what the vendor does not take.

use std::collections::BTreeSet;

use url::form_urlencoded;

use super::fleet::SeatType;
use super::refusal::Refusal;

/// The decoded parameters in the order of the request.
#[derive(Debug)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        Self { pairs: form_urlencoded::parse(text.as_bytes()).into_owned().collect() }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A whole number within its bounds; `default` when the parameter is missing.
    fn number(&self, name: &str, default: usize, bounds: std::ops::RangeInclusive<usize>) -> Result<usize, Refusal> {
        let Some(text) = self.get(name) else { return Ok(default) };
        text.parse().ok().filter(|number| bounds.contains(number)).ok_or_else(|| {
            Refusal::BadRequest(format!("{name} must be a number from {} to {}", bounds.start(), bounds.end()))
        })
    }

    /// The kinds of seats asked for, as one text with commas; all of them when the parameter is missing.
    pub(super) fn seat_types(&self) -> Result<BTreeSet<&'static str>, Refusal> {
        let Some(text) = self.get("seatType") else { return Ok(SeatType::ALL.map(SeatType::word).into()) };
        let kinds = text.split(',').map(|word| SeatType::from_word(word).map(SeatType::word));
        kinds.collect::<Option<_>>().ok_or_else(|| Refusal::BadRequest("seatType holds an unknown type".to_owned()))
    }

    /// How many days of history are asked for.
    pub(super) fn days_until(&self) -> Result<usize, Refusal> {
        self.number("daysUntil", 10, 1..=30)
    }

    /// Whether the seats are to be counted too; the vendor takes 0 and 1, no words.
    pub(super) fn include_remote_id(&self) -> Result<bool, Refusal> {
        self.number("includeRemoteID", 0, 0..=1).map(|number| number == 1)
    }

    pub(super) fn page(&self) -> Result<usize, Refusal> {
        self.number("_page", 1, 1..=usize::MAX)
    }

    pub(super) fn per_page(&self, default: usize) -> Result<usize, Refusal> {
        self.number("_perPage", default, 1..=1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_ten_unless_asked_otherwise_and_never_above_thirty() {
        let days = |text| Query::parse(text).days_until().ok();
        assert_eq!(days(""), Some(10));
        assert_eq!(days("daysUntil=30"), Some(30));
        for text in ["daysUntil=31", "daysUntil=0", "daysUntil=-1", "daysUntil=ten", "daysUntil="] {
            assert_eq!(days(text), None, "{text}");
        }
    }

    #[test]
    fn seat_types_are_one_text_with_commas() {
        let types = |text| Query::parse(text).seat_types().ok().map(|types| types.into_iter().collect::<Vec<_>>());
        assert_eq!(types("seatType=User%2CSharedMailbox"), Some(vec!["SharedMailbox", "User"]));
        assert_eq!(types("").map(|types| types.len()), Some(6));
        assert_eq!(types("seatType=user"), None);
    }
}
