//! Replaces the values of a response by their classes.
//!
//! A replaced value is a text in angle brackets, such as `<email 3 at 1>`: digits, and words of this module alone, so no
//! part of the value can be in it.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp as Moment;
use serde_json::{Map, Number, Value};
use url::Url;

use super::served::{MAX_LENGTH, NO_TEXT};
use crate::domain::{Provider, Timestamp};
use crate::provider::{Recognized, Role, role};

/// Counts from here on are rounded: nothing is said of large numbers but their size.
const MAX_COUNT: u64 = 9_999;
/// A number in a field of words is a code up to here.
const MAX_CODE: u64 = 99;
/// Longer texts are no words.
const MAX_WORD: usize = 40;
/// Longer numbers in a word that the operator wants to be written may be ids.
const MAX_DIGITS_OF_WORD: usize = 3;
/// Pages and rows have no more digits.
const MAX_DIGITS_OF_PAGE: usize = 4;
/// A text with bytes that are none: its record is unreadable.
const NO_TEXT_CLASS: &str = "<no text>";
/// Parameters that number pages.
const PAGING: [&str; 4] = ["page", "per_page", "_page", "_perPage"];
/// A number is a time in milliseconds within so many of them from now: thirty years.
const NEAR: i64 = 30 * 365 * 24 * 60 * 60 * 1000;

/// The classes that number their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Class {
    Id,
    Token,
    Email,
    Domain,
    Guid,
    Digits,
    Text,
    Key,
    Value,
}

/// How much of a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Precision {
    /// Its distance from the response, which decides a state.
    Exact,
    /// The order of magnitude of that: in a field that holds no times it may be a date of birth.
    Magnitude,
}

/// Replaces the values of one recording. What they were is kept only here, to recognize them again.
#[derive(Debug)]
pub struct Shapes {
    provider: Provider,
    /// Fields whose words the operator wants to be written.
    words: BTreeSet<String>,
    numbers: HashMap<(Class, String), usize>,
    count: HashMap<Class, usize>,
}

impl Shapes {
    /// Nothing is known yet; the words of these fields are written as they are.
    #[must_use]
    pub fn new(provider: Provider, words: impl IntoIterator<Item = String>) -> Self {
        Self { provider, words: words.into_iter().collect(), numbers: HashMap::new(), count: HashMap::new() }
    }

    /// The shape of a response received at `now`.
    pub fn body(&mut self, body: &Value, now: Timestamp) -> Value {
        self.value(body, "", now)
    }

    /// A credential that decides whose data is meant.
    pub fn credential(&mut self, credential: &str) -> String {
        self.numbered(Class::Token, "token", credential)
    }

    /// An id in a path.
    pub fn id(&mut self, id: &str) -> String {
        self.numbered(Class::Id, "id", id)
    }

    /// A parameter of a request or link: what numbers pages and public words are kept; other words are as in responses,
    /// from which the clients take them.
    pub fn parameter(&mut self, name: &str, value: &str, now: Timestamp) -> (String, String) {
        let role = role(self.provider, name);
        let is_page = PAGING.contains(&name) && value.len() <= MAX_DIGITS_OF_PAGE && is_digits(value);
        // A link separates its parameters by spaces.
        let is_public = || is_public(role, value) && !value.contains(' ');
        let shape = match role {
            _ if is_page || is_public() => value.to_owned(),
            Some(Role::Id) => self.id(value),
            Some(Role::Word(_)) => self.text(value, name, now),
            _ => String::new(),
        };
        // A link has no place for spaces, but for the one of a class.
        let is_short = !shape.is_empty() && shape.matches(' ').count() == usize::from(shape.starts_with('<'));
        let shape = if is_short { shape } else { self.numbered(Class::Value, "value", value) };
        (self.key(name), shape)
    }

    fn number_of(&mut self, class: Class, value: &str) -> usize {
        let count = self.count.entry(class).or_default();
        *self.numbers.entry((class, value.to_owned())).or_insert_with(|| {
            *count += 1;
            *count
        })
    }

    fn numbered(&mut self, class: Class, name: &str, value: &str) -> String {
        format!("<{name} {}>", self.number_of(class, value.trim()))
    }

    /// A name that the vendor's documents know is kept; any other may be data, as in an object by address.
    fn key(&mut self, key: &str) -> String {
        match role(self.provider, key) {
            Some(_) => key.to_owned(),
            None if key.contains(NO_TEXT) => NO_TEXT_CLASS.to_owned(),
            None => self.numbered(Class::Key, "key", key),
        }
    }

