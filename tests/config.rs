//! Tests the configuration: exact messages for invalid files, exact values for valid ones.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use strum::IntoEnumIterator as _;

use crate::support::golden::assert_golden;
use saasbackup_exporter::config::{Collection, Config, Errors, Provider, SecretSource, SlowPart};
use saasbackup_exporter::domain::{Objectives, Part, Provider as Vendor, Workload};

/// Relative on purpose: the messages name it, and must read the same on every machine.
const FOLDER: &str = "tests/testdata/config";

const HOUR: Duration = Duration::from_secs(3600);

fn environment(name: &str) -> Option<String> {
    match name {
        "HOST" => Some("dropsuite.uk".to_owned()),
        "CONCURRENCY" => Some("3".to_owned()),
        "INTERVAL" => Some("5 canaries".to_owned()),
        "TOKEN" => Some("Bearer canary-from-environment".to_owned()),
        "DIRECTORY" => Some("secrets/canary".to_owned()),
        "ADDRESS" => Some("ftp://canary.example".to_owned()),
        "NOTHING" => Some(String::new()),
        _ => None,
    }
}

fn parse(text: &str) -> Result<Config, Errors> {
    Config::parse(text, &environment, Path::new(FOLDER))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(FOLDER).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn files_in_bad() -> Vec<String> {
    let entries = std::fs::read_dir(Path::new(FOLDER).join("bad")).expect("the folder of bad files");
    let files = entries.map(|entry| entry.expect("a readable folder").file_name());
    files.map(|file| file.into_string().expect("a name in UTF-8")).collect()
}

/// The names of the bad files.
fn bad_files() -> BTreeSet<String> {
    let files = files_in_bad();
    files.iter().filter_map(|name| name.strip_suffix(".yaml").map(str::to_owned)).collect()
}

#[test]
fn every_bad_file_is_answered_with_exactly_its_problems() {
    let names = bad_files();
    assert!(names.len() >= 20, "the folder of bad files was found: {names:?}");
    for name in names {
        let errors = parse(&read(&format!("bad/{name}.yaml"))).expect_err(&name);
        assert_golden(format!("{FOLDER}/bad/{name}.txt"), &format!("{errors}\n"));
    }
}

#[test]
fn every_golden_file_belongs_to_a_bad_file() {
    let names = bad_files();
    for file in files_in_bad() {
        let stem = file.trim_end_matches(".txt").trim_end_matches(".yaml");
        assert!(names.contains(stem), "{file} belongs to no bad file");
    }
}

/// Each secret in the bad files contains the word, so that one search finds any that leaks.
#[test]
fn no_problem_shows_a_secret() {
    for name in bad_files() {
        let errors = parse(&read(&format!("bad/{name}.yaml"))).expect_err(&name);
        for shown in [errors.to_string(), format!("{errors:?}")] {
            assert!(!shown.to_lowercase().contains("canar"), "{name}: {shown}");
        }
    }
}

#[test]
fn a_file_cut_off_anywhere_shows_no_secret() {
    let text = read("full.yaml");
    let cuts = (0..text.len()).filter_map(|end| text.get(..end));
    let refused: Vec<_> = cuts.filter_map(|cut| parse(cut).err()).collect();
    assert!(refused.len() > text.len() / 2, "most cuts leave a source incomplete");
    for errors in refused {
        assert!(!errors.problems().is_empty() && !errors.to_string().contains("canar"), "{errors}");
    }
}

#[test]
fn a_damaged_file_is_read_or_refused_with_a_reason() {
    let text = read("full.yaml");
    let mut random = fastrand::Rng::with_seed(7);
    let characters = ['\n', ' ', ':', '-', '[', '}', '"', '&', '*', '$', '{', '#', '!', '\t', '\u{0}', 'ä'];
    for _ in 0..3000 {
        let mut damaged: Vec<char> = text.chars().collect();
        for _ in 0..random.usize(1..6) {
            let place = random.usize(..damaged.len());
            match random.u8(..3) {
                0 => damaged.insert(place, characters[random.usize(..characters.len())]),
                1 => damaged[place] = characters[random.usize(..characters.len())],
                _ => drop(damaged.remove(place)),
            }
        }
        let damaged: String = damaged.into_iter().collect();
        if let Err(errors) = parse(&damaged) {
            assert!(!errors.problems().is_empty(), "refused without a reason:\n{damaged}");
            assert!(errors.problems().iter().all(|problem| !problem.to_string().contains('\n')), "{errors}");
        }
    }
}

#[test]
fn a_configuration_shown_for_debugging_hides_its_secrets() {
    let shown = format!("{:?}", parse(&read("full.yaml")).unwrap());
    assert!(shown.contains("dropsuite.uk") && shown.contains("REDACTED"), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
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

/// The keys whose values are public: labels, patterns and hosts that `/config` shows, and where the state is.
const SHOWN: [&str; 7] = ["name", "include", "exclude", "path", "allow", "deny", "no_proxy"];

#[test]
fn nothing_that_may_be_a_secret_is_shown_wherever_it_is_pasted() {
    let example = std::fs::read_to_string("config.example.yaml").unwrap();
    let lines = example.lines().filter_map(|line| line.trim_start_matches(['#', ' ', '-']).split_once(':'));
    let is_key = |key: &str| !key.is_empty() && key.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
    let keys: BTreeSet<_> = lines.map(|(key, _)| key).filter(|key| is_key(key)).collect();
    assert!(keys.len() > 30 && keys.contains("ca_file") && keys.contains("interval"), "{keys:?}");
    let good = "name: a, provider: datto, public_key: p, secret_key: s";
    for pasted in PASTED {
        let environment = |name: &str| (name == "PASTED").then(|| pasted.to_owned());
        for key in &keys {
            for value in
                [format!("{pasted:?}"), "${PASTED}".to_owned(), format!("[{pasted:?}]"), "[\"${PASTED}\"]".to_owned()]
            {
                for text in [
                    format!("{key}: {value}\nsources: [{{ {good} }}]\n"),
                    format!("collection: {{ {key}: {value} }}\nsources: [{{ {good} }}]\n"),
                    format!("rpo: {{ {key}: {value}, workloads: {{ {key}: {value} }} }}\nsources: [{{ {good} }}]\n"),
                    format!("state: {{ {key}: {value} }}\nexpected: {{ {key}: {value} }}\nsources: [{{ {good} }}]\n"),
                    format!("metrics: {{ {key}: {value} }}\nlog: {{ {key}: {value} }}\nsources: [{{ {good} }}]\n"),
                    format!("sources: [{{ {good}, {key}: {value} }}]\n"),
                    format!("sources: [{{ {good}, tenants: {{ {key}: {value} }} }}]\n"),
                    format!("sources: [{{ {good}, {pasted:?}: 1, {key}: {value} }}]\n"),
                    format!("sources: [{{ name: a, provider: dropsuite, base_url: d.us, {key}: {value} }}]\n"),
                    format!("sources: [{{ name: a, provider: datto, {key}: {value} }}]\n"),
                ] {
                    let told = match Config::parse(&text, &environment, Path::new(FOLDER)) {
                        Ok(_) if SHOWN.contains(key) => continue,
                        Ok(config) => format!("{}{config:?}", config.redacted()),
                        Err(errors) => format!("{errors}{errors:?}"),
                    };
                    assert!(!told.contains("canary"), "{text}:\n{told}");
                }
            }
        }
    }
}

#[test]
fn the_smallest_file_has_every_default() {
    let config = parse(&read("smallest.yaml")).unwrap();
    assert_eq!((config.objectives, config.state_path), (Objectives::default(), None));
    let [source] = config.sources.as_slice() else { panic!("one source") };
    assert_eq!((source.name.as_str(), source.provider.vendor()), ("datto", Vendor::Datto));
    assert_eq!(source.provider.base_url(), "https://api.datto.com");
    let part_intervals = [(Part::Seats, 6 * HOUR), (Part::Coverage, 6 * HOUR), (Part::Lifecycle, 24 * HOUR)].into();
    assert_eq!(source.collection, Collection { part_intervals, ..Collection::default() });
    assert!(source.selection.selects("1", "any"));
    assert!(source.network.ca_file.is_none() && source.network.proxy_url.is_none());
}

#[test]
fn what_a_file_says_is_what_the_program_runs_on() {
    let config = parse(&read("full.yaml")).unwrap();
    assert_eq!(config.state_path.as_deref(), Some(Path::new("tests/testdata/config/state")));
    let resolved = |id, name, workload| config.objectives.of_tenant(id, name).of(workload);
    assert_eq!(resolved("1", "Acme", Workload::Tasks), 36 * HOUR);
    assert_eq!(resolved("1", "Acme", Workload::Mail), 12 * HOUR);
    assert_eq!(resolved("440032", "Acme", Workload::Onedrive), 168 * HOUR);
    assert_eq!(resolved("1", "Müller & Co", Workload::Mail), 12 * HOUR);
    assert_eq!(resolved("1", "Müller & Co", Workload::Tasks), 48 * HOUR);

    let [dropsuite, datto] = config.sources.as_slice() else { panic!("two sources") };
    assert_eq!(dropsuite.collection.interval, HOUR);
    assert_eq!(dropsuite.collection.concurrency, 3, "a number may come from the environment");
    assert_eq!(dropsuite.collection.timeout, Duration::from_secs(30), "a source overrides what is common");
    assert_eq!(dropsuite.collection.parts, [SlowPart::Seats].into());
    assert_eq!(dropsuite.collection.interval_of(Part::Coverage), 12 * HOUR);
    assert_eq!(dropsuite.collection.interval_of(Part::Workload(Workload::Sharepoint)), 2 * HOUR);
    assert_eq!(dropsuite.collection.interval_of(Part::Workload(Workload::Mail)), HOUR);
    assert_eq!(dropsuite.collection.workloads, [Workload::Mail, Workload::Sharepoint].into());
    assert!(dropsuite.selection.selects("440032-6", "Acme"));
    assert!(!dropsuite.selection.selects("test-1", "Acme"));
    assert!(!dropsuite.selection.selects("1", "Other"));
    assert_eq!(dropsuite.network.ca_file.as_deref(), Some(Path::new("tests/testdata/config/ca.pem")));
    let proxy = dropsuite.network.proxy_url.as_ref().unwrap();
    assert_eq!(proxy.expose(), "http://canary:canary@proxy.example:3128/");
    let Provider::Dropsuite { base_url, reseller_token, access_token } = &dropsuite.provider else {
        panic!("dropsuite")
    };
    assert_eq!(base_url, "https://dropsuite.uk/api");
    assert_eq!(reseller_token.expose(), "canary-7d4e2c1a");
    assert_eq!(reseller_token.origin(), &SecretSource::File(Path::new(FOLDER).join("secrets/reseller-token")));
    assert_eq!((access_token.expose(), access_token.origin()), ("canary-from-environment", &SecretSource::Environment));

    assert_eq!(datto.collection.timeout, Duration::from_secs(60));
    assert_eq!(datto.collection.workloads, Workload::iter().collect());
    let Provider::Datto { base_url, public_key, secret_key } = &datto.provider else { panic!("datto") };
    assert_eq!(base_url, "http://gateway.example:8443/datto");
    assert_eq!((public_key.expose(), public_key.origin()), ("0123", &SecretSource::Inline));
    assert_eq!(secret_key.expose(), "canary-${x}");
}

#[test]
fn a_file_is_loaded_with_the_paths_relative_to_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    for (file, content) in [
        ("public", "public-1\n"),
        ("secret", "secret-1\n"),
        ("config.yaml", "sources: [{name: a, provider: datto, public_key_file: public, secret_key_file: secret}]\n"),
    ] {
        std::fs::write(folder.path().join(file), content).unwrap();
    }
    let config = Config::load(&folder.path().join("config.yaml")).unwrap();
    assert!(
        matches!(&config.sources[0].provider, Provider::Datto { secret_key, .. } if secret_key.expose() == "secret-1")
    );
}

#[test]
fn a_file_that_cannot_be_read_is_one_problem() {
    let missing = Path::new(FOLDER).join("missing.yaml");
    assert_eq!(
        Config::load(&missing).unwrap_err().to_string(),
        "cannot read tests/testdata/config/missing.yaml: No such file or directory (os error 2)"
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latin-1.yaml");
    std::fs::write(&path, b"sources: [{name: M\xfcller}]\n").unwrap();
    assert_eq!(Config::load(&path).unwrap_err().to_string(), format!("{} is not valid UTF-8", path.display()));
}

#[test]
fn a_secret_file_that_holds_no_text_is_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let text = "sources: [{name: a, provider: datto, public_key: p, secret_key_file: key}]";
    for (content, flaw) in [
        (&b"canary\xff\xfe"[..], "is not valid UTF-8"),
        (&[b'c'; 70_000][..], "is larger than 64 KiB; expected a single token"),
        (&b"\n"[..], "is empty"),
    ] {
        std::fs::write(&path, content).unwrap();
        let errors = Config::parse(text, &environment, folder.path()).unwrap_err().to_string();
        assert_eq!(errors, format!("sources[0].secret_key_file: {} {flaw}", path.display()));
    }
}

/// The example with its secrets and certificates where a test can put them.
fn example(folder: &Path) -> String {
    for file in ["dropsuite-reseller-token", "dropsuite-access-token", "datto-public-key", "datto-secret-key"] {
        std::fs::write(folder.join(file), "an-example\n").expect("a secret file");
    }
    std::fs::copy(Path::new(FOLDER).join("ca.pem"), folder.join("private-ca.pem")).expect("a certificate");
    let pair = Path::new("tests/testdata/doctor/tls");
    std::fs::copy(pair.join("trusted.pem"), folder.join("exporter.pem")).expect("a certificate");
    std::fs::copy(pair.join("server.key"), folder.join("exporter.key")).expect("its key");
    let text = std::fs::read_to_string("config.example.yaml").expect("the example");
    let folder = format!("{}/", folder.display());
    std::fs::write(
        format!("{folder}sold.csv"),
        "source,tenant_id,seats,PSA ID,tier,owner\ndatto,20118,12,4711,gold,north\n",
    )
    .expect("what was sold");
    let tests = "source,tenant_id,workload,date,result\ndatto,20118,mail,2025-10-31,ok\n";
    std::fs::write(format!("{folder}tests.csv"), tests).expect("restore tests");
    ["/run/secrets/", "/etc/ssl/", "/etc/saasbackup-exporter/"]
        .iter()
        .fold(text, |text, path| text.replace(path, &folder))
}

#[test]
fn the_example_is_good_and_shows_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let config = parse(&example(folder.path())).unwrap();
    let nothing_said =
        "sources: [{ name: a, provider: dropsuite, base_url: dropsuite.us, reseller_token: a, access_token: b }]";
    let shown = config.sources[0].collection.clone();
    assert_eq!(shown, parse(nothing_said).unwrap().sources[0].collection);
    assert_eq!(shown.interval_of(Part::Workload(Workload::Mail)), shown.interval);
    assert_eq!(config.objectives.default, Objectives::default().default);
    assert!(
        matches!(&config.sources[1].provider, Provider::Datto { base_url, .. } if base_url == "https://api.datto.com")
    );
}

#[test]
fn every_option_that_the_example_comments_out_is_good() {
    let folder = tempfile::tempdir().unwrap();
    let text = example(folder.path());
    // A secret is given in one way only, so its other way leaves where the commented one comes in.
    let lines = text.lines().filter(|line| {
        !["reseller_token_file:", "access_token_file:", "public_key_file:", "secret_key_file:"]
            .iter()
            .any(|key| line.trim_start().starts_with(key))
    });
    let uncommented: Vec<_> = lines
        .map(|line| match line.trim_start().strip_prefix('#') {
            Some(option) if option.starts_with(|first: char| first.is_ascii_lowercase()) => line.replacen('#', "", 1),
            _ => line.to_owned(),
        })
        .collect();
    let environment = |_: &str| Some("an-example".to_owned());
    let config = Config::parse(&uncommented.join("\n"), &environment, folder.path()).unwrap();
    assert_eq!(config.state_path.as_deref(), Some(Path::new("/var/lib/saasbackup-exporter/state")));
    let source = &config.sources[0];
    assert!(source.network.ca_file.is_some() && source.network.proxy_url.is_some());
    assert!(source.network.client_certificate.is_some());
    assert_eq!(source.network.no_proxy, [".internal.example", "10.0.0.0/8"]);
    assert_eq!(source.collection.series_limit, Some(1_000_000));
    assert_eq!(config.expected.as_ref().map(|file| file.list().tenants().len()), Some(1));
    assert_eq!(config.restore_tests.as_ref().map(|file| file.list().len()), Some(1));
    assert_eq!(config.restore_objectives.of("datto", "1", "acme"), None);
    let exposed = config.exposed();
    assert_eq!(exposed.series_limit("dropsuite-us"), Some(1_000_000));
    assert!(exposed.shows("saasbackup_up") && !exposed.shows("saasbackup_dropsuite_journals"));
    assert!(!exposed.shows("process_start_time_seconds"), "not among those that are allowed");
    assert!(matches!(&source.provider, Provider::Dropsuite { access_token, .. }
        if access_token.origin() == &SecretSource::Environment));
}

/// The blocks of this language in the page about what was sold.
fn blocks(language: &str) -> Vec<String> {
    let page = std::fs::read_to_string("docs/EXPECTED.md").expect("the page");
    let fence = format!("```{language}\n");
    let after = page.split(&fence).skip(1);
    after.map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_lists_that_the_documentation_shows_are_good() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, yaml) = (blocks("csv"), blocks("yaml"));
    assert!(yaml[0].contains("file: sold.csv"), "the configuration names the first of them");
    for (name, text, tenants) in [("sold.csv", &csv[0], 4), ("sold.yaml", &yaml[1], 2)] {
        std::fs::write(folder.path().join(name), text).unwrap();
        let config = format!(
            "expected: {{ file: {name} }}
sources:
  - {{ name: dropsuite-us, provider: dropsuite, base_url: dropsuite.us, reseller_token: canary, access_token: canary }}
  - {{ name: datto, provider: datto, public_key: canary, secret_key: canary }}
"
        );
        let config = Config::parse(&config, &environment, folder.path()).unwrap_or_else(|errors| panic!("{errors}"));
        let file = config.expected.unwrap();
        let path = folder.path().join(name);
        assert_eq!((file.list().tenants().len(), file.path()), (tenants, Some(&*path)));
    }
}
