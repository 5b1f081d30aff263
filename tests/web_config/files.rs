//! Tests invalid files with their exact errors, and valid ones.

use std::collections::BTreeSet;
use std::path::Path;

use saasbackup_exporter::config::web::WebConfig;

use crate::support::golden::assert_golden;
use crate::support::process::{run, text};

/// Relative on purpose: the messages name it, and must read the same on every machine.
const FOLDER: &str = "tests/testdata/web_config";

fn parse(text: &str, folder: &str) -> Result<WebConfig, String> {
    WebConfig::parse(text, &|_| None, Path::new(folder)).map_err(|errors| format!("{errors}\n"))
}

#[test]
fn every_bad_file_is_answered_with_exactly_its_problems() {
    let folder = format!("{FOLDER}/bad");
    let names = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: BTreeSet<_> = names.collect();
    let bad: Vec<_> = names.iter().filter_map(|name| name.strip_suffix(".yaml")).collect();
    assert!(bad.len() >= 30, "the folder of bad files was found: {bad:?}");
    for name in &bad {
        let file = std::fs::read_to_string(format!("{folder}/{name}.yaml")).unwrap();
        let found = parse(&file, &folder).expect_err(name);
        assert_golden(format!("{folder}/{name}.txt"), &found);
        for secret in ["canary", "$2y$", "PRIVATE"] {
            assert!(!found.contains(secret), "{name} shows a secret: {found}");
        }
    }
    let is_used = |name: &String| bad.iter().any(|bad| name.strip_suffix(".txt") == Some(bad));
    let over: Vec<_> = names.iter().filter(|name| !name.ends_with(".yaml") && !is_used(name)).collect();
    assert!(over.is_empty(), "no golden file is left over: {over:?}");
}

#[test]
fn an_empty_file_is_plain_http_without_authentication() {
    for text in [
        "",
        "# nothing\n",
        "http_server_config:\n",
        "rate_limit: { interval: 0 }\n",
        "tls_server_config: { cert_file: '', key_file: '' }\nrate_limit: { interval: 0s, burst: 5 }\n",
    ] {
        let config = parse(text, FOLDER).unwrap();
        assert!(config.tls.is_none() && config.users.is_empty() && config.rate_limit.is_none(), "{text:?}");
    }
}

#[test]
fn nothing_is_opened_by_what_is_empty_or_commented_out() {
    let environment = |name: &str| (name == "NOTHING").then(String::new);
    let served = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";
    let sans = "  client_allowed_sans: [prometheus.example]\n";
    for (text, problem) in [
        ("basic_auth_users:\n  # ada: $2y$...\n".to_owned(), "basic_auth_users: contains no users"),
        ("basic_auth_users: {}".to_owned(), "basic_auth_users: contains no users"),
        ("tls_server_config:\n  # cert_file: server.crt\n".to_owned(), "tls_server_config: is empty"),
        ("tls_server_config: {}".to_owned(), "tls_server_config: is empty"),
        (
            "tls_server_config: { cert_file: '${NOTHING}', key_file: '${NOTHING}' }".to_owned(),
            "tls_server_config.cert_file: is empty",
        ),
        ("tls_server_config: { cert: '${NOTHING}', key: '${NOTHING}' }".to_owned(), "tls_server_config.cert: the env"),
        (format!("{served}  client_auth_type: ' ${{NOTHING}}'\n"), "tls_server_config.client_auth_type: is empty"),
        (format!("{served}  client_ca_file: ${{NOTHING}}\n"), "tls_server_config.client_ca_file: is empty"),
        (format!("{served}  client_allowed_sans:\n"), "tls_server_config.client_allowed_sans: expected a list"),
        (format!("{served}  client_allowed_sans: ['${{NOTHING}}']\n"), "tls_server_config.client_allowed_sans[0]: is"),
        (
            format!("{served}{sans}  client_auth_type: RequireAnyClientCert\n"),
            "tls_server_config.client_allowed_sans: requires",
        ),
        (
            format!("{served}{sans}  client_auth_type: RequestClientCert\n"),
            "tls_server_config.client_allowed_sans: requires",
        ),
        ("rate_limit:\n  # interval: 1s\n  # burst: 20\n".to_owned(), "rate_limit: is empty"),
        ("rate_limit: {}".to_owned(), "rate_limit: is empty"),
        ("rate_limit: { burst: 5 }".to_owned(), "rate_limit.interval: is missing"),
        ("rate_limit: { burst: 5, interval: '${NOTHING}' }".to_owned(), "rate_limit.interval: is empty"),
    ] {
        let refused = WebConfig::parse(&text, &environment, Path::new(FOLDER)).expect_err(&text);
        assert!(refused.to_string().starts_with(problem), "{text}\n{refused}");
        let mut told: Vec<_> = refused.problems().iter().map(ToString::to_string).collect();
        told.dedup();
        assert_eq!(told.len(), refused.problems().len(), "nothing is reported twice: {refused}");
    }
}

