//! Holds the text of one record of the file, before it is validated.

use std::collections::BTreeMap;

use crate::config::tenant_list;

/// The cells of one record, trimmed; empty cells count as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cells {
    pub(super) source: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) tenant_id: Option<String>,
    pub(super) tenant: Option<String>,
    pub(super) workloads: Vec<String>,
    pub(super) seats: Option<String>,
    pub(super) committed_seats: Option<String>,
    pub(super) unprotected_accepted: Option<String>,
    pub(super) unprotected_accepted_until: Option<String>,
    /// What the columns say that become labels.
    pub(super) labels: BTreeMap<String, String>,
}

impl tenant_list::Cells for Cells {
    const KEYS: &'static [&'static str] = &[
        "source",
        "provider",
        "tenant_id",
        "tenant",
        "workloads",
        "seats",
        "committed_seats",
        "unprotected_accepted",
        "unprotected_accepted_until",
    ];
    const SEVERAL: Option<&'static str> = Some("workloads");
    const ALIAS: Option<(&'static str, &'static str)> = Some(("workload", "workloads"));

    fn set(&mut self, key: &str, cell: &str) {
        let target = match key {
            "source" => &mut self.source,
            "provider" => &mut self.provider,
            "tenant_id" => &mut self.tenant_id,
            "tenant" => &mut self.tenant,
            "seats" => &mut self.seats,
            "committed_seats" => &mut self.committed_seats,
            "unprotected_accepted" => &mut self.unprotected_accepted,
            "unprotected_accepted_until" => &mut self.unprotected_accepted_until,
            "workloads" => {
                let words = cell.split(|letter: char| letter.is_whitespace() || ",;|+".contains(letter));
                self.workloads.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
                return;
            }
            label => {
                self.labels.insert(label.to_owned(), cell.to_owned());
                return;
            }
        };
        *target = Some(cell.to_owned());
    }
}

impl Cells {
    /// Whether all cells are absent.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
