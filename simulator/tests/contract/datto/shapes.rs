//! Lists the fields of a JSON value with every kind of value seen in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Every path with the kinds seen there; the elements of an array share the path `[]`.
pub(crate) type Kinds = BTreeMap<String, BTreeSet<&'static str>>;

pub(crate) fn kinds(value: &Value) -> Kinds {
    let mut kinds = Kinds::new();
    collect(value, "$", &mut kinds);
    kinds
}

fn collect(value: &Value, path: &str, kinds: &mut Kinds) {
    kinds.entry(path.to_owned()).or_default().insert(kind(value));
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, &format!("{path}[]"), kinds)),
        Value::Object(fields) => {
            fields.iter().for_each(|(key, field)| collect(field, &format!("{path}.{key}"), kinds));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "fraction",
        Value::Number(_) => "integer",
        Value::String(_) => "text",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Reads a table of lines `path kind kind ...`.
pub(crate) fn table(text: &'static str) -> Kinds {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let row = |line: &'static str| {
        let mut words = line.split_whitespace();
        (words.next().unwrap().to_owned(), words.collect())
    };
    lines.map(row).collect()
}

/// The values of one field in all rows.
pub(crate) fn words<'a>(rows: impl IntoIterator<Item = &'a Value>, field: &str) -> BTreeSet<String> {
    rows.into_iter().map(|row| row[field].as_str().unwrap_or_else(|| panic!("{field}: {row}")).to_owned()).collect()
}

mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_that_is_retyped_in_one_row_alone_is_seen() {
        let rows = json!([{"id": 1, "rate": 0.5}, {"id": "1", "rate": null}]);
        let expected = table(
            "$ array
             $[] object
             $[].id integer text
             $[].rate fraction null",
        );
        assert_eq!(kinds(&rows), expected);
    }
}
