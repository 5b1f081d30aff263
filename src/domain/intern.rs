//! Interns a limited number of names for the lifetime of the process.
//!
//! Label values in the domain are `&'static str`, so that states are cheap to copy. External names are converted here,
//! once.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Names of applications without a workload of their own; a vendor has about a dozen.
pub(crate) static APPLICATIONS: Interner = Interner::with_capacity(64);

/// Names that are never freed. Their number is limited, because they are external input.
#[derive(Debug)]
pub(crate) struct Interner {
    names: Mutex<BTreeSet<&'static str>>,
    capacity: usize,
}

impl Interner {
    /// Creates an interner for this many names.
    pub(crate) const fn with_capacity(capacity: usize) -> Self {
        Self { names: Mutex::new(BTreeSet::new()), capacity }
    }

    /// The interned name; `None` once the limit is reached.
    pub(crate) fn intern(&self, name: &str) -> Option<&'static str> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(name) {
            return Some(known);
        }
        if names.len() >= self.capacity {
            return None;
        }
        let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
        names.insert(name);
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once_and_only_so_many_are() {
        let names = Interner::with_capacity(2);
        let first = names.intern("planner").unwrap();
        assert!(std::ptr::eq(first, names.intern(&["plan", "ner"].concat()).unwrap()));
        assert_eq!(names.intern("loop"), Some("loop"));
        assert_eq!(names.intern("bookings"), None);
        assert_eq!(names.intern("planner"), Some("planner"), "what is known stays known");
    }
}
