//! Compares the shape of two JSON values: which keys, which types, which spellings of times and ids.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// Every path of a value with the kinds seen there; elements of an array share the path `[]`.
pub(crate) type Schema = BTreeMap<String, BTreeSet<&'static str>>;

/// A difference that is right, with the reason.
pub(crate) struct Exception {
    /// `<path> <what differs>`, as [`differences`] words it.
    pub(crate) difference: &'static str,
    pub(crate) reason: &'static str,
}

pub(crate) fn schema(value: &Value) -> Schema {
    let mut schema = Schema::new();
    collect(value, "$", &mut schema);
    schema
}

fn collect(value: &Value, path: &str, schema: &mut Schema) {
    schema.entry(path.to_owned()).or_default().insert(kind(value));
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, &format!("{path}[]"), schema)),
        Value::Object(fields) => {
            fields.iter().for_each(|(key, field)| collect(field, &format!("{path}.{key}"), schema));
        }
        _ => {}
    }
}

fn kind(value: &Value) -> &'static str {
    static SPELLINGS: LazyLock<[(Regex, &str); 6]> = LazyLock::new(|| {
        let regex = |text| Regex::new(text).unwrap();
        [
            (regex(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"), "time in milliseconds"),
            (regex(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"), "time in microseconds"),
            (regex(r"^\d{4}-\d\d-\d\d$"), "date"),
            (regex(r"^\d{4}/\d\d/\d\d \d\d:\d\d$"), "minute"),
            (regex(r"^\d+-\d+$"), "suffixed id"),
            (regex(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"), "uuid"),
        ]
    });
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "integer",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::String(text) => {
            SPELLINGS.iter().find(|(spelling, _)| spelling.is_match(text)).map_or("text", |(_, name)| name)
        }
    }
}

/// Each way in which the answer has another shape than the sample.
pub(crate) fn differences(sample: &Value, answer: &Value) -> BTreeSet<String> {
    let (sample, answer) = (schema(sample), schema(answer));
    let missing = sample.keys().filter(|path| !answer.contains_key(*path)).map(|path| format!("{path} is missing"));
    let mut differences: BTreeSet<String> = missing.collect();
    for (path, kinds) in &answer {
        match sample.get(path) {
            None => drop(differences.insert(format!("{path} is added"))),
            Some(documented) => {
                differences.extend(kinds.difference(documented).map(|kind| format!("{path} is also {kind}")));
            }
        }
    }
    differences
}

mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_retyped_a_missing_and_an_added_field_are_differences() {
        let sample = json!([{"id": 1, "at": "2020-07-29T04:36:40.970Z", "name": null}]);
        let answer = json!([{"id": "1-2", "at": "2020-07-29T04:36:40.970000Z", "more": 1}]);
        let found: Vec<_> = differences(&sample, &answer).into_iter().collect();
        let expected = [
            "$[].at is also time in microseconds",
            "$[].id is also suffixed id",
            "$[].more is added",
            "$[].name is missing",
        ];
        assert_eq!(found, expected);
        assert!(differences(&sample, &sample).is_empty());
    }
}
