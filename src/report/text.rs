//! Writes a digest for mail or chat: the worst first, what changed, and what is not known.

use std::fmt::{self, Write as _};

use super::model::{Customer, Month, Report};
use super::words::{duration, workload};
use crate::markup::is_invisible;

/// Names are chosen by customers; longer ones are cut.
const MAX_NAME: usize = 60;

/// The digest of a period, compared with the one before if there is one.
#[must_use]
pub fn digest(report: &Report, before: Option<&Report>) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut text, report, before);
    text
}

fn write(text: &mut String, report: &Report, before: Option<&Report>) -> fmt::Result {
    let of = |wanted: Verdict| -> Vec<_> {
        report.customers.iter().filter(|customer| verdict(customer) == wanted).collect()
    };
    let count = |wanted: Verdict| of(wanted).len();
    let (outside, in_doubt) = (of(Verdict::Outside), of(Verdict::InDoubt));
    writeln!(text, "SaaS backups {} ({})", report.period.label, report.period.zone)?;
    writeln!(
        text,
        "{} customers: {} outside the objective, {} not known for some time, {} within it, {} with nothing to back up",
        report.customers.len(),
        outside.len(),
        in_doubt.len(),
        count(Verdict::Within),
        count(Verdict::NothingDue)
    )?;
    if report.period.is_cut {
        writeln!(text, "The period has not ended: this is preliminary.")?;
    }
    if report.seen < report.period.seconds() {
        writeln!(text, "The exporter was not seen for {}.", duration(report.period.seconds() - report.seen))?;
    }
    if !report.missing.is_empty() {
        writeln!(text, "There is no data about: {}.", report.missing.join(", "))?;
    }
    section(text, "Outside the objective", &outside, before)?;
    section(text, "Not known for some time", &in_doubt, before)?;
    recovered(text, report, before)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Outside,
    InDoubt,
    Within,
    NothingDue,
}

fn verdict(customer: &Customer) -> Verdict {
    match customer.badness() {
        (0, 0) if customer.workloads.iter().all(|month| month.summary.total.within == 0) => Verdict::NothingDue,
        (0, 0) => Verdict::Within,
        (0, _) => Verdict::InDoubt,
        _ => Verdict::Outside,
    }
}

fn section(text: &mut String, title: &str, customers: &[&Customer], before: Option<&Report>) -> fmt::Result {
    if !customers.is_empty() {
        writeln!(text, "\n{title}:")?;
    }
    for customer in customers {
        writeln!(text, "- {} ({})", plain(&customer.name), plain(&customer.key.tenant_id))?;
        for month in &customer.workloads {
            let total = month.summary.total;
            let times = [("outside", total.outside), ("not known", total.in_doubt())];
            let times = times.into_iter().filter(|(_, seconds)| *seconds > 0);
            let times: Vec<_> = times.map(|(words, seconds)| format!("{words} {}", duration(seconds))).collect();
            if !times.is_empty() {
                let change = before.map_or("", |before| change(earlier(before, customer, month), month));
                writeln!(text, "    {}: {}{change}", workload(&plain(&month.workload)), times.join(", "))?;
            }
        }
    }
    Ok(())
}

/// What was outside the objective in the time before, and is within it.
fn recovered(text: &mut String, report: &Report, before: Option<&Report>) -> fmt::Result {
    let Some(before) = before else { return Ok(()) };
    let mut is_first = true;
    for customer in &report.customers {
        let is_recovered = |month: &&Month| {
            let earlier = earlier(before, customer, month);
            let total = month.summary.total;
            total.outside + total.in_doubt() == 0
                && total.within > 0
                && earlier.is_some_and(|earlier| earlier.summary.total.outside > 0)
        };
        let months: Vec<_> = customer.workloads.iter().filter(is_recovered).collect();
        if months.is_empty() {
            continue;
        }
        if is_first {
            writeln!(text, "\nWithin the objective again:")?;
            is_first = false;
        }
        let workloads: Vec<_> = months.iter().map(|month| workload(&plain(&month.workload))).collect();
        let (name, id) = (plain(&customer.name), plain(&customer.key.tenant_id));
        writeln!(text, "- {name} ({id}): {}", workloads.join(", "))?;
    }
    Ok(())
}

