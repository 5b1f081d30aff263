//! Selects what a scrape asks for, and renders it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use strum::VariantArray as _;

use super::text::{Drain, Writer};
use super::view::{Shown, View};
use super::wanted::{Candidate, Wanted};
use super::{Exposed, FAMILIES, Filter, Format, Group, Missing, series_limit};
use crate::domain::expected::Comparison;
use crate::domain::{SourceState, TenantId, TenantState};
use crate::instrumentation::MetricFamily;

/// The sources, tenants and groups that one exposition is made of; scrapes under way at once can share it.
#[derive(Debug)]
pub struct Selected {
    all: Vec<Arc<SourceState>>,
    exposed: Arc<Exposed>,
    groups: BTreeSet<Group>,
    /// Whether nothing is left out that the full exposition has.
    is_whole: bool,
    views: Vec<View>,
    filter: Filter,
}

impl Filter {
    /// What this asks for of the published states.
    ///
    /// # Errors
    ///
    /// When something that is named is not there.
    pub fn select(&self, states: &[Arc<SourceState>], exposed: &Arc<Exposed>) -> Result<Selected, Missing> {
        self.check_sources(states)?;
        let is_wanted =
            |state: &&Arc<SourceState>| self.sources.as_ref().is_none_or(|names| names.contains(&*state.identity.name));
        let candidate = |state| Candidate { state, dropped: series_limit::dropped(state, exposed) };
        let candidates: Vec<_> = states.iter().filter(is_wanted).map(candidate).collect();
        let tenants = self.tenants.as_ref().map(|wanted| Wanted::find(wanted, &candidates)).transpose()?;
        let mut selected = Selected::new(states, exposed, self);
        for Candidate { state, dropped } in candidates {
            let is_shown = |id: &TenantId, tenant: &TenantState| {
                !dropped.contains(id) && tenants.as_ref().is_none_or(|wanted| wanted.contains(id, tenant))
            };
            selected.add(state, dropped.len(), is_shown);
        }
        Ok(selected)
    }

    fn check_sources(&self, states: &[Arc<SourceState>]) -> Result<(), Missing> {
        let configured: Vec<&str> = states.iter().map(|state| &*state.identity.name).collect();
        let mut named = self.sources.iter().flatten();
        match named.find(|name| !configured.contains(&name.as_str())) {
            Some(name) => Err(Missing::Source { name: name.clone(), configured: configured.join(", ") }),
            None => Ok(()),
        }
    }
}

impl Selected {
    /// What `filter` asks for, before anything is added.
    fn new(all: &[Arc<SourceState>], exposed: &Arc<Exposed>, filter: &Filter) -> Self {
        let groups = filter.groups();
        let is_whole = filter.sources.is_none() && filter.tenants.is_none() && groups.len() == Group::VARIANTS.len();
        let (all, exposed) = (all.to_vec(), Arc::clone(exposed));
        Self { all, exposed, groups, is_whole, views: Vec::new(), filter: filter.clone() }
    }

    fn add(&mut self, source: &Arc<SourceState>, dropped: usize, is_shown: impl Fn(&TenantId, &TenantState) -> bool) {
        let expected = self.exposed.expected(&source.identity.name);
        let comparison = expected.map(|expected| Comparison::new(source, expected));
        let mut view = View::new(source, dropped as u64, comparison, is_shown);
        view.names_expectations = series_limit::names_expectations(&source.identity.name, &self.exposed);
        self.views.push(view);
    }

    /// What it was selected from.
    #[must_use]
    pub fn states(&self) -> &[Arc<SourceState>] {
        &self.all
    }

    /// What may be shown of it.
    #[must_use]
    pub const fn exposed(&self) -> &Arc<Exposed> {
        &self.exposed
    }

    /// The exposition; `own` is what the exporter says of itself.
    ///
    /// # Panics
    ///
    /// When there is a bug in escaping.
    #[must_use]
    pub fn render(&self, own: Vec<MetricFamily>, format: Format) -> String {
        let mut whole = Vec::new();
        let _ = self.observed(format, &mut |piece| {
            whole.append(piece);
            ControlFlow::Continue(())
        });
        let mut exposition = String::from_utf8(whole).expect("text put together is text");
        exposition.push_str(&self.filter.ending(&self.exposed, || own, format));
        exposition
    }

    /// Hands what is known of tenants and sources to `drain`, piece by piece, until it wants no more.
    ///
    /// This is all of the exposition but its [ending](Filter::ending), and depends on nothing but what is published.
    pub fn observed<'d>(&self, format: Format, drain: &'d mut Drain<'d>) -> ControlFlow<()> {
        let mut writer = Writer::new(format, drain);
        self.walk(&mut writer)?;
        writer.finish()
    }

    fn walk(&self, writer: &mut Writer<'_>) -> ControlFlow<()> {
        let shown = Shown { views: &self.views, groups: &self.groups, count_all: &|written| self.count_all(written) };
        for family in FAMILIES.iter().filter(|family| self.exposed.shows(family.descriptor.name)) {
            if family.group.is_some_and(|group| !self.groups.contains(&group)) {
                continue;
            }
            writer.family(&family.descriptor);
            family.samples.write(&shown, writer)?;
        }
        ControlFlow::Continue(())
    }

    /// How many samples of tenants and sources the full exposition has; so many of what was selected are written.
    fn count_all(&self, written: u64) -> u64 {
        if self.is_whole {
            return written;
        }
        let mut nobody = |_: &mut Vec<u8>| ControlFlow::Continue(());
        let mut counter = Writer::counting(&mut nobody);
        let groups = Group::VARIANTS.iter().copied().filter(|group| *group != Group::Exporter).collect();
        let filter = Filter { groups: Some(groups), ..Filter::default() };
        // A filter that names nobody misses nobody.
        if let Ok(everything) = filter.select(&self.all, &self.exposed) {
            let _ = everything.walk(&mut counter);
        }
        counter.samples()
    }
}
