//! Runs every query on the oldest supported Prometheus, and on the current one.

use serde_json::json;

use super::generated::{documents, panels, queried_variables, targets, text};
use super::substitution::{Values, of_range, substituted};
use crate::support::generation::Generation;
use crate::support::tools::run;

#[test]
#[ignore = "needs promtool"]
fn an_old_and_a_current_prometheus_understand_every_query() {
    let mut rules = Vec::new();
    for document in documents() {
        let variables = queried_variables(&document).map(|(name, _)| (name.to_owned(), ".+".to_owned()));
        let values: Values = of_range(86_400).into_iter().chain(variables).collect();
        for target in panels(&document).flat_map(targets) {
            let record = format!("panel:query:{}", rules.len());
            rules.push(json!({ "record": record, "expr": substituted(text(&target["expr"]), &values) }));
        }
    }
    let count = rules.len();
    let file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
    // YAML includes JSON.
    std::fs::write(file.path(), json!({ "groups": [{ "name": "panels", "rules": rules }] }).to_string()).unwrap();
    for generation in Generation::ALL {
        let ended = run(generation.tool("promtool").args(["check", "rules"]).arg(file.path()), b"");
        let told = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
        let is_good = ended.status.success() && told.contains(&format!("{count} rules found"));
        assert!(is_good, "{generation:?}: {told}");
    }
}
