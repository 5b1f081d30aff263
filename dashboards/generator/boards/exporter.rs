//! Lays out the exporter itself: data age, failures, and the vendors' API quotas.

use crate::dashboard::{Dashboard, Variable};
use crate::expression::{SOURCE, Scope, age, aggregated, sum};
use crate::look::{self, BAD, FINE, LATE, NONE, PLAIN, QUIET, STALE, Steps, UNKNOWN};
use crate::panel::Panel;
use crate::table::Column;

/// Each process stands for itself here, so that a replica that goes astray is seen.
const SCOPE: Scope = Scope(&[
    ("job", "=~\"$job\""),
    ("instance", "=~\"$instance\""),
    ("provider", "=~\"$provider\""),
    ("source", "=~\"$source\""),
]);
const PROCESS: &[&str] = &["job", "instance"];

pub(crate) fn dashboard() -> Dashboard {
    let mut panels = at_a_glance();
    panels.push(sources());
    panels.push(Panel::row("Data"));
    panels.extend(data());
    panels.push(Panel::row("The vendors' APIs"));
    panels.extend(requests());
    panels.push(Panel::row("The process"));
    panels.extend(process());
    Dashboard {
        uid: "saasbackup-exporter",
        title: "SaaS Backup / Exporter",
        description: "Health of the exporter: data age, failed requests, rate limits, request durations, schema drift.",
        from: "now-6h",
        variables: vec![
            Variable::many("job", "Job", "saasbackup_exporter_build_info"),
            Variable::many("instance", "Instance", "saasbackup_exporter_build_info{job=~\"$job\"}"),
            Variable::many("provider", "Provider", "saasbackup_exporter_tenants{job=~\"$job\"}"),
            Variable::many("source", "Source", "saasbackup_exporter_tenants{job=~\"$job\",provider=~\"$provider\"}"),
        ],
        panels,
    }
}

fn all(name: &str) -> String {
    SCOPE.series(name).all()
}

/// How fast a counter rises, over all endpoints and outcomes, by these labels.
fn rate(labels: &[&str], counter: &str) -> String {
    sum(labels, &format!("rate({counter}[$__rate_interval])"))
}

fn at_a_glance() -> Vec<Panel> {
    let yes_or_no = look::words(&[("0", "no", BAD), ("1", "yes", FINE)]);
    vec![
        Panel::stat("Up", "Whether Prometheus could scrape every selected process.", format!("min ({})", all("up")))
            .mappings(yes_or_no.clone())
            .steps(&Steps::known(PLAIN))
            .sized(3, 4),
        Panel::name(
            "Version",
            "Exporter version; two during an upgrade.",
            format!("count by (version) ({})", all("saasbackup_exporter_build_info")),
            "{{version}}",
        )
        .steps(&Steps::known(PLAIN))
        .sized(3, 4),
        Panel::stat(
            "Config loaded",
            "Whether the last configuration reload of every process succeeded.",
            format!("min ({})", all("saasbackup_exporter_config_last_reload_successful")),
        )
        .mappings(yes_or_no)
        .steps(&Steps::known(PLAIN))
        .sized(3, 4),
        Panel::stat(
            "Tenants failing",
            "Tenants with a part whose last collection failed.",
            sum(&[], &SCOPE.series("saasbackup_exporter_tenants").and("state", "=\"failing\"").max()),
        )
        .steps(&Steps::none_is_fine(LATE))
        .sized(3, 4),
        Panel::stat(
            "Tenants pending",
            "Tenants without a finished collection; their state is unknown.",
            sum(&[], &SCOPE.series("saasbackup_exporter_tenants").and("state", "=\"pending\"").max()),
        )
        .steps(&Steps::none_is_fine(UNKNOWN))
        .sized(3, 4),
        Panel::stat(
            "Stale parts",
            "Parts of tenants whose last collection failed. Their last values are shown until they are older than stale_after.",
            sum(&[], &format!("({} == bool 0)", SCOPE.max("saasbackup_collection_success"))),
        )
        .steps(&Steps::none_is_fine(STALE))
        .sized(3, 4),
        Panel::stat(
            "Throttled, 1 h",
            "429 responses of the vendors within the last hour.",
            sum(&[], &format!("increase({}[1h])", all("saasbackup_exporter_api_throttled_total"))),
        )
        .decimals(0)
        .steps(&Steps::none_is_fine(LATE))
        .sized(3, 4),
        Panel::stat(
            "Series",
            "Series of tenants and sources in one scrape.",
            format!("max ({})", all("saasbackup_exporter_series")),
        )
        .unit("short")
        .steps(&Steps::known(FINE))
        .sized(3, 4),
    ]
}

