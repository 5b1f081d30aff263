//! Reads PEM from the web configuration, inline or from a file.

use crate::config::decoder::{Field, Section};
pub(super) use crate::config::pem::Pem;

/// The PEM at `inline`, or in the file named at `by_file`; `Some(None)` if neither is given.
pub(super) fn either<'a>(section: &Section<'a>, inline: &str, by_file: &str) -> Option<Option<Pem<'a>>> {
    let given = |key| section.get(key).filter(|field: &Field<'_>| !field.is_blank());
    match (given(inline), given(by_file)) {
        (None, None) => Some(None),
        (Some(field), None) => Pem::inline(field).map(Some),
        (None, Some(field)) => Pem::from_file(field).map(Some),
        (Some(_), Some(field)) => {
            field.problem(format!("is mutually exclusive with {inline}"));
            None
        }
    }
}
