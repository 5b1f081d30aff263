//! Holds every row of the catalogue to the rules of names, units, help and labels.

use std::collections::BTreeSet;

use strum::IntoEnumIterator as _;

use super::*;
use crate::domain::WorkloadState;
use crate::exposition::OperatorList;
use crate::instrumentation::OWN_FAMILIES;
use crate::metric::{Kind, Unit};

fn all() -> impl Iterator<Item = (&'static Descriptor, Vec<&'static str>)> {
    let own = OWN_FAMILIES.iter().map(|(descriptor, labels)| (descriptor, labels.to_vec()));
    FAMILIES.iter().map(|family| (&family.descriptor, family.labels())).chain(own)
}

#[test]
fn names_are_unique_and_well_formed() {
    let mut seen = BTreeSet::new();
    for (Descriptor { name, .. }, _) in all() {
        assert!(seen.insert(name), "{name} stands twice");
        assert!(name.starts_with("saasbackup_") || name.starts_with("process_"), "{name}");
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{name}");
    }
}

#[test]
fn a_name_ends_in_what_its_kind_and_unit_demand() {
    for (Descriptor { name, kind, unit, .. }, _) in all() {
        assert_eq!(*kind == Kind::Counter, name.ends_with("_total"), "{name}");
        assert_eq!(*kind == Kind::Info, name.ends_with("_info"), "{name}");
        let stem = name.strip_suffix("_total").unwrap_or(name);
        for (word, expected) in [("_seconds", Some(Unit::Seconds)), ("_bytes", Some(Unit::Bytes))] {
            assert_eq!(stem.ends_with(word), *unit == expected && unit.is_some(), "{name}");
        }
        for reserved in ["_count", "_sum", "_bucket", "_created"] {
            assert!(!name.ends_with(reserved), "{name}");
        }
    }
}

#[test]
fn help_is_one_sentence_on_one_line() {
    for (Descriptor { name, help, .. }, _) in all() {
        assert!(!help.is_empty() && !help.ends_with('.'), "{name}: the renderer adds the full stop");
        assert!(!help.contains(['\n', '\\', '"']), "{name}: help is not escaped");
    }
}

/// The states that the help names, in its order, with what stands in parentheses left out.
fn named_states(help: &str) -> Vec<&str> {
    let (_, list) = help.split_once("worst first: ").unwrap();
    let mut depth = 0;
    let words = list.split(|letter: char| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        depth == 0 && letter == ','
    });
    words.map(|word| word.split('(').next().unwrap().trim()).collect()
}

#[test]
fn the_help_of_the_workload_state_names_every_state_by_severity() {
    let family = FAMILIES.iter().find(|family| family.descriptor.name == "saasbackup_workload_state").unwrap();
    let mut all: Vec<_> = WorkloadState::iter().collect();
    all.sort_by_key(|state| state.severity());
    let all: Vec<_> = all.into_iter().map(WorkloadState::as_str).collect();
    assert_eq!(named_states(family.descriptor.help), all);
}

#[test]
fn what_a_family_is_named_after_is_where_it_is_found() {
    for Family { descriptor, vendor, needs, .. } in FAMILIES {
        let name = descriptor.name;
        for provider in [Provider::Dropsuite, Provider::Datto] {
            if name.starts_with(&format!("saasbackup_{}_", provider.as_str())) {
                assert_eq!(*vendor, Some(provider), "{name}");
            }
        }
        assert_eq!(*needs == Some(OperatorList::Expected), name.contains("_expected"), "{name}");
        assert_eq!(*needs == Some(OperatorList::TenantLabels), name == "saasbackup_tenant_labels");
        assert_eq!(*needs == Some(OperatorList::RestoreTests), name.contains("_restore_test"), "{name}");
    }
}

#[test]
fn labels_come_from_the_vocabulary() {
    let vocabulary = [
        "provider",
        "source",
        "tenant_id",
        "tenant",
        "workload",
        "result",
        "state",
        "part",
        "endpoint",
        "field",
        "kind",
        "outcome",
        "billing",
        "domain",
        "type",
        "status",
        "journal_type",
        "organization_id",
        "plan",
        "product",
        "version",
        "revision",
        "rustc",
        "shard",
        "total_shards",
        "seat_type",
    ];
    for (Descriptor { name, .. }, labels) in all() {
        for label in &labels {
            assert!(vocabulary.contains(label), "{name}: {label}");
            assert!(!name.contains(&format!("_{label}_by_")), "{name}");
        }
        let unique: BTreeSet<_> = labels.iter().collect();
        assert_eq!(unique.len(), labels.len(), "{name}");
    }
}
