//! Generates the dashboards from the catalogue of metrics: `cargo run --example dashboards`.

mod boards;
mod dashboard;
mod expression;
mod look;
mod metric;
mod panel;
mod table;

use std::path::{Path, PathBuf};

use crate::dashboard::Dashboard;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards")
}

/// The name of its file, and what is in it.
fn file(dashboard: &Dashboard) -> (String, String) {
    (format!("{}.json", dashboard.uid), format!("{:#}\n", dashboard.to_json()))
}

fn main() -> std::io::Result<()> {
    boards::all().iter().map(file).try_for_each(|(name, text)| std::fs::write(folder().join(name), text))
}

#[cfg(test)]
#[path = "../../tests/support/golden.rs"]
mod golden;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_dashboards_are_as_generated() {
        let generated: Vec<_> = boards::all().iter().map(file).collect();
        for (name, text) in &generated {
            golden::assert_golden(Path::new("dashboards").join(name), text);
        }
        let names = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name());
        let committed = names.filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "json"));
        assert_eq!(committed.count(), generated.len(), "no dashboard is left over");
    }
}
