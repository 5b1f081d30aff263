//! Lays out the overview: which backups are unhealthy, and whether that is current or stale data.

use crate::dashboard::{Dashboard, Variable, source_url, tenant_url};
use crate::expression::{SOURCE, Scope, TENANT, WORKLOAD, age, aggregated, sum};
use crate::look::{self, BAD, FINE, LATE, NEVER, NONE, STALE, STOPPED, Steps, UNKNOWN};
use crate::panel::Panel;
use crate::table::Column;

const SCOPE: Scope = Scope(&[
    ("provider", "=~\"$provider\""),
    ("source", "=~\"$source\""),
    ("tenant", "=~\"$tenant\""),
    ("workload", "=~\"$workload\""),
]);

pub(crate) fn dashboard() -> Dashboard {
    let mut panels = at_a_glance();
    panels.push(Panel::row("Tenants"));
    panels.push(tenants());
    panels.push(unhealthy());
    panels.push(Panel::row("Trend"));
    panels.extend(trend());
    panels.push(Panel::row("Sources"));
    panels.push(sources());
    Dashboard {
        uid: "saasbackup-overview",
        title: "SaaS Backup / Overview",
        description: "Which backups are unhealthy, and is that current or stale data? All tenants, worst first.",
        from: "now-7d",
        variables: vec![
            Variable::many("provider", "Provider", "saasbackup_exporter_tenants"),
            Variable::many("source", "Source", "saasbackup_exporter_tenants{provider=~\"$provider\"}"),
            Variable::many("tenant", "Tenant", "saasbackup_tenant_info{provider=~\"$provider\",source=~\"$source\"}"),
            Variable::many(
                "workload",
                "Workload",
                "saasbackup_rpo_seconds{provider=~\"$provider\",source=~\"$source\",tenant=~\"$tenant\"}",
            ),
        ],
        panels,
    }
}

fn at_a_glance() -> Vec<Panel> {
    let count = |title: &str, description: &str, ones: String, colour| {
        Panel::stat(title, description, sum(&[], &ones)).steps(&Steps::none_is_fine(colour)).sized(3, 4)
    };
    vec![
        count(
            "Failing",
            "Workloads with an active resource that reports an error.",
            SCOPE.unhealthy("failing"),
            BAD,
        )
        .sized(2, 4),
        count(
            "Never",
            "Workloads with an active resource that has no backup yet.",
            SCOPE.unhealthy("never"),
            NEVER,
        )
        .sized(2, 4),
        count(
            "Stopped",
            "Workloads with backup data but no active resource any more, at tenants that are active at the vendor.",
            SCOPE.unhealthy("stopped"),
            STOPPED,
        )
        .sized(2, 4),
        count(
            "Late",
            "Workloads with an active resource whose newest backup is older than the RPO.",
            SCOPE.unhealthy("late"),
            LATE,
        )
        .sized(2, 4),
        count(
            "Unknown",
            "Workloads whose state is unknown: never collected, expired, or not fully readable. Counted neither as healthy nor as late.",
            SCOPE.unknown(),
            UNKNOWN,
        ),
        count(
            "Stale",
            "Workloads whose last collection failed, so their values are those of an earlier one. Also counted in their last known state.",
            SCOPE.stale(),
            STALE,
        )
        .sized(2, 4),
        Panel::stat(
            "Healthy",
            "Workloads within their RPO, as of their last successful collection.",
            sum(&[], &SCOPE.healthy()),
        )
        .steps(&Steps::from(vec![(0.0, BAD), (1.0, FINE)]))
        .sized(2, 4),
        Panel::stat(
            "Oldest data",
            "Time since the least recently refreshed workload was refreshed. Without workloads that are not licensed, or that were never collected and count as unknown.",
            format!("max ({})", age(&SCOPE.observed_if_licensed())),
        )
        .unit("s")
        .decimals(1)
        .steps(&Steps::from(vec![(0.0, FINE), (43_200.0, LATE), (86_400.0, BAD)]))
        .sized(3, 4),
        count(
            "Unprotected",
            "Accounts that can be protected but are not, as far as the vendors report them. Independent of the selected workloads.",
            unprotected(),
            LATE,
        )
        .no_value("unknown"),
        count(
            "Sources down",
            "Sources whose last tenant listing failed; independent of the selected tenants.",
            format!("({} == bool 0)", SCOPE.max("saasbackup_up")),
            BAD,
        ),
    ]
}

