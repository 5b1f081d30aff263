//! Checks which module may use which: the graph of `crate::` and `super::` paths is acyclic at every level of `src/`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The rooms of `src/` from top to bottom, each with the rooms below it that it may name.
const ROOMS: &[(&str, &str)] = &[
    ("cli", "commands config domain process report server"),
    ("commands", "app config domain exposition instrumentation poller process provider recording report server"),
    ("app", "config domain exposition instrumentation poller process provider server state_file store"),
    ("server", "config domain exposition instrumentation markup process qvalue store"),
    ("recording", "domain process provider"),
    ("report", "config markup process spreadsheet"),
    ("poller", "config domain instrumentation process provider store"),
    ("state_file", "domain process store"),
    ("config", "domain exposition process spreadsheet"),
    ("provider", "domain instrumentation process"),
    ("store", "domain"),
    ("exposition", "domain instrumentation metric qvalue spreadsheet"),
    ("instrumentation", "domain metric"),
    ("process", "domain"),
    ("metric", ""),
    ("qvalue", ""),
    ("spreadsheet", ""),
    ("markup", ""),
    ("domain", ""),
];

/// A module, and words that must not occur in it.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "domain",
        &["serde", "url::", "secrecy", "regex", "reqwest", "prometheus_client", "tokio", "tracing", "axum", "jiff"],
    ),
    ("domain", &["SystemTime"]),
    ("domain/expected", &["std::fs"]),
    ("domain/shard", &["crate::", "DefaultHasher"]),
    ("provider", &["saasbackup_simulator", "axum::"]),
    ("exposition", &["reqwest", "axum", "async fn", ".await"]),
    ("server", &["reqwest"]),
    ("server/status_page", &["crate::server::metrics", "axum", "tokio", "async fn"]),
    ("poller", &["axum", "reqwest"]),
    ("config/web", &["crate::exposition", "tokio", "reqwest"]),
    ("commands/health", &["crate::provider", "crate::server", "reqwest"]),
    ("state_file", &["reqwest", "axum"]),
    ("store", &["tokio"]),
];

/// A word, and the only modules in which it may occur.
const RESERVED: &[(&str, &[&str])] = &[
    ("prometheus_client::", &["exposition", "instrumentation"]),
    ("jiff::Timestamp::now", &["process/clock"]),
    ("SystemTime::now", &[]),
    ("arc_swap", &["store"]),
    ("reqwest::Client", &["provider/transport", "report/client"]),
    ("process::exit", &["process/shutdown"]),
];

/// The code of every module by its path (`provider/transport`): neither tests nor comments, nor the two roots, nor the
/// doors through which the fuzz targets come in.
fn modules() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut modules) = (vec![root.clone()], BTreeMap::new());
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.strip_prefix(&root).unwrap().with_extension("").to_str().unwrap().to_owned();
            if ["tests", "fuzzing"].iter().any(|end| name.ends_with(end)) || ["lib", "main"].contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                modules.insert(name, code(&std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(modules.len() > 80, "the sources were found: {}", modules.len());
    modules
}

fn code(text: &str) -> String {
    let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = product.lines().map(|line| line.split(" //").next().unwrap());
    lines.filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect()
}

/// All paths that begin at one place: `super::{a, b::{c, d}}` is `super::a`, `super::b::c` and `super::b::d`.
fn paths<'a>(code: &'a str, before: &str, found: &mut Vec<String>) -> &'a str {
    let end = code.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(code.len());
    let (name, rest) = code.split_at(end);
    let path = if before.is_empty() { name.to_owned() } else { format!("{before}/{name}") };
    let Some(below) = rest.strip_prefix("::") else {
        found.push(path);
        return rest;
    };
    let Some(mut list) = below.strip_prefix('{') else { return paths(below, &path, found) };
    loop {
        list = paths(list.trim_start_matches([',', ' ', '\n']), &path, found).trim_start();
        // `use a as b`, or a path within code: what follows a name is of no interest up to the next one.
        list = list.split_at(list.find([',', '}']).unwrap_or(list.len())).1;
        if let Some(rest) = list.trim_start_matches([',', ' ', '\n']).strip_prefix('}') {
            return rest;
        }
        if list.is_empty() {
            return list;
        }
    }
}

/// What the code of a module names within the crate, as paths from its root: modules and items alike.
fn names(module: &str, code: &str) -> BTreeSet<String> {
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(start) {
            // Neither the middle of a longer path nor the end of a longer word.
            let before = code[..at].chars().next_back();
            if !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == ':') {
                paths(&code[at..], "", &mut found);
            }
        }
    }
    found.iter().map(|path| resolved(module, path)).collect()
}

fn resolved(module: &str, path: &str) -> String {
    let mut absolute: Vec<_> = module.split('/').collect();
    for name in path.split('/') {
        match name {
            "crate" => absolute.clear(),
            "self" => {}
            "super" => drop(absolute.pop()),
            name => absolute.push(name),
        }
    }
    absolute.join("/")
}

