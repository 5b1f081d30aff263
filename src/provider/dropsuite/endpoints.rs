//! Defines the API endpoints, with the paths from the sub-reseller document.

use crate::provider::endpoint::Endpoint;

pub(super) const USERS: Endpoint = Endpoint::new("/users");
/// Its success code is 201 ("GET /users/#{id}").
pub(super) const USER: Endpoint = Endpoint::new("/users/{id}").answering_created();
pub(super) const DOMAINS: Endpoint = Endpoint::new("/users/{id}/tenants");
/// The document's heading says `/users/#{id}/accounts`; its own samples and live clients use this path.
pub(super) const DOMAIN_ACCOUNTS: Endpoint = Endpoint::new("/users/{id}/tenants/{tenant_id}/accounts");
pub(super) const DELEGATED: Endpoint = Endpoint::new("/users/{id}/delegated");
pub(super) const RETENTION_POLICIES: Endpoint = Endpoint::new("/users/{id}/retention_policies");
pub(super) const ACCOUNTS: Endpoint = Endpoint::new("/accounts");
pub(super) const DEACTIVATED_ACCOUNTS: Endpoint = Endpoint::new("/accounts/deactivated_accounts");
pub(super) const DELETED_ACCOUNTS: Endpoint = Endpoint::new("/accounts/deleted_accounts");
pub(super) const CONNECTION_FAILURES: Endpoint = Endpoint::new("/accounts/connection_failures");
pub(super) const INVITES: Endpoint = Endpoint::new("/accounts/invites");
pub(super) const CALENDARS: Endpoint = Endpoint::new("/calendars");
pub(super) const CONTACTS: Endpoint = Endpoint::new("/contacts");
pub(super) const TASKS: Endpoint = Endpoint::new("/tasks");
pub(super) const ONEDRIVES: Endpoint = Endpoint::new("/onedrives");
pub(super) const GOOGLE_DRIVES: Endpoint = Endpoint::new("/googledrives");
pub(super) const SHAREPOINT_DOMAINS: Endpoint = Endpoint::new("/sharepoints/domains");
pub(super) const SHAREPOINT_SITES: Endpoint = Endpoint::new("/sharepoints/domains/{domain_id}/sites");
pub(super) const TEAMS_DOMAINS: Endpoint = Endpoint::new("/teams_and_groups/domains");
pub(super) const TEAMS: Endpoint = Endpoint::new("/teams_and_groups/domains/{domain_id}/teams");
pub(super) const SHARED_DRIVE_DOMAINS: Endpoint = Endpoint::new("/shareddrives/domains");
pub(super) const SHARED_DRIVES: Endpoint = Endpoint::new("/shareddrives/domains/{id}/drives");
/// The spelling in the document's table of contents, used if the other one is not found.
pub(super) const SHRED_DRIVE_DOMAINS: Endpoint = Endpoint::new("/shreddrives/domains");
/// See [`SHRED_DRIVE_DOMAINS`].
pub(super) const SHRED_DRIVES: Endpoint = Endpoint::new("/shreddrives/domains/{id}/drives");
pub(super) const JOURNALS: Endpoint = Endpoint::new("/journals");
pub(super) const NDR_JOURNALS: Endpoint = Endpoint::new("/ndr_journals");

/// All endpoint templates.
pub(in crate::provider) const ENDPOINTS: &[&str] = &[
    USERS.template(),
    USER.template(),
    DOMAINS.template(),
    DOMAIN_ACCOUNTS.template(),
    DELEGATED.template(),
    RETENTION_POLICIES.template(),
    ACCOUNTS.template(),
    DEACTIVATED_ACCOUNTS.template(),
    DELETED_ACCOUNTS.template(),
    CONNECTION_FAILURES.template(),
    INVITES.template(),
    CALENDARS.template(),
    CONTACTS.template(),
    TASKS.template(),
    ONEDRIVES.template(),
    GOOGLE_DRIVES.template(),
    SHAREPOINT_DOMAINS.template(),
    SHAREPOINT_SITES.template(),
    TEAMS_DOMAINS.template(),
    TEAMS.template(),
    SHARED_DRIVE_DOMAINS.template(),
    SHARED_DRIVES.template(),
    SHRED_DRIVE_DOMAINS.template(),
    SHRED_DRIVES.template(),
    JOURNALS.template(),
    NDR_JOURNALS.template(),
];
