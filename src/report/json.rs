//! Writes the numbers of a page, and the index, as JSON.

use serde_json::{Value, json};

use super::model::{Customer, Facts, Report};
use super::share::Seconds;

/// The document of a customer.
#[must_use]
pub fn json(report: &Report, customer: &Customer) -> Value {
    let workloads = customer.workloads.iter().map(|month| {
        let summary = &month.summary;
        let days = report.period.days.iter().zip(&summary.days);
        json!({
            "workload": month.workload,
            "total": seconds(&summary.total),
            "longest_outside_seconds": summary.longest_outside,
            "longest_unknown_seconds": summary.longest_unknown,
            "worst_day": summary.worst_day.map(|day| report.period.days[day].date.to_string()),
            "days": days.map(|(day, times)| {
                let mut times = seconds(times);
                times["date"] = json!(day.date.to_string());
                times
            }).collect::<Vec<_>>(),
        })
    });
    let alerts = customer.alerts.iter().map(|((name, severity), days)| {
        let days: Vec<_> = days.iter().map(|day| report.period.days[*day].date.to_string()).collect();
        json!({ "alert": name, "severity": severity, "days": days })
    });
    json!({
        "provider": customer.key.provider,
        "source": customer.key.source,
        "tenant_id": customer.key.tenant_id,
        "tenant": customer.name,
        "former_names": customer.former_names,
        "period": period(report),
        "workloads": workloads.collect::<Vec<_>>(),
        "unused_workloads": customer.unused,
        "first_day": facts(&customer.before),
        "last_day": facts(&customer.after),
        "alerts": alerts.collect::<Vec<_>>(),
        "queries": report.queries,
        "version": env!("CARGO_PKG_VERSION"),
    })
}

/// The document that lists the customers with their files, the worst first.
#[must_use]
pub fn json_index(report: &Report, names: &[String]) -> Value {
    let customers = report.customers.iter().zip(names).map(|(customer, file)| {
        let (outside, in_doubt) = customer.badness();
        json!({
            "provider": customer.key.provider,
            "source": customer.key.source,
            "tenant_id": customer.key.tenant_id,
            "tenant": customer.name,
            "file": file,
            "worst_outside_seconds": outside,
            "worst_undetermined_or_no_data_seconds": in_doubt,
        })
    });
    json!({
        "period": period(report),
        "customers": customers.collect::<Vec<_>>(),
        "queries": report.queries,
        "version": env!("CARGO_PKG_VERSION"),
    })
}

fn period(report: &Report) -> Value {
    json!({
        "label": report.period.label,
        "timezone": report.period.zone,
        "start": report.period.start(),
        "end": report.period.end(),
        "seconds": report.period.seconds(),
        "is_cut": report.period.is_cut,
        "step_seconds": report.grid.step,
        "exporter_seen_seconds": report.seen,
        "missing": report.missing,
    })
}

fn seconds(times: &Seconds) -> Value {
    json!({
        "within_seconds": times.within,
        "outside_seconds": times.outside,
        "unknown_seconds": times.unknown(),
        "unknown_undetermined_seconds": times.undetermined,
        "unknown_nothing_due_seconds": times.nothing_due,
        "unknown_no_data_seconds": times.no_data,
        "unknown_not_customer_seconds": times.not_customer,
    })
}

fn facts(facts: &Facts) -> Value {
    let tests = facts
        .restore_tests
        .iter()
        .map(|((workload, result), at)| json!({ "workload": workload, "result": result, "timestamp_seconds": at }));
    json!({
        "numbers": facts.numbers,
        "accounts": facts.accounts,
        "seats": facts.seats,
        "domains": facts.domains,
        "sold_workloads_protected": facts.sold,
        "restore_tests": tests.collect::<Vec<_>>(),
    })
}
