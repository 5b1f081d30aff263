//! Holds the text of one record of the file, before it is validated.

use crate::config::tenant_list;

/// The cells of one record, trimmed; empty cells count as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cells {
    pub(super) source: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) tenant_id: Option<String>,
    pub(super) tenant: Option<String>,
    pub(super) workload: Option<String>,
    pub(super) date: Option<String>,
    pub(super) result: Option<String>,
}

impl tenant_list::Cells for Cells {
    const KEYS: &'static [&'static str] = &["source", "provider", "tenant_id", "tenant", "workload", "date", "result"];
    const SEVERAL: Option<&'static str> = None;
    const ALIAS: Option<(&'static str, &'static str)> = None;

    fn set(&mut self, key: &str, cell: &str) {
        let target = match key {
            "source" => &mut self.source,
            "provider" => &mut self.provider,
            "tenant_id" => &mut self.tenant_id,
            "tenant" => &mut self.tenant,
            "workload" => &mut self.workload,
            "date" => &mut self.date,
            _ => &mut self.result,
        };
        *target = Some(cell.to_owned());
    }
}
