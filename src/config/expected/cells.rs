//! Holds what one record of the file says, before it is known whether it means anything.

/// The columns of a table and the keys of a mapping.
pub(super) const KEYS: &[&str] = &["source", "provider", "tenant_id", "tenant", "workloads", "seats"];

/// The cells of one record, trimmed; an empty one is as good as none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cells {
    pub(super) source: Option<String>,
    pub(super) provider: Option<String>,
    pub(super) tenant_id: Option<String>,
    pub(super) tenant: Option<String>,
    pub(super) workloads: Vec<String>,
    pub(super) seats: Option<String>,
}

impl Cells {
    /// Takes in a cell; `key` is one of [`KEYS`].
    pub(super) fn set(&mut self, key: &str, cell: &str) -> Result<(), String> {
        let cell = cell.trim();
        if cell.is_empty() {
            return Ok(());
        }
        if cell.contains(['\n', '\r']) {
            return Err(format!("{key} spans several lines; is a quote missing?"));
        }
        let target = match key {
            "source" => &mut self.source,
            "provider" => &mut self.provider,
            "tenant_id" => &mut self.tenant_id,
            "tenant" => &mut self.tenant,
            "seats" => &mut self.seats,
            _ => {
                let words = cell.split(|letter: char| letter.is_whitespace() || ",;|+".contains(letter));
                self.workloads.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
                return Ok(());
            }
        };
        *target = Some(cell.to_owned());
        Ok(())
    }

    /// Whether nothing is said.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
