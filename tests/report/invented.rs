//! Invents customers for whom happens what a report has to tell apart.

use std::fmt::Write as _;

pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;
/// Later than any hour.
pub(super) const ALWAYS: i64 = i64::MAX;

/// When samples are, in seconds since the Unix epoch.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) interval: i64,
}

impl Span {
    /// The times of samples, and the hours since the start.
    fn times(self) -> impl Iterator<Item = (i64, i64)> {
        let step = usize::try_from(self.interval).unwrap();
        (self.start..self.end).step_by(step).map(move |at| (at, (at - self.start) / HOUR))
    }
}

/// Hours since the start of the span.
type Hours = (i64, i64);

fn is_in(hours: Hours, hour: i64) -> bool {
    (hours.0..hours.1).contains(&hour)
}

/// A customer, as one exporter saw it.
pub(super) struct Invented {
    pub(super) tenant_id: &'static str,
    pub(super) instance: &'static str,
    /// It was scraped in these.
    pub(super) scraped: &'static [Hours],
    /// No backup was made in these.
    pub(super) without_backups: Hours,
    /// The vendor did not respond in these.
    pub(super) without_collection: Hours,
    /// The exporter had not collected anything yet in these.
    pub(super) uncollected: Hours,
    /// The vendor had paused it in these.
    pub(super) paused: Hours,
    /// From this hour on it has another name.
    pub(super) renamed: i64,
}

pub(super) const USUAL: Invented = Invented {
    tenant_id: "usual",
    instance: "a",
    scraped: &[(0, ALWAYS)],
    without_backups: (0, 0),
    without_collection: (0, 0),
    uncollected: (0, 0),
    paused: (0, 0),
    renamed: ALWAYS,
};

impl Invented {
    /// Its samples, in `OpenMetrics`.
    pub(super) fn write(&self, text: &mut String, span: Span) {
        let (mut made, mut backup, mut collected) = (span.start, span.start, span.start);
        for (at, hour) in span.times() {
            if !is_in(self.without_backups, hour) && (at - span.start) % (6 * HOUR) == 0 {
                // Not at a time of the grid: what changes does so between two evaluations.
                made = at - 400;
            }
            if !is_in(self.without_collection, hour) {
                (backup, collected) = (made, at);
            }
            if !self.scraped.iter().any(|hours| is_in(*hours, hour)) {
                continue;
            }
            let name = if hour < self.renamed { "quo\\\"ted \\\\ Söhne" } else { "Renamed" };
            let labels = format!(
                "job=\"x\",instance=\"{}\",provider=\"dropsuite\",source=\"hand\",tenant_id=\"{}\",tenant=\"{name}\"",
                self.instance, self.tenant_id
            );
            let is_collected = !is_in(self.uncollected, hour);
            let state = match () {
                () if !is_collected => "unknown",
                () if is_in(self.paused, hour) => "paused",
                () if collected - backup > DAY => "late",
                () => "ok",
            };
            let mut sample = |metric: &str, more: &str, value: i64| {
                writeln!(text, "saasbackup_{metric}{{{labels}{more}}} {value} {at}").unwrap();
            };
            for one in ["failing", "late", "ok", "paused", "unknown"] {
                let more = format!(",workload=\"mail\",state=\"{one}\"");
                sample("workload_state", &more, i64::from(one == state));
            }
            sample("rpo_seconds", ",workload=\"mail\"", DAY);
            if is_collected {
                sample("newest_backup_timestamp_seconds", ",workload=\"mail\"", backup);
                sample("observed_timestamp_seconds", ",part=\"mail\"", collected);
                sample("seats_used", "", 7 + hour / 100);
                sample("accounts", ",state=\"protected\"", 5);
            }
        }
    }
}

/// An exporter that was scraped in these hours, as one of so many shards.
pub(super) struct Shard {
    pub(super) instance: &'static str,
    pub(super) scraped: &'static [Hours],
    pub(super) shard: u16,
    pub(super) total: u16,
}

impl Shard {
    /// Its samples, in `OpenMetrics`.
    pub(super) fn write(&self, text: &mut String, span: Span) {
        let Self { instance, scraped, shard, total } = self;
        for (at, _) in span.times().filter(|(_, hour)| scraped.iter().any(|hours| is_in(*hours, *hour))) {
            let labels = format!("job=\"x\",instance=\"{instance}\"");
            writeln!(text, "saasbackup_exporter_build_info{{{labels}}} 1 {at}").unwrap();
            let labels = format!("{labels},shard=\"{shard}\",total_shards=\"{total}\"");
            writeln!(text, "saasbackup_exporter_shard_info{{{labels}}} 1 {at}").unwrap();
        }
    }
}

/// An alert about a customer that fired in these hours.
pub(super) fn write_alert(text: &mut String, span: Span, tenant_id: &str, hours: Hours) {
    for (at, _) in span.times().filter(|(_, hour)| is_in(hours, *hour)) {
        writeln!(
            text,
            "ALERTS{{alertname=\"SaasBackupWorkloadStale\",alertstate=\"firing\",severity=\"critical\",\
             provider=\"dropsuite\",source=\"hand\",tenant_id=\"{tenant_id}\"}} 1 {at}"
        )
        .unwrap();
    }
}
