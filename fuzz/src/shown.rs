//! Shows what was decoded, as the exporter would, and checks that Prometheus could read it.

use std::sync::Arc;
use std::time::Duration;

use saasbackup_exporter::domain::{
    Drift, Event, Listing, Objectives, Part, PartResult, Policy, Provider, ResourceState, 
    SourceIdentity, SourceState, Tenant, Workload, WorkloadReport, WorkloadState,
};
use saasbackup_exporter::domain::expected::List;
use saasbackup_exporter::exposition::{Exposed, Filter, Format, render};
use strum::IntoEnumIterator as _;

use crate::NOW;
use crate::exposition::Exposition;

/// Every part that a tenant can have.
const PARTS: &[Part] = &[
    Part::Seats,
    Part::Coverage,
    Part::Lifecycle,
    Part::Workload(Workload::Mail),
    Part::Workload(Workload::Onedrive),
    Part::Workload(Workload::GoogleDrive),
];

/// A source with these tenants; of no tenants it has one of its own.
#[must_use]
pub fn source(provider: Provider, tenants: Vec<Tenant>, parts: Vec<PartResult>, drift: Vec<Drift>) -> SourceState {
    let policy = Policy {
        stale_after: Duration::from_secs(86_400),
        workloads: Workload::iter().collect(),
        objectives: Objectives::default(),
    };
    let tenants = if tenants.is_empty() { vec![tenant()] } else { tenants };
    let first = tenants[0].id.clone();
    let tenants = tenants.into_iter().map(Arc::new).collect();
    let identity = SourceIdentity { provider, name: "source".into() };
    SourceState::new(identity, Arc::new(policy))
        .advance(Event::Listed(Ok(Listing { tenants, ..Listing::default() })), NOW)
        .advance(Event::Collected { tenant: first, parts }, NOW)
        .advance(Event::Drifted(drift), NOW)
}

/// The exposition of a state, which both formats' readers would accept.
pub fn exposition(state: SourceState) -> String {
    let states = [Arc::new(state)];
    let text = render(&states, Vec::new(), Format::Text);
    // It refuses what Prometheus refuses: NaN is never a value here, and no series stands twice.
    let parsed = Exposition::parse(&text);
    let open_metrics = render(&states, Vec::new(), Format::OpenMetrics);
    assert!(open_metrics.ends_with("\n# EOF\n"), "{open_metrics}");
    let samples = open_metrics.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(samples, parsed.len(), "the formats show as many samples");
    text
}

/// The exposition of a state beside a list of expected tenants, which a reader of the text format would accept.
pub fn beside(state: SourceState, list: List) {
    let states = [Arc::new(state)];
    let exposed = Arc::new(Exposed::default().with_expected(Some(list)));
    let selected = Filter::default().select(&states, &exposed).expect("an empty filter selects all tenants");
    Exposition::parse(&selected.render(Vec::new(), Format::Text));
}

/// One state, and `ok` only where everything active could be read and is.
pub fn assert_honest(report: &WorkloadReport, has_undecodable: bool) {
    let Some(summary) = report.summary() else { return };
    let state = summary.state();
    assert!(!(has_undecodable && state == WorkloadState::Ok), "ok beside a record that could not be read: {summary:?}");
    if let Some(resources) = summary.resources {
        let ok = resources.get(ResourceState::Ok);
        assert_eq!(state == WorkloadState::Ok, ok > 0 && ok == resources.active(), "{summary:?}");
    } else {
        assert_eq!(state, WorkloadState::Unknown, "{summary:?}");
    }
}

fn tenant() -> Tenant {
    Tenant {
        id: "1".into(),
        parts: PARTS,
        ..Tenant::default()
    }
}
