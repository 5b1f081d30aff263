//! Writes the results as tables.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::model::Outcome;

type Row<'a> = (&'a str, usize, Outcome);

/// Endpoints of which a table names each; the others are summed up.
const NAMED: usize = 6;

pub(crate) fn sizes(sizes: &[u16]) -> String {
    let mut sorted = sizes.to_vec();
    sorted.sort_unstable();
    let at = |share: usize| sorted[(sorted.len() - 1) * share / 100];
    let (median, large, largest) = (at(50), at(95), at(100));
    let all: u64 = sizes.iter().map(|size| u64::from(*size)).sum();
    let count = sizes.len();
    format!("{count} measured tenants, mailboxes: median {median}, p95 {large}, largest {largest}, {all} in all.\n")
}

pub(crate) fn requests(vendor: &str, rows: &[Row<'_>]) -> String {
    let mut text = format!(
        "{vendor}, requests a tenant and day:\n\n| tenants | policy | needed | of before | sent | mostly to |\n|--:|---|--:|--:|--:|---|\n"
    );
    for (policy, tenants, outcome) in rows {
        let before = rows.iter().find(|(own, size, _)| *own == "before" && size == tenants).unwrap();
        let share = outcome.needed_per_tenant_and_day / before.2.needed_per_tenant_and_day;
        let each = |count: u64| count as f64 / outcome.tenants as f64;
        let mut by_endpoint: Vec<_> = outcome.requests.iter().collect();
        by_endpoint.sort_by_key(|(endpoint, count)| (std::cmp::Reverse(**count), **endpoint));
        let named =
            by_endpoint.iter().take(NAMED).map(|(endpoint, count)| format!("`{endpoint}` {:.1}", each(**count)));
        let named = named.collect::<Vec<_>>().join(", ");
        let sent = each(outcome.requests.values().sum());
        let needed = outcome.needed_per_tenant_and_day;
        writeln!(text, "| {tenants} | {policy} | {needed:.0} | {share:.2} | {sent:.0} | {named} |").unwrap();
    }
    text
}

pub(crate) fn ages(vendor: &str, rows: &[Row<'_>]) -> String {
    let mut text = format!(
        "{vendor}, age of the data (median / p95 / oldest), and after how long a change is noticed at the latest:\n\n| part | tenants |"
    );
    let mut policies: Vec<&str> = Vec::new();
    rows.iter().for_each(|(policy, ..)| {
        if !policies.contains(policy) {
            policies.push(policy)
        }
    });
    for policy in &policies {
        write!(text, " {policy} |").unwrap();
    }
    text += "\n|---|--:|";
    text += &"---|".repeat(policies.len());
    text.push('\n');
    let mut cells: BTreeMap<_, BTreeMap<usize, BTreeMap<&str, String>>> = BTreeMap::new();
    for (policy, tenants, outcome) in rows {
        for part in outcome.parts() {
            let age = |share| words(outcome.age(part, share));
            let noticed = words(outcome.noticed_after(part));
            let cell = format!("{} / {} / {}; {noticed}", age(0.5), age(0.95), age(1.0));
            cells.entry(part).or_default().entry(*tenants).or_default().insert(policy, cell);
        }
    }
    for (part, by_size) in &cells {
        for (tenants, cells) in by_size {
            // Licence counters come with the listing where it gives them all.
            let cells = policies.iter().map(|policy| cells.get(policy).map_or("with the listing", String::as_str));
            writeln!(text, "| {} | {tenants} | {} |", part.as_str(), cells.collect::<Vec<_>>().join(" | ")).unwrap();
        }
    }
    text
}

fn words(time: Duration) -> String {
    if time == Duration::MAX {
        return "never".to_owned();
    }
    let minutes = time.as_secs() / 60;
    if minutes < 120 { format!("{minutes} min") } else { format!("{:.1} h", time.as_secs_f64() / 3600.0) }
}