/// When the parts that are refreshed at the interval of the source were collected: the others have longer intervals.
fn observed_each_round() -> String {
    SCOPE.series("saasbackup_observed_timestamp_seconds").and("part", "=~\"listing|mail\"").all()
}

fn sources() -> Panel {
    let labels = ["instance", "provider", "source"];
    let by = |by: &str, vector: String| aggregated(by, &labels, &vector);
    let words = || look::words(&[("0", "no", BAD), ("1", "yes", FINE)]);
    let tenants = |state: &str| {
        by("max", SCOPE.series("saasbackup_exporter_tenants").and("state", &format!("=\"{state}\"")).all())
    };
    let columns = [
        Column::label("source", "Source"),
        Column::label("provider", "Provider").width(110),
        Column::label("instance", "Instance"),
        Column::value("Listing OK", by("max", all("saasbackup_up"))).width(110).words(words()),
        Column::value("Listing complete", by("max", all("saasbackup_listing_complete"))).width(130).words(words()),
        Column::value("Collected", tenants("collected")).width(110).no_value("unknown"),
        Column::value("Failing", tenants("failing")).width(100).no_value("unknown").steps(&Steps::none_is_silent(LATE)),
        Column::value("Oldest mail data", age(&by("min", observed_each_round())))
            .unit("s")
            .decimals(1)
            .width(150)
            .no_value("no data")
            .steps(&Steps::from(vec![(0.0, NONE), (7_200.0, LATE), (86_400.0, BAD)])),
        Column::value("Refresh interval", by("max", all("saasbackup_exporter_effective_interval_seconds")))
            .unit("s")
            .width(140)
            .no_value("unknown"),
        Column::value(
            "Last successful login",
            age(&by("max", all("saasbackup_exporter_credential_last_success_timestamp_seconds"))),
        )
        .unit("s")
        .decimals(1)
        .width(180)
        .no_value("never"),
        Column::value("Removed", by("max", all("saasbackup_tenants_removed_total"))).width(100).no_value("unknown"),
    ];
    Panel::table(
        "Sources",
        "One row per source and process. Removed: tenants that a complete listing no longer contained, since the process started.",
        &labels,
        &columns,
        ("Source", false),
    )
    .sized(24, 6)
}

fn data() -> Vec<Panel> {
    let unhealthy = SCOPE.series("saasbackup_exporter_tenants").and("state", "=~\"failing|pending\"");
    vec![
        Panel::lines(
            "Age of the oldest mail data",
            "Age of the least recently refreshed tenant list or mail data; other parts have their own refresh intervals.",
        )
        .range(age(&aggregated("min", &["instance", "source"], &observed_each_round())), "{{source}} {{instance}}")
        .unit("s")
        .between(0.0, None)
        .every("5m")
        .sized(7, 8),
        Panel::lines(
            "Unhealthy tenants",
            "Tenants with a part whose last collection failed, or without a finished collection.",
        )
        .range(sum(&["source", "state"], &unhealthy.max()), "{{source}} {{state}}")
        .shaded("/ failing$/", BAD)
        .shaded("/ pending$/", UNKNOWN)
        .stacked()
        .between(0.0, None)
        .sized(7, 8),
        drift(),
    ]
}

fn drift() -> Panel {
    let labels = ["source", "endpoint", "field", "kind"];
    let columns = [
        Column::label("source", "Source").width(125),
        Column::label("endpoint", "Endpoint").width(120),
        Column::label("field", "Field"),
        Column::label("kind", "Kind").width(125),
        Column::value("1 day", sum(&labels, &format!("increase({}[1d])", all("saasbackup_schema_drift_total"))))
            .width(70)
            .decimals(0)
            .no_value("unknown"),
    ];
    Panel::table(
        "Schema drift",
        "Deviations from the vendor's documentation since the process started, and the number of records in the last day after the first one. The values of such records are unknown; an empty table is good.",
        &labels,
        &columns,
        ("1 day", true),
    )
    .no_value("nothing seen")
    .sized(10, 8)
}

