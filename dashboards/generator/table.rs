//! Describes the columns of a table: each a label or a query, merged into one row per entity.

use serde_json::{Value, json};

use crate::look::Steps;

/// One column of a table.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    title: &'static str,
    /// The label that it shows; `None` for the value of a query.
    label: Option<&'static str>,
    pub(crate) expression: Option<String>,
    properties: Vec<Value>,
    is_hidden: bool,
}

impl Column {
    /// A label of the rows.
    pub(crate) fn label(label: &'static str, title: &'static str) -> Self {
        Self { title, label: Some(label), expression: None, properties: Vec::new(), is_hidden: false }
    }

    /// The value of a query that gives one series for each row.
    pub(crate) fn value(title: &'static str, expression: String) -> Self {
        Self { title, label: None, expression: Some(expression), properties: Vec::new(), is_hidden: false }
    }

    pub(crate) fn width(self, pixels: u32) -> Self {
        self.property("custom.width", json!(pixels))
    }

    pub(crate) fn unit(self, unit: &str) -> Self {
        self.property("unit", json!(unit))
    }

    pub(crate) fn decimals(self, decimals: u32) -> Self {
        self.property("decimals", json!(decimals))
    }

    /// The text where a row has no value.
    pub(crate) fn no_value(self, text: &str) -> Self {
        self.property("noValue", json!(text))
    }

    /// Words for values, on their colour.
    pub(crate) fn words(self, mappings: Value) -> Self {
        self.property("mappings", mappings).cell("color-background")
    }

    /// Words for values, in their colour.
    pub(crate) fn coloured_words(self, mappings: Value) -> Self {
        self.property("mappings", mappings).cell("color-text")
    }

    /// Not shown: the query says which rows there are.
    pub(crate) fn hidden(self) -> Self {
        Self { is_hidden: true, ..self }
    }

    /// A coloured background by value.
    pub(crate) fn steps(self, steps: &Steps) -> Self {
        self.property("thresholds", steps.to_json()).cell("color-background")
    }

    /// Each cell leads somewhere.
    pub(crate) fn link(self, title: &str, url: &str) -> Self {
        self.property("links", json!([{ "title": title, "url": url, "targetBlank": false }]))
    }

    fn cell(self, kind: &str) -> Self {
        self.property("custom.cellOptions", json!({ "type": kind, "mode": "basic" }))
    }

    fn property(mut self, id: &str, value: impl Into<Value>) -> Self {
        self.properties.retain(|known| known["id"] != id);
        self.properties.push(json!({ "id": id, "value": value.into() }));
        self
    }

    pub(crate) fn overrides(&self) -> Value {
        json!({ "matcher": { "id": "byName", "options": self.title }, "properties": self.properties })
    }
}

/// What joins all queries to one table, whose rows these labels identify.
pub(crate) fn transformations(labels: &[&str], columns: &[Column]) -> Vec<Value> {
    let queries = columns.iter().filter(|column| column.expression.is_some()).count();
    let mut names = ('A'..).map(|query| if queries > 1 { format!("Value #{query}") } else { "Value".to_owned() });
    let (mut order, mut titles, mut hidden) = (serde_json::Map::new(), serde_json::Map::new(), serde_json::Map::new());
    for (index, column) in columns.iter().enumerate() {
        let field = match column.label {
            Some(label) => label.to_owned(),
            None => names.next().unwrap_or_default(),
        };
        if column.is_hidden {
            hidden.insert(field.clone(), json!(true));
        }
        order.insert(field.clone(), json!(index));
        titles.insert(field, json!(column.title));
    }
    // A label that no column shows still distinguishes rows.
    let unused = labels.iter().copied().chain(["Time"]).filter(|label| !order.contains_key(*label));
    hidden.extend(unused.map(|label| (label.to_owned(), json!(true))));
    vec![
        json!({ "id": "merge", "options": {} }),
        json!({
            "id": "organize",
            "options": { "excludeByName": hidden, "indexByName": order, "renameByName": titles, "includeByName": {} },
        }),
    ]
}
