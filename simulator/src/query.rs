//! Reads the parameters of a request.

use std::ops::RangeInclusive;

use url::form_urlencoded;

/// The decoded parameters in the order of the request.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        Self { pairs: form_urlencoded::parse(text.as_bytes()).into_owned().collect() }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A whole number; `default` when the parameter is missing, `None` when it is no number within the bounds.
    pub(crate) fn number(&self, name: &str, default: usize, bounds: RangeInclusive<usize>) -> Option<usize> {
        match self.get(name) {
            None => Some(default),
            Some(text) => text.parse().ok().filter(|number| bounds.contains(number)),
        }
    }

    /// Whether a row passes the filter: it does when the parameter is missing or equal to one of its values.
    pub(crate) fn allows(&self, name: &str, values: &[Option<&str>]) -> bool {
        match self.get(name) {
            None => true,
            Some(wanted) => values.iter().flatten().any(|value| value.eq_ignore_ascii_case(wanted)),
        }
    }

    /// The parameters of a neighbouring page, in the order in which Dropsuite's samples have them.
    pub(crate) fn for_page(&self, page: usize) -> String {
        let filters = self.pairs.iter().filter(|(key, _)| key != "page" && key != "per_page");
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(filters).append_pair("page", &page.to_string());
        if let Some(rows) = self.get("per_page") {
            text.append_pair("per_page", rows);
        }
        text.finish()
    }
}
