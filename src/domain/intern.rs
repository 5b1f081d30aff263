//! Keeps the one copy of names that live as long as the process, and only so many of them.
//!
//! Label values of the domain are `&'static str`, so that states are cheap to
//! copy. A name that comes from outside becomes one here, once.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The names of applications that no workload is made for; a vendor has a dozen.
pub(crate) static APPLICATIONS: Names = Names::at_most(64);

/// Names that are never forgotten; their number is limited, as whoever sends them is not trusted.
#[derive(Debug)]
pub(crate) struct Names {
    known: Mutex<BTreeSet<&'static str>>,
    most: usize,
}

impl Names {
    /// Room for this many names.
    pub(crate) const fn at_most(most: usize) -> Self {
        Self { known: Mutex::new(BTreeSet::new()), most }
    }

    /// The one copy of a name; `None` once there are too many.
    pub(crate) fn interned(&self, name: &str) -> Option<&'static str> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(name) {
            return Some(known);
        }
        if known.len() >= self.most {
            return None;
        }
        let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
        known.insert(name);
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once_and_only_so_many_are() {
        let names = Names::at_most(2);
        let first = names.interned("planner").unwrap();
        assert!(std::ptr::eq(first, names.interned(&["plan", "ner"].concat()).unwrap()));
        assert_eq!(names.interned("loop"), Some("loop"));
        assert_eq!(names.interned("bookings"), None);
        assert_eq!(names.interned("planner"), Some("planner"), "what is known stays known");
    }
}
