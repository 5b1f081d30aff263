//! Changes the rows of an otherwise correct response.

use serde_json::{Map, Value};

use super::Fault;

/// Applies the faults that concern fields; all others leave the answer alone.
pub(crate) fn distort(fault: &Fault, answer: &mut Value) {
    match fault {
        Fault::RetypedField { field, value } => {
            for_each_row(answer, &|row| {
                row.insert(field.clone(), value.clone());
            });
        }
        Fault::UnknownWord { field, word } => {
            for_each_row(answer, &|row| {
                row.insert(field.clone(), Value::from(word.as_str()));
            });
        }
        Fault::MissingField(field) => {
            for_each_row(answer, &|row| {
                row.remove(field);
            });
        }
        _ => {}
    }
}

/// Finds the rows in any of the vendor's envelopes.
fn for_each_row(answer: &mut Value, change: &dyn Fn(&mut Map<String, Value>)) {
    match answer {
        Value::Array(elements) => elements.iter_mut().for_each(|element| for_each_row(element, change)),
        Value::Object(object) => {
            let envelope = ["result_set", "data"].into_iter().find(|key| object.get(*key).is_some_and(Value::is_array));
            match envelope {
                Some(key) => for_each_row(&mut object[key], change),
                None => change(object),
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_found_in_every_envelope() {
        let row = || json!({"id": 1});
        let envelopes = [
            json!([row()]),
            json!({"result_set": [row()], "pagination": {}}),
            json!([{"result_set": [row()]}]),
            json!({"pagination": {}, "data": [row()]}),
            row(),
        ];
        for mut answer in envelopes {
            distort(&Fault::RetypedField { field: "id".to_owned(), value: json!("x") }, &mut answer);
            assert!(answer.to_string().contains(r#"{"id":"x"}"#), "{answer}");
            distort(&Fault::MissingField("id".to_owned()), &mut answer);
            assert!(!answer.to_string().contains("\"id\""), "{answer}");
        }
    }
}
