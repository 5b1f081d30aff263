//! Reads the sources: the vendors' accounts, their addresses and their credentials.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use strum::IntoEnumIterator as _;

use super::address::{self, PathRule};
use super::collection::{self, Collection, Layer};
use super::decoder::{Field, Section, words};
use super::network::{self, Network};
use super::secret::{self, Secret, SecretSource};
use super::selection::{self, Selection};
use super::{refresh, serialize};
use crate::domain::{self, Objectives, SourceIdentity};

/// The keys of a source, in addition to [`collection::key_names`] and [`network::KEYS`].
const COMMON_KEYS: &[&str] = &["name", "provider", "base_url", "tenants"];

const DROPSUITE_KEYS: &[&str] = &["reseller_token", "reseller_token_file", "access_token", "access_token_file"];

const DATTO_KEYS: &[&str] = &["public_key", "public_key_file", "secret_key", "secret_key_file"];

/// One account of one vendor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Source {
    /// The unique name; the label `source`.
    pub name: String,
    /// The vendor, the address and the credentials.
    #[serde(flatten)]
    pub provider: Provider,
    /// How the vendor is reached.
    #[serde(flatten)]
    pub network: Network,
    /// Which of its tenants are collected.
    #[serde(rename = "tenants", skip_serializing_if = "Selection::selects_all")]
    pub selection: Selection,
    /// How it is collected.
    #[serde(flatten)]
    pub collection: Collection,
}

/// The vendor's side of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Dropsuite, also sold as NinjaOne SaaS Backup.
    Dropsuite {
        /// `scheme://host[:port]/api`.
        base_url: String,
        /// Identifies the reseller at every endpoint.
        reseller_token: Secret,
        /// The reseller's own token, which lists the organizations.
        access_token: Secret,
    },
    /// Datto, formerly Backupify.
    Datto {
        /// `scheme://host[:port][/path]`, without a slash at the end.
        base_url: String,
        /// The user name of HTTP Basic authentication.
        public_key: Secret,
        /// Its password.
        secret_key: Secret,
    },
}

impl Provider {
    /// The vendor in the domain.
    #[must_use]
    pub const fn vendor(&self) -> domain::Provider {
        match self {
            Self::Dropsuite { .. } => domain::Provider::Dropsuite,
            Self::Datto { .. } => domain::Provider::Datto,
        }
    }

    /// The prefix of all request URLs, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        match self {
            Self::Dropsuite { base_url, .. } | Self::Datto { base_url, .. } => base_url,
        }
    }
}

/// As in the file, with the origin of each secret instead of its value.
impl Serialize for Provider {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Destructured, so that no field is forgotten.
        let (base_url, secrets) = match self {
            Self::Dropsuite { base_url, reseller_token, access_token } => {
                (base_url, [("access_token", access_token), ("reseller_token", reseller_token)])
            }
            Self::Datto { base_url, public_key, secret_key } => {
                (base_url, [("public_key", public_key), ("secret_key", secret_key)])
            }
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("provider", self.vendor().as_str())?;
        map.serialize_entry("base_url", base_url)?;
        for (key, secret) in secrets {
            match secret.origin() {
                SecretSource::File(path) => map.serialize_entry(&format!("{key}_file"), path)?,
                SecretSource::Inline | SecretSource::Environment => map.serialize_entry(key, serialize::SECRET)?,
            }
        }
        map.end()
    }
}

/// The keys that only a source of this vendor has.
const fn keys_of(vendor: domain::Provider) -> &'static [&'static str] {
    match vendor {
        domain::Provider::Dropsuite => DROPSUITE_KEYS,
        domain::Provider::Datto => DATTO_KEYS,
    }
}

/// The sources of a file.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    /// Those that other keys can refer to; `None` if the name or provider of any is invalid.
    pub(super) identities: Option<Arc<[SourceIdentity]>>,
    /// `None` if and only if a problem was reported.
    pub(super) sources: Option<Vec<Source>>,
}

/// Reads the list of sources of the file's top level.
pub(super) fn decode_all(file: &Section<'_>, common: &Layer, objectives: &Objectives) -> Decoded {
    let list = file.required("sources", "at least one source is required");
    let items = list.as_ref().and_then(|list| list.items("one \"- name: ...\" for each account"));
    let (Some(list), Some(items)) = (list, items) else { return Decoded::default() };
    if items.is_empty() {
        list.problem("is an empty list; at least one source is required");
    }
    let mut paths: BTreeMap<String, String> = BTreeMap::new();
    let (mut identities, mut sources) = (Vec::new(), Vec::new());
    for item in &items {
        let Some(section) = source_section(item) else { continue };
        let name =
            section.required("name", "any name of your own, such as dropsuite-us").and_then(|field| name(&field));
        if let Some(name) = &name {
            if let Some(first) = paths.get(name) {
                section.problem_at("name", format!("{name:?} is already the name of {first}"));
            }
            paths.entry(name.clone()).or_insert_with(|| item.path().to_owned());
        }
        let vendor = vendor(&section);
        let named = name.as_deref().zip(vendor);
        identities.extend(named.map(|(name, provider)| SourceIdentity { provider, name: name.into() }));
        sources.extend(decode(&section, name, vendor, common, objectives));
    }
    // What refers to a source is compared with all of them, or not at all.
    let are_all = |count| count > 0 && count == items.len();
    Decoded {
        identities: are_all(identities.len()).then(|| identities.into()),
        sources: are_all(sources.len()).then_some(sources),
    }
}

