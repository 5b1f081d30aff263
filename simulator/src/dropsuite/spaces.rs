//! Renders the resources that are listed by domain: sites, teams and shared drives.

use serde_json::{Value, json};

use super::call::{Call, Outcome};
use super::drives::licensed;
use super::refusal::Refusal;
use super::rows::{bytes, errors, items, optional_time, passes_status, without_missing};
use crate::dropsuite::fleet::{Kind, Organization, Resource};
use crate::random::draw;
use crate::text::milliseconds;

const HOUR: i64 = 3_600_000;

/// `GET /sharepoints/domains`.
pub(super) fn site_domains(call: &Call<'_>, organization: &Organization) -> Outcome {
    domains(call, organization, Kind::Site, "domain_name", |row, sites| {
        row["site_count"] = sites.len().into();
        row["file_count"] = sites.iter().filter_map(|site| Some(site.figures?.items)).sum::<i64>().into();
        row["storage"] = sites.iter().filter_map(|site| Some(site.figures?.bytes)).sum::<i64>().into();
    })
}

/// `GET /teams_and_groups/domains`: neither storage nor files.
pub(super) fn team_domains(call: &Call<'_>, organization: &Organization) -> Outcome {
    domains(call, organization, Kind::Team, "domain_name", |row, teams| row["group_count"] = teams.len().into())
}

/// `GET /shareddrives/domains`.
pub(super) fn drive_domains(call: &Call<'_>, organization: &Organization) -> Outcome {
    domains(call, organization, Kind::SharedDrive, "sd_domain", |row, drives| {
        row["file_count"] = drives.iter().filter_map(|drive| Some(drive.figures?.items)).sum::<i64>().into();
        row["storage"] = drives.iter().filter_map(|drive| Some(drive.figures?.bytes)).sum::<i64>().into();
        row["last_sd_domain_backup_id"] = Value::Null;
    })
}

/// `GET /sharepoints/domains/{id}/sites`.
pub(super) fn sites(call: &Call<'_>, organization: &Organization) -> Outcome {
    members(call, organization, Kind::Site, "site_name", "sp_site", |row, site, _| {
        row["file_count"] = items(site);
        row["storage"] = bytes(site);
        row["current_backup_status"] = site.status.into();
    })
}

/// `GET /teams_and_groups/domains/{id}/teams`.
pub(super) fn teams(call: &Call<'_>, organization: &Organization) -> Outcome {
    members(call, organization, Kind::Team, "group_name", "group_name", |row, team, _| {
        row["group_type"] = if team.index % 3 == 0 { "Private" } else { "Public" }.into();
        row["current_backup_status"] = team.status.into();
    })
}

/// `GET /shareddrives/domains/{id}/drives`.
pub(super) fn drives(call: &Call<'_>, organization: &Organization) -> Outcome {
    members(call, organization, Kind::SharedDrive, "drive_name", "sd_drive", |row, drive, domain| {
        row["domain_id"] = domain.into();
        row["active"] = drive.deactivated_since.is_none().into();
        row["file_count"] = items(drive);
        row["storage"] = bytes(drive);
        // Older versions count here and not in `storage`.
        row["total_storage_used"] = drive.figures.map(|figures| figures.bytes + figures.bytes / 8).into();
        row["delta_link"] = (60 + drive.index).to_string().into();
    })
}

/// `GET /shareddrives/domains/{id}/drives/{drive_id}/backups`: the newest sixty runs.
pub(super) fn drive_backups(call: &Call<'_>, organization: &Organization) -> Outcome {
    const RUNS: usize = 60;
    licensed(organization, Kind::SharedDrive)?;
    let (domain_id, domain) = requested_domain(call, organization, Kind::SharedDrive)?;
    let drive_id = call.number(1).ok_or(Refusal::NotFound)?;
    let index = organization.members(Kind::SharedDrive, domain).find(|&index| organization.row_id(index) == drive_id);
    let drive = organization.resource(Kind::SharedDrive, index.ok_or(Refusal::NotFound)?, call.moment);
    let Some((last, figures)) = drive.last_backup.zip(drive.figures) else {
        return call.list(call.shapes.drives, 0, |_| Value::Null);
    };
    call.list(call.shapes.drives, RUNS, |run| {
        let end = last - 12 * HOUR * run as i64;
        let random = &mut draw(organization.seed(), "shared drive run", run);
        let start = end - random.i64(300_000..2_400_000);
        json!({
            "id": drive.id * RUNS + run,
            "domain_id": domain_id,
            "sd_drive_id": drive.id,
            "start_time": milliseconds(start),
            "end_time": milliseconds(end),
            "total_files": figures.items,
            "current_num_file": figures.items - random.i64(0..12).min(figures.items),
            "status": 5,
            "backup_storage": figures.bytes,
            "errors": errors(&drive),
            "retries": random.u8(..2),
            "added_on": milliseconds(start),
        })
    })
}

fn domains(
    call: &Call<'_>,
    organization: &Organization,
    kind: Kind,
    name_field: &str,
    complete: impl Fn(&mut Value, &[Resource]),
) -> Outcome {
    licensed(organization, kind)?;
    let names = organization.connected_domains();
    let name = |domain: usize| names[domain % names.len()].as_str();
    let chosen: Vec<_> = (0..organization.domain_count(kind))
        .filter(|&domain| call.query.allows("domain_name", &[Some(name(domain))]))
        .collect();
    call.list_of(call.shapes.drives, &chosen, |domain| {
        let members = organization.members(kind, domain);
        let members: Vec<_> = members.map(|index| organization.resource(kind, index, call.moment)).collect();
        let mut row = json!({
            "id": domain_id(organization, domain),
            name_field: name(domain),
            "last_backup": optional_time(members.iter().filter_map(|member| member.last_backup).max()),
            "errors": organization.quirks().domain_error,
            "deactivated_since": optional_time(members.first().and_then(|member| member.deactivated_since)),
            "added_on": optional_time(members.iter().map(|member| member.added_on).min()),
        });
        complete(&mut row, &members);
        row
    })
}

fn members(
    call: &Call<'_>,
    organization: &Organization,
    kind: Kind,
    filter: &str,
    name_field: &str,
    complete: impl Fn(&mut Value, &Resource, usize),
) -> Outcome {
    licensed(organization, kind)?;
    let (domain_id, domain) = requested_domain(call, organization, kind)?;
    let resource = |index| organization.resource(kind, index, call.moment);
    let chosen: Vec<_> = organization
        .members(kind, domain)
        .filter(|&index| call.query.allows(filter, &[Some(&organization.space(kind, index))]))
        .filter(|&index| passes_status(call, || resource(index)))
        .collect();
    call.list_of(call.shapes.drives, &chosen, |index| {
        let member = resource(index);
        let mut row = json!({
            "id": member.id,
            name_field: organization.space(kind, index),
            "last_backup": optional_time(member.last_backup),
            "errors": errors(&member),
            "deactivated_since": optional_time(member.deactivated_since),
            "added_on": milliseconds(member.added_on),
        });
        complete(&mut row, &member, domain_id);
        without_missing(row, &member)
    })
}

fn requested_domain(call: &Call<'_>, organization: &Organization, kind: Kind) -> Result<(usize, usize), Refusal> {
    let id = call.number(0).ok_or(Refusal::NotFound)?;
    let domain = (0..organization.domain_count(kind)).find(|&domain| domain_id(organization, domain) == id);
    domain.map(|domain| (id, domain)).ok_or(Refusal::NotFound)
}

fn domain_id(organization: &Organization, domain: usize) -> usize {
    2_000 + organization.index() * 4 + domain
}
