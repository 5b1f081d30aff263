//! Writes a page per customer, and the index, as HTML without scripts or external content.

use std::collections::BTreeSet;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::model::{Customer, Facts, Month, Report};
use super::share::Seconds;
use super::words::{self, duration, moment, number, percent, workload};
use crate::markup::{metadata, name};

/// Contains no external input, so it cannot end the element.
const STYLE: &str = include_str!("style.css");

/// The colours of the bars.
const KEY: [(&str, &str); 4] = [
    ("within", "within the objective"),
    ("outside", "outside the objective"),
    ("unknown", "not known"),
    ("none", "not a customer, or nothing to back up"),
];

/// So many bars that a telephone has no room between them.
const MANY_DAYS: usize = 45;

/// What the operator adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Branding {
    /// The title of each page.
    pub title: Option<String>,
    /// A line at the end of each page.
    pub footer: Option<String>,
    /// The logo as a `data:` URI.
    pub logo: Option<String>,
}

/// The page of a customer.
#[must_use]
pub fn page(report: &Report, customer: &Customer, branding: &Branding) -> String {
    let body = html! {
        header {
            div {
                h1 { (name(&customer.name)) }
                p { (title(branding)) ", " (span(report)) }
                p.quiet { "Customer " (name(&customer.key.tenant_id)) " at " (name(&customer.key.source)) }
                @if !customer.former_names.is_empty() {
                    p.quiet { "Also named " @for former in &customer.former_names { (name(former)) " " } }
                }
            }
            @if let Some(logo) = &branding.logo { img src=(logo) alt=""; }
        }
        (notices(report))
        h2 { "Backups" }
        p {
            "Each backup has an objective: the longest time that may pass until the next one. The numbers are shares of the \
             whole period, rounded down. Time that is not known is never counted as good."
        }
        p.key {
            @for (class, words) in KEY { span { i.(class) {} (words) } " " }
        }
        @for month in &customer.workloads { (month_section(report, month)) }
        @if customer.workloads.is_empty() { p.notknown { "Nothing was to be backed up in this period." } }
        @if !customer.unused.is_empty() {
            p.quiet {
                "Not licensed, paused or empty all the time: "
                (customer.unused.iter().map(|one| workload(one)).collect::<Vec<_>>().join(", "))
            }
        }
        div.columns {
            section { (coverage(customer)) }
            section { (seats(customer)) }
            section { (restore_tests(report, &customer.after)) }
            @if !customer.after.sold.is_empty() { section { (sold(&customer.after)) } }
            @if !customer.after.domains.is_empty() { section { (domains(&customer.after)) } }
        }
        (alerts(report, customer))
        (sources(report))
    };
    document(&customer.name, &body, branding)
}

/// The page that lists all customers, the worst first.
#[must_use]
pub fn index(report: &Report, files: &[String], branding: &Branding) -> String {
    let body = html! {
        header {
            div { h1 { (title(branding)) } p { (span(report)) } p.quiet { (report.customers.len()) " customers, the worst first" } }
            @if let Some(logo) = &branding.logo { img src=(logo) alt=""; }
        }
        (notices(report))
        table {
            thead { tr { th { "Customer" } th { "Worst workload" } th.number { "Within" } th.number { "Outside" } th.number { "Not known" } } }
            tbody {
                @for (customer, file) in report.customers.iter().zip(files) {
                    tr {
                        th.name scope="row" {
                            a href={ (file) ".html" } { (name(&customer.name)) }
                        }
                        @match customer.workloads.first() {
                            Some(month) => {
                                @let total = month.summary.total;
                                td { (workload(&month.workload)) }
                                td.number { (percent(total.within, total.all())) }
                                td.number { (percent(total.outside, total.all())) }
                                td.number { (percent(total.unknown(), total.all())) }
                            }
                            None => { td colspan="4" { "nothing to back up" } }
                        }
                    }
                }
            }
        }
        (sources(report))
    };
    document("SaaS backups", &body, branding)
}

fn document(heading: &str, body: &Markup, branding: &Branding) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                (metadata())
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'";
                title { (heading) " · " (title(branding)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (body)
                footer {
                    @if let Some(line) = &branding.footer { p { (line) } }
                    p { "saasbackup-exporter " (env!("CARGO_PKG_VERSION")) }
                }
            }
        }
    }
    .into_string()
}

fn title(branding: &Branding) -> &str {
    branding.title.as_deref().unwrap_or("SaaS backup report")
}

fn span(report: &Report) -> String {
    let zone = &report.period.zone;
    format!("{} to {} ({zone})", moment(report.period.start(), zone), moment(report.period.end(), zone))
}

