//! Reads which columns of the list become labels of the tenants.

use std::sync::Arc;

use super::cells::Cells;
use crate::config::decoder::{Field, Section};
use crate::config::tenant_list::{self, Columns};
use crate::exposition::label_names;

/// The key of the section.
pub(super) const KEY: &str = "labels";

/// Maximum number of labels: each is in memory once for each tenant, here and in Prometheus.
const MAX_LABELS: usize = 10;

/// Maximum length of the name of a label, in characters.
const MAX_NAME_LENGTH: usize = 100;

/// Maximum length of the value of a label, in characters.
const MAX_VALUE_LENGTH: usize = 200;

/// Labels that Prometheus sets, and one that the rules set.
const OF_PROMETHEUS: [&str; 7] = ["alertname", "alertstate", "instance", "job", "le", "quantile", "severity"];

/// The columns that become labels; `None` if and only if a problem was reported.
pub(super) fn names(section: &Section<'_>) -> Option<Columns> {
    let Some(field) = section.get(KEY) else { return Some(Columns::default()) };
    let items = field.items("[owner]")?;
    if items.len() > MAX_LABELS {
        field.problem(format!("has {} names; at most {MAX_LABELS} are accepted", items.len()));
        return None;
    }
    let mut names: Vec<Arc<str>> = Vec::new();
    let mut is_good = true;
    for item in &items {
        match name(item, &names) {
            Some(name) => names.push(name),
            None => is_good = false,
        }
    }
    is_good.then(|| names.into())
}

fn name(item: &Field<'_>, before: &[Arc<str>]) -> Option<Arc<str>> {
    let text = item.text()?;
    let problem = match text.value.as_str() {
        name if !is_label_name(name) => {
            "is not a label name: up to 100 letters, digits and _, not beginning with a digit or __"
        }
        name if is_reserved(name) => "is reserved: it is another column of the list, or a label of metrics or alerts",
        name if before.iter().any(|other| tenant_list::is_same_column(other, name)) => "is a duplicate",
        name => return Some(name.into()),
    };
    item.problem(format!("{} {problem}", text.shown()));
    None
}

fn is_label_name(name: &str) -> bool {
    let is_word = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let begins = name.starts_with(|first: char| !first.is_ascii_digit()) && !name.starts_with("__");
    is_word && begins && name.len() <= MAX_NAME_LENGTH
}

/// Whether an alert, or a metric beside which the label may stand, has a label of this name, or the list a column.
fn is_reserved(name: &str) -> bool {
    let columns = <Cells as tenant_list::Cells>::KEYS.iter().copied();
    let alias = <Cells as tenant_list::Cells>::ALIAS.map(|(alias, _)| alias);
    let mut reserved = columns.chain(alias).chain(label_names()).chain(OF_PROMETHEUS);
    reserved.any(|reserved| tenant_list::is_same_column(reserved, name))
}

/// What is wrong with the value of a label, which is not quoted: it may be the name of a person.
pub(super) fn problem(name: &str, value: &str) -> Option<String> {
    let is_long = value.chars().count() > MAX_VALUE_LENGTH;
    is_long.then(|| format!("{name} is longer than {MAX_VALUE_LENGTH} characters"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::decoder::Context;
    use crate::config::error::Errors;
    use crate::config::yaml;

    fn read(labels: &str) -> Result<Vec<String>, String> {
        let document = yaml::read(&format!("labels: {labels}")).unwrap();
        let context = Context::new(&|_| None, Path::new(""));
        let section = Field::root(&document, &context).section(&[KEY]).unwrap();
        let names = names(&section);
        let read = context.finish(names).map(|names| names.iter().map(ToString::to_string).collect());
        read.map_err(|errors: Errors| errors.to_string())
    }

    #[test]
    fn label_names_of_prometheus_are_accepted() {
        for labels in ["[]", "[psa_id, tier, owner]", "[_a, A1, AccountManager]", "[a, b, c, d, e, f, g, h, i, j]"] {
            let expected: Vec<_> =
                labels.trim_matches(['[', ']']).split(", ").filter(|name| !name.is_empty()).collect();
            assert_eq!(read(labels).unwrap(), expected, "{labels}");
        }
        assert_eq!(read(&format!("[{}]", "a".repeat(MAX_NAME_LENGTH))).unwrap().len(), 1);
    }

    #[test]
    fn other_names_are_reported() {
        const NO_NAME: &str = "is not a label name: up to 100 letters, digits and _, not beginning with a digit or __";
        const RESERVED: &str = "is reserved: it is another column of the list, or a label of metrics or alerts";
        for (name, problem) in [
            ("psa-id", NO_NAME),
            ("Straße", NO_NAME),
            ("1st", NO_NAME),
            ("__name__", NO_NAME),
            ("' '", NO_NAME),
            ("tenant", RESERVED),
            ("Tenant_ID", RESERVED),
            ("seats", RESERVED),
            ("workload", RESERVED),
            ("state", RESERVED),
            ("plan", RESERVED),
            ("severity", RESERVED),
            ("instance", RESERVED),
        ] {
            let shown = name.trim_matches('\'');
            assert_eq!(read(&format!("[{name}]")).unwrap_err(), format!("labels[0]: {shown:?} {problem}"));
        }
        assert_eq!(read("[owner, OWNER]").unwrap_err(), "labels[1]: \"OWNER\" is a duplicate");
        let eleven = "[a, b, c, d, e, f, g, h, i, j, k]";
        assert_eq!(read(eleven).unwrap_err(), "labels: has 11 names; at most 10 are accepted");
        assert_eq!(read("owner").unwrap_err(), "labels: expected a list ([owner]), found text");
        assert!(read(&format!("[{}]", "a".repeat(MAX_NAME_LENGTH + 1))).is_err());
    }
}
