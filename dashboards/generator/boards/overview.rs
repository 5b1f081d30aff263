//! Lays out the morning look: whose backup is not fine, and is that known or only believed.

use crate::dashboard::{Dashboard, Variable, source_url, tenant_url};
use crate::expression::{SOURCE, Scope, TENANT, WORKLOAD, age, aggregated, sum};
use crate::look::{self, BAD, BELIEVED, FINE, LATE, NEVER, NONE, STOPPED, Steps, UNKNOWN};
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
    panels.push(not_fine());
    panels.push(Panel::row("Trend"));
    panels.extend(trend());
    panels.push(Panel::row("Sources"));
    panels.push(sources());
    Dashboard {
        uid: "saasbackup-overview",
        title: "SaaS Backup / Overview",
        description: "Whose backup is not fine, and is that known or only believed? All tenants, worst first.",
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
            "Workloads of which something active reports an error.",
            SCOPE.trouble("failing"),
            BAD,
        ),
        count(
            "Never backed up",
            "Workloads of which something active has no backup yet.",
            SCOPE.trouble("never"),
            NEVER,
        ),
        count(
            "Stopped",
            "Workloads of which data is held and nothing is active any more, while the vendor serves the tenant.",
            SCOPE.trouble("stopped"),
            STOPPED,
        )
        .sized(2, 4),
        count(
            "Late",
            "Workloads of which something active is older than the objective.",
            SCOPE.trouble("late"),
            LATE,
        )
        .sized(2, 4),
        count(
            "Unknown",
            "Workloads of which nobody knows how they are: never seen, too old to be shown, or not fully readable. Not counted as fine, and not as late.",
            SCOPE.unknown(),
            UNKNOWN,
        ),
        count(
            "Only believed",
            "Workloads whose last attempt failed: what is shown of them is older than it should be. Counted in their last known state as well.",
            SCOPE.believed(),
            BELIEVED,
        ),
        Panel::stat(
            "Fine",
            "Workloads that are within their objective, as of the last successful look at them.",
            sum(&[], &SCOPE.fine()),
        )
        .steps(&Steps::from(vec![(0.0, BAD), (1.0, FINE)]))
        .sized(2, 4),
        Panel::stat(
            "Oldest data",
            "How long ago the workload was looked at that was looked at the longest ago. Workloads that were never seen have no such time; they count as unknown.",
            format!("max ({})", age(&SCOPE.observed_if_licensed())),
        )
        .unit("s")
        .decimals(1)
        .steps(&Steps::from(vec![(0.0, FINE), (43_200.0, LATE), (86_400.0, BAD)]))
        .sized(3, 4),
        count(
            "Sources down",
            "Accounts whose tenants could not be listed at the last attempt, whatever is selected as tenant.",
            format!("({} == bool 0)", SCOPE.max("saasbackup_up")),
            BAD,
        ),
    ]
}

fn tenants() -> Panel {
    let per_tenant = |ones: String| sum(TENANT, &ones);
    let number = |title, ones: String, colour| {
        Column::value(title, per_tenant(ones)).width(90).no_value("unknown").steps(&Steps::none_is_silent(colour))
    };
    let columns = [
        Column::label("tenant", "Tenant").link("Open this tenant", &tenant_url()),
        Column::value("Worst", aggregated("max", TENANT, &SCOPE.severity())).width(150).words(look::severities()),
        number("Failing", SCOPE.trouble("failing"), BAD),
        number("Never", SCOPE.trouble("never"), NEVER),
        number("Stopped", SCOPE.trouble("stopped"), STOPPED),
        number("Late", SCOPE.trouble("late"), LATE),
        number("Unknown", SCOPE.unknown(), UNKNOWN),
        number("Believed", SCOPE.believed(), BELIEVED),
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
        "Every tenant with the state of its worst workload, and how many of its workloads are in trouble. A cell with a colour is work; purple is what nobody knows.",
        TENANT,
        &columns,
        ("Worst", true),
    )
    .sized(24, 12)
}

