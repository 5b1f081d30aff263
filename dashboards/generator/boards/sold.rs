//! Lays out the billing reconciliation, on the seats dashboard.

use crate::dashboard::tenant_url;
use crate::expression::{SOURCE, Scope, TENANT, WORKLOAD, aggregated, sum};
use crate::look::{self, BAD, FINE, LATE, QUIET, Steps, UNKNOWN};
use crate::panel::Panel;
use crate::table::Column;

/// A missing tenant has no series by which it could be selected.
const SOURCES: Scope = Scope(&[("provider", "=~\"$provider\""), ("source", "=~\"$source\"")]);

pub(crate) fn panels(scope: Scope) -> Vec<Panel> {
    let mut panels = vec![Panel::row("Billing reconciliation")];
    panels.extend(totals(scope));
    panels.push(tenants(scope));
    panels.push(missing());
    panels.push(commitments());
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

/// Number of sold workloads of each tenant whose protection is unknown; all of them for a tenant without any data.
fn unknown(scope: Scope) -> String {
    let (sold, known) =
        (scope.max("saasbackup_expected_workloads"), scope.max("saasbackup_expected_workload_protected"));
    format!("({sold} - on ({on}) count by ({on}) ({known}) or {sold})", on = TENANT.join(", "))
}

fn unsold_seats(scope: Scope) -> String {
    let (used, sold) = (scope.max("saasbackup_seats_used"), scope.max("saasbackup_expected_seats"));
    format!("clamp_min({used} - on ({}) {sold}, 0)", TENANT.join(", "))
}

/// Seats that the customer is billed for beyond those in use.
fn idle_seats(scope: Scope) -> String {
    let (used, sold) = (scope.max("saasbackup_seats_used"), scope.max("saasbackup_expected_seats"));
    format!("clamp_min({sold} - on ({}) {used}, 0)", TENANT.join(", "))
}

/// Seats that the vendor bills beyond those in use.
fn unused_seats(scope: Scope) -> String {
    let (used, bought) = (scope.max("saasbackup_seats_used"), scope.max("saasbackup_seats_available"));
    format!("clamp_min({bought} - on ({}) {used}, 0)", TENANT.join(", "))
}

fn paused_seats(scope: Scope) -> String {
    scope.series("saasbackup_accounts").and("state", "=\"paused\"").max()
}

fn totals(scope: Scope) -> Vec<Panel> {
    let count = |title: &str, description: &str, vector: String, colour| {
        Panel::stat(title, description, sum(&[], &vector)).steps(&Steps::none_is_fine(colour)).sized(4, 4)
    };
    let open = SOURCES.series("saasbackup_expected_tenants").and("state", "=~\"ambiguous|unknown\"").max();
    vec![
        // Billed, and not protected.
        count(
            "Missing tenants",
            "Billed, not protected: tenants expected from billing that the complete listing of the vendor does not contain; independent of the selected tenants. No data: no expected tenants are configured.",
            format!("({} == bool 0)", missing_ones()),
            BAD,
        ),
        count(
            "Sold but unprotected",
            "Billed, not protected: sold workloads without any backup: not licensed, paused, stopped, empty, or not reported by the vendor.",
            unprotected(scope),
            BAD,
        ),
        count(
            "Sold, state unknown",
            "Sold workloads whose protection is unknown. Not counted as protected.",
            unknown(scope),
            UNKNOWN,
        ),
        count(
            "Paused seats",
            "Billed by the vendor, not protected: seats whose backup is paused; only from Datto.",
            paused_seats(scope),
            QUIET,
        )
        .no_value("unknown"),
        count(
            "Unused seats",
            "Billed by the vendor, not in use: seats purchased beyond those in use; only from Dropsuite.",
            unused_seats(scope),
            QUIET,
        )
        .no_value("unknown"),
        count(
            "Sold, not in use",
            "Billed to the customer, not in use: seats sold beyond those in use by the same tenant.",
            idle_seats(scope),
            QUIET,
        ),
        // Protected, and not billed.
        count(
            "Unbilled tenants",
            "Protected, not billed: tenants at the vendor that are not among the expected tenants from billing.",
            denied(scope, "saasbackup_tenant_expected", TENANT),
            LATE,
        )
        .sized(8, 3),
        count(
            "Unbilled seats",
            "Protected, not billed: seats in use beyond those sold to the same tenant.",
            unsold_seats(scope),
            LATE,
        )
        .sized(8, 3),
        count(
            "Undecidable",
            "Expected tenants that cannot be matched: the listing of the vendor is incomplete, or several tenants share the name; independent of the selected tenants.",
            open,
            UNKNOWN,
        )
        .sized(8, 3),
    ]
}

fn tenants(scope: Scope) -> Panel {
    let number = |title, vector: String| Column::value(title, vector).width(120).no_value("unknown");
    let columns = [
        Column::label("tenant", "Tenant").link("Open this tenant", &tenant_url()),
        Column::value("Expected", aggregated("min", TENANT, &scope.series("saasbackup_tenant_expected").all()))
            .width(90)
            .no_value("unknown")
            .words(look::words(&[("0", "no", LATE), ("1", "yes", FINE)])),
        number("Workloads sold", scope.max("saasbackup_expected_workloads")),
        number("Unprotected", sum(TENANT, &unprotected(scope))).steps(&Steps::none_is_silent(BAD)),
        number("Unknown", unknown(scope)).steps(&Steps::none_is_silent(UNKNOWN)),
        number("Seats sold", scope.max("saasbackup_expected_seats")),
        number("Seats used", scope.max("saasbackup_seats_used")),
        number("Unbilled seats", unsold_seats(scope)).steps(&Steps::none_is_silent(LATE)),
        number("Not in use", idle_seats(scope)).width(95),
        Column::label("source", "Source").width(130),
        Column::label("tenant_id", "ID").width(95),
        Column::label("provider", "Provider").width(95),
    ];
    Panel::table(
        "Billing reconciliation per tenant",
        "Expected values from billing compared with what the vendor reports, for each tenant at the vendor. Unknown: not given by billing, or undecidable.",
        TENANT,
        &columns,
        ("Unprotected", true),
    )
    .sized(24, 10)
}

/// Seats in use at each source, of the tenants whose seats are known.
fn used_of_source() -> String {
    sum(SOURCE, &SOURCES.max("saasbackup_seats_used"))
}

/// The value of each shard, the largest of its replicas, with these labels.
fn by_shard(vector: &str, labels: &str) -> String {
    let shards = format!("* on (job, instance) group_left ({labels}) saasbackup_exporter_shard_info");
    format!("max by (provider, source, {labels}) ({vector} {shards})")
}

/// Tenants of each source whose seats in use are unknown, among them those that are excluded or dropped.
fn uncounted() -> String {
    let on = SOURCE.join(", ");
    let count = |name: &str| aggregated("count", SOURCE, &aggregated("max", TENANT, &SOURCES.series(name).all()));
    let (listed, known) = (count("saasbackup_tenant_info"), count("saasbackup_seats_used"));
    let excluded = SOURCES.series("saasbackup_exporter_tenants").and("state", "=\"excluded\"").all();
    let excluded = sum(SOURCE, &by_shard(&excluded, "shard"));
    format!("(({listed} - on ({on}) {known} or {listed}) + on ({on}) {excluded})")
}

/// There is a value for each source of which every shard has a complete listing.
fn wholly_listed() -> String {
    let complete = by_shard(&SOURCES.series("saasbackup_listing_complete").all(), "total_shards, shard");
    let seen = format!("count by (provider, source, total_shards) ({complete} == 1)");
    let matching = format!("count_values by (provider, source) (\"total_shards\", {seen})");
    format!("({matching} and on (provider, source, total_shards) {seen})")
}

/// A difference that is only known if the seats of every tenant are.
fn if_counted(vector: &str) -> String {
    let on = SOURCE.join(", ");
    format!("clamp_min({vector}, 0) and on ({on}) {} == 0 and on ({on}) {}", uncounted(), wholly_listed())
}

fn commitments() -> Panel {
    let (on, used) = (SOURCE.join(", "), used_of_source());
    let committed = SOURCES.max("saasbackup_committed_seats");
    let with_commitment = |vector: &str| format!("{vector} and on ({on}) {committed}");
    let number = |title, vector: String| Column::value(title, vector).no_value("unknown");
    let columns = [
        Column::label("source", "Source"),
        Column::label("provider", "Provider"),
        number("Seats committed", committed.clone()),
        number("Seats used", with_commitment(&used)),
        number("Tenants with unknown seats", with_commitment(&uncounted())).steps(&Steps::none_is_silent(UNKNOWN)),
        number("Not in use", if_counted(&format!("{committed} - on ({on}) {used}"))),
        number("Beyond the commitment", if_counted(&format!("{used} - on ({on}) {committed}")))
            .steps(&Steps::none_is_silent(LATE)),
    ];
    Panel::table(
        "Commitment of each account",
        "Seats that you have committed to pay for, from the file of expected tenants, compared with those in use by all tenants. Unknown: the seats of a tenant are unknown, also because it is excluded or dropped, or a shard has no complete listing.",
        SOURCE,
        &columns,
        ("Beyond the commitment", true),
    )
    .sized(24, 5)
}

fn missing() -> Panel {
    let columns = [
        Column::label("tenant", "Tenant"),
        Column::value("Tenant status", format!("{} == 0", missing_ones()))
            .width(120)
            .words(look::words(&[("0", "missing", BAD)])),
        Column::label("source", "Source").width(130),
        Column::label("tenant_id", "ID").width(95),
        Column::label("provider", "Provider").width(95),
    ];
    Panel::table(
        "Sold but missing at the vendor",
        "Tenants expected from billing that the complete listing of the vendor does not contain, with the names used in billing.",
        TENANT,
        &columns,
        ("Tenant", false),
    )
    .sized(24, 6)
}
