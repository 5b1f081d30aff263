//! Reads YAML: a list of mappings whose keys are the columns of the table.

use std::path::Path;
use std::sync::Arc;

use super::{Cells, Drafts, List};
use crate::config::decoder::{Context, Field};
use crate::config::yaml;
use crate::domain::roster::Place;

/// Adds every item; each problem names its path.
pub(super) fn add_all<L: List>(text: &str, drafts: &mut L::Drafts<'_>) -> Vec<String> {
    let document = match yaml::read(text) {
        Ok(document) => document,
        Err(error) => return vec![error.to_string()],
    };
    if document.is_null() {
        return vec![format!("is empty; expected one item per {}", L::RECORD)];
    }
    // The list is data: environment variables are not substituted in it.
    let context = Context::new(&|_| None, Path::new(""));
    let all = Field::root(&document, &context).items(L::EXAMPLE);
    for (index, item) in all.into_iter().flatten().enumerate() {
        let Some(cells) = cells(&item, drafts.columns()) else { continue };
        if let Err(problems) = drafts.add(Place::Item(index), &cells) {
            problems.into_iter().for_each(|problem| item.problem(problem));
        }
    }
    let errors = context.finish(Some(())).err();
    errors.iter().flat_map(|errors| errors.problems()).map(ToString::to_string).collect()
}

/// `None` if and only if a problem was reported.
fn cells<C: Cells>(item: &Field<'_>, further: &[Arc<str>]) -> Option<C> {
    let keys: Vec<&str> = C::KEYS.iter().copied().chain(further.iter().map(|name| &**name)).collect();
    let section = item.section(&keys)?;
    let mut cells = C::default();
    let mut is_good = true;
    for key in keys {
        let Some(value) = section.get(key).filter(|value| !value.is_null()) else { continue };
        let values = if C::SEVERAL == Some(key) && value.is_list() { value.items("[mail]") } else { Some(vec![value]) };
        for value in values.into_iter().flatten() {
            let Some(text) = value.text() else {
                is_good = false;
                continue;
            };
            if let Err(problem) = cells.take(key, &text.value) {
                value.problem(problem);
                is_good = false;
            }
        }
    }
    is_good.then_some(cells)
}
