//! Reads how many accounts of a tenant may be without a backup, and until when.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::cells::Cells;
use super::number::number;
use crate::domain::Timestamp;
use crate::domain::expected::Accepted;

/// Of a longer text, such as a time, the day would be read.
const DATE_LENGTH: usize = "YYYY-MM-DD".len();

/// A longer cell is not quoted.
const MAX_QUOTED: usize = 40;

/// The exception of a record, or everything that is wrong with it: neither column stands alone.
pub(super) fn accepted(cells: &Cells) -> Result<Option<Accepted>, Vec<String>> {
    let (unprotected, until) = (&cells.unprotected_accepted, &cells.unprotected_accepted_until);
    let unprotected = unprotected.as_deref().map(|text| number("unprotected_accepted", text));
    let until = until.as_deref().map(end_of_day);
    match (unprotected, until) {
        (None, None) => Ok(None),
        (Some(Ok(unprotected)), Some(Ok(until))) => Ok(Some(Accepted { unprotected, until })),
        (unprotected, until) => {
            let missing = |is_none: bool, column: &str, other: &str| {
                is_none
                    .then(|| format!("{column} is not set, but {other} is: an exception has a number and a last day"))
            };
            let (number, day) = ("unprotected_accepted", "unprotected_accepted_until");
            let missing = [missing(unprotected.is_none(), number, day), missing(until.is_none(), day, number)];
            let wrong = [unprotected.and_then(Result::err), until.and_then(Result::err)];
            Err(wrong.into_iter().chain(missing).flatten().collect())
        }
    }
}

/// The end of a day in UTC. Day and month are not guessed: 03/04/2027 is one day in London and another in New York.
fn end_of_day(text: &str) -> Result<Timestamp, String> {
    const COLUMN: &str = "unprotected_accepted_until";
    let is_date = text.len() == DATE_LENGTH && text.is_ascii();
    let day = is_date.then(|| text.parse::<Date>().ok()).flatten();
    let end = day.and_then(|day| day.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok());
    end.map(|end| Timestamp::from_millis(end.timestamp().as_millisecond())).ok_or_else(|| {
        let shown = if text.len() > MAX_QUOTED { COLUMN.to_owned() } else { format!("{COLUMN} {text:?}") };
        format!("{shown} is not a date (YYYY-MM-DD)")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tenant_list::Cells as _;

    fn read(number: &str, until: &str) -> Result<Option<Accepted>, Vec<String>> {
        let mut cells = Cells::default();
        cells.take("unprotected_accepted", number).unwrap();
        cells.take("unprotected_accepted_until", until).unwrap();
        accepted(&cells)
    }

    #[test]
    fn an_exception_lasts_until_the_end_of_its_last_day() {
        let until = Timestamp::from_millis(1_798_761_600_000);
        assert_eq!(read("3", "2026-12-31"), Ok(Some(Accepted { unprotected: 3, until })));
        assert_eq!(read("", ""), Ok(None));
    }

    #[test]
    fn what_is_no_exception_is_reported() {
        const MISSING: &str = "is: an exception has a number and a last day";
        for (number, until, problems) in [
            ("3", "", &[&*format!("unprotected_accepted_until is not set, but unprotected_accepted {MISSING}")][..]),
            (
                "",
                "2026-12-31",
                &[&format!("unprotected_accepted is not set, but unprotected_accepted_until {MISSING}")],
            ),
            ("3", "31.12.2026", &["unprotected_accepted_until \"31.12.2026\" is not a date (YYYY-MM-DD)"]),
            ("3", "03/04/2027", &["unprotected_accepted_until \"03/04/2027\" is not a date (YYYY-MM-DD)"]),
            ("3", "2026-02-30", &["unprotected_accepted_until \"2026-02-30\" is not a date (YYYY-MM-DD)"]),
            ("3", "2026-12-31T10:00", &["unprotected_accepted_until \"2026-12-31T10:00\" is not a date (YYYY-MM-DD)"]),
            (
                "few",
                "soon",
                &[
                    "unprotected_accepted \"few\" is not a whole number from 0 to 10000000",
                    "unprotected_accepted_until \"soon\" is not a date (YYYY-MM-DD)",
                ],
            ),
        ] {
            assert_eq!(read(number, until).unwrap_err(), problems, "{number} {until}");
        }
    }
}
