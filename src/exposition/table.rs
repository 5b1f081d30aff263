//! Renders the seats and accounts of each tenant as CSV, for people who bill them.
//!
//! The columns are the counts of the catalogue, so that a new family is a new column. The first ones are those of the
//! list of expected tenants: the table can be fed back as that list.

use std::sync::Arc;

use csv::{Terminator, WriterBuilder};
use strum::IntoEnumIterator as _;

use super::view::{TenantView, View};
use super::{Exposed, FAMILIES, Family, Filter, Group, Missing, Value};
use crate::domain::{DomainState, Part, SourceState, TenantState, Timestamp, Workload};
use crate::metric::Kind;
use crate::spreadsheet;

/// The columns before the counts.
const LEADING: [&str; 10] = [
    "source",
    "provider",
    "tenant_id",
    "tenant",
    "workloads",
    "seats",
    "listing_observed_at",
    "seats_observed_at",
    "coverage_observed_at",
    "domains_observed_at",
];

/// Renders a line for each selected tenant (RFC 4180), with an empty cell for each unknown value.
///
/// Unlike an exposition it has every tenant and every count: limits of series are about series.
///
/// # Errors
///
/// If something selected does not exist, or the tenants of a selected source are unknown: without them the table would
/// look complete.
///
/// # Panics
///
/// If there is a bug in the number of cells.
pub fn seats_csv(states: &[Arc<SourceState>], exposed: &Exposed, filter: &Filter) -> Result<Vec<u8>, Missing> {
    let selected = filter.select(states, &Arc::new(exposed.unlimited()))?;
    if filter.tenants.is_none()
        && let Some(view) = selected.views().iter().find(|view| !view.source.is_known())
    {
        return Err(Missing::Listing { source_name: view.source.identity.name.to_string() });
    }
    const WRITTEN: &str = "lines of equal length are written to memory";
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    let header = LEADING.map(str::to_owned).into_iter().chain(families().flat_map(titles)).chain(domain_titles());
    writer.write_record(header).expect(WRITTEN);
    for (tenant, _) in selected.views().iter().flat_map(View::tenants) {
        let counts = families().flat_map(|family| family.samples.cells(tenant)).map(number);
        let line = leading(tenant).into_iter().chain(counts).chain(domain_cells(tenant.tenant));
        writer.write_record(line).expect(WRITTEN);
    }
    Ok(writer.into_inner().expect(WRITTEN))
}

/// The families that count seats or accounts.
fn families() -> impl Iterator<Item = &'static Family> {
    let is_counted = |family: &&Family| {
        matches!(family.group, Some(Group::Seats | Group::Coverage))
            && family.descriptor.kind == Kind::Gauge
            && family.descriptor.unit.is_none()
    };
    FAMILIES.iter().filter(is_counted)
}

/// The titles of a family's columns: its name, and the label values that tell its samples of one tenant apart.
fn titles(family: &'static Family) -> impl Iterator<Item = String> {
    let name = family.descriptor.name.trim_start_matches("saasbackup_");
    family.samples.columns().into_iter().map(move |labels| {
        let words = labels.into_iter().filter(|label| !label.is_empty());
        [name].into_iter().chain(words).collect::<Vec<_>>().join("_")
    })
}

/// The titles of the columns of the connected domains, of which tenants have different ones: they are only counted.
fn domain_titles() -> impl Iterator<Item = String> {
    let states = DomainState::iter().map(|state| format!("domain_state_{}", state.as_str()));
    states.chain(["domain_users".to_owned()])
}

/// The cells below them: the number of domains in each state, and of the users of all.
fn domain_cells(tenant: &TenantState) -> impl Iterator<Item = String> {
    let domains = tenant.domains.value();
    let in_state = move |state| Some(domains?.iter().filter(|(_, domain)| domain.state == state).count() as u64);
    let users = domains
        .and_then(|domains| domains.iter().try_fold(0_u64, |users, (_, domain)| users.checked_add(domain.users?)));
    DomainState::iter().map(in_state).chain([users]).map(|count| number(count.map(Value::Whole)))
}

/// The cells below [`LEADING`].
fn leading(view: TenantView<'_>) -> [String; LEADING.len()] {
    let TenantView { source, tenant, .. } = view;
    let text = |cell: &str| spreadsheet::as_text(cell).into_owned();
    // Names of unknown applications are not accepted in the list of expected tenants.
    let is_named = |workload: &&Workload| !matches!(workload, Workload::Other(_));
    let is_protected = |workload: &&Workload| tenant.is_protected(**workload, &source.policy) == Some(true);
    let protected = tenant.workloads.keys().filter(is_named).filter(is_protected).map(|workload| workload.as_str());
    [
        text(&source.identity.name),
        source.identity.provider.as_str().to_owned(),
        text(tenant.tenant.id.as_str()),
        text(tenant.display_name()),
        protected.collect::<Vec<_>>().join(" "),
        number(source.seats(tenant).used.map(Value::Whole)),
        // Vendors have some counters in the listing.
        time(source.observed_at(tenant, Part::Listing)),
        time(source.observed_at(tenant, Part::Seats)),
        time(source.observed_at(tenant, Part::Coverage)),
        time(source.observed_at(tenant, Part::Domains)),
    ]
}

fn number(value: Option<Value>) -> String {
    let mut digits = Vec::new();
    if let Some(value) = value {
        value.write(&mut digits);
    }
    String::from_utf8(digits).unwrap_or_default()
}

/// RFC 3339, in UTC.
fn time(at: Option<Timestamp>) -> String {
    let at = at.and_then(|at| jiff::Timestamp::from_millisecond(at.as_millis()).ok());
    at.map(|at| at.to_string()).unwrap_or_default()
}
