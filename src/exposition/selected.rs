//! Renders what a scrape selected.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::scope::View;
use super::text::{Writer, push_label};
use super::{Exposed, FAMILIES, Filter, Format, Group, own};
use crate::domain::{SourceState, TenantId, TenantState};

/// The sources, tenants and groups that one exposition is made of.
#[derive(Debug)]
pub struct Selected<'a> {
    all: &'a [Arc<SourceState>],
    exposed: &'a Exposed,
    groups: BTreeSet<Group>,
    /// Whether nothing is left out that the full exposition has.
    is_whole: bool,
    views: Vec<View<'a>>,
    /// The label of each source to which the exporter's own samples are limited, as it is written.
    own_labels: Option<Vec<String>>,
}

impl<'a> Selected<'a> {
    /// What `filter` asks for, before anything is added.
    pub(super) fn new(all: &'a [Arc<SourceState>], exposed: &'a Exposed, filter: &Filter) -> Self {
        let groups = filter.groups();
        let is_whole = filter.sources.is_none() && filter.tenants.is_none() && groups.len() == Group::ALL.len();
        let own_labels = filter.sources.as_ref().map(|names| names.iter().map(|name| source_label(name)).collect());
        Self { all, exposed, groups, is_whole, views: Vec::new(), own_labels }
    }

    pub(super) fn add(
        &mut self,
        source: &'a SourceState,
        refused: usize,
        is_shown: impl Fn(&TenantId, &TenantState) -> bool,
    ) {
        self.views.push(View::new(source, refused as u64, is_shown));
    }

    /// Whether the exporter's own metrics are asked for.
    #[must_use]
    pub fn needs_own(&self) -> bool {
        self.groups.contains(&Group::Exporter)
    }

    /// The exposition; `own` is what the exporter says of itself, as `prometheus-client` encodes it.
    #[must_use]
    pub fn render(&self, own: &str, format: Format) -> String {
        let mut writer = Writer::new(format);
        self.walk(&mut writer);
        let mut exposition = writer.finish();
        if self.needs_own() {
            let keeps = own::Keeps { exposed: self.exposed, source_labels: self.own_labels.as_deref() };
            own::append(own, format, &keeps, &mut exposition);
        }
        exposition.push_str(format.trailer());
        exposition
    }

    fn walk(&self, writer: &mut Writer) {
        for family in FAMILIES.iter().filter(|family| self.exposed.shows(family.descriptor.name)) {
            if family.scope.group().is_some_and(|group| !self.groups.contains(&group)) {
                continue;
            }
            writer.family(&family.descriptor);
            if family.scope.group() == Some(Group::Exporter) {
                let series = if self.is_whole { writer.samples() } else { self.series_of_all() };
                family.scope.walk_exposition(series, writer);
            } else {
                family.scope.walk(&self.views, &self.groups, writer);
            }
        }
    }

    /// How many samples of tenants and sources the full exposition has.
    fn series_of_all(&self) -> u64 {
        let mut counter = Writer::counting();
        let groups = Group::ALL.into_iter().filter(|group| *group != Group::Exporter).collect();
        let filter = Filter { groups: Some(groups), ..Filter::default() };
        // A filter that names nobody misses nobody.
        if let Ok(everything) = filter.select(self.all, self.exposed) {
            everything.walk(&mut counter);
        }
        counter.samples()
    }
}

fn source_label(name: &str) -> String {
    let mut label = String::new();
    push_label(&mut label, "source", name);
    label
}
