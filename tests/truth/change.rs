//! Lists every change of a response: one thing at a time, each with a name that reproduces it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::proxy::Answer;
use super::world::{NOW, Recorded, World};

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";
const SERVER_ERROR: &str = r#"{"status":500,"error":"Internal Server Error"}"#;
const PAGE: &str = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to continue</body></html>";

/// What is done where nothing is.
pub(crate) const UNCHANGED: &str = "unchanged";

/// How many rows of a list are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// One of each kind, and the last.
    Kinds,
    /// Every one.
    All,
}

/// One answer of one world with one thing changed.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// Which answer of the good conversation.
    pub(crate) exchange: usize,
    /// Where in it, with the positions in its lists; `answer` for all of it.
    pub(crate) place: String,
    /// The same without positions.
    pub(crate) field: String,
    /// What is done there.
    pub(crate) word: &'static str,
    /// The row it is in; `None` outside of rows.
    pub(crate) row: Option<Arc<Value>>,
    edit: Edit,
}

#[derive(Clone, Debug)]
enum Edit {
    Nothing,
    Answer(Answer),
    /// Replaces or (`None`) removes what a pointer names.
    Value {
        pointer: String,
        value: Option<Value>,
    },
    Duplicate {
        list: String,
        row: usize,
    },
    Swap {
        list: String,
        row: usize,
    },
    /// Removes a row and counts it out of every total.
    LoseAndCount {
        list: String,
        row: usize,
    },
}

impl Change {
    /// No change: what is wrong even then.
    pub(crate) fn nothing(exchange: usize) -> Self {
        Self {
            exchange,
            place: "answer".into(),
            field: "answer".into(),
            word: UNCHANGED,
            row: None,
            edit: Edit::Nothing,
        }
    }

    /// The field without the envelope around its row; `row` for the row itself.
    pub(crate) fn inner_field(&self) -> &str {
        const ENVELOPES: [&str; 6] = ["[].result_set[]", "[].items[]", "result_set[]", "items[]", "data[]", "[]"];
        let within = |envelope: &&str| match self.field.strip_prefix(*envelope)? {
            "" => Some("row"),
            rest => rest.strip_prefix('.'),
        };
        ENVELOPES.iter().find_map(within).unwrap_or(&self.field)
    }

    /// The changed answer.
    pub(crate) fn answer(&self, good: &Answer) -> Answer {
        let document = || serde_json::from_slice::<Value>(&good.body).unwrap();
        let body = match &self.edit {
            Edit::Nothing => return good.clone(),
            Edit::Answer(answer) => return answer.clone(),
            Edit::Value { pointer, value } => set(document(), pointer, value.as_ref()),
            Edit::Duplicate { list, row } => {
                with_list(document(), list, |rows| rows.insert(row + 1, rows[*row].clone()))
            }
            Edit::Swap { list, row } => with_list(document(), list, |rows| rows.swap(*row, row + 1)),
            Edit::LoseAndCount { list, row } => {
                let mut fewer = with_list(document(), list, |rows| {
                    rows.remove(*row);
                });
                count_down(&mut fewer);
                fewer
            }
        };
        Answer { body: serde_json::to_vec(&body).unwrap(), ..good.clone() }
    }
}

/// A change with the world it belongs to, as people read it and as `TRUTH_CHANGE` finds it.
pub(crate) struct Named<'a>(pub(crate) &'a World, pub(crate) &'a Change);

impl fmt::Display for Named<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(world, change) = self;
        let recorded = &world.exchanges[change.exchange];
        let path = &recorded.exchange.asked.path;
        write!(formatter, "GET {}", path.strip_prefix("/api").unwrap_or(path))?;
        if let Some((tenant, _)) = &recorded.serves {
            write!(formatter, " of {tenant}")?;
        }
        write!(formatter, " {}={}", change.place, change.word)
    }
}

