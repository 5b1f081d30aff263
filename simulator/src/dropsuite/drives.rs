//! Renders the product lists with one row per person: calendars, contacts, tasks and drives.

use serde_json::{Value, json};

use super::call::{Call, Outcome};
use super::refusal::Refusal;
use super::rows::{bytes, errors, items, optional_time, passes_email, passes_status, without_missing};
use crate::dropsuite::fleet::{Kind, Licence, Organization, Resource};
use crate::random::draw;
use crate::text::{date, milliseconds};

/// `GET /calendars`.
pub(super) fn calendars(call: &Call<'_>, organization: &Organization) -> Outcome {
    per_person(call, organization, Kind::Calendar, |row, calendar| {
        row["calendar_schedule_count"] = items(calendar);
    })
}

/// `GET /contacts`.
pub(super) fn contacts(call: &Call<'_>, organization: &Organization) -> Outcome {
    per_person(call, organization, Kind::Contacts, |row, contacts| {
        row["contact_count"] = items(contacts);
    })
}

/// `GET /tasks`.
pub(super) fn tasks(call: &Call<'_>, organization: &Organization) -> Outcome {
    per_person(call, organization, Kind::Tasks, |row, tasks| {
        row["task_count"] = items(tasks);
    })
}

/// `GET /onedrives`.
pub(super) fn onedrives(call: &Call<'_>, organization: &Organization) -> Outcome {
    per_person(call, organization, Kind::OneDrive, |row, drive| {
        row["file_count"] = items(drive);
        row["storage"] = bytes(drive);
        row["last_activity"] = drive.last_backup.map(date).into();
    })
}

/// `GET /googledrives`: neither id nor status nor errors.
pub(super) fn google_drives(call: &Call<'_>, organization: &Organization) -> Outcome {
    licensed(organization, Kind::GoogleDrive)?;
    let letters: String = format!("C{:08x}", draw(organization.seed(), "google tenant", 0).u32(..));
    call.list(call.shapes.drives, organization.count(Kind::GoogleDrive), |index| {
        let drive = organization.resource(Kind::GoogleDrive, index, call.moment);
        let row = json!({
            "drive_account_id": 50_000_000 + drive.id,
            "email_account_id": drive.id,
            "gd_tenant": letters,
            "gd_drive_type": "g_drive",
            "file_count": items(&drive),
            "storage": bytes(&drive),
            "last_backup": optional_time(drive.last_backup),
            "added_on": milliseconds(drive.added_on),
        });
        without_missing(row, &drive)
    })
}

/// Refuses a product that the organization does not have.
pub(super) fn licensed(organization: &Organization, kind: Kind) -> Result<(), Refusal> {
    match organization.licence(kind) {
        Licence::Granted => Ok(()),
        Licence::Forbidden => Err(Refusal::NotLicensed),
        Licence::Missing => Err(Refusal::NotFound),
    }
}

fn per_person(
    call: &Call<'_>,
    organization: &Organization,
    kind: Kind,
    complete: impl Fn(&mut Value, &Resource),
) -> Outcome {
    licensed(organization, kind)?;
    let resource = |index| organization.resource(kind, index, call.moment);
    let chosen: Vec<_> = (0..organization.count(kind))
        .filter(|&index| passes_email(call, organization, || organization.email(index)))
        .filter(|&index| passes_status(call, || resource(index)))
        .collect();
    call.list_of(call.shapes.drives, &chosen, |index| {
        let resource = resource(index);
        let mut row = json!({
            "id": resource.id,
            "email": organization.email(index),
            "last_backup": optional_time(resource.last_backup),
            "errors": errors(&resource),
            "deactivated_since": optional_time(resource.deactivated_since),
            "current_backup_status": resource.status,
            "added_on": milliseconds(resource.added_on),
        });
        complete(&mut row, &resource);
        without_missing(row, &resource)
    })
}