fn source_section<'a>(field: &Field<'a>) -> Option<Section<'a>> {
    let known = [COMMON_KEYS, network::KEYS, DROPSUITE_KEYS, DATTO_KEYS, &collection::key_names()].concat();
    field.section(&known)
}

/// `None` if and only if a problem was reported; every key is decoded in any case.
fn decode(
    section: &Section<'_>,
    name: Option<String>,
    vendor: Option<domain::Provider>,
    common: &Layer,
    objectives: &Objectives,
) -> Option<Source> {
    let provider = vendor.and_then(|vendor| provider(section, vendor));
    let default_intervals = provider.as_ref().map(|known| refresh::default_intervals(known.vendor(), objectives));
    let collection = common.of_source(section, default_intervals.unwrap_or_default());
    let selection =
        section.get("tenants").map_or_else(|| Some(Selection::default()), |field| selection::decode(&field));
    let network = network::decode(section);
    Some(Source { name: name?, provider: provider?, collection, selection: selection?, network })
}

fn name(field: &Field<'_>) -> Option<String> {
    let text = field.text()?;
    let is_plain = !text.value.is_empty() && text.value.trim() == text.value && !text.value.contains(char::is_control);
    if !is_plain {
        field.problem(format!(
            "{} is not a valid name (a single line without leading or trailing spaces)",
            text.shown()
        ));
        return None;
    }
    Some(text.value)
}

fn vendor(section: &Section<'_>) -> Option<domain::Provider> {
    let words = words(domain::Provider::as_str);
    section.required("provider", "dropsuite or datto")?.word("provider", &words)
}

fn provider(section: &Section<'_>, vendor: domain::Provider) -> Option<Provider> {
    for other in domain::Provider::iter().filter(|other| *other != vendor) {
        for key in keys_of(other).iter().filter(|key| section.get(key).is_some()) {
            section.problem_at(
                key,
                format!("belongs to provider {}, but the provider is {}", other.as_str(), vendor.as_str()),
            );
        }
    }
    match vendor {
        domain::Provider::Dropsuite => dropsuite(section),
        domain::Provider::Datto => datto(section),
    }
}

fn dropsuite(section: &Section<'_>) -> Option<Provider> {
    const EXAMPLE: &str = "https://dropsuite.us/api";
    // There is no default: each region and brand has its own address.
    let base_url = section
        .required("base_url", "the address of your region or brand, such as https://dropsuite.us/api")
        .and_then(|field| address::decode_base_url(&field, PathRule::Fixed("/api"), EXAMPLE));
    let reseller_token = secret::decode(section, "reseller_token", "reseller_token_file")
        .and_then(|token| refuse_reseller_id(section, token));
    let access_token = secret::decode(section, "access_token", "access_token_file");
    Some(Provider::Dropsuite { base_url: base_url?, reseller_token: reseller_token?, access_token: access_token? })
}

/// The portal shows the reseller id next to the token; with it every request would be rejected.
fn refuse_reseller_id(section: &Section<'_>, token: Secret) -> Option<Secret> {
    if !token.expose().chars().all(|character| character.is_ascii_digit()) {
        return Some(token);
    }
    let key = if section.get("reseller_token").is_some() { "reseller_token" } else { "reseller_token_file" };
    section.problem_at(
        key,
        "contains only digits, so it is the reseller id; the reseller token is the UUID in the portal's API Information",
    );
    None
}

fn datto(section: &Section<'_>) -> Option<Provider> {
    const DEFAULT: &str = "https://api.datto.com";
    // One host serves every region; only a gateway or a test needs another.
    let base_url = section
        .get("base_url")
        .map_or_else(|| Some(DEFAULT.to_owned()), |field| address::decode_base_url(&field, PathRule::Free, DEFAULT));
    let public_key = secret::decode(section, "public_key", "public_key_file");
    let secret_key = secret::decode(section, "secret_key", "secret_key_file");
    if public_key.as_ref().is_some_and(|key| key.expose().contains(':')) {
        let key = if section.get("public_key").is_some() { "public_key" } else { "public_key_file" };
        section.problem_at(key, "contains a colon; set public_key and secret_key separately");
        return None;
    }
    Some(Provider::Datto { base_url: base_url?, public_key: public_key?, secret_key: secret_key? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{LOG_KEYS, STATE_KEYS, coverage, metrics, network, objectives, restore, selection};

    #[test]
    fn the_example_shows_every_key() {
        let example = include_str!("../../config.example.yaml");
        let groups = [
            super::super::KEYS,
            STATE_KEYS,
            LOG_KEYS,
            metrics::KEYS,
            objectives::KEYS,
            coverage::KEYS,
            restore::OBJECTIVE_KEYS,
            selection::KEYS,
            &collection::key_names(),
            COMMON_KEYS,
            network::KEYS,
            DROPSUITE_KEYS,
            DATTO_KEYS,
        ];
        for key in groups.concat() {
            assert!(example.contains(&format!("{key}:")), "{key} is missing in config.example.yaml");
        }
    }
}
