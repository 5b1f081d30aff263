//! Checks the quirks that the demo does not have: what the vendor's help and public clients show beyond the document.

use std::collections::BTreeSet;

use saasbackup_simulator::clock::Clock;
use saasbackup_simulator::dropsuite::fleet::{Fleet, Quirk};
use saasbackup_simulator::dropsuite::{Envelope, Options, Shapes};
use serde_json::{Value, json};

use super::fixture::{Fake, NOW, TENANTS, options, rows};

const DAY: i64 = 86_400_000;

async fn fake_of(quirk: Quirk) -> Fake {
    Fake::with(Options::new(Fleet::demo(3, 7).with(quirk), Clock::fixed(NOW))).await
}

async fn list(quirk: Quirk, path: &str) -> Vec<Value> {
    rows(&fake_of(quirk).await.get_as(quirk, path).await.json())
}

/// How many days ago a row was last backed up.
fn age(row: &Value) -> i64 {
    let time: jiff::Timestamp = row["last_backup"].as_str().unwrap().parse().unwrap();
    (NOW - time.as_millisecond()) / DAY
}

#[tokio::test]
async fn another_organization_changes_none_of_the_others() {
    let demo = Fake::start().await;
    let fleet = Fleet::demo(TENANTS, 7).with(Quirk::ConsentLost).with(Quirk::MailStopped);
    let more = Fake::with(Options { fleet, ..options() }).await;
    let (before, after) = (demo.server.organizations(), more.server.organizations());
    assert_eq!(after[..TENANTS], before);
    let added: Vec<_> = after[TENANTS..].iter().map(|organization| organization.quirk).collect();
    assert_eq!(added, [Quirk::ConsentLost, Quirk::MailStopped]);
}

#[tokio::test]
async fn the_words_of_the_vendors_help_are_all_said() {
    let rows = list(Quirk::PublishedWords, "/accounts").await;
    let words: BTreeSet<_> = rows.iter().map(|row| row["current_backup_status"].as_str().unwrap()).collect();
    let published = [
        "Authentication Error",
        "Connection Error",
        "Deactivated",
        "In Progress",
        "Partially Completed",
        "Retrying",
        "Space Full",
    ];
    assert_eq!(words, BTreeSet::from(published));
}

#[tokio::test]
async fn a_domain_can_fail_while_its_members_say_nothing() {
    for (quirk, domains, members) in [
        (Quirk::FailingDomains, "/sharepoints/domains", "sites"),
        (Quirk::FailingDomains, "/teams_and_groups/domains", "teams"),
        (Quirk::FailingDriveDomains, "/shareddrives/domains", "drives"),
    ] {
        let fake = fake_of(quirk).await;
        let domain = fake.get_as(quirk, domains).await.json()[0].clone();
        assert!(domain["errors"].as_str().is_some_and(|text| !text.is_empty()), "{domain}");
        let members = fake.get_as(quirk, &format!("{domains}/{}/{members}", domain["id"])).await.json();
        assert!(!rows(&members).is_empty() && rows(&members).iter().all(|row| row["errors"] == ""), "{members}");
    }
}

#[tokio::test]
async fn backups_stop_loudly_without_consent_and_quietly_for_mail_alone() {
    for (quirk, path, days, word, is_failing) in [
        (Quirk::ConsentLost, "/accounts", 3, "Authentication Error", true),
        (Quirk::ConsentLost, "/onedrives", 3, "Authentication Error", true),
        (Quirk::MailStopped, "/accounts", 6, "Completed", false),
        (Quirk::MailStopped, "/onedrives", 0, "Completed", false),
        (Quirk::MailStopped, "/calendars", 0, "Completed", false),
    ] {
        for row in list(quirk, path).await {
            assert_eq!((age(&row), row["deactivated_since"].is_null()), (days, true), "{quirk:?} {path}");
            let says = row["current_backup_status"].as_str().unwrap();
            assert!(says == word || (days == 0 && says == "Running"), "{quirk:?} {path} {says}");
            assert_eq!(row["errors"] != json!("") && row["errors"] != json!({}), is_failing, "{quirk:?} {path}");
        }
    }
    assert_eq!(list(Quirk::ConsentLost, "/users/{id}/tenants").await[0]["status"], 13);
}

#[tokio::test]
async fn backups_of_a_suspended_customer_go_on() {
    let fake = fake_of(Quirk::Suspended).await;
    let login = fake.organization(Quirk::Suspended).login_id;
    let user = fake.get_as_admin(&format!("/users/{login}")).await.json();
    assert_eq!((&user["flg_suspended"], &user["customer_deactivated"]), (&json!(true), &json!(false)));
    let accounts = rows(&fake.get_as(Quirk::Suspended, "/accounts").await.json());
    assert!(!accounts.is_empty() && accounts.iter().all(|row| age(row) == 0));
}

#[tokio::test]
async fn accounts_without_an_address_still_differ_by_their_upn() {
    let fake = fake_of(Quirk::NoAddresses).await;
    let tenant = fake.get_as(Quirk::NoAddresses, "/users/{id}/tenants").await.json()["data"][0]["id"].clone();
    let path = format!("/users/{{id}}/tenants/{tenant}/accounts?type=m365");
    let accounts = rows(&fake.get_as(Quirk::NoAddresses, &path).await.json());
    for address in [json!(""), Value::Null] {
        assert!(accounts.iter().filter(|account| account["email"] == address).count() > 1, "{address}");
    }
    let names: BTreeSet<_> = accounts.iter().map(|account| account["upn"].as_str().unwrap()).collect();
    assert_eq!(names.len(), accounts.len());
}

#[tokio::test]
async fn links_lead_through_every_page_to_a_null() {
    let shapes = Shapes {
        users: Envelope::NextLink,
        accounts: Envelope::NextLink,
        drives: Envelope::NextLink,
        ..Shapes::default()
    };
    let fake = Fake::with(Options { shapes, ..options() }).await;
    let token = fake.token(Quirk::ManyMailboxes);
    let (admin, base) = (fake.server.admin_token(), fake.server.base_url());
    for (path, token, expected) in
        [("/users", &admin, TENANTS + 3), ("/accounts", &token, 640), ("/tasks", &token, 640)]
    {
        let (mut next, mut ids) = (path.to_owned(), BTreeSet::new());
        loop {
            let answer = fake.get(&next, token).await.json();
            ids.extend(rows(&answer).iter().map(|row| row["id"].to_string()));
            match &answer["pagination"]["next_link"] {
                Value::Null => break,
                link => next = link.as_str().unwrap().strip_prefix(&base).unwrap().to_owned(),
            }
        }
        assert_eq!(ids.len(), expected, "{path}");
    }
}