/// Who names whom among the modules of `parent`, with all that is below them; the crate itself is the empty path.
/// An item that the parent re-exports counts as its module.
fn arrows(modules: &BTreeMap<String, String>, parent: &str) -> BTreeSet<(String, String)> {
    let child = |path: &str| {
        let below = if parent.is_empty() { path } else { path.strip_prefix(parent)?.strip_prefix('/')? };
        let name = below.split('/').next().filter(|name| !name.is_empty())?;
        Some(if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") })
    };
    let public = modules.get(parent).map(String::as_str).unwrap_or_default();
    let uses =
        public.split(';').filter_map(|item| item.split_once("pub").and_then(|(_, item)| item.split_once("use ")));
    let mut exported = BTreeMap::new();
    for (_, item) in uses {
        let (item, mut found) = (item.trim().trim_start_matches("self::"), Vec::new());
        paths(item, "", &mut found);
        exported.extend(found.iter().filter_map(|path| {
            let (module, item) = (path.split('/').next()?, path.rsplit('/').next()?);
            Some((format!("{parent}/{item}"), format!("{parent}/{module}")))
        }));
    }
    let mut arrows = BTreeSet::new();
    for (module, code) in modules {
        let Some(from) = child(module) else { continue };
        for name in names(module, code) {
            let name = exported.get(&name).unwrap_or(&name);
            let to = child(name).filter(|to| *to != from && modules.contains_key(to));
            arrows.extend(to.map(|to| (from.clone(), to)));
        }
    }
    arrows
}

/// The arrows of a graph from whose end there is a way back to their beginning.
fn circles(arrows: &BTreeSet<(String, String)>) -> BTreeSet<(String, String)> {
    let leads_back = |(from, to): &&(String, String)| {
        let mut reached = BTreeSet::from([to]);
        loop {
            let next: Vec<_> = arrows.iter().filter(|(at, _)| reached.contains(at)).map(|(_, next)| next).collect();
            let before = reached.len();
            reached.extend(next);
            if reached.contains(from) || reached.len() == before {
                return reached.contains(from);
            }
        }
    };
    arrows.iter().filter(leads_back).cloned().collect()
}

#[test]
fn rooms_name_only_rooms_below_them() {
    for (at, (room, below)) in ROOMS.iter().enumerate() {
        let is_below = |name: &str| ROOMS[at + 1..].iter().any(|(room, _)| *room == name);
        assert!(below.split_whitespace().all(is_below), "{room} is in the table below one of: {below}");
    }
    let allowed = |(from, to): &(String, String)| {
        ROOMS.iter().any(|(room, below)| room == from && below.split_whitespace().any(|name| name == to))
    };
    let found = arrows(&modules(), "");
    assert!(found.len() > 40, "the arrows were found: {found:?}");
    let new: Vec<_> = found.iter().filter(|arrow| !allowed(arrow)).collect();
    assert!(new.is_empty(), "no room may name another but as in ROOMS: {new:?}");
    let listed = ROOMS.iter().flat_map(|(room, below)| below.split_whitespace().map(move |name| (*room, name)));
    let is_gone = |(from, to): &(&str, &str)| !found.contains(&((*from).to_owned(), (*to).to_owned()));
    let gone: Vec<_> = listed.filter(is_gone).collect();
    assert!(gone.is_empty(), "delete from ROOMS what no room needs: {gone:?}");
}

#[test]
fn siblings_form_no_circle() {
    let modules = modules();
    let rooms = [String::new()];
    let circles: BTreeSet<_> =
        modules.keys().chain(&rooms).flat_map(|parent| circles(&arrows(&modules, parent))).collect();
    assert!(circles.is_empty(), "modules know each other in a circle: {circles:#?}");
}

#[test]
fn a_circle_is_found() {
    let arrow = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let files = [
        ("a", "pub use self::x::{X, Y};"),
        ("a/x", "use super::y::{Y, Z as W};"),
        ("a/y/z", "use crate::{b, a::{Y}};"),
        ("a/y", ""),
        ("b", "fn f() -> super::a::X { other_crate::c() }"),
    ];
    let modules: BTreeMap<_, _> = files.iter().map(|(name, code)| ((*name).to_owned(), (*code).to_owned())).collect();
    assert_eq!(arrows(&modules, ""), [arrow("a", "b"), arrow("b", "a")].into());
    let within = arrows(&modules, "a");
    assert_eq!(within, [arrow("a/x", "a/y"), arrow("a/y", "a/x")].into());
    assert_eq!(circles(&within).len(), 2);
    assert_eq!(circles(&[arrow("a", "b"), arrow("b", "c"), arrow("a", "c")].into()), [].into());
}

#[test]
fn words_occur_only_where_they_may() {
    let modules = modules();
    let is_within = |module: &str, area: &str| Path::new(module).starts_with(area);
    let mut found = Vec::new();
    for (module, code) in &modules {
        let forbidden = FORBIDDEN.iter().filter(|(area, _)| is_within(module, area)).flat_map(|(_, words)| *words);
        let reserved = RESERVED.iter().filter(|(_, areas)| !areas.iter().any(|area| is_within(module, area)));
        let words = forbidden.chain(reserved.map(|(word, _)| word));
        found.extend(words.filter(|word| code.contains(**word)).map(|word| format!("{module} names {word}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    for area in FORBIDDEN.iter().map(|(area, _)| area).chain(RESERVED.iter().flat_map(|(_, areas)| *areas)) {
        assert!(modules.contains_key(*area), "no module {area}");
    }
    for (word, _) in RESERVED.iter().filter(|(_, areas)| !areas.is_empty()) {
        assert!(modules.values().any(|code| code.contains(word)), "nothing names {word}");
    }
}

/// The program compiles for Windows, although only Linux is supported.
#[test]
fn what_only_unix_has_is_compiled_only_there() {
    let mut found = 0;
    for (module, code) in modules() {
        let lines: Vec<_> = code.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            if module != "process/shutdown/unix" && ["os::unix", "signal::unix"].iter().any(|word| line.contains(word))
            {
                let is_gated = lines[at.saturating_sub(3)..at].iter().any(|line| line.contains("#[cfg(unix)]"));
                assert!(is_gated, "{module}: {line}");
                found += 1;
            }
        }
    }
    assert!(found > 3, "{found}");
}
