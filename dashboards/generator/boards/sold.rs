//! Lays out what was sold beside what there is, on the dashboard of the seats.

use crate::dashboard::tenant_url;
use crate::expression::{Scope, TENANT, WORKLOAD, aggregated, sum};
use crate::look::{self, BAD, FINE, LATE, Steps, UNKNOWN};
use crate::panel::Panel;
use crate::table::Column;

/// Who is missing is no tenant that could be selected.
const SOURCES: Scope = Scope(&[("provider", "=~\"$provider\""), ("source", "=~\"$source\"")]);

pub(crate) fn panels(scope: Scope) -> Vec<Panel> {
    let mut panels = vec![Panel::row("Sold against protected")];
    panels.extend(totals(scope));
    panels.push(tenants(scope));
    panels.push(missing());
    panels
}

/// 1 where the lowest of all replicas is 0, and 0 elsewhere.
fn denied(scope: Scope, name: &str, labels: &[&str]) -> String {
    format!("({} == bool 0)", aggregated("min", labels, &scope.series(name).all()))
}

fn missing_ones() -> String {
    aggregated("min", TENANT, &SOURCES.series("saasbackup_expected_tenant_present").all())
}

fn unprotected(scope: Scope) -> String {
    denied(scope, "saasbackup_expected_workload_protected", WORKLOAD)
}

/// Workloads that were sold to each tenant, and of which nobody knows whether they are backed up; of a tenant of which
/// nothing at all is known these are all.
fn unknown(scope: Scope) -> String {
    let (sold, told) =
        (scope.max("saasbackup_expected_workloads"), scope.max("saasbackup_expected_workload_protected"));
    format!("({sold} - on ({on}) count by ({on}) ({told}) or {sold})", on = TENANT.join(", "))
}

fn unsold_seats(scope: Scope) -> String {
    let (used, sold) = (scope.max("saasbackup_seats_used"), scope.max("saasbackup_expected_seats"));
    format!("clamp_min({used} - on ({}) {sold}, 0)", TENANT.join(", "))
}

fn totals(scope: Scope) -> Vec<Panel> {
    let count = |title: &str, description: &str, vector: String, colour| {
        Panel::stat(title, description, sum(&[], &vector)).steps(&Steps::none_is_fine(colour)).sized(4, 4)
    };
    let open = SOURCES.series("saasbackup_expected_tenants").and("state", "=~\"ambiguous|unknown\"").max();
    vec![
        count(
            "Missing",
            "Tenants that something was sold to, and that the vendor's complete list does not have; whatever is selected as tenant. No data: nobody says what was sold.",
            format!("({} == bool 0)", missing_ones()),
            BAD,
        ),
        count(
            "Sold, not protected",
            "Workloads that were sold, and of which nothing is backed up: not licensed, paused, empty, or not reported.",
            unprotected(scope),
            BAD,
        ),
        count(
            "Sold, unknown",
            "Workloads that were sold, and of which nobody knows whether they are backed up. Not counted as protected.",
            unknown(scope),
            UNKNOWN,
        ),
        count(
            "Not sold",
            "Tenants at the vendor that nothing was sold to, by the list of what was sold.",
            denied(scope, "saasbackup_tenant_expected", TENANT),
            LATE,
        ),
        count(
            "Seats not sold",
            "Seats in use beyond those that were sold to the same tenant.",
            unsold_seats(scope),
            LATE,
        ),
        count(
            "Not comparable",
            "Tenants of the list that nobody can find for now: the vendor's list is not complete, or several bear the name; whatever is selected as tenant.",
            open,
            UNKNOWN,
        ),
    ]
}

fn tenants(scope: Scope) -> Panel {
    let number = |title, vector: String| Column::value(title, vector).width(120).no_value("unknown");
    let columns = [
        Column::label("tenant", "Tenant").link("Open this tenant", &tenant_url()),
        Column::value("Sold", aggregated("min", TENANT, &scope.series("saasbackup_tenant_expected").all()))
            .width(90)
            .no_value("unknown")
            .words(look::words(&[("0", "nothing", LATE), ("1", "yes", FINE)])),
        number("Workloads sold", scope.max("saasbackup_expected_workloads")),
        number("Not protected", sum(TENANT, &unprotected(scope))).steps(&Steps::none_is_silent(BAD)),
        number("Not known", unknown(scope)).steps(&Steps::none_is_silent(UNKNOWN)),
        number("Seats sold", scope.max("saasbackup_expected_seats")),
        number("Seats used", scope.max("saasbackup_seats_used")),
        number("Seats not sold", unsold_seats(scope)).steps(&Steps::none_is_silent(LATE)),
        Column::label("source", "Source").width(130),
        Column::label("tenant_id", "ID").width(95),
        Column::label("provider", "Provider").width(95),
    ];
    Panel::table(
        "What was sold to each tenant",
        "What the list of what was sold says of each tenant at the vendor, beside what is there. Unknown in a column means that the list does not say, or that it cannot be told.",
        TENANT,
        &columns,
        ("Not protected", true),
    )
    .sized(16, 10)
}

fn missing() -> Panel {
    let columns = [
        Column::label("tenant", "Tenant"),
        Column::value("At the vendor", format!("{} == 0", missing_ones()))
            .width(120)
            .words(look::words(&[("0", "missing", BAD)])),
        Column::label("source", "Source").width(130),
        Column::label("tenant_id", "ID").width(95),
        Column::label("provider", "Provider").width(95),
    ];
    Panel::table(
        "Sold, and not at the vendor",
        "Tenants that something was sold to, and that the vendor's complete list does not have, under the names that the list of what was sold gives them.",
        TENANT,
        &columns,
        ("Tenant", false),
    )
    .sized(8, 10)
}
