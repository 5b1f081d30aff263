//! Reads YAML: a list of mappings whose keys are the columns of the table.

use std::path::Path;

use super::cells::{Cells, KEYS};
use super::draft::Drafts;
use crate::config::decoder::{Context, Field};
use crate::config::yaml;
use crate::domain::expected::Place;

/// Adds every item; each problem names its path.
pub(super) fn add_all(text: &str, drafts: &mut Drafts<'_>) -> Vec<String> {
    let document = match yaml::read(text) {
        Ok(document) => document,
        Err(error) => return vec![error.to_string()],
    };
    if document.is_null() {
        return vec!["is empty; expected one item per tenant".to_owned()];
    }
    // The list is data: environment variables are not substituted in it.
    let context = Context::new(&|_| None, Path::new(""));
    let all = Field::root(&document, &context).items("- { tenant_id: ..., workloads: [mail], seats: 25 }");
    for (index, item) in all.into_iter().flatten().enumerate() {
        let Some(cells) = cells(&item) else { continue };
        if let Err(problems) = drafts.add(Place::Item(index), &cells) {
            problems.into_iter().for_each(|problem| item.problem(problem));
        }
    }
    let errors = context.finish(Some(())).err();
    errors.iter().flat_map(|errors| errors.problems()).map(ToString::to_string).collect()
}

/// `None` if and only if a problem was reported.
fn cells(item: &Field<'_>) -> Option<Cells> {
    let section = item.section(KEYS)?;
    let mut cells = Cells::default();
    let mut is_good = true;
    for key in KEYS {
        let Some(value) = section.get(key).filter(|value| !value.is_null()) else { continue };
        let values = if *key == "workloads" && value.is_list() { value.items("[mail]") } else { Some(vec![value]) };
        for value in values.into_iter().flatten() {
            let Some(text) = value.text() else {
                is_good = false;
                continue;
            };
            if let Err(problem) = cells.set(key, &text.value) {
                value.problem(problem);
                is_good = false;
            }
        }
    }
    is_good.then_some(cells)
}