/// What limits all that follows.
fn notices(report: &Report) -> Markup {
    let (seen, all) = (report.seen, report.period.seconds());
    html! {
        @if report.period.is_cut { p.notknown { "The period has not ended: this is a preliminary report." } }
        p {
            "Monitoring was running for " b { (percent(seen, all)) } " of the period."
            @if seen < all { " In the other " (duration(all - seen)) " nothing new was learned about any backup." }
        }
        @if !report.missing.is_empty() { p.notknown { "There is no data about: " (report.missing.join(", ")) "." } }
    }
}

fn month_section(report: &Report, month: &Month) -> Markup {
    let (summary, total) = (&month.summary, month.summary.total);
    let figure = |class: &str, seconds: u64, words: &str| {
        html! { div.(class).zero[seconds == 0] { b { (percent(seconds, total.all())) } " " (words) } }
    };
    let reasons = [
        (total.no_data, "without data"),
        (total.undetermined, "in which the vendor's data was missing or too old"),
        (total.nothing_due, "without anything to back up, or paused"),
        (total.not_customer, "before or after being a customer"),
    ];
    let reasons: Vec<_> = reasons.iter().filter(|(seconds, _)| *seconds > 0).collect();
    html! {
        section.workload {
            div.head {
                h3 { (workload(&month.workload)) }
                div.figures {
                    (figure("within", total.within, "within"))
                    (figure("outside", total.outside, "outside"))
                    (figure("unknown", total.unknown(), "not known"))
                }
            }
            div.days.many[report.period.days.len() > MANY_DAYS] aria-hidden="true" {
                @for (day, seconds) in report.period.days.iter().zip(&summary.days) {
                    (bar(&day.date.to_string(), day.date.day() == 1, seconds))
                }
            }
            div.ends {
                span { (report.period.days.first().map(|day| day.date.to_string()).unwrap_or_default()) }
                span { (report.period.days.last().map(|day| day.date.to_string()).unwrap_or_default()) }
            }
            p {
                @if summary.longest_outside > 0 {
                    "Longest time outside the objective: " (duration(summary.longest_outside)) ". "
                } @else if total.within == total.all() { "Always within the objective. " }
                @else { "Never known to be outside the objective. " }
                @if let Some(day) = summary.worst_day {
                    @if total.outside > 0 { "Worst day: " } @else { "Day of which least is known: " }
                    (report.period.days[day].date) ". "
                }
                @if !reasons.is_empty() {
                    span.quiet {
                        "Not known: "
                        @for (place, (seconds, words)) in reasons.iter().enumerate() {
                            @if place > 0 { "; " } (duration(*seconds)) " " (words)
                        }
                        "."
                    }
                }
            }
        }
    }
}

/// A day as a stack, of which the worst is at the bottom.
fn bar(date: &str, is_first_of_month: bool, day: &Seconds) -> Markup {
    let idle = day.nothing_due + day.not_customer;
    let pieces =
        [("within", day.within), ("none", idle), ("unknown", day.undetermined + day.no_data), ("outside", day.outside)];
    let all = day.all().max(1);
    let words = format!(
        "{date}: within {}, outside {}, not known {}",
        percent(day.within, all),
        percent(day.outside, all),
        percent(day.unknown(), all)
    );
    html! {
        span.month[is_first_of_month] title=(words) {
            @for (class, seconds) in pieces.iter().filter(|(_, seconds)| *seconds > 0) {
                i.(class) style=(height(*seconds, all)) {}
            }
        }
    }
}

fn height(seconds: u64, all: u64) -> String {
    let thousandths = seconds * 1000 / all;
    format!("height:{}.{}%", thousandths / 10, thousandths % 10)
}

fn coverage(customer: &Customer) -> Markup {
    let of = |facts: &Facts, state: &str| facts.accounts.get(state).copied();
    let row = |words: &str, state: &str| {
        html! {
            tr {
                th scope="row" { (words) }
                td.number { (number(of(&customer.before, state))) } td.number { (number(of(&customer.after, state))) }
            }
        }
    };
    let known = ["protected", "unprotected"];
    let states: BTreeSet<_> = customer.before.accounts.keys().chain(customer.after.accounts.keys()).collect();
    let others = states.into_iter().filter(|state| !known.contains(&state.as_str()));
    html! {
        h2 { "Accounts" }
        table {
            thead { tr { th {} th.number { "First day" } th.number { "Last day" } } }
            tbody {
                (row("Protected", "protected"))
                (row("Not protected", "unprotected"))
                @for state in others { (row(&workload(state), state)) }
            }
        }
    }
}

