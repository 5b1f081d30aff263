//! Lays out one customer: its workloads against their RPO, coverage, seats, and history.

use crate::dashboard::{Dashboard, Variable};
use crate::expression::{Scope, TENANT, WORKLOAD, age, aggregated, sum};
use crate::look::{self, BAD, FINE, LATE, NEVER, NONE, PLAIN, QUIET, STALE, STOPPED, Steps, UNKNOWN};
use crate::panel::Panel;
use crate::table::Column;

/// The id alone selects the customer: names need not be unique, and some hold what older Grafana does not escape.
const SCOPE: Scope =
    Scope(&[("provider", "=~\"$provider\""), ("source", "=~\"$source\""), ("tenant_id", "=~\"$tenant_id\"")]);

pub(crate) fn dashboard() -> Dashboard {
    let mut panels = at_a_glance();
    panels.push(workloads());
    panels.push(days());
    panels.push(Panel::row("Backup age and RPO"));
    panels.extend(history());
    panels.push(Panel::row("Coverage and seats"));
    panels.extend(coverage());
    panels.push(Panel::row("Protected data"));
    panels.extend(held());
    panels.push(Panel::row("Restore tests"));
    panels.extend(restore_tests());
    panels.push(Panel::row("Data freshness"));
    panels.extend(certainty());
    Dashboard {
        uid: "saasbackup-tenant",
        title: "SaaS Backup / Tenant",
        description: "One customer: workloads against their RPO, coverage, seats and trend.",
        from: "now-7d",
        variables: vec![
            Variable::many("provider", "Provider", "saasbackup_exporter_tenants"),
            Variable::many("source", "Source", "saasbackup_exporter_tenants{provider=~\"$provider\"}"),
            Variable::many("tenant", "Tenant", "saasbackup_tenant_info{provider=~\"$provider\",source=~\"$source\"}"),
            Variable::one(
                "tenant_id",
                "ID",
                "saasbackup_tenant_info{provider=~\"$provider\",source=~\"$source\",tenant=~\"$tenant\"}",
            ),
        ],
        panels,
    }
}

fn at_a_glance() -> Vec<Panel> {
    let count = |title: &str, description: &str, ones: String, colour| {
        let width = if title == "Unknown" { 3 } else { 2 };
        Panel::stat(title, description, sum(&[], &ones)).steps(&Steps::none_is_fine(colour)).sized(width, 4)
    };
    vec![
        Panel::name(
            "Tenant",
            "Name of the tenant. Several names: the variables above select more than one tenant.",
            SCOPE.max("saasbackup_tenant_info"),
            "{{tenant}}",
        )
        .steps(&Steps::known(PLAIN))
        .sized(4, 4),
        Panel::name(
            "Tenant status",
            "State of the tenant at the vendor: active, suspended or deactivated.",
            format!("{} == 1", SCOPE.max("saasbackup_tenant_state")),
            "{{state}}",
        )
        .steps(&Steps::known(PLAIN))
        .sized(3, 4),
        count("Failing", "Workloads with an active resource that reports an error.", SCOPE.unhealthy("failing"), BAD),
        count("Never", "Workloads with an active resource that has no backup yet.", SCOPE.unhealthy("never"), NEVER),
        count(
            "Stopped",
            "Workloads with backup data but no active resource any more.",
            SCOPE.unhealthy("stopped"),
            STOPPED,
        ),
        count(
            "Late",
            "Workloads with an active resource whose newest backup is older than the RPO.",
            SCOPE.unhealthy("late"),
            LATE,
        ),
        count(
            "Unknown",
            "Workloads whose state is unknown: never collected, expired, or not fully readable.",
            SCOPE.unknown(),
            UNKNOWN,
        ),
        count(
            "Stale",
            "Workloads whose last collection failed, so their values are those of an earlier one.",
            SCOPE.stale(),
            STALE,
        ),
        Panel::stat("Healthy", "Workloads within their RPO.", sum(&[], &SCOPE.healthy()))
            .steps(&Steps::from(vec![(0.0, QUIET), (1.0, FINE)]))
            .sized(2, 4),
        Panel::stat(
            "Oldest data",
            "Time since the least recently refreshed licensed workload was refreshed.",
            format!("max ({})", age(&SCOPE.observed_if_licensed())),
        )
        .unit("s")
        .decimals(0)
        .steps(&Steps::from(vec![(0.0, FINE), (43_200.0, LATE), (86_400.0, BAD)]))
        .sized(2, 4),
    ]
}

