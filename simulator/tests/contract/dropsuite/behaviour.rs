//! Checks what the fleet shows: paging ends, filters, quirks, determinism, and time.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::dropsuite::Options;
use saasbackup_simulator::dropsuite::fleet::{Fleet, PRIVATE_MARKER, Quirk};
use serde_json::{Value, json};

use super::fixture::{Fake, NOW, TENANTS, options, rows};

/// One path of every endpoint with rows, below one organization.
const LISTS: &[&str] = &[
    "/accounts",
    "/accounts/deactivated_accounts",
    "/accounts/deleted_accounts",
    "/accounts/connection_failures",
    "/accounts/invites",
    "/calendars",
    "/contacts",
    "/tasks",
    "/onedrives",
    "/googledrives",
    "/sharepoints/domains",
    "/teams_and_groups/domains",
    "/shareddrives/domains",
    "/journals",
    "/ndr_journals",
    "/users/sub_users",
    "/users/generate_redirect_link",
    "/users/{id}/tenants",
    "/users/{id}/delegated",
    "/users/{id}/retention_policies",
    "/users/{id}/generate_sso_link",
];

async fn count(fake: &Fake, quirk: Quirk, path: &str) -> usize {
    rows(&fake.get_as(quirk, path).await.json()).len()
}

#[tokio::test]
async fn bare_arrays_end_after_exactly_one_page_and_after_one_more_row() {
    let fake = Fake::start().await;
    for path in ["/calendars", "/contacts", "/tasks", "/onedrives"] {
        let second = format!("{path}?page=2");
        assert_eq!(count(&fake, Quirk::ExactlyOnePage, path).await, 25);
        assert_eq!(count(&fake, Quirk::ExactlyOnePage, &second).await, 0);
        assert_eq!(count(&fake, Quirk::OnePageAndOneRow, path).await, 25);
        assert_eq!(count(&fake, Quirk::OnePageAndOneRow, &second).await, 1);
    }
    for (domains, members) in [("/sharepoints/domains", "sites"), ("/teams_and_groups/domains", "teams")] {
        for (quirk, further) in [(Quirk::ExactlyOnePage, 0), (Quirk::OnePageAndOneRow, 1)] {
            let domain = fake.get_as(quirk, domains).await.json()[0]["id"].clone();
            assert_eq!(count(&fake, quirk, &format!("{domains}/{domain}/{members}")).await, 25);
            assert_eq!(count(&fake, quirk, &format!("{domains}/{domain}/{members}?page=2")).await, further);
        }
    }
}

#[tokio::test]
async fn the_pages_of_every_style_hold_every_row_once() {
    let fake = Fake::start().await;
    let mailboxes = 640;
    for (path, key) in [("/accounts?page={page}", "id"), ("/onedrives?page={page}", "id"), ("/tasks?page={page}", "id")]
    {
        let mut ids = BTreeSet::new();
        for page in 1.. {
            let answer = fake.get_as(Quirk::ManyMailboxes, &path.replace("{page}", &page.to_string())).await.json();
            let rows = rows(&answer);
            let fresh = rows.iter().filter(|row| ids.insert(row[key].to_string())).count();
            assert_eq!(fresh, rows.len(), "{path}: page {page}");
            let last = answer["pagination"]["total_pages"].as_u64().map_or(rows.len() < 25, |pages| page >= pages);
            if last {
                break;
            }
        }
        let expected = if path.starts_with("/onedrives") { mailboxes * 9 / 10 } else { mailboxes };
        assert_eq!(ids.len(), expected, "{path}");
    }
}

#[tokio::test]
async fn delegated_users_and_policies_are_followed_through_next_page() {
    let fake = Fake::start().await;
    for (quirk, list, expected) in
        [(Quirk::DelegatedUsers, "delegated", 230), (Quirk::RetentionPolicies, "retention_policies", 215)]
    {
        let (mut page, mut found, mut units) = (1, 0, BTreeSet::new());
        loop {
            let answer = fake.get_as(quirk, &format!("/users/{{id}}/{list}?page={page}")).await.json();
            found += rows(&answer).len();
            units.extend(rows(&answer).iter().map(|row| row["period_unit"].to_string()));
            match answer["pagination"]["next_page"].as_u64() {
                Some(next) => page = next,
                None => break,
            }
        }
        assert_eq!((page, found), (3, expected), "{list}");
        assert_eq!(units.len(), if list == "retention_policies" { 3 } else { 1 });
    }
}

