//! Interns names: keeps one copy of each for as long as the process lives, and only so many of them.
//!
//! Label values of the domain are `&'static str`, so that states are cheap to
//! copy. A name that comes from outside becomes one here, once.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The most names of applications that are kept; a vendor has a dozen.
const MAX_APPLICATIONS: usize = 64;

/// The names of applications that no workload is made for.
pub(crate) static APPLICATIONS: Interner = Interner::with_capacity(MAX_APPLICATIONS);

/// Names that are never freed; their number is limited, as they come from outside.
#[derive(Debug)]
pub(crate) struct Interner {
    names: Mutex<BTreeSet<&'static str>>,
    capacity: usize,
}

impl Interner {
    /// Room for this many names.
    pub(crate) const fn with_capacity(capacity: usize) -> Self {
        Self { names: Mutex::new(BTreeSet::new()), capacity }
    }

    /// The one copy of a name; `None` once there are too many.
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
