//! Describes the list of each workload: one row per workload.

use super::endpoints as at;
use super::wire::Resource;
use crate::domain::{Measures, Workload};
use crate::provider::endpoint::Endpoint;
use crate::provider::field::{Count, Field};

/// How to request and read one workload.
#[derive(Debug)]
pub(super) struct Product {
    /// The endpoints of its resources.
    pub(super) lists: Lists,
    /// The field with the number of items, if there is one.
    pub(super) items: Option<ItemField>,
    /// The unit of `storage` in bytes, if there is such a field.
    pub(super) storage_unit: Option<u64>,
    /// Whether its records contain errors.
    pub(super) has_errors: bool,
}

/// The vendor's name of a count, and the count.
#[derive(Debug)]
pub(super) struct ItemField {
    pub(super) name: &'static str,
    pub(super) of: fn(&Resource) -> &Field<Count>,
}

/// How the resources of a workload are listed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lists {
    /// One list.
    Flat(Endpoint),
    /// One list per domain.
    ByDomain(Branch),
    /// The same, with another spelling if the first is not found.
    ByDomainOr(Branch, Branch),
}

/// A list of domains, and the list below each of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Branch {
    pub(super) domains: Endpoint,
    pub(super) resources: Endpoint,
}

/// `/accounts` reports storage in kilobytes: as bytes, 3,525,592 for 29,437 messages would be 120 bytes per message.
const KILOBYTE: Option<u64> = Some(1024);
/// Drives and sites report bytes: the document's samples have about 38 kB to 32 MB per file.
const BYTE: Option<u64> = Some(1);

const FILES: Option<ItemField> = Some(ItemField { name: "file_count", of: |resource| &resource.file_count });

const MAIL: Product = Product {
    lists: Lists::Flat(at::ACCOUNTS),
    items: Some(ItemField { name: "msg_count", of: |resource| &resource.msg_count }),
    storage_unit: KILOBYTE,
    has_errors: true,
};
const CALENDAR: Product = Product {
    lists: Lists::Flat(at::CALENDARS),
    items: Some(ItemField { name: "calendar_schedule_count", of: |resource| &resource.calendar_schedule_count }),
    storage_unit: None,
    has_errors: true,
};
const CONTACTS: Product = Product {
    lists: Lists::Flat(at::CONTACTS),
    items: Some(ItemField { name: "contact_count", of: |resource| &resource.contact_count }),
    storage_unit: None,
    has_errors: true,
};
const TASKS: Product = Product {
    lists: Lists::Flat(at::TASKS),
    items: Some(ItemField { name: "task_count", of: |resource| &resource.task_count }),
    storage_unit: None,
    has_errors: true,
};
const ONEDRIVE: Product =
    Product { lists: Lists::Flat(at::ONEDRIVES), items: FILES, storage_unit: BYTE, has_errors: true };
const SHAREPOINT: Product = Product {
    lists: Lists::ByDomain(Branch { domains: at::SHAREPOINT_DOMAINS, resources: at::SHAREPOINT_SITES }),
    items: FILES,
    storage_unit: BYTE,
    has_errors: true,
};
const TEAMS: Product = Product {
    lists: Lists::ByDomain(Branch { domains: at::TEAMS_DOMAINS, resources: at::TEAMS }),
    items: None,
    storage_unit: None,
    has_errors: true,
};
const SHARED_DRIVE: Product = Product {
    lists: Lists::ByDomainOr(
        Branch { domains: at::SHARED_DRIVE_DOMAINS, resources: at::SHARED_DRIVES },
        Branch { domains: at::SHRED_DRIVE_DOMAINS, resources: at::SHRED_DRIVES },
    ),
    items: FILES,
    storage_unit: BYTE,
    has_errors: true,
};
const GOOGLE_DRIVE: Product =
    Product { lists: Lists::Flat(at::GOOGLE_DRIVES), items: FILES, storage_unit: BYTE, has_errors: false };

impl Product {
    /// The product of a workload; `None` if Dropsuite does not have it.
    pub(super) const fn of(workload: Workload) -> Option<&'static Self> {
        Some(match workload {
            Workload::Mail => &MAIL,
            Workload::Calendar => &CALENDAR,
            Workload::Contacts => &CONTACTS,
            Workload::Tasks => &TASKS,
            Workload::Onedrive => &ONEDRIVE,
            Workload::Sharepoint => &SHAREPOINT,
            Workload::Teams => &TEAMS,
            Workload::SharedDrive => &SHARED_DRIVE,
            Workload::GoogleDrive => &GOOGLE_DRIVE,
            Workload::Other(_) => return None,
        })
    }

    /// Whether empty resources are backed up once a week: empty shared drives are (the vendor's help, "How often are
    /// backups made").
    pub(super) fn checks_empty_weekly(&self) -> bool {
        matches!(self.lists, Lists::ByDomainOr(branch, _) if branch.resources == at::SHARED_DRIVES)
    }

    /// The amounts that its records contain.
    pub(super) const fn measures(&self) -> Measures {
        Measures { items: self.items.is_some(), storage: self.storage_unit.is_some() }
    }
}
