//! Describes how each workload's list is laid out: one row for each workload.

use super::endpoints as at;
use super::wire::Resource;
use crate::domain::{Measures, Workload};
use crate::provider::endpoint::Endpoint;
use crate::provider::field::{Count, Field};

/// How one workload is asked for and read.
#[derive(Debug)]
pub(super) struct Product {
    /// Where its resources are listed.
    pub(super) lists: Lists,
    /// The field with the number of items, where there is one.
    pub(super) items: Option<ItemField>,
    /// How many bytes one unit of `storage` is, where there is such a field.
    pub(super) storage_unit: Option<u64>,
    /// Whether its records report errors.
    pub(super) has_errors: bool,
}

/// The vendor's name of a count, and the count.
#[derive(Debug)]
pub(super) struct ItemField {
    pub(super) name: &'static str,
    pub(super) of: fn(&Resource) -> &Field<Count>,
}

/// Where the resources of a workload are listed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lists {
    /// In one list.
    Flat(Endpoint),
    /// In a list below each domain.
    ByDomain(Branch),
    /// The same, under another spelling where the first is not found.
    ByDomainOr(Branch, Branch),
}

/// A list of domains and the list below each of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Branch {
    pub(super) domains: Endpoint,
    pub(super) resources: Endpoint,
}

/// `/accounts` counts storage in kilobytes: as bytes, 3,525,592 for 29,437 messages would be 120 bytes a message.
const KILOBYTE: Option<u64> = Some(1024);
/// Drives and sites count bytes: the document's samples give some 38 kB to 32 MB a file.
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
    /// The product behind a workload; `None` for one that Dropsuite does not have.
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

    /// Whether one of its resources that is empty is looked at once a week: an empty shared drive is (the vendor's help,
    /// "How often are backups made").
    pub(super) fn looks_weekly_at_empty(&self) -> bool {
        matches!(self.lists, Lists::ByDomainOr(branch, _) if branch.resources == at::SHARED_DRIVES)
    }

    /// Which amounts its records give at all.
    pub(super) const fn measures(&self) -> Measures {
        Measures { items: self.items.is_some(), storage: self.storage_unit.is_some() }
    }
}
