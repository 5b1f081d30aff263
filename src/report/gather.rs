//! Gathers the responses by customer.

use std::collections::{BTreeMap, BTreeSet};

use super::client::Series;
use super::model::{Customer, Facts, Key, Month, Report};
use super::period::{Grid, Period};
use super::queries;
use super::share::{Mark, summarize};

/// Marks and names of a customer while the answers arrive.
#[derive(Default)]
struct Gathered {
    /// Each name with the last position at which it was seen.
    names: BTreeMap<String, usize>,
    workloads: BTreeMap<String, Vec<Mark>>,
    before: Facts,
    after: Facts,
    alerts: BTreeMap<(String, String), BTreeSet<usize>>,
}

/// Whether the shards of each job were complete, by time; a job has different numbers of them while that is changed.
#[derive(Default)]
struct Shards(BTreeMap<usize, BTreeMap<String, bool>>);

impl Shards {
    /// Takes how many shards of a number were seen.
    fn take(&mut self, series: &Series, grid: Grid) {
        let total: f64 = series.label("total_shards").parse().unwrap_or_default();
        for (at, seen) in &series.samples {
            let Some(position) = grid.position(*at) else { continue };
            let is_complete = self.0.entry(position).or_default().entry(series.label("job").to_owned()).or_default();
            *is_complete |= *seen >= total;
        }
    }

    /// The positions at which a job had a shard, but not all of them.
    fn missing(&self) -> BTreeSet<usize> {
        let jobs = self.0.iter().filter(|(_, jobs)| jobs.values().any(|is_complete| !is_complete));
        jobs.map(|(position, _)| *position).collect()
    }
}

/// What an answer is about.
pub(super) enum Part {
    Marks { series: Vec<Series>, is_computed: bool, query: String },
    Seen { series: Vec<Series> },
    Shards { series: Vec<Series> },
    Facts { is_end: bool, series: Vec<Series> },
    Alerts { day: usize, series: Vec<Series>, query: String },
}

/// What has arrived.
pub(super) struct Gathering {
    grid: Grid,
    customers: BTreeMap<Key, Gathered>,
    seen: Vec<Mark>,
    shards: Shards,
    families: BTreeSet<String>,
    is_computed: bool,
    queries: BTreeSet<String>,
}

impl Gathering {
    /// Nothing yet.
    pub(super) fn new(grid: Grid) -> Self {
        let queries = [queries::FACTS, queries::SEEN, queries::SHARDS].map(str::to_owned).into();
        let seen = vec![Mark::NoData; grid.count];
        Self {
            grid,
            customers: BTreeMap::new(),
            seen,
            shards: Shards::default(),
            families: BTreeSet::new(),
            is_computed: false,
            queries,
        }
    }

    /// Adds a response.
    pub(super) fn take(&mut self, part: Part) {
        match part {
            Part::Marks { series, is_computed, query } => {
                self.is_computed |= is_computed;
                self.queries.insert(query);
                series.iter().for_each(|series| self.take_marks(series));
            }
            Part::Seen { series } => {
                for (at, _) in series.iter().flat_map(|series| &series.samples) {
                    if let Some(place) = self.grid.position(*at).and_then(|position| self.seen.get_mut(position)) {
                        *place = Mark::Within;
                    }
                }
            }
            Part::Shards { series } => series.iter().for_each(|series| self.shards.take(series, self.grid)),
            Part::Facts { is_end, series } => series.iter().for_each(|series| self.take_fact(is_end, series)),
            Part::Alerts { day, series, query } => {
                self.queries.insert(query);
                for series in &series {
                    let alert = (series.label("alertname").to_owned(), series.label("severity").to_owned());
                    self.customers.entry(key(series)).or_default().alerts.entry(alert).or_default().insert(day);
                }
            }
        }
    }

    fn take_marks(&mut self, series: &Series) {
        let customer = self.customers.entry(key(series)).or_default();
        let workload = customer.workloads.entry(series.label("workload").to_owned());
        let marks = workload.or_insert_with(|| vec![Mark::NoData; self.grid.count]);
        let mut last = None;
        for (at, value) in &series.samples {
            let Some(position) = self.grid.position(*at) else { continue };
            if let (Some(place), Some(mark)) = (marks.get_mut(position), mark(*value)) {
                *place = (*place).min(mark);
                last = Some(position);
            }
        }
        if let Some(last) = last {
            let name = customer.names.entry(series.label("tenant").to_owned()).or_default();
            *name = (*name).max(last);
        }
    }

