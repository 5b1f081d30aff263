//! Compares an answer of every endpoint with every sample of the document.

use std::collections::BTreeSet;
use std::path::PathBuf;

use saasbackup_simulator::dropsuite::fleet::Quirk;
use saasbackup_simulator::dropsuite::{Envelope, Options, Shapes};
use serde_json::Value;

use super::fixture::{Fake, options, rows};
use super::schema::{Exception, differences};

/// Who asks.
#[derive(Clone, Copy)]
enum Asker {
    Admin,
    Organization(Quirk),
}

use Asker::{Admin, Organization};

/// Asks for the answer to one sample: file, who asks, path, status, what may differ.
type Case = (&'static str, Asker, &'static str, u16, &'static [Exception]);

const fn but(difference: &'static str, reason: &'static str) -> Exception {
    Exception { difference, reason }
}

const NEVER_DISPLAYED: &str = "the sample's mailbox has no display name, most real ones have";
const SUFFIXED: &str = "an old sample; `/users/{id}` of the same document and live accounts have suffixed ids";

const AUTOMATIC_NAME: &str = "the sample's policy was named by the vendor, others are named by people";

const CASES: &[Case] = &[
    ("journals", Organization(Quirk::Archiver), "/journals", 200, &[]),
    ("ndr_journals", Organization(Quirk::Archiver), "/ndr_journals", 200, &[]),
    ("calendars", Organization(Quirk::Healthy), "/calendars", 200, &[]),
    ("contacts", Organization(Quirk::Healthy), "/contacts", 200, &[]),
    ("tasks", Organization(Quirk::Healthy), "/tasks", 200, &[]),
    ("onedrives", Organization(Quirk::Healthy), "/onedrives", 200, &[]),
    ("sharepoints_domains", Organization(Quirk::Healthy), "/sharepoints/domains", 200, &[]),
    (
        "sharepoints_sites",
        Organization(Quirk::Healthy),
        "/sharepoints/domains/{domain}/sites",
        200,
        &[but("$[].deactivated_since is also null", "null in every other sample of this field")],
    ),
    ("shareddrives_domains", Organization(Quirk::GoogleWorkspace), "/shareddrives/domains", 200, &[]),
    ("shareddrives_drives", Organization(Quirk::GoogleWorkspace), "/shareddrives/domains/{domain}/drives", 200, &[]),
    (
        "shareddrives_backups",
        Organization(Quirk::GoogleWorkspace),
        "/shareddrives/domains/{domain}/drives/{drive}/backups",
        200,
        &[],
    ),
    (
        "shareddrives_backups",
        Organization(Quirk::GoogleWorkspace),
        "/shreddrives/domains/{domain}/drives/{drive}/backups",
        200,
        &[],
    ),
    ("googledrives", Organization(Quirk::GoogleWorkspace), "/googledrives", 200, &[]),
    ("teams_and_groups_domains", Organization(Quirk::Healthy), "/teams_and_groups/domains", 200, &[]),
    ("teams_and_groups_teams", Organization(Quirk::Healthy), "/teams_and_groups/domains/{domain}/teams", 200, &[]),
    ("accounts", Organization(Quirk::Healthy), "/accounts?email={mailbox}", 200, &[]),
    (
        "accounts_deactivated",
        Organization(Quirk::DeactivatedMailboxes),
        "/accounts/deactivated_accounts",
        200,
        &[
            but("$[].display_name is also text", NEVER_DISPLAYED),
            but("$[].errors.host is missing", "the sample's mailbox was failing, these were sound when they left"),
            but("$[].last_backup is also time in milliseconds", "the sample's mailbox was never backed up"),
        ],
    ),
    (
        "accounts_deleted",
        Organization(Quirk::DeletedAccounts),
        "/accounts/deleted_accounts",
        200,
        &[but("$[].last_backup is also time in milliseconds", "the sample's account was never backed up")],
    ),
    ("accounts_connection_failures", Organization(Quirk::Healthy), "/accounts/connection_failures", 200, &[]),
    ("accounts_invites", Organization(Quirk::Invites), "/accounts/invites?email={invited}", 200, &[]),
    ("users_sub_users", Organization(Quirk::Healthy), "/users/sub_users", 201, &[]),
    ("users_generate_redirect_link", Organization(Quirk::Healthy), "/users/generate_redirect_link", 200, &[]),
    ("users_generate_support_sso_link", Admin, "/users/generate_support_sso_link?email=a@b.example", 201, &[]),
    (
        "users",
        Admin,
        "/users",
        200,
        &[
            but("$[].id is also suffixed id", SUFFIXED),
            but("$[].plan_id is also suffixed id", SUFFIXED),
            but("$[].organization_name is added", "live lists have it, as `/users/{id}` of the document"),
            but("$[].external_id is also text", "documented as a filter, so it is not always null"),
            but("$[].authentication_token is also text", "a login without a token has an empty text"),
        ],
    ),
    ("users_hosted_exchange", Organization(Quirk::Healthy), "/users/hosted_exchange?exchange_request_id=50", 200, &[]),
    ("users_id", Admin, "/users/{external}", 201, &[]),
    ("delegated_empty", Organization(Quirk::Healthy), "/users/{undelegated}/delegated", 200, &[]),
    (
        "delegated_past_the_end",
        Organization(Quirk::DelegatedUsers),
        "/users/{id}/delegated?page=99&per_page=3",
        200,
        &[],
    ),
    ("delegated_all", Organization(Quirk::Healthy), "/users/{delegated}/delegated", 200, &[]),
    ("delegated_first", Organization(Quirk::DelegatedUsers), "/users/{id}/delegated?per_page=3", 200, &[]),
    ("delegated_middle", Organization(Quirk::DelegatedUsers), "/users/{id}/delegated?page=4&per_page=3", 200, &[]),
    ("delegated_last", Organization(Quirk::DelegatedUsers), "/users/{id}/delegated?page=77&per_page=3", 200, &[]),
    ("users_generate_sso_link", Organization(Quirk::Healthy), "/users/{id}/generate_sso_link?role=dpo", 200, &[]),
    ("retention_policies_empty", Organization(Quirk::Healthy), "/users/{id}/retention_policies?type=site", 200, &[]),
    (
        "retention_policies_past_the_end",
        Organization(Quirk::Healthy),
        "/users/{id}/retention_policies?page=2&per_page=10",
        200,
        &[],
    ),
    (
        "retention_policies_all",
        Organization(Quirk::Healthy),
        "/users/{id}/retention_policies?type=all_email_accounts",
        200,
        &[],
    ),
    (
        "retention_policies_first",
        Organization(Quirk::RetentionPolicies),
        "/users/{id}/retention_policies?per_page=1",
        200,
        &[],
    ),
    (
        "retention_policies_middle",
        Organization(Quirk::RetentionPolicies),
        "/users/{id}/retention_policies?page=6&per_page=1",
        200,
        &[but("$.data[].name is also text", AUTOMATIC_NAME)],
    ),
    (
        "retention_policies_last",
        Organization(Quirk::RetentionPolicies),
        "/users/{id}/retention_policies?page=215&per_page=1",
        200,
        &[but("$.data[].name is also text", AUTOMATIC_NAME)],
    ),
    ("tenants_empty", Organization(Quirk::Healthy), "/users/{id}/tenants?type=gws", 200, &[]),
    ("tenants_past_the_end", Organization(Quirk::Healthy), "/users/{id}/tenants?type=m365&page=5", 200, &[]),
    ("tenants_all", Organization(Quirk::Healthy), "/users/{id}/tenants", 200, &[]),
    ("tenants_first", Organization(Quirk::Healthy), "/users/{id}/tenants?type=m365&page=1&per_page=1", 200, &[]),
    ("tenants_middle", Organization(Quirk::ManyMailboxes), "/users/{id}/tenants?page=6&per_page=1", 200, &[]),
    ("tenants_last", Organization(Quirk::Healthy), "/users/{id}/tenants?type=m365&page=2&per_page=1", 200, &[]),
    (
        "tenant_accounts_past_the_end",
        Organization(Quirk::GoogleWorkspace),
        "/users/{id}/tenants/{tenant}/accounts?type=gws&page=99&per_page=5",
        200,
        &[],
    ),
    (
        "tenant_accounts_first",
        Organization(Quirk::GoogleWorkspace),
        "/users/{id}/tenants/{tenant}/accounts?type=gws&per_page=5",
        200,
        &[],
    ),
    (
        "tenant_accounts_middle",
        Organization(Quirk::GoogleWorkspace),
        "/users/{id}/tenants/{tenant}/accounts?type=gws&page=6&per_page=5&status=active",
        200,
        &[],
    ),
    (
        "tenant_accounts_last",
        Organization(Quirk::GoogleWorkspace),
        "/users/{id}/tenants/{tenant}/accounts?type=gws&page={last_account}&per_page=1",
        200,
        &[],
    ),
    ("countries", Admin, "/countries", 200, &[]),
    ("timezones", Admin, "/timezones", 200, &[]),
    ("locales", Admin, "/locales", 200, &[]),
    ("status", Admin, "/status", 200, &[]),
];

/// Errors are compared word by word.
const ERRORS: &[(&str, Asker, &str, u16)] = &[
    ("delegated_error_400", Organization(Quirk::Healthy), "/users/{id}/delegated?per_page=101", 400),
    ("delegated_error_401", Admin, "/users/{id}/delegated", 401),
    ("delegated_error_500", Organization(Quirk::Healthy), "/users/{id}/delegated?page=0", 500),
    ("users_generate_sso_link_error_401", Admin, "/users/{id}/generate_sso_link", 401),
    ("retention_policies_error_401", Organization(Quirk::Healthy), "/users/1-6/retention_policies", 401),
    ("tenants_error_400", Organization(Quirk::Healthy), "/users/{id}/tenants?type=M365", 400),
    ("tenants_error_401", Admin, "/users/{id}/tenants", 401),
    ("tenant_accounts_error_401", Organization(Quirk::Healthy), "/users/{id}/tenants/{tenant}/accounts?type=gws", 401),
    ("tenant_accounts_error_401", Organization(Quirk::Healthy), "/users/{id}/tenants/1/accounts?type=m365", 401),
];

/// The envelopes of the document, which are not the likely live ones.
fn documented() -> Options {
    let shapes = Shapes {
        users: Envelope::Whole,
        accounts: Envelope::WholeOrObject,
        counters_in_users: false,
        ..Shapes::default()
    };
    Options { shapes, ..options() }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/testdata/dropsuite")
}

fn sample(name: &str) -> Value {
    let text = std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Replaces the variables of a case's path and gives the token to ask with.
async fn resolve(fake: &Fake, asker: Asker, path: &str) -> (String, String) {
    let (organization, mut token) = match asker {
        Admin => (fake.organization(Quirk::Healthy), fake.server.admin_token()),
        Organization(quirk) => (fake.organization(quirk), fake.token(quirk)),
    };
    let mut path = path.to_owned();
    for (wanted, sizes) in [("{undelegated}", 0..1), ("{delegated}", 1..100)] {
        if !path.contains(wanted) {
            continue;
        }
        for candidate in fake.server.organizations() {
            let Some(own) = fake.server.organization_token(&candidate.login_id) else { continue };
            let answer = fake.get(&format!("/users/{}/delegated", candidate.login_id), &own).await.json();
            if sizes.contains(&rows(&answer).len()) {
                path = path.replace(wanted, &candidate.login_id);
                token = own;
                break;
            }
        }
    }
    if path.contains("{external}") {
        let users = rows(&fake.get_as_admin("/users").await.json());
        let user = users.iter().find(|user| user["external_id"].is_string() && user["organization_name"].is_string());
        path = path.replace("{external}", user.unwrap()["id"].as_str().unwrap());
    }
    path = path.replace("{id}", &organization.login_id);
    for (variable, list, field) in [
        ("{domain}", path.split("/{domain}").next().unwrap_or_default().to_owned(), "id"),
        ("{tenant}", path.split("/{tenant}").next().unwrap_or_default().to_owned(), "id"),
        ("{mailbox}", "/calendars".to_owned(), "email"),
        ("{invited}", "/accounts/invites".to_owned(), "email"),
    ] {
        if path.contains(variable) {
            let owner = fake.server.organization_token(&organization.login_id).unwrap();
            let value =
                rows(&fake.get(&list.replace("shreddrives", "shareddrives"), &owner).await.json())[0][field].clone();
            path = path.replace(variable, value.as_str().map_or(value.to_string(), str::to_owned).as_str());
        }
    }
    if let Some((list, _)) = path.split_once("/{drive}") {
        let drive = rows(&fake.get(list, &token).await.json())[0]["id"].to_string();
        path = path.replace("{drive}", &drive);
    }
    if let Some((list, _)) = path.split_once("&page={last_account}") {
        let accounts = rows(&fake.get(list, &token).await.json()).len();
        path = path.replace("{last_account}", &accounts.to_string());
    }
    (path, token)
}

#[tokio::test]
async fn every_endpoint_answers_in_the_shape_of_the_documents_samples() {
    let fake = Fake::with(documented()).await;
    let mut surprises = Vec::new();
    for &(name, asker, path, status, exceptions) in CASES {
        let (path, token) = resolve(&fake, asker, path).await;
        let reply = fake.get(&path, &token).await;
        assert_eq!(reply.status, status, "{name}: {path}: {}", reply.text);
        let allowed: BTreeSet<_> = exceptions.iter().map(|exception| exception.difference.to_owned()).collect();
        assert!(exceptions.iter().all(|exception| !exception.reason.is_empty()));
        let found = differences(&sample(name), &reply.json());
        // An exception that is no longer needed would hide the next difference.
        if found != allowed {
            surprises.push(format!("{name}: {path}: found {found:#?}, allowed {allowed:#?}"));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[tokio::test]
async fn documented_errors_are_word_for_word() {
    let fake = Fake::start().await;
    for &(name, asker, path, status) in ERRORS {
        let (path, token) = resolve(&fake, asker, path).await;
        let reply = fake.get(&path, &token).await;
        assert_eq!((reply.status, reply.json()), (status, sample(name)), "{name}: {path}");
    }
}

#[test]
fn every_sample_is_compared() {
    let cases = CASES.iter().map(|case| case.0).chain(ERRORS.iter().map(|case| case.0));
    let compared: BTreeSet<_> = cases.map(|name| format!("{name}.json")).collect();
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let samples: BTreeSet<_> = files.filter(|name| name.ends_with(".json")).collect();
    assert_eq!(compared, samples);
}
