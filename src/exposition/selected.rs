//! Applies a filter to the published states, and renders the result.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use strum::VariantArray as _;

use super::text::{Drain, Writer};
use super::view::{Shown, View};
use super::wanted::{Candidate, Wanted};
use super::{Exposed, FAMILIES, Filter, Format, Group, Missing, series_limit};
use crate::domain::expected::Comparison;
use crate::domain::restore::MatchedTests;
use crate::domain::{SourceState, TenantId, TenantState};
use crate::instrumentation::MetricFamily;

/// The selected sources, tenants and groups; concurrent scrapes can share it.
#[derive(Debug)]
pub struct Selected {
    all: Vec<Arc<SourceState>>,
    exposed: Arc<Exposed>,
    groups: BTreeSet<Group>,
    /// Whether this is the full exposition.
    is_whole: bool,
    views: Vec<View>,
    filter: Filter,
}

impl Filter {
    /// Applies this filter to the published states.
    ///
    /// # Errors
    ///
    /// If something selected does not exist.
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
    /// Applies `filter`, before anything is added.
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
        let tests = self.exposed.restore_tests(&source.identity.name);
        view.restore_tests = tests.map(|tests| MatchedTests::new(source, &tests, self.exposed.restore_objectives()));
        view.commitment = self.exposed.commitment(&source.identity.name);
        view.names_expectations = series_limit::names_expectations(&source.identity.name, &self.exposed);
        self.views.push(view);
    }

    /// The states that it was selected from.
    #[must_use]
    pub fn states(&self) -> &[Arc<SourceState>] {
        &self.all
    }

    /// The selected sources, each with its selected tenants.
    pub(super) fn views(&self) -> &[View] {
        &self.views
    }

    /// What is exported of it.
    #[must_use]
    pub const fn exposed(&self) -> &Arc<Exposed> {
        &self.exposed
    }

    /// Renders the exposition; `own` are the exporter's own metrics.
    ///
    /// # Panics
    ///
    /// If there is a bug in escaping.
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

    /// Passes the samples of tenants and sources to `drain`, piece by piece, until it stops.
    ///
    /// This is the exposition without its [ending](Filter::ending), and depends only on the published states.
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

    /// The number of samples of tenants and sources in the full exposition; `written` is the number in this selection.
    fn count_all(&self, written: u64) -> u64 {
        if self.is_whole {
            return written;
        }
        let mut nobody = |_: &mut Vec<u8>| ControlFlow::Continue(());
        let mut counter = Writer::counting(&mut nobody);
        let groups = Group::VARIANTS.iter().copied().filter(|group| *group != Group::Exporter).collect();
        let filter = Filter { groups: Some(groups), ..Filter::default() };
        // A filter without names cannot fail.
        if let Ok(everything) = filter.select(&self.all, &self.exposed) {
            let _ = everything.walk(&mut counter);
        }
        counter.samples()
    }
}
