//! Reads the parameters of a request.

use url::form_urlencoded;

use super::refusal::Refusal;

/// The decoded parameters in the order of the request.
#[derive(Debug, Default)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        Self { pairs: form_urlencoded::parse(text.as_bytes()).into_owned().collect() }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a row passes the filter: it does when the parameter is missing or equal to one of its values.
    pub(super) fn allows(&self, name: &str, values: &[Option<&str>]) -> bool {
        match self.get(name) {
            None => true,
            Some(wanted) => values.iter().flatten().any(|value| value.eq_ignore_ascii_case(wanted)),
        }
    }

    /// The page asked for, 1 by default; a bad one makes the vendor fail with 500.
    pub(super) fn page(&self) -> Result<usize, Refusal> {
        match self.get("page").map(str::parse) {
            None => Ok(1),
            Some(Ok(page @ 1..)) => Ok(page),
            Some(_) => Err(Refusal::InvalidPage),
        }
    }

    /// The rows per page asked for.
    pub(super) fn per_page(&self, default: usize) -> Result<usize, Refusal> {
        match self.get("per_page").map(str::parse) {
            None => Ok(default),
            Some(Ok(rows @ 1..=100)) => Ok(rows),
            Some(_) => Err(Refusal::InvalidPerPage),
        }
    }

    /// The parameters of a neighbouring page, in the order in which the document's samples have them.
    pub(super) fn for_page(&self, page: usize) -> String {
        let filters = self.pairs.iter().filter(|(key, _)| key != "page" && key != "per_page");
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(filters).append_pair("page", &page.to_string());
        if let Some(rows) = self.get("per_page") {
            text.append_pair("per_page", rows);
        }
        text.finish()
    }
}
