//! Lists the endpoints of the vendor's document and finds the one a path means.

use crate::text::decode_segment;

/// One endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Journals,
    NdrJournals,
    Calendars,
    Contacts,
    Tasks,
    OneDrives,
    SharePointDomains,
    SharePointSites,
    SharedDriveDomains,
    SharedDrives,
    SharedDriveBackups,
    GoogleDrives,
    TeamDomains,
    Teams,
    Accounts,
    DeactivatedAccounts,
    DeletedAccounts,
    ConnectionFailures,
    Invites,
    SubUsers,
    RedirectLink,
    SupportLink,
    Users,
    HostedExchange,
    User,
    Delegated,
    SignOnLink,
    RetentionPolicies,
    Tenants,
    TenantAccounts,
    Countries,
    Timezones,
    Locales,
    Status,
    Plans,
}

/// Which tokens an endpoint wants, and what it answers to the other kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// The reseller token is enough.
    Reseller,
    /// The admin token.
    Admin,
    /// An organization's token; the admin token gets an empty list, not an error.
    Product,
    /// An organization's token.
    Organization,
    /// The token of the organization that the path names.
    Owner,
}

/// Every endpoint with its path below `/api`; fixed words come before the variable that would also match them.
pub(super) const ENDPOINTS: &[(Endpoint, &str, Access)] = &[
    (Endpoint::Journals, "/journals", Access::Organization),
    (Endpoint::NdrJournals, "/ndr_journals", Access::Organization),
    (Endpoint::Calendars, "/calendars", Access::Product),
    (Endpoint::Contacts, "/contacts", Access::Product),
    (Endpoint::Tasks, "/tasks", Access::Product),
    (Endpoint::OneDrives, "/onedrives", Access::Product),
    (Endpoint::SharePointDomains, "/sharepoints/domains", Access::Product),
    (Endpoint::SharePointSites, "/sharepoints/domains/{id}/sites", Access::Product),
    (Endpoint::SharedDriveDomains, "/shareddrives/domains", Access::Product),
    (Endpoint::SharedDrives, "/shareddrives/domains/{id}/drives", Access::Product),
    (Endpoint::SharedDriveBackups, "/shareddrives/domains/{id}/drives/{drive_id}/backups", Access::Product),
    (Endpoint::GoogleDrives, "/googledrives", Access::Product),
    (Endpoint::TeamDomains, "/teams_and_groups/domains", Access::Product),
    (Endpoint::Teams, "/teams_and_groups/domains/{id}/teams", Access::Product),
    (Endpoint::Accounts, "/accounts", Access::Product),
    (Endpoint::DeactivatedAccounts, "/accounts/deactivated_accounts", Access::Product),
    (Endpoint::DeletedAccounts, "/accounts/deleted_accounts", Access::Product),
    (Endpoint::ConnectionFailures, "/accounts/connection_failures", Access::Product),
    (Endpoint::Invites, "/accounts/invites", Access::Product),
    (Endpoint::SubUsers, "/users/sub_users", Access::Organization),
    (Endpoint::RedirectLink, "/users/generate_redirect_link", Access::Organization),
    (Endpoint::SupportLink, "/users/generate_support_sso_link", Access::Admin),
    (Endpoint::Users, "/users", Access::Admin),
    (Endpoint::HostedExchange, "/users/hosted_exchange", Access::Organization),
    (Endpoint::User, "/users/{id}", Access::Admin),
    (Endpoint::Delegated, "/users/{id}/delegated", Access::Owner),
    (Endpoint::SignOnLink, "/users/{id}/generate_sso_link", Access::Owner),
    (Endpoint::RetentionPolicies, "/users/{id}/retention_policies", Access::Owner),
    (Endpoint::Tenants, "/users/{id}/tenants", Access::Owner),
    (Endpoint::TenantAccounts, "/users/{id}/tenants/{tenant_id}/accounts", Access::Owner),
    (Endpoint::Countries, "/countries", Access::Reseller),
    (Endpoint::Timezones, "/timezones", Access::Reseller),
    (Endpoint::Locales, "/locales", Access::Reseller),
    (Endpoint::Status, "/status", Access::Reseller),
    (Endpoint::Plans, "/plans", Access::Admin),
];

/// An endpoint with the variables of one request's path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) endpoint: Endpoint,
    pub(super) template: &'static str,
    pub(super) access: Access,
    pub(super) variables: Vec<String>,
}

impl Target {
    pub(super) fn find(path: &str) -> Option<Self> {
        // The document's table of contents spells it this way.
        let path = path.strip_prefix("/api")?.replacen("/shreddrives/", "/shareddrives/", 1);
        ENDPOINTS.iter().find_map(|&(endpoint, template, access)| {
            let variables = matches(template, &path)?;
            Some(Self { endpoint, template, access, variables })
        })
    }

    /// The variable at this place of the path, as a number.
    pub(super) fn number(&self, place: usize) -> Option<usize> {
        self.variables.get(place)?.parse().ok()
    }

    /// The login id in the path of an endpoint below `/users/{id}`.
    pub(super) fn login_id(&self) -> Option<&str> {
        self.variables.first().filter(|_| self.template.starts_with("/users/")).map(String::as_str)
    }
}

fn matches(template: &str, path: &str) -> Option<Vec<String>> {
    let (wanted, given) = (template.split('/'), path.split('/'));
    if wanted.clone().count() != given.clone().count() {
        return None;
    }
    let mut variables = Vec::new();
    for (wanted, given) in wanted.zip(given) {
        if wanted.starts_with('{') && !given.is_empty() {
            variables.push(decode_segment(given));
        } else if wanted != given {
            return None;
        }
    }
    Some(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_finds_its_own_endpoint() {
        for &(endpoint, template, _) in ENDPOINTS {
            assert_eq!(Target::find(&format!("/api{template}")).unwrap().endpoint, endpoint, "{template}");
        }
    }

    #[test]
    fn variables_are_decoded_and_both_spellings_of_shared_drives_work() {
        assert_eq!(Target::find("/api/users/440032%2D6/tenants").unwrap().login_id(), Some("440032-6"));
        let target = Target::find("/api/shreddrives/domains/4/drives/69/backups").unwrap();
        assert_eq!(
            (target.endpoint, target.number(0), target.number(1)),
            (Endpoint::SharedDriveBackups, Some(4), Some(69))
        );
        assert_eq!(Target::find("/api/sites"), None);
        assert_eq!(Target::find("/users"), None);
    }
}