fn seats(customer: &Customer) -> Markup {
    let of = |facts: &Facts, metric: &str| facts.numbers.get(metric).copied();
    let rows = [
        ("Used", "saasbackup_seats_used", true),
        ("Purchased", "saasbackup_seats_available", true),
        ("Billed by the vendor", "saasbackup_seats_billable", false),
        ("Sold", "saasbackup_expected_seats", false),
        ("Active", "saasbackup_seats_active", false),
        ("Deactivated", "saasbackup_seats_deactivated", false),
    ];
    let rows = rows.iter().filter(|(_, metric, is_always)| *is_always || of(&customer.after, metric).is_some());
    let retention = of(&customer.after, "saasbackup_retention_period_seconds");
    html! {
        h2 { "Seats and retention" }
        table {
            thead { tr { th {} th.number { "First day" } th.number { "Last day" } } }
            tbody {
                @for (words, metric, _) in rows {
                    tr {
                        th scope="row" { (words) }
                        td.number { (number(of(&customer.before, metric))) } td.number { (number(of(&customer.after, metric))) }
                    }
                }
                @for (state, seats) in &customer.after.seats {
                    tr {
                        th scope="row" { "Seats: " (state.replace('_', " ")) }
                        td.number { (number(customer.before.seats.get(state).copied())) } td.number { (number(Some(*seats))) }
                    }
                }
            }
        }
        p { "Shortest retention: " (retention.map_or_else(|| "not known".to_owned(), days)) }
    }
}

fn sold(facts: &Facts) -> Markup {
    html! {
        h2 { "Sold and protected" }
        table {
            tbody {
                @for (one, is_protected) in &facts.sold {
                    tr {
                        th scope="row" { (workload(one)) }
                        td { @if *is_protected { "protected" } @else { b.late { "sold, but not protected" } } }
                    }
                }
            }
        }
    }
}

fn domains(facts: &Facts) -> Markup {
    html! {
        h2 { "Connected domains" }
        table {
            tbody {
                @for (domain, state) in &facts.domains {
                    tr { th.name scope="row" { (name(domain)) } td { (state.replace('_', " ")) } }
                }
            }
        }
    }
}

fn restore_tests(report: &Report, facts: &Facts) -> Markup {
    let objective = facts.numbers.get("saasbackup_restore_test_objective_seconds").copied();
    let successes = facts.restore_tests.iter().filter(|((_, result), _)| result == "ok").map(|(_, at)| whole(*at));
    let oldest = |objective: f64| report.period.end() - whole(objective);
    let is_overdue = objective.map(|objective| successes.max().is_none_or(|newest| newest < oldest(objective)));
    html! {
        h2 { "Restore tests" }
        @if let Some(objective) = objective {
            p {
                "A successful restore test is due every " (days(objective)) ". "
                @if is_overdue == Some(true) { b.late { "It is overdue." } } @else { "There was one in that time." }
            }
        }
        @if facts.restore_tests.is_empty() {
            p.notknown { "No restore test is recorded." }
        } @else {
            table {
                tbody {
                    @for ((one, result), at) in &facts.restore_tests {
                        tr { th scope="row" { (workload(one)) } td { (result) } td { (moment(whole(*at), &report.period.zone)) } }
                    }
                }
            }
        }
    }
}

fn days(seconds: f64) -> String {
    format!("{:.0} days", seconds / 86_400.0)
}

#[expect(clippy::cast_possible_truncation, reason = "seconds since the Unix epoch")]
const fn whole(seconds: f64) -> i64 {
    seconds as i64
}

fn alerts(report: &Report, customer: &Customer) -> Markup {
    html! {
        h2 { "Alerts" }
        @if customer.alerts.is_empty() {
            p { "No alert that fired is recorded." }
        } @else {
            table {
                thead { tr { th { "Alert" } th { "Severity" } th.number { "Days" } th { "First and last day" } } }
                tbody {
                    @for ((alert, severity), days) in &customer.alerts {
                        @let date = |day: Option<&usize>| day.map(|day| report.period.days[*day].date.to_string()).unwrap_or_default();
                        tr {
                            th scope="row" { (words::alert(alert)) } td { (severity) } td.number { (days.len()) }
                            td { (date(days.first())) " – " (date(days.last())) }
                        }
                    }
                }
            }
        }
    }
}

/// How the numbers were obtained, so that anybody can obtain them again.
fn sources(report: &Report) -> Markup {
    html! {
        h2 { "How this was measured" }
        p.quiet {
            "Evaluated every " (duration(report.grid.step.unsigned_abs())) " from the metrics that the monitoring system stores; a change \
             is exact to that. Alerts, seats and accounts are as stored at the time."
            @if report.is_computed { " Some days were computed, because the recorded series are missing." }
        }
        details {
            summary { "Queries" }
            @for query in &report.queries { pre { (query) } }
        }
    }
}