/// Accounts without any backup.
fn unprotected() -> String {
    SCOPE.series("saasbackup_accounts").and("state", "=\"unprotected\"").max()
}

fn tenants() -> Panel {
    let per_tenant = |ones: String| sum(TENANT, &ones);
    let number = |title, ones: String, colour| {
        Column::value(title, per_tenant(ones)).width(78).no_value("unknown").steps(&Steps::none_is_silent(colour))
    };
    let columns = [
        Column::label("tenant", "Tenant").link("Open this tenant", &tenant_url()),
        Column::value("Worst", aggregated("max", TENANT, &SCOPE.severity())).width(125).words(look::severities()),
        number("Failing", SCOPE.unhealthy("failing"), BAD),
        number("Never", SCOPE.unhealthy("never"), NEVER),
        number("Stopped", SCOPE.unhealthy("stopped"), STOPPED),
        number("Late", SCOPE.unhealthy("late"), LATE),
        number("Unknown", SCOPE.unknown(), UNKNOWN),
        number("Stale", SCOPE.stale(), STALE),
        number("Unprotected", unprotected(), LATE).width(110),
        Column::value(
            "Oldest backup",
            age(&aggregated("min", TENANT, &SCOPE.max("saasbackup_protected_until_timestamp_seconds"))),
        )
        .unit("s")
        .decimals(1)
        .width(120)
        .no_value("unknown"),
        Column::value("Oldest data", age(&aggregated("min", TENANT, &SCOPE.observed_if_licensed())))
            .unit("s")
            .decimals(1)
            .width(110)
            .no_value("unknown")
            .steps(&Steps::from(vec![(0.0, NONE), (43_200.0, LATE), (86_400.0, BAD)])),
        Column::value("Stored", sum(TENANT, &SCOPE.max("saasbackup_storage_bytes")))
            .unit("bytes")
            .decimals(1)
            .width(100)
            .no_value("unknown"),
        Column::label("source", "Source").width(130),
        Column::label("tenant_id", "ID").width(100),
        Column::label("provider", "Provider").width(100),
    ];
    Panel::table(
        "Tenants, worst first",
        "All tenants with the state of their worst workload and the number of unhealthy workloads. Colored cells need attention; purple is unknown.",
        TENANT,
        &columns,
        ("Worst", true),
    )
    .sized(24, 12)
}

fn unhealthy() -> Panel {
    let times = |title, vector: String| {
        Column::value(title, SCOPE.where_unhealthy(&vector)).unit("s").decimals(1).width(140).no_value("unknown")
    };
    let columns = [
        Column::label("tenant", "Tenant").link("Open this tenant", &tenant_url()),
        Column::label("workload", "Workload").width(120),
        Column::value("State", SCOPE.where_unhealthy(&SCOPE.severity())).width(150).words(look::severities()),
        times("Oldest backup", age(&SCOPE.max("saasbackup_protected_until_timestamp_seconds"))),
        times("Newest backup", age(&SCOPE.max("saasbackup_newest_backup_timestamp_seconds"))),
        times("RPO", SCOPE.max("saasbackup_rpo_seconds")),
        Column::value("Last attempt", SCOPE.where_unhealthy(&SCOPE.attempts()))
            .width(120)
            .coloured_words(look::attempts()),
        times("Data age", age(&SCOPE.observed())),
        Column::label("source", "Source").width(130),
        Column::label("tenant_id", "ID").width(100),
        Column::label("provider", "Provider").width(100),
    ];
    Panel::table(
        "Unhealthy workloads",
        "Workloads that need attention, with the backup age of their least recently protected active resource and the RPO. Last attempt and data age show whether the data is current or stale.",
        WORKLOAD,
        &columns,
        ("State", true),
    )
    .sized(24, 12)
}

