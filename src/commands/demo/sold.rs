//! Generates the expected tenants of the demo's fleet: nearly all of them match.
//!
//! There is one of each kind of discrepancy, at tenants that are unhealthy anyway.

use std::fmt::Write as _;

use saasbackup_simulator::datto::fleet::Quirk as OfCustomer;
use saasbackup_simulator::dropsuite::fleet::Quirk;
use saasbackup_simulator::{datto, dropsuite};

use super::days;
use crate::domain::Timestamp;

/// The columns that become labels.
pub(super) const LABELS: [&str; 2] = ["tier", "owner"];

const TIERS: [&str; 2] = ["gold", "silver"];
const OWNERS: [&str; 3] = ["team north", "team south", "team west"];

/// A customer that is billed and was never set up.
const MISSING: &str = "dropsuite-demo,440999-6,Cedar Point Catering,mail onedrive,12,,";

/// One line per tenant, below the header.
pub(super) fn table(
    organizations: &[dropsuite::OrganizationSummary],
    customers: &[datto::CustomerSummary],
    shape: datto::Shape,
    now: Timestamp,
) -> String {
    let mut table = Table::new();
    table.add(MISSING);
    let mut twins = organizations.iter().filter(|organization| organization.quirk == Quirk::TwinName);
    if let Some(twin) = twins.next() {
        table.add(&format!("dropsuite-demo,,{},mail,,,", twin.name));
    }
    for organization in organizations {
        let id = &organization.login_id;
        let (workloads, seats) = match organization.quirk {
            // Billed by a name that two tenants share.
            Quirk::TwinName => continue,
            // Set up, but not billed.
            Quirk::ConnectionFailures => continue,
            // Billed, and deactivated at the vendor.
            Quirk::Deactivated => ("mail", organization.seats_available),
            // The quirk stays visible: more seats used than expected.
            Quirk::OverSeats => ("mail", organization.seats_available),
            _ => ("mail", organization.seats_available.max(organization.seats_used)),
        };
        table.add(&format!("dropsuite-demo,{id},,{workloads},{seats},,"));
    }
    for customer in customers {
        let id = match shape {
            datto::Shape::Live => customer.id.to_string(),
            datto::Shape::Documented => customer.documented_id.clone(),
        };
        // No workloads are given for a customer whose workloads cannot be read, or are stopped: one alert says so.
        let has_none = matches!(customer.quirk, OfCustomer::OutOfScope | OfCustomer::AccessLost);
        let workloads = if has_none { "" } else { "mail" };
        let accepted = match customer.quirk {
            // The exception has expired.
            OfCustomer::ManyUnprotected => format!("5,{}", days::ago(now, 10)),
            OfCustomer::ManySeats => format!("3,{}", days::ahead(now, 60)),
            _ => ",".to_owned(),
        };
        table.add(&format!("datto-demo,{id},,{workloads},{},{accepted}", customer.seats));
    }
    // Some seats of the first account are not in use, and the second one uses more than its commitment.
    let used: usize = organizations.iter().map(|organization| organization.seats_used).sum();
    table.commit("dropsuite-demo", used + used / 20);
    let seats: usize = customers.iter().map(|customer| customer.seats).sum();
    table.commit("datto-demo", seats / 2);
    table.text
}

/// The lines so far.
struct Table {
    text: String,
    tiers: std::iter::Cycle<std::array::IntoIter<&'static str, 2>>,
    owners: std::iter::Cycle<std::array::IntoIter<&'static str, 3>>,
}

impl Table {
    fn new() -> Self {
        let columns = "source,tenant_id,tenant,workloads,seats,unprotected_accepted,unprotected_accepted_until";
        let text = format!("{columns},{},committed_seats\n", LABELS.join(","));
        Self { text, tiers: TIERS.into_iter().cycle(), owners: OWNERS.into_iter().cycle() }
    }

    /// Adds a line without its labels.
    fn add(&mut self, line: &str) {
        let (tier, owner) = (self.tiers.next().unwrap_or_default(), self.owners.next().unwrap_or_default());
        writeln!(self.text, "{line},{tier},{owner},").expect("writing to a String cannot fail");
    }

    /// Adds the number of seats that are paid for at a source.
    fn commit(&mut self, source: &str, seats: usize) {
        writeln!(self.text, "{source},,,,,,,,,{seats}").expect("writing to a String cannot fail");
    }
}
