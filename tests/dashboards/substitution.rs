//! Substitutes variables, as Grafana does before it queries Prometheus.

use std::collections::BTreeMap;

use regex::{Captures, Regex};

/// What the variables stand for.
pub(crate) type Values = BTreeMap<String, String>;

/// Grafana's own variables, as they would be for a range of so many seconds.
pub(crate) fn of_range(seconds: u32) -> Values {
    let range = format!("{seconds}s");
    [("__rate_interval", "1m"), ("__interval", "15s"), ("__range", &range)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// A value that was chosen in a list, escaped for the regular expression in a `PromQL` text in which it will stand.
pub(crate) fn escaped(value: &str) -> String {
    let special = |letter: char| r"$^*{}[]'+?.()|".contains(letter);
    value
        .chars()
        .map(|letter| match letter {
            '\\' => r"\\\\".to_owned(),
            '"' => r#"\\\""#.to_owned(),
            '\n' => r"\n".to_owned(),
            letter if special(letter) => format!(r"\\{letter}"),
            letter => letter.to_string(),
        })
        .collect()
}

/// The text with values for all of its variables; an unknown one is a mistake.
pub(crate) fn substituted(text: &str, values: &Values) -> String {
    // A group of label_replace is a number.
    let variable = Regex::new(r"\$([a-zA-Z_]\w*)|\$\{([a-zA-Z_]\w*)\}").unwrap();
    let value = |found: &Captures<'_>| {
        let name = found.get(1).or_else(|| found.get(2)).map_or("", |name| name.as_str());
        values.get(name).unwrap_or_else(|| panic!("no variable {name} for {text}")).clone()
    };
    variable.replace_all(text, value).into_owned()
}

#[test]
fn a_hostile_name_is_matched_by_its_escaped_form_alone() {
    let name = r#"quo"ted \ S.ö|hne ($1) & [co]"#;
    // What PromQL makes of the text between the quotes.
    let pattern = escaped(name).replace(r#"\""#, "\"").replace(r"\\", r"\");
    let pattern = Regex::new(&format!("^(?:{pattern})$")).unwrap();
    assert!(pattern.is_match(name));
    assert!(!pattern.is_match(&name.replace('.', "x")));
}