#[tokio::test]
async fn filters_leave_the_rows_that_match() {
    let fake = Fake::start().await;
    let token = fake.token(Quirk::StatusWords);
    for word in ["Completed", "completed", "Running", "Preparing%20Backup", "Defragmenting%20Vault"] {
        let accounts = rows(&fake.get(&format!("/accounts?backup_status={word}"), &token).await.json());
        let wanted = word.replace("%20", " ");
        assert_eq!(accounts.len(), 4, "{word}");
        assert!(
            accounts.iter().all(|row| row["current_backup_status"].as_str().unwrap().eq_ignore_ascii_case(&wanted))
        );
    }
    let nobody = "no.one@nowhere.example";
    for path in ["/accounts", "/calendars", "/onedrives", "/accounts/deactivated_accounts"] {
        assert_eq!(count(&fake, Quirk::DeactivatedMailboxes, &format!("{path}?email={nobody}")).await, 0, "{path}");
    }
    assert_eq!(count(&fake, Quirk::Healthy, "/sharepoints/domains?domain_name=other.example").await, 0);
    let users = rows(&fake.get_as_admin("/users?per_page=100").await.json());
    let own = users.iter().find(|user| user["external_id"].is_string()).unwrap();
    let path = format!("/users?external_id={}", own["external_id"].as_str().unwrap());
    assert_eq!(rows(&fake.get_as_admin(&path).await.json()), std::slice::from_ref(own));
    let available = fake.get_as(Quirk::Healthy, "/users/{id}/tenants").await.json();
    let path = format!("/users/{{id}}/tenants/{}/accounts?type=m365&status=active", available["data"][0]["id"]);
    let accounts = rows(&fake.get_as(Quirk::Healthy, &path).await.json());
    assert!(!accounts.is_empty() && accounts.iter().all(|account| account["status"] == "active"));
}

