//! Writes a row per workload and day: the numbers of the page as a table.

use std::borrow::Cow;

use super::model::{Customer, Report};
use crate::spreadsheet::as_text;

const HEADER: [&str; 13] = [
    "provider",
    "source",
    "tenant_id",
    "tenant",
    "workload",
    "date",
    "within_seconds",
    "outside_seconds",
    "unknown_seconds",
    "unknown_undetermined_seconds",
    "unknown_nothing_due_seconds",
    "unknown_no_data_seconds",
    "unknown_not_customer_seconds",
];

/// The table of a customer.
///
/// # Errors
///
/// Never: it is written to memory.
pub fn csv(report: &Report, customer: &Customer) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for month in &customer.workloads {
        for (day, seconds) in report.period.days.iter().zip(&month.summary.days) {
            let key = &customer.key;
            let texts = [&key.provider, &key.source, &key.tenant_id, &customer.name, &month.workload];
            let numbers = [
                seconds.within,
                seconds.outside,
                seconds.unknown(),
                seconds.undetermined,
                seconds.nothing_due,
                seconds.no_data,
                seconds.not_customer,
            ];
            let row = texts.into_iter().map(|text| as_text(text));
            let row = row.chain([Cow::Owned(day.date.to_string())]);
            writer
                .write_record(row.chain(numbers.map(|number| Cow::Owned(number.to_string()))).map(Cow::into_owned))?;
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}
