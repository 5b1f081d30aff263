//! Renders the published states as Prometheus text, and their seats as CSV: pure functions, without I/O.
//!
//! Iterates over families first and entities second, because a family's header may occur only once. A tenant's labels
//! are escaped once per rendering.

mod catalogue;
mod compressed;
mod entity;
mod exposed;
mod family;
mod filter;
mod group;
mod negotiation;
mod operator_list;
mod own;
mod reference;
mod samples;
mod selected;
mod series_limit;
mod table;
mod text;
mod value;
mod view;
mod wanted;

use std::sync::Arc;

pub use catalogue::FAMILIES;
pub use compressed::Compressed;
pub(crate) use exposed::label_names;
pub use exposed::{Exposed, family_names};
pub use family::Family;
pub use filter::{Filter, Missing};
pub use group::Group;
pub use negotiation::Format;
pub use operator_list::OperatorList;
pub use reference::reference;
pub use selected::Selected;
pub use series_limit::dropped;
pub use table::seats_csv;
pub use text::{Drain, PIECE};
use value::Value;

use crate::domain::SourceState;
use crate::instrumentation::MetricFamily;

/// Renders the complete exposition.
///
/// `own` are the exporter's own metrics.
#[must_use]
pub fn render(sources: &[Arc<SourceState>], own: Vec<MetricFamily>, format: Format) -> String {
    let exposed = Arc::new(Exposed::default());
    let everything = Filter::default().select(sources, &exposed).expect("an empty filter selects all tenants");
    everything.render(own, format)
}

#[cfg(test)]
mod tests;