    fn value(&mut self, value: &Value, field: &str, now: Timestamp) -> Value {
        match value {
            Value::Null | Value::Bool(_) => value.clone(),
            Value::Number(number) => self.number(number, field, now),
            Value::String(text) => Value::String(self.text(text, field, now)),
            Value::Array(items) => items.iter().map(|item| self.value(item, field, now)).collect(),
            Value::Object(fields) => {
                let entries = fields.iter().map(|(key, value)| (self.key(key), self.value(value, key, now)));
                Value::Object(entries.collect::<Map<_, _>>())
            }
        }
    }

    fn number(&mut self, number: &Number, field: &str, now: Timestamp) -> Value {
        let time = || number.as_i64().and_then(|number| epoch(number, now));
        match (role(self.provider, field), number.as_u64()) {
            (Some(Role::Id | Role::Secret), Some(id)) => {
                Value::String(format!("<id {} as number>", self.number_of(Class::Id, &id.to_string())))
            }
            (Some(Role::Count), Some(count)) if count <= MAX_COUNT => count.into(),
            (Some(role), Some(code)) if role.recognize().is_some() && code <= MAX_CODE => code.into(),
            // Elsewhere such a number may be one of a telephone.
            (Some(role), _) if role.may_be_time() => time().map_or_else(|| magnitude(number), Value::String),
            _ => magnitude(number),
        }
    }

    fn text(&mut self, text: &str, field: &str, now: Timestamp) -> String {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return String::new();
        }
        if text.contains(NO_TEXT) {
            return NO_TEXT_CLASS.to_owned();
        }
        // JSON's own words, which some fields have as text.
        if matches!(trimmed, "true" | "false" | "null") {
            return trimmed.to_owned();
        }
        let role = role(self.provider, field);
        let may_be_time = role.is_some_and(Role::may_be_time);
        let mut sounds_like_failure = false;
        match role {
            Some(Role::Id) if trimmed.len() <= 256 => return self.numbered(Class::Id, "id", trimmed),
            Some(Role::Secret) => return self.numbered(Class::Token, "token", trimmed),
            Some(Role::Link | Role::Count) if text.contains('?') => return self.link(text, now),
            Some(Role::Count | Role::Amount) => {
                if let Some(number) = trimmed.parse::<u64>().ok().filter(|_| is_digits(trimmed)) {
                    let is_kept = matches!(role, Some(Role::Count)) && number <= MAX_COUNT;
                    return if is_kept { number } else { rounded(number) }.to_string();
                }
            }
            _ => match recognized(role, trimmed) {
                Recognized::Known => return trimmed.to_owned(),
                Recognized::Failure => sounds_like_failure = true,
                Recognized::Unknown => {}
            },
        }
        if self.words.contains(field) && is_word(trimmed) && !has_long_number(trimmed) {
            return trimmed.to_owned();
        }
        let precision = if may_be_time { Precision::Exact } else { Precision::Magnitude };
        if let Some(time) = time(trimmed, now, precision) {
            return time;
        }
        let length = text.chars().count().min(MAX_LENGTH);
        if sounds_like_failure {
            return format!("<failure({length}) {}>", self.number_of(Class::Text, text));
        }
        if is_digits(trimmed) {
            let epoch = trimmed.parse().ok().and_then(|number| epoch(number, now));
            return match epoch {
                Some(epoch) if may_be_time => epoch.replace('>', " as text>"),
                _ => format!("<digits({}) {}>", trimmed.len().min(MAX_LENGTH), self.number_of(Class::Digits, trimmed)),
            };
        }
        if is_guid(trimmed) {
            return self.numbered(Class::Guid, "guid", &trimmed.to_ascii_lowercase());
        }
        match trimmed.split_once('@') {
            Some((name, domain)) if !name.is_empty() && is_domain(domain) && !name.contains(char::is_whitespace) => {
                let domain = self.number_of(Class::Domain, &domain.to_ascii_lowercase());
                return format!("<email {} at {domain}>", self.number_of(Class::Email, &trimmed.to_ascii_lowercase()));
            }
            _ if is_domain(trimmed) => return self.numbered(Class::Domain, "domain", &trimmed.to_ascii_lowercase()),
            _ => {}
        }
        format!("<text({length}) {}>", self.number_of(Class::Text, text))
    }

    /// Of a link only the parameters matter, and of these only what numbers pages is kept.
    fn link(&mut self, link: &str, now: Timestamp) -> String {
        let base = Url::parse("http://vendor.invalid/").expect("it is a URL");
        let Ok(url) = base.join(link) else { return "<link>".to_owned() };
        let parameters = url.query_pairs().map(|(name, value)| {
            let (name, value) = self.parameter(&name, &value, now);
            format!(" {}={}", within_link(&name), within_link(&value))
        });
        format!("<link{}>", parameters.collect::<String>())
    }
}