/// What may be a secret, and is pasted where it does not belong; each holds the word that is looked for.
const PASTED: [&str; 6] = [
    "dGhpcyBpcyBhIGNhbmFyeQcanary/c2Vj+cmV0==",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkicanary.dBjftJeZ4CVP",
    "abcdefghijklmnopqrstuvwxyzcanary",
    "7d4e2c1a-90b3-4f0e-8a51-canary0c9d3f",
    "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n",
    "https://user:canary@proxy.example",
];

#[test]
fn nothing_that_may_be_a_secret_is_shown_wherever_it_is_pasted() {
    let whole = std::fs::read_to_string("docs/web-config.example.yaml").unwrap();
    let keys: BTreeSet<_> = whole
        .lines()
        .filter_map(|line| line.trim_start_matches('#').trim_start().split_once(':'))
        .map(|(key, _)| key.to_owned())
        .filter(|key| key.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter)))
        .collect();
    assert!(keys.len() > 15, "{keys:?}");
    for pasted in PASTED {
        let value = format!("{pasted:?}");
        for key in &keys {
            for text in [
                format!("{key}: {value}\n"),
                format!("tls_server_config: {{ {key}: {value} }}\n"),
                format!("tls_server_config: {{ {key}: [{value}] }}\n"),
                format!("tls_server_config: {{ {value}: {key} }}\n"),
                format!("http_server_config: {{ {key}: {value}, headers: {{ {key}: {value} }} }}\n"),
                format!("basic_auth_users: {{ {key}: {value} }}\nrate_limit: {{ {key}: {value} }}\n"),
            ] {
                let told = parse(&text, FOLDER).map_or_else(|told| told, |config| format!("{config:?}"));
                // Headers are sent to every client.
                assert!(!told.contains("canary") || text.contains("http_server"), "{text}: {told}");
            }
        }
    }
}

#[test]
fn every_word_that_is_offered_is_accepted() {
    let certificates = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";
    for more in [
        "  min_version: TLS12\n  max_version: TLS12\n",
        "  min_version: TLS13\n",
        "  curve_preferences: [CurveP256, CurveP384, X25519]\n  prefer_server_cipher_suites: false\n",
        "  cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256]\n",
        "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\n",
        "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]\n",
        "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256]\n",
        "  client_auth_type: NoClientCert\n",
        "  client_auth_type: ''\n  client_ca_file: ''\n",
        "  client_auth_type: RequireClientCert\n",
        "http_server_config: { http2: false, headers: { X-Frame-Options: '', X-Content-Type-Options: nosniff } }\n",
    ] {
        let config = parse(&format!("{certificates}{more}"), FOLDER).unwrap_or_else(|error| panic!("{more}{error}"));
        assert!(config.tls.is_some(), "{more}");
    }
}

#[test]
fn a_bad_file_ends_the_start_and_the_check_with_every_problem_of_both_files() {
    let folder = tempfile::tempdir().unwrap();
    let (config, web) = (folder.path().join("config.yaml"), folder.path().join("web.yaml"));
    std::fs::write(&config, "sources: []\n").unwrap();
    std::fs::write(&web, "tls_server_config: { min_version: TLS11 }\nbasic_auth_users: { ada: canary }\n").unwrap();
    let both = ["--config.file", text(&config), "--web.config.file", text(&web)];
    let demo = ["demo", "--web.config.file", text(&web)];
    let checked = [&["--config.check"][..], &both].concat();
    for (arguments, is_both) in [(&both[..], true), (&checked, true), (&demo, false)] {
        let ended = run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert_eq!(ended.stderr.contains("sources: is an empty list"), is_both, "{}", ended.stderr);
        for problem in ["tls_server_config.min_version: ", "tls_server_config.cert_file: ", "basic_auth_users.ada: "] {
            assert!(ended.stderr.contains(&format!("--web.config.file: {problem}")), "{}", ended.stderr);
        }
        assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
    }
    let ended = run(&["demo", "--web.config.file=no-such-file.yaml"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("cannot read no-such-file.yaml"), "{}", ended.stderr);
}