    fn take_fact(&mut self, is_end: bool, series: &Series) {
        let Some((_, value)) = series.samples.first().copied() else { return };
        let metric = series.label("__name__").to_owned();
        self.families.insert(metric.clone());
        let customer = self.customers.entry(key(series)).or_default();
        let facts = if is_end { &mut customer.after } else { &mut customer.before };
        let state = series.label("state").to_owned();
        match metric.as_str() {
            "saasbackup_accounts" => {
                facts.accounts.insert(state, value);
            }
            "saasbackup_seats" => *facts.seats.entry(state).or_default() += value,
            "saasbackup_domain_state" if value == 1.0 => {
                facts.domains.insert(series.label("domain").to_owned(), state);
            }
            "saasbackup_domain_state" => {}
            "saasbackup_expected_workload_protected" => {
                facts.sold.insert(series.label("workload").to_owned(), value == 1.0);
            }
            "saasbackup_restore_test_timestamp_seconds" => {
                let test = (series.label("workload").to_owned(), series.label("result").to_owned());
                facts.restore_tests.insert(test, value);
            }
            _ => {
                facts.numbers.insert(metric, value);
            }
        }
    }

    /// The report; `None` if there are no customers.
    pub(super) fn finish(self, period: &Period) -> Option<Report> {
        let grid = self.grid;
        let mut customers: BTreeMap<_, _> = self.customers;
        customers.retain(|_, gathered| !gathered.workloads.is_empty());
        let missing = self.shards.missing();
        let listed = listed(&customers, grid, &missing);
        let mut customers: Vec<_> = customers
            .into_iter()
            .map(|(key, gathered)| {
                let listed = listed.get(&source(&key)).map_or(&[][..], Vec::as_slice);
                customer(&key, gathered, listed, grid, period)
            })
            .collect();
        if customers.is_empty() {
            return None;
        }
        customers.sort_by(|a, b| b.badness().cmp(&a.badness()).then_with(|| a.name.cmp(&b.name)));
        let without = queries::FAMILIES.iter().filter(|(family, _)| !self.families.contains(*family));
        Some(Report {
            period: period.clone(),
            grid,
            seen: summarize(&self.seen, grid, period).total.within,
            customers,
            missing: without.map(|(_, what)| *what).collect(),
            is_computed: self.is_computed,
            queries: self.queries,
        })
    }
}

fn key(series: &Series) -> Key {
    let label = |name: &str| series.label(name).to_owned();
    Key { provider: label("provider"), source: label("source"), tenant_id: label("tenant_id") }
}

/// What a value of [`queries::marks`] means.
fn mark(value: f64) -> Option<Mark> {
    let marks = [
        (0.0, Mark::Outside),
        (1.0, Mark::Within),
        (2.0, Mark::Undetermined),
        (queries::NOTHING_DUE, Mark::NothingDue),
    ];
    marks.into_iter().find(|(known, _)| (known - value).abs() < 0.5).map(|(_, mark)| mark)
}

/// What has a list of customers.
fn source(key: &Key) -> (String, String) {
    (key.provider.clone(), key.source.clone())
}

/// At which times each source had customers at all, from every shard: otherwise no customer has left.
fn listed(
    customers: &BTreeMap<Key, Gathered>,
    grid: Grid,
    missing: &BTreeSet<usize>,
) -> BTreeMap<(String, String), Vec<bool>> {
    let mut listed: BTreeMap<_, Vec<bool>> = BTreeMap::new();
    for (key, gathered) in customers {
        let listed = listed.entry(source(key)).or_insert_with(|| vec![false; grid.count]);
        for marks in gathered.workloads.values() {
            for (is_listed, mark) in listed.iter_mut().zip(marks) {
                *is_listed |= *mark != Mark::NoData;
            }
        }
    }
    for position in missing {
        listed.values_mut().filter_map(|listed| listed.get_mut(*position)).for_each(|is_listed| *is_listed = false);
    }
    listed
}