/// Answers that are failures, whatever was asked.
pub(crate) fn failures() -> [(&'static str, Answer); 3] {
    let answer = |status, content_type, body: &str| Answer { status, content_type, body: body.as_bytes().to_vec() };
    [
        ("500", answer(500, JSON, SERVER_ERROR)),
        ("401-json", answer(401, JSON, &refusal())),
        ("403-html", answer(403, HTML, PAGE)),
    ]
}

fn refusal() -> String {
    json!({"errors": {"user": ["You are not authorized to perform this action"]}}).to_string()
}

/// The endpoint of an exchange: its path with ids left out.
pub(crate) fn endpoint(recorded: &Recorded) -> String {
    let asked = &recorded.exchange.asked.path;
    let path = asked.split('?').next().unwrap_or_default();
    let path = path.strip_prefix("/api").unwrap_or(path);
    let has_digit = |segment: &str| segment.chars().next().is_some_and(|first| first.is_ascii_digit());
    let segments = path.split('/').map(|segment| if has_digit(segment) { "{id}" } else { segment });
    let template = segments.collect::<Vec<_>>().join("/");
    if list_and_page(asked).1 > 1 { format!("{template} (later page)") } else { template }
}

/// The list that is asked for, by its path and all parameters but the page, and the page.
pub(crate) fn list_and_page(path: &str) -> (String, usize) {
    let number = |pair: &str| pair.strip_prefix("page=").or_else(|| pair.strip_prefix("_page="))?.parse().ok();
    let (pages, others): (Vec<_>, Vec<_>) = path.split(['?', '&']).partition(|pair| number(pair).is_some());
    (others.join("&"), pages.first().and_then(|pair| number(pair)).unwrap_or(1))
}

/// Every change of one answer.
pub(crate) fn changes_of(world: &World, exchange: usize, rows: Rows) -> Vec<Change> {
    let good = &world.exchanges[exchange].exchange.answer;
    let mut changes = Changes { exchange, rows, next_link: String::new(), row: None, found: Vec::new() };
    let asked = &world.exchanges[exchange].exchange.asked.path;
    let next = list_and_page(asked).1 + 1;
    let separator = if asked.contains('?') { '&' } else { '?' };
    changes.next_link = format!("{}{asked}{separator}page={next}", world.proxy.origin());
    changes.whole_answer(good);
    if (200..300).contains(&good.status) {
        let document: Value = serde_json::from_slice(&good.body).unwrap();
        changes.walk(&document, "", "");
        if let Some(first) = first_page(world, exchange) {
            changes.answer("repeated-page", Answer { ..first.clone() });
        }
    }
    changes.found
}

/// The answer to the first page, for a later page of the same list.
fn first_page(world: &World, exchange: usize) -> Option<&Answer> {
    let asked = &world.exchanges[exchange].exchange.asked;
    let (list, number) = list_and_page(&asked.path);
    if number == 1 {
        return None;
    }
    let same = |other: &&Recorded| {
        let other = &other.exchange.asked;
        other.token == asked.token && list_and_page(&other.path) == (list.clone(), 1)
    };
    world.exchanges.iter().find(same).map(|first| &first.exchange.answer)
}

struct Changes {
    exchange: usize,
    rows: Rows,
    next_link: String,
    row: Option<Arc<Value>>,
    found: Vec<Change>,
}

impl Changes {
    fn answer(&mut self, word: &'static str, answer: Answer) {
        self.found.push(Change {
            exchange: self.exchange,
            place: "answer".into(),
            field: "answer".into(),
            word,
            row: None,
            edit: Edit::Answer(answer),
        });
    }

    fn whole_answer(&mut self, good: &Answer) {
        let refusal = refusal();
        for (word, status, content_type, body) in [
            ("401-json", 401, JSON, &*refusal),
            ("401-html", 401, HTML, PAGE),
            ("403-json", 403, JSON, &refusal),
            ("403-html", 403, HTML, PAGE),
            ("404-json", 404, JSON, r#"{"status":404,"error":"Not Found"}"#),
            ("404-html", 404, HTML, PAGE),
            ("429", 429, JSON, r#"{"errors":{"user":["Too many requests"]}}"#),
            ("500", 500, JSON, SERVER_ERROR),
            ("202-empty-list", 202, JSON, "[]"),
            ("204", 204, JSON, ""),
            ("200-html", 200, HTML, PAGE),
            ("200-no-body", 200, JSON, ""),
            ("200-null", 200, JSON, "null"),
            ("200-error-object", 200, JSON, SERVER_ERROR),
            ("200-error-with-id", 200, JSON, r#"{"id":"req-1","error":"Internal Server Error"}"#),
            ("200-code-and-message", 200, JSON, r#"{"code":"exception","message":"Internal error"}"#),
            ("200-empty-list", 200, JSON, "[]"),
            ("200-empty-object", 200, JSON, "{}"),
            ("200-text", 200, JSON, r#""OK""#),
            ("200-number", 200, JSON, "7"),
        ] {
            self.answer(word, Answer { status, content_type, body: body.as_bytes().to_vec() });
        }
        if (200..300).contains(&good.status) {
            self.answer("200-cut-off", Answer { body: good.body[..good.body.len() / 2].to_vec(), ..good.clone() });
            self.answer("202", Answer { status: 202, ..good.clone() });
            self.answer("206-half", Answer { status: 206, body: half(&good.body), ..good.clone() });
        }
    }

    fn value(&mut self, pointer: &str, field: &str, word: &'static str, before: &Value, value: Option<Value>) {
        if value.as_ref() == Some(before) {
            return;
        }
        self.found.push(Change {
            exchange: self.exchange,
            place: pointer.to_owned(),
            field: field.to_owned(),
            word,
            row: self.row.clone(),
            edit: Edit::Value { pointer: pointer.to_owned(), value },
        });
    }

    fn walk(&mut self, value: &Value, pointer: &str, field: &str) {
        match value {
            Value::Object(object) => self.object(object, pointer, field),
            Value::Array(rows) => self.list(rows, pointer, field),
            _ => {}
        }
    }

    fn object(&mut self, object: &Map<String, Value>, pointer: &str, field: &str) {
        for (name, value) in object {
            let pointer = format!("{pointer}/{name}");
            let field = if field.is_empty() { name.clone() } else { format!("{field}.{name}") };
            for (word, edited) in edits(name, value) {
                self.value(&pointer, &field, word, value, edited);
            }
            if field.contains("pagination.") {
                self.value(&pointer, &field, "link", value, Some(json!(self.next_link)));
                self.value(&pointer, &field, "of-text", value, Some(json!("1 of 3")));
            }
            self.walk(value, &pointer, &field);
        }
    }

    fn list(&mut self, rows: &[Value], pointer: &str, field: &str) {
        let field = format!("{field}[]");
        for position in self.chosen(rows) {
            let row = &rows[position];
            let shared = Arc::new(row.clone());
            let place = format!("{pointer}/{position}");
            let mut push = |word: &'static str, edit: Edit| {
                self.found.push(Change {
                    exchange: self.exchange,
                    place: place.clone(),
                    field: field.clone(),
                    word,
                    row: Some(Arc::clone(&shared)),
                    edit,
                });
            };
            let list = pointer.to_owned();
            push("duplicated", Edit::Duplicate { list: list.clone(), row: position });
            push("lost", Edit::Value { pointer: place.clone(), value: None });
            push("lost-and-counted", Edit::LoseAndCount { list: list.clone(), row: position });
            if position + 1 < rows.len() {
                push("swapped", Edit::Swap { list, row: position });
            }
            for (word, value) in [
                ("null", Value::Null),
                ("empty-list", json!([])),
                ("empty-object", json!({})),
                ("empty-text", json!("")),
                ("number", json!(7)),
            ] {
                self.value(&place, &field, word, row, Some(value));
            }
            let outer = self.row.replace(shared);
            self.walk(row, &place, &field);
            self.row = outer;
        }
    }

    /// The rows that are changed: in a sample the first of each kind and the last.
    fn chosen(&self, rows: &[Value]) -> Vec<usize> {
        if self.rows == Rows::All || rows.len() <= 2 {
            return (0..rows.len()).collect();
        }
        let mut kinds = BTreeSet::new();
        let is_new = |position: &usize| kinds.insert(kind_of(&rows[*position], 0)) || position + 1 == rows.len();
        (0..rows.len()).filter(is_new).collect()
    }
}

/// What is done with one field.
fn edits(name: &str, value: &Value) -> Vec<(&'static str, Option<Value>)> {
    let mut edits = vec![
        ("absent", None),
        ("null", Some(Value::Null)),
        ("empty-text", Some(json!(""))),
        ("empty-list", Some(json!([]))),
        ("empty-object", Some(json!({}))),
    ];
    let text = ("text", Some(json!("x")));
    match value {
        Value::Null => edits.extend([text, ("number", Some(json!(7)))]),
        Value::Bool(_) => edits.extend([text, ("number", Some(json!(7))), ("list", Some(json!([value])))]),
        Value::Number(number) => edits.extend([
            text,
            ("numeric-text", Some(json!(number.to_string()))),
            ("list", Some(json!([value]))),
            ("negative", Some(json!(-1))),
            ("huge", Some(json!(1e300))),
            ("large", Some(json!(4_000_000_000_000_000_000_u64))),
        ]),
        Value::String(_) => edits.extend([
            text,
            ("number", Some(json!(7))),
            ("list", Some(json!([value]))),
            ("negative", Some(json!(-1))),
        ]),
        Value::Array(_) | Value::Object(_) => edits.extend([text, ("number", Some(json!(7)))]),
    }
    if is_time(name, value) {
        edits.extend([
            ("zero-date", Some(json!("0001-01-01T00:00:00Z"))),
            ("epoch-date", Some(json!("1970-01-01T00:00:00Z"))),
            ("epoch", Some(json!(0))),
            ("null-word", Some(json!("null"))),
            ("far-date", Some(json!("9999-12-31T23:59:59Z"))),
            ("far-millis", Some(json!(253_402_300_799_000_u64))),
        ]);
    }
    edits
}

/// Whether a field holds a moment, by its value or by what the vendors call moments.
fn is_time(name: &str, value: &Value) -> bool {
    match value {
        Value::String(text) => text.parse::<jiff::Timestamp>().is_ok(),
        Value::Number(number) => {
            number.as_u64().is_some_and(|number| number > 1_000_000_000_000) && name.ends_with("Time")
        }
        Value::Null => ["last_backup", "deactivated_since", "lastFullyProtectedTime"].contains(&name),
        _ => false,
    }
}

/// What a row is like, leaving out what merely distinguishes it from its neighbours.
fn kind_of(value: &Value, depth: usize) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => match number.as_i64() {
            Some(0) => "zero".into(),
            Some(millis) if millis > 1_000_000_000_000 => age(millis).into(),
            _ => "number".into(),
        },
        Value::String(text) => match text.parse::<jiff::Timestamp>() {
            _ if text.is_empty() => "empty".into(),
            Ok(time) => age(time.as_millisecond()).into(),
            // Short words are of a small set; anything longer is a name.
            Err(_)
                if text.len() <= 20
                    && !text.contains([' ', '@', '-', '.', '/'])
                    && !text.contains(char::is_numeric) =>
            {
                text.clone()
            }
            Err(_) => "text".into(),
        },
        Value::Array(rows) => {
            if rows.is_empty() {
                "[]".into()
            } else {
                "[..]".into()
            }
        }
        Value::Object(object) if object.is_empty() => "{}".into(),
        Value::Object(_) if depth > 1 => "{..}".into(),
        Value::Object(object) => {
            let fields: Vec<_> =
                object.iter().map(|(name, value)| format!("{name}:{}", kind_of(value, depth + 1))).collect();
            format!("{{{}}}", fields.join(","))
        }
    }
}

fn age(millis: i64) -> &'static str {
    if NOW - millis > 24 * 3_600_000 { "old" } else { "recent" }
}

fn half(body: &[u8]) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(body).unwrap();
    fn cut(value: &mut Value) -> bool {
        match value {
            Value::Array(rows)
                if rows.iter().any(|row| row.get("result_set").is_some() || row.get("items").is_some()) =>
            {
                rows.iter_mut().any(cut)
            }
            Value::Array(rows) => {
                rows.truncate(rows.len() / 2);
                true
            }
            Value::Object(object) => {
                ["result_set", "data", "items"].iter().any(|key| object.get_mut(*key).is_some_and(cut))
            }
            _ => false,
        }
    }
    cut(&mut document);
    serde_json::to_vec(&document).unwrap()
}

fn set(mut document: Value, pointer: &str, value: Option<&Value>) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match (document.pointer_mut(parent), value) {
        (Some(Value::Object(object)), Some(value)) => {
            object.insert(name.to_owned(), value.clone());
        }
        (Some(Value::Object(object)), None) => {
            object.remove(name);
        }
        (Some(Value::Array(rows)), Some(value)) => rows[name.parse::<usize>().unwrap()] = value.clone(),
        (Some(Value::Array(rows)), None) => {
            rows.remove(name.parse().unwrap());
        }
        _ => panic!("{pointer} is nowhere"),
    }
    document
}

fn with_list(mut document: Value, pointer: &str, edit: impl FnOnce(&mut Vec<Value>)) -> Value {
    edit(document.pointer_mut(pointer).and_then(Value::as_array_mut).expect("the pointer names a list"));
    document
}

/// Takes one off every announced total of records.
fn count_down(value: &mut Value) {
    match value {
        Value::Array(rows) => rows.iter_mut().for_each(count_down),
        Value::Object(object) => {
            if let Some(Value::Object(pagination)) = object.get_mut("pagination") {
                for name in ["total_entries", "count"] {
                    if let Some(total) = pagination.get(name).and_then(Value::as_u64) {
                        pagination.insert(name.to_owned(), json!(total.saturating_sub(1)));
                    }
                }
            }
        }
        _ => {}
    }
}
