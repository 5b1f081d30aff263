//! Changes the file of restore tests while the binary runs: valid lines, invalid lines, and lines that match no
//! tenant.

use super::file::Serving;
use super::*;
use crate::support::exposition::Exposition;
use crate::support::vendor::Vendor;

const TIME: &str = "saasbackup_restore_test_timestamp_seconds";
const OBJECTIVE: &str = "saasbackup_restore_test_objective_seconds";
const TESTS: &str = "saasbackup_restore_tests";
const FOLLOWED: &str = "saasbackup_exporter_restore_tests_last_reload_successful";

const DAY: f64 = 86_400.0;
/// 2025-11-01.
const NOVEMBER: f64 = 1_761_955_200.0;

/// A file of restore tests, in a folder of its own.
struct Tests(TempDir);

impl Tests {
    fn new(lines: &str) -> Self {
        let tests = Self(tempfile::tempdir().unwrap());
        tests.replace(lines);
        tests
    }

    /// Writes another one below the header, in one step.
    fn replace(&self, lines: &str) {
        let new = self.0.path().join("tests.new");
        std::fs::write(&new, format!("source,tenant_id,tenant,workload,date,result\n{lines}")).unwrap();
        std::fs::rename(new, self.0.path().join("tests.csv")).unwrap();
    }

    /// The configuration of an account, which is asked for little and only once, beside this file.
    fn written(&self, server: &Server, more: &str) -> PathBuf {
        let path = self.0.path().join("config.yaml");
        let little = "    interval: 1h\n    parts: [seats]\n    workloads: [mail]\n";
        let source = config_file(server, little);
        std::fs::write(&path, format!("restore_tests: {{ file: tests.csv }}\n{more}{source}")).unwrap();
        path
    }
}

fn test(tenant_id: &str, tenant: &str, workload: &str, date: &str, result: &str) -> String {
    format!("{SOURCE},{tenant_id},{tenant},{workload},{date},{result}\n")
}

fn count(scrape: &Exposition, state: &str) -> Option<f64> {
    scrape.get(TESTS, &[("state", state)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_tests_and_the_objectives_are_exported_and_a_bad_file_changes_nothing() {
    let vendor = Vendor::start(3).await;
    let all = vendor.server.organizations();
    let ids: Vec<_> = all.iter().map(|organization| organization.login_id.as_str()).collect();
    let lines = test(ids[0], "", "mail", "2025-11-01", "ok")
        + &test(ids[0], "", "mail", "2025-11-03T12:00:00Z", "failed")
        + &test(ids[0], "", "teams", "2025-11-02", "ok")
        + &test("", &all[1].name, "mail", "2025-11-02", "ok");
    let tests = Tests::new(&lines);
    let objectives =
        format!("restore_test_objective: {{ tenants: {{ \"{}\": 30d, \"{}\": none }} }}\n", ids[0], ids[2]);
    let serving = Serving::start(&tests.written(&vendor.server, &objectives), &[]);
    let scrape = serving.until("all are there", |scrape| count(scrape, "present") == Some(4.0)).await;
    let at = |scrape: &Exposition, id: &str, workload: &str, result: &str| {
        scrape.get(TIME, &[("tenant_id", id), ("workload", workload), ("result", result)])
    };
    assert_eq!(at(&scrape, ids[0], "mail", "ok"), Some(NOVEMBER));
    assert_eq!(at(&scrape, ids[0], "mail", "failed"), Some(NOVEMBER + 2.5 * DAY));
    // It is not collected, and was restored.
    assert_eq!(at(&scrape, ids[0], "teams", "ok"), Some(NOVEMBER + DAY));
    assert_eq!(at(&scrape, ids[1], "mail", "ok"), Some(NOVEMBER + DAY));
    assert_eq!(scrape.all(TIME, &[]).len(), 4);
    let objective = |id: &str| scrape.get(OBJECTIVE, &[("tenant_id", id)]);
    assert_eq!([objective(ids[0]), objective(ids[1]), objective(ids[2])], [Some(30.0 * DAY), Some(90.0 * DAY), None]);
    assert_eq!(scrape.get(FOLLOWED, &[]), Some(1.0));
    assert!(serving.get("/config").await.contains("restore_test_objective"));

    tests.replace(&test(ids[0], "", "mail", "2999-01-01", "ok"));
    let refused = serving.until("the bad file was seen", |scrape| scrape.get(FOLLOWED, &[]) == Some(0.0)).await;
    assert_eq!(at(&refused, ids[0], "mail", "ok"), Some(NOVEMBER), "the old one holds");
    assert_eq!(serving.told("tests.csv:2: date "), 1, "{}", serving.process.stderr());

    tests.replace(&test(ids[0], "", "mail", "2025-11-04", "ok"));
    let mended = serving.until("the good file was seen", |scrape| scrape.get(FOLLOWED, &[]) == Some(1.0)).await;
    assert_eq!(at(&mended, ids[0], "mail", "ok"), Some(NOVEMBER + 3.0 * DAY));
    assert_eq!(mended.all(TIME, &[]).len(), 1);
    assert_eq!(mended.get(OBJECTIVE, &[("tenant_id", ids[0])]), Some(30.0 * DAY), "objectives outlast the file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_that_match_no_tenant_are_counted_and_logged() {
    let vendor = Vendor::start(24).await;
    let id = vendor.server.organizations()[0].login_id.clone();
    let gone: String = (0..25).map(|number| test(&format!("gone-{number}"), "", "mail", "2025-11-01", "ok")).collect();
    let lines = test("", "Lighthouse Charity", "mail", "2025-11-01", "ok")
        + &test("", "Lighthouse Charity", "tasks", "2025-11-01", "failed")
        + &test("", "Nobody's Secret Name", "mail", "2025-11-01", "ok")
        + &test(&id, "", "mail", "2025-11-01", "ok")
        + &gone;
    let tests = Tests::new(&lines);
    let mut serving = Serving::start(&tests.written(&vendor.server, ""), &[]);
    let scrape = serving.until("one is present", |scrape| count(scrape, "present") == Some(1.0)).await;
    assert_eq!(count(&scrape, "ambiguous"), Some(2.0));
    assert_eq!(scrape.all(TIME, &[]).len(), 1, "nobody gets the tests of a name that two bear");
    // One of the tenants has no name, and may be the one that a line names.
    assert_eq!(
        count(&scrape, "missing").zip(count(&scrape, "unknown")).map(|(missing, unknown)| missing + unknown),
        Some(26.0)
    );
    serving.process.until("the log tells", |process| process.stderr().contains("more such entries").then_some(()));
    assert_eq!(serving.told("line 2: restore tests ignored: several tenants share this name"), 1);
    assert_eq!(serving.told("line 6: restore tests ignored: no such tenant at the vendor"), 1);
    assert_eq!(serving.told("restore tests ignored"), 20, "{}", serving.process.stderr());
    assert!(!serving.process.stderr().contains("Secret"), "names are not logged");
}