fn requests() -> Vec<Panel> {
    let requests = all("saasbackup_exporter_api_requests_total");
    let failures = SCOPE
        .series("saasbackup_exporter_api_requests_total")
        .and("outcome", "!~\"success|not_found|forbidden\"")
        .all();
    let durations = all("saasbackup_exporter_api_request_duration_seconds");
    let quantile = |share: f64| {
        let buckets = rate(&["provider", "source", "le"], &durations);
        format!("histogram_quantile({share}, {buckets})")
    };
    let collections = rate(&["source", "le"], &all("saasbackup_exporter_collection_duration_seconds"));
    vec![
        Panel::lines(
            "Requests by outcome",
            "Requests per second, including retries. Green: successful; gray: forbidden or not found, such as products that are not licensed; red: failed.",
        )
            .range(format!("{} > 0", rate(&["source", "outcome"], &requests)), "{{source}} {{outcome}}")
            .shaded("/ success$/", FINE)
            .shaded("/ (forbidden|not_found)$/", QUIET)
            .shaded("/^(?!.* (success|forbidden|not_found)$)/", BAD)
            .unit("reqps")
            .stacked()
            .between(0.0, None)
            .sized(8, 8),
        Panel::lines(
            "Failed requests",
            "Share of requests that end in a timeout, rate limiting, a server error or rejected credentials; products that are not licensed are not counted.",
        )
        .range(
            format!("{} / ({} > 0)", rate(&["source"], &failures), rate(&["source"], &requests)),
            "{{source}}",
        )
        .unit("percentunit")
        .between(0.0, None)
        .axis_to(0.05)
        .sized(8, 8),
        Panel::lines("Request duration", "Median and 95th percentile of successful requests.")
            .range(quantile(0.5), "{{source}} p50")
            .range(quantile(0.95), "{{source}} p95")
            .unit("s")
            .between(0.0, None)
            .sized(8, 8),
        Panel::lines(
            "Remaining API quota",
            "The quota that the vendor last announced, in its own units; the lowest of all processes. Not every vendor announces one.",
        )
        .range(aggregated("min", SOURCE, &all("saasbackup_exporter_api_budget_remaining")), "{{source}}")
        .unit("short")
        .between(0.0, None)
        .no_value("no budget announced")
        .sized(8, 8),
        Panel::lines(
            "Refresh interval",
            "Effective refresh interval of a tenant; longer than configured if the rate limit does not allow more.",
        )
        .range(
            aggregated("max", SOURCE, &all("saasbackup_exporter_effective_interval_seconds")),
            "{{source}}",
        )
        .unit("s")
        .between(0.0, None)
        .sized(8, 8),
        Panel::lines(
            "Collection duration",
            "95th percentile for a tenant, including the time spent waiting for the rate limit.",
        )
        .range(format!("histogram_quantile(0.95, {collections})"), "{{source}}")
        .unit("s")
        .between(0.0, None)
        .sized(8, 8),
        Panel::lines(
            "Requests per tenant and day",
            "At the current request rate.",
        )
        .range(per_tenant_and_day(&requests), "{{source}}")
        .unit("short")
        .between(0.0, None)
        .sized(8, 8),
        by_endpoint(&requests),
    ]
}

fn per_tenant_and_day(requests: &str) -> String {
    let tenants = SCOPE.series("saasbackup_exporter_tenants").and("state", "!=\"excluded\"").all();
    format!("86400 * {} / ({} > 0)", rate(SOURCE, requests), sum(SOURCE, &tenants))
}

fn by_endpoint(requests: &str) -> Panel {
    let labels = ["source", "endpoint"];
    let columns = [
        Column::label("source", "Source").width(160),
        Column::label("endpoint", "Endpoint"),
        Column::value("1 day", sum(&labels, &format!("increase({requests}[1d])")))
            .width(110)
            .decimals(0)
            .no_value("unknown"),
    ];
    Panel::table(
        "Requests by endpoint",
        "Requests of the last day by endpoint, including retries.",
        &labels,
        &columns,
        ("1 day", true),
    )
    .sized(16, 8)
}

fn process() -> Vec<Panel> {
    let line = |title: &str, description: &str, expression: String, unit: &str| {
        Panel::lines(title, description).range(expression, "{{instance}}").unit(unit).between(0.0, None).sized(6, 7)
    };
    // Other processes have these metrics as well: the job says which are meant.
    vec![
        line(
            "Memory",
            "Resident memory of the process.",
            aggregated("max", PROCESS, &all("process_resident_memory_bytes")),
            "bytes",
        ),
        line("CPU", "CPU cores used by the process.", rate(PROCESS, &all("process_cpu_seconds_total")), "short"),
        line(
            "Scrape duration",
            "How long a scrape takes; it does not wait for the vendors.",
            aggregated("max", PROCESS, &all("scrape_duration_seconds")),
            "s",
        ),
        line(
            "Uptime",
            "Time since the process started.",
            age(&aggregated("max", PROCESS, &all("process_start_time_seconds"))),
            "s",
        ),
    ]
}
