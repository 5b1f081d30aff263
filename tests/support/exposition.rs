//! Parses the text exposition independently of the product, and rejects whatever Prometheus would reject.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The labels of one sample.
pub(crate) type Labels = BTreeMap<String, String>;

/// One series: the name of a sample with its labels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) labels: Labels,
}

/// One scrape.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exposition {
    pub(crate) text: String,
    /// The kind of every family, by the name in its header.
    pub(crate) kinds: BTreeMap<String, String>,
    samples: BTreeMap<String, BTreeMap<Labels, f64>>,
    count: usize,
}

impl Series {
    pub(crate) fn new(name: &str, labels: &[(&str, &str)]) -> Self {
        let labels = labels.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { name: name.to_owned(), labels }
    }

    /// The value of a label; empty, as Prometheus has it, where there is none.
    pub(crate) fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

impl fmt::Display for Series {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels: Vec<_> = self.labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        write!(formatter, "{}{{{}}}", self.name, labels.join(","))
    }
}

impl Exposition {
    /// Reads the text format, version 0.0.4.
    pub(crate) fn parse(text: &str) -> Self {
        let mut parsed = Self { text: text.to_owned(), ..Self::default() };
        let mut helped = BTreeSet::new();
        let mut finished = BTreeSet::new();
        let mut current = String::new();
        assert!(text.is_empty() || text.ends_with('\n'), "the last line has no end");
        for (number, line) in (1..).zip(text.split_terminator('\n')) {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, sentence) = help.split_once(' ').unwrap_or((help, ""));
                assert!(!sentence.is_empty(), "line {number}: {name} has no help");
                assert!(helped.insert(name.to_owned()), "line {number}: a second HELP of {name}");
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap_or_else(|| panic!("line {number}: {line}"));
                assert!(finished.insert(std::mem::replace(&mut current, name.to_owned())), "line {number}: {line}");
                assert!(!finished.contains(name), "line {number}: {name} begins a second time");
                let kinds = ["gauge", "counter", "histogram"];
                assert!(kinds.contains(&kind), "line {number}: no kind of the text format: {line}");
                parsed.kinds.insert(name.to_owned(), kind.to_owned());
            } else {
                assert!(!line.starts_with('#') && !line.is_empty(), "line {number}: {line:?}");
                let (series, value) = sample(line).unwrap_or_else(|| panic!("line {number} is no sample: {line}"));
                let family = family_of(&series.name, &parsed.kinds);
                assert_eq!(family, Some(current.as_str()), "line {number} stands outside of its family: {line}");
                assert!(!value.is_nan(), "line {number}: {line}");
                let twin = parsed.samples.entry(series.name.clone()).or_default().insert(series.labels.clone(), value);
                assert_eq!(twin, None, "line {number}: {series} stands twice");
                parsed.count += 1;
            }
        }
        parsed
    }

    /// The number of samples.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// What the exporter says of its sources and its attempts, for the message of a test that fails.
    pub(crate) fn summary(&self) -> String {
        let tells = ["saasbackup_up", "saasbackup_listing_complete", "saasbackup_collection_success", "_total"];
        let lines =
            self.text.lines().filter(|line| tells.iter().any(|word| line.contains(word)) && !line.ends_with(" 0"));
        lines.take(400).collect::<Vec<_>>().join("\n")
    }

    /// Every series with its value.
    pub(crate) fn series(&self) -> impl Iterator<Item = (Series, f64)> + '_ {
        self.samples.iter().flat_map(|(name, samples)| {
            samples.iter().map(|(labels, value)| (Series { name: name.clone(), labels: labels.clone() }, *value))
        })
    }

    /// The series of this name that have at least these labels.
    pub(crate) fn all(&self, name: &str, labels: &[(&str, &str)]) -> Vec<(Series, f64)> {
        let found = self
            .samples
            .get(name)
            .into_iter()
            .flatten()
            .filter(|(own, _)| labels.iter().all(|(label, value)| own.get(*label).is_some_and(|own| own == value)));
        found.map(|(own, value)| (Series { name: name.to_owned(), labels: own.clone() }, *value)).collect()
    }

    /// The one value with these labels; `None` where there is no such series.
    pub(crate) fn get(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let found = self.all(name, labels);
        assert!(found.len() <= 1, "{} does not tell these apart: {found:?}", Series::new(name, labels));
        found.first().map(|(_, value)| *value)
    }

    /// The one value with these labels, which must be there.
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.get(name, labels).unwrap_or_else(|| {
            let (series, all) = (Series::new(name, labels), self.all(name, &[]));
            let near: Vec<_> = all.iter().take(20).map(|(series, value)| format!("  {series} {value}")).collect();
            panic!("{series} is missing; of {} series of that name:\n{}", all.len(), near.join("\n"))
        })
    }

    /// The sum over all series with these labels.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.all(name, labels).iter().map(|(_, value)| value).sum()
    }

    /// The one word that holds in a state set; fails where it is none or several.
    pub(crate) fn state(&self, name: &str, labels: &[(&str, &str)]) -> String {
        let all = self.all(name, labels);
        let holds: Vec<_> =
            all.iter().filter(|(_, value)| *value == 1.0).map(|(series, _)| series.label("state")).collect();
        assert!(all.iter().all(|(_, value)| *value == 0.0 || *value == 1.0), "{all:?}");
        assert_eq!(holds.len(), 1, "{} of {all:?}", Series::new(name, labels));
        holds[0].to_owned()
    }

    /// The state of one workload of one tenant.
    pub(crate) fn workload_state(&self, tenant_id: &str, workload: &str) -> String {
        self.state("saasbackup_workload_state", &[("tenant_id", tenant_id), ("workload", workload)])
    }

    /// Everything that is said of one tenant.
    pub(crate) fn of_tenant(&self, tenant_id: &str) -> BTreeMap<Series, f64> {
        self.series().filter(|(series, _)| series.label("tenant_id") == tenant_id).collect()
    }
}

