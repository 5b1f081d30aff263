//! Generates the restore tests of the demo's fleet: most succeeded, and there is one of each kind of problem.

use std::fmt::Write as _;

use saasbackup_simulator::dropsuite::fleet::Quirk;
use saasbackup_simulator::{datto, dropsuite};

use super::days;
use crate::domain::Timestamp;

/// Days since the tests of customers without a problem, in turn.
const RECENT: std::ops::Range<u32> = 3..80;

/// A line for each test, below the header.
pub(super) fn table(
    organizations: &[dropsuite::OrganizationSummary],
    customers: &[datto::CustomerSummary],
    shape: datto::Shape,
    now: Timestamp,
) -> String {
    let mut table = "source,tenant_id,workload,date,result\n".to_owned();
    let mut recent = RECENT.cycle();
    let mut line = |source: &str, id: &str, days: u32, result: &str| {
        writeln!(table, "{source},{id},mail,{},{result}", days::ago(now, days))
            .expect("writing to a String cannot fail");
    };
    for organization in organizations {
        let id = &organization.login_id;
        let days = recent.next().unwrap_or_default();
        match organization.quirk {
            // Overdue.
            Quirk::LateMailboxes => line("dropsuite-demo", id, 120, "ok"),
            // The failed test was not repeated.
            Quirk::FailingText => {
                line("dropsuite-demo", id, 40, "ok");
                line("dropsuite-demo", id, 2, "failed");
            }
            _ => line("dropsuite-demo", id, days, "ok"),
        }
    }
    for customer in customers {
        let id = match shape {
            datto::Shape::Live => customer.id.to_string(),
            datto::Shape::Documented => customer.documented_id.clone(),
        };
        line("datto-demo", &id, recent.next().unwrap_or_default(), "ok");
    }
    table
}
