//! Lays out one customer: each workload against its objective, who is protected, and how it came to this.

use crate::dashboard::{Dashboard, Variable};
use crate::expression::{Scope, WORKLOAD, age, sum};
use crate::look::{self, BAD, BELIEVED, FINE, LATE, NEVER, NONE, PLAIN, QUIET, STOPPED, Steps, UNKNOWN};
use crate::panel::Panel;
use crate::table::Column;

/// The id alone selects the customer: names need not be unique, and some hold what older Grafana does not escape.
const SCOPE: Scope =
    Scope(&[("provider", "=~\"$provider\""), ("source", "=~\"$source\""), ("tenant_id", "=~\"$tenant_id\"")]);

pub(crate) fn dashboard() -> Dashboard {
    let mut panels = at_a_glance();
    panels.push(workloads());
    panels.push(Panel::row("Against the objective"));
    panels.extend(history());
    panels.push(Panel::row("Coverage and seats"));
    panels.extend(coverage());
    panels.push(Panel::row("What is held"));
    panels.extend(held());
    panels.push(Panel::row("How sure we are"));
    panels.extend(certainty());
    Dashboard {
        uid: "saasbackup-tenant",
        title: "SaaS Backup / Tenant",
        description: "One customer: workloads against their objectives, coverage, seats and trend.",
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
            "The name of the customer. Two names: the choices above select more than one customer.",
            SCOPE.max("saasbackup_tenant_info"),
            "{{tenant}}",
        )
        .steps(&Steps::known(PLAIN))
        .sized(4, 4),
        Panel::name(
            "At the vendor",
            "The vendor's word for the customer itself: active, suspended or deactivated.",
            format!("{} == 1", SCOPE.max("saasbackup_tenant_state")),
            "{{state}}",
        )
        .steps(&Steps::known(PLAIN))
        .sized(3, 4),
        count("Failing", "Workloads of which something active reports an error.", SCOPE.trouble("failing"), BAD),
        count("Never", "Workloads of which something active has no backup yet.", SCOPE.trouble("never"), NEVER),
        count(
            "Stopped",
            "Workloads of which data is held and nothing is active any more.",
            SCOPE.trouble("stopped"),
            STOPPED,
        ),
        count("Late", "Workloads older than their objective.", SCOPE.trouble("late"), LATE),
        count("Unknown", "Workloads of which nobody knows how they are.", SCOPE.unknown(), UNKNOWN),
        count(
            "Believed",
            "Workloads whose last attempt failed: what is shown of them is older than it should be.",
            SCOPE.believed(),
            BELIEVED,
        ),
        Panel::stat("Fine", "Workloads that are within their objective.", sum(&[], &SCOPE.fine()))
            .steps(&Steps::from(vec![(0.0, QUIET), (1.0, FINE)]))
            .sized(2, 4),
        Panel::stat(
            "Oldest",
            "How long ago the workload was looked at that was looked at the longest ago.",
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
        seconds("Objective", objective.clone()),
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
        "Each workload with its weakest active resource against the objective, its mailboxes, drives, sites or teams by state, and how fresh all of this is.",
        WORKLOAD,
        &columns,
        ("State", true),
    )
    .sized(24, 9)
}

fn history() -> Vec<Panel> {
    vec![
        Panel::lines(
            "Age of the weakest backup",
            "How old the newest backup of the weakest active resource was; dashed: the objective. A line that ends means that this is not known.",
        )
        .range(age(&SCOPE.max("saasbackup_protected_until_timestamp_seconds")), "{{workload}}")
        .range(format!("max by (workload) ({})", SCOPE.max("saasbackup_rpo_seconds")), "objective of {{workload}}")
        .dashed("/^objective/")
        .unit("s")
        .between(0.0, None)
        .every("5m"),
        Panel::lines(
            "Resources in trouble",
            "Mailboxes, drives, sites and teams that were failing, late, never backed up or not readable.",
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
        fact("Seats used", "As the vendor reports it; only from Dropsuite.", "saasbackup_seats_used"),
        fact(
            "Seats available",
            "As the vendor reports it, and probably the number bought rather than the number left.",
            "saasbackup_seats_available",
        ),
        fact("Billed seats", "Seats that the vendor bills.", "saasbackup_seats_billable"),
        fact("Unreachable", "Accounts that the service cannot connect to.", "saasbackup_connection_failures")
            .steps(&Steps::from(vec![(0.0, QUIET), (1.0, LATE)])),
        Panel::bars(
            "Accounts by state",
            "Everything that could be protected. A state without a bar is one for which the vendor has no word, not one with nobody in it.",
            sum(&["state"], &SCOPE.max("saasbackup_accounts")),
            "{{state}}",
        )
        .coloured(&["protected", "unprotected", "paused", "archived", "excluded", "unknown"])
        .between(0.0, None)
        .no_value("unknown")
        .steps(&Steps::known(QUIET))
        .sized(8, 8),
        Panel::lines("Accounts over time", "Everything that could be protected, by state.")
            .range(sum(&["state"], &SCOPE.max("saasbackup_accounts")), "{{state}}")
            .coloured(&["protected", "unprotected", "paused", "archived", "excluded", "unknown"])
            .between(0.0, None)
            .every("5m")
            .sized(8, 8),
        Panel::table(
            "Connected domains",
            "The customer's Microsoft 365 or Google domains; only from Dropsuite.",
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
        Panel::lines(title, "By workload, where the vendor says it of every resource.")
            .range(sum(&["workload"], &SCOPE.max(name)), "{{workload}}")
            .unit(unit)
            .between(0.0, None)
            .every("5m")
            .sized(12, 7)
    };
    vec![over_time("Items", "saasbackup_items", "short"), over_time("Stored", "saasbackup_storage_bytes", "bytes")]
}

fn certainty() -> Vec<Panel> {
    let by_part = |vector: String| format!("max by (part) ({vector})");
    let success = SCOPE.max("saasbackup_collection_success");
    vec![
        Panel::table(
            "Parts of this tenant",
            "When each part was last seen, and whether the last attempt worked. Coverage and life cycle are asked for seldom.",
            &["part"],
            &[
                Column::label("part", "Part"),
                Column::value("Last attempt", by_part(success)).width(140).coloured_words(look::attempts()),
                Column::value("Data age", by_part(age(&SCOPE.max("saasbackup_observed_timestamp_seconds"))))
                    .unit("s")
                    .decimals(1)
                    .width(140)
                    .no_value("never seen"),
            ],
            ("Last attempt", false),
        )
        .sized(12, 9),
        Panel::lines(
            "Age of the data",
            "How long ago what is shown was observed; a line that ends means that it was withdrawn as too old.",
        )
        .range(by_part(age(&SCOPE.max("saasbackup_observed_timestamp_seconds"))), "{{part}}")
        .unit("s")
        .between(0.0, None)
        .every("5m")
        .sized(12, 9),
    ]
}
