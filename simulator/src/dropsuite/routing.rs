//! Checks the tokens of a request and hands it to the endpoint it means.

use serde_json::Value;

use super::call::{Call, Outcome};
use super::endpoint::{Access, Endpoint};
use super::refusal::Refusal;
use super::shapes::Envelope;
use super::{accounts, drives, lifecycle, reference, spaces, tenants, users};
use crate::dropsuite::fleet::Organization;

/// The tokens a request came with.
#[derive(Clone, Copy)]
pub(super) struct Tokens<'a> {
    pub(super) reseller: Option<&'a str>,
    pub(super) access: Option<&'a str>,
}

/// What the tokens open.
#[derive(Clone, Copy, Debug)]
pub(super) enum Admission<'a> {
    Reseller,
    Organization(&'a Organization),
    /// The admin token at a product list: an empty list, the vendor's most misleading answer.
    Nothing,
}

pub(super) fn admit<'a>(call: &Call<'a>, tokens: Tokens<'_>, admin_token: &str) -> Result<Admission<'a>, Refusal> {
    if tokens.reseller != Some(call.reseller_token) {
        return Err(Refusal::Unauthorized);
    }
    let access = call.target.access;
    if access == Access::Reseller {
        return Ok(Admission::Reseller);
    }
    let token = tokens.access.ok_or(Refusal::Unauthorized)?;
    let is_admin = token == admin_token;
    let organization = call.fleet.by_token(token);
    match (access, is_admin, organization) {
        (Access::Admin, true, _) => Ok(Admission::Reseller),
        (Access::Product, true, _) => Ok(Admission::Nothing),
        (Access::Owner, true, _) | (Access::Organization, true, _) | (Access::Admin, false, Some(_)) => {
            // A single sign-on link has its own text in the document.
            let is_link = call.target.endpoint == Endpoint::SignOnLink;
            Err(if is_link { Refusal::Unauthorized } else { Refusal::NotAuthorized })
        }
        (Access::Owner, false, Some(organization)) => {
            let id = call.target.login_id().unwrap_or_default();
            let owns = (0..organization.login_count()).any(|position| organization.login(position).id == id);
            if owns { Ok(Admission::Organization(organization)) } else { Err(Refusal::InvalidUser) }
        }
        (Access::Product | Access::Organization, false, Some(organization)) => {
            Ok(Admission::Organization(organization))
        }
        (Access::Owner, false, None) if call.target.endpoint != Endpoint::SignOnLink => Err(Refusal::NotAuthorized),
        (_, false, None) | (Access::Reseller, _, _) => Err(Refusal::Unauthorized),
    }
}

pub(super) fn route(call: &Call<'_>, admission: Admission<'_>) -> Outcome {
    match admission {
        Admission::Reseller => reseller_view(call),
        Admission::Organization(organization) => organization_view(call, organization),
        Admission::Nothing => call.list(product_envelope(call), 0, |_| Value::Null),
    }
}

fn reseller_view(call: &Call<'_>) -> Outcome {
    match call.target.endpoint {
        Endpoint::Users => users::list(call),
        Endpoint::User => users::one(call),
        Endpoint::SupportLink => users::support_link(call),
        Endpoint::Plans => users::plans(call),
        Endpoint::Countries => reference::countries(),
        Endpoint::Timezones => reference::timezones(),
        Endpoint::Locales => reference::locales(),
        Endpoint::Status => reference::status(),
        _ => Err(Refusal::NotFound),
    }
}

fn organization_view(call: &Call<'_>, organization: &Organization) -> Outcome {
    match call.target.endpoint {
        Endpoint::Journals => lifecycle::journals(call, organization),
        Endpoint::NdrJournals => lifecycle::ndr_journals(organization),
        Endpoint::Calendars => drives::calendars(call, organization),
        Endpoint::Contacts => drives::contacts(call, organization),
        Endpoint::Tasks => drives::tasks(call, organization),
        Endpoint::OneDrives => drives::onedrives(call, organization),
        Endpoint::GoogleDrives => drives::google_drives(call, organization),
        Endpoint::SharePointDomains => spaces::site_domains(call, organization),
        Endpoint::SharePointSites => spaces::sites(call, organization),
        Endpoint::SharedDriveDomains => spaces::drive_domains(call, organization),
        Endpoint::SharedDrives => spaces::drives(call, organization),
        Endpoint::SharedDriveBackups => spaces::drive_backups(call, organization),
        Endpoint::TeamDomains => spaces::team_domains(call, organization),
        Endpoint::Teams => spaces::teams(call, organization),
        Endpoint::Accounts => accounts::list(call, organization),
        Endpoint::DeactivatedAccounts => accounts::deactivated(call, organization),
        Endpoint::DeletedAccounts => accounts::deleted(call, organization),
        Endpoint::ConnectionFailures => accounts::connection_failures(call, organization),
        Endpoint::Invites => accounts::invites(call, organization),
        Endpoint::SubUsers => lifecycle::sub_users(call, organization),
        Endpoint::RedirectLink => lifecycle::redirect_link(call, organization),
        Endpoint::HostedExchange => lifecycle::hosted_exchange(call, organization),
        Endpoint::Delegated => lifecycle::delegated(call, organization),
        Endpoint::SignOnLink => lifecycle::sign_on_link(call, organization),
        Endpoint::RetentionPolicies => lifecycle::retention_policies(call, organization),
        Endpoint::Tenants => tenants::list(call, organization),
        Endpoint::TenantAccounts => tenants::accounts(call, organization),
        _ => Err(Refusal::NotFound),
    }
}

fn product_envelope(call: &Call<'_>) -> Envelope {
    match call.target.endpoint {
        Endpoint::Accounts => call.shapes.accounts(),
        Endpoint::ConnectionFailures => Envelope::ResultSet,
        Endpoint::DeactivatedAccounts | Endpoint::DeletedAccounts | Endpoint::Invites => Envelope::Whole,
        _ => call.shapes.drives(),
    }
}