fn workloads() -> Panel {
    let resources = |title, state: &str, colour| {
        let series = SCOPE.series("saasbackup_resources").and("state", &format!("=\"{state}\""));
        Column::value(title, sum(WORKLOAD, &series.max()))
            .width(85)
            .no_value("unknown")
            .steps(&Steps::none_is_silent(colour))
    };
    let protected_until = SCOPE.max("saasbackup_protected_until_timestamp_seconds");
    let objective = SCOPE.max("saasbackup_rpo_seconds");
    let seconds =
        |title, vector: String| Column::value(title, vector).unit("s").decimals(1).width(115).no_value("unknown");
    let columns = [
        Column::label("workload", "Workload"),
        Column::value("State", SCOPE.severity()).width(130).words(look::severities()),
        seconds("Oldest backup", age(&protected_until)),
        seconds("RPO", objective.clone()),
        seconds("Time left", format!("{objective} - ({})", age(&protected_until)))
            .coloured_words(look::negative_is_bad()),
        seconds("Newest backup", age(&SCOPE.max("saasbackup_newest_backup_timestamp_seconds"))),
        resources("Failing", "failing", BAD),
        resources("Never", "never", NEVER),
        resources("Late", "late", LATE),
        resources("Unknown", "unknown", UNKNOWN),
        resources("Ok", "ok", NONE),
        Column::value("Items", SCOPE.max("saasbackup_items")).unit("short").width(90).no_value("unknown"),
        Column::value("Stored", SCOPE.max("saasbackup_storage_bytes"))
            .unit("bytes")
            .decimals(1)
            .width(100)
            .no_value("unknown"),
        Column::value("Last attempt", SCOPE.attempts()).width(105).coloured_words(look::attempts()),
        seconds("Data age", age(&SCOPE.observed())).width(90),
    ];
    Panel::table(
        "Workloads",
        "All workloads with the backup age of their least recently protected active resource, the RPO, their mailboxes, drives, sites or teams by state, and data freshness.",
        WORKLOAD,
        &columns,
        ("State", true),
    )
    .sized(24, 9)
}

fn days() -> Panel {
    Panel::days(
        "Worst state of each day, last 28 days",
        "Worst state of each workload on each day (UTC), of one value an hour; independent of the time range. A day without data is unknown.",
        SCOPE.worst_of_day(),
        "{{workload}}",
    )
    .mappings(look::severities())
}

fn history() -> Vec<Panel> {
    vec![
        Panel::lines(
            "Backup age",
            "Age of the newest backup of the least recently protected active resource; dashed: the RPO. A gap means unknown.",
        )
        .range(age(&SCOPE.max("saasbackup_protected_until_timestamp_seconds")), "{{workload}}")
        .range(format!("max by (workload) ({})", SCOPE.max("saasbackup_rpo_seconds")), "RPO of {{workload}}")
        .dashed("/^RPO/")
        .unit("s")
        .between(0.0, None)
        .every("5m"),
        Panel::lines(
            "Unhealthy resources",
            "Mailboxes, drives, sites and teams that were failing, late, never backed up or unknown.",
        )
        .range(
            sum(
                &["state"],
                &SCOPE.series("saasbackup_resources").and("state", "=~\"failing|never|late|unknown\"").max(),
            ),
            "{{state}}",
        )
        .coloured(&["failing", "never", "late", "unknown"])
        .stacked()
        .between(0.0, None)
        .every("5m"),
    ]
}

fn coverage() -> Vec<Panel> {
    let fact = |title: &str, description: &str, name: &str| {
        Panel::stat(title, description, sum(&[], &SCOPE.max(name)))
            .no_value("unknown")
            .steps(&Steps::known(QUIET))
            .sized(6, 3)
    };
    vec![
        fact("Seats used", "Seats in use, as reported by the vendor; only from Dropsuite.", "saasbackup_seats_used"),
        fact(
            "Seats available",
            "As reported by the vendor, most likely the seats purchased rather than those left.",
            "saasbackup_seats_available",
        ),
        fact("Billed seats", "Seats that the vendor bills.", "saasbackup_seats_billable"),
        fact("Unreachable", "Accounts that the vendor cannot connect to.", "saasbackup_connection_failures")
            .steps(&Steps::from(vec![(0.0, QUIET), (1.0, LATE)])),
        Panel::bars(
            "Accounts by state",
            "Accounts that can be protected. A state without a bar is not reported by the vendor; it is not zero.",
            sum(&["state"], &SCOPE.max("saasbackup_accounts")),
            "{{state}}",
        )
        .coloured(&["protected", "unprotected", "paused", "archived", "excluded", "unknown"])
        .between(0.0, None)
        .no_value("unknown")
        .steps(&Steps::known(QUIET))
        .sized(8, 8),
        Panel::lines("Accounts over time", "Accounts that can be protected, by state.")
            .range(sum(&["state"], &SCOPE.max("saasbackup_accounts")), "{{state}}")
            .coloured(&["protected", "unprotected", "paused", "archived", "excluded", "unknown"])
            .between(0.0, None)
            .every("5m")
            .sized(8, 8),
        Panel::table(
            "Connected domains",
            "Connected Microsoft 365 or Google domains; only from Dropsuite.",
            &["provider", "source", "tenant_id", "tenant", "domain", "type", "state"],
            &[
                Column::label("domain", "Domain"),
                Column::label("type", "Type").width(65),
                Column::label("state", "State").width(105).words(look::words(&[
                    ("connected", "connected", FINE),
                    ("queued", "queued", LATE),
                    ("reconnect_required", "reconnect", BAD),
                    ("unknown", "unknown", UNKNOWN),
                ])),
                Column::value("Holds", format!("{} == 1", SCOPE.max("saasbackup_domain_state"))).hidden(),
            ],
            ("Domain", false),
        )
        .sized(8, 8),
    ]
}

