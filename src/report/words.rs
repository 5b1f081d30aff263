//! Formats shares, durations and names for customers.

/// A share as a percentage, rounded down, so that only all of it is 100 %; a little is never 0 %.
pub(super) fn percent(part: u64, all: u64) -> String {
    if all == 0 {
        return "not known".to_owned();
    }
    let tenths = u128::from(part) * 1000 / u128::from(all);
    match (part, tenths) {
        (0, _) => "0 %".to_owned(),
        (_, 0) => "< 0.1 %".to_owned(),
        (_, 1000) => "100 %".to_owned(),
        _ => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// A duration in its two largest units, rounded down.
pub(super) fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds % 86_400 / 3600, seconds % 3600 / 60);
    match (days, hours) {
        (0, 0) if minutes == 0 && seconds > 0 => format!("{seconds} s"),
        (0, 0) => format!("{minutes} min"),
        (0, _) if minutes == 0 => format!("{hours} h"),
        (0, _) => format!("{hours} h {minutes} min"),
        (_, 0) => format!("{days} d"),
        _ => format!("{days} d {hours} h"),
    }
}

/// A workload as people call it.
pub(super) fn workload(name: &str) -> String {
    match name {
        "onedrive" => "OneDrive".to_owned(),
        "sharepoint" => "SharePoint".to_owned(),
        "teams" => "Teams".to_owned(),
        "shared_drive" => "Shared drives".to_owned(),
        "google_drive" => "Google Drive".to_owned(),
        other => {
            let mut letters = other.chars();
            let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
            first + &letters.as_str().replace('_', " ")
        }
    }
}

/// An alert as people call it: `SaasBackupWorkloadStale` is "Workload stale".
pub(super) fn alert(name: &str) -> String {
    let mut words = String::new();
    for letter in name.strip_prefix("SaasBackup").unwrap_or(name).chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

/// A number of things.
pub(super) fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "not known".to_owned(), |value| format!("{value:.0}"))
}

/// A time to the minute, in a time zone.
pub(super) fn moment(seconds: i64, zone: &str) -> String {
    let at = jiff::Timestamp::from_second(seconds).ok();
    let zoned = at.and_then(|at| at.in_tz(zone).ok());
    zoned.map_or_else(|| "not known".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_of_it_is_a_hundred_percent() {
        for (part, all, words) in [
            (0, 10, "0 %"),
            (10, 10, "100 %"),
            (9_999, 10_000, "99.9 %"),
            (1, 10_000, "< 0.1 %"),
            (1, 3, "33.3 %"),
            (0, 0, "not known"),
        ] {
            assert_eq!(percent(part, all), words, "{part}/{all}");
        }
        assert_eq!([30, 7500, 7200, 90_000, 86_400].map(duration), ["30 s", "2 h 5 min", "2 h", "1 d 1 h", "1 d"]);
        assert_eq!(alert("SaasBackupWorkloadStale"), "Workload stale");
        assert_eq!((workload("onedrive"), workload("custom_app")), ("OneDrive".into(), "Custom app".into()));
        assert_eq!(moment(1_790_812_800, "Europe/Vienna"), "2026-10-01 02:00");
    }
}
