//! Lays out seats and coverage: used, unprotected, paused, archived, billed, and what changed.

use crate::dashboard::{Dashboard, Variable, tenant_url};
use crate::expression::{Scope, TENANT, sum};
use crate::look::{self, BAD, FINE, LATE, NONE, QUIET, STALE, Steps, UNKNOWN};
use crate::panel::Panel;
use crate::table::Column;

const SCOPE: Scope =
    Scope(&[("provider", "=~\"$provider\""), ("source", "=~\"$source\""), ("tenant", "=~\"$tenant\"")]);

pub(crate) fn dashboard() -> Dashboard {
    let mut panels = totals();
    panels.push(tenants());
    panels.extend(super::sold::panels(SCOPE));
    panels.push(Panel::row("Trend"));
    panels.extend(trend());
    Dashboard {
        uid: "saasbackup-seats",
        title: "SaaS Backup / Seats",
        description: "Billing and capacity: protected and unprotected accounts, billed seats, billing reconciliation, and changes over the time range.",
        from: "now-30d",
        variables: vec![
            Variable::many("provider", "Provider", "saasbackup_exporter_tenants"),
            Variable::many("source", "Source", "saasbackup_exporter_tenants{provider=~\"$provider\"}"),
            Variable::many("tenant", "Tenant", "saasbackup_tenant_info{provider=~\"$provider\",source=~\"$source\"}"),
        ],
        panels,
    }
}

/// The accounts in one state.
fn accounts(state: &str) -> String {
    SCOPE.series("saasbackup_accounts").and("state", &format!("=\"{state}\"")).max()
}

/// Share of the accounts that are protected, of those that should be.
fn coverage(labels: &[&str]) -> String {
    let should_be = SCOPE.series("saasbackup_accounts").and("state", "=~\"protected|unprotected\"").max();
    format!("{} / ({} > 0)", sum(labels, &accounts("protected")), sum(labels, &should_be))
}

fn totals() -> Vec<Panel> {
    let total = |title: &str, description: &str, vector: String, colour| {
        Panel::stat(title, description, sum(&[], &vector)).no_value("unknown").steps(&Steps::known(colour)).sized(3, 4)
    };
    let absent = format!(
        "count ({info}) - count ({info} and on (provider, source, tenant_id, tenant) {accounts})",
        info = SCOPE.max("saasbackup_tenant_info"),
        accounts = accounts("protected"),
    );
    vec![
        total("Protected", "Accounts (Datto: seats) that are backed up.", accounts("protected"), FINE),
        total("Unprotected", "Accounts that can be protected but are not.", accounts("unprotected"), LATE),
        total("Paused", "Accounts whose backup is paused; only from Datto.", accounts("paused"), STALE),
        total("Archived", "Accounts that are retained but no longer backed up.", accounts("archived"), QUIET),
        Panel::stat(
            "Coverage",
            "Ratio of protected accounts to all that are protected or unprotected. Tenants with unknown coverage are not included; see the panel beside.",
            coverage(&[]),
        )
        .unit("percentunit")
        .decimals(1)
        .no_value("unknown")
        .steps(&Steps::from(vec![(0.0, BAD), (0.8, LATE), (0.95, FINE)]))
        .sized(3, 4),
        Panel::stat(
            "Unknown",
            "Tenants whose number of protected accounts is unknown; no other panel counts them.",
            absent,
        )
        .steps(&Steps::from(vec![(0.0, FINE), (1.0, UNKNOWN)]))
        .sized(3, 4),
        total("Billed", "Seats that the vendor bills.", SCOPE.max("saasbackup_seats_billable"), QUIET),
        total(
            "Used",
            "Seats in use, as reported by the vendor; only from Dropsuite.",
            SCOPE.max("saasbackup_seats_used"),
            QUIET,
        ),
    ]
}

