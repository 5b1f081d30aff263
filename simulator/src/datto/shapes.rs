//! Chooses between the documented and the observed forms of the API.

use std::num::NonZeroUsize;

/// Whose API is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// What clients meet: bare arrays, whole numbers as ids, `/applications`.
    #[default]
    Live,
    /// What the published document says and nothing else: objects around lists, texts as ids, no `/applications`.
    Documented,
}

/// How `/applications` wraps its items, in the live shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApplicationsShape {
    /// One object with `pagination` and `items`.
    #[default]
    Envelope,
    /// An array with one such object.
    ArrayOfEnvelopes,
    /// Objects that are followed with `_page` and `_perPage`.
    ///
    /// The customer's item is split: each item has one app, and the customer's own figures stand in every one.
    Paged {
        /// How many items a page has when the request does not say.
        per_page: NonZeroUsize,
    },
}

/// How a seat says that it is billed, in the live shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BillableSpelling {
    /// `"1"` or `""`, as seen.
    #[default]
    OneOrEmpty,
    /// `"1"` or `"0"`, as clients document it.
    OneOrZero,
    /// `1` or `0`.
    Number,
}
