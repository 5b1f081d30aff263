//! Resolves which source, tenant and workload a record refers to.

use std::sync::Arc;

use crate::config::decoder::{listed, words};
use crate::domain::roster::Key;
use crate::domain::{Provider, SourceIdentity, Workload};

/// The only source that matches; several are an error.
pub(in crate::config) fn source(
    sources: &[SourceIdentity],
    name: Option<&str>,
    provider: Option<&str>,
) -> Result<Arc<str>, String> {
    let provider = match provider.map(str::to_lowercase) {
        None => None,
        Some(word) => match word.parse() {
            Ok(provider) => Some(provider),
            Err(_) => {
                return Err(format!("unknown provider {word:?} (accepted: {})", listed(&words(Provider::as_str))));
            }
        },
    };
    let of_provider = |source: &&SourceIdentity| provider.is_none_or(|provider| source.provider == provider);
    if let Some(name) = name {
        let source = sources.iter().find(|source| *source.name == *name);
        return match source {
            Some(source) if of_provider(&source) => Ok(Arc::clone(&source.name)),
            Some(source) => Err(format!("source {name:?} has the provider {:?}", source.provider.as_str())),
            None => Err(format!("source {name:?} is not configured (configured: {})", names(sources.iter()))),
        };
    }
    let mut candidates = sources.iter().filter(of_provider);
    match (candidates.next(), candidates.next()) {
        (Some(source), None) => Ok(Arc::clone(&source.name)),
        (None, _) => Err("no source of this provider is configured".to_owned()),
        (Some(_), Some(_)) => {
            let candidates = names(sources.iter().filter(of_provider));
            Err(format!("ambiguous source ({candidates}); set the column source"))
        }
    }
}

/// The tenant, by its id if there is one.
pub(in crate::config) fn key(tenant_id: Option<&str>, tenant: Option<&str>) -> Result<Key, String> {
    match (tenant_id, tenant) {
        (Some(id), _) => Ok(Key::Id(id.into())),
        (None, Some(name)) => Ok(Key::Name(name.to_owned())),
        (None, None) => Err("neither tenant_id nor tenant is set".to_owned()),
    }
}

/// The workload, ignoring case.
pub(in crate::config) fn workload(word: &str) -> Result<Workload, String> {
    let name = word.to_lowercase().replace('-', "_");
    name.parse().map_err(|_| format!("unknown workload {word:?} (accepted: {})", listed(&words(Workload::as_str))))
}

fn names<'a>(sources: impl Iterator<Item = &'a SourceIdentity>) -> String {
    sources.map(|source| &*source.name).collect::<Vec<_>>().join(", ")
}
