//! Renders what is published as Prometheus text: a pure function of the states, without I/O.
//!
//! Families stand outside and entities inside, because a family's header may
//! occur only once. A tenant's labels are escaped once for each rendering.

mod catalogue;
mod descriptor;
mod negotiation;
mod own;
mod reference;
mod scope;
mod text;

use std::sync::Arc;

pub use catalogue::FAMILIES;
pub use descriptor::{Descriptor, Family, Kind, Unit};
pub use negotiation::Format;
pub use reference::reference;
pub use scope::Scope;

use crate::domain::SourceState;
use scope::View;
use text::Writer;

/// The sources' states and the exporter's own metrics as one exposition.
///
/// `own` is what the exporter says of itself, as `prometheus-client` encodes it.
#[must_use]
pub fn render(sources: &[Arc<SourceState>], own: &str, format: Format) -> String {
    let views: Vec<View<'_>> = sources.iter().map(View::new).collect();
    let mut writer = Writer::new(format);
    for family in FAMILIES {
        writer.family(&family.descriptor);
        family.scope.walk(&views, &mut writer);
    }
    let mut exposition = writer.finish();
    own::append(own, format, &mut exposition);
    exposition.push_str(format.trailer());
    exposition
}

#[cfg(test)]
mod tests;
