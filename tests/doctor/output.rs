//! Tests the two formats, the exit codes, and the origins of secrets.

use std::collections::BTreeSet;

use serde_json::Value;

use super::bench::{Bench, COLLECTION, complaints, datto, dropsuite, is_golden, testdata};

fn findings(source: &Value) -> &Vec<Value> {
    source["findings"].as_array().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_get_every_step_of_every_source_in_order() {
    let (one, other) = (dropsuite(2).await, datto(2).await);
    let config = format!(
        "{COLLECTION}sources:
  - {{ name: one, provider: dropsuite, base_url: \"{}\", reseller_token: {}, access_token: canary }}
  - {{ name: other, provider: datto, base_url: \"{}\", public_key: {}, secret_key: {} }}
",
        one.base_url(),
        one.reseller_token(),
        other.base_url(),
        other.public_key(),
        other.secret_key(),
    );
    let ended = Bench::new(&config).run(&["--format", "json"], &[]).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""), "one of both failed");
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let sources = report["sources"].as_array().unwrap();
    let names: Vec<_> = sources.iter().map(|source| (&source["source"], &source["provider"])).collect();
    assert_eq!(names, [(&"one".into(), &"dropsuite".into()), (&"other".into(), &"datto".into())]);
    let steps =
        ["config", "address", "proxy", "name", "connect", "tls", "credentials", "listing", "tenant", "estimate"];
    for source in sources {
        let mut seen: Vec<_> = findings(source).iter().map(|finding| finding["step"].as_str().unwrap()).collect();
        seen.dedup();
        assert_eq!(seen, steps);
        for finding in findings(source) {
            let verdict = finding["verdict"].as_str().unwrap();
            assert!(["ok", "note", "warn", "fail", "skip"].contains(&verdict), "{finding}");
            let has_advice = !finding["advice"].is_null();
            assert!(has_advice || !["warn", "fail"].contains(&verdict), "what is to be done? {finding}");
        }
    }
    let verdicts = |source: &Value| -> BTreeSet<String> {
        findings(source).iter().map(|finding| finding["verdict"].as_str().unwrap().to_owned()).collect()
    };
    assert!(verdicts(&sources[0]).contains("fail") && verdicts(&sources[0]).contains("skip"));
    assert!(!verdicts(&sources[1]).contains("fail") && !verdicts(&sources[1]).contains("skip"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_reports_where_secrets_are_and_who_can_read_them() {
    let closed = "sources:
  - name: files
    provider: datto
    base_url: http://127.0.0.1:1
    public_key_file: public
    secret_key_file: secret
  - name: others
    provider: datto
    base_url: http://127.0.0.1:1
    public_key: ${PUBLIC}
    secret_key: canary-inline
";
    let bench = Bench::new(closed);
    bench.write("public", "canary-public\n", 0o644);
    bench.write("secret", "canary-secret\n", 0o600);
    bench.write("config.yaml", closed, 0o604);
    let ended = bench.run(&[], &[("PUBLIC", "canary-of-the-environment")]).await;
    let config = bench.masked(&ended.stdout);
    let mut is_config = false;
    let lines = config.lines().filter(|line| {
        if !line.trim_start().starts_with("->") {
            is_config = line.contains("  config  ");
        }
        is_config
    });
    is_golden("secrets", &lines.map(|line| format!("{line}\n")).collect::<String>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_configuration_is_answered_with_all_its_problems_and_nothing_is_asked() {
    let server = dropsuite(1).await;
    let config = format!(
        "sources:\n  - {{ name: a, provider: dropsuite, base_url: \"{}\", interval: soon, reseller_token: canary }}\n",
        server.base_url()
    );
    for arguments in [&[][..], &["--format=json"]] {
        let ended = Bench::new(&config).run(arguments, &[]).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
        assert!(ended.stderr.contains("sources[0].interval: "), "{}", ended.stderr);
        assert!(ended.stderr.contains("sources[0].access_token_file: is missing"), "{}", ended.stderr);
    }
    assert_eq!(server.requests().total, 0);
}

#[test]
fn only_fails_and_warnings_with_their_advice_are_complaints() {
    let text = "a: b\n  ok    x  y\n  warn  x  y\n      -> do\n  note  x  y\n      -> do not\n  fail  x  y\n";
    assert_eq!(complaints(text), "  warn  x  y\n      -> do\n  fail  x  y\n");
}

#[test]
fn every_golden_file_is_somebodys() {
    let known = [
        "datto-good",
        "datto-refused",
        "datto-seats",
        "dead-port",
        "dead-proxy",
        "dropsuite-good",
        "dropsuite-listing",
        "dropsuite-not-the-api",
        "dropsuite-slow",
        "dropsuite-tenant",
        "dropsuite-wrong-tokens",
        "no-such-name",
        "no-tls",
        "refusing-proxy",
        "secrets",
        "tls",
        "unencrypted",
    ];
    let files = std::fs::read_dir(testdata()).unwrap().map(|entry| entry.unwrap().path());
    let texts = files.filter(|path| path.extension().is_some_and(|ending| ending == "txt"));
    let names: BTreeSet<_> = texts.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(names, known.map(str::to_owned).into());
}
