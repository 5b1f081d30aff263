//! Follows every link within the repository to its file and heading.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::markdown::{Page, pages};
use crate::alerts::files::repository;

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}

fn problem(page: &Page, link: &str, pages: &BTreeMap<&str, &Page>) -> Option<String> {
    // Other people's pages are for people to follow; a mail address is none.
    if link.starts_with("https://") || link.starts_with("http://127.0.0.1") {
        return None;
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() {
        PathBuf::from(&page.path)
    } else {
        plain(&Path::new(&page.path).parent().unwrap().join(file))
    };
    if !repository().join(&target).exists() {
        return Some(format!("{} does not exist", target.display()));
    }
    if anchor.is_empty() {
        return None;
    }
    let headings = pages.get(target.to_str().unwrap()).map(|page| &page.anchors);
    match headings {
        Some(headings) if headings.contains(anchor) => None,
        headings => Some(format!("no heading #{anchor} among {headings:?}")),
    }
}

#[test]
fn every_link_leads_somewhere() {
    let pages = pages();
    let by_path: BTreeMap<_, _> = pages.iter().map(|page| (page.path.as_str(), page)).collect();
    let links: Vec<_> =
        pages.iter().flat_map(|page| page.links.iter().map(move |(line, link)| (page, line, link))).collect();
    assert!(links.len() > 80, "{}", links.len());
    let problems = links.iter().filter_map(|(page, line, link)| {
        problem(page, link, &by_path).map(|problem| format!("{}: {link}: {problem}", page.at(**line)))
    });
    let problems: Vec<_> = problems.collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A page without a link to it is not found.
#[test]
fn every_page_for_users_is_linked_to_from_another() {
    let pages = pages();
    let linked: Vec<PathBuf> = pages
        .iter()
        .flat_map(|page| {
            let folder = Path::new(&page.path).parent().unwrap();
            page.links.iter().map(move |(_, link)| plain(&folder.join(link.split('#').next().unwrap())))
        })
        .collect();
    for page in pages.iter().filter(|page| page.path.starts_with("docs/")) {
        assert!(linked.iter().any(|path| path == Path::new(&page.path)), "nothing links to {}", page.path);
    }
}

#[test]
fn the_index_lists_every_page() {
    let pages = pages();
    let index = pages.iter().find(|page| page.path == "docs/README.md").unwrap();
    let listed: Vec<&str> = index.links.iter().map(|(_, link)| link.as_str()).collect();
    let names = pages.iter().filter_map(|page| page.path.strip_prefix("docs/"));
    for name in names.filter(|name| *name != "README.md" && (!name.contains('/') || name.ends_with("/README.md"))) {
        assert!(listed.contains(&name), "docs/README.md does not list {name}");
    }
}
