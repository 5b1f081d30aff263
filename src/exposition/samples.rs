//! Writes the samples of a family: one per entity, one per value of a label, or a state set.

use std::ops::ControlFlow;

use strum::IntoEnumIterator;

use super::Value;
use super::entity::{Entity, Per};
use super::text::{Writer, further_labels};
use super::view::{Shown, TenantView};
use crate::domain::expected::Presence;
use crate::domain::{
    AccountState, BackupStatus, DomainState, JournalType, ResourceState, SeatState, SharedMailboxBilling, StatusWord,
    TenantProgress, TenantStatus, WorkloadState,
};

/// The source of a family's samples.
pub(super) trait Samples: Sync {
    /// The labels of every sample, in order.
    fn labels(&self) -> Vec<&'static str>;

    /// The entity that the samples belong to.
    fn per(&self) -> Per;

    /// The maximum number of samples per entity.
    fn of_one(&self) -> u64;

    /// The columns of a table with one line per tenant, each by the label values that tell it apart; none if tenants
    /// have different numbers of samples.
    fn columns(&self) -> Vec<Vec<&'static str>> {
        Vec::new()
    }

    /// A tenant's values in these columns.
    fn cells(&self, _tenant: TenantView<'_>) -> Vec<Option<Value>> {
        Vec::new()
    }

    /// Writes the samples of the selected entities, until the reader stops.
    fn write(&self, shown: &Shown<'_>, writer: &mut Writer<'_>) -> ControlFlow<()>;
}

/// One sample per entity for which the function returns a value; `None` means unknown.
pub(super) struct One<E: Entity>(pub(super) for<'a> fn(E::View<'a>) -> Option<Value>);

/// One sample per label value for which the function returns a value.
pub(super) struct Each<E: Entity, L>(pub(super) for<'a> fn(E::View<'a>, L) -> Option<Value>);

/// One sample per label value: 1 for the value that the function returns, 0 for the others, and none if it is unknown.
pub(super) struct StateSet<E: Entity, L>(pub(super) for<'a> fn(E::View<'a>) -> Option<L>);

/// A single sample: the number of samples of tenants and sources in the full exposition.
pub(super) struct Total;

/// A closed set of values of one label.
pub(super) trait LabelValue: IntoEnumIterator + Copy + PartialEq + 'static {
    /// The name of the label.
    const LABEL: &'static str;

    /// The label value.
    fn word(self) -> &'static str;
}

macro_rules! label_values {
    ($($label:literal: $($values:ty),+;)+) => {
        $($(impl LabelValue for $values {
            const LABEL: &'static str = $label;

            fn word(self) -> &'static str {
                self.as_str()
            }
        })+)+
    };
}

label_values! {
    "billing": SharedMailboxBilling;
    "journal_type": JournalType;
    "state": AccountState, DomainState, Presence, ResourceState, SeatState, TenantProgress, TenantStatus, WorkloadState;
    "status": BackupStatus, StatusWord;
}

impl<E: Entity> Samples for One<E> {
    fn labels(&self) -> Vec<&'static str> {
        E::LABELS.to_vec()
    }

    fn per(&self) -> Per {
        E::PER
    }

    fn of_one(&self) -> u64 {
        1
    }

    fn columns(&self) -> Vec<Vec<&'static str>> {
        E::keys().into_iter().map(|key| vec![key]).collect()
    }

    fn cells(&self, tenant: TenantView<'_>) -> Vec<Option<Value>> {
        E::of_tenant(tenant).into_iter().map(|view| self.0(view?)).collect()
    }

    fn write(&self, shown: &Shown<'_>, writer: &mut Writer<'_>) -> ControlFlow<()> {
        E::each(shown, writer, |view, labels, writer| {
            if let Some(value) = self.0(view) {
                writer.sample(labels, value);
            }
        })
    }
}

impl<E: Entity, L: LabelValue> Samples for Each<E, L> {
    fn labels(&self) -> Vec<&'static str> {
        [E::LABELS, &[L::LABEL]].concat()
    }

    fn per(&self) -> Per {
        E::PER
    }

    fn of_one(&self) -> u64 {
        L::iter().count() as u64
    }

    fn columns(&self) -> Vec<Vec<&'static str>> {
        E::keys().into_iter().flat_map(|key| L::iter().map(move |one| vec![key, one.word()])).collect()
    }

    fn cells(&self, tenant: TenantView<'_>) -> Vec<Option<Value>> {
        let views = E::of_tenant(tenant).into_iter();
        views.flat_map(|view| L::iter().map(move |one| self.0(view?, one))).collect()
    }

    fn write(&self, shown: &Shown<'_>, writer: &mut Writer<'_>) -> ControlFlow<()> {
        let rests = rests::<L>();
        E::each(shown, writer, |view, labels, writer| {
            let mut values = rests.iter().filter_map(|(one, rest)| Some((rest, self.0(view, *one)?))).peekable();
            if values.peek().is_some() {
                writer.common(labels);
                values.for_each(|(rest, value)| writer.further([rest], value));
            }
        })
    }
}

impl<E: Entity, L: LabelValue> Samples for StateSet<E, L> {
    fn labels(&self) -> Vec<&'static str> {
        [E::LABELS, &[L::LABEL]].concat()
    }

    fn per(&self) -> Per {
        E::PER
    }

    fn of_one(&self) -> u64 {
        L::iter().count() as u64
    }

    fn write(&self, shown: &Shown<'_>, writer: &mut Writer<'_>) -> ControlFlow<()> {
        let rests = rests::<L>();
        E::each(shown, writer, |view, labels, writer| {
            if let Some(holds) = self.0(view) {
                writer.common(labels);
                for (one, rest) in &rests {
                    writer.further([rest], Value::Whole(u64::from(*one == holds)));
                }
            }
        })
    }
}

impl Samples for Total {
    fn labels(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn per(&self) -> Per {
        Per::Source
    }

    fn of_one(&self) -> u64 {
        1
    }

    fn write(&self, shown: &Shown<'_>, writer: &mut Writer<'_>) -> ControlFlow<()> {
        writer.bare_sample(Value::Whole((shown.count_all)(writer.samples())));
        ControlFlow::Continue(())
    }
}

/// Each label value with the remaining text of its line, up to the sample's value.
fn rests<L: LabelValue>() -> Vec<(L, String)> {
    L::iter().map(|one| (one, further_labels([(L::LABEL, one.word())]) + "} ")).collect()
}
