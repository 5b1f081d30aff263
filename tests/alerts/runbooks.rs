//! Checks the runbooks against the rules, and their queries against the catalogue.

use regex::Regex;

use super::files::{alerts, files, names, read, repository, vocabulary};

const SECTIONS: [&str; 6] = ["Meaning", "Impact", "Diagnosis", "Fix", "Silencing and inhibition", "Limitations"];

fn pages() -> Vec<(String, String)> {
    files("docs/runbooks", ".md")
        .iter()
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), read(path)))
        .collect()
}

#[test]
fn every_alert_has_a_page_and_every_page_an_alert() {
    let names = names();
    let mut pages: Vec<_> = pages().into_iter().map(|(name, _)| name).collect();
    pages.retain(|name| name != "README");
    assert!(names.iter().eq(&pages), "alerts {names:?}\npages {pages:?}");
}

#[test]
fn a_page_says_what_its_rule_says() {
    for rule in alerts() {
        let page = read(&repository().join(format!("docs/runbooks/{}.md", rule.alert)));
        let mut lines = page.lines();
        assert_eq!(lines.next(), Some(format!("# {}", rule.alert).as_str()));
        let head = lines.nth(1).unwrap_or_default().to_lowercase();
        for words in [rule.severity(), &format!("after {}", rule.pending)] {
            assert!(head.contains(words), "{} does not say {words}: {head}", rule.alert);
        }
        let headings: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(headings, SECTIONS, "{}", rule.alert);
        assert!(page.contains("\n### Causes\n"), "{} lists no causes", rule.alert);
        assert!(page.contains("```promql"), "{} shows no query", rule.alert);
    }
}

#[test]
fn every_query_names_what_exists() {
    let (vocabulary, block) = (vocabulary(), Regex::new(r"(?s)```promql\n(.*?)```").unwrap());
    let mut problems = Vec::new();
    for (name, page) in pages() {
        for (_, [query]) in block.captures_iter(&page).map(|found| found.extract()) {
            if let Err(found) = vocabulary.check(query) {
                problems.extend(found.into_iter().map(|problem| format!("{name}: {problem}")));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_page_sends_a_reader_to_an_alert_or_a_metric_that_does_not_exist() {
    let (names, alert) = (names(), Regex::new(r"\bSaasBackup\w+").unwrap());
    let metric = Regex::new(r"`(saasbackup_\w+)").unwrap();
    let vocabulary = vocabulary();
    for (page, text) in pages() {
        for found in alert.find_iter(&text) {
            assert!(names.contains(found.as_str()), "{page}: {}", found.as_str());
        }
        for (_, [name]) in metric.captures_iter(&text).map(|found| found.extract()) {
            vocabulary.check(name).unwrap_or_else(|problems| panic!("{page}: {problems:?}"));
        }
    }
}

#[test]
fn the_index_and_the_list_of_alerts_are_complete() {
    let index = read(&repository().join("docs/runbooks/README.md"));
    let list = read(&repository().join("alerts/README.md"));
    for rule in alerts() {
        let name = &rule.alert;
        assert!(index.contains(&format!("[{name}]({name}.md)")), "{name}");
        let row = format!("| [{name}](../docs/runbooks/{name}.md) | {} | {} |", rule.severity(), rule.pending);
        assert!(list.contains(&row), "alerts/README.md lacks {row}");
    }
    let rows = list.lines().filter(|line| line.starts_with("| [")).count();
    assert_eq!(rows, alerts().len(), "no row is left over");
}
