//! Makes a response of a recorded shape: every class becomes a value that is read as that class.

use std::fmt;

use jiff::Timestamp as Moment;
use serde_json::{Map, Value};
use url::Url;

use crate::domain::Timestamp;

/// Longer texts are written as of this length.
pub(super) const MAX_LENGTH: usize = 2_000;
/// Maximum length of all texts of a response: the clients read half of that, and some classes are longer than what they
/// stand for.
const MAX_TEXT_BYTES: usize = 32 << 20;
/// Stands for bytes that are no text. The clients replace these by it, too, and no vendor sends it.
pub const NO_TEXT: char = '\u{7f}';

/// Where and when a response is served.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The URL that is requested, for links to further pages.
    pub url: &'a str,
    /// The time from which distances are measured.
    pub now: Timestamp,
}

/// Why no response can be made of a shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A value that no recorder writes, by its path within the body.
    #[error("body{0} is not a recorded value")]
    Value(String),
    /// A few bytes of the shape would become many.
    #[error("body is larger than 32 MiB")]
    TooLarge,
}

/// The response of a shape.
///
/// # Errors
///
/// If a value has no known class, or the response would be too large.
pub fn served(shape: &Value, place: &Place<'_>) -> Result<Value, Malformed> {
    Serving { place, text_bytes: 0 }.at(&Path::Root, shape)
}

/// Where a value is; written out only for an error.
enum Path<'a> {
    Root,
    Item(&'a Path<'a>, usize),
    Field(&'a Path<'a>, &'a str),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Item(list, index) => write!(formatter, "{list}[{index}]"),
            Self::Field(object, name) => write!(formatter, "{object}.{name}"),
        }
    }
}

struct Serving<'a> {
    place: &'a Place<'a>,
    /// The length of the texts so far.
    text_bytes: usize,
}

impl Serving<'_> {
    fn at(&mut self, path: &Path<'_>, shape: &Value) -> Result<Value, Malformed> {
        Ok(match shape {
            Value::Null | Value::Bool(_) | Value::Number(_) => shape.clone(),
            Value::String(class) => {
                let value = value(class, self.place).ok_or_else(|| Malformed::Value(path.to_string()))?;
                self.takes(value.as_str().map_or(0, str::len))?;
                value
            }
            Value::Array(items) => {
                let items = items.iter().enumerate().map(|(index, item)| self.at(&Path::Item(path, index), item));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Value::Object(fields) => {
                let fields = fields.iter().map(|(key, value)| {
                    let path = Path::Field(path, key);
                    let name = text(key).ok_or_else(|| Malformed::Value(path.to_string()))?;
                    self.takes(name.len())?;
                    Ok((name, self.at(&path, value)?))
                });
                Value::Object(fields.collect::<Result<Map<_, _>, _>>()?)
            }
        })
    }

    fn takes(&mut self, text_bytes: usize) -> Result<(), Malformed> {
        self.text_bytes += text_bytes;
        if self.text_bytes > MAX_TEXT_BYTES { Err(Malformed::TooLarge) } else { Ok(()) }
    }
}

/// The text of a class without a position, such as that of an id in a path; `None` if there is no such class.
#[must_use]
pub fn text(class: &str) -> Option<String> {
    let Some(inner) = class.strip_prefix('<') else { return Some(class.to_owned()) };
    let (name, number) = inner.strip_suffix('>')?.split_once(' ')?;
    if let Some((class, length)) = name.strip_suffix(')').and_then(|name| name.split_once('(')) {
        let (length, number) = (length.parse::<usize>().ok().filter(|length| *length <= MAX_LENGTH)?, whole(number)?);
        return Some(match class {
            "text" => format!("{:x<length$}", format!("t{number}")),
            // The clients take it for a failure by this word.
            "failure" => format!("{:x<length$}", format!("fail{number}")),
            "digits" => format!("{number:0>length$}"),
            _ => return None,
        });
    }
    Some(match name {
        "id" => (100_000 + whole(number)?).to_string(),
        "token" => format!("token-{}", whole(number)?),
        "domain" => domain(whole(number)?),
        "no" if number == "text" => NO_TEXT.into(),
        "key" | "value" => format!("{name}{}", whole(number)?),
        "guid" => format!("00000000-0000-4000-8000-{:012}", whole(number)?),
        "email" => {
            let (name, at) = number.split_once(" at ")?;
            format!("user{}@{}", whole(name)?, domain(whole(at)?))
        }
        _ => return None,
    })
}

fn domain(number: u64) -> String {
    format!("domain{number}.example")
}

/// The number of a value within its class.
fn whole(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number| *number <= u64::from(u32::MAX))
}

fn value(class: &str, place: &Place<'_>) -> Option<Value> {
    let inner = class.strip_prefix('<').and_then(|inner| inner.strip_suffix('>'));
    if let Some(id) = inner.and_then(|inner| inner.strip_prefix("id ")?.strip_suffix(" as number")) {
        return Some((100_000 + whole(id)?).into());
    }
    if let Some(time) = inner.and_then(|inner| inner.strip_prefix("time ")) {
        return self::time(time, place.now);
    }
    if let Some(parameters) = inner.and_then(|inner| inner.strip_prefix("link")) {
        return link(parameters, place.url).map(Value::String);
    }
    text(class).map(Value::String)
}