fn tenants() -> Panel {
    let number = |title, vector: String| Column::value(title, sum(TENANT, &vector)).width(80).no_value("unknown");
    let protected = SCOPE.series("saasbackup_accounts").and("state", "=\"protected\"");
    let earlier = format!("max by ({}) ({} offset $__range)", TENANT.join(", "), protected.all());
    let change = format!("max by ({}) ({}) - {earlier}", TENANT.join(", "), protected.all());
    let objective = sum(TENANT, &SCOPE.max("saasbackup_coverage_objective_ratio"));
    let accepted = format!(
        "{} and {} > time()",
        SCOPE.max("saasbackup_expected_unprotected_accepted"),
        SCOPE.max("saasbackup_expected_unprotected_accepted_until_timestamp_seconds"),
    );
    let columns = [
        Column::label("tenant", "Tenant").width(190).link("Open this tenant", &tenant_url()),
        number("Protected", accounts("protected")),
        number("Unprotected", accounts("unprotected")).width(120).steps(&Steps::none_is_silent(LATE)),
        number("Paused", accounts("paused")),
        number("Archived", accounts("archived")),
        Column::value("Coverage", coverage(TENANT)).unit("percentunit").decimals(0).width(85).no_value("unknown"),
        Column::value("Objective", objective.clone()).unit("percentunit").decimals(0).width(85).no_value("none"),
        Column::value("Margin", format!("{} - {objective}", coverage(TENANT)))
            .unit("percentunit")
            .decimals(0)
            .width(85)
            .no_value("unknown")
            .coloured_words(look::negative_is_bad()),
        Column::value("Accepted", sum(TENANT, &accepted)).width(80).no_value("none"),
        number("Billed", SCOPE.max("saasbackup_seats_billable")),
        number("Used", SCOPE.max("saasbackup_seats_used")),
        number("Available", SCOPE.max("saasbackup_seats_available")),
        number("Required", SCOPE.max("saasbackup_seats_required")),
        Column::value("Change", change).width(80).no_value("no history"),
        Column::label("source", "Source").width(118),
        Column::label("tenant_id", "ID").width(85),
        Column::label("provider", "Provider").width(85),
    ];
    Panel::table(
        "Seats per tenant",
        "Objective: the coverage objective. Margin: coverage minus objective. Accepted: unprotected accounts that the file of expected tenants accepts today; they count in coverage, but not in alerts. Change: change of the protected accounts over the time range of the dashboard (30 days by default). Available: as reported by the vendor, most likely the seats purchased rather than those left.",
        TENANT,
        &columns,
        ("Unprotected", true),
    )
    .sized(24, 13)
}

fn trend() -> Vec<Panel> {
    let states = ["protected", "unprotected", "paused", "archived", "excluded", "unknown"];
    vec![
        Panel::lines("Accounts by state", "Accounts that can be protected, over all selected tenants.")
            .range(sum(&["state"], &SCOPE.max("saasbackup_accounts")), "{{state}}")
            .coloured(&states)
            .between(0.0, None)
            .every("1h"),
        Panel::table(
            "Datto seats by type",
            "Seats of each type by state, over all selected tenants; only from Datto.",
            &["seat_type"],
            &[
                Column::label("seat_type", "Type"),
                seats("Active", "active"),
                seats("Unprotected", "unprotected").steps(&Steps::none_is_silent(LATE)),
                seats("Paused", "paused"),
                seats("Archived", "archived"),
                seats("Unknown", "unknown").steps(&Steps::none_is_silent(UNKNOWN)),
            ],
            ("Type", false),
        )
        .sized(12, 8),
        Panel::table(
            "Shared mailboxes",
            "Shared mailboxes per tenant by billing, as far as the vendor reports it.",
            &["provider", "source", "tenant_id", "tenant", "billing"],
            &[
                Column::label("tenant", "Tenant").link("Open this tenant", &tenant_url()),
                Column::label("billing", "Billing")
                    .width(90)
                    .words(look::words(&[("paid", "paid", QUIET), ("free", "free", NONE)])),
                Column::value("Mailboxes", format!("{} > 0", SCOPE.max("saasbackup_shared_mailboxes"))).width(110),
                Column::label("source", "Source").width(130),
                Column::label("tenant_id", "ID").width(95),
                Column::label("provider", "Provider").width(95),
            ],
            ("Mailboxes", true),
        )
        .sized(12, 8),
        Panel::lines("Billed seats, by source", "Seats that the vendor bills.")
            .range(sum(&["source"], &SCOPE.max("saasbackup_seats_billable")), "{{source}}")
            .between(0.0, None)
            .every("1h"),
    ]
}

fn seats(title: &'static str, state: &str) -> Column {
    let series = SCOPE.series("saasbackup_seats").and("state", &format!("=\"{state}\""));
    Column::value(title, sum(&["seat_type"], &series.max())).width(110).no_value("unknown")
}
