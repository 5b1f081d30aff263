//! Writes down what the program runs on, for people to read: every default filled in, and no secret.
//!
//! It is made from the [`Config`] and never from the file, in which a secret
//! may stand anywhere. What comes out is a configuration file again, except
//! that [`SECRET`] stands for each secret.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::{Collection, Config, Network, Provider, Secret, SecretSource, Selection, Source, short};
use crate::domain::{Objectives, TenantObjectives, Workload};
use crate::exposition::{Exposed, family_names};
use crate::process::logging::Level;

/// Stands for a secret, as in Prometheus's own pages.
const SECRET: &str = "<secret>";

#[derive(Serialize)]
struct FileView<'a> {
    rpo: RpoView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<StateView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<LogView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<MetricsView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<ExpectedView<'a>>,
    sources: Vec<SourceView<'a>>,
}

#[derive(Serialize)]
struct StateView<'a> {
    path: &'a Path,
}

#[derive(Serialize)]
struct ExpectedView<'a> {
    file: &'a Path,
}

#[derive(Serialize)]
struct LogView {
    level: &'static str,
}

#[derive(Serialize)]
struct RpoView<'a> {
    default: String,
    workloads: Durations,
    tenants: BTreeMap<&'a str, TenantRpoView>,
}

#[derive(Serialize)]
struct TenantRpoView {
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<String>,
    workloads: Durations,
}

#[derive(Serialize)]
struct SourceView<'a> {
    name: &'a str,
    provider: &'static str,
    base_url: &'a str,
    #[serde(flatten)]
    credentials: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_cert_file: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_key_file: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy_url: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    no_proxy: Vec<&'a str>,
    #[serde(skip_serializing_if = "TenantsView::is_everybody")]
    tenants: TenantsView<'a>,
    #[serde(flatten)]
    collection: CollectionView,
}

#[derive(Serialize)]
struct MetricsView {
    deny: Vec<&'static str>,
}

#[derive(Serialize)]
struct TenantsView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    include: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exclude: Vec<&'a str>,
}

#[derive(Serialize)]
struct CollectionView {
    interval: String,
    timeout: String,
    concurrency: usize,
    requests_per_second: f64,
    stale_after: String,
    parts: Vec<&'static str>,
    part_intervals: Durations,
    workloads: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    series_limit: Option<u64>,
}

type Durations = BTreeMap<&'static str, String>;

impl Config {
    /// What the program runs on, as YAML: defaults filled in, secrets as `<secret>`, secret files by their path.
    #[must_use]
    pub fn redacted(&self) -> String {
        // Taken apart by name, so that nobody adds a field and forgets that it is shown here.
        let Self { sources, objectives, state_path, log_level, families, expected, shard: _ } = self;
        let file = FileView {
            rpo: rpo(objectives),
            state: state_path.as_deref().map(|path| StateView { path }),
            log: log_level.and_then(log),
            metrics: metrics(families),
            // What stands in it is for whoever may read the file.
            expected: expected.as_ref().and_then(|file| Some(ExpectedView { file: file.path()? })),
            sources: sources.iter().map(source).collect(),
        };
        serde_saphyr::to_string(&file).unwrap_or_else(|error| format!("# cannot be shown: {error}\n"))
    }
}

fn log(level: Level) -> Option<LogView> {
    let word = Level::WORDS.into_iter().find(|(_, known)| *known == level);
    word.map(|(level, _)| LogView { level })
}

/// The families that are not shown, whichever patterns said so.
fn metrics(families: &Exposed) -> Option<MetricsView> {
    let deny: Vec<_> = family_names().filter(|name| !families.shows(name)).collect();
    (!deny.is_empty()).then_some(MetricsView { deny })
}

fn rpo(objectives: &Objectives) -> RpoView<'_> {
    let Objectives { default, workloads, tenants } = objectives;
    RpoView {
        default: short(*default),
        workloads: by_workload(workloads),
        tenants: tenants.iter().map(|(key, own)| (key.as_str(), tenant_rpo(own))).collect(),
    }
}

fn tenant_rpo(TenantObjectives { default, workloads }: &TenantObjectives) -> TenantRpoView {
    TenantRpoView { default: default.map(short), workloads: by_workload(workloads) }
}

fn by_workload(objectives: &BTreeMap<Workload, Duration>) -> Durations {
    objectives.iter().map(|(workload, objective)| (workload.as_str(), short(*objective))).collect()
}

fn source(source: &Source) -> SourceView<'_> {
    let Source { name, provider, collection, selection, network } = source;
    let Network { ca_file, client_certificate, proxy_url, no_proxy, checksums: _ } = network;
    SourceView {
        name,
        provider: provider.vendor().as_str(),
        base_url: provider.base_url(),
        credentials: credentials(provider),
        ca_file: ca_file.as_deref(),
        client_cert_file: client_certificate.as_ref().map(|files| &*files.cert_file),
        client_key_file: client_certificate.as_ref().map(|files| &*files.key_file),
        no_proxy: no_proxy.iter().map(String::as_str).collect(),
        // A proxy shows itself without its credentials.
        proxy_url: proxy_url.as_ref().map(ToString::to_string),
        tenants: tenants(selection),
        collection: collection_view(collection),
    }
}

fn credentials(provider: &Provider) -> BTreeMap<String, String> {
    let secrets = match provider {
        Provider::Dropsuite { base_url: _, reseller_token, access_token } => {
            [("reseller_token", reseller_token), ("access_token", access_token)]
        }
        Provider::Datto { base_url: _, public_key, secret_key } => {
            [("public_key", public_key), ("secret_key", secret_key)]
        }
    };
    secrets.into_iter().map(|(key, secret)| credential(key, secret)).collect()
}

fn credential(key: &str, secret: &Secret) -> (String, String) {
    match secret.origin() {
        SecretSource::File(path) => (format!("{key}_file"), path.display().to_string()),
        SecretSource::Inline | SecretSource::Environment => (key.to_owned(), SECRET.to_owned()),
    }
}

fn tenants(Selection { include, exclude }: &Selection) -> TenantsView<'_> {
    TenantsView {
        include: include.as_ref().map(|include| include.iter().map(regex::Regex::as_str).collect()),
        exclude: exclude.iter().map(regex::Regex::as_str).collect(),
    }
}

fn collection_view(collection: &Collection) -> CollectionView {
    let Collection {
        interval,
        timeout,
        concurrency,
        requests_per_second,
        stale_after,
        parts,
        part_intervals,
        workloads,
        series_limit,
    } = collection;
    CollectionView {
        interval: short(*interval),
        timeout: short(*timeout),
        concurrency: *concurrency,
        requests_per_second: *requests_per_second,
        stale_after: short(*stale_after),
        parts: parts.iter().map(|part| part.as_str()).collect(),
        part_intervals: part_intervals.iter().map(|(part, interval)| (part.as_str(), short(*interval))).collect(),
        workloads: workloads.iter().map(|workload| workload.as_str()).collect(),
        series_limit: *series_limit,
    }
}

impl TenantsView<'_> {
    const fn is_everybody(&self) -> bool {
        self.include.is_none() && self.exclude.is_empty()
    }
}

#[cfg(test)]
mod tests;