fn not_fine() -> Panel {
    let times = |title, vector: String| {
        Column::value(title, SCOPE.where_not_fine(&vector)).unit("s").decimals(1).width(140).no_value("unknown")
    };
    let columns = [
        Column::label("tenant", "Tenant").link("Open this tenant", &tenant_url()),
        Column::label("workload", "Workload").width(120),
        Column::value("State", SCOPE.where_not_fine(&SCOPE.severity())).width(150).words(look::severities()),
        times("Oldest backup", age(&SCOPE.max("saasbackup_protected_until_timestamp_seconds"))),
        times("Newest backup", age(&SCOPE.max("saasbackup_newest_backup_timestamp_seconds"))),
        times("Objective", SCOPE.max("saasbackup_rpo_seconds")),
        Column::value("Last attempt", SCOPE.where_not_fine(&SCOPE.attempts()))
            .width(120)
            .coloured_words(look::attempts()),
        times("Data age", age(&SCOPE.observed())),
        Column::label("source", "Source").width(130),
        Column::label("tenant_id", "ID").width(100),
        Column::label("provider", "Provider").width(100),
    ];
    Panel::table(
        "Workloads that are not fine",
        "What to look at, with how old the backup of the weakest active resource is, against the objective. Last attempt and data age say whether that is known or only believed.",
        WORKLOAD,
        &columns,
        ("State", true),
    )
    .sized(24, 12)
}

fn trend() -> Vec<Panel> {
    let shown =
        SCOPE.series("saasbackup_workload_state").and("state", "=~\"failing|never|stopped|late|unknown\"").max();
    let told = SCOPE.series("saasbackup_workload_state").and("state", "=~\"ok|failing|late|never|stopped\"").all();
    // With an unknown workload in one replica and a known one in another, it is known.
    let told = aggregated("max", WORKLOAD, &told);
    let share = format!(
        "{} / ({} + {} > 0)",
        sum(&["workload"], &SCOPE.fine()),
        sum(&["workload"], &told),
        sum(&["workload"], &SCOPE.unknown()),
    );
    vec![
        Panel::lines(
            "Workloads not fine",
            "How many workloads were failing, never backed up, stopped, late or unknown. While two replicas of the exporter disagree, a workload counts in both of its states.",
        )
        .range(sum(&["state"], &shown), "{{state}}")
        .coloured(&["failing", "never", "stopped", "late", "unknown"])
        .stacked()
        .between(0.0, None)
        .every("2h")
        .sized(10, 8),
        Panel::bars(
            "Fine, by workload",
            "Share of workloads that are fine, of those where there is something to back up; the unknown ones count as not fine.",
            share,
            "{{workload}}",
        )
        .unit("percentunit")
        .between(0.0, Some(1.0))
        .steps(&Steps::from(vec![(0.0, BAD), (0.8, LATE), (0.95, FINE)]))
        .sized(8, 8),
        Panel::lines("Stored, by source", "Bytes held for all tenants, where the vendor says it.")
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
        Column::value(title, SCOPE.max(name)).width(110).words(look::words(&[("0", "no", BAD), ("1", "yes", FINE)]))
    };
    let columns = [
        Column::label("source", "Source").link("How the exporter is doing", &source_url()),
        Column::label("provider", "Provider"),
        flag("Listed", "saasbackup_up"),
        flag("Complete", "saasbackup_listing_complete"),
        tenants("Collected", "collected", Steps::known(NONE)),
        tenants("Failing", "failing", Steps::none_is_silent(LATE)),
        tenants("Pending", "pending", Steps::none_is_silent(UNKNOWN)),
        tenants("Excluded", "excluded", Steps::known(NONE)),
        Column::value(
            "Credential worked",
            age(&SCOPE.max("saasbackup_exporter_credential_last_success_timestamp_seconds")),
        )
        .unit("s")
        .decimals(1)
        .no_value("never"),
        Column::value("Looks at each every", SCOPE.max("saasbackup_exporter_effective_interval_seconds"))
            .unit("s")
            .no_value("unknown"),
    ];
    Panel::table(
        "Sources",
        "Each configured account: whether its tenants could be listed, to the end, and how many tenants had all, some or none of their parts collected at the last attempt.",
        SOURCE,
        &columns,
        ("Source", false),
    )
    .sized(24, 5)
}