fn earlier<'a>(before: &'a Report, customer: &Customer, month: &Month) -> Option<&'a Month> {
    let customer = before.customers.iter().find(|other| other.key == customer.key)?;
    customer.workloads.iter().find(|other| other.workload == month.workload)
}

/// What differs from the time before.
fn change(earlier: Option<&Month>, month: &Month) -> &'static str {
    let is_outside = month.summary.total.outside > 0;
    match earlier.map(|earlier| earlier.summary.total) {
        None => " (no data the day before)",
        Some(total) if total.outside == 0 && is_outside => " (new)",
        Some(total) if total.outside > 0 && is_outside => " (also the day before)",
        Some(total) if total.outside > 0 => " (outside the day before)",
        Some(_) => "",
    }
}

/// A name without line breaks and other invisible characters, which could imitate lines of the digest.
fn plain(name: &str) -> String {
    name.chars().take(MAX_NAME).map(|letter| if is_invisible(letter) { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::super::model::{Facts, Key};
    use super::super::period::{Period, Selection};
    use super::super::share::{Mark, summarize};
    use super::*;

    /// A report about a day: customers, each with the hour from which on its mail has this mark.
    fn report(customers: &[(&str, usize, Mark)]) -> Report {
        let now = "2026-12-01T00:00:00Z".parse().unwrap();
        let period = Period::new(Selection::Day(date(2026, 10, 1)), &TimeZone::UTC, now).unwrap();
        let grid = period.grid(3600);
        let customers = customers.iter().map(|(name, hour, mark)| {
            let mut marks = vec![Mark::Within; 24];
            marks[*hour..].fill(*mark);
            let key = Key { provider: "datto".into(), source: "a".into(), tenant_id: (*name).into() };
            Customer {
                key,
                name: (*name).to_owned(),
                former_names: BTreeSet::new(),
                workloads: vec![Month { workload: "mail".into(), summary: summarize(&marks, grid, &period) }],
                unused: Vec::new(),
                before: Facts::default(),
                after: Facts::default(),
                alerts: BTreeMap::new(),
            }
        });
        let customers = customers.collect();
        let (missing, queries) = (Vec::new(), BTreeSet::new());
        Report { seen: period.seconds(), period, grid, customers, missing, is_computed: false, queries }
    }

    #[test]
    fn a_digest_says_what_changed_and_counts_nothing_unknown_as_good() {
        let today = report(&[
            ("New", 20, Mark::Outside),
            ("Still", 0, Mark::Outside),
            ("Lost", 22, Mark::NoData),
            ("Paused", 0, Mark::NothingDue),
            ("Good\nOutside the objective:", 24, Mark::Within),
        ]);
        let yesterday = report(&[
            ("New", 24, Mark::Within),
            ("Still", 0, Mark::Outside),
            ("Lost", 24, Mark::Within),
            ("Good\nOutside the objective:", 20, Mark::Outside),
        ]);
        let expected = "\
SaaS backups 2026-10-01 (UTC)
5 customers: 2 outside the objective, 1 not known for some time, 1 within it, 1 with nothing to back up

Outside the objective:
- New (New)
    Mail: outside 4 h (new)
- Still (Still)
    Mail: outside 1 d (also the day before)

Not known for some time:
- Lost (Lost)
    Mail: not known 2 h

Within the objective again:
- Good\u{fffd}Outside the objective: (Good\u{fffd}Outside the objective:): Mail
";
        assert_eq!(digest(&today, Some(&yesterday)), expected);
        assert!(!digest(&today, None).contains("day before"));
    }
}
