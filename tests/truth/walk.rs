//! Interrupts the collection of a tenant at each of its requests, once or permanently.
//!
//! A change of one answer says nothing of what follows from it: that a vendor which fails is asked no more, and what the
//! parts that were not asked for count as then.

use std::fmt;

use saasbackup_exporter::domain::Part;

use super::change::{Rows, failures};
use super::proxy::Answer;
use super::world::World;

/// One collection of all parts of a tenant, with an answer that is a failure.
#[derive(Clone, Debug)]
pub(crate) struct Break {
    pub(crate) tenant: String,
    pub(crate) parts: Vec<Part>,
    /// The first request that fails, counted from 1.
    pub(crate) request: usize,
    /// Whether all that follow fail as well.
    pub(crate) lasts: bool,
    pub(crate) word: &'static str,
    pub(crate) answer: Answer,
}

impl fmt::Display for Break {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant, request, lasts, word, .. } = self;
        let extent = if *lasts { " and all after it" } else { "" };
        write!(formatter, "walk of {tenant} request {request}{extent}={word}")
    }
}

/// The breaks of a world: all of every tenant, or one for each request of the first tenant of some worlds.
pub(crate) fn breaks_of(world: &World, rows: Rows) -> Vec<Break> {
    let is_sampled = ["faults", "pages", "google"].contains(&world.name);
    if !world.collects || (rows == Rows::Kinds && !is_sampled) {
        return Vec::new();
    }
    let mut breaks = Vec::new();
    for listed in &world.good.listed {
        let tenant = listed.id().as_str();
        let serves = |of: &Option<(String, Vec<Part>)>| of.as_ref().is_some_and(|(of, _)| of == tenant);
        let requests = world.exchanges.iter().filter(|one| !one.is_learned && serves(&one.serves)).count();
        for request in 1..=requests {
            let kinds = failures().into_iter().flat_map(|failure| [(failure.clone(), false), (failure, true)]);
            let turn = |(place, _): &(usize, _)| rows == Rows::All || *place == request % 6;
            breaks.extend(kinds.enumerate().filter(turn).map(|(_, ((word, answer), lasts))| Break {
                tenant: tenant.to_owned(),
                parts: listed.tenant.parts.to_vec(),
                request,
                lasts,
                word,
                answer,
            }));
        }
        if rows == Rows::Kinds {
            break;
        }
    }
    breaks
}