fn link(parameters: &str, url: &str) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    url.set_query(None);
    for parameter in parameters.split_whitespace() {
        let (name, value) = parameter.split_once('=')?;
        let value = within_link(value).unwrap_or_else(|| value.to_owned());
        url.query_pairs_mut().append_pair(name, &value);
    }
    Some(url.into())
}

/// The text of a class as links have it: `id3` for `<id 3>`; `None` for a public word or a number.
fn within_link(class: &str) -> Option<String> {
    let name = class.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let number = class.strip_prefix(name)?;
    text(&format!("<{name} {number}>"))
}

/// `-3600.000s as iso3Z`, and the like.
fn time(class: &str, now: Timestamp) -> Option<Value> {
    let (distance, form) = class.split_once("s as ")?;
    let (seconds, millis) = distance.split_once('.').filter(|(_, millis)| millis.len() == 3)?;
    let millis =
        seconds.trim_start_matches('-').parse::<i64>().ok()?.checked_mul(1000)?.checked_add(millis.parse().ok()?)?;
    let distance = if seconds.starts_with('-') { -millis } else { millis };
    let moment = now.as_millis().checked_add(distance)?;
    Some(match form {
        "ms" => moment.into(),
        "s" => moment.div_euclid(1000).into(),
        "ms as text" => moment.to_string().into(),
        "s as text" => moment.div_euclid(1000).to_string().into(),
        // A zero date, moved a little, may leave the calendar.
        form => written(Moment::from_millisecond(moment).unwrap_or(Moment::UNIX_EPOCH), form)?.into(),
    })
}

/// The text of a time in this form; `None` if there is no such form.
pub(super) fn written(moment: Moment, form: &str) -> Option<String> {
    match form {
        "day" => return Some(moment.strftime("%Y-%m-%d").to_string()),
        "minute" => return Some(moment.strftime("%Y/%m/%d %H:%M").to_string()),
        "second" => return Some(moment.strftime("%Y-%m-%d %H:%M:%S").to_string()),
        _ => {}
    }
    let iso = form.strip_prefix("iso")?;
    let fraction: usize = iso.get(..1)?.parse().ok()?;
    match &iso[1..] {
        "Z" => Some(format!("{moment:.fraction$}")),
        zone => {
            let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
            let seconds =
                hours.parse::<i32>().ok()?.checked_mul(60)?.checked_add(minutes.parse().ok()?)?.checked_mul(60)?;
            let seconds = if zone.starts_with('-') { -seconds } else { seconds };
            let offset = jiff::tz::Offset::from_seconds(seconds).ok()?;
            let civil = offset.to_datetime(moment);
            Some(format!("{civil:.fraction$}{zone}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PLACE: Place<'_> =
        Place { url: "http://127.0.0.1:7/api/users?page=1", now: Timestamp::from_millis(1_763_752_800_000) };

    #[test]
    fn a_class_is_served_as_what_is_read_as_it() {
        for (class, expected) in [
            ("<id 3>", json!("100003")),
            ("<id 3 as number>", json!(100_003)),
            ("<email 2 at 1>", json!("user2@domain1.example")),
            ("<guid 7>", json!("00000000-0000-4000-8000-000000000007")),
            ("<text(6) 12>", json!("t12xxx")),
            ("<digits(4) 12>", json!("0012")),
            ("<failure(8) 1>", json!("fail1xxx")),
            ("<time -3600.000s as iso3Z>", json!("2025-11-21T18:20:00.000Z")),
            ("<time -3600.000s as iso0+02:00>", json!("2025-11-21T20:20:00+02:00")),
            ("<time -3600.000s as minute>", json!("2025/11/21 18:20")),
            ("<time +1.500s as ms>", json!(1_763_752_801_500_i64)),
            ("<link page=2 per_page=100>", json!("http://127.0.0.1:7/api/users?page=2&per_page=100")),
            ("<link key1=value2 domain_id=id3>", json!("http://127.0.0.1:7/api/users?key1=value2&domain_id=100003")),
            ("<link type=m365 status=text(5)6>", json!("http://127.0.0.1:7/api/users?type=m365&status=t6xxx")),
            ("<no text>", json!("\u{7f}")),
            ("Completed", json!("Completed")),
            ("", json!("")),
        ] {
            assert_eq!(served(&json!(class), &PLACE), Ok(expected), "{class}");
        }
    }

    #[test]
    fn what_no_recorder_writes_is_named_by_its_path() {
        for class in
            ["<id>", "<id x>", "<name 1>", "<text(99999999) 1>", "<time x as iso3Z>", "<time -1.0s as ms>", "<link x>"]
        {
            let shape = json!({"data": [1, {"id": class}]});
            let problem = served(&shape, &PLACE).unwrap_err().to_string();
            assert_eq!(problem, "body.data[1].id is not a recorded value", "{class}");
        }
    }
}
