//! Has columns of the list become labels of the tenants and accepted exceptions, over real sockets.

use super::file::Serving;
use super::*;
use crate::support::exposition::Exposition;
use crate::support::vendor::Vendor;

const LABELS: &str = "saasbackup_tenant_labels";

/// The operator's labels of each tenant that has any.
fn labels(scrape: &Exposition) -> Vec<(String, Vec<(String, String)>)> {
    let all = scrape.all(LABELS, &[]).into_iter();
    let mut labels: Vec<_> = all
        .map(|(mut series, value)| {
            assert_eq!(value, 1.0, "{series}");
            let id = series.labels.remove("tenant_id").unwrap();
            for label in ["provider", "source", "tenant"] {
                assert!(series.labels.remove(label).is_some(), "{label} in {series}");
            }
            (id, series.labels.into_iter().collect())
        })
        .collect();
    labels.sort();
    labels
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn labels_and_exceptions_are_those_of_the_file() {
    let vendor = Vendor::start(3).await;
    let mut ids: Vec<_> = vendor.server.organizations().into_iter().map(|one| one.login_id).collect();
    ids.sort();
    let folder = tempfile::tempdir().unwrap();
    let write = |owner: &str| {
        let lines = format!(
            "{SOURCE},{},{owner},gold,3,2026-12-31\n{SOURCE},{},,silver,,\n{SOURCE},{},,,,\n",
            ids[0], ids[1], ids[2]
        );
        let header = "source,tenant_id,Owner,tier,unprotected_accepted,unprotected_accepted_until\n";
        let new = folder.path().join("sold.new");
        std::fs::write(&new, format!("{header}{lines}")).unwrap();
        std::fs::rename(new, folder.path().join("sold.csv")).unwrap();
    };
    write("\"quo\"\"ted \\ Söhne\"");
    let config = folder.path().join("config.yaml");
    let source = config_file(&vendor.server, "    interval: 1h\n    parts: [seats]\n    workloads: [mail]\n");
    std::fs::write(&config, format!("expected: {{ file: sold.csv, labels: [owner, tier] }}\n{source}")).unwrap();
    let serving = Serving::start(&config, &[]);
    let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let expected = |owner: &str| {
        let first = vec![label("owner", owner), label("tier", "gold")];
        vec![(ids[0].clone(), first), (ids[1].clone(), vec![label("tier", "silver")])]
    };
    let known = |scrape: &Exposition| scrape.sum(TENANTS, &[("state", "present")]) == 3.0;
    let scrape = serving.until("the tenants are known", known).await;
    assert_eq!(labels(&scrape), expected("quo\"ted \\ Söhne"));
    let first = [("tenant_id", ids[0].as_str())];
    assert_eq!(scrape.value("saasbackup_expected_unprotected_accepted", &first), 3.0);
    let until = "saasbackup_expected_unprotected_accepted_until_timestamp_seconds";
    assert_eq!(scrape.value(until, &first), 1_798_761_600.0);
    assert_eq!(scrape.all(until, &[]).len(), 1);
    let shown = serving.get("/config").await;
    assert!(shown.contains("labels:\n  - owner\n  - tier\n") && !shown.contains("Söhne"), "{shown}");

    write("Miller");
    let changed = |scrape: &Exposition| labels(scrape) == expected("Miller");
    serving.until("the new owner alone is there", changed).await;
}