fn held() -> Vec<Panel> {
    let over_time = |title: &str, name: &str, unit: &str| {
        Panel::lines(title, "By workload, if the vendor reports it for every resource.")
            .range(sum(&["workload"], &SCOPE.max(name)), "{{workload}}")
            .unit(unit)
            .between(0.0, None)
            .every("5m")
            .sized(12, 7)
    };
    vec![over_time("Items", "saasbackup_items", "short"), over_time("Stored", "saasbackup_storage_bytes", "bytes")]
}

fn restore_tests() -> Vec<Panel> {
    let last = |result: &str| {
        let series = SCOPE.series("saasbackup_restore_test_timestamp_seconds").and("result", &format!("=\"{result}\""));
        aggregated("max", WORKLOAD, &series.all())
    };
    let objective = SCOPE.max("saasbackup_restore_test_objective_seconds");
    let (passed, failed) = (last("ok"), last("failed"));
    let of_tenant = aggregated("max", TENANT, &passed);
    // 1 where the last test failed, and 0 where the last one succeeded.
    let is_failed = format!(
        "(({failed} >= bool on ({on}) {passed}) or 1 + 0 * {failed} or 0 * {passed})",
        on = WORKLOAD.join(", ")
    );
    let seconds =
        |title, vector: String| Column::value(title, vector).unit("s").decimals(0).width(150).no_value("never");
    vec![
        Panel::stat(
            "Time until the next restore test",
            "Restore test objective minus the time since the last successful restore test of any workload. Negative: overdue. No history: no successful test is on record, none is wanted, or no restore tests are configured.",
            format!("min ({objective} - on ({}) ({}))", TENANT.join(", "), age(&of_tenant)),
        )
        .unit("s")
        .decimals(0)
        .no_value("no history")
        .steps(&Steps::from(vec![(-1_000_000_000.0, BAD), (0.0, LATE), (604_800.0, FINE)]))
        .sized(6, 6),
        Panel::stat(
            "Restore test objective",
            "Maximum time since the last successful restore test. No data: no restore tests are wanted for this tenant, or none are configured.",
            format!("min ({objective})"),
        )
        .unit("s")
        .decimals(0)
        .no_value("no data")
        .steps(&Steps::known(QUIET))
        .sized(6, 6),
        Panel::table(
            "Restore tests by workload",
            "Time since the last restore test of each tested workload with each result, and how the last one ended. Workloads without a row were never tested.",
            WORKLOAD,
            &[
                Column::label("workload", "Workload"),
                Column::value("Last test", is_failed)
                    .width(120)
                    .words(look::words(&[("0", "ok", FINE), ("1", "failed", BAD)])),
                seconds("Last successful test", age(&passed)),
                seconds("Last failed test", age(&failed)),
            ],
            ("Last test", true),
        )
        .sized(12, 6),
    ]
}

fn certainty() -> Vec<Panel> {
    let by_part = |vector: String| format!("max by (part) ({vector})");
    let success = SCOPE.max("saasbackup_collection_success");
    vec![
        Panel::table(
            "Parts of the tenant",
            "Data age of each part, and whether its last collection succeeded. Coverage and lifecycle have a long refresh interval.",
            &["part"],
            &[
                Column::label("part", "Part"),
                Column::value("Last attempt", by_part(success)).width(140).coloured_words(look::attempts()),
                Column::value("Data age", by_part(age(&SCOPE.max("saasbackup_observed_timestamp_seconds"))))
                    .unit("s")
                    .decimals(1)
                    .width(140)
                    .no_value("never"),
            ],
            ("Last attempt", false),
        )
        .sized(12, 9),
        Panel::lines(
            "Data age",
            "Time since each part was last refreshed; a line that ends means that its values expired.",
        )
        .range(by_part(age(&SCOPE.max("saasbackup_observed_timestamp_seconds"))), "{{part}}")
        .unit("s")
        .between(0.0, None)
        .every("5m")
        .sized(12, 9),
    ]
}
