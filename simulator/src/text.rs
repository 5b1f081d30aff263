//! Writes times and names in the spellings the vendors use.

use jiff::Timestamp;

/// `2023-05-11T06:43:27.040Z`, as backed up resources carry it.
pub(crate) fn milliseconds(millis: i64) -> String {
    format!("{:.3}", timestamp(millis))
}

/// `2024-09-11T10:03:04.514919Z`, as domains and delegated users carry it.
pub(crate) fn microseconds(millis: i64) -> String {
    format!("{:.6}", timestamp(millis))
}

/// `2024-09-11T10:03:04Z`, as the Datto document's last backups carry it.
pub(crate) fn seconds(millis: i64) -> String {
    format!("{:.0}", timestamp(millis))
}

/// `2024-09-11T10:03:04+00:00`, as Datto's seats carry it.
pub(crate) fn seconds_with_offset(millis: i64) -> String {
    timestamp(millis).strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// `2020-03-26`, as a drive's last activity carries it.
pub(crate) fn date(millis: i64) -> String {
    timestamp(millis).strftime("%F").to_string()
}

/// `2023/05/22 07:43`, as invites carry it.
pub(crate) fn invite_time(millis: i64) -> String {
    timestamp(millis).strftime("%Y/%m/%d %H:%M").to_string()
}

/// The part of a host name that a company of this name would choose; empty when no letter or digit is left.
pub(crate) fn host_label(name: &str) -> String {
    let words = name.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

fn timestamp(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spelled_as_in_the_document() {
        let moment = 1_683_787_407_040;
        assert_eq!(milliseconds(moment), "2023-05-11T06:43:27.040Z");
        assert_eq!(microseconds(moment), "2023-05-11T06:43:27.040000Z");
        assert_eq!(seconds(moment), "2023-05-11T06:43:27Z");
        assert_eq!(seconds_with_offset(moment), "2023-05-11T06:43:27+00:00");
        assert_eq!(date(moment), "2023-05-11");
        assert_eq!(invite_time(moment), "2023/05/11 06:43");
    }

    #[test]
    fn a_host_label_survives_a_hostile_name() {
        assert_eq!(host_label("quo\"ted \\ Söhne"), "quo-ted-s-hne");
        assert_eq!(host_label("\n<>"), "");
    }
}