#[tokio::test]
async fn all_nine_workloads_hold_data() {
    let fake = Fake::start().await;
    for (quirk, path, figure) in [
        (Quirk::Healthy, "/accounts", "msg_count"),
        (Quirk::Healthy, "/calendars", "calendar_schedule_count"),
        (Quirk::Healthy, "/contacts", "contact_count"),
        (Quirk::Healthy, "/tasks", "task_count"),
        (Quirk::Healthy, "/onedrives", "storage"),
        (Quirk::Healthy, "/sharepoints/domains", "storage"),
        (Quirk::Healthy, "/teams_and_groups/domains", "group_count"),
        (Quirk::GoogleWorkspace, "/shareddrives/domains", "storage"),
        (Quirk::GoogleWorkspace, "/googledrives", "storage"),
    ] {
        let rows = rows(&fake.get_as(quirk, path).await.json());
        assert!(rows.iter().all(|row| row[figure].as_u64() > Some(0) && row["last_backup"].is_string()), "{path}");
        assert!(!rows.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn errors_are_objects_for_mailboxes_and_texts_elsewhere() {
    let fake = Fake::start().await;
    let errors = async |quirk, path| {
        let rows = rows(&fake.get_as(quirk, path).await.json());
        rows.iter().map(|row| row["errors"].clone()).collect::<Vec<_>>()
    };
    let mail = errors(Quirk::FailingObject, "/accounts?per_page=100").await;
    assert!(mail.contains(&json!({})) && mail.iter().any(|error| error["host"].is_string()));
    let drives = errors(Quirk::FailingText, "/onedrives").await;
    assert!(
        drives.contains(&json!("")) && drives.iter().any(|error| error.as_str().is_some_and(|text| text.len() > 9))
    );
}

#[tokio::test]
async fn the_quirks_look_as_their_names_say() {
    let fake = Fake::start().await;
    let users = rows(&fake.get_as_admin("/users?per_page=100").await.json());
    let user = |quirk| {
        let id = fake.organization(quirk).login_id;
        users.iter().find(|user| user["id"] == id.as_str()).unwrap().clone()
    };
    assert_eq!(user(Quirk::Suspended)["flg_suspended"], true);
    assert_eq!(user(Quirk::Deactivated)["customer_deactivated"], true);
    assert_eq!(user(Quirk::Archiver)["archive"], true);
    assert_eq!(user(Quirk::QuotedName)["organization_name"], "quo\"ted \\ Söhne");
    assert!(user(Quirk::MarkupName)["organization_name"].as_str().unwrap().contains('\n'));
    assert!(user(Quirk::TaggedName)["organization_name"].as_str().unwrap().ends_with(" [e9fd]"));
    assert_eq!(user(Quirk::NoName).get("organization_name"), None);
    let over = user(Quirk::OverSeats);
    assert!(over["required_seats"].as_u64() > over["seats_available"].as_u64());
    assert!(user(Quirk::EmptyMail)["seats_used"].as_u64() > Some(0));
    assert_eq!(count(&fake, Quirk::EmptyMail, "/accounts").await, 0);
    assert_eq!(count(&fake, Quirk::ConnectionFailures, "/accounts/connection_failures").await, 3);
    assert_eq!(count(&fake, Quirk::DeactivatedMailboxes, "/accounts/deactivated_accounts").await, 9);
    assert_eq!(count(&fake, Quirk::DeletedAccounts, "/accounts/deleted_accounts").await, 6);
    let invites = rows(&fake.get_as(Quirk::Invites, "/accounts/invites").await.json());
    let expiries: BTreeSet<_> = invites.iter().map(|invite| invite["expire"].as_str().unwrap()).collect();
    assert_eq!(expiries, BTreeSet::from(["Expired", "Pending"]));
    for (quirk, status) in [
        (Quirk::Healthy, 7),
        (Quirk::ReconnectDomain, 13),
        (Quirk::RecreateDomain, 1),
        (Quirk::QueuedDomain, 0),
        (Quirk::UndocumentedDomain, 5),
    ] {
        let tenants = fake.get_as(quirk, "/users/{id}/tenants").await.json();
        assert_eq!(tenants["data"][0]["status"], status, "{quirk:?}");
    }
    for (quirk, field, value) in [
        (Quirk::NeverBackedUp, "last_backup", Some(json!(null))),
        (Quirk::NoLastBackup, "last_backup", None),
        (Quirk::NullFields, "storage", Some(json!(null))),
        (Quirk::NullFields, "msg_count", Some(json!(null))),
        (Quirk::StatusWords, "current_backup_status", Some(json!(null))),
    ] {
        let answer = fake.get_as(quirk, "/accounts?per_page=100").await.json();
        assert!(rows(&answer).iter().any(|row| row.get(field) == value.as_ref()), "{quirk:?} {field}");
    }
    let names: Vec<_> = users.iter().filter(|user| user["organization_name"] == "Lighthouse Charity").collect();
    assert_eq!(names.len(), 2);
    assert_ne!(names[0]["organization_id"], names[1]["organization_id"]);
}

#[tokio::test]
async fn a_google_customer_has_accounts_without_status_and_suspended_ones() {
    let fake = Fake::start().await;
    let tenants = fake.get_as(Quirk::GoogleWorkspace, "/users/{id}/tenants").await.json();
    let path = format!("/users/{{id}}/tenants/{}/accounts?type=gws", tenants["data"][0]["id"]);
    let accounts = rows(&fake.get_as(Quirk::GoogleWorkspace, &path).await.json());
    assert!(accounts.iter().any(|account| account["status"].is_null()));
    assert!(accounts.iter().any(|account| account["tenant_status"] == "suspended"));
}

#[tokio::test]
async fn backups_advance_and_grow_and_stuck_ones_stay() {
    let fake = Fake::start().await;
    let first = |answer: Value, row: usize| rows(&answer)[row].clone();
    let healthy = || async { first(fake.get_as(Quirk::Healthy, "/accounts").await.json(), 0) };
    let stuck = || async { first(fake.get_as(Quirk::LateMailboxes, "/accounts").await.json(), 0) };
    let (healthy_before, stuck_before) = (healthy().await, stuck().await);
    fake.clock.advance(Duration::from_secs(10 * 86_400));
    let (healthy_after, stuck_after) = (healthy().await, stuck().await);
    assert!(healthy_after["last_backup"].as_str() > healthy_before["last_backup"].as_str());
    assert!(healthy_after["msg_count"].as_u64() > healthy_before["msg_count"].as_u64());
    assert!(healthy_after["storage"].as_u64() > healthy_before["storage"].as_u64());
    for field in ["last_backup", "msg_count", "storage"] {
        assert_eq!(stuck_after[field], stuck_before[field], "{field}");
    }
}

#[tokio::test]
async fn equal_seeds_and_times_give_equal_bytes() {
    let (one, other) = (Fake::start().await, Fake::start().await);
    let third = Fake::with(Options::new(Fleet::demo(TENANTS, 8), Clock::fixed(NOW))).await;
    let users = |fake: Fake| async move { fake.get_as_admin("/users").await.text };
    for quirk in [Quirk::Healthy, Quirk::GoogleWorkspace, Quirk::Archiver, Quirk::FailingText] {
        for path in LISTS.iter().filter(|path| !path.contains("link")) {
            assert_eq!(one.get_as(quirk, path).await.text, other.get_as(quirk, path).await.text, "{path}");
        }
    }
    let (one, other, third) = (users(one).await, users(other).await, users(third).await);
    assert_eq!(one, other);
    assert_ne!(one, third);
}

#[tokio::test]
async fn every_token_and_private_name_in_an_answer_is_disclosed_to_tests() {
    let fake = Fake::start().await;
    let secrets: BTreeSet<_> = fake.server.secrets().into_iter().collect();
    let names: BTreeSet<_> = fake.server.private_names().into_iter().collect();
    assert!(names.iter().all(|name| name.contains(PRIVATE_MARKER)));
    let mut answers = vec![fake.get_as_admin("/users?per_page=100").await.json()];
    for quirk in [Quirk::Healthy, Quirk::GoogleWorkspace, Quirk::Archiver, Quirk::DeletedAccounts, Quirk::Invites] {
        for path in LISTS {
            let reply = fake.get_as(quirk, path).await;
            if reply.status < 300 {
                answers.push(reply.json());
            }
        }
    }
    let (mut tokens, mut private) = (0, 0);
    for answer in &answers {
        for_each_text(answer, "", &mut |field, text| {
            if field.ends_with("_token") && !text.is_empty() {
                tokens += 1;
                assert!(secrets.contains(text), "{field}");
            }
            if field == "redirect_url" {
                assert!(secrets.iter().any(|secret| text.ends_with(secret.as_str())));
            }
            if text.contains(PRIVATE_MARKER) {
                private += 1;
                assert!(names.contains(text), "{field}: {text}");
            }
            let is_private = matches!(field, "email" | "upn" | "name" | "display_name" | "sp_site" | "sd_drive");
            assert!(!is_private || text.contains(PRIVATE_MARKER), "{field}: {text}");
        });
    }
    assert!(tokens > 100 && private > 500, "{tokens} {private}");
}

fn for_each_text(value: &Value, field: &str, visit: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => visit(field, text),
        Value::Array(elements) => elements.iter().for_each(|element| for_each_text(element, field, visit)),
        Value::Object(fields) => fields.iter().for_each(|(field, value)| for_each_text(value, field, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[tokio::test]
async fn a_removed_organization_is_gone_with_all_its_logins() {
    let fake = Fake::start().await;
    let several = fake.organization(Quirk::SeveralLogins);
    let token = fake.token(Quirk::SeveralLogins);
    assert_eq!(fake.server.remove_organization(&several.name), 1);
    assert_eq!(fake.server.remove_organization(&several.login_id), 0);
    let users = rows(&fake.get_as_admin("/users?per_page=100").await.json());
    assert!(users.iter().all(|user| user["organization_id"] != several.organization_id));
    assert_eq!(fake.get("/accounts", &token).await.status, 401);
    assert_eq!(fake.server.organizations().len(), TENANTS - 1);
    assert_eq!(fake.server.remove_organization("Lighthouse Charity"), 2);
}

#[tokio::test]
async fn ten_thousand_organizations_are_listed_quickly() {
    let fake = Fake::with(Options { fleet: Fleet::demo(10_000, 7), ..options() }).await;
    let started = Instant::now();
    let (mut ids, mut page) = (BTreeSet::new(), 1);
    loop {
        let answer = fake.get_as_admin(&format!("/users?per_page=100&page={page}")).await.json();
        ids.extend(rows(&answer).iter().map(|user| user["organization_id"].as_u64().unwrap()));
        if answer["pagination"]["total_pages"].as_u64() == Some(page) {
            break;
        }
        page += 1;
    }
    assert_eq!(ids.len(), 10_000);
    // Quadratic work would take minutes in an unoptimised build.
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}