fn customer(key: &Key, mut gathered: Gathered, listed: &[bool], grid: Grid, period: &Period) -> Customer {
    let has_data = |position: usize| {
        gathered.workloads.values().any(|marks| marks.get(position).is_some_and(|mark| *mark != Mark::NoData))
    };
    let first = (0..grid.count).find(|position| has_data(*position)).unwrap_or(grid.count);
    let last = (0..grid.count).rev().find(|position| has_data(*position)).map_or(0, |last| last + 1);
    let is_customer =
        |position: usize| (first..last).contains(&position) || !listed.get(position).copied().unwrap_or_default();
    let (mut workloads, mut unused) = (Vec::new(), Vec::new());
    for (workload, marks) in &mut gathered.workloads {
        for (position, mark) in marks.iter_mut().enumerate() {
            if !is_customer(position) {
                *mark = Mark::NotCustomer;
            }
        }
        let summary = summarize(marks, grid, period);
        let total = summary.total;
        if total.within + total.outside + total.undetermined == 0 {
            unused.push(workload.clone());
        } else {
            workloads.push(Month { workload: workload.clone(), summary });
        }
    }
    workloads.sort_by_key(|month| {
        let total = month.summary.total;
        (std::cmp::Reverse((total.outside, total.in_doubt())), month.workload.clone())
    });
    let Gathered { names, before, after, alerts, .. } = gathered;
    let name = names.iter().max_by_key(|(_, last)| **last).map(|(name, _)| name.clone()).unwrap_or_default();
    let former_names = names.into_keys().filter(|other| *other != name).collect();
    Customer { key: key.clone(), name, former_names, workloads, unused, before, after, alerts }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::super::period::Selection;
    use super::*;

    const START: i64 = 1_790_812_800;
    const DAY: i64 = 86_400;

    fn period() -> Period {
        let now = jiff::Timestamp::from_second(START + 10 * DAY).unwrap();
        Period::new(Selection::Day(date(2026, 10, 1)), &TimeZone::UTC, now).unwrap()
    }

    fn series(tenant_id: &str, tenant: &str, hours: Range<i64>, value: f64) -> Series {
        let labels = [
            ("provider", "datto"),
            ("source", "a"),
            ("tenant_id", tenant_id),
            ("tenant", tenant),
            ("workload", "mail"),
        ];
        Series {
            labels: labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            samples: hours.map(|hour| (START + hour * 3600, value)).collect(),
        }
    }

    fn report(series: Vec<Series>) -> Option<Report> {
        let period = period();
        let mut gathering = Gathering::new(period.grid(3600));
        gathering.take(Part::Marks { series, is_computed: false, query: String::new() });
        gathering.finish(&period)
    }

    fn shards(total: &str, hours: Range<i64>, seen: f64) -> Series {
        let labels = [("job", "x"), ("total_shards", total)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        Series { labels: labels.into(), samples: hours.map(|hour| (START + hour * 3600, seen)).collect() }
    }

    fn hours(report: &Report, tenant_id: &str) -> [u64; 5] {
        let customer = report.customers.iter().find(|customer| customer.key.tenant_id == tenant_id).unwrap();
        let total = customer.workloads[0].summary.total;
        [total.within, total.outside, total.undetermined, total.no_data, total.not_customer].map(|time| time / 3600)
    }

    #[test]
    fn a_renamed_customer_is_one_and_a_late_one_was_none_before() {
        let found = report(vec![
            series("1", "Old", 0..10, 1.0),
            series("1", "New", 9..20, 0.0),
            series("2", "Late", 12..24, 1.0),
        ]);
        let found = found.unwrap();
        // Where both names have a value, the worse counts.
        assert_eq!(hours(&found, "1"), [9, 11, 0, 0, 4]);
        assert_eq!(hours(&found, "2"), [12, 0, 0, 0, 12]);
        let worst = &found.customers[0];
        assert_eq!((worst.name.as_str(), worst.former_names.len()), ("New", 1));
    }

    #[test]
    fn a_time_without_any_customer_is_one_without_data() {
        let found = report(vec![series("1", "One", 6..18, 1.0), series("2", "Two", 6..12, 2.0)]).unwrap();
        assert_eq!(hours(&found, "1"), [12, 0, 0, 12, 0]);
        assert_eq!(hours(&found, "2"), [0, 0, 6, 12, 6]);
    }

    #[test]
    fn a_customer_has_not_left_while_a_shard_is_missing() {
        let period = period();
        let mut gathering = Gathering::new(period.grid(3600));
        let series = vec![series("1", "One", 0..24, 1.0), series("2", "Two", 8..16, 1.0)];
        gathering.take(Part::Marks { series, is_computed: false, query: String::new() });
        // One of two until 4:00, and from 20:00 on two of three.
        let series = vec![
            shards("2", 0..4, 1.0),
            shards("2", 4..20, 2.0),
            shards("3", 18..22, 2.0),
            shards("3", 22..24, 2.0),
            shards("1", 22..24, 1.0),
        ];
        gathering.take(Part::Shards { series });
        let found = gathering.finish(&period).unwrap();
        assert_eq!(hours(&found, "2"), [8, 0, 0, 6, 10]);
    }

    #[test]
    fn a_workload_that_was_never_due_is_not_counted_as_good() {
        let mut unused = series("1", "One", 0..24, 3.0);
        unused.labels.insert("workload".to_owned(), "teams".to_owned());
        let found = report(vec![series("1", "One", 0..24, 1.0), unused]).unwrap();
        assert_eq!(found.customers[0].unused, ["teams"]);
        assert_eq!(found.customers[0].workloads.len(), 1);
        assert_eq!(report(Vec::new()), None);
    }
}