/// Says where two sets of series differ, one line each; empty where they do not.
pub(crate) fn differences(expected: &BTreeMap<Series, f64>, found: &BTreeMap<Series, f64>) -> Vec<String> {
    let all: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    all.into_iter()
        .filter(|series| expected.get(series) != found.get(series))
        .map(|series| format!("{series}: expected {:?}, found {:?}", expected.get(series), found.get(series)))
        .collect()
}

/// The family a sample belongs to: its own name but for a histogram's three suffixes.
fn family_of<'a>(name: &'a str, kinds: &BTreeMap<String, String>) -> Option<&'a str> {
    if kinds.contains_key(name) {
        return Some(name);
    }
    let stem = ["_bucket", "_sum", "_count"].into_iter().find_map(|suffix| name.strip_suffix(suffix))?;
    kinds.get(stem).is_some_and(|kind| kind == "histogram").then_some(stem)
}

fn sample(line: &str) -> Option<(Series, f64)> {
    let end = line.find(['{', ' '])?;
    let (name, rest) = line.split_at(end);
    let is_plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let (labels, value) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Labels::new(), rest),
    };
    let value = value.strip_prefix(' ')?.parse().ok()?;
    (is_plain && !name.is_empty()).then(|| (Series { name: name.to_owned(), labels }, value))
}

/// The labels up to the closing brace, and what follows it.
fn labels(mut rest: &str) -> Option<(Labels, &str)> {
    let mut labels = Labels::new();
    loop {
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, after));
        }
        let (name, quoted) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut letters = quoted.char_indices();
        let end = loop {
            match letters.next()? {
                (at, '"') => break at,
                (_, '\\') => value.push(match letters.next()?.1 {
                    'n' => '\n',
                    escaped @ ('\\' | '"') => escaped,
                    _ => return None,
                }),
                (_, letter) => value.push(letter),
            }
        };
        if labels.insert(name.to_owned(), value).is_some() {
            return None;
        }
        rest = &quoted[end + 1..];
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
}
