//! Names the vendors' endpoints by template, and builds URLs from them.

use url::Url;

/// An endpoint, such as `/users/{id}/tenants`; the template identifies it in labels, logs and errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    template: &'static str,
    is_created_an_answer: bool,
}

impl Endpoint {
    pub(super) const fn new(template: &'static str) -> Self {
        Self { template, is_created_an_answer: false }
    }

    /// The same endpoint, with the documented success code 201.
    pub(super) const fn answering_created(self) -> Self {
        Self { is_created_an_answer: true, ..self }
    }

    pub(super) const fn template(self) -> &'static str {
        self.template
    }

    /// Whether 201 is a success, as 200 is everywhere.
    pub(super) const fn is_created_an_answer(self) -> bool {
        self.is_created_an_answer
    }

    /// The URL below `base`, with each `{..}` replaced by the next id, percent-encoded.
    pub(super) fn url(self, base: &Url, ids: &[&str]) -> Url {
        let mut url = base.clone();
        let mut ids = ids.iter();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty();
            for segment in self.template.split('/').filter(|segment| !segment.is_empty()) {
                let id = segment.starts_with('{').then(|| ids.next()).flatten();
                segments.push(id.unwrap_or(&segment));
            }
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_escaped_into_the_path() {
        let base = Url::parse("https://dropsuite.us/api").unwrap();
        for (template, ids, expected) in [
            ("/users", &[][..], "https://dropsuite.us/api/users"),
            ("/users/{id}/tenants", &["440032-6"], "https://dropsuite.us/api/users/440032-6/tenants"),
            ("/a/{id}/b/{other}", &["x/../y?z", "#2"], "https://dropsuite.us/api/a/x%2F..%2Fy%3Fz/b/%232"),
        ] {
            assert_eq!(Endpoint::new(template).url(&base, ids).as_str(), expected);
        }
    }
}
