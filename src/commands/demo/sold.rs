//! Generates the expected tenants of the demo's fleet: nearly all of them match.
//!
//! There is one of each kind of discrepancy, at tenants that are unhealthy anyway.

use std::fmt::Write as _;

use saasbackup_simulator::datto::fleet::Quirk as OfCustomer;
use saasbackup_simulator::dropsuite::fleet::Quirk;
use saasbackup_simulator::{datto, dropsuite};

/// A customer that is billed and was never set up.
const MISSING: &str = "dropsuite-demo,440999-6,Cedar Point Catering,mail onedrive,12\n";

/// One line per tenant, below the header.
pub(super) fn table(
    organizations: &[dropsuite::OrganizationSummary],
    customers: &[datto::CustomerSummary],
    shape: datto::Shape,
) -> String {
    let mut table = "source,tenant_id,tenant,workloads,seats\n".to_owned();
    table.push_str(MISSING);
    let mut twins = organizations.iter().filter(|organization| organization.quirk == Quirk::TwinName);
    if let Some(twin) = twins.next() {
        line(&mut table, &format!("dropsuite-demo,,{},mail,", twin.name));
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
        line(&mut table, &format!("dropsuite-demo,{id},,{workloads},{seats}"));
    }
    for customer in customers {
        let id = match shape {
            datto::Shape::Live => customer.id.to_string(),
            datto::Shape::Documented => customer.documented_id.clone(),
        };
        // No workloads are given for a customer whose workloads cannot be read, or are stopped: one alert says so.
        let has_none = matches!(customer.quirk, OfCustomer::OutOfScope | OfCustomer::AccessLost);
        let workloads = if has_none { "" } else { "mail" };
        line(&mut table, &format!("datto-demo,{id},,{workloads},{}", customer.seats));
    }
    table
}

fn line(table: &mut String, line: &str) {
    writeln!(table, "{line}").expect("writing to a String cannot fail");
}