/// A class as links have it: `key1` for `<key 1>`.
fn within_link(class: &str) -> String {
    class.chars().filter(|letter| !"< >".contains(*letter)).collect()
}

/// Whether the clients know a text that may be a word of this field.
fn recognized(role: Option<Role>, text: &str) -> Recognized {
    match role.and_then(Role::recognize) {
        Some(recognize) if is_word(text) => recognize(text),
        _ => Recognized::Unknown,
    }
}

fn is_public(role: Option<Role>, text: &str) -> bool {
    recognized(role, text) == Recognized::Known
}

fn has_long_number(text: &str) -> bool {
    text.split(|letter: char| !letter.is_ascii_digit()).any(|digits| digits.len() > MAX_DIGITS_OF_WORD)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text can be a word of a vocabulary: those have neither signs nor letters of other alphabets.
fn is_word(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" _-".contains(&byte);
    text.len() <= MAX_WORD && text.bytes().all(is_plain)
}

fn is_guid(text: &str) -> bool {
    let is_hexadecimal = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(is_hexadecimal)
}

fn is_domain(text: &str) -> bool {
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let ending = text.rsplit('.').next().unwrap_or_default();
    text.contains('.') && text.split('.').all(is_label) && ending.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// The power of ten below a number, and zero itself.
fn rounded(number: u64) -> u64 {
    number.checked_ilog10().map_or(0, |digits| 10_u64.pow(digits))
}

/// A number of the same type, sign and order of magnitude.
fn magnitude(number: &Number) -> Value {
    if let Some(number) = number.as_u64() {
        return rounded(number).into();
    }
    if let Some(number) = number.as_i64() {
        return i64::try_from(rounded(number.unsigned_abs())).map_or(i64::MIN, |rounded| -rounded).into();
    }
    let float = number.as_f64().unwrap_or(0.0);
    let rounded = if float == 0.0 { 0.0 } else { 10_f64.powf(float.abs().log10().floor()).copysign(float) };
    Number::from_f64(rounded).map_or(Value::Null, Value::Number)
}

fn seconds(millis: i64) -> String {
    let sign = if millis < 0 { "-" } else { "+" };
    format!("{sign}{}.{:03}s", millis.unsigned_abs() / 1000, millis.unsigned_abs() % 1000)
}

/// A time since the epoch, by its distance from now; `None` for a number that is none.
fn epoch(number: i64, now: Timestamp) -> Option<String> {
    let distance = |millis: i64| Some(millis.checked_sub(now.as_millis())?).filter(|distance| distance.abs() <= NEAR);
    let (millis, unit) = match distance(number) {
        Some(millis) => (millis, "ms"),
        None => (distance(number.checked_mul(1000)?)?, "s"),
    };
    Some(format!("<time {} as {unit}>", seconds(millis)))
}

/// A time in text, by its distance from now and its form; `None` for a text that is none.
fn time(text: &str, now: Timestamp, precision: Precision) -> Option<String> {
    let (moment, form) = match text.parse::<Moment>() {
        Ok(moment) => (moment, iso_form(text, moment)),
        Err(_) => {
            let date = |format| jiff::civil::DateTime::strptime(format, text).ok();
            let day = jiff::civil::Date::strptime("%Y-%m-%d", text).ok().map(|day| day.at(0, 0, 0, 0));
            let (civil, form) = day
                .map(|day| (day, "day"))
                .or_else(|| date("%Y/%m/%d %H:%M").map(|minute| (minute, "minute")))
                .or_else(|| date("%Y-%m-%d %H:%M:%S").map(|second| (second, "second")))?;
            (civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp(), form.to_owned())
        }
    };
    let distance = moment.as_millisecond().checked_sub(now.as_millis())?;
    let distance = match precision {
        Precision::Exact => distance,
        Precision::Magnitude => i64::try_from(rounded(distance.unsigned_abs())).ok()? * distance.signum(),
    };
    Some(format!("<time {} as {form}>", seconds(distance)))
}

/// The form of a time in ISO 8601: the digits of its fraction, and its zone.
fn iso_form(text: &str, moment: Moment) -> String {
    let fraction = text.split_once('.').map_or(0, |(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
    let zone = match text.get(19..).and_then(|rest| rest.rfind(['+', '-']).and_then(|at| rest.get(at..))) {
        Some(offset) if offset.len() == 6 => offset,
        _ => "Z",
    };
    let form = format!("iso{}{zone}", fraction.min(9));
    // A zone that cannot be written again is written as that of the vendor's other times.
    if super::served::written(moment, &form).is_some() { form } else { "iso3Z".to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::recording::{Place, served, text};

    const NOW: Timestamp = Timestamp::from_millis(1_763_752_800_123);

    #[expect(clippy::needless_pass_by_value, reason = "most of the values are made where they are passed")]
    fn shape(provider: Provider, body: Value) -> Value {
        Shapes::new(provider, []).body(&body, NOW)
    }

    #[test]
    fn a_response_keeps_its_structure_and_what_the_clients_know() {
        let row = json!({
            "id": 4711, "organization_id": "440032-6", "email": "ada@contoso.example", "username": "ADA@contoso.example",
            "domain": "contoso.example", "current_backup_status": "Completed", "display_name": "Completed",
            "last_backup": "2025-11-21T18:20:00.123Z", "storage": 3_525_592, "seats_used": 12, "msg_count": 0,
            "errors": {"imap.contoso.example": "timed out"}, "authentication_token": "tok-1", "mailbox": true,
            "Ada Lovelace": -37, "upn": null, "expire": "2023/05/22 07:43", "status": "Nursing",
        });
        let expected = json!({
            "id": "<id 1 as number>", "organization_id": "<id 2>", "email": "<email 1 at 1>",
            "username": "<email 1 at 1>", "domain": "<domain 1>", "current_backup_status": "Completed",
            "display_name": "<text(9) 1>", "last_backup": "<time -3600.000s as iso3Z>", "storage": 1_000_000,
            "seats_used": 12, "msg_count": 0, "errors": {"<key 2>": "<text(9) 3>"}, "authentication_token": "<token 1>",
            "mailbox": true, "<key 1>": -10, "upn": null, "expire": "<time -79011420.123s as minute>",
            "status": "<text(7) 2>",
        });
        let found = shape(Provider::Dropsuite, row);
        let (found, expected) = (found.as_object().unwrap(), expected.as_object().unwrap());
        let numberless = |value: &Value| {
            let text = value.to_string();
            text.split(' ')
                .map(|word| word.trim_end_matches(|c: char| "0123456789>\"}".contains(c)))
                .collect::<String>()
        };
        assert_eq!(found.len(), expected.len());
        for (key, value) in expected.iter().filter(|(key, _)| !key.starts_with('<')) {
            assert_eq!(numberless(&found[key]), numberless(value), "{key}");
        }
        assert_eq!(found["email"], found["username"], "the same address");
    }

    #[test]
    fn numbers_keep_type_sign_and_size() {
        for (number, expected) in [
            (json!(0), json!(0)),
            (json!(7), json!(1)),
            (json!(-4_711), json!(-1_000)),
            (json!(u64::MAX), json!(10_000_000_000_000_000_000_u64)),
            (json!(i64::MIN), json!(-1_000_000_000_000_000_000_i64)),
            (json!(79.78), json!(10.0)),
            (json!(-0.25), json!(-0.1)),
            (json!(1_763_752_800_u64 - 60), json!(1_000_000_000)),
        ] {
            assert_eq!(shape(Provider::Datto, json!({ "name": number }))["name"], expected, "{number}");
        }
    }

    #[test]
    fn only_a_field_of_times_has_their_distance() {
        for (field, value, expected) in [
            ("startTime", json!(1_763_752_800_123_u64 - 60_000), json!("<time -60.000s as ms>")),
            ("startTime", json!(1_763_752_800_u64 - 60), json!("<time -60.123s as s>")),
            ("lastFullyProtectedTime", json!("1763752740"), json!("<time -60.123s as s as text>")),
            ("lastBackup", json!("2025-11-21T18:20:00.123Z"), json!("<time -3600.000s as iso3Z>")),
            // The number of a telephone, as number and as text, and a date of birth.
            ("telephone", json!(2_125_550_123_u64), json!(1_000_000_000)),
            ("telephone", json!("2125550123"), json!("<digits(10) 1>")),
            ("status", json!(2_125_550_123_u64), json!(1_000_000_000)),
            ("status", json!("2125550123"), json!("<digits(10) 1>")),
            ("name", json!("1985-04-12"), json!("<time -1000000000.000s as day>")),
            ("birthday", json!("1985-04-12T06:30:00+02:00"), json!("<time -1000000000.000s as iso0+02:00>")),
        ] {
            let key = role(Provider::Datto, field).map_or("<key 1>", |_| field);
            assert_eq!(shape(Provider::Datto, json!({ field: value })), json!({ key: expected }));
        }
    }

    #[test]
    fn a_parameter_is_a_page_or_a_public_word_or_a_number_of_its_own() {
        for (name, value, expected) in [
            ("page", "12", ("page", "12")),
            ("page", "120345", ("page", "<value 1>")),
            ("after", "4711", ("<key 1>", "<value 1>")),
            ("type", "m365", ("type", "m365")),
            ("current_backup_status", "Preparing Backup", ("current_backup_status", "<value 1>")),
            ("current_backup_status", "Hibernating", ("current_backup_status", "<text(11) 1>")),
            ("current_backup_status", "ada@contoso.example", ("current_backup_status", "<value 1>")),
            ("domain_id", "4711", ("domain_id", "<id 1>")),
        ] {
            let found = Shapes::new(Provider::Dropsuite, []).parameter(name, value, NOW);
            assert_eq!((found.0.as_str(), found.1.as_str()), expected);
        }
    }

    #[test]
    fn the_parameters_of_a_link_are_those_of_the_request_that_follows_it() {
        let mut shapes = Shapes::new(Provider::Dropsuite, []);
        let link = "/api/users?cursor=ada%40contoso.example&domain_id=4711&page=2&mood=%FF%FE&type=zoho&status=";
        let found = shapes.body(&json!({ "next_url": link, "type": "zoho" }), NOW);
        assert_eq!(found["type"], "<text(4) 1>");
        let link = served(&found, &Place { url: "http://127.0.0.1:7/api/users?page=1", now: NOW }).unwrap();
        let link: Url = link["next_url"].as_str().unwrap().parse().unwrap();
        let asked = [
            ("cursor", "ada@contoso.example"),
            ("domain_id", "4711"),
            ("page", "2"),
            ("mood", "\u{fffd}\u{fffd}"),
            ("type", "zoho"),
            ("status", ""),
        ];
        let asked = asked.map(|(name, value)| shapes.parameter(name, value, NOW));
        let asked = asked.map(|(name, value)| (text(&name).unwrap(), text(&value).unwrap()));
        assert_eq!(link.query_pairs().into_owned().collect::<Vec<_>>(), asked);
    }

    #[test]
    fn a_link_keeps_only_what_numbers_pages() {
        for (link, expected) in [
            ("/api/users/440032-6/tenants?type=m365&page=2&per_page=100", "<link type=m365 page=2 per_page=100>"),
            ("https://vendor.example/api/list?cursor=ada%40contoso.example", "<link key1=value1>"),
            (
                "/api/users?page=120345&current_backup_status=Preparing+Backup",
                "<link page=value1 current_backup_status=value2>",
            ),
            ("https://vendor.example/ada", "<text(26) 1>"),
        ] {
            let found = shape(Provider::Dropsuite, json!({ "next_url": link }));
            assert_eq!(found["next_url"], expected, "{link}");
        }
    }

    #[test]
    fn words_of_a_field_are_written_only_if_the_operator_wants_it() {
        let body = json!({"current_backup_status": "Hibernating", "display_name": "Hibernating"});
        let found = Shapes::new(Provider::Dropsuite, ["current_backup_status".to_owned()]).body(&body, NOW);
        assert_eq!(found, json!({"current_backup_status": "Hibernating", "display_name": "<text(11) 1>"}));
        let without = shape(Provider::Dropsuite, body);
        assert_eq!(without["current_backup_status"], without["display_name"]);
    }

    #[test]
    fn what_is_no_text_stays_none() {
        let found = shape(Provider::Dropsuite, json!({ "display_name": "Ada\u{7f}", "Ada\u{7f}": "\u{7f}" }));
        assert_eq!(found, json!({ "display_name": "<no text>", "<no text>": "<no text>" }));
    }

    #[test]
    fn what_is_no_word_is_not_written_in_a_field_of_words_either() {
        for value in [
            json!("ada@contoso.example"),
            json!("contoso.example"),
            json!("Hibernating since 2125550123"),
            json!("Hibernating, says Ada"),
            json!("<b>Hibernating</b>"),
            json!("Hibernating".repeat(4)),
            json!(2_125_550_123_u64),
            json!({"Ada Lovelace": "Ada", "display_name": "Ada"}),
        ] {
            let body = json!({ "mood": value, "neighbour": "Ada", "moods": "Ada" });
            let found = Shapes::new(Provider::Dropsuite, ["mood".to_owned()]).body(&body, NOW).to_string();
            assert!(
                !["Ada", "ada", "Hibernating", "contoso", "5550"].iter().any(|part| found.contains(part)),
                "{found}"
            );
        }
    }

    /// Letters that occur neither in the names of classes nor in those of fields four in a row.
    fn canary() -> impl Strategy<Value = String> {
        "[qxzjkv]{6,14}"
    }

    fn field() -> impl Strategy<Value = String> {
        let names =
            ["id", "status", "current_backup_status", "errors", "next_url", "email", "authentication_token", "type"];
        prop_oneof![
            proptest::sample::select(names.to_vec()).prop_map(str::to_owned),
            proptest::sample::select(vec!["saasCustomerId", "appType", "timeWindow", "seatsUsed"])
                .prop_map(str::to_owned),
            canary(),
        ]
    }

    fn dressed() -> impl Strategy<Value = Value> {
        (canary(), 0..12_u8).prop_map(|(canary, dress)| {
            Value::String(match dress {
                0 => format!("{canary}@{canary}.{canary}"),
                1 => format!("{canary}.{canary}"),
                2 => format!("https://{canary}.example/{canary}?{canary}={canary}&page=2"),
                3 => format!("?page={canary}"),
                4 => format!("2025-11-21T18:20:00Z[{canary}]"),
                5 => format!(" {canary}\n{canary} "),
                6 => format!("Failed {canary}"),
                7 => format!("Between{canary}dAnd1d"),
                8 => format!("<text(4) {canary}>"),
                9 => format!("Office365{canary}"),
                10 => format!("OVER_{canary}_DAYS_AGO"),
                _ => canary,
            })
        })
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(|number| json!(number)),
            dressed(),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(field(), inner, 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    /// All strings and keys of a body, for what a recording must not contain.
    fn canaries(body: &Value, found: &mut Vec<String>) {
        match body {
            Value::String(text) => found.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| canaries(item, found)),
            Value::Object(fields) => fields.iter().for_each(|(key, value)| {
                found.push(key.clone());
                canaries(value, found);
            }),
            _ => {}
        }
    }

    proptest! {
        #[test]
        fn no_part_of_a_value_is_in_its_shape(body in json(), is_datto in any::<bool>()) {
            let provider = if is_datto { Provider::Datto } else { Provider::Dropsuite };
            let shape = shape(provider, body.clone());
            let written = shape.to_string();
            let mut values = Vec::new();
            canaries(&body, &mut values);
            for value in values {
                let letters: Vec<char> = value.chars().collect();
                for part in letters.windows(4).filter(|part| part.iter().all(|letter| "qxzjkv".contains(*letter))) {
                    let part: String = part.iter().collect();
                    prop_assert!(!written.contains(&part), "{part} of {value} in {written}");
                }
            }
            let place = Place { url: "http://127.0.0.1:1/api/users", now: NOW };
            let again = served(&shape, &place);
            prop_assert!(again.is_ok(), "{:?}", again);
        }

        #[test]
        fn a_time_keeps_its_distance_and_its_form(millis in -100_000_000_000_i64..100_000_000_000, fraction in 3..7_usize) {
            let moment = Moment::from_millisecond(NOW.as_millis() + millis).unwrap();
            for text in [format!("{moment:.fraction$}"), format!("{moment:.3}").replace('Z', "+00:00")] {
                let shape = shape(Provider::Dropsuite, json!({ "last_backup": text }));
                let later = NOW.after(std::time::Duration::from_secs(86_400));
                for (now, days) in [(NOW, 0), (later, 1)] {
                    let again = served(&shape, &Place { url: "http://127.0.0.1:1/", now }).unwrap();
                    let again = again["last_backup"].as_str().unwrap().to_owned();
                    let found: Moment = again.parse().unwrap();
                    prop_assert_eq!(found.as_millisecond(), moment.as_millisecond() + days * 86_400_000);
                    prop_assert_eq!(again.len(), text.len());
                }
            }
        }
    }
}
