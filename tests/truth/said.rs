//! Holds the metrics of one scrape by tenant.
//!
//! Most of the time of this machine goes into reading scrapes, so this reads what the exporter writes and no more; that
//! an exposition is one at all is held elsewhere.

use std::collections::BTreeMap;

/// What is said of one tenant: the value of each sample, by its name and its other labels in their order.
pub(crate) type Facts = BTreeMap<String, f64>;

/// What one scrape says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) text: String,
    /// What is said of the source itself.
    pub(crate) source: Facts,
    pub(crate) tenants: BTreeMap<String, Facts>,
    /// Samples that stand twice: a scrape with one is refused as a whole.
    pub(crate) twice: Vec<String>,
}

impl Said {
    pub(crate) fn parse(text: String) -> Self {
        let mut said = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (series, value) = line.rsplit_once(' ').expect("a sample has a value");
            let value = value.parse().expect("a value is a number");
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let (tenant, key) = read(name, labels);
            let facts = match tenant {
                Some(tenant) => said.tenants.entry(tenant).or_default(),
                None => &mut said.source,
            };
            if facts.insert(key, value).is_some() {
                said.twice.push(series.to_owned());
            }
        }
        Self { text, ..said }
    }
}

/// The tenant that a sample is about, and the sample's name with the labels that say no more of who is meant.
fn read(name: &str, labels: &str) -> (Option<String>, String) {
    let mut tenant = None;
    let mut rest = labels;
    let mut others = Vec::new();
    while let Some((label, quoted)) = rest.split_once("=\"") {
        let end = closing_quote(quoted);
        let value = &quoted[..end];
        match label.trim_start_matches(',') {
            "provider" | "source" | "tenant" => {}
            "tenant_id" => tenant = Some(value.to_owned()),
            label => others.push(format!("{label}={value}")),
        }
        rest = &quoted[end + 1..];
    }
    others.sort_unstable();
    (tenant, format!("{name}{{{}}}", others.join(",")))
}

/// Where a label's value ends: at the first quote that is not escaped.
fn closing_quote(quoted: &str) -> usize {
    let mut from = 0;
    loop {
        let at = from + quoted[from..].find('"').expect("a label's value ends");
        let slashes = quoted[..at].len() - quoted[..at].trim_end_matches('\\').len();
        if slashes.is_multiple_of(2) {
            return at;
        }
        from = at + 1;
    }
}

/// The word that holds of a workload; `None` where nothing is said of it.
pub(crate) fn state_of<'a>(facts: &'a Facts, workload: &str) -> Option<&'a str> {
    let suffix = format!(",workload={workload}}}");
    let states = facts.range("saasbackup_workload_state{".to_owned()..="saasbackup_workload_state~".to_owned());
    let mut holding = states.filter(|(_, value)| **value == 1.0);
    holding.find_map(|(key, _)| key.strip_prefix("saasbackup_workload_state{state=")?.strip_suffix(&suffix))
}

/// Whether the last attempt at a part worked; `None` where nothing is said of it.
pub(crate) fn succeeded(facts: &Facts, part: &str) -> Option<bool> {
    facts.get(&format!("saasbackup_collection_success{{part={part}}}")).map(|value| *value == 1.0)
}
