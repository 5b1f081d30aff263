//! Renders the fixed lists that require only the reseller token.

use serde_json::json;

use super::call::{Call, Outcome};

/// `GET /countries`.
pub(super) fn countries(_: &Call<'_>) -> Outcome {
    let countries = [
        ("AF", "Afghanistan"),
        ("AX", "Aland Islands"),
        ("AL", "Albania"),
        ("AU", "Australia"),
        ("CA", "Canada"),
        ("DE", "Germany"),
        ("GB", "United Kingdom"),
        ("US", "United States"),
    ];
    let rows = countries.map(|(code, name)| json!({"id": null, "country_code": code, "country_name": name}));
    Ok(json!(rows).into())
}

/// `GET /timezones`.
pub(super) fn timezones(_: &Call<'_>) -> Outcome {
    let zones = ["International Date Line West", "Midway Island", "American Samoa", "Berlin", "London", "UTC"];
    Ok(json!(zones.map(|zone| json!({"zone_id": zone, "zone_name": zone}))).into())
}

/// `GET /locales`.
pub(super) fn locales(_: &Call<'_>) -> Outcome {
    Ok(json!({"japanese": "ja", "english": "en"}).into())
}

/// `GET /status`: a JSON string, not an object.
pub(super) fn status(_: &Call<'_>) -> Outcome {
    Ok(json!("OK").into())
}