fn trend() -> Vec<Panel> {
    let shown =
        SCOPE.series("saasbackup_workload_state").and("state", "=~\"failing|never|stopped|late|unknown\"").max();
    let known = SCOPE.series("saasbackup_workload_state").and("state", "=~\"ok|failing|late|never|stopped\"").all();
    // With an unknown workload in one replica and a known one in another, it is known.
    let known = aggregated("max", WORKLOAD, &known);
    let share = format!(
        "{} / ({} + {} > 0)",
        sum(&["workload"], &SCOPE.healthy()),
        sum(&["workload"], &known),
        sum(&["workload"], &SCOPE.unknown()),
    );
    vec![
        Panel::lines(
            "Unhealthy workloads over time",
            "Number of workloads that were failing, never backed up, stopped, late or unknown. While two replicas of the exporter disagree, a workload is counted in both states.",
        )
        .range(sum(&["state"], &shown), "{{state}}")
        .coloured(&["failing", "never", "stopped", "late", "unknown"])
        .stacked()
        .between(0.0, None)
        .every("2h")
        .sized(10, 8),
        Panel::bars(
            "Healthy, by workload",
            "Ratio of healthy workloads to all with something to back up; unknown ones count as unhealthy.",
            share,
            "{{workload}}",
        )
        .unit("percentunit")
        .between(0.0, Some(1.0))
        .steps(&Steps::from(vec![(0.0, BAD), (0.8, LATE), (0.95, FINE)]))
        .sized(8, 8),
        Panel::lines("Stored, by source", "Size of the protected data of all tenants, as far as the vendor reports it.")
            .range(sum(&["source"], &SCOPE.max("saasbackup_storage_bytes")), "{{source}}")
            .unit("bytes")
            .between(0.0, None)
            .every("1h")
            .sized(6, 8),
    ]
}

fn sources() -> Panel {
    let tenants = |title, state: &str, steps: Steps| {
        let series = SCOPE.series("saasbackup_exporter_tenants").and("state", &format!("=\"{state}\""));
        Column::value(title, aggregated("max", SOURCE, &series.all())).width(110).no_value("unknown").steps(&steps)
    };
    let flag = |title, name: &str| {
        Column::value(title, SCOPE.max(name)).width(130).words(look::words(&[("0", "no", BAD), ("1", "yes", FINE)]))
    };
    let columns = [
        Column::label("source", "Source").link("Open this source in the exporter dashboard", &source_url()),
        Column::label("provider", "Provider"),
        flag("Listing OK", "saasbackup_up"),
        flag("Listing complete", "saasbackup_listing_complete"),
        tenants("Collected", "collected", Steps::known(NONE)),
        tenants("Failing", "failing", Steps::none_is_silent(LATE)),
        tenants("Pending", "pending", Steps::none_is_silent(UNKNOWN)),
        tenants("Excluded", "excluded", Steps::known(NONE)),
        Column::value(
            "Last successful login",
            age(&SCOPE.max("saasbackup_exporter_credential_last_success_timestamp_seconds")),
        )
        .unit("s")
        .decimals(1)
        .no_value("never"),
        Column::value("Refresh interval", SCOPE.max("saasbackup_exporter_effective_interval_seconds"))
            .unit("s")
            .no_value("unknown"),
    ];
    Panel::table(
        "Sources",
        "All configured sources: whether the last tenant listing succeeded and was complete, and for how many tenants the last collection succeeded for every part (collected), failed for at least one (failing) or has not happened yet (pending).",
        SOURCE,
        &columns,
        ("Source", false),
    )
    .sized(24, 5)
}
