//! Changes the rows of an otherwise correct response.
//!
//! Datto's rows are nested (customer, suite, app, day), so a fault on a field applies at every depth.

use serde_json::{Map, Value};

use crate::faults::Fault;

/// Applies the faults that concern rows; all others leave the answer alone.
///
/// Only `/applications` announces a number of rows or pages: the bare lists cannot be truncated or repeated unseen.
pub(super) fn distort(fault: &Fault, answer: &mut Value) {
    match fault {
        Fault::RetypedField { field, value } => replace(answer, field, value),
        Fault::UnknownWord { field, word } => replace(answer, field, &Value::from(word.as_str())),
        Fault::MissingField(field) => for_each_object(answer, &|object| {
            object.remove(field);
        }),
        Fault::EmptyList => empty(answer),
        Fault::TruncatedListing => announce_more(answer),
        _ => {}
    }
}

fn replace(answer: &mut Value, field: &str, value: &Value) {
    for_each_object(answer, &|object| {
        if let Some(present) = object.get_mut(field) {
            *present = value.clone();
        }
    });
}

fn for_each_object(value: &mut Value, change: &dyn Fn(&mut Map<String, Value>)) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| for_each_object(element, change)),
        Value::Object(object) => {
            change(object);
            object.values_mut().for_each(|field| for_each_object(field, change));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn empty(answer: &mut Value) {
    if let Value::Array(elements) = answer
        && elements.iter().all(|element| element.get("items").is_none())
    {
        elements.clear();
        return;
    }
    for_each_object(answer, &|object| {
        for list in ["items", "domains", "seats", "results"] {
            if let Some(Value::Array(rows)) = object.get_mut(list) {
                rows.clear();
            }
        }
        if let Some(Value::Object(pagination)) = object.get_mut("pagination") {
            pagination.insert("count".to_owned(), 0.into());
            pagination.insert("totalPages".to_owned(), 1.into());
        }
    });
}

fn announce_more(answer: &mut Value) {
    for_each_object(answer, &|object| {
        if let Some(Value::Object(pagination)) = object.get_mut("pagination") {
            for name in ["count", "totalPages"] {
                let announced = pagination.get(name).and_then(Value::as_u64).unwrap_or_default();
                pagination.insert(name.to_owned(), (announced + 1).into());
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_is_spoiled_at_every_depth_and_nowhere_added() {
        let original = json!([{"items": [{"status": "Perfect", "days": [{"status": "Perfect"}]}]}]);
        let mut answer = original.clone();
        distort(&Fault::UnknownWord { field: "status".to_owned(), word: "x".to_owned() }, &mut answer);
        assert_eq!(answer, json!([{"items": [{"status": "x", "days": [{"status": "x"}]}]}]));
        let mut answer = original.clone();
        distort(&Fault::MissingField("status".to_owned()), &mut answer);
        assert_eq!(answer, json!([{"items": [{"days": [{}]}]}]));
        let mut answer = original.clone();
        distort(&Fault::RetypedField { field: "other".to_owned(), value: json!(1) }, &mut answer);
        assert_eq!(answer, original);
    }

    #[test]
    fn every_envelope_can_be_emptied() {
        let envelope = || json!({"pagination": {"count": 2, "totalPages": 2}, "items": [1, 2]});
        let emptied = json!({"pagination": {"count": 0, "totalPages": 1}, "items": []});
        for (mut answer, expected) in [
            (json!([{"a": 1}]), json!([])),
            (json!({"seats": [{"a": 1}]}), json!({"seats": []})),
            (envelope(), emptied.clone()),
            (json!([envelope()]), json!([emptied])),
        ] {
            distort(&Fault::EmptyList, &mut answer);
            assert_eq!(answer, expected);
        }
    }
}
